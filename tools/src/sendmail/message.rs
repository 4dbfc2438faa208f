//! A message from standard input, as records for postdrop.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use address::AddressList;
use base::Line;
use base::eightbit;
use config::Config;
use ipc::postdrop::{Dropper, Ending};
use queue::record::kind;

use super::extract;
use super::options::{Mode, Options};
use super::{User, fail};
use crate::queue_tool::errno;

/// `trace_flags`: what would happen; what has happened.
const TRACE_VERIFY: u32 = 512;
const TRACE_RECORD: u32 = 1024;
/// Header sections up to this size are searched for recipients. A larger one is refused: recipients must not be forgotten.
const HEADER_LIMIT: usize = 16 << 20;

/// Submits a message, or a probe.
pub(crate) fn submit(conf: &Config, options: &Options, user: &User) -> ExitCode {
    let sender = sender(options, user);
    let who = format!("{sender}({})", user.uid);
    if options.rest.is_empty() && !options.extract {
        fail(format_args!("{who}: Recipient addresses must be specified on the command line or via the -t option"));
    }
    if options.verp.is_some() && sender.is_empty() {
        fail(format_args!("{who}: -V option requires non-null sender address"));
    }
    if options.mode == Mode::Verify || options.wants_record() {
        let note = format!("Mail Delivery Status Report will be mailed to <{sender}>.\n");
        let _ = io::stdout().write_all(&eightbit::bytes(&note)).and_then(|()| io::stdout().flush());
    }
    let directory: String = conf.get(params::COMMAND_DIRECTORY);
    let command = format!("{directory}/postdrop -r");
    let mut dropper = Dropper::start(super::modes::program(&directory, "postdrop").arg("-r"))
        .unwrap_or_else(|e| fail(format_args!("{who}: unable to execute {command}: {}", errno(&e))));
    let mut writer = Writer { to: &mut dropper, options, conf, user, sender: &sender };
    match writer.write() {
        Ok(()) => finish(dropper, &command, &shown_sender(&sender, &who, user)),
        Err(Fault::NoRecipients) => {
            dropper.finish(false);
            fail(format_args!("{who}: No recipient addresses found in message header"))
        }
        Err(Fault::Input(what)) => {
            dropper.finish(false);
            fail(format_args!("{who}: {what}"))
        }
        // postdrop has stopped reading: its status says why.
        Err(Fault::Output(e)) => match e.kind() {
            io::ErrorKind::BrokenPipe => finish(dropper, &command, &shown_sender(&sender, &who, user)),
            _ => fail(format_args!("{who}: error writing queue file: {}", errno(&e))),
        },
    }
}

fn shown_sender(sender: &str, who: &str, user: &User) -> String {
    if sender.is_empty() { who.to_owned() } else { format!("{sender}({})", user.uid) }
}

fn finish(dropper: Dropper, command: &str, who: &str) -> ExitCode {
    match dropper.finish(true) {
        Ending::Queued => ExitCode::SUCCESS,
        Ending::Refused(_, reason) => fail(format_args!("{who}: {reason}")),
        Ending::Failed(status) => {
            match status.map(|s| s.code()) {
                Some(Some(code)) => maillog::warning!("command \"{command}\" exited with status {code}"),
                Some(None) => maillog::warning!("command \"{command}\" killed by a signal"),
                None => {}
            }
            fail(format_args!("{who}: unable to execute {command}: Application error"))
        }
    }
}

/// The envelope sender in internal form: `-f`, else the login name.
fn sender(options: &Options, user: &User) -> String {
    match &options.sender {
        None => match &user.login {
            Some(login) => login.clone(),
            None => fail(format_args!("no login name found for user ID {}", user.uid)),
        },
        Some(text) => {
            let list = AddressList::parse(text.as_bytes());
            let mut found = list.addresses();
            let first = found.next().unwrap_or_default().to_owned();
            if found.next().is_some() {
                maillog::warning!("-f option specified malformed sender: {text}");
            }
            first
        }
    }
}

/// `-F`, else `$NAME`, else the account's full name. `None`: there is none.
fn full_name(options: &Options, user: &User) -> Option<String> {
    if let Some(given) = &options.full_name {
        return Some(given.clone());
    }
    if let Some(name) = sys::variable("NAME") {
        return Some(base::eightbit::of_os(name));
    }
    let login = user.login.as_deref()?;
    let name = user.gecos.split([',', ';', '%']).next().unwrap_or_default();
    let mut capital = login.to_owned();
    if let Some(first) = capital.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    // Old custom: an ampersand in the full name is the login name.
    Some(name.replace('&', &capital)).filter(|n| !n.is_empty())
}

