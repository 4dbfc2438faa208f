//! virtual(8): mailboxes that belong to no account of this host.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use base::Dsn;
use config::Config;
use delivery::{Message, Reporter, Services};
use ipc::delivery::{Reply, Request};
use queue::Recipient;
use server::{Boot, Rights, Service, Single, StartError, serve_requests};
use table::search::{MAILBOX, Search};
use table::{Flags, LookupError, Maps};

use crate::destination::{IDLE, Prelude, Writer, reporting};

/// The service.
pub struct Virtual {
    /// Its name in master.cf.
    service: String,
    services: Services,
    delivery: Delivery,
}

/// Everything but the connections to other services.
struct Delivery {
    mailboxes: Maps,
    uids: Maps,
    gids: Maps,
    search: Search,
    base: PathBuf,
    minimum_uid: u32,
    strict_ownership: bool,
    original_recipient: bool,
    writer: Writer,
    fault: Option<String>,
}

/// A mailbox and its owner.
struct Mailbox {
    path: PathBuf,
    maildir: bool,
    uid: u32,
    gid: u32,
}

impl Service for Virtual {
    const PROGRAM: &'static str = "virtual";
    const RIGHTS: Rights = Rights::Root;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let services = Services::new(reporting(&boot.conf, params::VIRTUAL_DELIVERY_STATUS_FILTER));
        Ok(Virtual { service: boot.service.clone(), services, delivery: Delivery::open(&boot.conf)? })
    }
}

impl Single for Virtual {
    fn serve(&mut self, mut client: UnixStream) {
        serve_requests(&mut client, IDLE, |request: Request, _, _| Some(self.deliver(&request)));
    }
}

impl Virtual {
    fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let mut report = Reporter::new(&mut self.services, request, Some(&message));
        for recipient in &request.recipients {
            let outcome = self.delivery.one(request, &message, recipient, report.is_check());
            match outcome {
                Ok(dsn) => report.sent(recipient, &self.service, dsn),
                Err(dsn) => report.failed(recipient, &self.service, dsn),
            };
        }
        report.finish()
    }
}

impl Delivery {
    fn open(conf: &Config) -> Result<Delivery, StartError> {
        let limit = conf.get(params::VIRTUAL_MAILBOX_LIMIT);
        conf.check_mailbox_limit(params::VIRTUAL_MAILBOX_LIMIT).map_err(|e| StartError::new(e.to_string()))?;
        Ok(Delivery {
            mailboxes: Maps::of(conf, params::VIRTUAL_MAILBOX_MAPS, Flags::SENSITIVE),
            uids: Maps::of(conf, params::VIRTUAL_UID_MAPS, Flags::SENSITIVE),
            gids: Maps::of(conf, params::VIRTUAL_GID_MAPS, Flags::SENSITIVE),
            search: Search::new(conf, MAILBOX),
            base: PathBuf::from(conf.get(params::VIRTUAL_MAILBOX_BASE)),
            minimum_uid: conf.get(params::VIRTUAL_MINIMUM_UID) as u32,
            strict_ownership: conf.get(params::STRICT_MAILBOX_OWNERSHIP),
            original_recipient: conf.get(params::ENABLE_ORIGINAL_RECIPIENT),
            writer: Writer::new(conf, &conf.get(params::VIRTUAL_MAILBOX_LOCK), limit).map_err(StartError::new)?,
            fault: conf.get(params::VIRTUAL_MAILBOX_BASE).is_empty().then(|| "virtual_mailbox_base is not set".to_owned()),
        })
    }

    /// Delivers to one recipient.
    fn one(&self, request: &Request, message: &Message, recipient: &Recipient, check: bool) -> Result<Dsn, Dsn> {
        if let Some(fault) = &self.fault {
            maillog::warning!("{}: {fault}: set it in main.cf to the directory above the virtual mailboxes", request.id);
            return Err(Dsn::new("4.3.5", "mail system configuration error"));
        }
        let final_to = delivery::external(&recipient.address);
        if message.was_delivered_to(&final_to, HEADER_LIMIT).unwrap_or(false) {
            return Err(Dsn::new("5.4.6", format!("mail forwarding loop for {}", recipient.address)));
        }
        let mailbox = self.find(&recipient.address)?;
        if check {
            return Ok(Dsn::new("2.0.0", if mailbox.maildir { "delivers to maildir" } else { "delivers to mailbox" }));
        }
        let sender = delivery::external(&request.sender);
        let original = (self.original_recipient && !recipient.original.is_empty()).then(|| delivery::external(&recipient.original));
        let prelude = Prelude { sender: &sender, original_to: original.as_deref(), delivered_to: Some(&final_to) };
        if mailbox.maildir { self.to_maildir(&mailbox, message, prelude) } else { self.to_mbox(&mailbox, message, prelude) }
    }

    fn to_maildir(&self, mailbox: &Mailbox, message: &Message, prelude: Prelude<'_>) -> Result<Dsn, Dsn> {
        as_owner(mailbox, || self.writer.maildir(&mailbox.path, "4.2.0", message, prelude))?;
        Ok(Dsn::new("2.0.0", "delivered to maildir"))
    }

