//! The files of an instance, removed as far as the mail system made them.

use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::instance::Identity;
use crate::postfix::layout::DIRECTORIES;

/// Where mail waits.
const MAIL: [&str; 5] = ["maildrop", "incoming", "active", "deferred", "hold"];

/// True when a queue holds a message, or anything else.
pub(super) fn has_mail(queue: &Path) -> bool {
    MAIL.iter().any(|name| has_file(&queue.join(name)))
}

fn has_file(directory: &Path) -> bool {
    fs::read_dir(directory).into_iter().flatten().flatten().any(|e| e.file_type().is_ok_and(|t| !t.is_dir()) || has_file(&e.path()))
}

/// Removes sockets, locks, empty directories and the two configuration files. What is left is reported for the administrator to look at.
pub(super) fn files(is: &Identity) {
    let (queue, data) = (Path::new(&is.queue), Path::new(&is.data));
    for d in DIRECTORIES {
        let directory = queue.join(d.name);
        clear(&directory, d.name == "pid");
        remove(&directory);
    }
    let _ = fs::remove_file(data.join("master.lock"));
    remove(data);
    remove(queue);
    for name in ["main.cf", "master.cf"] {
        let _ = fs::remove_file(is.directory.join(name));
    }
    remove(&is.directory);
}

/// Removes empty directories and sockets, and plain files where they are locks.
fn clear(directory: &Path, locks: bool) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() {
            clear(&entry.path(), locks);
            let _ = fs::remove_dir(entry.path());
        } else if kind.is_socket() || kind.is_fifo() || locks && kind.is_file() {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn remove(directory: &Path) {
    if fs::remove_dir(directory).is_err_and(|e| e.kind() != std::io::ErrorKind::NotFound) {
        maillog::warning!("{}: please verify contents and remove by hand", directory.display());
    }
}
