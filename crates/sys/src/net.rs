use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, SockaddrIn6, bind, connect, setsockopt, socket, sockopt};
use nix::sys::time::{TimeVal, TimeValLike};

/// Why a connection was not made.
#[derive(Debug)]
pub enum ConnectError {
    /// The source address could not be taken.
    Bind(io::Error),
    /// The connection itself failed.
    Connect(io::Error),
}

/// Moves this thread, and what it starts from now on, to another network namespace (`/proc/PID/ns/net`).
pub fn enter_network(namespace: impl AsFd) -> io::Result<()> {
    nix::sched::setns(namespace, nix::sched::CloneFlags::CLONE_NEWNET).map_err(crate::io)
}

/// Gives the TCP sockets that this process makes from now on buffers of so many bytes (`tcp_windowsize`); 0: what the system thinks best.
pub fn set_tcp_window(bytes: usize) {
    WINDOW.store(bytes, Ordering::Relaxed);
}

/// Before the socket connects or listens: the size is told to the other side then.
pub(crate) fn apply_tcp_window(fd: &impl AsFd) -> nix::Result<()> {
    let bytes = WINDOW.load(Ordering::Relaxed);
    if bytes == 0 {
        return Ok(());
    }
    setsockopt(fd, sockopt::SndBuf, &bytes).and_then(|()| setsockopt(fd, sockopt::RcvBuf, &bytes))
}

static WINDOW: AtomicUsize = AtomicUsize::new(0);

/// Connects by TCP, from a source address when one is given, within `limit` (`None`: the system's own).
///
/// The limit stays on the socket as the time limit of writes.
pub fn tcp_connect(to: SocketAddr, from: Option<IpAddr>, limit: Option<Duration>) -> Result<TcpStream, ConnectError> {
    let failed = |e: Errno| ConnectError::Connect(crate::io(e));
    let family = if to.is_ipv4() { AddressFamily::Inet } else { AddressFamily::Inet6 };
    let fd = socket(family, SockType::Stream, SockFlag::SOCK_CLOEXEC, None).map_err(failed)?;
    apply_tcp_window(&fd).map_err(failed)?;
    if let Some(limit) = limit {
        let limit = TimeVal::microseconds(limit.as_micros().clamp(1, i64::MAX as u128) as i64);
        setsockopt(&fd, sockopt::SendTimeout, &limit).map_err(failed)?;
    }
    if let Some(from) = from {
        let taken = match SocketAddr::new(from, 0) {
            SocketAddr::V4(a) => bind(fd.as_raw_fd(), &SockaddrIn::from(a)),
            SocketAddr::V6(a) => bind(fd.as_raw_fd(), &SockaddrIn6::from(a)),
        };
        taken.map_err(|e| ConnectError::Bind(crate::io(e)))?;
    }
    let made = match to {
        SocketAddr::V4(a) => connect(fd.as_raw_fd(), &SockaddrIn::from(a)),
        SocketAddr::V6(a) => connect(fd.as_raw_fd(), &SockaddrIn6::from(a)),
    };
    match made {
        Ok(()) => Ok(TcpStream::from(fd)),
        // What a blocking connect gives when its time is over.
        Err(Errno::EINPROGRESS | Errno::EAGAIN) => Err(failed(Errno::ETIMEDOUT)),
        Err(e) => Err(failed(e)),
    }
}

/// The number of a TCP port: a number, or a name of `/etc/services`.
pub fn port_number(text: &str) -> Option<u16> {
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    let services = std::fs::read_to_string("/etc/services").ok()?;
    services.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_ascii_whitespace();
        let (name, port) = (words.next()?, words.next()?.strip_suffix("/tcp")?);
        (name == text || words.any(|alias| alias == text)).then(|| port.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{Ipv4Addr, TcpListener};

    #[test]
    fn ports() {
        assert_eq!((port_number("25"), port_number("65536"), port_number("no such service")), (Some(25), None, None));
    }

    #[test]
    fn a_connection_from_an_address() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let from = IpAddr::from([127, 0, 0, 9]);
        let client = tcp_connect(server.local_addr().unwrap(), Some(from), Some(Duration::from_secs(60))).unwrap();
        assert_eq!((client.local_addr().unwrap().ip(), server.accept().unwrap().1.ip()), (from, from));
    }

    #[test]
    fn what_did_not_work() {
        let to = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        assert!(matches!(tcp_connect(to, Some(IpAddr::from([192, 0, 2, 1])), None), Err(ConnectError::Bind(_))));
    }
}
