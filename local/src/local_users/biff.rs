//! Word to comsat(8) that a mailbox has new mail (`biff`).

use std::net::{Ipv4Addr, UdpSocket};

/// Sends `user@offset`: where in the mailbox the message begins. Nobody need listen.
pub(crate) fn notify(user: &str, offset: u64) {
    let sent = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|s| s.send_to(format!("{user}@{offset}\0").as_bytes(), (Ipv4Addr::LOCALHOST, PORT)));
    if let Err(e) = sent {
        maillog::verbose!("cannot tell biff: {e}");
    }
}

/// The service `biff`.
const PORT: u16 = 512;
