//! Delivery on this host: local(8), virtual(8), pipe(8).

pub mod destination;
pub mod virtual_mailbox;
