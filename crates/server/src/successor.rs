//! A process whose tables have changed on disk cannot open them again: it is in a jail, or has given up the rights that it takes. It finishes with the
//! clients that it has, and master starts another. Nobody reads a table that is half old, and no client is sent away.

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ipc::{FrameError, FrameReader};
use serde::de::DeserializeOwned;
use table::OpenFiles;

use crate::master::Parent;
use crate::watchdog::at_rest;

/// What this process knows of being out of date.
#[derive(Default)]
struct Process {
    files: OpenFiles,
    is_stale: bool,
    /// For a service of one client at a time: where its successor takes clients, and whom to tell that there has to be one.
    heir: Option<(PathBuf, Parent)>,
}

static PROCESS: Mutex<Option<Process>> = Mutex::new(None);

fn process() -> MutexGuard<'static, Option<Process>> {
    PROCESS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The tables have been opened with all rights. `jailed`: the root directory is another one now.
pub(crate) fn opened(jailed: bool) {
    let mut guard = process();
    let process = guard.get_or_insert_default();
    (process.files, process.is_stale) = (OpenFiles::take(jailed), false);
}

/// Names the socket (relative to the working directory) on which the successor takes over clients of this process.
pub(crate) fn may_take_over(socket: PathBuf, parent: Parent) {
    process().get_or_insert_default().heir = Some((socket, parent));
}

/// Whether a table has changed.
pub(crate) fn is_wanted() -> bool {
    process().as_ref().is_some_and(|process| process.is_stale || process.files.changed())
}

/// Whether it is time for another process. Logged when it is seen first.
pub(crate) fn is_due() -> bool {
    let due = is_wanted();
    if let Some(process) = process().as_mut().filter(|process| due && !process.is_stale) {
        process.is_stale = true;
        maillog::info!("table has changed -- restarting");
    }
    due
}

/// Waits for a request of a client that keeps its connection, and reads it.
///
/// When tables have changed meanwhile, the successor answers it and all that follow: what comes is passed on, and the end is reported here.
///
/// # Errors
/// As [`ipc::read_frame`].
pub fn read_request<Q: DeserializeOwned>(client: &mut UnixStream, buffer: &mut FrameReader) -> Result<Q, FrameError> {
    await_request(client, buffer)?;
    at_rest(|| ipc::read_frame(client, buffer))
}

/// As [`read_request`], but the first bytes of it stay in `buffer`.
///
/// # Errors
/// As [`FrameReader::fill`].
pub fn await_request(client: &mut UnixStream, buffer: &mut FrameReader) -> Result<(), FrameError> {
    if buffer.is_empty() {
        at_rest(|| buffer.fill(client))?;
    }
    match is_due().then(heir).flatten() {
        // Without a successor it is better to serve with old tables than not at all.
        None => Ok(()),
        Some(heir) => {
            at_rest(|| relay(client, buffer.rest(), heir)).map_err(FrameError::Io)?;
            Err(FrameError::Closed)
        }
    }
}

/// A connection to the process that comes after this one.
fn heir() -> Option<UnixStream> {
    let mut guard = process();
    let (socket, parent) = guard.as_mut()?.heir.as_mut()?;
    parent.leaves();
    UnixStream::connect(socket).ok()
}

/// Passes bytes both ways until the successor has closed, or both have.
fn relay(client: &mut UnixStream, read: &[u8], mut heir: UnixStream) -> std::io::Result<()> {
    heir.write_all(read)?;
    let mut buffer = [0u8; 16 << 10];
    let mut client_speaks = true;
    loop {
        let mut ends = vec![heir.as_fd()];
        ends.extend(client_speaks.then(|| client.as_fd()));
        let ready = sys::poll_readable(&ends, None)?;
        let (from, to) = if ready == Some(0) { (&mut heir, &mut *client) } else { (&mut *client, &mut heir) };
        match from.read(&mut buffer)? {
            0 if ready == Some(0) => return Ok(()),
            0 => {
                client_speaks = false;
                to.shutdown(std::net::Shutdown::Write)?;
            }
            n => match to.write_all(buffer.get(..n).unwrap_or_default()) {
                // A client that has gone wants no answer; the successor hears of it when we go.
                Err(e) if ready == Some(0) && e.kind() == std::io::ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_passes_both_ways() {
        let (mut peer, mut client) = UnixStream::pair().expect("a pair");
        let (heir, mut successor) = UnixStream::pair().expect("a pair");
        let relayed = std::thread::spawn(move || relay(&mut client, b"ab", heir));
        peer.write_all(&[b'c'; 100_000]).expect("written");
        let mut got = vec![0; 100_002];
        successor.read_exact(&mut got).expect("read");
        assert!(got.starts_with(b"abc") && got.ends_with(b"c"));
        successor.write_all(b"reply").expect("written");
        let mut reply = [0; 5];
        peer.read_exact(&mut reply).expect("read");
        assert_eq!(&reply, b"reply");
        peer.shutdown(std::net::Shutdown::Write).expect("shut");
        assert_eq!(successor.read(&mut got).expect("read"), 0, "the end is passed on");
        drop(successor);
        assert!(relayed.join().expect("ends").is_ok());
    }
}
