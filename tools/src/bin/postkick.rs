//! postkick(1): sends a request to a service of the mail system.
//!
//! CLASS is `public` or `private`, SERVICE the name of a service in it, REQUEST what that service understands. qmgr(8) knows letters: `I` scan the incoming queue,
//! `D` scan the deferred queue, `A` ignore how long messages should still wait, `F` forget what is known of dead destinations, `W` wake up. pickup(8) knows `W`.
//!
//! Reads: main.cf. Needs the right to connect: root's for private services, root's or that of the group postdrop for public ones.
//!
//! Exit: 0, or 1 with a message, as when the mail system is down.

fn main() -> std::process::ExitCode {
    tools::postkick::main()
}