enum Fault {
    NoRecipients,
    Input(String),
    Output(io::Error),
}

impl From<io::Error> for Fault {
    fn from(e: io::Error) -> Self {
        Fault::Output(e)
    }
}

struct Writer<'a> {
    to: &'a mut Dropper,
    options: &'a Options,
    conf: &'a Config,
    user: &'a User,
    sender: &'a str,
}

impl Writer<'_> {
    fn write(&mut self) -> Result<(), Fault> {
        self.envelope()?;
        self.to.put(kind::MESSAGE, b"")?;
        let mut extracted = Vec::new();
        if self.options.mode == Mode::Verify {
            self.probe()?;
        } else {
            let section = self.content()?;
            if self.options.extract {
                extracted = extract::recipients(eightbit::text(&section).as_bytes());
                if extracted.is_empty() && self.options.rest.is_empty() {
                    return Err(Fault::NoRecipients);
                }
            }
        }
        self.to.put(kind::EXTRACTED, b"")?;
        for address in extracted {
            self.recipient(&address)?;
        }
        Ok(self.to.put(kind::END, b"")?)
    }

    fn envelope(&mut self) -> io::Result<()> {
        let options = self.options;
        if let Some(envid) = &options.envid {
            self.to.put_attr("envelope_id", envid)?;
        }
        if options.ret != 0 {
            self.to.put_attr("ret_flags", &options.ret.to_string())?;
        }
        self.to.put_attr("rewrite_context", if options.remote { "remote" } else { "local" })?;
        if options.sendopts != 0 {
            self.to.put_attr("sendopts", &options.sendopts.to_string())?;
        }
        if let Some(name) = full_name(options, self.user) {
            self.to.put(kind::FULL_NAME, &name)?;
        }
        self.to.put(kind::SENDER, self.sender)?;
        if let Some(encoding) = options.encoding {
            self.to.put_attr("encoding", encoding)?;
        }
        let trace = match options.mode {
            Mode::Verify => TRACE_VERIFY,
            _ if options.wants_record() => TRACE_RECORD,
            _ => 0,
        };
        if trace != 0 {
            self.to.put_attr("trace_flags", &trace.to_string())?;
        }
        if let Some(pair) = &options.verp {
            self.to.put(kind::VERP, pair)?;
        }
        for word in &options.rest {
            let list = AddressList::parse(word.as_bytes());
            let mut found = list.addresses().peekable();
            if found.peek().is_none() {
                self.to.put(kind::RECIPIENT, b"")?;
            }
            for address in found {
                self.recipient(address)?;
            }
        }
        Ok(())
    }

    fn recipient(&mut self, address: &str) -> io::Result<()> {
        if self.options.notify != 0 {
            self.to.put_attr("notify_flags", &self.options.notify.to_string())?;
        }
        self.to.put(kind::RECIPIENT, address)
    }

    /// A probe has no content of the user's.
    fn probe(&mut self) -> io::Result<()> {
        if !self.sender.is_empty() {
            self.to.put(kind::LINE, format!("From: {}", address::quote(self.sender)))?;
        }
        self.to.put(kind::LINE, b"Subject: probe")?;
        self.to.put(kind::PART, b"To:")?;
        let last = self.options.rest.len().saturating_sub(1);
        for (i, word) in self.options.rest.iter().enumerate() {
            let comma: &[u8] = if i < last { b"," } else { b"" };
            self.to.put_content(kind::LINE, &[b"\t", Line::from(word).as_bytes(), comma].concat())?;
        }
        Ok(())
    }

    /// Copies standard input. The header section comes back if recipients are wanted from it.
    fn content(&mut self) -> Result<Vec<u8>, Fault> {
        let limit = self.conf.get(params::LINE_LENGTH_LIMIT).max(1);
        let mut endings = LineEndings::new(&self.conf.get(params::SENDMAIL_FIX_LINE_ENDINGS)).map_err(Fault::Input)?;
        let mut section = Vec::new();
        let (mut at_start, mut in_headers, mut after_mbox) = (true, self.options.extract, false);
        let mut input = io::stdin().lock();
        let mut piece = Vec::new();
        loop {
            piece.clear();
            let complete = read_piece(&mut input, &mut piece, limit).map_err(|e| Fault::Input(format!("error reading input: {}", errno(&e))))?;
            if piece.is_empty() && !complete {
                break;
            }
            let line = if complete { endings.fix(&piece) } else { &piece[..] };
            if at_start && !after_mbox {
                // A mailbox's separator, as some programs leave it in front.
                if line.strip_prefix(b">").unwrap_or(line).starts_with(b"From ") {
                    at_start = complete;
                    continue;
                }
                after_mbox = true;
            }
            if at_start && complete && line == b"." && !self.options.dots {
                break;
            }
            if in_headers && at_start && !line.starts_with(b" ") && !line.starts_with(b"\t") && message::name_length(line).is_none() {
                in_headers = false;
                if !line.is_empty() || !complete {
                    self.to.put(kind::LINE, b"")?;
                }
            }
            if in_headers {
                section.extend_from_slice(line);
                if complete {
                    section.push(b'\n');
                }
                if section.len() > HEADER_LIMIT {
                    return Err(Fault::Input("unable to extract recipients: message header too large".to_owned()));
                }
            }
            self.to.put_content(if complete { kind::LINE } else { kind::PART }, line)?;
            at_start = complete;
        }
        if !at_start {
            self.to.put(kind::LINE, b"")?;
        }
        Ok(section)
    }
}

