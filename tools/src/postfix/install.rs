//! `set-permissions` and `upgrade-configuration`: what is done after an installation.

use std::process::{Command, ExitCode};

use super::Tool;

/// A service that newer versions need, and what shows that it is there.
struct Needed {
    name: &'static str,
    entry: &'static str,
}

const fn needed(name: &'static str, entry: &'static str) -> Needed {
    Needed { name, entry }
}

/// Services that master.cf files of old versions lack.
const SERVICES: &[Needed] = &[
    needed("flush/unix", "flush unix n - y 1000? 0 flush"),
    needed("trace/unix", "trace unix - - y - 0 bounce"),
    needed("verify/unix", "verify unix - - y - 1 verify"),
    needed("proxymap/unix", "proxymap unix - - n - - proxymap"),
    needed("proxywrite/unix", "proxywrite unix - - n - 1 proxymap"),
    needed("tlsmgr/unix", "tlsmgr unix - - y 1000? 1 tlsmgr"),
    needed("anvil/unix", "anvil unix - - y - 1 anvil"),
    needed("scache/unix", "scache unix - - y - 1 scache"),
    needed("discard/unix", "discard unix - - y - - discard"),
    needed("retry/unix", "retry unix - - y - - error"),
    needed("relay/unix", "relay unix - - y - - smtp"),
    needed("postlog/unix-dgram", "postlog unix-dgram n - n - 1 postlogd"),
];

impl Tool {
    /// Takes `name=value` words into main.cf, then gives everything the owner and mode that it should have.
    pub(super) fn set_permissions(&self, settings: &[String]) -> ExitCode {
        if !self.edit("-e", settings, "set-permissions") {
            return ExitCode::FAILURE;
        }
        // What was just set counts.
        let conf = config::Config::load(self.conf.dir()).unwrap_or_else(|e| maillog::fatal(e));
        super::Layout::new(&conf).set_permissions().unwrap_or_else(|e| maillog::fatal(e));
        ExitCode::SUCCESS
    }

    /// Adds the services that are missing in master.cf and whose programs are there.
    pub(super) fn upgrade_configuration(&self, settings: &[String]) -> ExitCode {
        if !self.edit("-e", settings, "upgrade-configuration") {
            return ExitCode::FAILURE;
        }
        let path = self.conf.dir().join("master.cf");
        let present = config::master_cf::parse_with(&path, false, &mut Vec::new()).unwrap_or_else(|e| maillog::fatal(e));
        let missing = SERVICES.iter().filter(|s| !present.iter().any(|p| p.key() == s.name));
        let usable = missing.filter(|s| s.entry.rsplit(' ').next().is_some_and(|program| self.layout.daemon.join(program).exists()));
        for service in usable {
            maillog::info!("{}: adding missing entry for {} service", path.display(), service.name);
            let setting = format!("{} = {}", service.name, service.entry);
            if !self.postconf(&["-M".to_owned(), "-e".to_owned(), setting]) {
                return ExitCode::FAILURE;
            }
        }
        ExitCode::SUCCESS
    }

    fn edit(&self, how: &str, settings: &[String], command: &str) -> bool {
        if let Some(bad) = settings.iter().find(|a| !a.contains('=')) {
            maillog::fatal(format_args!("{command}: want name=value, not \"{bad}\""));
        }
        settings.is_empty() || self.postconf(&[&[how.to_owned()], settings].concat())
    }

    /// postconf(1) edits, as it does for everybody. True when it was done.
    pub(super) fn postconf(&self, words: &[String]) -> bool {
        let mut command: Command = self.program("postconf", &self.layout.command);
        command.args(words).status().is_ok_and(|s| s.success())
    }
}
