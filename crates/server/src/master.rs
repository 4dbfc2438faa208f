//! What a service and master(8) have between them: inherited descriptors, and the status pipe.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::StartError;
use crate::successor;

/// The status pipe's descriptor.
const STATUS_FD: i32 = 5;
/// The first listening socket's descriptor.
const LISTEN_FD: i32 = 6;

/// What the record in the status pipe says. Postfix knows the first two.
const TAKEN: i32 = 0;
const AVAILABLE: i32 = 1;
/// It takes no client any more: the process limit is for others.
const LEAVING: i32 = 2;

/// The connection to master: says whether another client would be welcome, and tells when master has gone or reloads.
pub(crate) struct Parent {
    status: Option<File>,
    generation: u32,
}

/// What master left open for us.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    status: Option<OwnedFd>,
    sockets: Vec<OwnedFd>,
    generation: u32,
}

impl Inherited {
    /// Takes the status pipe and `sockets` listening sockets over. To be called before anything else is opened: who was not started by master
    /// has nothing at these numbers yet, or something of its own that is left alone.
    pub(crate) fn take(sockets: usize) -> Inherited {
        let Some(generation) = sys::variable("GENERATION").and_then(|g| u32::from_str_radix(g.to_str()?, 8).ok()) else { return Inherited::default() };
        let sockets = (LISTEN_FD..).take(sockets).map_while(sys::take_fd).collect();
        Inherited { status: sys::take_fd(STATUS_FD), sockets, generation }
    }

    /// True when master started this process.
    pub(crate) fn is_from_master(&self) -> bool {
        self.status.is_some()
    }

    /// The connection to master, and the sockets, of which there must be `count`.
    pub(crate) fn split(self, count: usize) -> Result<(Parent, Listener), StartError> {
        if self.sockets.len() < count {
            let missing = LISTEN_FD + self.sockets.len() as i32;
            return Err(StartError::new(format!("listening socket {missing} is missing: this program is started by master(8), not by hand")));
        }
        let mut sockets = Vec::new();
        for fd in self.sockets {
            sys::set_nonblocking(fd.as_fd(), true).map_err(|e| StartError::new(format!("listening socket: {e}")))?;
            sockets.push(classify(fd));
        }
        Ok((Parent { status: self.status.map(File::from), generation: self.generation }, Listener { sockets }))
    }
}

impl Parent {
    /// The descriptor that becomes readable (end of file) when this process should end.
    pub(crate) fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.status.as_ref().map(AsFd::as_fd)
    }

    /// No more clients for now.
    pub(crate) fn taken(&mut self) {
        self.report(TAKEN);
    }

    /// Ready for another client.
    pub(crate) fn available(&mut self) {
        self.report(AVAILABLE);
    }

    /// This process ends when its clients have gone; it takes no others.
    pub(crate) fn leaves(&mut self) {
        // Postfix's own master does not know the second.
        self.report(TAKEN);
        self.report(LEAVING);
    }

    /// Another hold of the same connection.
    pub(crate) fn again(&self) -> io::Result<Parent> {
        Ok(Parent { status: self.status.as_ref().map(File::try_clone).transpose()?, generation: self.generation })
    }

    /// The first client has come: whatever goes wrong from here on, the start was good.
    pub(crate) fn started_well(&mut self) {
        self.taken();
        self.available();
    }

    /// True when master has gone, or wants this process replaced.
    pub(crate) fn is_gone(&self) -> bool {
        match self.fd() {
            Some(fd) => matches!(sys::poll_readable(&[fd], Some(Duration::ZERO)), Ok(Some(_))),
            None => false,
        }
    }

    /// Postfix's status record: pid, generation, availability, in the host's byte order.
    fn report(&mut self, available: i32) {
        let Some(status) = &mut self.status else { return };
        let mut record = [0u8; 12];
        record[..4].copy_from_slice(&std::process::id().to_ne_bytes());
        record[4..8].copy_from_slice(&self.generation.to_ne_bytes());
        record[8..].copy_from_slice(&available.to_ne_bytes());
        let _ = status.write_all(&record);
    }
}

/// One listening socket, or a named pipe on which letters arrive.
pub(crate) enum Socket {
    Unix(UnixListener),
    Inet(TcpListener),
    Fifo(File),
}