/// Reads up to the end of a line, or `limit` bytes of it. True: the line is complete (its LF is not given). Nothing and false: the end.
fn read_piece(input: &mut impl BufRead, piece: &mut Vec<u8>, limit: usize) -> io::Result<bool> {
    loop {
        let bytes = match input.fill_buf() {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        if bytes.is_empty() {
            return Ok(false);
        }
        let room = limit - piece.len();
        let window = bytes.get(..bytes.len().min(room + 1)).unwrap_or_default();
        match memchr(window) {
            Some(end) => {
                piece.extend_from_slice(window.get(..end).unwrap_or_default());
                input.consume(end + 1);
                return Ok(true);
            }
            None if window.len() > room => {
                piece.extend_from_slice(window.get(..room).unwrap_or_default());
                input.consume(room);
                return Ok(false);
            }
            None => {
                piece.extend_from_slice(window);
                let n = window.len();
                input.consume(n);
            }
        }
    }
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&b| b == b'\n')
}

/// What is done with CR LF: `sendmail_fix_line_endings`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEndings {
    Always,
    /// Only when the first line ends so.
    Strict(Option<bool>),
    Never,
}

impl LineEndings {
    fn new(text: &str) -> Result<LineEndings, String> {
        match text.to_ascii_lowercase().as_str() {
            "always" => Ok(LineEndings::Always),
            "strict" => Ok(LineEndings::Strict(None)),
            "never" => Ok(LineEndings::Never),
            _ => Err(format!("invalid sendmail_fix_line_endings value: {text}")),
        }
    }

    /// A complete line without the CR at its end, if that is to go.
    fn fix<'l>(&mut self, line: &'l [u8]) -> &'l [u8] {
        let strips = match self {
            LineEndings::Always => true,
            LineEndings::Strict(first) => *first.get_or_insert(line.ends_with(b"\r")),
            LineEndings::Never => false,
        };
        if strips { line.strip_suffix(b"\r").unwrap_or(line) } else { line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &[u8], limit: usize) -> Vec<(Vec<u8>, bool)> {
        let mut input = io::BufReader::with_capacity(3, text);
        let mut all = Vec::new();
        loop {
            let mut piece = Vec::new();
            let complete = read_piece(&mut input, &mut piece, limit).unwrap();
            if piece.is_empty() && !complete {
                return all;
            }
            all.push((piece, complete));
        }
    }

    #[test]
    fn lines_and_parts() {
        let want = |list: &[(&str, bool)]| list.iter().map(|(t, c)| (t.as_bytes().to_vec(), *c)).collect::<Vec<_>>();
        assert_eq!(pieces(b"ab\n\ncd", 10), want(&[("ab", true), ("", true), ("cd", false)]));
        assert_eq!(pieces(b"abcdefgh\nx\n", 4), want(&[("abcd", false), ("efgh", true), ("x", true)]));
    }

    #[test]
    fn carriage_returns() {
        let mut strict = LineEndings::new("strict").unwrap();
        assert_eq!(strict.fix(b"a"), b"a");
        assert_eq!(strict.fix(b"b\r"), b"b\r");
        assert_eq!(LineEndings::Always.fix(b"b\r"), b"b");
        assert_eq!(LineEndings::Never.fix(b"b\r"), b"b\r");
        assert!(LineEndings::new("x").is_err());
    }
}
