//! Delivery on this host: local(8), virtual(8), pipe(8).

pub mod command;
pub mod destination;
pub mod local_users;
pub mod pipe;
pub mod virtual_mailbox;
