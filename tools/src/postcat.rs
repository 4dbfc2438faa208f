//! postcat(1): what is in a queue file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, Options, VERBOSE, Value, flag, valued};
use queue::record::{self, kind};
use queue::{Access, Queue, QueueId};

use crate::queue_tool::{asctime, called, configuration, enter_queue, errno, has_form_of_id, options_or_usage, usage, usage_error};

const PROGRAM: &str = "postcat";
const USAGE: &str = "postcat [-b (body text)] [-c config_dir] [-d (decimal record type)] [-e (envelope records)] [-h (header text)] [-q (access queue)] \
                     [-v] [file(s)...]";

/// The options.
pub const OPTIONS: &[Opt] = &[
    flag('b', "Shows the body. Together with -e and -h it adds up; without any of them everything is shown."),
    CONFIG_DIR,
    flag('d', "Shows record types as numbers."),
    flag('e', "Shows the envelope: records before and after the message."),
    flag('f', "Puts the name of the file before each line."),
    flag('h', "Shows the header."),
    flag('o', "Shows the offset of each record in its file."),
    flag('q', "The arguments are queue ids, which are looked for in the queues."),
    flag('r', "With -v, shows records in the order of the file, and does not follow pointers."),
    valued('s', Value::Text("offset"), "Starts at a number of bytes from the beginning of the file."),
    VERBOSE,
];

/// What is shown, and how.
#[derive(Clone, Copy, Default)]
struct Show {
    body: bool,
    envelope: bool,
    header: bool,
    decimal: bool,
    offset: bool,
    prefix: bool,
    raw: bool,
    verbose: bool,
    start: u64,
}

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(&called(PROGRAM), OPTIONS, USAGE, 1);
    let (show, queue_ids, directory) = read_options(&options);
    let conf = configuration(directory.as_deref(), 1);
    if queue_ids && options.rest.is_empty() {
        return ExitCode::SUCCESS;
    }
    let mut out = io::BufWriter::with_capacity(64 << 10, io::stdout().lock());
    if options.rest.is_empty() {
        let mut bytes = Vec::new();
        if let Err(e) = io::stdin().read_to_end(&mut bytes) {
            maillog::fatal(format_args!("stdin: {}", errno(&e)));
        }
        if show.start > bytes.len() as u64 {
            maillog::fatal(format_args!("stdin: skip {} bytes failed after {}", show.start, bytes.len()));
        }
        print("stdin", &bytes, show, &mut out);
    }
    let queue = queue_ids.then(|| enter_queue(&conf, 1));
    for name in &options.rest {
        let (path, opened) = match &queue {
            Some(queue) => {
                let (path, file) = find(queue, name);
                (path, Ok(file))
            }
            None => (PathBuf::from(name), File::open(name)),
        };
        let mut bytes = Vec::new();
        opened.and_then(|mut file| file.read_to_end(&mut bytes)).unwrap_or_else(|e| {
            let _ = out.flush();
            maillog::fatal(format_args!("open {}: {}", path.display(), errno(&e)))
        });
        print(&path.to_string_lossy(), &bytes, show, &mut out);
    }
    // A closed pipe is no error of ours.
    let _ = out.flush();
    ExitCode::SUCCESS
}

fn read_options(options: &Options) -> (Show, bool, Option<String>) {
    let (mut show, mut queue_ids, mut directory) = (Show::default(), false, None);
    for (letter, value) in &options.given {
        match letter {
            'b' => show.body = true,
            'c' => directory = Some(value.clone()),
            'd' => show.decimal = true,
            'e' => show.envelope = true,
            'f' => show.prefix = true,
            'h' => show.header = true,
            'o' => show.offset = true,
            'q' => queue_ids = true,
            'r' => show.raw = true,
            's' => show.start = value.parse().unwrap_or_else(|_| maillog::fatal(format_args!("bad offset: {value}"))),
            'v' => show.verbose = true,
            _ => usage_error(&usage(&called(PROGRAM), USAGE), 1),
        }
    }
    if !(show.body || show.envelope || show.header) {
        (show.body, show.envelope, show.header) = (true, true, true);
    }
    (show, queue_ids, directory)
}

/// The queues that are searched for a queue id, in order.
const SEARCHED: [&str; 6] = ["maildrop", "incoming", "active", "deferred", "hold", "corrupt"];

fn find(queue: &Queue, name: &str) -> (PathBuf, File) {
    let Some(id) = QueueId::parse(name) else {
        match has_form_of_id(name) {
            // Too short for any file.
            true => maillog::fatal(format_args!("open queue file {name}: No such file or directory")),
            false => maillog::fatal(format_args!("bad mail queue ID: {name}")),
        }
    };
    let mut fault = None;
    for (queue_name, path) in SEARCHED.map(|q| (q, queue.path(q, &id))) {
        match queue::open_in(queue_name, &path, Access::Read) {
            Ok(file) => return (path, file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => fault = Some(e),
        }
    }
    let why = fault.map_or_else(|| "No such file or directory".to_owned(), |e| errno(&e));
    maillog::fatal(format_args!("open queue file {name}: {why}"))
}

/// Where in the file we are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Envelope,
    Header,
    Body,
    Extracted,
}

