//! postdrop(1): a message from a local user goes into `maildrop`.

mod input;
mod rights;

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, VERBOSE, flag};
use config::Config;
use ipc::cleanup::{STATUS_BAD, STATUS_CONTENT};
use ipc::trigger;
use queue::QueueId;
use queue::record::{self, DROP_CONTENT_KINDS, DROP_ENVELOPE_KINDS, DROP_EXTRACTED_KINDS, kind};

use crate::queue_tool::{configuration, enter_queue, errno, kick, options_or_usage, start_log};
use input::{Input, InputError};
use rights::check_submitter;
use sys::SignalQueue;

const PROGRAM: &str = "postdrop";
const USAGE: &str = "postdrop [-c config_dir] [-v]";

/// The options.
pub const OPTIONS: &[Opt] = &[CONFIG_DIR, flag('r', "Accepted: there is one protocol."), VERBOSE];

/// Status bits of this protocol: postfix's numbers, of which sendmail needs these.
const WRITE: u32 = 1 << 1;
const SIZE: u32 = 1 << 2;

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    sys::umask(0);
    let options = options_or_usage(PROGRAM, OPTIONS, USAGE, 1);
    let (mut directory, mut verbosity) = (None, 0);
    for (letter, value) in options.given {
        match letter {
            'c' => directory = Some(value),
            'v' => verbosity += u32::from(sys::is_root()),
            // Always: there is no other protocol.
            _ => {}
        }
    }
    maillog::set_verbosity(verbosity);
    let conf = configuration(directory.as_deref(), 1);
    enter_queue(&conf, 1);
    start_log(PROGRAM, Some(&conf));
    let submitter = check_submitter(&conf);
    // Before there is a file: none may be left behind.
    let signals = input::catch_signals().unwrap_or_else(|e| maillog::fatal(format_args!("signals: {}", errno(&e))));
    let mut drop = Drop::create(&conf).unwrap_or_else(|e| maillog::fatal(format_args!("create file maildrop: {}", errno(&e))));
    say(&[("protocol", "postdrop_protocol"), ("queue_id", drop.id.as_str())]);
    match drop.receive(signals, &conf, &submitter) {
        Ok(None) => {
            drop.remove();
            ExitCode::SUCCESS
        }
        Ok(Some((0, _))) => {
            wake_pickup(&conf);
            say(&[("status", "0"), ("reason", "")]);
            ExitCode::SUCCESS
        }
        Ok(Some((status, reason))) => {
            drop.remove();
            say(&[("status", &status.to_string()), ("reason", &reason)]);
            u8::try_from(status).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(text) => {
            drop.remove();
            maillog::fatal(format_args!("uid={}: {text}", submitter.uid))
        }
    }
}

/// One list of attributes, on standard output.
fn say(pairs: &[(&str, &str)]) {
    let mut out = Vec::new();
    for (name, value) in pairs {
        ipc::attributes::put(&mut out, name, value);
    }
    ipc::attributes::end(&mut out);
    // Nobody may be listening; the message counts all the same.
    let _ = io::stdout().write_all(&out).and_then(|()| io::stdout().flush());
}

fn wake_pickup(conf: &Config) {
    let socket = Path::new("public").join(conf.get(params::PICKUP_SERVICE_NAME));
    if let Err(e) = kick(&socket, &[trigger::WAKEUP], conf.get(params::TRIGGER_TIMEOUT)) {
        maillog::verbose!("connect to {}: {}", socket.display(), errno(&e));
    }
}

/// The file that is being made, mode 0600 until it is complete.
struct Drop {
    id: QueueId,
    path: PathBuf,
    file: File,
    pending: Vec<u8>,
    written: u64,
    limit: u64,
    line_limit: usize,
}

/// How a submission ends: nothing came; or a status with a text.
type Outcome = Option<(u32, String)>;

const PENDING_LIMIT: usize = 64 << 10;

impl Drop {
    fn create(conf: &Config) -> io::Result<Drop> {
        let mut now = sys::now();
        let (temporary, file) = loop {
            let name = PathBuf::from(format!("maildrop/{}.{}", now.usec, std::process::id()));
            match File::options().write(true).create_new(true).mode(0o600).open(&name) {
                Ok(file) => break (name, file),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => now.usec = (now.usec + 1) % 1_000_000,
                Err(e) => return Err(e),
            }
        };
        let made = file.metadata().and_then(|m| {
            let long: bool = conf.get(params::ENABLE_LONG_QUEUE_IDS);
            let id = if long { QueueId::long(now, m.ino()) } else { QueueId::short(now, m.ino()) };
            let path = Path::new("maildrop").join(id.as_str());
            fs::rename(&temporary, &path).map(|()| (id, path))
        });
        let (id, path) = made.inspect_err(|_| drop(fs::remove_file(&temporary)))?;
        let mut pending = Vec::new();
        record::put(&mut pending, kind::TIME, format!("{} {}", now.sec, now.usec).as_bytes());
        let limit = conf.get(params::MESSAGE_SIZE_LIMIT);
        let line_limit = conf.get(params::LINE_LENGTH_LIMIT);
        Ok(Drop { id, path, file, pending, written: 0, limit, line_limit })
    }

    fn remove(&self) {
        let _ = fs::remove_file(&self.path);
    }

