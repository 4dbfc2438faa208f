//! The declarations, by area.

mod bounce;
mod cleanup;
mod lmtp;
mod local;
mod milter;
mod postscreen;
mod process;
mod qmgr;
mod rewrite;
mod smtp;
mod smtpd;
mod table;
mod tls;
mod tools;
mod verify;
mod virtual_mailbox;

pub use bounce::*;
pub use cleanup::*;
pub use lmtp::*;
pub use local::*;
pub use milter::*;
pub use postscreen::*;
pub use process::*;
pub use qmgr::*;
pub use rewrite::*;
pub use smtp::*;
pub use smtpd::*;
pub use table::*;
pub use tls::*;
pub use tools::*;
pub use verify::*;
pub use virtual_mailbox::*;

/// One table an area.
pub(crate) const TABLES: &[&[&crate::Decl]] = &[
    bounce::ALL,
    cleanup::ALL,
    lmtp::ALL,
    local::ALL,
    milter::ALL,
    postscreen::ALL,
    process::ALL,
    qmgr::ALL,
    rewrite::ALL,
    smtp::ALL,
    smtpd::ALL,
    table::ALL,
    tls::ALL,
    tools::ALL,
    verify::ALL,
    virtual_mailbox::ALL,
];
