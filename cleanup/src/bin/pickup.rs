//! pickup(8): moves mail of local users from the maildrop queue to cleanup(8).
//!
//! Woken by a letter on `public/pickup`: from postdrop(1), and from master(8) every minute. Each complete file of `maildrop` (owner execute bit set) becomes one
//! request to cleanup, with a Received header in front; it is removed after cleanup has the message.
//!
//! Reads and removes: `maildrop/ID`; moves what is no message to `corrupt/ID`. Trusts: nobody but mail_owner, whose files (`postsuper -r`) may hold all that a queue file
//! holds; in others only the records and attributes that postdrop lets pass. A failure of cleanup leaves the file for the next look.

fn main() -> std::process::ExitCode {
    server::trigger::<cleanup::Pickup>()
}
