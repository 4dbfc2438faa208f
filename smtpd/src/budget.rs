//! What all sessions of a process keep of messages together (`smtpd_process_memory_limit`).
//!
//! Each session has limits of its own, but a thousand of them share a process: a limit for each that holds for all would be too small for one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// The budget of a process.
pub(crate) struct Budget {
    limit: usize,
    held: Arc<AtomicUsize>,
}

/// What one session has of it. Given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    held: Arc<AtomicUsize>,
    size: usize,
}

impl Budget {
    pub(crate) fn new(limit: usize) -> Budget {
        Budget { limit, held: Arc::default() }
    }

    /// A session that keeps nothing yet.
    pub(crate) fn share(&self) -> Share {
        Share { held: Arc::clone(&self.held), size: 0 }
    }

    /// Nobody may keep more; what is kept leaves as soon as it can.
    pub(crate) fn is_spent(&self) -> bool {
        self.held.load(Relaxed) >= self.limit
    }
}

impl Share {
    /// The session keeps so many bytes now.
    pub(crate) fn set(&mut self, size: usize) {
        self.held.fetch_add(size, Relaxed);
        self.held.fetch_sub(std::mem::replace(&mut self.size, size), Relaxed);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_share_and_give_back() {
        let budget = Budget::new(10);
        let (mut one, mut two) = (budget.share(), budget.share());
        one.set(9);
        assert!(!budget.is_spent());
        two.set(1);
        assert!(budget.is_spent());
        one.set(8);
        assert!(!budget.is_spent());
        two.set(2);
        drop(one);
        assert_eq!(budget.held.load(Relaxed), 2);
    }
}
