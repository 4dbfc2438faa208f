//! `post-install`, `set-permissions` and `upgrade-configuration`: what is done after an installation.

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
    needed("relay/unix", "relay unix - - y - - smtp"),
    needed("flush/unix", "flush unix n - y 1000? 0 flush"),
    needed("trace/unix", "trace unix - - y - 0 bounce"),
    needed("verify/unix", "verify unix - - y - 1 verify"),
    needed("proxymap/unix", "proxymap unix - - n - - proxymap"),
    needed("anvil/unix", "anvil unix - - y - 1 anvil"),
    needed("scache/unix", "scache unix - - y - 1 scache"),
    needed("discard/unix", "discard unix - - y - - discard"),
    needed("tlsmgr/unix", "tlsmgr unix - - y 1000? 1 tlsmgr"),
    needed("retry/unix", "retry unix - - y - - error"),
    needed("proxywrite/unix", "proxywrite unix - - n - 1 proxymap"),
    needed("postlog/unix-dgram", "postlog unix-dgram n - n - 1 postlogd"),
];

const USAGE: &str = "Usage: postfix post-install [name=value] command
    create-missing          Create missing directories.
    set-permissions         Give files and directories their owners and modes.
    upgrade-permissions     The same.
    upgrade-configuration   Add services that master.cf lacks.
    upgrade-source          All of these.
    upgrade-package         All of these.
    first-install-reminder  Say what a new host wants.
    name=value              Set a parameter in main.cf first.";

const REMINDER: &str = "
    What mail is for this host is said by myorigin, mydestination and mynetworks in main.cf.

    Aliases send mail for root and postmaster to a person: edit the aliases file, then run newaliases.
";

/// What is to be done, some of it by more than one word.
#[derive(Default)]
struct Work {
    create: bool,
    permissions: bool,
    configuration: bool,
    reminder: bool,
}

impl Work {
    /// False for a word that is no command.
    fn add(&mut self, word: &str) -> bool {
        match word {
            "create-missing" => self.create = true,
            "set-permissions" | "upgrade-permissions" => self.permissions = true,
            "upgrade-configuration" => self.configuration = true,
            "upgrade-source" | "upgrade-package" => (self.permissions, self.configuration) = (true, true),
            "first-install-reminder" => self.reminder = true,
            _ => return false,
        }
        true
    }
}

impl Tool {
    /// `post-install`: takes `name=value` words into main.cf, then does what the others say.
    pub(super) fn post_install(&self, words: &[String]) -> ExitCode {
        let (settings, commands): (Vec<&String>, Vec<&String>) = words.iter().partition(|w| w.contains('='));
        let mut work = Work::default();
        if commands.is_empty() || !commands.iter().all(|word| work.add(word)) {
            eprintln!("post-install: Error: {USAGE}");
            return ExitCode::FAILURE;
        }
        if !self.take(&settings) {
            return ExitCode::FAILURE;
        }
        // What was just set counts.
        let conf = config::Config::load(self.conf.dir()).unwrap_or_else(|e| maillog::fatal(e));
        let layout = super::Layout::new(&conf);
        let laid_out = match work {
            Work { permissions: true, .. } => layout.set_permissions(),
            Work { create: true, .. } => layout.create(),
            _ => Ok(()),
        };
        laid_out.unwrap_or_else(|e| maillog::fatal(e));
        if work.configuration && !self.add_services() {
            return ExitCode::FAILURE;
        }
        if work.reminder {
            println!("{REMINDER}");
        }
        ExitCode::SUCCESS
    }

    /// Sets what is not so yet.
    fn take(&self, settings: &[&String]) -> bool {
        let holds = |s: &str| config::main_cf::setting(s).is_ok_and(|(name, value)| self.conf.lookup(name).as_deref() == Some(value));
        let new: Vec<String> = settings.iter().filter(|s| !holds(s)).map(|s| (*s).clone()).collect();
        new.is_empty() || self.postconf(&[&["-e".to_owned()], new.as_slice()].concat())
    }

    /// Adds the services that are missing in master.cf and whose programs are there.
    fn add_services(&self) -> bool {
        let path = self.conf.dir().join("master.cf");
        let present = config::master_cf::parse_with(&path, false, &mut Vec::new()).unwrap_or_else(|e| maillog::fatal(e));
        let missing = SERVICES.iter().filter(|s| !present.iter().any(|p| p.key() == s.name));
        let mut usable = missing.filter(|s| s.entry.rsplit(' ').next().is_some_and(|program| self.layout.daemon.join(program).exists()));
        usable.all(|service| {
            let shown = service.name.replace("/unix-dgram", " unix-domain datagram").replace("/unix", "");
            println!("Editing {}, adding missing entry for {shown} service", path.display());
            let setting = format!("{} = {}", service.name, service.entry);
            self.postconf(&["-M".to_owned(), "-e".to_owned(), setting])
        })
    }

    /// postconf(1) edits, as it does for everybody. True when it was done.
    pub(super) fn postconf(&self, words: &[String]) -> bool {
        let mut command: Command = self.program("postconf", &self.layout.command);
        command.args(words).status().is_ok_and(|s| s.success())
    }
}
