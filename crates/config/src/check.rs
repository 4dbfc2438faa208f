//! What is wrong with values, with file and line.

use params::{Acts, BadValue, Decl, Param, Restriction, Size};

use crate::computed;
use crate::conf::Config;
use crate::error::ConfigError;
use crate::expand::is_level;

impl Config {
    /// Checks every parameter that a program reads, and what they have to do with each other.
    pub fn check(&self, program: &str) -> Result<(), ConfigError> {
        for decl in params::all().iter().filter(|d| d.is_read_by(program)) {
            self.check_one(decl)?;
        }
        if let Some(what) = self.origin_fault() {
            return Err(self.blame("myorigin", what));
        }
        let level = self.lookup("compatibility_level").unwrap_or_default();
        if !level.is_empty() && !is_level(&level) {
            return Err(self.blame("compatibility_level", format!("malformed compatibility level syntax: \"{level}\"")));
        }
        for name in ["myhostname", "mydomain"] {
            let value = self.lookup(name).unwrap_or_default();
            if !value.is_ascii() || !address::is_hostname(&value) {
                return Err(self.blame(name, format!("parameter {name}: bad parameter value: {value}")));
            }
        }
        // Where it is listened to; elsewhere it would only cost start-up time.
        match (program == "master").then(|| computed::foreign_interface(self)).flatten() {
            Some(what) => Err(self.blame("inet_interfaces", what)),
            None => Ok(()),
        }
    }

    /// Why the default of mynetworks cannot be made; nothing when it is set.
    ///
    /// # Errors
    /// What is wrong with a parameter that it is made from.
    pub fn check_networks(&self) -> Result<(), ConfigError> {
        if self.explicit("mynetworks").is_some() {
            return Ok(());
        }
        for decl in [&params::INET_PROTOCOLS.decl, &params::MYNETWORKS_STYLE.decl] {
            let value = self.expand(&self.raw(decl.name).unwrap_or_default())?;
            params::check_words(decl, &value).map_err(|BadValue(what)| self.blame(decl.name, what))?;
        }
        computed::foreign_interface(self).map_or(Ok(()), |what| Err(self.blame("inet_interfaces", what)))
    }

    /// Checks the parameters of a service that are set: `relay_destination_concurrency_limit` and its kin.
    ///
    /// # Errors
    /// The first one that its program cannot use.
    pub fn check_service(&self, service: &str, suffixes: &[&str]) -> Result<(), ConfigError> {
        for row in params::SERVICE_PARAMS.iter().filter(|row| suffixes.contains(&row.suffix)) {
            let name = format!("{service}{}", row.suffix);
            let Some(decl) = params::find(row.default_from).filter(|_| self.explicit(&name).is_some()) else { continue };
            let value = self.expand(self.explicit(&name).unwrap_or_default()).map_err(|e| self.blame(&name, e.what))?;
            decl.check(&value).map_err(|BadValue(what)| self.blame(&name, what.replace(decl.name, &name)))?;
        }
        Ok(())
    }

    /// The log file lies where `maillog_file_prefixes` allows it, if there is one.
    ///
    /// # Errors
    /// It lies elsewhere.
    pub fn check_log_file(&self) -> Result<(), ConfigError> {
        let path: String = self.get(params::MAILLOG_FILE);
        let allowed = |p: &String| path == *p || path.starts_with(&format!("{}/", p.trim_end_matches('/')));
        if path.is_empty() || !path.contains("/../") && self.list(params::MAILLOG_FILE_PREFIXES).iter().any(allowed) {
            return Ok(());
        }
        let what = format!("maillog_file value '{path}' does not match any prefix in maillog_file_prefixes");
        Err(self.place("maillog_file", what).remedy("choose a file there, or add its directory"))
    }

    /// A mailbox must hold a message of the largest size: mail waits in the queue until the administrator has decided.
    ///
    /// # Errors
    /// The limits contradict each other.
    pub fn check_mailbox_limit(&self, param: &Param<Size>) -> Result<(), ConfigError> {
        let (name, mailbox, message) = (param.decl.name, self.get(param), self.get(params::MESSAGE_SIZE_LIMIT));
        let what = match () {
            () if mailbox == 0 || message > 0 && mailbox >= message => return Ok(()),
            () if message == 0 => "limited but message_size_limit is unlimited",
            () => "smaller than message_size_limit",
        };
        let place = if self.explicit(name).is_some() { name } else { "message_size_limit" };
        Err(self.place(place, format!("configuration error: {name} is {what}")).remedy(format!("set {name} = 0, or larger")))
    }

    /// Settings that a program reads, and that have no effect yet though they differ from the default: file, line and reason. `all`: those
    /// of every program.
    pub fn without_effect(&self, program: &str) -> Vec<ConfigError> {
        let of_program = |decl: &Decl| program == "all" || decl.is_read_by(program);
        let is_changed = |decl: &Decl| {
            let default = self.default_of(decl.name).and_then(|d| self.expand(&d).ok());
            self.explicit(decl.name).is_some() && self.lookup(decl.name) != default
        };
        let decls = params::all().iter().filter(|d| of_program(d) && is_changed(d));
        decls.filter_map(|d| d.inert().map(|why| self.place(d.name, format!("parameter {} {}", d.name, why.reason())))).collect()
    }

