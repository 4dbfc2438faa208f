//! local(8) - delivers to the users of this host.
//!
//! Reads:   requests of qmgr(8), the queue file, alias_maps, .forward and :include: files as their users.
//! Writes:  mailboxes, files and commands as the user they belong to; forwarded mail to cleanup(8); the done marks in the queue file.
//! Trust:   runs as root to become the recipient; alias and .forward text is the admin's or the user's; nothing of a message reaches a shell unfiltered.
//! Failure: the recipient stays in the queue; a user who does not exist, a full mailbox or a loop bounces.
//! Standards: RFC 3463, RFC 3464 for what is reported.
use std::process::ExitCode;

fn main() -> ExitCode {
    server::single::<local::local_users::Local>()
}
