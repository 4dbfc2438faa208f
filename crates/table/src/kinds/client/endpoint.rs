use std::io;
use std::net::ToSocketAddrs;
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sys::{ConnectError, Stream};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Host and port.
    Inet(String, u16),
    /// The path of a socket.
    Unix(String),
}

impl Endpoint {
    /// `inet:host:port` or `unix:path`.
    ///
    /// # Errors
    /// The text for the log.
    pub fn parse(text: &str) -> Result<Endpoint, String> {
        match text.split_once(':') {
            Some(("inet", address)) => Endpoint::inet(address),
            Some(("unix", path)) if !path.is_empty() => Ok(Endpoint::Unix(path.to_owned())),
            Some((kind, _)) if kind != "unix" => Err(format!("invalid transport name: {kind} in service: {text}")),
            _ => Err(format!("need service transport:endpoint instead of \"{text}\"")),
        }
    }

    /// `host:port`; without a host, this one.
    ///
    /// # Errors
    /// The text for the log.
    pub fn inet(address: &str) -> Result<Endpoint, String> {
        let (host, port) = host_and_port(address)?;
        let port = port.ok_or_else(|| format!("no port in \"{address}\"; need host:port"))?;
        Ok(Endpoint::Inet(if host.is_empty() { "localhost" } else { host }.to_owned(), port))
    }

    /// Connects; the addresses of a name are tried in order. Every read and write has the time limit.
    ///
    /// # Errors
    /// That of the last address.
    pub fn connect(&self, limit: Duration) -> io::Result<Stream> {
        match self {
            Endpoint::Unix(path) => limited(Stream::Unix(UnixStream::connect(path)?), limit),
            Endpoint::Inet(host, port) => {
                let mut last = io::Error::from(io::ErrorKind::NotFound);
                for address in (host.as_str(), *port).to_socket_addrs()? {
                    match sys::tcp_connect(address, None, Some(limit)) {
                        Ok(stream) => return limited(Stream::Tcp(stream), limit),
                        Err(ConnectError::Bind(e) | ConnectError::Connect(e)) => last = e,
                    }
                }
                Err(last)
            }
        }
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Endpoint::Inet(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Endpoint::Inet(host, port) => write!(f, "{host}:{port}"),
            Endpoint::Unix(path) => f.write_str(path),
        }
    }
}

/// Every read and write has a time limit.
fn limited(stream: Stream, limit: Duration) -> io::Result<Stream> {
    stream.set_nodelay()?;
    stream.set_read_timeout(Some(limit))?;
    stream.set_write_timeout(Some(limit))?;
    Ok(stream)
}

/// Connections to one server that no thread uses at the moment.
#[derive(Debug)]
pub(crate) struct Kept<C> {
    free: Mutex<Vec<(C, Instant, Instant)>>,
    /// Unused for so long, a connection is closed.
    idle: Duration,
    /// As old as that, it is closed too.
    life: Duration,
}

impl<C> Kept<C> {
    /// None yet.
    pub(crate) fn new(idle: Duration, life: Duration) -> Kept<C> {
        Kept { free: Mutex::default(), idle, life }
    }

    /// One that is still good, with the time when it was made.
    pub(crate) fn take(&self) -> Option<(C, Instant)> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.retain(|(_, made, used)| used.elapsed() < self.idle && made.elapsed() < self.life);
        free.pop().map(|(c, made, _)| (c, made))
    }

    /// For the next lookup.
    pub(crate) fn give_back(&self, connection: C, made: Instant) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push((connection, made, Instant::now()));
    }
}

/// Takes `host`, `host:port`, `[address]` or `[address]:port` apart.
///
/// # Errors
/// The port is no number and no name of a service.
pub(crate) fn host_and_port(text: &str) -> Result<(&str, Option<u16>), String> {
    let (host, rest) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((host, rest)) => (host, rest),
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    if rest.is_empty() {
        return Ok((host, None));
    }
    let port = rest.strip_prefix(':').and_then(sys::port_number);
    port.map(|p| (host, Some(p))).ok_or_else(|| format!("bad port in \"{text}\""))
}

/// What went wrong, in the system's words; a time limit by its name.
pub(crate) fn io_text(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "timeout".to_owned(),
        _ => crate::errno_text(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(host_and_port("a.example.com"), Ok(("a.example.com", None)));
        assert_eq!(host_and_port("[::1]:25"), Ok(("::1", Some(25))));
        assert_eq!(host_and_port("a:smtp"), Ok(("a", Some(25))));
        assert!(host_and_port("a:nosuchservice").is_err() && host_and_port("a:99999").is_err());
        assert_eq!(Endpoint::parse("inet::25"), Ok(Endpoint::Inet("localhost".into(), 25)));
        assert_eq!(Endpoint::parse("unix:/run/x"), Ok(Endpoint::Unix("/run/x".into())));
        assert_eq!(Endpoint::parse("what:x:y"), Err("invalid transport name: what in service: what:x:y".into()));
        assert_eq!(Endpoint::parse("x"), Err("need service transport:endpoint instead of \"x\"".into()));
        assert!(Endpoint::parse("inet:host").is_err());
    }
}
