//! virtual(8) - delivers to mailboxes of virtual domains.
//!
//! Reads:   requests of qmgr(8), the queue file, virtual_mailbox_maps, virtual_uid_maps, virtual_gid_maps.
//! Writes:  Maildirs and mbox files below virtual_mailbox_base, as their owners; the done marks in the queue file.
//! Trust:   runs as root to become the owners; never starts a program; looks nothing up in tables that the network could forge.
//! Failure: the recipient stays in the queue; a mailbox that is full or a user who does not exist bounces.
//! Standards: RFC 822 successors for the headers it adds; the Maildir format.
use std::process::ExitCode;

fn main() -> ExitCode {
    server::single::<local::virtual_mailbox::Virtual>()
}