struct Printer<'a> {
    name: &'a str,
    show: Show,
    part: Part,
    /// The last record was a part of a longer line.
    open_line: bool,
    out: &'a mut dyn Write,
}

/// A record that was read without trust: the data may end early.
struct Raw<'a> {
    kind: u8,
    at: usize,
    data: &'a [u8],
    next: usize,
}

fn print(name: &str, bytes: &[u8], show: Show, out: &mut dyn Write) {
    let mut printer = Printer { name, show, part: Part::Envelope, open_line: false, out };
    if let Err(problem) = printer.run(bytes) {
        let _ = printer.out.flush();
        match problem {
            Problem::NotAQueueFile => maillog::warning!("{name}: input is not a valid queue file"),
            Problem::CutLength(kind) => {
                maillog::warning!("{name}: unexpected EOF reading length, record type {kind}");
                maillog::fatal("record read error");
            }
            Problem::CutData(kind, length) => {
                maillog::warning!("{name}: unexpected EOF in data, record type {kind} length {length}");
                maillog::fatal("record read error");
            }
            Problem::BadLength(kind) => {
                maillog::warning!("{name}: too many length bits, record type {kind}");
                maillog::fatal("record read error");
            }
            Problem::BadPointer(at) => maillog::fatal(format_args!("bad pointer record, or input is not seekable: {name} offset {at}")),
            Problem::Output => {}
        }
    }
}

enum Problem {
    NotAQueueFile,
    CutLength(u8),
    CutData(u8, usize),
    BadLength(u8),
    BadPointer(usize),
    Output,
}

impl From<io::Error> for Problem {
    fn from(_: io::Error) -> Self {
        Problem::Output
    }
}

