//! Repair of the queue: files where the hash depth wants them, names that match inode numbers, no left-overs.

use std::fs::{self, Metadata};
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use queue::{Access, Queue, QueueId, RESERVED, Readiness, parse_mode};

use crate::queue_tool::errno;

/// Unfinished files and names that are no queue ids are left alone for so long.
const STALE: Duration = Duration::from_secs(7 * 86_400);
/// The queues whose file names hold inode numbers.
const WITH_INODES: [&str; 6] = ["maildrop", "incoming", "active", "deferred", "hold", "corrupt"];
/// The directories of logs that follow a message's name.
const LOGS: [&str; 3] = ["bounce", "defer", "trace"];

/// A file as it was found.
struct Found {
    queue: String,
    path: PathBuf,
    meta: Metadata,
}

/// Repairs (`-s`) and purges (`-p`) the named directories. `running`: master is up, and empty files may be in use.
pub(super) fn repair(queue: &Queue, names: &[&str], structure: bool, purge: bool, running: bool) {
    if structure && !running {
        sweep_reservations(queue);
    }
    let mut renamed = 0u64;
    for name in names {
        maillog::verbose!("queue: {name}");
        let mut files = Vec::new();
        collect(&queue.directory(name), &mut files, name);
        for file in files {
            let is_left_over = purge && is_stale(&file) || structure && !running && is_unused_reservation(&file);
            // Links, pipes and sockets are nobody's mail.
            if is_left_over || !file.meta.is_file() {
                remove(&file.path);
            } else if id_of(&file).is_none() {
                maillog::warning!("bogus file name: {}", file.path.display());
            } else if structure {
                renamed += u64::from(put_right(queue, &file));
            }
        }
    }
    // A name that was taken by another wrong file is free by now.
    if structure {
        renamed += finish(queue, names);
        for name in names {
            prune(&queue.directory(name), depth(queue, name));
        }
    }
    if renamed > 0 {
        maillog::info!("Renamed to match inode number: {renamed} message{}", if renamed == 1 { "" } else { "s" });
        maillog::warning!("QUEUE FILE NAMES WERE CHANGED TO MATCH INODE NUMBERS");
    }
}

/// Removes the queue ids that cleanup had handed out when it was killed.
fn sweep_reservations(queue: &Queue) {
    let mut files = Vec::new();
    collect(&queue.directory(RESERVED), &mut files, RESERVED);
    files.iter().filter(|f| is_unused_reservation(f)).for_each(|f| remove(&f.path));
}

/// Lists a directory before anything in it moves. One that cannot be opened ends the program: the mail system could not use it either.
fn collect(directory: &Path, files: &mut Vec<Found>, name: &str) {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return,
        Err(e) => maillog::fatal(format_args!("open directory {}: {} (it and its files belong to mail_owner, mode 0700)", directory.display(), errno(&e))),
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(meta) = entry.metadata() else { continue };
        if meta.is_dir() {
            collect(&path, files, name);
        } else {
            files.push(Found { queue: name.to_owned(), path, meta });
        }
    }
}

