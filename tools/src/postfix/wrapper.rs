//! Several instances: the command goes to a program that runs it for each.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use config::Config;

use crate::queue_tool::errno;

/// Hands the command over to `multi_instance_wrapper` when there are instances besides this one. The wrapper runs postfix(1) for each of them, with
/// MAIL_CONFIG set, which ends the matter. Returns when there are none.
pub(super) fn hand_over(conf: &Config, words: &[String]) {
    if conf.list(params::MULTI_INSTANCE_DIRECTORIES).is_empty() {
        return;
    }
    let wrapper: String = conf.get(params::MULTI_INSTANCE_WRAPPER);
    let mut parts = wrapper.split_ascii_whitespace();
    let Some(program) = parts.next() else { maillog::fatal("multi-instance support is requested, but multi_instance_wrapper is empty") };
    let mut command = Command::new(program);
    command.args(parts).args(words);
    export(&mut command, conf);
    let error = command.exec();
    maillog::fatal(format_args!("{program}: {}", errno(&error)))
}

/// postfix-wrapper, as `multi_instance_wrapper` of a main.cf that was written by hand: postmulti(1) does what it did. Only for postfix(1) to call.
pub(super) fn run(words: &[String]) -> ! {
    let Some(directory) = sys::variable("command_directory") else {
        eprintln!("postfix-wrapper: command_directory: do not invoke this command directly");
        std::process::exit(2)
    };
    let program = Path::new(&directory).join("postmulti");
    let error = Command::new(&program).args(["-p", "--"]).args(words).exec();
    maillog::fatal(format_args!("{}: {}", program.display(), errno(&error)))
}

/// What scripts of the mail system find in their environment.
pub(super) fn export(command: &mut Command, conf: &Config) {
    for parameter in [
        params::COMMAND_DIRECTORY,
        params::DAEMON_DIRECTORY,
        params::DATA_DIRECTORY,
        params::HTML_DIRECTORY,
        params::MAIL_OWNER,
        params::MAILQ_PATH,
        params::MANPAGE_DIRECTORY,
        params::META_DIRECTORY,
        params::NEWALIASES_PATH,
        params::QUEUE_DIRECTORY,
        params::README_DIRECTORY,
        params::SENDMAIL_PATH,
        params::SETGID_GROUP,
    ] {
        command.env(parameter.decl.name, conf.get(parameter));
    }
    command.env("config_directory", conf.dir()).env("PATH", path(&conf.get(params::COMMAND_DIRECTORY)));
}

fn path(command_directory: &str) -> std::ffi::OsString {
    let old = sys::variable("PATH").unwrap_or_default();
    let parts = std::iter::once(Path::new(command_directory).to_owned()).chain(std::env::split_paths(&old));
    std::env::join_paths(parts).unwrap_or(old)
}
