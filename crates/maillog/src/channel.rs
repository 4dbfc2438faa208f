use std::io::{ErrorKind, Result};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A connection to a log daemon's socket, made anew when the daemon was restarted.
///
/// A daemon that does not read is waited for once; from then on lines that it has no room for are lost until it reads again. So a log that hangs
/// does not stop the mail.
pub struct Channel {
    path: PathBuf,
    socket: Option<UnixDatagram>,
    may_wait: bool,
    waits: bool,
}

/// How long a full socket is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

impl Channel {
    pub(crate) fn new(path: PathBuf) -> Channel {
        let mut channel = Channel { path, socket: None, may_wait: true, waits: true };
        channel.connect();
        channel
    }

    /// Never waits from now on.
    pub(crate) fn forbid_waiting(&mut self) {
        self.may_wait = false;
        self.set_waiting(false);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Sends, once more over a new connection when the old one is dead. False: nobody took it.
    pub(crate) fn send(&mut self, message: &[u8]) -> bool {
        if self.socket.is_none() {
            self.connect();
        }
        match self.try_send(message) {
            Err(e) if e.kind() != ErrorKind::WouldBlock => {
                self.connect();
                self.try_send(message).is_ok()
            }
            outcome => outcome.is_ok(),
        }
    }

    fn try_send(&mut self, message: &[u8]) -> Result<()> {
        let Some(socket) = &self.socket else { return Err(ErrorKind::NotConnected.into()) };
        let outcome = socket.send(message).map(|_| ());
        let is_full = outcome.as_ref().is_err_and(|e| e.kind() == ErrorKind::WouldBlock);
        self.set_waiting(!is_full);
        outcome
    }

    fn connect(&mut self) {
        self.socket = open(&self.path).ok();
        self.waits = true;
        self.set_waiting(self.may_wait);
    }

    fn set_waiting(&mut self, wait: bool) {
        let wait = wait && self.may_wait;
        if wait != self.waits && self.socket.as_ref().is_some_and(|s| s.set_nonblocking(!wait).is_ok()) {
            self.waits = wait;
        }
    }
}

fn open(path: &Path) -> Result<UnixDatagram> {
    let socket = UnixDatagram::unbound()?;
    socket.set_write_timeout(Some(PATIENCE))?;
    socket.connect(path)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("postrider-channel-{name}-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        path
    }

    #[test]
    fn a_daemon_that_does_not_read_stops_nobody() {
        let path = place("full");
        let daemon = UnixDatagram::bind(&path).unwrap();
        let mut channel = Channel::new(path.clone());
        channel.forbid_waiting();
        let sent = (0..100_000).take_while(|_| channel.send(b"line")).count();
        assert!(sent > 0 && sent < 100_000);
        let mut buffer = [0; 16];
        for _ in 0..sent {
            assert_eq!(daemon.recv(&mut buffer).unwrap(), 4);
        }
        assert!(channel.send(b"next"));
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn a_daemon_that_comes_back_is_found() {
        let path = place("back");
        let mut channel = Channel::new(path.clone());
        assert!(!channel.send(b"lost"));
        let first = UnixDatagram::bind(&path).unwrap();
        assert!(channel.send(b"one"));
        drop(first);
        std::fs::remove_file(&path).unwrap();
        assert!(!channel.send(b"lost"));
        let second = UnixDatagram::bind(&path).unwrap();
        assert!(channel.send(b"two"));
        let mut buffer = [0; 16];
        assert_eq!(second.recv(&mut buffer).unwrap(), 3);
        std::fs::remove_file(&path).unwrap();
    }
}