impl Printer<'_> {
    fn run(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let mut at = usize::try_from(self.show.start).unwrap_or(usize::MAX);
        let (mut hops, mut skipped) = (0, None);
        let from_start = at == 0;
        while let Some(mut record) = read(bytes, at)? {
            if at == 0 && from_start {
                // A submission begins with its time, a queue file with its sizes.
                if !matches!(record.kind, kind::SIZE | kind::TIME | kind::FULL_NAME | kind::SENDER | kind::ATTR) {
                    return Err(Problem::NotAQueueFile);
                }
                if self.show.envelope {
                    self.prefix()?;
                    writeln!(self.out, "*** ENVELOPE RECORDS {} ***", self.name)?;
                }
            }
            at = record.next;
            // What only leads from record to record is for the eyes of those who look for faults; the next one then stands where it began.
            if matches!(record.kind, kind::POINTER | kind::PADDING) && !self.show.verbose {
                let is_passed_over = matches!(self.part, Part::Header | Part::Body) && !self.show.header && !self.show.body;
                skipped = skipped.or(Some(record.at)).filter(|_| !is_passed_over);
            } else {
                record.at = skipped.take().unwrap_or(record.at);
                self.record(&record)?;
            }
            if record.kind == kind::POINTER && !(self.show.raw && self.show.verbose) {
                let text = String::from_utf8_lossy(record.data);
                match text.trim().parse::<usize>() {
                    Ok(0) => {}
                    Ok(target) if target < bytes.len() && hops < MAX_HOPS => {
                        hops += 1;
                        at = target;
                    }
                    _ => return Err(Problem::BadPointer(record.at)),
                }
            }
            let is_last = record.kind == kind::END && !self.show.raw;
            // Whoever wants the header alone does not wait for a long body.
            let is_enough = self.part == Part::Body && !self.show.body && !self.show.envelope;
            if is_last || is_enough {
                break;
            }
        }
        Ok(())
    }

    fn record(&mut self, record: &Raw<'_>) -> Result<(), Problem> {
        match record.kind {
            kind::MESSAGE => {
                self.marker(record, "MESSAGE CONTENTS")?;
                self.part = Part::Header;
            }
            kind::EXTRACTED => {
                self.marker(record, "HEADER EXTRACTED")?;
                self.part = Part::Extracted;
            }
            kind::END => self.marker(record, "MESSAGE FILE END")?,
            kind::LINE | kind::PART if matches!(self.part, Part::Header | Part::Body) => self.text(record)?,
            kind::PADDING | kind::POINTER if matches!(self.part, Part::Header | Part::Body) => {
                if self.show.envelope || self.show.body && self.part == Part::Body || self.show.header && self.part == Part::Header {
                    self.named(record)?;
                }
            }
            _ if self.show.envelope => self.envelope(record)?,
            _ => {}
        }
        Ok(())
    }

    fn marker(&mut self, record: &Raw<'_>, title: &str) -> Result<(), Problem> {
        if self.show.envelope {
            self.before(record)?;
            writeln!(self.out, "*** {title} {} ***", self.name)?;
        }
        Ok(())
    }

    fn text(&mut self, record: &Raw<'_>) -> Result<(), Problem> {
        let continued = std::mem::replace(&mut self.open_line, record.kind == kind::PART);
        if self.part == Part::Header && !continued && !is_header(record.data) {
            self.part = Part::Body;
        }
        let shown = if self.part == Part::Header { self.show.header } else { self.show.body };
        if !shown {
            return Ok(());
        }
        if self.show.verbose {
            return self.named(record);
        }
        if !continued || self.show.offset || self.show.decimal {
            self.before(record)?;
        }
        self.out.write_all(record.data)?;
        if record.kind == kind::LINE || self.show.offset {
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn envelope(&mut self, record: &Raw<'_>) -> Result<(), Problem> {
        let text = || String::from_utf8_lossy(record.data);
        let seconds = |t: &str| t.split_ascii_whitespace().next().and_then(|s| s.parse::<i64>().ok());
        let (name, time) = match record.kind {
            kind::TIME | kind::CREATE_TIME | kind::WARN => (name(record, self.part), seconds(&text())),
            kind::ATTR => match text().strip_prefix("create_time=").and_then(seconds) {
                Some(t) => ("create_time", Some(t)),
                None => (name(record, self.part), None),
            },
            _ => (name(record, self.part), None),
        };
        let Some(time) = time else { return self.named(record) };
        self.before(record)?;
        writeln!(self.out, "{name}: {}", asctime(time))?;
        Ok(())
    }

    fn named(&mut self, record: &Raw<'_>) -> Result<(), Problem> {
        self.before(record)?;
        write!(self.out, "{}: ", name(record, self.part))?;
        let end = record.data.iter().position(|&b| b == 0).unwrap_or(record.data.len());
        self.out.write_all(&record.data[..end])?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn before(&mut self, record: &Raw<'_>) -> Result<(), Problem> {
        self.prefix()?;
        if self.show.offset {
            write!(self.out, "{:>9} ", record.at)?;
        }
        if self.show.decimal {
            write!(self.out, "{:>3} ", record.kind)?;
        }
        Ok(())
    }

    fn prefix(&mut self) -> Result<(), Problem> {
        if self.show.prefix {
            write!(self.out, "{}: ", self.name)?;
        }
        Ok(())
    }
}

const MAX_HOPS: usize = 100_000;
/// Bytes that a length may have: those of 32 bits.
const LENGTH_BYTES: usize = 5;

fn name(record: &Raw<'_>, part: Part) -> &'static str {
    record::kind_name(record.kind, matches!(part, Part::Header | Part::Body)).unwrap_or("unknown_record_type")
}

/// A header line or its continuation: what does not look so begins the body.
fn is_header(line: &[u8]) -> bool {
    if matches!(line.first(), Some(b' ' | b'\t')) {
        return true;
    }
    let name = line.iter().position(|&b| b == b':').map(|i| line[..i].trim_ascii_end());
    name.is_some_and(|n| !n.is_empty() && n.iter().all(|b| (33..=126).contains(b)))
}

fn read(bytes: &[u8], at: usize) -> Result<Option<Raw<'_>>, Problem> {
    let Some((&kind, rest)) = bytes.get(at..).and_then(<[u8]>::split_first) else { return Ok(None) };
    let (mut length, mut used) = (0usize, 0);
    loop {
        let byte = *rest.get(used).ok_or(Problem::CutLength(kind))?;
        let shifted = usize::from(byte & 0x7f).checked_shl(7 * used as u32).filter(|_| used < LENGTH_BYTES).ok_or(Problem::BadLength(kind))?;
        length |= shifted;
        used += 1;
        if byte & 0x80 == 0 {
            break;
        }
    }
    let data = rest.get(used..used.saturating_add(length)).ok_or(Problem::CutData(kind, length))?;
    Ok(Some(Raw { kind, at, data, next: at + 1 + used + length }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use queue::record::put;

    fn file() -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, kind::TIME, b"0 5");
        put(&mut bytes, kind::SENDER, b"a@example.com");
        put(&mut bytes, kind::MESSAGE, b"");
        for line in ["A: 1", "", "xx"] {
            put(&mut bytes, kind::LINE, line.as_bytes());
        }
        put(&mut bytes, kind::PART, b"long ");
        put(&mut bytes, kind::LINE, b"line");
        put(&mut bytes, kind::EXTRACTED, b"");
        put(&mut bytes, kind::END, b"");
        bytes
    }

    fn shown(show: Show) -> String {
        let mut out = Vec::new();
        print("F", &file(), show, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts() {
        assert_eq!(shown(Show { header: true, ..Show::default() }), "A: 1\n");
        assert_eq!(shown(Show { body: true, ..Show::default() }), "\nxx\nlong line\n");
        let envelope = shown(Show { envelope: true, ..Show::default() });
        assert!(envelope.contains("sender: a@example.com\n*** MESSAGE CONTENTS F ***\n*** HEADER EXTRACTED F ***\n*** MESSAGE FILE END F ***\n"), "{envelope}");
    }

    #[test]
    fn offsets_break_long_lines() {
        let text = shown(Show { body: true, offset: true, ..Show::default() });
        assert!(text.ends_with("long \n       41 line\n"), "{text}");
    }
}
