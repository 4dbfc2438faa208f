//! The pickup service: mail of local users goes from `maildrop` to cleanup(8).

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{DirEntryExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Stamp;
use config::Config;
use ipc::cleanup::{
    FLAG_AUTO_UTF8, FLAGS_LOCAL, Reply, STATUS_BAD, STATUS_CONTENT, STATUS_HOPS, STATUS_NO_RECIPIENTS, STATUS_SIZE, SubmitError, Submitter, overridden,
};
use queue::record::{self, kind};
use queue::{FileReader, QueueId};
use server::{Boot, Promise, Rights, Service, StartError, Trigger};

use crate::drop_file::{CopyError, DropFile, Head, Refused};

/// pickup(8).
pub struct Pickup {
    cleanup: PathBuf,
    limit: Duration,
    flags: u32,
    /// content_filter.
    filter: String,
    hostname: String,
    mail_name: String,
    directory: String,
    /// Whose files are as good as queue files.
    owner: u32,
}

impl Service for Pickup {
    const PROGRAM: &'static str = "pickup";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let owner = conf.owner_of_queue().map_err(|e| StartError::new(e.to_string()))?;
        Ok(Pickup {
            cleanup: Path::new("public").join(conf.get(params::CLEANUP_SERVICE_NAME)),
            limit: conf.get(params::IPC_TIMEOUT),
            flags: flags(conf)?,
            filter: conf.get(params::CONTENT_FILTER),
            hostname: conf.get(params::MYHOSTNAME),
            mail_name: conf.get(params::HEADER_MAIL_NAME),
            directory: conf.get(params::QUEUE_DIRECTORY),
            owner,
        })
    }
}

impl Trigger for Pickup {
    fn wake(&mut self, _letters: &[u8]) {
        // Files that come while we look are found by looking again, until a look finds nothing to do.
        while self.scan() > 0 {}
    }
}

/// `receive_override_options` and `smtputf8_autodetect_classes`.
fn flags(conf: &Config) -> Result<u32, StartError> {
    let mut flags = FLAGS_LOCAL;
    for word in conf.list(params::RECEIVE_OVERRIDE_OPTIONS) {
        let unknown = || StartError::new(format!("unknown receive_override_options value \"{word}\""));
        flags &= !overridden(&word).ok_or_else(unknown)?;
    }
    if conf.list(params::SMTPUTF8_AUTODETECT_CLASSES).iter().any(|c| c == "sendmail" || c == "all") {
        flags |= FLAG_AUTO_UTF8;
    }
    Ok(flags)
}

/// What became of a file.
enum Outcome {
    /// It is in the queue.
    Taken,
    /// It is no message.
    Refused,
    /// Later.
    Kept,
    /// Later, and so are all the others.
    Stop,
}

impl Pickup {
    /// Looks through the queue once. Gives the number of files that are dealt with.
    fn scan(&self) -> usize {
        let entries = match fs::read_dir("maildrop") {
            Ok(entries) => entries,
            Err(e) => {
                maillog::warning!("open directory maildrop: {}", table::errno_text(&e));
                return 0;
            }
        };
        let mut cleanup = Submitter::new(&self.cleanup, self.limit);
        let mut count = 0;
        for entry in entries.flatten() {
            let Some(id) = entry.file_name().to_str().and_then(QueueId::parse) else { continue };
            let path = Path::new("maildrop").join(id.as_str());
            match self.file(&id, &path, entry.ino(), &mut cleanup) {
                Outcome::Taken => {
                    if let Err(e) = fs::remove_file(&path) {
                        maillog::warning!("remove {}: {}", path.display(), table::errno_text(&e));
                        break;
                    }
                    count += 1;
                }
                Outcome::Refused => count += usize::from(set_aside(&id, &path)),
                Outcome::Kept => {}
                Outcome::Stop => break,
            }
        }
        cleanup.close();
        count
    }

    fn file(&self, id: &QueueId, path: &Path, inode: u64, cleanup: &mut Submitter) -> Outcome {
        let Some((file, meta)) = self.open_complete(path, inode) else { return Outcome::Kept };
        let uid = meta.uid();
        let mut file = DropFile::new(file, uid == self.owner);
        let head = match file.head() {
            Ok(head) => head,
            Err(refused) => return refuse(id, path, uid, &refused),
        };
        let new = match cleanup.id() {
            Ok(new) => new,
            Err(e) => return self.unreachable(&e),
        };
        let original = if head.requeued { format!(" orig_id={id}") } else { String::new() };
        maillog::info!("{new}: uid={uid} from=<{}>{original}", address::quote(&head.sender));
        let received = self.received(&new, uid, &meta);
        match self.submit(cleanup, new, &head, &mut file, &received) {
            Ok(reply) => outcome(path, &reply),
            Err(CopyError::Refused(refused)) => refuse(id, path, uid, &refused),
            Err(CopyError::Submit(e)) => self.unreachable(&e),
        }
    }

