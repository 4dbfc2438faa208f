//! What the agents of this room have in common: mailboxes as the configuration describes them.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base::Dsn;
use config::Config;
use delivery::{Find, Message, Settings, StatusFilter};
use mailbox::{Format, LockMethods, LockTiming, Maildir, Mbox, MboxRules, Owner};

/// How mailboxes are written, from the configuration.
#[derive(Clone, Debug)]
pub struct Writer {
    host: String,
    methods: LockMethods,
    timing: LockTiming,
    limit: u64,
}

/// The reporting of an agent: the common settings, and its own status filter.
pub fn reporting(conf: &Config, filter: &'static params::Param<params::List>) -> Settings {
    let maps = table::Maps::of(conf, filter, table::Flags::DEFAULT);
    let find: Find = Arc::new(move |text: &str| maps.find(text).map_err(|e| e.to_string()));
    let named = !conf.get(filter).is_empty();
    Settings { filter: named.then(|| StatusFilter { name: filter.decl.name.to_owned(), find }), ..Settings::read(conf) }
}

/// What stands in front of a delivered message.
#[derive(Clone, Copy, Debug)]
pub struct Prelude<'a> {
    /// Envelope sender, external form, empty for the null sender.
    pub sender: &'a str,
    /// The original recipient, external form.
    pub original_to: Option<&'a str>,
    /// The final recipient, external form.
    pub delivered_to: Option<&'a str>,
}

impl Writer {
    /// `locks`: the list of lock methods; `limit`: the size limit of a file, 0 for none.
    ///
    /// # Errors
    /// A sentence when a lock method does not exist.
    pub fn new(conf: &Config, locks: &str, limit: u64) -> Result<Writer, String> {
        let methods = LockMethods::parse(locks).map_err(|name| format!("unknown mailbox lock method \"{name}\": use fcntl, flock or dotlock (postconf -l)"))?;
        let timing = LockTiming {
            attempts: conf.get(params::DELIVER_LOCK_ATTEMPTS) as u32,
            delay: conf.get(params::DELIVER_LOCK_DELAY),
            stale: conf.get(params::STALE_LOCK_TIME),
        };
        Ok(Writer { host: mailbox::host_label(&sys::hostname()), methods, timing, limit })
    }

    /// Delivers to a Maildir, as the present user.
    ///
    /// # Errors
    /// What the recipient's log line says.
    ///
    /// `otherwise`: the code when its files cannot be made.
    pub fn maildir(&self, path: &Path, otherwise: &'static str, message: &Message, prelude: Prelude<'_>) -> Result<(), Dsn> {
        let maildir = Maildir { path, host: &self.host, limit: self.limit, otherwise };
        let mut content = message.content();
        maildir.deliver(&format(prelude), &mut content, sys::now()).map_err(|f| {
            if f.errno == EACCES {
                let (uid, gid) = sys::effective_user();
                maillog::warning!("maildir access problem for UID/GID={uid}/{gid}: {}", f.text);
                maillog::warning!("perhaps you need to create the maildirs in advance");
            }
            f.into_dsn("maildir delivery failed: ")
        })
    }

    /// Opens and locks an mbox file; a new one is given to `owner`. A file that cannot be opened has the code `otherwise`.
    ///
    /// # Errors
    /// What the recipient's log line says, `prefix` in front.
    pub fn open_mbox(&self, path: &Path, owner: Option<(u32, u32)>, dotlock_may_fail: bool, otherwise: &'static str, prefix: &str) -> Result<Mbox, Dsn> {
        let rules = MboxRules { methods: self.methods, timing: self.timing, dotlock_may_fail, limit: self.limit, otherwise };
        Mbox::open(path, rules, Owner { give_to: owner }).map_err(|f| f.into_dsn(prefix))
    }

    /// Appends to an open mbox.
    ///
    /// # Errors
    /// As [`Writer::open_mbox`].
    pub fn append(&self, mbox: &mut Mbox, message: &Message, prelude: Prelude<'_>, prefix: &str) -> Result<u64, Dsn> {
        let mut f = format(prelude);
        f.from_line = Some((mailbox::from_sender(prelude.sender), sys::now()));
        f.quote_from = true;
        f.blank_line = true;
        mbox.append(&f, &mut message.content()).map_err(|f| f.into_dsn(prefix))
    }
}

/// The header lines that every delivery gets.
pub fn format<'a>(prelude: Prelude<'a>) -> Format<'a> {
    Format { return_path: Some(prelude.sender), original_to: prelude.original_to, delivered_to: prelude.delivered_to, ..Format::default() }
}

/// An agent's connection to qmgr is dropped after this silence; qmgr connects again.
pub const IDLE: Duration = Duration::from_secs(100);

/// Linux's number of "permission denied".
const EACCES: i32 = 13;
