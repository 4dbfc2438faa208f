//! Files of messages that are done: cleanup may use them again for a moment, then they are empty.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use queue::{Queue, QueueId};

/// How long a file waits for the next message.
const REST: Duration = Duration::from_secs(1);

/// Those that wait, the oldest first.
#[derive(Default)]
pub(super) struct Spent(VecDeque<(Instant, QueueId)>);

impl Spent {
    /// Adds one.
    pub(super) fn add(&mut self, now: Instant, id: QueueId) {
        self.0.push_back((now, id));
    }

    /// When the oldest has to be emptied.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.front().map(|(since, _)| *since + REST)
    }

    /// Empties those that nobody took in time; a new file would cost the next message more. One that cleanup took has another name since.
    pub(super) fn empty_old(&mut self, queue: &Queue, now: Instant) {
        while let Some((_, id)) = self.0.pop_front_if(|(since, _)| *since + REST <= now) {
            queue.empty_spent(&id);
        }
    }

    /// Removes all: nobody will come for them.
    pub(super) fn remove_all(&mut self, queue: &Queue) {
        self.0.drain(..).for_each(|(_, id)| remove(queue, &id));
    }
}

fn remove(queue: &Queue, id: &QueueId) {
    let path = queue.reserved_path(id);
    match std::fs::remove_file(&path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => maillog::warning!("remove {}: {}", path.display(), super::reason(&e)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_waits_for_a_second() {
        let root = std::env::temp_dir().join(format!("postrider-spent-{}", std::process::id()));
        std::fs::create_dir_all(root.join("saved")).unwrap();
        let (queue, now) = (Queue::new(&root, Vec::new(), 1), Instant::now());
        let ids = ["ABCDEF1", "ABCDEF2", "ABCDEF3"].map(|name| QueueId::parse(name).unwrap());
        let mut spent = Spent::default();
        for (n, id) in ids.iter().enumerate() {
            std::fs::write(queue.reserved_path(id), "text").unwrap();
            spent.add(now + n as u32 * REST, id.clone());
        }
        // The first has been taken by now.
        std::fs::rename(queue.reserved_path(&ids[0]), root.join("taken")).unwrap();
        spent.empty_old(&queue, now + 2 * REST);
        assert_eq!(ids.each_ref().map(|id| std::fs::metadata(queue.reserved_path(id)).map_or(0, |m| m.len())), [0, 0, 4]);
        assert_eq!(spent.next(), Some(now + 3 * REST));
        spent.remove_all(&queue);
        assert_eq!((spent.next(), root.join("taken").exists(), queue.reserved_path(&ids[2]).exists()), (None, true, false));
        std::fs::remove_dir_all(&root).unwrap();
    }
}
