use std::io::{BufRead, BufReader, Read, Write};
use std::time::{Duration, Instant};

use sys::Stream;

use crate::context::Context;
use crate::kinds::client::endpoint::{Endpoint, Kept, io_text};
use crate::{Kind, LookupError, OpenError, Table};

/// `tcp:host:port`: tcp_table(5).
pub(crate) struct Tcp {
    name: String,
    /// The name without the type, for the log.
    server: String,
    endpoint: Endpoint,
    kept: Kept<BufReader<Stream>>,
}

impl Tcp {
    /// Nothing is connected yet.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let endpoint = Endpoint::inet(name).map_err(|e| OpenError::new(format!("tcp:{name}: {e}")))?;
        Ok(Box::new(Tcp { name: format!("tcp:{name}"), server: name.to_owned(), endpoint, kept: Kept::new(KEEP, KEEP) }))
    }

    /// One request on one connection. A reply of any kind leaves the connection in order.
    fn ask(&self, connection: &mut BufReader<Stream>, request: &[u8]) -> Result<Vec<u8>, String> {
        let failed = |e: std::io::Error| format!("read TCP map reply from {}: {}", self.server, io_text(&e));
        connection.get_mut().write_all(request).map_err(|e| format!("write TCP map query to {}: {}", self.server, io_text(&e)))?;
        let mut line = Vec::new();
        connection.by_ref().take(REPLY_LIMIT as u64).read_until(b'\n', &mut line).map_err(failed)?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            Some(_) if line.len() + 1 >= REPLY_LIMIT => Err(format!("read TCP map reply from {}: text longer than {REPLY_LIMIT}", self.server)),
            _ => Err(format!("read TCP map reply from {}: unexpected EOF", self.server)),
        }
    }

    /// A connection that is kept is tried first; new ones up to [`TRIES`] times.
    fn exchange(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        if let Some((mut connection, made)) = self.kept.take()
            && let Ok(reply) = self.ask(&mut connection, request)
        {
            self.kept.give_back(connection, made);
            return Ok(reply);
        }
        let mut last = String::new();
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(PAUSE);
            }
            let outcome = self.endpoint.connect(LIMIT).map_err(|e| format!("connect to TCP map {}: {}", self.server, io_text(&e)));
            let outcome = outcome.map(|s| BufReader::with_capacity(512, s)).and_then(|mut c| self.ask(&mut c, request).map(|reply| (c, reply)));
            match outcome {
                Ok((connection, reply)) => {
                    self.kept.give_back(connection, Instant::now());
                    return Ok(reply);
                }
                Err(text) => {
                    maillog::warning!("{text}");
                    last = text;
                }
            }
        }
        Err(last)
    }

    fn malformed(&self, what: &str, line: &[u8]) -> LookupError {
        let text = format!("read TCP map reply from {}: {what}: {}", self.server, String::from_utf8_lossy(line));
        maillog::warning!("{text}");
        LookupError::new(&self.name, text)
    }
}

impl Table for Tcp {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let mut request = b"get ".to_vec();
        encode(key, &mut request);
        request.push(b'\n');
        let line = self.exchange(&request).map_err(|e| LookupError::new(&self.name, e))?;
        let space = line.iter().position(|c| matches!(c, b' ' | b'\t')).ok_or_else(|| self.malformed("malformed reply", &line))?;
        let (code, text) = (&line[..space], &line[space + 1..]);
        let text = decode(text).ok_or_else(|| self.malformed("malformed reply", &line))?;
        let text = String::from_utf8(text).map_err(|_| self.malformed("reply is not UTF-8", &line))?;
        match code {
            b"200" => Ok(Some(text)),
            b"500" => Ok(None),
            b"400" => Err(LookupError::new(&self.name, text)),
            _ => Err(self.malformed("bad status code", &line)),
        }
    }

    /// Parts of an address are not sent.
    fn kind(&self) -> Kind {
        Kind::Pattern
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// `%XX` for a percent sign and all that is not printable ASCII.
fn encode(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(byte);
        } else {
            out.extend(format!("%{byte:02X}").bytes());
        }
    }
}

/// `None`: a percent sign without two hexadecimal digits behind it.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = tail;
    }
    Some(out)
}

/// Send and receive must complete in that time (tcp_table(5)).
const LIMIT: Duration = Duration::from_secs(100);
/// With the newline.
const REPLY_LIMIT: usize = 4096;
const TRIES: usize = 10;
const PAUSE: Duration = if cfg!(test) { Duration::from_millis(1) } else { Duration::from_secs(1) };
/// The server may hang up long before; we do not.
const KEEP: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;
    use std::net::TcpListener;

    #[test]
    fn coding() {
        let mut out = Vec::new();
        encode("a b%\u{e4}\n", &mut out);
        assert_eq!(out, b"a%20b%25%C3%A4%0A");
        assert_eq!(decode(&out).as_deref(), Some("a b%\u{e4}\n".as_bytes()));
        assert_eq!((decode(b"%2"), decode(b"%zz"), decode(b"%+1")), (None, None, None));
    }

    #[test]
    fn answers_and_a_server_that_hangs_up() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let name = listener.local_addr().expect("address").to_string();
        let server = std::thread::spawn(move || {
            // Each connection gives one reply, so that the next lookup finds it dead.
            for reply in ["200 a%20b\n", "500 no\n", "400 later\n", "999 what\n", "200\n", "200 %f\n", ""] {
                let (stream, _) = listener.accept().expect("accept");
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                stream.read_line(&mut line).expect("a request");
                assert_eq!(line, "get k%20%25\n");
                stream.get_mut().write_all(reply.as_bytes()).expect("reply");
            }
        });
        let table = Tcp::open(&name, &Context::plain(Flags::DEFAULT)).expect("opens");
        let ask = || table.lookup("k %").map_err(|e| e.cause);
        assert_eq!(ask(), Ok(Some("a b".into())));
        assert_eq!(ask(), Ok(None));
        assert_eq!(ask(), Err("later".into()));
        assert_eq!(ask(), Err(format!("read TCP map reply from {name}: bad status code: 999 what")));
        assert_eq!(ask(), Err(format!("read TCP map reply from {name}: malformed reply: 200")));
        assert_eq!(ask(), Err(format!("read TCP map reply from {name}: malformed reply: 200 %f")));
        assert_eq!(ask(), Err(format!("connect to TCP map {name}: Connection refused")));
        server.join().expect("the server");
    }
}
