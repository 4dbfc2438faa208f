//! postdrop(1), to which a message goes that its sender has no right to queue: records on its standard input, a queue id and a status from its standard output.

use std::io::{self, BufWriter, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use base::Line;
use queue::record;

/// A running postdrop that takes records.
#[derive(Debug)]
pub struct Dropper {
    child: Child,
    to: BufWriter<ChildStdin>,
    from: ChildStdout,
    answer: Vec<u8>,
}

/// How postdrop ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// The message is in the queue.
    Queued,
    /// It is not: status bits, of which the lowest are those of cleanup, and a text.
    Refused(u32, String),
    /// postdrop did not get as far as a status.
    Failed(Option<ExitStatus>),
}

impl Dropper {
    /// Starts it. `command` is `postdrop -r` with its environment.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(command: &mut Command) -> io::Result<Dropper> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(stdin), Some(from)) = (child.stdin.take(), child.stdout.take()) else { return Err(io::ErrorKind::BrokenPipe.into()) };
        Ok(Dropper { child, to: BufWriter::with_capacity(32 << 10, stdin), from, answer: Vec::new() })
    }

    /// The queue id, which it tells first.
    ///
    /// # Errors
    /// It ended before.
    pub fn queue_id(&mut self) -> io::Result<String> {
        let mut byte = [0u8];
        while !self.answer.ends_with(b"\0\0") {
            self.from.read_exact(&mut byte)?;
            self.answer.extend_from_slice(&byte);
        }
        value(&self.answer, "queue_id").ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Sends one record. A postdrop that has gone away shows at the end.
    ///
    /// # Errors
    /// It reads no more.
    pub fn put<'a>(&mut self, kind: u8, value: impl Into<Line<'a>>) -> io::Result<()> {
        let mut bytes = Vec::new();
        record::put(&mut bytes, kind, value);
        self.send(&bytes)
    }

    /// Sends one record of content.
    ///
    /// # Errors
    /// It reads no more.
    pub fn put_content(&mut self, kind: u8, data: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(data.len() + 4);
        record::put_content(&mut bytes, kind, data);
        self.send(&bytes)
    }

    /// Sends a `name=value` record.
    ///
    /// # Errors
    /// It reads no more.
    pub fn put_attr(&mut self, name: &str, value: &str) -> io::Result<()> {
        self.put(record::kind::ATTR, format!("{name}={value}"))
    }

    /// Sends whole records.
    ///
    /// # Errors
    /// It reads no more.
    pub fn send(&mut self, records: &[u8]) -> io::Result<()> {
        self.to.write_all(records)
    }

    /// Waits for the status. Everything has been sent when `complete`; otherwise postdrop forgets the message.
    pub fn finish(self, complete: bool) -> Ending {
        let Dropper { mut child, to, mut from, mut answer } = self;
        // Bytes of a message that is taken back are not sent either.
        if complete {
            drop(to.into_inner());
        } else {
            drop(to.into_parts().0);
        }
        let _ = from.read_to_end(&mut answer);
        let status = child.wait().ok();
        ending(&answer, status)
    }
}

/// A value of the answer, which is two lists of [`crate::attributes`].
fn value(answer: &[u8], name: &str) -> Option<String> {
    let mut fields = answer.split(|&b| b == 0).map(String::from_utf8_lossy);
    fields.find(|f| f == name)?;
    fields.next().map(|v| v.into_owned())
}

fn ending(answer: &[u8], status: Option<ExitStatus>) -> Ending {
    match value(answer, "status").and_then(|s| s.parse::<u32>().ok()) {
        Some(0) => Ending::Queued,
        Some(bits) => Ending::Refused(bits, value(answer, "reason").filter(|r| !r.is_empty()).unwrap_or_else(|| explain(bits).to_owned())),
        None => Ending::Failed(status),
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
        let with = |rest: &[u8]| ending(&[&first[..], rest].concat(), None);
        assert_eq!(with(b"status\x000\0reason\0\0\0"), Ending::Queued);
        assert_eq!(with(b"status\x004\0reason\0\0\0"), Ending::Refused(4, "message file too big".into()));
        assert_eq!(with(b"status\x008\0reason\x005.7.1 no\0\0"), Ending::Refused(8, "5.7.1 no".into()));
        assert_eq!(with(b""), Ending::Failed(None));
        assert_eq!(value(&first, "queue_id").as_deref(), Some("C1B8A990358"));
        assert_eq!(ending(b"", None), Ending::Failed(None));
    }
}
