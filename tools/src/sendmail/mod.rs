//! sendmail(1), mailq(1), newaliases(1): the command that everybody calls, in front of postdrop and other programs of ours.

mod extract;
mod message;
mod modes;
mod options;

use std::process::ExitCode;

use config::Config;
use table::MatchList;

use crate::queue_tool::{EX_TEMPFAIL, check_directory, errno, start_log};
use options::Mode;
pub use options::OPTIONS;
use options::Options;

pub(crate) const PROGRAM: &str = "sendmail";

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let mut words = sys::arguments();
    let name = if words.is_empty() { String::new() } else { words.remove(0) };
    start_log(PROGRAM, None);
    let words = options::letters(&words);
    let directory = options::configuration_directory(&words);
    let path = config::directory(directory.as_deref());
    if directory.is_some() && !sys::is_root() {
        check_directory(&path, EX_TEMPFAIL);
    }
    let mut conf = Config::load(&path).unwrap_or_else(|e| fail(e));
    conf.set_process(PROGRAM, "");
    if let Some(directory) = directory {
        // The programs that we start read the same configuration.
        modes::export_directory(directory);
    }
    start_log(PROGRAM, Some(&conf));
    conf.run_debugger(false).unwrap_or_else(|e| fail(e));
    let called = Mode::by_name(name.rsplit('/').next().unwrap_or_default());
    let options = Options::parse(called, words, &conf).unwrap_or_else(|e| fail(e));
    maillog::set_verbosity(options.verbosity());
    run(&conf, options)
}

fn run(conf: &Config, options: Options) -> ExitCode {
    if let Err(e) = options.check() {
        fail(e);
    }
    match options.mode {
        Mode::Enqueue | Mode::Verify => {
            let user = check_submitter(conf);
            message::submit(conf, &options, &user)
        }
        Mode::List => modes::postqueue(conf, &options, &["-p"]),
        Mode::Flush => modes::postqueue(conf, &options, &["-f"]),
        Mode::FlushFile(ref id) => modes::postqueue(conf, &options, &["-i", id]),
        Mode::FlushSite(ref site) => modes::postqueue(conf, &options, &["-s", site]),
        Mode::Smtp => modes::smtp_server(conf, &options),
        Mode::Daemon => modes::start(conf, &options),
        Mode::NewAliases => modes::new_aliases(conf, &options),
        Mode::Ignore => ExitCode::SUCCESS,
    }
}

/// Who runs the command.
pub(crate) struct User {
    pub(crate) uid: u32,
    pub(crate) login: Option<String>,
    pub(crate) gecos: String,
}

fn check_submitter(conf: &Config) -> User {
    let uid = sys::real_user();
    let account = sys::user_by_uid(uid).unwrap_or_else(|e| fail(format_args!("user ID {uid}: {}", errno(&e))));
    let login = account.as_ref().map(|a| a.name.clone());
    let shown = login.as_deref().unwrap_or("unknown");
    match MatchList::of(conf, params::AUTHORIZED_SUBMIT_USERS).matches_text(shown) {
        Ok(true) => {}
        Ok(false) => fail(format_args!("User {shown}({uid}) is not allowed to submit mail")),
        Err(e) => fail(e),
    }
    User { uid, login, gecos: account.map(|a| a.gecos).unwrap_or_default() }
}

/// Ends the program with a fatal line. Whatever goes wrong, the caller may try again, and must not take the message for sent.
pub(crate) fn fail(text: impl std::fmt::Display) -> ! {
    maillog::fatal_status(EX_TEMPFAIL, text)
}
