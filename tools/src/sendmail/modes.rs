//! What is other programs' work.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use config::Config;

use super::fail;
use super::options::{Mode, Options};
use crate::queue_tool::errno;

/// The configuration directory for the programs that we start.
static DIRECTORY: std::sync::OnceLock<String> = std::sync::OnceLock::new();

/// Remembers `-C` for them.
pub(crate) fn export_directory(directory: String) {
    let _ = DIRECTORY.set(directory);
}

/// The directory of `-C`, if it was given.
pub(crate) fn exported_directory() -> Option<&'static str> {
    DIRECTORY.get().map(String::as_str)
}

/// A program in a directory of ours, with our configuration.
pub(crate) fn program(directory: &str, name: &str) -> Command {
    let mut command = Command::new(Path::new(directory).join(name));
    if let Some(directory) = exported_directory() {
        command.env("MAIL_CONFIG", directory);
    }
    command
}

fn become_program(mut command: Command) -> ExitCode {
    let e = command.exec();
    fail(format_args!("{}: {}", PathBuf::from(command.get_program()).display(), errno(&e)))
}

fn verbose_words(options: &Options) -> impl Iterator<Item = &'static str> {
    (0..options.verbosity()).map(|_| "-v")
}

/// postqueue(1).
pub(crate) fn postqueue(conf: &Config, options: &Options, args: &[&str]) -> ExitCode {
    let mut command = program(&conf.get(params::COMMAND_DIRECTORY), "postqueue");
    command.args(args);
    command.args(verbose_words(options));
    become_program(command)
}

/// smtpd(8) on standard input and output.
pub(crate) fn smtp_server(conf: &Config, options: &Options) -> ExitCode {
    let mut command = program(&conf.get(params::DAEMON_DIRECTORY), "smtpd");
    command.arg("-S");
    command.args(verbose_words(options));
    become_program(command)
}

/// `postfix start`. A daemon is on its own from now on: whether it starts is told by the log.
pub(crate) fn start(conf: &Config, options: &Options) -> ExitCode {
    let mut command = program(&conf.get(params::COMMAND_DIRECTORY), "postfix");
    command.arg("start");
    command.args(verbose_words(options));
    match command.spawn() {
        Ok(_) => ExitCode::SUCCESS,
        Err(e) => fail(format_args!("{}: {}", PathBuf::from(command.get_program()).display(), errno(&e))),
    }
}

/// postalias(1) for each of `alias_database`, or for what `-oA` names. Tables that have no index are passed over.
pub(crate) fn new_aliases(conf: &Config, options: &Options) -> ExitCode {
    debug_assert_eq!(options.mode, Mode::NewAliases);
    let names = match &options.alias_database {
        Some(name) => vec![name.clone()],
        None => conf.list(params::ALIAS_DATABASE),
    };
    let names: Vec<String> = names.into_iter().filter(|name| has_index(name, conf)).collect();
    if names.is_empty() {
        return ExitCode::SUCCESS;
    }
    let mut command = program(&conf.get(params::COMMAND_DIRECTORY), "postalias");
    command.args(verbose_words(options));
    command.arg("--").args(names);
    become_program(command)
}

/// Whether postalias can build it; a table type without an index, and one that is not there, is no reason to fail an upgrade.
fn has_index(name: &str, conf: &Config) -> bool {
    let default: String = conf.get(params::DEFAULT_DATABASE_TYPE);
    let kind = name.split_once(':').filter(|(k, _)| !k.contains('/')).map_or(default.as_str(), |(k, _)| k);
    match table::find_type(kind) {
        Some(row) if row.edit.is_some() => true,
        Some(_) => {
            maillog::warning!("alias_database {name}: a {kind} table has no index to rebuild -- skipped");
            false
        }
        None => {
            maillog::warning!("alias_database {name}: unsupported dictionary type: {kind} -- skipped");
            false
        }
    }
}