    fn unreachable(&self, e: &SubmitError) -> Outcome {
        maillog::warning!("{}: {e}", self.cleanup.display());
        Outcome::Stop
    }

    fn submit(&self, cleanup: &mut Submitter, id: String, head: &Head, file: &mut DropFile<FileReader>, received: &[u8]) -> Result<Reply, CopyError> {
        let mut message = cleanup.begin(id, self.flags, head.arrival.unwrap_or_default())?;
        let mut filter = Vec::new();
        if !self.filter.is_empty() {
            record::put(&mut filter, kind::FILTER, &self.filter);
        }
        message.push(&head.records)?;
        match file.copy(&mut message, &filter, received) {
            Ok(()) => Ok(cleanup.finish(message)?),
            Err(e) => {
                cleanup.cancel(message);
                Err(e)
            }
        }
    }

    /// Opens a complete file. What is not complete, or not what postdrop makes, is left where it is.
    fn open_complete(&self, path: &Path, inode: u64) -> Option<(FileReader, Metadata)> {
        let found = fs::symlink_metadata(path).ok().filter(|m| m.ino() == inode)?;
        if !found.is_file() {
            maillog::warning!("{}: uid {}: not a regular file", path.display(), found.uid());
            return None;
        }
        // Owner execute: complete.
        if found.permissions().mode() & 0o700 != 0o700 {
            return None;
        }
        let opened = File::options().read(true).custom_flags(O_NOFOLLOW).open(path).and_then(|file| file.metadata().map(|m| (file, m)));
        let (file, meta) = match opened {
            Ok(opened) => opened,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return None,
            Err(e) => {
                maillog::warning!("open input file {}: cannot open file: {}", path.display(), table::errno_text(&e));
                if e.kind() == io::ErrorKind::PermissionDenied {
                    maillog::warning!("if this file was created by Postfix < 1.1, then you may have to chmod a+r {}/{}", self.directory, path.display());
                }
                return None;
            }
        };
        if !meta.is_file() || meta.nlink() != 1 || meta.ino() != inode {
            maillog::warning!("open input file {}: file has {} hard links", path.display(), meta.nlink());
            return None;
        }
        let reader = FileReader::new(file).map_err(|e| maillog::warning!("read {}: {}", path.display(), table::errno_text(&e)));
        reader.ok().map(|reader| (reader, meta))
    }

    /// The trace header, dated when the file was made.
    fn received(&self, id: &str, uid: u32, meta: &Metadata) -> Vec<u8> {
        let now = sys::now();
        if meta.mtime() > now.sec {
            maillog::warning!("{id}: message dated {} seconds into the future", meta.mtime() - now.sec);
        }
        let when = Stamp::from_secs(meta.mtime().min(now.sec));
        let (note, date) = (format!("from userid {uid}"), sys::local_time(when).rfc5322());
        let received = message::form::Received { by: &self.hostname, program: &self.mail_name, note: Some(&note), id, date: &date, ..Default::default() };
        let mut out = Vec::new();
        received.field().write(&mut out);
        out
    }
}

/// A file that is no message.
fn refuse(id: &QueueId, path: &Path, uid: u32, refused: &Refused) -> Outcome {
    let path = path.display();
    match refused {
        Refused::Malformed(what) => maillog::warning!("{path}: uid={uid}: malformed record: {what}"),
        Refused::Unexpected(kind) => maillog::warning!("{path}: uid={uid}: unexpected or malformed record type {kind}"),
        Refused::NoSender => maillog::warning!("{id}: uid={uid}: no envelope sender"),
    }
    Outcome::Refused
}

/// What cleanup's answer means for the file.
fn outcome(path: &Path, reply: &Reply) -> Outcome {
    if reply.status == 0 {
        return Outcome::Taken;
    }
    let text = match reply.status {
        s if s & STATUS_BAD != 0 => "internal protocol error",
        s if s & STATUS_NO_RECIPIENTS != 0 => "no recipients specified",
        s if s & STATUS_HOPS != 0 => "too many hops",
        s if s & STATUS_SIZE != 0 => "message file too big",
        s if s & STATUS_CONTENT != 0 => "message content rejected",
        _ => "",
    };
    if !text.is_empty() {
        maillog::warning!("{}: error writing {}: {text}", path.display(), reply.id);
    }
    match reply.status {
        // There is nobody to send it to, or nothing to send.
        s if s & (STATUS_BAD | STATUS_NO_RECIPIENTS) != 0 => Outcome::Refused,
        _ => Outcome::Kept,
    }
}

/// Moves what is no message out of the way; it can be looked at in `corrupt`. False: it is still there, and met again at the next wake-up.
fn set_aside(id: &QueueId, path: &Path) -> bool {
    let moved = fs::rename(path, Path::new("corrupt").join(id.as_str()));
    if let Err(e) = &moved {
        maillog::warning!("rename {}: {}", path.display(), table::errno_text(e));
    }
    moved.is_ok()
}

/// Linux's number.
const O_NOFOLLOW: i32 = 0o400_000;
