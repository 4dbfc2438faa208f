//! tools

pub mod postcat;
pub mod postconf;
pub mod postdrop;
pub mod postfix;
pub mod postkick;
pub mod postlock;
pub mod postlog;
pub mod postmap;
pub mod postmulti;
pub mod postqueue;
pub mod postsuper;
pub mod qshape;
pub mod queue_tool;
pub mod sendmail;

use std::path::{Path, PathBuf};

use config::Config;

/// Where the lines of a tool go that works for the mail system as a whole: the mail log, and a terminal; what is wrong goes to standard error in any case.
pub(crate) fn sinks(conf: &Config, label: &str) -> Vec<maillog::Sink> {
    let file: String = conf.get(params::MAILLOG_FILE);
    let queue: String = conf.get(params::QUEUE_DIRECTORY);
    let socket = Path::new(&queue).join(conf.postlog_socket());
    let log = match file.is_empty() {
        true => maillog::Sink::syslog(&conf.get(params::SYSLOG_FACILITY)),
        // TRUST: rights that come with a set-gid program are for the socket, not for making files.
        false => maillog::Sink::postlog(socket, &conf.get(params::MYHOSTNAME), (!sys::is_set_id()).then(|| PathBuf::from(file))),
    };
    vec![log, maillog::Sink::terminal(label)]
}
