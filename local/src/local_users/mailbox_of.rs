//! A user's own delivery: .forward, another transport, a command, a mailbox.

use std::path::Path;

use base::Dsn;
use table::{LookupError, Maps};

use super::Course;
use super::environment;
use super::user::{Attempt, Rights};

/// Where a user's mail goes.
enum Place {
    /// A Maildir.
    Maildir(String),
    /// An mbox file.
    Mbox(String),
}

impl Course<'_, '_> {
    /// What comes after the aliases.
    pub(crate) fn deliver_user(&mut self, attempt: Attempt) {
        let rights = match self.account(&attempt) {
            Ok(r) => r,
            Err(dsn) => return self.failed(&attempt, dsn),
        };
        if let Some(rights) = rights.as_ref().filter(|r| self.settings.require_home && !r.home.is_empty()) {
            let seen = sys::with_identity(rights.uid, rights.gid, || std::fs::metadata(&rights.home)).and_then(|meta| meta);
            if let Err(e) = seen {
                let why = mailbox::strerror(&e);
                return self.failed(&attempt, Dsn::new("4.3.0", format!("cannot access home directory {}: {why}", rights.home)));
            }
        }
        if let Some(rights) = rights.as_ref().filter(|_| !attempt.bare) {
            match self.deliver_dotforward(&attempt, rights) {
                Ok(true) => return,
                Ok(false) => {}
                Err(dsn) => return self.failed(&attempt, dsn),
            }
        }
        match self.by_map(&self.settings.mailbox_transport_maps, &attempt, &self.settings.mailbox_transport) {
            Ok(Some(transport)) => return self.pass(&attempt, &transport),
            Ok(None) => {}
            Err(_) => return self.failed(&attempt, table_failure()),
        }
        match rights {
            Some(rights) => self.deliver_mailbox(&attempt, &rights),
            None => self.deliver_unknown(&attempt),
        }
    }

    /// The account that an attempt is for: the full local part first, then without its extension.
    fn account(&self, attempt: &Attempt) -> Result<Option<Rights>, Dsn> {
        for name in [&attempt.local, &attempt.user] {
            match sys::user_by_name(name) {
                Ok(Some(a)) => return Ok(Some(Rights::of(a))),
                Ok(None) => {}
                Err(_) => return Err(Dsn::new("4.0.0", "user lookup error")),
            }
        }
        Ok(None)
    }

    fn by_map(&self, maps: &Maps, attempt: &Attempt, otherwise: &str) -> Result<Option<String>, LookupError> {
        if !maps.is_empty() {
            if let Some(found) = maps.find(&attempt.user)? {
                return Ok(Some(found));
            }
        }
        Ok((!otherwise.is_empty()).then(|| otherwise.to_owned()))
    }

    /// Hands the recipient to another transport, and reports in its name.
    fn pass(&mut self, attempt: &Attempt, destination: &str) {
        maillog::info!(
            "{}: passing <{}> to transport={}",
            self.request.id,
            delivery::external(&attempt.address),
            destination.split(':').next().unwrap_or_default()
        );
        let (transport, nexthop) = destination.split_once(':').unwrap_or((destination, ""));
        let mut request = self.request.clone();
        request.transport = transport.to_owned();
        request.nexthop = if nexthop.is_empty() { attempt.domain.clone() } else { nexthop.to_owned() };
        request.sender = attempt.sender.clone();
        request.recipients = vec![self.final_recipient(attempt)];
        let mut client = ipc::Client::new(format!("private/{transport}"), self.settings.command_limit.max(std::time::Duration::from_secs(3600)));
        match client.ask::<_, ipc::delivery::Reply>(&request) {
            // The other transport has said what became of it.
            Ok(reply) => {
                self.reported = true;
                self.deferred |= reply.deferred;
            }
            Err(e) => {
                maillog::warning!("{e}");
                self.failed(attempt, Dsn::new("4.3.0", "mail transport unavailable"));
            }
        }
    }

    /// A name that is neither an alias nor an account.
    fn deliver_unknown(&mut self, attempt: &Attempt) {
        match self.by_map(&self.settings.fallback_transport_maps, attempt, &self.settings.fallback_transport) {
            Ok(Some(transport)) => return self.pass(attempt, &transport),
            Ok(None) => {}
            Err(_) => return self.failed(attempt, table_failure()),
        }
        let relay = &self.settings.luser_relay;
        if !relay.is_empty() && self.seen.is_new("luser_relay".to_owned()) {
            let to = environment::expand(relay, attempt, None, &self.settings.forward_filter).unwrap_or_default();
            let mut inside = attempt.clone();
            inside.depth += 1;
            // An address, and nothing else: what looks like a command or a file is a name.
            return self.deliver_address(&inside, &address::quote(&to));
        }
        // postmaster and the double-bounce sender must not bounce in turn: that mail would never end.
        if attempt.user.eq_ignore_ascii_case("mailer-daemon") || attempt.user.eq_ignore_ascii_case("double-bounce") {
            maillog::warning!("required alias not found: {}", attempt.user);
            return self.sent(attempt, "discarded");
        }
        self.failed(attempt, Dsn::new("5.1.1", format!("unknown user: \"{}\"", attempt.user)));
    }

