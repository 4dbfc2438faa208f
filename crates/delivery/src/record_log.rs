//! The logs in `bounce`, `defer` and `trace`: one text file a message, one paragraph a recipient.
//!
//! The format is postfix's (bounce_log), so that its mailq shows our reasons and ours its.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;

use base::{Dsn, Status, text};
use ipc::bounce::Record;
use queue::{Access, Queue, QueueError, QueueId, Recipient};

/// Appends a record to the log of a message in `directory` (`bounce`, `defer`, `trace`). With `stable` it is on stable storage afterwards.
///
/// A record that could not be written whole is taken back.
pub fn append(queue: &Queue, directory: &str, id: &QueueId, record: &Record, compatible: bool, stable: bool) -> Result<(), QueueError> {
    let path = queue.path(directory, id);
    let name = path.to_string_lossy().into_owned();
    let failed = |operation| {
        let name = name.clone();
        move |e| QueueError::io(operation, name, e)
    };
    let open = || File::options().read(true).append(true).create(true).mode(0o600).custom_flags(O_NOFOLLOW).open(&path);
    let mut file = match open() {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            queue.make_parent(&path)?;
            open().map_err(failed("open"))?
        }
        other => other.map_err(failed("open"))?,
    };
    sys::lock_exclusive(file.as_fd()).map_err(failed("lock"))?;
    let old = file.metadata().map_err(failed("stat"))?.len();
    let written = file.write_all(encode(record, compatible).as_bytes()).and_then(|()| if stable { sys::make_stable(&file, &path) } else { Ok(()) });
    if let Err(e) = written {
        let _ = file.set_len(old);
        return Err(failed("write")(e));
    }
    Ok(())
}

/// Linux's number.
const O_NOFOLLOW: i32 = 0o400_000;

/// Reads a log, record by record. `None` when there is none.
///
/// # Errors
/// It cannot be opened. One that cannot be read on ends there, with a warning.
pub fn read(queue: &Queue, directory: &str, id: &QueueId) -> Result<Option<Log>, QueueError> {
    let path = queue.path(directory, id);
    match queue::open_message(&path, Access::Read) {
        Ok(file) => Ok(Some(Log { lines: BufReader::new(file), name: path.to_string_lossy().into_owned() })),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(QueueError::io("open", path.to_string_lossy(), e)),
    }
}

/// The records of a log. Any number of them costs no memory.
#[derive(Debug)]
pub struct Log {
    lines: BufReader<File>,
    name: String,
}

impl Iterator for Log {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let name = &self.name;
        next_record(&mut self.lines).unwrap_or_else(|e| {
            maillog::warning!("read {name}: {}", sys::strerror(&e));
            None
        })
    }
}

/// Of a line no more than this is kept, and of a paragraph no more than so many lines: our own never have as much.
const LINE_LIMIT: usize = 64 << 10;
const LINES_LIMIT: usize = 32;

/// The next paragraph that is a record.
fn next_record(input: &mut impl BufRead) -> io::Result<Option<Record>> {
    let mut lines = Vec::new();
    loop {
        let line = next_line(input)?;
        match line.as_deref() {
            Some(text) if !text.is_empty() => {
                if lines.len() < LINES_LIMIT {
                    lines.push(String::from_utf8_lossy(text).into_owned());
                }
                continue;
            }
            _ => {}
        }
        match paragraph(&lines) {
            None if line.is_some() => lines.clear(),
            record => return Ok(record),
        }
    }
}

/// The next line without its end; `None` at the end of the file.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut got = 0;
    loop {
        let buffer = input.fill_buf()?;
        let end = buffer.iter().position(|b| *b == b'\n');
        let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
        line.extend_from_slice(part.get(..LINE_LIMIT - line.len()).unwrap_or(part));
        line.truncate(LINE_LIMIT);
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        got += used;
        if end.is_some() || used == 0 {
            return Ok((got > 0).then_some(line));
        }
    }
}

/// One paragraph. `compatible` (`backwards_bounce_logfile_compatibility`) puts the line for people of old versions in front.
pub fn encode(record: &Record, compatible: bool) -> String {
    let (recipient, dsn) = (&record.recipient, &record.dsn);
    let clean = |t: &str| text::printable(t.as_bytes());
    let address = if recipient.address.is_empty() { &recipient.original } else { &recipient.address };
    let mut out = String::from("\n");
    if compatible {
        let _ = writeln!(out, "<{}>: {}", clean(&crate::external(address)), clean(&dsn.reason));
    }
    let mut field = |name: &str, value: &str| {
        let _ = writeln!(out, "{name}={}", clean(value));
    };
    field("recipient", &crate::external(&recipient.address));
    if !recipient.original.is_empty() && recipient.original.to_lowercase() != recipient.address.to_lowercase() {
        field("original_recipient", &crate::external(&recipient.original));
    }
    if recipient.offset > 0 {
        field("offset", &recipient.offset.to_string());
    }
    if !recipient.dsn_orcpt.is_empty() {
        field("dsn_orig_rcpt", &recipient.dsn_orcpt);
    }
    if recipient.notify != 0 {
        field("notify_flags", &recipient.notify.to_string());
    }
    field("status", &dsn.status.to_string());
    field("action", &dsn.action);
    for (kind, kind_name, value, name) in [(&dsn.diag_type, "diag_type", &dsn.diag_text, "diag_text"), (&dsn.mta_type, "mta_type", &dsn.mta_name, "mta_mname")]
    {
        if !kind.is_empty() && !value.is_empty() {
            field(kind_name, kind);
            field(name, value);
        }
    }
    field("reason", &dsn.reason);
    out.push('\n');
    out
}

