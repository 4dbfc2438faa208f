//! The pickup service: mail of local users goes from `maildrop` to cleanup(8).

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirEntryExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base::Stamp;
use config::Config;
use ipc::FrameReader;
use ipc::cleanup::{
    FLAG_AUTO_UTF8, FLAGS_LOCAL, Reply, Request, STATUS_BAD, STATUS_CONTENT, STATUS_HOPS, STATUS_NO_RECIPIENTS, STATUS_SIZE, Submit, overridden,
};
use queue::QueueId;
use queue::record::{self, kind};
use server::{Boot, Promise, Rights, Service, StartError, Trigger};

use crate::drop_file::{DropFile, Refused};

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
        let mut cleanup = None;
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
        if let Some(session) = cleanup {
            session.close();
        }
        count
    }

    fn file(&self, id: &QueueId, path: &Path, inode: u64, cleanup: &mut Option<Session>) -> Outcome {
        let Some((bytes, meta)) = self.read(path, inode) else { return Outcome::Kept };
        let uid = meta.uid();
        let mut parsed = match DropFile::parse(&bytes, uid == self.owner) {
            Ok(parsed) => parsed,
            Err(refused) => {
                match refused {
                    Refused::Malformed(what) => maillog::warning!("{}: uid={uid}: malformed record: {what}", path.display()),
                    Refused::Unexpected(kind) => maillog::warning!("{}: uid={uid}: unexpected or malformed record type {kind}", path.display()),
                }
                return Outcome::Refused;
            }
        };
        let Some(sender) = &parsed.sender else {
            maillog::warning!("{id}: uid={uid}: no envelope sender");
            return Outcome::Refused;
        };
        if cleanup.is_none() {
            *cleanup = Session::open(&self.cleanup, self.limit);
        }
        let Some(session) = cleanup else { return Outcome::Stop };
        if session.spare.is_empty() {
            if let Err(e) = session.reserve() {
                maillog::warning!("{}: {e}", self.cleanup.display());
                *cleanup = None;
                return Outcome::Stop;
            }
        }
        let new = session.spare.clone();
        let original = if parsed.requeued { format!(" orig_id={id}") } else { String::new() };
        maillog::info!("{new}: uid={uid} from=<{}>{original}", address::quote(sender));
        let mut received = self.received(&new, uid, &meta);
        if matches!(parsed.content.first(), Some(b' ' | b'\t')) {
            // It must not become a part of the header above.
            received.push(b'\n');
        }
        if !self.filter.is_empty() {
            record::put(&mut parsed.envelope, kind::FILTER, &self.filter);
        }
        match session.submit(self.flags, &parsed, &received) {
            Ok(reply) => outcome(path, &reply),
            Err(e) => {
                maillog::warning!("{}: {e}", self.cleanup.display());
                *cleanup = None;
                Outcome::Stop
            }
        }
    }

    /// A complete file's bytes. What is not complete, or not what postdrop makes, is left where it is.
    fn read(&self, path: &Path, inode: u64) -> Option<(Vec<u8>, Metadata)> {
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
        let (mut file, meta) = match opened {
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
        let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
        match file.read_to_end(&mut bytes) {
            Ok(_) => Some((bytes, meta)),
            Err(e) => {
                maillog::warning!("read {}: {}", path.display(), table::errno_text(&e));
                None
            }
        }
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

/// A connection to cleanup for one look through the queue, with one id in reserve: the Received header names it.
struct Session {
    stream: UnixStream,
    buffer: FrameReader,
    spare: String,
}

/// So much content is sent with one write.
const BLOCK: usize = 1 << 20;

impl Session {
    fn open(path: &Path, limit: Duration) -> Option<Session> {
        let open = || -> Result<Session, String> {
            let stream = UnixStream::connect(path).map_err(|e| table::errno_text(&e))?;
            stream.set_read_timeout(Some(limit)).and_then(|()| stream.set_write_timeout(Some(limit))).map_err(|e| table::errno_text(&e))?;
            let mut session = Session { stream, buffer: FrameReader::new(), spare: String::new() };
            session.reserve()?;
            Ok(session)
        };
        open().map_err(|e| maillog::warning!("connect to {}: {e}", path.display())).ok()
    }

    fn reserve(&mut self) -> Result<(), String> {
        ipc::write_frame(&mut self.stream, &Request::Reserve { count: 1 }).map_err(|e| e.to_string())?;
        self.reply().and_then(|mut reply| reply.spare.pop().map(|id| self.spare = id).ok_or_else(|| "no queue id".to_owned()))
    }

    fn reply(&mut self) -> Result<Reply, String> {
        ipc::read_frame(&mut self.stream, &mut self.buffer).map_err(|e| e.to_string())
    }

    fn submit(&mut self, flags: u32, file: &DropFile, received: &[u8]) -> Result<Reply, String> {
        let arrival = file.arrival.unwrap_or_default();
        let submit = Submit {
            id: Some(std::mem::take(&mut self.spare)),
            flags,
            arrival: (arrival.sec, arrival.usec),
            envelope: file.envelope.clone(),
            extracted: file.extracted.clone(),
            want_spare: true,
        };
        let mut out = ipc::encode(&Request::Submit(submit));
        push_chunk(&mut out, received);
        for block in file.content.chunks(BLOCK) {
            if out.len() > BLOCK {
                self.stream.write_all(&out).map_err(|e| table::errno_text(&e))?;
                out.clear();
            }
            push_chunk(&mut out, block);
        }
        push_chunk(&mut out, b"");
        self.stream.write_all(&out).map_err(|e| table::errno_text(&e))?;
        let mut reply = self.reply()?;
        // Where there is none the next message asks for it: this one has its answer, and must not come twice.
        self.spare = reply.spare.pop().unwrap_or_default();
        Ok(reply)
    }

    /// Gives the unused id back.
    fn close(mut self) {
        if self.spare.is_empty() {
            return;
        }
        let release = Request::Release { ids: vec![std::mem::take(&mut self.spare)] };
        if ipc::write_frame(&mut self.stream, &release).is_ok() {
            let _ = self.reply();
        }
    }
}

fn push_chunk(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Linux's number.
const O_NOFOLLOW: i32 = 0o400_000;