/// The sockets that master opened for this service.
pub(crate) struct Listener {
    pub(crate) sockets: Vec<Socket>,
}

impl Listener {
    /// Waits for a client on a socket. `None`: idle for too long, master has gone, or the client is for a successor.
    pub(crate) fn accept_unix(&self, parent: &mut Parent, idle: Option<Duration>) -> Result<Option<UnixStream>, StartError> {
        while let Some(socket) = self.wait(parent, idle)? {
            if let Some(stream) = socket.accept()? {
                return Ok(Some(stream));
            }
        }
        Ok(None)
    }

    /// Waits for letters, however they come. `None` as for [`Listener::accept_unix`].
    pub(crate) fn letters(&self, parent: &mut Parent, idle: Option<Duration>) -> Result<Option<Vec<u8>>, StartError> {
        let mut letters = [0u8; 128];
        while let Some(socket) = self.wait(parent, idle)? {
            let n = match socket {
                Socket::Fifo(fifo) => (&mut &*fifo).read(&mut letters).ok(),
                socket => socket.accept()?.map(|mut client| {
                    let _ = client.set_read_timeout(Some(LETTERS_LIMIT));
                    client.read(&mut letters).unwrap_or(0)
                }),
            };
            if let Some(n) = n {
                return Ok(Some(letters.get(..n).unwrap_or(&[]).to_vec()));
            }
        }
        Ok(None)
    }

    /// The path of the first socket that has one, relative to the queue directory, in or out of a jail.
    pub(crate) fn path(&self) -> Option<PathBuf> {
        let unix = self.sockets.iter().find_map(|socket| if let Socket::Unix(unix) = socket { unix.local_addr().ok() } else { None })?;
        let path = unix.as_pathname()?;
        Some(Path::new(path.parent()?.file_name()?).join(path.file_name()?))
    }

    /// The socket at which somebody waits.
    fn wait(&self, parent: &mut Parent, idle: Option<Duration>) -> Result<Option<&Socket>, StartError> {
        let mut fds: Vec<BorrowedFd<'_>> = parent.fd().into_iter().collect();
        let first = fds.len();
        fds.extend(self.sockets.iter().map(Socket::fd));
        let ready = sys::poll_readable(&fds, idle).map_err(|e| StartError::new(format!("poll: {e}")))?;
        let socket = ready.and_then(|i| i.checked_sub(first)).and_then(|i| self.sockets.get(i));
        Ok(socket.filter(|_| !successor::is_due()))
    }
}

/// How long a client may take to send its letters.
const LETTERS_LIMIT: Duration = Duration::from_secs(1);

impl Socket {
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Socket::Unix(l) => l.as_fd(),
            Socket::Inet(l) => l.as_fd(),
            Socket::Fifo(f) => f.as_fd(),
        }
    }

    /// The client that waits. `None`: somebody else was faster.
    fn accept(&self) -> Result<Option<UnixStream>, StartError> {
        let accepted = match self {
            Socket::Unix(l) => l.accept().map(|(s, _)| s),
            Socket::Inet(l) => l.accept().map(|(s, _)| UnixStream::from(OwnedFd::from(s))),
            Socket::Fifo(_) => return Err(StartError::new("this service cannot work with a fifo: write type unix in master.cf")),
        };
        match accepted {
            Ok(stream) => stream.set_nonblocking(false).map(|()| Some(stream)).map_err(|e| StartError::new(format!("accept: {e}"))),
            Err(e) if passing(&e) => Ok(None),
            Err(e) => Err(StartError::new(format!("accept: {e}"))),
        }
    }
}

/// Errors of accept(2) that mean "somebody else was faster", or a client that has gone.
pub(crate) fn passing(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// Tells a pipe by its file type, and a Unix socket from an internet one by asking for its name.
fn classify(fd: OwnedFd) -> Socket {
    let file = File::from(fd);
    if file.metadata().is_ok_and(|m| m.file_type().is_fifo()) {
        return Socket::Fifo(file);
    }
    let unix = UnixListener::from(OwnedFd::from(file));
    match unix.local_addr() {
        Ok(_) => Socket::Unix(unix),
        Err(_) => Socket::Inet(TcpListener::from(OwnedFd::from(unix))),
    }
}
