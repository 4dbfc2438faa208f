//! Delivery on this host: local(8), virtual(8), pipe(8); and commands that serve connections: spawn(8).

pub mod command;
pub mod destination;
pub mod local_users;
pub mod pipe;
pub mod spawn;
pub mod virtual_mailbox;
