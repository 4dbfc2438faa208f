use std::sync::{Arc, Mutex, PoisonError};

use mio::Waker;

/// Sessions that somebody outside of the reactor's thread has something for.
pub(super) struct Wakes {
    waker: Arc<Waker>,
    sessions: Mutex<Vec<u64>>,
}

impl Wakes {
    pub(super) fn new(waker: Arc<Waker>) -> Wakes {
        Wakes { waker, sessions: Mutex::default() }
    }

    /// Who is to be woken now.
    pub(super) fn take(&self) -> Vec<u64> {
        std::mem::take(&mut *self.sessions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Wakes one session from any thread ([`super::Cx::wake_handle`]): [`super::Session::woken`] follows. A session that has gone is not woken.
#[derive(Clone)]
pub struct Wake {
    pub(super) id: u64,
    pub(super) wakes: Arc<Wakes>,
}

impl Wake {
    /// Wakes it. Several calls before it hears of them are one.
    pub fn wake(&self) {
        let mut sessions = self.wakes.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if !sessions.contains(&self.id) {
            sessions.push(self.id);
        }
        drop(sessions);
        // The reactor may be ending.
        let _ = self.wakes.waker.wake();
    }
}

impl std::fmt::Debug for Wake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wake").field("id", &self.id).finish_non_exhaustive()
    }
}