/// Removes hash directories that are empty and deeper than files lie now.
fn prune(directory: &Path, levels: usize) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten().filter(|e| e.file_type().is_ok_and(|t| t.is_dir())) {
        prune(&entry.path(), levels.saturating_sub(1));
        if levels == 0 {
            // Only removes what is empty.
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// How many hash directories a file of this queue lies under.
fn depth(queue: &Queue, name: &str) -> usize {
    let Some(id) = QueueId::parse("000000000000000000") else { return 0 };
    queue.path(name, &id).components().count() - queue.directory(name).components().count() - 1
}

/// True while master holds its lock: then reserved ids in `incoming` may be in use.
pub(super) fn master_runs(queue: &Queue) -> bool {
    // Unreadable is not the same as absent: better keep than remove.
    !matches!(sys::lock_holder(&queue.root().join("pid/master.pid")), Ok(None))
}

fn is_stale(file: &Found) -> bool {
    let old = file.meta.modified().ok().and_then(|t| t.elapsed().ok()).is_some_and(|age| age > STALE);
    let temporary = QueueId::parse(file_name(&file.path)).is_none();
    let unfinished = WITH_INODES.contains(&file.queue.as_str()) && parse_mode(file.meta.permissions().mode()).readiness == Readiness::Incomplete;
    old && (temporary || unfinished)
}

/// A queue id that cleanup handed out and nobody used; in its own directory also a file that had no id yet, or was not emptied yet.
fn is_unused_reservation(file: &Found) -> bool {
    let here = file.queue == RESERVED || file.queue == "incoming" && file.meta.len() == 0 && QueueId::parse(file_name(&file.path)).is_some();
    let unfinished = file.meta.is_file() && file.meta.permissions().mode() & 0o777 == 0o600;
    here && unfinished && queue::open_message(&file.path, Access::Read).is_ok_and(|f| matches!(sys::try_lock_exclusive(f.as_fd()), Ok(true)))
}

/// The queue id that a file is named by, also while it waits for its place.
fn id_of(file: &Found) -> Option<QueueId> {
    let name = file_name(&file.path);
    QueueId::parse(name.strip_suffix(MARK).unwrap_or(name))
}

/// Gives a file its right name and place. True when the name was changed to match the inode.
fn put_right(queue: &Queue, file: &Found) -> bool {
    let Some(id) = id_of(file).filter(|_| file.queue != "flush") else { return false };
    let named = WITH_INODES.contains(&file.queue.as_str()) && id.inode() != Some(file.meta.ino());
    let right = if named { id.with_inode(file.meta.ino()) } else { id.clone() };
    let path = queue.path(&file.queue, &right);
    if path == file.path {
        return false;
    }
    // The other file is wrong too, or it would not have our inode in its name: it moves later, and so do we.
    let occupied = path.exists();
    let path = if occupied { marked(&path) } else { path };
    if !rename(queue, &file.path, &path) {
        return false;
    }
    if named {
        maillog::verbose!("name/inode mismatch: {}", file.path.display());
        for log in LOGS {
            let (from, to) = (queue.path(log, &id), queue.path(log, &right));
            if from.exists() && !to.exists() {
                rename(queue, &from, &to);
            }
        }
    }
    named
}

/// Names that had to wait for another file to move.
const MARK: &str = "#FIX";

fn marked(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(MARK);
    PathBuf::from(name)
}

fn finish(queue: &Queue, names: &[&str]) -> u64 {
    let mut renamed = 0;
    for name in names.iter().filter(|n| WITH_INODES.contains(n)) {
        let mut files = Vec::new();
        collect(&queue.directory(name), &mut files, name);
        for file in files.iter().filter(|f| file_name(&f.path).ends_with(MARK)) {
            renamed += u64::from(put_right(queue, file));
        }
    }
    renamed
}

fn rename(queue: &Queue, from: &Path, to: &Path) -> bool {
    let result = queue
        .make_parent(to)
        .map_err(|e| e.to_string())
        .and_then(|()| fs::rename(from, to).map_err(|e| format!("rename file {} as {}: {}", from.display(), to.display(), errno(&e))));
    match result {
        Ok(()) => maillog::verbose!("renamed file {} as {}", from.display(), to.display()),
        Err(e) => maillog::warning!("{e}"),
    }
    fs::symlink_metadata(to).is_ok() && fs::symlink_metadata(from).is_err()
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Ok(()) => maillog::verbose!("removed file {}", path.display()),
        Err(e) => maillog::warning!("remove file {}: {}", path.display(), errno(&e)),
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|n| n.to_str()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(name: &str, depth: usize) -> Queue {
        let root = std::env::temp_dir().join(format!("postrider-structure-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for d in ["hold", "incoming", "deferred/A", "defer"] {
            fs::create_dir_all(root.join(d)).unwrap();
        }
        Queue::new(root, vec!["deferred".into(), "defer".into()], depth)
    }

    fn put(path: &Path, mode: u32) -> u64 {
        fs::write(path, "x").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        fs::metadata(path).unwrap().ino()
    }

    #[test]
    fn names_follow_inodes_and_places_follow_names() {
        let queue = spool("names", 2);
        let inode = put(&queue.root().join("deferred/A/ABCDE1"), 0o700);
        put(&queue.root().join("defer/ABCDE1"), 0o600);
        repair(&queue, &["defer", "deferred"], true, false, false);
        let right = format!("ABCDE{inode:X}");
        assert!(queue.root().join("deferred/A/B").join(&right).exists());
        assert!(queue.root().join("defer/A/B").join(&right).exists());
    }

    #[test]
    fn two_wrong_files_change_places() {
        let queue = spool("swap", 1);
        let hold = |n: &str| queue.root().join("hold").join(n);
        let first = put(&hold("ABCDE1"), 0o700);
        let second = put(&hold("ABCDE2"), 0o700);
        fs::rename(hold("ABCDE2"), hold(&format!("ABCDE{first:X}"))).unwrap();
        fs::rename(hold("ABCDE1"), hold(&format!("ABCDE{second:X}"))).unwrap();
        repair(&queue, &["hold"], true, false, false);
        for inode in [first, second] {
            assert_eq!(fs::metadata(hold(&format!("ABCDE{inode:X}"))).unwrap().ino(), inode);
        }
    }

    #[test]
    fn unused_reservations_go() {
        let queue = spool("reserved", 1);
        fs::create_dir_all(queue.root().join("saved")).unwrap();
        let files = ["incoming/ABCDE123", "saved/ABCDE124", "saved/455505.8459"].map(|name| queue.root().join(name));
        for file in &files {
            fs::write(file, if file.ends_with("ABCDE124") { "done" } else { "" }).unwrap();
            fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        }
        repair(&queue, &["incoming"], true, false, false);
        assert!(files.iter().all(|f| !f.exists()));
    }
}
