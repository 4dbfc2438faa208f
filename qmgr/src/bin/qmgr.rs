//! qmgr(8) - the queue manager: what is delivered when, and what becomes of it.
//!
//! Reads:   notices of cleanup(8), wake-up letters, queue files, answers of delivery agents.
//! Writes:  moves and removes queue files; asks delivery agents, bounce(8), defer and trace.
//! Trust:   runs as the mail owner, not jailed; its clients can only make it look at the queue.
//! Failure: what is active is found again at the next start; a dead agent or destination defers, never loses.
//! Standards: RFC 3461, RFC 3464 for what is reported by others at its word.
use std::process::ExitCode;

fn main() -> ExitCode {
    server::event::<qmgr::qmgr::Qmgr>()
}
