//! Handing a message to cleanup(8), and what its answers mean to the client.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};

use config::Config;
use ipc::cleanup::{
    FLAG_AUTO_UTF8, FLAGS_EXTERNAL, Reply, Request, STATUS_BAD, STATUS_CONTENT, STATUS_DEFER, STATUS_HOPS, STATUS_NO_RECIPIENTS, STATUS_PROXY, STATUS_SIZE,
    STATUS_SPACE, overridden,
};
use ipc::{FrameError, write_frame};
use server::Upstream;

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
            let _ = cleanup.ask::<_, Reply>(&Request::Release { ids: ids.to_vec() });
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

/// The reply that cleanup's answer stands for; `None` is success.
pub(crate) fn refusal(reply: &Reply) -> Option<String> {
    let s = reply.status;
    if s == 0 {
        return None;
    }
    let has = |bit: u32| s & bit != 0;
    if reply.reason.len() > 4 && reply.reason.get(..3).is_some_and(|c| c.bytes().all(|b| b.is_ascii_digit())) {
        return Some(reply.reason.clone());
    }
    Some(if has(STATUS_DEFER) {
        with_reason(reply, 451, "451 4.7.1 Error: service unavailable")
    } else if has(STATUS_BAD) {
        format!("451 4.3.0 Error: internal error {s}")
    } else if has(STATUS_SIZE) {
        "552 5.3.4 Error: message file too big".to_owned()
    } else if has(STATUS_HOPS) {
        "554 5.4.0 Error: too many hops".to_owned()
    } else if has(STATUS_CONTENT) {
        with_reason(reply, 550, "550 5.7.1 Error: message content rejected")
    } else if has(STATUS_NO_RECIPIENTS) {
        "550 5.1.0 Error: no recipients specified".to_owned()
    } else if has(STATUS_SPACE) {
        "452 4.3.1 Insufficient system storage".to_owned()
    } else if has(STATUS_PROXY) {
        "451 4.3.0 Error: queue file write error".to_owned()
    } else {
        WRITE_ERROR.to_owned()
    })
}

/// cleanup's own words with a fitting code, or the usual ones.
fn with_reason(reply: &Reply, code: u32, usual: &str) -> String {
    match reply.reason.as_bytes().first() {
        Some(b'4') => format!("451 {}", reply.reason),
        Some(b'5') => format!("{code} {}", reply.reason),
        _ => usual.to_owned(),
    }
}

pub(crate) const WRITE_ERROR: &str = "451 4.3.0 Error: queue file write error";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies() {
        let of = |status, reason: &str| refusal(&Reply { status, reason: reason.to_owned(), ..Reply::default() });
        assert_eq!(of(0, ""), None);
        assert_eq!(of(STATUS_SIZE, "").as_deref(), Some("552 5.3.4 Error: message file too big"));
        assert_eq!(of(STATUS_CONTENT, "5.7.1 no").as_deref(), Some("550 5.7.1 no"));
        assert_eq!(of(STATUS_CONTENT, "4.7.1 later").as_deref(), Some("451 4.7.1 later"));
        assert_eq!(of(STATUS_CONTENT, "").as_deref(), Some("550 5.7.1 Error: message content rejected"));
        assert_eq!(of(ipc::cleanup::STATUS_WRITE, "").as_deref(), Some(WRITE_ERROR));
    }
}
