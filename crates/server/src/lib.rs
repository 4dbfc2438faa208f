//! The skeletons: how a process starts, loses its rights, and serves. A daemon supplies a service type and one word.
//!
//! | word | for | waits in |
//! |---|---|---|
//! | [`single()`] | one client at a time, plain blocking code | accept, then the service |
//! | [`multi()`] | many clients; what may block goes to a bounded pool | a mio reactor |
//! | [`event()`] | own connections and timers, no threads | a mio reactor |
//! | [`trigger()`] | wake-up letters | accept |
//!
//! The order of starting is fixed by types: [`Boot`] is made from the command line and the configuration, `open` sees it with
//! rights, the jail consumes them, and only then the service sees clients. A service is started by master(8) with postfix's conventions: `-n service -t type`,
//! `-u` (become `mail_owner`), `-c` (chroot into the queue directory), `-o name=value`, the status pipe on descriptor 5, listening sockets from 6.

mod boot;
mod conn;
mod error;
mod event;
mod jail;
mod lookups;
mod master;
mod multi;
mod service;
mod single;
mod successor;
mod trigger;
mod watchdog;

use std::process::ExitCode;

pub use boot::{Boot, OPTIONS, Rights, SocketType};
pub use error::StartError;
pub use event::{ConnId, Events, Io};
pub use jail::Promise;
pub use multi::{Cx, Multi, Origin, Peer, Session, Upstream, Wake};
pub use service::Service;
pub use single::{Single, serve_requests};
pub use successor::{await_request, read_request};
pub use trigger::Trigger;
pub use watchdog::at_rest;

/// Runs a service that serves one client at a time.
pub fn single<S: Single>() -> ExitCode {
    boot::run(S::PROGRAM, S::RIGHTS, single::run::<S>)
}

/// Runs a service that serves many clients at once.
pub fn multi<S: Multi>() -> ExitCode {
    boot::run(S::PROGRAM, S::RIGHTS, multi::run::<S>)
}

/// Runs a service that drives its own connections and timers.
pub fn event<S: Events>() -> ExitCode {
    boot::run(S::PROGRAM, S::RIGHTS, event::run::<S>)
}

/// Runs a service that is woken by letters.
pub fn trigger<S: Trigger>() -> ExitCode {
    boot::run(S::PROGRAM, S::RIGHTS, trigger::run::<S>)
}