/// Reads a paragraph: attributes where there are any, else the `<recipient>: reason` line of old versions. Unknown attributes are passed over.
fn paragraph(lines: &[String]) -> Option<Record> {
    let mut record = Record { recipient: Recipient::default(), relay: String::new(), dsn: Dsn::new("4.0.0", "") };
    let mut seen = false;
    for line in lines {
        if let Some((address, reason)) = line.strip_prefix('<').and_then(|l| l.split_once(">: ")) {
            if !seen {
                address.clone_into(&mut record.recipient.address);
                reason.clone_into(&mut record.dsn.reason);
                seen = true;
            }
        } else if let Some((name, value)) = line.split_once('=') {
            seen |= set(&mut record, name, value);
        }
    }
    seen.then_some(record)
}

fn set(record: &mut Record, name: &str, value: &str) -> bool {
    let value = value.to_owned();
    let (recipient, dsn) = (&mut record.recipient, &mut record.dsn);
    match name {
        "recipient" => recipient.address = value,
        "original_recipient" => recipient.original = value,
        "offset" => recipient.offset = value.parse().unwrap_or(0),
        "dsn_orig_rcpt" => recipient.dsn_orcpt = value,
        "notify_flags" => recipient.notify = value.parse().unwrap_or(0),
        "status" => dsn.status = Status::parse(&value).unwrap_or_else(|| "5.0.0".into()),
        "action" => dsn.action = value,
        "diag_type" => dsn.diag_type = value,
        "diag_text" => dsn.diag_text = value,
        "mta_type" => dsn.mta_type = value,
        "mta_mname" => dsn.mta_name = value,
        "reason" => dsn.reason = value,
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(mut bytes: &[u8]) -> Vec<Record> {
        std::iter::from_fn(|| next_record(&mut bytes).unwrap()).collect()
    }

    fn record() -> Record {
        let recipient =
            Recipient { offset: 696, address: "h1@example.com".into(), original: "H1@example.com".into(), dsn_orcpt: "rfc822;o@example.org".into(), notify: 4 };
        let mut dsn = Dsn::new("4.3.0", "mail transport unavailable");
        dsn.action = "delayed".into();
        Record { recipient, relay: String::new(), dsn }
    }

    #[test]
    fn the_same_bytes_as_debians() {
        let want = "\n<h1@example.com>: mail transport unavailable\nrecipient=h1@example.com\noffset=696\ndsn_orig_rcpt=rfc822;o@example.org\n\
                    notify_flags=4\nstatus=4.3.0\naction=delayed\nreason=mail transport unavailable\n\n";
        assert_eq!(encode(&record(), true), want);
    }

    #[test]
    fn round_trip() {
        let mut with_diagnosis = record();
        with_diagnosis.dsn.diag_type = "smtp".into();
        with_diagnosis.dsn.diag_text = "450 busy = yes".into();
        let text = [encode(&record(), true), encode(&with_diagnosis, false)].concat();
        let back = decode(text.as_bytes());
        assert_eq!(back.len(), 2);
        assert_eq!(back[0].recipient.offset, 696);
        assert_eq!(back[1].dsn, with_diagnosis.dsn);
    }

    #[test]
    fn old_and_broken_logs() {
        let back = decode(b"<a@example.com>: old reason\n\nsome line\n\nrecipient=b@example.com\nstatus=nonsense\n");
        assert_eq!(back.len(), 2);
        assert_eq!(back[0].dsn.reason, "old reason");
        assert_eq!(back[1].dsn.status.to_string(), "5.0.0");
    }

    #[test]
    fn long_logs() {
        let whole: Vec<u8> = (0..3).flat_map(|_| encode(&record(), true).into_bytes()).collect();
        assert_eq!(decode(&whole).len(), 3);
        for size in [0, 1, LINE_LIMIT - 7, LINE_LIMIT, LINE_LIMIT + 1, 3 * LINE_LIMIT] {
            let mut r = record();
            r.dsn.reason = "x".repeat(size);
            let log = [encode(&record(), true), encode(&r, true), encode(&record(), true)].concat();
            assert_eq!(decode(log.as_bytes()).iter().map(|r| r.recipient.offset).collect::<Vec<_>>(), [696; 3], "{size}");
        }
    }

    #[test]
    fn a_reason_cannot_forge_a_paragraph() {
        let mut r = record();
        r.dsn.reason = "x\n\nrecipient=evil@example.com".into();
        assert_eq!(decode(encode(&r, true).as_bytes()).len(), 1);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut dice = base::dice::Dice::new(13);
        for _ in 0..500 {
            let reason = dice.text(&["no ", "such=user ", "<a@b>: ", "\u{e9}", "x"], 12).trim().to_owned();
            let recipient = Recipient { address: "a@example.com".into(), offset: dice.below(900) as u64 + 1, ..Recipient::default() };
            let record =
                Record { recipient, relay: String::new(), dsn: Dsn { action: "failed".into(), ..Dsn::new("5.1.1", text::printable(reason.as_bytes())) } };
            for compatible in [false, true] {
                let log = [encode(&record, compatible), encode(&record, compatible)].concat();
                let read = decode(log.as_bytes());
                assert_eq!(
                    read.iter().map(|r| (r.recipient.offset, r.dsn.reason.as_str())).collect::<Vec<_>>(),
                    [(record.recipient.offset, record.dsn.reason.as_str()); 2]
                );
                let _ = decode(&dice.damaged(log.as_bytes()));
            }
        }
    }
}
