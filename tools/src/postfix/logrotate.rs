//! `postfix logrotate`: a new log file, the old one compressed.

use std::process::{Command, ExitCode};

use config::Config;

use super::date::date;
use crate::queue_tool::errno;

/// Renames the log file, compresses the old one, and lets postlogd open a new one.
pub(super) fn run(conf: &Config) -> ExitCode {
    let file: String = conf.get(params::MAILLOG_FILE);
    if file.is_empty() || file.starts_with("/dev/") {
        maillog::fatal("logrotate: maillog_file is not set to a file in main.cf");
    }
    let suffix = date(&conf.get(params::MAILLOG_FILE_ROTATE_SUFFIX), false).unwrap_or_else(|e| maillog::fatal(format_args!("maillog_file_rotate_suffix: {e}")));
    let old = format!("{file}.{suffix}");
    if let Err(e) = std::fs::rename(&file, &old) {
        maillog::fatal(format_args!("logfile '{file}' rotation failed: {}", errno(&e)));
    }
    // postlogd lets go of the old file within a second; then it may be compressed.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let compressor: String = conf.get(params::MAILLOG_FILE_COMPRESSOR);
    match Command::new(&compressor).arg(&old).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(status) => maillog::fatal(format_args!("logfile '{old}' compression failed: {compressor}: {status}")),
        Err(e) => maillog::fatal(format_args!("logfile '{old}' compression failed: {compressor}: {}", errno(&e))),
    }
}
