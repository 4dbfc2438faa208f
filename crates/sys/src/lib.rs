//! Ground floor: what the kernel and the C library do for us, in safe clothes.
//!
//! The only crate that may say `unsafe`, besides the module or folder each that owns C libraries
//! (DEPENDENCIES.md). Every unsafe block gives its reason.
#![allow(unsafe_code)]

mod account;
mod arguments;
mod clock;
mod fd;
mod file;
mod net;
mod process;
mod stable;
mod stream;

pub use account::{Account, GroupEntry, group_by_name, group_id, group_name, initgroups, user_by_name, user_by_uid};
pub use arguments::arguments;
pub use clock::{LocalTime, hostname, local_time, monotonic, now};
pub use fd::{
    Peer, connect_unix_nowait, interfaces, listen_inet, listen_unix, open_fifo, pass_credentials, peer_credentials, pipe, poll_all, poll_pipes, poll_readable,
    poll_writable, raise_fd_limit, recv_with_fds, recv_with_sender, send_with_fds, set_nonblocking, socket_timeouts, take_fd,
};
pub use file::{
    DiskSpace, disk_space, lock_exclusive, lock_exclusive_fcntl, lock_exclusive_ofd, lock_holder, lock_shared, lock_shared_ofd, strerror, try_lock_exclusive,
    try_lock_exclusive_fcntl, try_lock_shared, umask, unlock, unlock_ofd,
};
pub use net::{ConnectError, enter_network, port_number, set_tcp_window, tcp_connect};
pub use process::{
    Alarm, Child, Exit, SignalQueue, Spawn, become_user, chroot, detach_stdio, effective_user, fork_session_leader_with, ignore_write_signals, is_root,
    is_set_id, kill, lead_session, may_write, on_alarm, parent_pid, real_user, reap, set_effective, variable, variable_of_caller, variables, wait_for,
    wait_within, with_identity,
};
pub use stable::{NewFile, create_nameless, link_nameless, make_directories, make_stable, sync_file_system};
pub use stream::Stream;

/// The errno of an I/O error made from an errno of nix.
pub(crate) fn io(e: nix::errno::Errno) -> std::io::Error {
    std::io::Error::from_raw_os_error(e as i32)
}