    /// An account's mailbox, by command or by file.
    fn deliver_mailbox(&mut self, attempt: &Attempt, rights: &Rights) {
        if !self.seen.is_new(format!("mailbox {} {}", rights.uid, attempt.extension)) {
            return;
        }
        let command = match self.by_map(&self.settings.mailbox_command_maps, attempt, &self.settings.mailbox_command) {
            Ok(c) => c,
            Err(_) => return self.failed(attempt, table_failure()),
        };
        if let Some(line) = command {
            return self.run_command(attempt, &line, &self.unprivileged(rights));
        }
        let place = self.place(rights);
        if self.report.is_check() {
            return self.sent(attempt, if matches!(place, Place::Maildir(_)) { "delivers to maildir" } else { "delivers to mailbox" });
        }
        match place {
            Place::Maildir(path) => self.to_maildir(attempt, rights, &path),
            Place::Mbox(path) => self.to_mbox(attempt, rights, &path),
        }
    }

    fn place(&self, rights: &Rights) -> Place {
        let s = self.settings;
        let path = if !s.home_mailbox.is_empty() {
            format!("{}/{}", rights.home, s.home_mailbox)
        } else if s.spool.ends_with('/') {
            format!("{}{}/", s.spool, rights.name)
        } else {
            format!("{}/{}", s.spool, rights.name)
        };
        if path.ends_with('/') { Place::Maildir(path.trim_end_matches('/').to_owned()) } else { Place::Mbox(path) }
    }

    fn to_maildir(&mut self, attempt: &Attempt, rights: &Rights, path: &str) {
        let outcome = self.with_prelude(attempt, self.adds_delivered_to("file"), |prelude| {
            sys::with_identity(rights.uid, rights.gid, || self.settings.mailboxes.maildir(Path::new(path), "5.2.0", self.message, prelude))
                .unwrap_or_else(|e| Err(cannot_become(rights, &e)))
        });
        match outcome {
            Ok(()) => self.sent(attempt, "delivered to maildir"),
            Err(dsn) => self.failed(attempt, dsn),
        }
    }

    /// The spool directory belongs to the group mail: lock and file are made with its rights, then the file is the user's.
    fn to_mbox(&mut self, attempt: &Attempt, rights: &Rights, path: &str) {
        let prefix = format!("cannot update mailbox {path} for user {}. ", rights.name);
        let in_spool = self.settings.home_mailbox.is_empty();
        let outcome = self.with_prelude(attempt, self.adds_delivered_to("file"), |prelude| {
            let (uid, gid) = if in_spool { spool_rights(&self.settings.spool, rights) } else { (rights.uid, rights.gid) };
            let give_to = (uid != rights.uid).then_some((rights.uid, rights.gid));
            let work = || {
                let mut mbox = self.settings.mailboxes.open_mbox(Path::new(path), give_to, false, "5.2.0", &prefix)?;
                if !mbox.is_regular() {
                    return Err(Dsn::new("5.2.0", format!("{prefix}destination {path} is not a regular file")));
                }
                if self.settings.strict_ownership && sys::real_user() == 0 && mbox.owner() != rights.uid {
                    maillog::warning!("specify \"strict_mailbox_ownership = no\" to ignore mailbox ownership mismatch");
                    return Err(Dsn::new("4.2.0", format!("{prefix}destination {path} is not owned by recipient")));
                }
                self.settings.mailboxes.append(&mut mbox, self.message, prelude, &prefix)
            };
            sys::with_identity(uid, gid, work).unwrap_or_else(|e| Err(cannot_become(rights, &e)))
        });
        match outcome {
            Ok(offset) => {
                self.sent(attempt, "delivered to mailbox");
                if self.settings.biff {
                    super::biff::notify(&rights.name, offset);
                }
            }
            Err(dsn) => self.failed(attempt, dsn),
        }
    }
}

/// Whose rights make lock and file in the spool directory: the user's where everybody may write there, the user's with the directory's group
/// where that group may, else root's, who then gives the file away.
fn spool_rights(spool: &str, rights: &Rights) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    match std::fs::metadata(spool) {
        Ok(m) if m.mode() & 0o002 != 0 => (rights.uid, rights.gid),
        Ok(m) if m.mode() & 0o020 != 0 => (rights.uid, m.gid()),
        Ok(_) => (0, 0),
        Err(_) => (rights.uid, rights.gid),
    }
}

fn table_failure() -> Dsn {
    Dsn::new("4.3.0", "table lookup failure")
}

fn cannot_become(rights: &Rights, e: &std::io::Error) -> Dsn {
    Dsn::new("4.3.0", format!("cannot become user {}: {e}", rights.name))
}
