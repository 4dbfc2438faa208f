//! A conversation with a filter, step by step. Blocks.

use std::io::{self, BufRead, BufReader, Read, Write};

use base::text::printable;
use base::{Line, Word};
use smtp_proto::Reply;
use smtp_proto::client::{Command, Commands};
use sys::Stream;

use super::{Hello, ProxyFilter};
use crate::refusal::Refusal;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Talk {
    stream: BufReader<Stream>,
    name: String,
    /// The next byte of content begins a line.
    line_start: bool,
    /// A command would be content, or nobody would hear it.
    mute: bool,
}

/// Why a step did not go well. It is in the log.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The filter says no.
    Said(Reply),
    /// There is no filter, or no sense in it.
    Broken,
}

/// What the client hears.
impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Refusal {
        match trouble {
            Trouble::Said(reply) => reply.into(),
            Trouble::Broken => Refusal::write_error(),
        }
    }
}

impl Talk {
    /// Connects, and comes as far as MAIL.
    pub(crate) fn open(filter: &ProxyFilter, hello: &Hello) -> Result<Talk, Trouble> {
        let stream = match &filter.endpoint {
            Ok(endpoint) => endpoint.connect(filter.timeout).map_err(|e| sys::strerror(&e)),
            Err(text) => Err(text.clone()),
        };
        let stream = stream.map_err(|text| {
            maillog::warning!("connect to proxy filter {}: {text}", filter.name);
            Trouble::Broken
        })?;
        let mut talk = Talk { stream: BufReader::new(stream), name: filter.name.clone(), line_start: true, mute: false };
        // The client is not to blame for these.
        talk.expect("connection request", 2).map_err(|_| Trouble::Broken)?;
        let offers = talk.command(Command::new("EHLO").argument(&Line::from(&filter.ehlo)), 2).map_err(|_| Trouble::Broken)?;
        for command in xforward(&offers, &hello.attributes) {
            talk.command(command, 2).map_err(|_| Trouble::Broken)?;
        }
        talk.command(Command::line(&hello.mail), 2)?;
        Ok(talk)
    }

    /// Gives the reply to a command when it begins as it should.
    pub(crate) fn command(&mut self, command: Command, want: u16) -> Result<Reply, Trouble> {
        let shown = printable(command.as_bytes());
        self.write(Commands::from(command).as_bytes())?;
        self.expect(&shown, want)
    }

    pub(crate) fn begin_content(&mut self) -> Result<Reply, Trouble> {
        let reply = self.command(Command::new("DATA"), 3)?;
        self.mute = true;
        Ok(reply)
    }

    /// Sends lines as they stand in a queue file; the last may be unfinished.
    pub(crate) fn content(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 16 + 8);
        for line in bytes.split_inclusive(|b| *b == b'\n') {
            if self.line_start && line.starts_with(b".") {
                out.push(b'.');
            }
            let text = line.strip_suffix(b"\n");
            out.extend_from_slice(text.unwrap_or(line));
            self.line_start = text.is_some();
            if self.line_start {
                out.extend_from_slice(b"\r\n");
            }
        }
        self.write(&out)
    }

    /// Ends the content. Gives the reply, whatever it is.
    pub(crate) fn end(&mut self) -> Result<Reply, Trouble> {
        self.write(if self.line_start { b".\r\n" } else { b"\r\n.\r\n" })?;
        let reply = self.reply()?;
        self.mute = false;
        Ok(reply)
    }

    fn expect(&mut self, command: &str, want: u16) -> Result<Reply, Trouble> {
        let reply = self.reply()?;
        if reply.code().class() == want {
            return Ok(reply);
        }
        maillog::warning!("proxy {} rejected \"{command}\": \"{}\"", self.name, printable(reply.to_string().as_bytes()));
        Err(Trouble::Said(reply))
    }

    /// One reply. A line that is none is passed over.
    fn reply(&mut self) -> Result<Reply, Trouble> {
        let mut reply = Vec::new();
        for _ in 0..LINES {
            let mut line = Vec::new();
            let got = (&mut self.stream).take(LINE_LENGTH).read_until(b'\n', &mut line);
            let got = got.and_then(|_| line.strip_suffix(b"\n").ok_or_else(|| io::ErrorKind::UnexpectedEof.into()));
            let text = got.map_err(|e| self.broken(&e))?;
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            if !Reply::is_line(text) {
                maillog::warning!("received garbage from proxy {}: {}", self.name, printable(text));
                continue;
            }
            reply.extend_from_slice(printable(text).as_bytes());
            reply.push(b'\n');
            if let Some(reply) = Reply::parse(&reply) {
                return Ok(reply);
            }
        }
        Err(self.broken(&io::ErrorKind::InvalidData.into()))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.stream.get_mut().write_all(bytes).map_err(|e| self.broken(&e))
    }

    fn broken(&mut self, error: &io::Error) -> Trouble {
        self.mute = true;
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => maillog::warning!("timeout talking to proxy {}", self.name),
            _ => maillog::warning!("lost connection with proxy {}", self.name),
        }
        Trouble::Broken
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if !self.mute {
            let _ = self.stream.get_mut().write_all(b"QUIT\r\n");
        }
    }
}

/// The commands that tell of the client, with the attributes that the filter offers to hear.
fn xforward(offers: &Reply, attributes: &[(&'static str, String)]) -> Vec<Command> {
    let words = |line: &Line<'_>| String::from_utf8_lossy(line.as_bytes()).split_ascii_whitespace().map(str::to_ascii_uppercase).collect::<Vec<_>>();
    let Some(offered) = offers.lines().map(words).find(|w| w.first().is_some_and(|v| v == "XFORWARD")) else { return Vec::new() };
    let mut commands: Vec<Command> = Vec::new();
    for (name, value) in attributes.iter().filter(|(name, _)| offered.iter().any(|o| o == name)) {
        let value = Word::checked(value.as_bytes()).filter(|_| value == UNAVAILABLE).unwrap_or_else(|| Word::xtext(value.as_bytes()));
        let length = name.len() + value.as_bytes().len() + " =".len();
        let command = commands.pop_if(|c| c.as_bytes().len() + length <= COMMAND_LENGTH).unwrap_or_else(|| Command::new("XFORWARD"));
        commands.push(command.parameter(name, &value));
    }
    commands
}

pub(super) const UNAVAILABLE: &str = "[UNAVAILABLE]";
/// RFC 5321 4.5.3.1.4, without the line end.
const COMMAND_LENGTH: usize = 510;
const LINE_LENGTH: u64 = 2048;
const LINES: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes() {
        let all = [("NAME", UNAVAILABLE.to_owned()), ("HELO", "a b".to_owned()), ("IDENT", "x".repeat(500))];
        let said =
            |offers: &str| xforward(&Reply::parse(offers.as_bytes()).expect("a reply"), &all).iter().map(|c| printable(c.as_bytes())).collect::<Vec<_>>();
        assert!(said("250-f\r\n250 SIZE").is_empty());
        assert_eq!(said("250-f\r\n250 xforward HELO name"), ["XFORWARD NAME=[UNAVAILABLE] HELO=a+20b"]);
        assert_eq!(said("250 XFORWARD NAME IDENT").len(), 2);
    }
}
