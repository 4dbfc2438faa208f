//! How long a client may take.

use std::time::{Duration, Instant};

use crate::service::Smtpd;
use crate::session::Session;

/// The time that a client has for one request.
#[derive(Debug)]
pub(crate) struct Deadline {
    until: Instant,
    /// Bytes of content, and commands, when it was set.
    size: u64,
    commands: u32,
}

impl Session {
    /// When the client has been too slow: `smtpd_timeout` after the last bytes, or for the request as a whole.
    pub(crate) fn patience(&mut self, service: &Smtpd, now: Instant) -> Instant {
        let latest = now + service.limits.timeout;
        let Some(rate) = service.limits.data_rate else { return latest };
        let size = self.dialog.content_size();
        let until = match (self.request.take(), self.dialog.in_content()) {
            (Some(r), true) => r.until + Duration::from_millis(size.saturating_sub(r.size).saturating_mul(1000) / rate),
            (Some(r), false) if r.commands == self.dialog.commands() => r.until,
            _ => latest,
        };
        let until = until.min(latest);
        self.request = Some(Deadline { until, size, commands: self.dialog.commands() });
        until
    }
}
