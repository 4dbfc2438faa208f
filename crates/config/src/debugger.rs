//! `debugger_command`: what somebody wants to be run with the number of a process that is about to begin.

use sys::Spawn;

use crate::conf::Config;

/// The variable of the environment that asks for the command where no option does.
pub const MAIL_DEBUG: &str = "MAIL_DEBUG";

impl Config {
    /// Runs `debugger_command` when it is `asked` for, by an option or by MAIL_DEBUG, and waits for its end. Only for a process that has no threads yet.
    ///
    /// # Errors
    /// A sentence, when there is no command or it cannot be started.
    pub fn run_debugger(&self, asked: bool) -> Result<(), String> {
        if !asked && sys::variable(MAIL_DEBUG).is_none() {
            return Ok(());
        }
        let command: String = self.get(params::DEBUGGER_COMMAND);
        if command.is_empty() {
            return Err("no debugger_command variable set up".to_owned());
        }
        maillog::info!("running: {command}");
        maillog::release();
        let shell = Spawn::new("/bin/sh", "sh").args(["-c", &command]).own_environment().inherit_stdio();
        let ended = shell.start().and_then(sys::wait_for).map_err(|e| format!("debugger_command: {}", sys::strerror(&e)))?;
        if ended != sys::Exit::Status(0) {
            maillog::warning!("debugger_command: {ended:?}");
        }
        Ok(())
    }

    /// Where postlogd(8) listens, below the queue directory.
    pub fn postlog_socket(&self) -> std::path::PathBuf {
        std::path::Path::new("public").join(self.get(params::POSTLOG_SERVICE_NAME))
    }
}
