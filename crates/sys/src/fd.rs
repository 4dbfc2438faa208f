use std::io::{self, IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, UnixAddr, recvmsg, sendmsg};

/// Takes ownership of a descriptor number that the parent process left open for us.
///
/// `None` when the number is not an open descriptor. Call it once for a number: the caller
/// promises that nothing else in this process owns it.
pub fn take_fd(number: RawFd) -> Option<OwnedFd> {
    // SAFETY: fcntl only inspects the number; ownership is taken when it is open, once, as
    // the contract above says.
    unsafe { (libc::fcntl(number, libc::F_GETFD) >= 0).then(|| OwnedFd::from_raw_fd(number)) }
}

/// Sets or clears `O_NONBLOCK`.
pub fn set_nonblocking(fd: BorrowedFd<'_>, on: bool) -> io::Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    let flags = OFlag::from_bits_retain(fcntl(fd, FcntlArg::F_GETFL).map_err(crate::io)?);
    let wanted = if on { flags | OFlag::O_NONBLOCK } else { flags & !OFlag::O_NONBLOCK };
    fcntl(fd, FcntlArg::F_SETFL(wanted)).map_err(crate::io)?;
    Ok(())
}

/// Sets the time limits of blocking reads and writes, so that no alarm is needed around each.
pub fn socket_timeouts(fd: BorrowedFd<'_>, read: Option<Duration>, write: Option<Duration>) -> io::Result<()> {
    use nix::sys::socket::{setsockopt, sockopt};
    use nix::sys::time::{TimeVal, TimeValLike};
    let value = |d: Option<Duration>| TimeVal::microseconds(d.map_or(0, |d| d.as_micros().clamp(1, i64::MAX as u128) as i64));
    setsockopt(&fd, sockopt::ReceiveTimeout, &value(read)).map_err(crate::io)?;
    setsockopt(&fd, sockopt::SendTimeout, &value(write)).map_err(crate::io)
}

/// Waits until one of `fds` can be read or has ended. Gives the index of the first, or `None` when `limit` passed.
pub fn poll_readable(fds: &[BorrowedFd<'_>], limit: Option<Duration>) -> io::Result<Option<usize>> {
    wait(fds, PollFlags::POLLIN, limit)
}

/// Waits until `fd` can be written. False when `limit` passed.
pub fn poll_writable(fd: BorrowedFd<'_>, limit: Option<Duration>) -> io::Result<bool> {
    wait(&[fd], PollFlags::POLLOUT, limit).map(|i| i.is_some())
}

fn wait(fds: &[BorrowedFd<'_>], flags: PollFlags, limit: Option<Duration>) -> io::Result<Option<usize>> {
    let mut set: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::new(*fd, flags)).collect();
    let deadline = limit.map(|l| std::time::Instant::now() + l);
    loop {
        let left = match deadline {
            None => PollTimeout::NONE,
            Some(d) => PollTimeout::try_from(d.saturating_duration_since(std::time::Instant::now())).unwrap_or(PollTimeout::MAX),
        };
        match poll(&mut set, left) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(set.iter().position(|p| p.any() == Some(true))),
            Err(nix::errno::Errno::EINTR) => {}
            Err(e) => return Err(crate::io(e)),
        }
    }
}

/// Who is at the other end of a Unix socket (SO_PEERCRED).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Process id at connect time.
    pub pid: i32,
    /// Effective user id.
    pub uid: u32,
    /// Effective group id.
    pub gid: u32,
}

/// The credentials of a Unix socket's peer.
pub fn peer_credentials(fd: BorrowedFd<'_>) -> io::Result<Peer> {
    use nix::sys::socket::{getsockopt, sockopt};
    let c = getsockopt(&fd, sockopt::PeerCredentials).map_err(crate::io)?;
    Ok(Peer { pid: c.pid(), uid: c.uid(), gid: c.gid() })
}

/// Sends bytes with descriptors attached (SCM_RIGHTS). Gives the number of bytes sent.
pub fn send_with_fds(socket: BorrowedFd<'_>, bytes: &[u8], fds: &[BorrowedFd<'_>]) -> io::Result<usize> {
    let raw: Vec<RawFd> = fds.iter().map(|f| f.as_raw_fd()).collect();
    let rights = [ControlMessage::ScmRights(&raw)];
    let control: &[ControlMessage<'_>] = if raw.is_empty() { &[] } else { &rights };
    sendmsg::<UnixAddr>(socket.as_raw_fd(), &[IoSlice::new(bytes)], control, MsgFlags::MSG_NOSIGNAL, None).map_err(crate::io)
}

/// Receives bytes and up to four descriptors.
pub fn recv_with_fds(socket: BorrowedFd<'_>, bytes: &mut [u8]) -> io::Result<(usize, Vec<OwnedFd>)> {
    let mut control = nix::cmsg_space!([RawFd; 4]);
    let mut slices = [IoSliceMut::new(bytes)];
    let got = recvmsg::<UnixAddr>(socket.as_raw_fd(), &mut slices, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC).map_err(crate::io)?;
    let mut fds = Vec::new();
    for message in got.cmsgs().map_err(crate::io)? {
        if let ControlMessageOwned::ScmRights(raw) = message {
            // SAFETY: the kernel has just made these descriptors for us; nobody else owns them.
            fds.extend(raw.into_iter().map(|n| unsafe { OwnedFd::from_raw_fd(n) }));
        }
    }
    Ok((got.bytes, fds))
}

/// Has the kernel say who sends a datagram to this Unix socket, for [`recv_with_sender`].
pub fn pass_credentials(socket: BorrowedFd<'_>) -> io::Result<()> {
    nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::PassCred, &true).map_err(crate::io)
}

