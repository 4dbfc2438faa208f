use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use ipc::{FrameError, FrameReader};
use serde::{Serialize, de::DeserializeOwned};

use crate::Service;
use crate::boot::Boot;
use crate::error::StartError;
use crate::{successor, watchdog};

/// A service for one client at a time.
pub trait Single: Service {
    /// Serves a connection to its end. Requests are read by [`crate::read_request`]. A panic or an early return only loses this client.
    fn serve(&mut self, client: UnixStream);
}

/// Answers framed requests until the client closes, is silent for `idle`, or breaks the protocol.
///
/// For [`Single::serve`]: one read and one write a request. `None` from `answer` means no reply.
pub fn serve_requests<Q: DeserializeOwned, A: Serialize>(
    client: &mut UnixStream,
    idle: Duration,
    mut answer: impl FnMut(Q, &mut FrameReader, &mut UnixStream) -> Option<A>,
) {
    let mut buffer = FrameReader::new();
    let mut first = true;
    if client.set_read_timeout(Some(idle)).is_err() || client.set_write_timeout(Some(idle)).is_err() {
        return;
    }
    loop {
        match successor::read_request::<Q>(client, &mut buffer) {
            Ok(request) => {
                // The first request may have waited in the listen queue for longer than its sender lived: then nobody wants it done.
                if std::mem::take(&mut first) && is_gone(client, &mut buffer) {
                    return;
                }
                if let Some(reply) = answer(request, &mut buffer, client) {
                    if ipc::write_frame(client, &reply).is_err() {
                        return;
                    }
                }
            }
            Err(FrameError::Closed) => return,
            Err(FrameError::Io(e))
                if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut | std::io::ErrorKind::ConnectionReset) =>
            {
                return;
            }
            Err(e) => {
                maillog::warning!("dropping a client: {e}");
                return;
            }
        }
    }
}

/// True when the peer has closed. What it has sent since is kept.
fn is_gone(client: &mut UnixStream, buffer: &mut FrameReader) -> bool {
    match sys::poll_readable(&[client.as_fd()], Some(Duration::ZERO)) {
        Ok(Some(_)) => buffer.fill(client).is_err(),
        _ => false,
    }
}

/// Accepts, serves, reports to master; ends after `max_idle` without a client or `max_use` clients.
pub(crate) fn run<S: Single>(boot: Boot) -> Result<(), StartError> {
    let (mut service, mut jailed) = crate::service::open::<S>(boot)?;
    let ((mut parent, listener), limits) = (jailed.attach()?, jailed.boot().limits);
    if let (Some(socket), Ok(parent)) = (listener.path(), parent.again()) {
        successor::may_take_over(socket, parent);
    }
    let mut served = 0;
    while let Some(client) = listener.accept_unix(&mut parent, limits.max_idle)? {
        parent.taken();
        watchdog::work();
        service.serve(client);
        watchdog::rest();
        served += 1;
        if limits.max_use.is_some_and(|m| served >= m) || parent.is_gone() || successor::is_due() {
            break;
        }
        parent.available();
    }
    Ok(())
}
