//! Handing a message to cleanup(8), and what its answers mean to the client.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use base::{Class, Status, eightbit};
use config::Config;
use ipc::cleanup::{
    self, FLAG_AUTO_UTF8, FLAGS_EXTERNAL, Request, STATUS_BAD, STATUS_CONTENT, STATUS_DEFER, STATUS_HOPS, STATUS_NO_RECIPIENTS, STATUS_PROXY, STATUS_SIZE,
    STATUS_SPACE, overridden,
};
use ipc::{FrameError, write_frame};
use server::Upstream;
use smtp_proto::{Fixed, Head, Reply, reply};

use crate::refusal::Refusal;

/// Queue ids that cleanup has reserved for us.
pub(crate) struct Stock {
    /// Where cleanup listens (`cleanup_service_name`).
    pub(crate) cleanup: Upstream,
    fresh: Mutex<Vec<String>>,
    spent: Mutex<Vec<String>>,
}

impl Stock {
    /// None yet.
    pub(crate) fn of(conf: &Config) -> Stock {
        Stock { cleanup: Upstream::new(&format!("public/{}", conf.get(params::CLEANUP_SERVICE_NAME))), fresh: Mutex::default(), spent: Mutex::default() }
    }

    /// Takes one.
    pub(crate) fn take(&self) -> Option<String> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Adds some.
    pub(crate) fn add(&self, ids: impl IntoIterator<Item = String>) {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
    }

    /// An id that was logged but came to nothing.
    pub(crate) fn spend(&self, id: String) {
        self.spent.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// Gives spent ids back to cleanup, without waiting for what it says; what fails is swept later.
    pub(crate) fn tidy(&self) {
        let ids = std::mem::take(&mut *self.spent.lock().unwrap_or_else(PoisonError::into_inner));
        for ids in ids.chunks(RELEASED_AT_ONCE) {
            let connect = || UnixStream::connect(self.cleanup.path()).and_then(|s| s.set_nonblocking(true).map(|()| s));
            let sent = connect().map_err(FrameError::Io).and_then(|mut s| write_frame(&mut s, &Request::Release { ids: ids.to_vec() }));
            if let Err(e) = sent {
                maillog::verbose!("cannot release queue ids: {e}");
            }
        }
    }

    /// Gives all back to cleanup; what fails is swept later.
    pub(crate) fn release(&self) {
        self.tidy();
        let ids = std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        let mut cleanup = ipc::Client::new(self.cleanup.path(), std::time::Duration::from_secs(5));
        for ids in ids.chunks(RELEASED_AT_ONCE) {
            let _ = cleanup.ask::<_, cleanup::Reply>(&Request::Release { ids: ids.to_vec() });
        }
    }
}

/// A busy server may hold many thousands.
const RELEASED_AT_ONCE: usize = 1000;

/// cleanup's flags by `receive_override_options` and `smtputf8_autodetect_classes`.
pub(crate) fn flags(conf: &config::Config) -> u32 {
    let mut flags = FLAGS_EXTERNAL;
    for word in conf.list(params::RECEIVE_OVERRIDE_OPTIONS) {
        match overridden(&word) {
            Some(taken) => flags &= !taken,
            None => maillog::warning!("receive_override_options: unknown option: {word}"),
        }
    }
    let classes = conf.list(params::SMTPUTF8_AUTODETECT_CLASSES);
    if classes.iter().any(|c| matches!(c.as_str(), "smtpd" | "all")) {
        flags |= FLAG_AUTO_UTF8;
    }
    flags
}

/// The refusal that cleanup's answer stands for; `None` is success.
pub(crate) fn refusal(answer: &cleanup::Reply) -> Option<Refusal> {
    let s = answer.status;
    if s == 0 {
        return None;
    }
    let has = |bit: u32| s & bit != 0;
    if let Some(reply) = Reply::parse(&eightbit::bytes(&answer.reason)).filter(Reply::is_refusal) {
        return Some(reply.into());
    }
    Some(if has(STATUS_DEFER) {
        with_reason(answer, DEFERRED).into()
    } else if has(STATUS_BAD) {
        reply!("451 4.3.0", "Error: internal error {s}").into()
    } else if has(STATUS_SIZE) {
        too_big().into()
    } else if has(STATUS_HOPS) {
        reply!("554 5.4.0", "Error: too many hops").into()
    } else if has(STATUS_CONTENT) {
        with_reason(answer, REJECTED).into()
    } else if has(STATUS_NO_RECIPIENTS) {
        reply!("550 5.1.0", "Error: no recipients specified").into()
    } else if has(STATUS_SPACE) {
        reply!("452 4.3.1", "Insufficient system storage").into()
    } else if has(STATUS_PROXY) {
        reply!("451 4.3.0", "Error: queue file write error").into()
    } else {
        Refusal::write_error()
    })
}

/// cleanup's own words, which begin with a status; else the usual ones.
fn with_reason(answer: &cleanup::Reply, usual: Fixed) -> Reply {
    let (word, text) = answer.reason.split_once(' ').unwrap_or((&answer.reason, ""));
    match Status::parse(word) {
        Some(status) if status.class() == Class::Permanent => Head::new(usual.code(), Some(status)).with(text.to_owned()),
        Some(status) if status.class() == Class::Transient => Head::new(DEFERRED.code(), Some(status)).with(text.to_owned()),
        _ => usual.into(),
    }
}

/// `message_size_limit`.
pub(crate) fn too_big() -> Reply {
    reply!("552 5.3.4", "Error: message file too big")
}

const DEFERRED: Fixed = Fixed::of("451 4.7.1", "Error: service unavailable");
const REJECTED: Fixed = Fixed::of("550 5.7.1", "Error: message content rejected");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notice::Classes;

    #[test]
    fn replies() {
        let of =
            |status, reason: &str| refusal(&cleanup::Reply { status, reason: reason.to_owned(), ..Default::default() }).map(|r| (r.reply.to_string(), r.class));
        let said = |status, reason| of(status, reason).expect("a refusal").0;
        assert_eq!(of(0, ""), None);
        assert_eq!(said(STATUS_SIZE, ""), "552 5.3.4 Error: message file too big");
        assert_eq!(said(STATUS_CONTENT, "5.7.1 no"), "550 5.7.1 no");
        assert_eq!(said(STATUS_CONTENT, "4.7.1 later"), "451 4.7.1 later");
        assert_eq!(said(STATUS_CONTENT, "554 5.7.1 no"), "554 5.7.1 no");
        assert_eq!(said(STATUS_CONTENT, "250 2.0.0 yes"), "550 5.7.1 Error: message content rejected");
        assert_eq!(said(STATUS_CONTENT, ""), "550 5.7.1 Error: message content rejected");
        assert_eq!(said(STATUS_DEFER, ""), "451 4.7.1 Error: service unavailable");
        assert_eq!(of(cleanup::STATUS_WRITE, ""), Some(("451 4.3.0 Error: queue file write error".to_owned(), Classes::RESOURCE)));
    }
}