/// Receives a datagram, and the real user id of its sender.
pub fn recv_with_sender(socket: BorrowedFd<'_>, bytes: &mut [u8]) -> io::Result<(usize, Option<u32>)> {
    let mut control = nix::cmsg_space!(nix::libc::ucred);
    let mut slices = [IoSliceMut::new(bytes)];
    let got = recvmsg::<UnixAddr>(socket.as_raw_fd(), &mut slices, Some(&mut control), MsgFlags::MSG_CMSG_CLOEXEC).map_err(crate::io)?;
    let sender = got.cmsgs().map_err(crate::io)?.find_map(|message| match message {
        ControlMessageOwned::ScmCredentials(who) => Some(who.uid()),
        _ => None,
    });
    Ok((got.bytes, sender))
}

/// Raises the soft limit of open files to the hard one, and the hard one to `wanted` where the caller may.
///
/// Gives the soft limit then in force.
pub fn raise_fd_limit(wanted: u64) -> u64 {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 1024 };
    if hard < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted, wanted).is_ok() {
        return wanted;
    }
    if soft < hard && setrlimit(Resource::RLIMIT_NOFILE, hard, hard).is_ok() {
        return hard;
    }
    soft
}

/// The addresses of this host's interfaces that are up, with their prefix lengths in bits.
pub fn interfaces() -> Vec<(std::net::IpAddr, u32)> {
    use std::net::IpAddr;
    let Ok(all) = nix::ifaddrs::getifaddrs() else { return Vec::new() };
    let mut found = Vec::new();
    for i in all.filter(|i| i.flags.contains(nix::net::if_::InterfaceFlags::IFF_UP)) {
        let (Some(address), Some(mask)) = (i.address, i.netmask) else { continue };
        if let (Some(a), Some(m)) = (address.as_sockaddr_in(), mask.as_sockaddr_in()) {
            found.push((IpAddr::V4(a.ip()), u32::from(m.ip()).count_ones()));
        } else if let (Some(a), Some(m)) = (address.as_sockaddr_in6(), mask.as_sockaddr_in6()) {
            found.push((IpAddr::V6(a.ip()), u128::from(m.ip()).count_ones()));
        }
    }
    found
}

/// A listening TCP socket; an IPv6 one takes no IPv4 clients. The backlog is the system's largest.
pub fn listen_inet(address: std::net::SocketAddr) -> io::Result<OwnedFd> {
    use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, listen, setsockopt, socket, sockopt};
    let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
    let fd = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None).map_err(crate::io)?;
    setsockopt(&fd, sockopt::ReuseAddr, &true).map_err(crate::io)?;
    if address.is_ipv6() {
        setsockopt(&fd, sockopt::Ipv6V6Only, &true).map_err(crate::io)?;
    }
    crate::net::apply_tcp_window(&fd).map_err(crate::io)?;
    bind(fd.as_raw_fd(), &SockaddrStorage::from(address)).map_err(crate::io)?;
    listen(&fd, Backlog::MAXCONN).map_err(crate::io)?;
    Ok(fd)
}

/// A listening Unix stream socket, with the largest backlog.
pub fn listen_unix(path: &std::path::Path) -> io::Result<OwnedFd> {
    use nix::sys::socket::{AddressFamily, Backlog, SockFlag, SockType, bind, listen, socket};
    let fd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None).map_err(crate::io)?;
    bind(fd.as_raw_fd(), &UnixAddr::new(path).map_err(crate::io)?).map_err(crate::io)?;
    listen(&fd, Backlog::MAXCONN).map_err(crate::io)?;
    Ok(fd)
}

/// A connection to a Unix stream socket that never blocks.
///
/// # Errors
/// `WouldBlock` when so many clients wait there already that another one would have to wait for a place.
pub fn connect_unix_nowait(path: &std::path::Path) -> io::Result<std::os::unix::net::UnixStream> {
    use nix::sys::socket::{AddressFamily, SockFlag, SockType, connect, socket};
    let fd = socket(AddressFamily::Unix, SockType::Stream, SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK, None).map_err(crate::io)?;
    connect(fd.as_raw_fd(), &UnixAddr::new(path).map_err(crate::io)?).map_err(crate::io)?;
    Ok(fd.into())
}