    fn to_mbox(&self, mailbox: &Mailbox, message: &Message, prelude: Prelude<'_>) -> Result<Dsn, Dsn> {
        let prefix = format!("delivery failed to mailbox {}: ", mailbox.path.display());
        as_owner(mailbox, || {
            let mut mbox = self.writer.open_mbox(&mailbox.path, None, false, "4.2.0", &prefix)?;
            if !mbox.is_regular() {
                return Err(Dsn::new("5.2.0", format!("{prefix}destination is not a regular file")));
            }
            if self.strict_ownership && sys::real_user() == 0 && mbox.owner() != mailbox.uid {
                maillog::warning!("specify \"strict_mailbox_ownership = no\" to ignore mailbox ownership mismatch");
                return Err(Dsn::new("4.2.0", format!("{prefix}destination is not owned by recipient")));
            }
            self.writer.append(&mut mbox, message, prelude, &prefix).map(drop)
        })?;
        Ok(Dsn::new("2.0.0", "delivered to mailbox"))
    }

    /// Mailbox and owner of an address.
    fn find(&self, address: &str) -> Result<Mailbox, Dsn> {
        let path = self.ask(&self.mailboxes, address)?.ok_or_else(|| Dsn::new("5.1.1", format!("unknown user: \"{address}\"")))?;
        if path.split('/').any(|part| part == "..") {
            maillog::warning!("{}: bad pathname for {address}: {path}: it must not contain ..", self.mailboxes.title());
            return Err(configuration_error());
        }
        let uid = self.id(&self.uids, address, "uid")?;
        if uid < self.minimum_uid {
            maillog::warning!("recipient {address}: bad uid {uid} in {}: less than virtual_minimum_uid, {}", self.uids.title(), self.minimum_uid);
            return Err(configuration_error());
        }
        let gid = self.id(&self.gids, address, "gid")?;
        let maildir = path.ends_with('/');
        Ok(Mailbox { path: join(&self.base, &path), maildir, uid, gid })
    }

    fn id(&self, maps: &Maps, address: &str, what: &str) -> Result<u32, Dsn> {
        let Some(text) = self.ask(maps, address)? else {
            maillog::warning!("recipient {address}: not found in {}", maps.title());
            return Err(configuration_error());
        };
        text.trim().parse().ok().filter(|id| *id > 0).ok_or_else(|| {
            maillog::warning!("recipient {address}: bad {what} {text} in {}: want a number above 0", maps.title());
            configuration_error()
        })
    }

    fn ask(&self, maps: &Maps, address: &str) -> Result<Option<String>, Dsn> {
        let never_local = |_: &str| Ok::<bool, LookupError>(false);
        match self.search.find(maps, address, &never_local) {
            Ok(found) => Ok(found.map(|f| f.value)),
            Err(_) => Err(configuration_error()),
        }
    }
}

fn configuration_error() -> Dsn {
    Dsn::new("4.3.5", "mail system configuration error")
}

/// The path below the base; a leading slash does not lead out of it.
fn join(base: &Path, path: &str) -> PathBuf {
    base.join(path.trim_start_matches('/').trim_end_matches('/'))
}

fn as_owner<T>(mailbox: &Mailbox, work: impl FnOnce() -> Result<T, Dsn>) -> Result<T, Dsn> {
    sys::with_identity(mailbox.uid, mailbox.gid, work).unwrap_or_else(|e| {
        maillog::warning!("cannot become user {}: {e}", mailbox.uid);
        Err(Dsn::new("4.3.0", "cannot change to the owner of the mailbox"))
    })
}

/// Headers beyond are not looked at for loops.
const HEADER_LIMIT: usize = 100 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(pairs: &[(&str, &str)]) -> Delivery {
        let conf = Config::from_pairs(pairs.iter().copied().chain([
            ("virtual_mailbox_base", "/srv"),
            ("virtual_uid_maps", "static:5000"),
            ("virtual_gid_maps", "static:5000"),
        ]));
        Delivery::open(&conf).unwrap()
    }

    #[test]
    fn finding_mailboxes() {
        let d = delivery(&[("virtual_mailbox_maps", "inline:{joe@example.com=joe/, ann@example.com=ann, bad@example.com=../x}")]);
        let joe = d.find("joe@example.com").unwrap();
        assert!(joe.maildir && joe.path == Path::new("/srv/joe") && joe.uid == 5000);
        assert!(!d.find("ann@example.com").unwrap().maildir);
        assert_eq!(d.find("bad@example.com").unwrap_err_dsn().status.to_string(), "4.3.5");
        let unknown = d.find("no@example.com").unwrap_err_dsn();
        assert_eq!((unknown.status.to_string().as_str(), unknown.reason.as_str()), ("5.1.1", "unknown user: \"no@example.com\""));
        assert_eq!(delivery(&[("virtual_mailbox_maps", "texthash:/nonexistent")]).find("x@y").unwrap_err_dsn().status.class(), base::Class::Transient);
    }

    trait UnwrapErrDsn {
        fn unwrap_err_dsn(self) -> Dsn;
    }

    impl UnwrapErrDsn for Result<Mailbox, Dsn> {
        fn unwrap_err_dsn(self) -> Dsn {
            match self {
                Err(e) => e,
                Ok(m) => panic!("found {}", m.path.display()),
            }
        }
    }
}
