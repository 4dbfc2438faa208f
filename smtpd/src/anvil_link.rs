//! The connection to anvil(8): one a process, so that anvil forgets our clients when we die.

use std::os::unix::net::UnixStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ipc::anvil::{Reply, Request, SOCKET};
use ipc::{FrameReader, read_frame, write_frame};

/// Asks anvil, one question at a time: it answers from memory.
#[derive(Default)]
pub(crate) struct AnvilLink(Mutex<Option<(UnixStream, FrameReader)>>);

impl AnvilLink {
    /// Asks. `None`: anvil cannot be asked (logged); limits are then not enforced.
    pub(crate) fn ask(&self, request: &Request) -> Option<Reply> {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for _ in 0..2 {
            let reused = link.is_some();
            match exchange(&mut link, request) {
                Ok(reply) => return Some(reply),
                Err(text) => {
                    *link = None;
                    if !reused {
                        maillog::warning!("problem talking to server {SOCKET}: {text}");
                        return None;
                    }
                }
            }
        }
        None
    }

    /// Tells, without an answer.
    pub(crate) fn tell(&self, request: &Request) {
        let mut link = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stream, _)) = link.as_mut()
            && write_frame(stream, request).is_err()
        {
            *link = None;
        }
    }
}

fn exchange(link: &mut Option<(UnixStream, FrameReader)>, request: &Request) -> Result<Reply, String> {
    if link.is_none() {
        let stream = UnixStream::connect(SOCKET).map_err(|e| e.to_string())?;
        stream.set_read_timeout(Some(PATIENCE)).and_then(|()| stream.set_write_timeout(Some(PATIENCE))).map_err(|e| e.to_string())?;
        *link = Some((stream, FrameReader::new()));
    }
    let Some((stream, reader)) = link.as_mut() else { return Err("not connected".to_owned()) };
    write_frame(stream, request).map_err(|e| e.to_string())?;
    read_frame(stream, reader).map_err(|e| e.to_string())
}

/// anvil is a local process that waits for nobody.
const PATIENCE: Duration = Duration::from_secs(10);