/// A pipe: its read end does not block, both ends are closed by exec.
pub fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    use std::os::fd::AsFd;
    let (read, write) = nix::unistd::pipe2(nix::fcntl::OFlag::O_CLOEXEC).map_err(crate::io)?;
    set_nonblocking(read.as_fd(), true)?;
    Ok((read, write))
}

/// A named pipe, opened for reading and writing so that it never ends.
pub fn open_fifo(path: &std::path::Path, mode: u32) -> io::Result<OwnedFd> {
    use std::os::unix::fs::OpenOptionsExt;
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::from_bits_truncate(mode)).map_err(crate::io)?;
    Ok(std::fs::File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(path)?.into())
}

/// Which of `fds` can be read or have ended, by index. Empty when `limit` passed.
pub fn poll_all(fds: &[BorrowedFd<'_>], limit: Option<Duration>) -> io::Result<Vec<usize>> {
    let mut set: Vec<PollFd<'_>> = fds.iter().map(|fd| PollFd::new(*fd, PollFlags::POLLIN)).collect();
    let left = limit.map_or(PollTimeout::NONE, |l| PollTimeout::try_from(l + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX));
    match poll(&mut set, left) {
        Ok(_) => Ok(set.iter().enumerate().filter(|(_, p)| p.any() == Some(true)).map(|(i, _)| i).collect()),
        Err(nix::errno::Errno::EINTR) => Ok(Vec::new()),
        Err(e) => Err(crate::io(e)),
    }
}

/// Waits until `output` can be read or has ended, or `input` can be written or is broken. Gives (readable, writable); both false when `limit` passed.
pub fn poll_pipes(output: BorrowedFd<'_>, input: Option<BorrowedFd<'_>>, limit: Duration) -> io::Result<(bool, bool)> {
    let mut set = vec![PollFd::new(output, PollFlags::POLLIN)];
    set.extend(input.map(|fd| PollFd::new(fd, PollFlags::POLLOUT)));
    match poll(&mut set, PollTimeout::try_from(limit + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX)) {
        Ok(_) => Ok((set[0].any() == Some(true), set.get(1).is_some_and(|p| p.any() == Some(true)))),
        Err(nix::errno::Errno::EINTR) => Ok((false, false)),
        Err(e) => Err(crate::io(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_descriptor_travels_with_its_bytes() {
        let (here, there) = UnixStream::pair().unwrap();
        let (mut far, near) = UnixStream::pair().unwrap();
        assert_eq!(send_with_fds(here.as_fd(), b"x", &[near.as_fd()]).unwrap(), 1);
        drop(near);
        let mut buffer = [0; 8];
        let (n, mut fds) = recv_with_fds(there.as_fd(), &mut buffer).unwrap();
        assert_eq!((n, buffer[0], fds.len()), (1, b'x', 1));
        UnixStream::from(fds.remove(0)).write_all(b"hi").unwrap();
        let mut text = String::new();
        far.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hi");
    }

    #[test]
    fn bytes_travel_alone() {
        let (here, there) = UnixStream::pair().unwrap();
        send_with_fds(here.as_fd(), b"xy", &[]).unwrap();
        let (n, fds) = recv_with_fds(there.as_fd(), &mut [0; 8]).unwrap();
        assert_eq!((n, fds.len()), (2, 0));
    }

    #[test]
    fn the_first_that_is_ready() {
        let (one, _peer) = UnixStream::pair().unwrap();
        let (two, mut other) = UnixStream::pair().unwrap();
        let fds = [one.as_fd(), two.as_fd()];
        assert_eq!(poll_readable(&fds, Some(Duration::ZERO)).unwrap(), None);
        other.write_all(b"x").unwrap();
        assert_eq!((poll_readable(&fds, None).unwrap(), poll_all(&fds, None).unwrap()), (Some(1), vec![1]));
        assert!(poll_writable(one.as_fd(), Some(Duration::ZERO)).unwrap());
    }

    #[test]
    fn the_read_end_of_a_pipe_does_not_block() {
        let (read, write) = pipe().unwrap();
        assert_eq!(std::fs::File::from(read).read(&mut [0; 1]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(write);
    }

    #[test]
    fn numbers_that_are_not_open_are_not_taken() {
        assert!(take_fd(i32::MAX).is_none());
    }

    #[test]
    fn a_peer_is_who_made_the_socket() {
        let (one, _two) = UnixStream::pair().unwrap();
        let peer = peer_credentials(one.as_fd()).unwrap();
        assert_eq!((peer.pid, (peer.uid, peer.gid)), (std::process::id() as i32, crate::effective_user()));
    }

    #[test]
    fn a_service_that_nobody_listens_to_is_not_waited_for() {
        let missing = std::env::temp_dir().join(format!("postrider-sys-missing-{}", std::process::id()));
        assert_eq!(connect_unix_nowait(&missing).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