    /// Takes the records from standard input. `Err`: the sender does not keep to the protocol.
    fn receive(&mut self, signals: SignalQueue, conf: &Config, submitter: &rights::Submitter) -> Result<Outcome, String> {
        let mut input = Input::new(signals, self.path.clone());
        let mut segment = 0;
        let segments = [DROP_ENVELOPE_KINDS, DROP_CONTENT_KINDS, DROP_EXTRACTED_KINDS];
        let (mut has_sender, mut has_recipient) = (false, false);
        let mut refused = None;
        loop {
            let (kind, data) = match input.record(self.line_limit) {
                Ok(Some(found)) => found,
                // The sender has thought better of it.
                Ok(None) => return Ok(None),
                Err(InputError::Malformed(what)) => {
                    maillog::warning!("stdin: {what}");
                    return Err("malformed input".to_owned());
                }
                Err(InputError::Io(e)) => return Err(errno(&e)),
            };
            if !segments.get(segment).is_some_and(|allowed| allowed.contains(&kind)) {
                return Err(format!("unexpected record type: {kind}"));
            }
            match kind {
                kind::ATTR => {
                    if let Err(what) = check_attribute(&data) {
                        maillog::warning!("uid={}: ignoring {what}", submitter.uid);
                        continue;
                    }
                }
                kind::SENDER => {
                    has_sender = true;
                    refused = refused.or(submitter.refuses(conf, &String::from_utf8_lossy(&data)));
                }
                kind::RECIPIENT => has_recipient = true,
                kind::MESSAGE | kind::EXTRACTED => segment += 1,
                _ => {}
            }
            match segment {
                1 => record::put_content(&mut self.pending, kind, &data),
                _ => record::put(&mut self.pending, kind, data.as_slice()),
            }
            if let Some(outcome) = self.settle(submitter.uid) {
                return Ok(Some(outcome));
            }
            if kind == kind::END {
                break;
            }
        }
        if let Some(reason) = refused {
            return Ok(Some((STATUS_CONTENT, reason)));
        }
        let wanted = conf.get(params::QUEUE_MINFREE);
        if wanted > 0 && sys::disk_space(Path::new("maildrop")).is_ok_and(|space| space.free < wanted) {
            maillog::warning!("uid={}: less than queue_minfree = {wanted} bytes are free", submitter.uid);
            return Ok(Some((WRITE, "4.3.1 Insufficient system storage".to_owned())));
        }
        if !has_sender || !has_recipient {
            return Ok(Some((STATUS_BAD, String::new())));
        }
        Ok(Some(self.finish(submitter.uid)))
    }

    /// Writes what has been collected when it is much. Something: the message cannot be taken.
    fn settle(&mut self, uid: u32) -> Option<(u32, String)> {
        if self.limit > 0 && self.written + self.pending.len() as u64 > self.limit {
            maillog::warning!("uid={uid}: File too large");
            return Some((SIZE, String::new()));
        }
        if self.pending.len() < PENDING_LIMIT {
            return None;
        }
        let result = self.flush();
        result.err().map(|e| failed(uid, &e))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.pending)?;
        self.written += self.pending.len() as u64;
        self.pending.clear();
        Ok(())
    }

    /// Makes the file a complete one: mode 0744, on stable storage under its name.
    fn finish(&mut self, uid: u32) -> (u32, String) {
        let done =
            self.flush().and_then(|()| self.file.set_permissions(fs::Permissions::from_mode(0o744))).and_then(|()| sys::make_stable(&self.file, &self.path));
        done.err().map_or((0, String::new()), |e| failed(uid, &e))
    }
}

fn failed(uid: u32, e: &io::Error) -> (u32, String) {
    maillog::warning!("uid={uid}: {}", errno(e));
    // Past the caller's own limit of a file (ulimit -f).
    (if e.kind() == io::ErrorKind::FileTooLarge { SIZE } else { WRITE }, String::new())
}

/// Attributes that a user may set. The others are for programs that know.
fn check_attribute(data: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(data);
    let cut: String = text.chars().take(200).collect();
    let (name, value) =
        config::main_cf::setting(&text).map_err(|what| format!("malformed record: {}: {cut}", what.split(": \"").next().unwrap_or_default()))?;
    let good = match name {
        "rewrite_context" => matches!(value, "local" | "remote"),
        "encoding" => matches!(value, "7bit" | "8bit"),
        "envelope_id" | "ret_flags" | "notify_flags" | "dsn_orig_rcpt" | "create_time" | "sendopts" => true,
        // TRUST: a probe's result goes to verify(8), whose memory nobody else may fill.
        "trace_flags" => value.parse::<u32>().is_ok_and(|bits| bits & !USER_TRACE == 0),
        _ => false,
    };
    if good { Ok(()) } else { Err(format!("attribute record: {name}={}", value.chars().take(100).collect::<String>())) }
}

/// What `sendmail -bv` and `sendmail -v` ask for.
const USER_TRACE: u32 = 512 | 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_users() {
        for good in ["rewrite_context=local", "encoding=8bit", "trace_flags=512", "notify_flags=3"] {
            assert!(check_attribute(good.as_bytes()).is_ok(), "{good}");
        }
        assert_eq!(check_attribute(b"foo"), Err("malformed record: missing '=' after attribute name: foo".to_owned()));
        assert_eq!(check_attribute(b"log_client_name=x"), Err("attribute record: log_client_name=x".to_owned()));
        assert!(check_attribute(b"trace_flags=256").is_err());
    }
}
