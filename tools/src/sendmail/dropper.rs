//! The other end of `postdrop -r`.

use std::io::{self, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};

use config::Config;
use queue::record;

/// A running postdrop that takes records.
pub(crate) struct Dropper {
    command: String,
    child: Child,
    to: BufWriter<ChildStdin>,
}

/// How postdrop ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The message is in the queue.
    Queued,
    /// It is not: a text for the user.
    Refused(String),
    /// postdrop did not get as far as a status.
    Failed,
}

impl Dropper {
    /// Starts it; it inherits our configuration directory.
    pub(crate) fn start(conf: &Config) -> io::Result<Dropper> {
        let program = PathBuf::from(conf.get(params::COMMAND_DIRECTORY)).join("postdrop");
        let command = format!("{} -r", program.display());
        let mut child =
            super::modes::program(&conf.get(params::COMMAND_DIRECTORY), "postdrop").arg("-r").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Dropper { command, child, to: BufWriter::with_capacity(32 << 10, stdin) })
    }

    /// The command as it is shown.
    pub(crate) fn command(&self) -> &str {
        &self.command
    }

    /// Sends one record. A postdrop that has gone away shows at the end.
    pub(crate) fn put(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(data.len() + 4);
        record::put(&mut bytes, kind, data);
        self.to.write_all(&bytes)
    }

    /// Sends a `name=value` record.
    pub(crate) fn put_attr(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.put(record::kind::ATTR, format!("{name}={value}").as_bytes())
    }

    /// Waits for the status. Everything has been sent when `complete`; otherwise postdrop forgets the message.
    pub(crate) fn finish(self, complete: bool) -> Ending {
        let Dropper { command, mut child, to } = self;
        // Bytes of a message that is taken back are not sent either.
        if complete {
            drop(to.into_inner());
        } else {
            drop(to.into_parts().0);
        }
        let mut answer = Vec::new();
        if let Some(mut from) = child.stdout.take() {
            let _ = from.read_to_end(&mut answer);
        }
        let status = child.wait();
        let ending = ending(&answer);
        match status {
            Ok(s) if !s.success() && ending == Ending::Failed => match s.code() {
                Some(code) => maillog::warning!("command \"{command}\" exited with status {code}"),
                None => maillog::warning!("command \"{command}\" killed by a signal"),
            },
            _ => {}
        }
        ending
    }
}

/// Reads two lists of attributes: names and values end with a NUL, a list with one more.
fn ending(answer: &[u8]) -> Ending {
    let fields: Vec<String> = answer.split(|&b| b == 0).map(|f| String::from_utf8_lossy(f).into_owned()).collect();
    let value = |name: &str| fields.iter().position(|f| f == name).and_then(|i| fields.get(i + 1));
    match value("status").and_then(|s| s.parse::<u32>().ok()) {
        Some(0) => Ending::Queued,
        Some(status) => match value("reason").filter(|r| !r.is_empty()) {
            Some(reason) => Ending::Refused(reason.clone()),
            None => Ending::Refused(explain(status).to_owned()),
        },
        None => Ending::Failed,
    }
}

/// Postfix's numbers.
fn explain(status: u32) -> &'static str {
    match status {
        s if s & 1 != 0 => "internal protocol error",
        s if s & 1 << 6 != 0 => "no recipients specified",
        s if s & 1 << 8 != 0 => "service unavailable",
        s if s & 1 << 7 != 0 => "queue file write error",
        s if s & 1 << 4 != 0 => "too many hops",
        s if s & 1 << 2 != 0 => "message file too big",
        s if s & 1 << 3 != 0 => "message content rejected",
        _ => "queue file write error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let first = b"protocol\0postdrop_protocol\0queue_id\0C1B8A990358\0\0".to_vec();
        let with = |rest: &[u8]| ending(&[&first[..], rest].concat());
        assert_eq!(with(b"status\x000\0reason\0\0\0"), Ending::Queued);
        assert_eq!(with(b"status\x004\0reason\0\0\0"), Ending::Refused("message file too big".into()));
        assert_eq!(with(b"status\x008\0reason\x005.7.1 no\0\0"), Ending::Refused("5.7.1 no".into()));
        assert_eq!(with(b""), Ending::Failed);
        assert_eq!(ending(b""), Ending::Failed);
    }
}