    /// Restrictions that smtpd cannot act on: where one is reached, mail is refused for the time being.
    pub fn missing_restrictions(&self) -> Vec<ConfigError> {
        let of_list = |name: &&'static str| {
            let list = self.lookup(name).unwrap_or_default();
            params::restrictions(&list).into_iter().filter_map(|r| self.missing_restriction(name, &r)).collect::<Vec<_>>()
        };
        params::RESTRICTION_LISTS.iter().flat_map(of_list).collect()
    }

    fn missing_restriction(&self, list: &str, restriction: &Restriction) -> Option<ConfigError> {
        let what = match restriction.standing {
            Acts::Yes => return None,
            Acts::NotYet => format!("restriction `{}' in {list} is not there yet", restriction.text),
            Acts::Unknown if self.list(params::SMTPD_RESTRICTION_CLASSES).contains(&restriction.text) => {
                format!("restriction class `{}' in {list} is not there yet", restriction.text)
            }
            Acts::Unknown => format!("unknown smtpd restriction: \"{}\" in {list}", restriction.text),
        };
        Some(self.place(list, what).remedy("clients that it is asked about are told 451 4.3.5 Server configuration error"))
    }

    fn check_one(&self, decl: &Decl) -> Result<(), ConfigError> {
        use params::Kind;
        let raw = self.raw(decl.name).unwrap_or_default();
        if decl.is_raw() {
            // The length alone, in other words than those for the others.
            let short = (raw.len() as i64) < decl.min && self.explicit(decl.name).is_some();
            let what = || format!("bad string length ({} < {}): {} = {raw}", raw.len(), decl.min, decl.name);
            return if short { Err(self.blame(decl.name, what())) } else { Ok(()) };
        }
        let value = match self.expand(&raw) {
            Ok(v) => v,
            Err(e) if self.explicit(decl.name).is_some() && matches!(decl.kind, Kind::Bool | Kind::Int | Kind::Time) => {
                return Err(self.blame(decl.name, e.what));
            }
            Err(_) => return Ok(()),
        };
        let outcome = match decl.kind {
            Kind::Str | Kind::List if self.explicit(decl.name).is_none() => Ok(()),
            Kind::Str | Kind::List => decl.check(&value).and_then(|()| params::check_words(decl, &value)),
            Kind::Bool | Kind::Int | Kind::Time => decl.check(&value),
        };
        outcome.map_err(|BadValue(what)| self.blame(decl.name, what))
    }

    /// Puts file and line to a fault of a parameter, and its default.
    pub(crate) fn blame(&self, name: &str, what: String) -> ConfigError {
        let fault = self.place(name, what);
        match fault.file {
            Some(_) => fault.remedy(format!("the default is {name} = {}", self.default_of(name).unwrap_or_default())),
            None => fault,
        }
    }

    /// Puts file and line to what is said of a parameter.
    pub fn place(&self, name: &str, what: String) -> ConfigError {
        if self.overrides().any(|(n, _)| n == name) {
            return ConfigError::new(what).remedy(format!("look for -o {name}= in master.cf"));
        }
        match self.setting(name) {
            Some(setting) => ConfigError::at(&*setting.file, setting.line, what),
            None => ConfigError::new(what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_holds_a_message() {
        let said = |pairs: &[(&str, &str)]| Config::from_pairs(pairs.iter().copied()).check_mailbox_limit(params::MAILBOX_SIZE_LIMIT).map_err(|e| e.what);
        assert_eq!(said(&[]), Ok(()));
        assert_eq!(said(&[("mailbox_size_limit", "0"), ("message_size_limit", "0")]), Ok(()));
        assert_eq!(said(&[("mailbox_size_limit", "5")]).unwrap_err(), "configuration error: mailbox_size_limit is smaller than message_size_limit");
        let unlimited = "configuration error: mailbox_size_limit is limited but message_size_limit is unlimited";
        assert_eq!(said(&[("message_size_limit", "0")]).unwrap_err(), unlimited);
    }

    #[test]
    fn names_that_are_no_host_names() {
        for (name, value) in [("myhostname", "-foo"), ("myhostname", "1.2.3.4"), ("mydomain", ".example.com"), ("myhostname", "f\u{f6}")] {
            let e = Config::from_pairs([(name, value)]).check("cleanup").unwrap_err().to_string();
            assert!(e.contains("bad parameter value"), "{e}");
        }
        let e = Config::from_pairs([("myorigin", "/nonexistent/mailname")]).check("cleanup").unwrap_err().to_string();
        assert!(e.contains("/nonexistent/mailname: cannot open file: No such file or directory"), "{e}");
    }

    #[test]
    fn bad_values_name_file_and_line() {
        let c = Config::from_pairs([("smtpd_timeout", "soon")]);
        let e = c.check("smtpd").unwrap_err().to_string();
        assert!(e.contains("main.cf, line 1") && e.contains("soon"), "{e}");
        assert_eq!(c.get(params::SMTPD_TIMEOUT).as_secs(), 300);
    }

    #[test]
    fn parameters_of_a_service() {
        let c = Config::from_pairs([("slow_destination_concurrency_limit", "many"), ("slow_destination_rate_delay", "3y"), ("pipe1_time_limit", "0")]);
        let fault = |service: &str, suffix: &str| c.check_service(service, &[suffix]).map_err(|e| e.to_string());
        assert_eq!(fault("other", "_destination_concurrency_limit"), Ok(()));
        let e = fault("slow", "_destination_concurrency_limit").unwrap_err();
        assert!(e.contains("main.cf, line 1: bad numerical configuration: slow_destination_concurrency_limit = many"), "{e}");
        let e = fault("slow", "_destination_rate_delay").unwrap_err();
        assert!(e.contains("line 2: parameter slow_destination_rate_delay: bad time value or unit: 3y"), "{e}");
        assert!(fault("pipe1", "_time_limit").unwrap_err().contains("line 3: invalid pipe1_time_limit: 0 (min 1)"));
    }

    #[test]
    fn every_default_can_be_read() {
        let c = Config::from_pairs([("myhostname", "mail.example.com")]);
        for d in params::all() {
            c.check_one(d).unwrap_or_else(|e| panic!("{e}"));
        }
    }
}
