use std::io::{BufReader, Read, Write};
use std::time::{Duration, Instant};

use sys::Stream;

use crate::context::Context;
use crate::kinds::client::endpoint::{Endpoint, Kept, io_text};
use crate::{Kind, LookupError, OpenError, Table};

/// `socketmap:inet:host:port:name`, `socketmap:unix:path:name`: socketmap_table(5).
pub(crate) struct Socketmap {
    name: String,
    map: String,
    endpoint: Endpoint,
    query_limit: usize,
    reply_limit: usize,
    kept: Kept<BufReader<Stream>>,
}

impl Socketmap {
    /// Nothing is connected yet.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let (server, map) = name.rsplit_once(':').ok_or_else(|| OpenError::new("socketmap requires server:socketmap argument"))?;
        let limit = |param, default| context.conf.map_or(default, |c| c.get(param));
        Ok(Box::new(Socketmap {
            name: format!("socketmap:{name}"),
            map: map.to_owned(),
            endpoint: Endpoint::parse(server).map_err(OpenError::new)?,
            query_limit: limit(params::SOCKETMAP_MAX_QUERY_SIZE, 10_000),
            reply_limit: limit(params::SOCKETMAP_MAX_REPLY_SIZE, 100_000),
            kept: Kept::new(IDLE, LIFE),
        }))
    }

    fn exchange(&self, request: &[u8]) -> Result<Vec<u8>, String> {
        if let Some((mut connection, made)) = self.kept.take()
            && let Ok(reply) = ask(&mut connection, request, self.reply_limit)
        {
            self.kept.give_back(connection, made);
            return Ok(reply);
        }
        let stream = self.endpoint.connect(LIMIT).map_err(|e| {
            maillog::warning!("connect to {}: {}", self.endpoint, io_text(&e));
            io_text(&e)
        })?;
        let mut connection = BufReader::with_capacity(512, stream);
        let reply = ask(&mut connection, request, self.reply_limit)?;
        self.kept.give_back(connection, Instant::now());
        Ok(reply)
    }

    fn failed(&self, kind: &str, reason: &str) -> LookupError {
        let colon = if reason.is_empty() { "" } else { ": " };
        let text = format!("socketmap server {kind} error{colon}{reason}");
        maillog::warning!("{} {text}", self.name);
        LookupError::new(&self.name, text)
    }
}

impl Table for Socketmap {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let request = format!("{} {key}", self.map);
        if request.len() > self.query_limit {
            maillog::warning!("{}: query longer than socketmap_max_query_size ({} bytes)", self.name, self.query_limit);
            return Err(LookupError::new(&self.name, "query too long"));
        }
        let reply = self.exchange(&netstring(&request)).map_err(|e| {
            maillog::warning!("table {} lookup error: {e}", self.name);
            LookupError::new(&self.name, e)
        })?;
        let reply = String::from_utf8(reply).map_err(|_| self.failed("protocol", "reply is not UTF-8"))?;
        let (status, text) = reply.split_once(' ').unwrap_or((&reply, ""));
        match status {
            "OK" if reply.len() > status.len() => Ok(Some(text.to_owned())),
            "OK" | "NOTFOUND" => Ok(None),
            "TEMP" => Err(self.failed("temporary", text)),
            "TIMEOUT" => Err(self.failed("timeout", text)),
            "PERM" => Err(self.failed("permanent", text).of_configuration()),
            _ => Err(self.failed("unknown", text)),
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

/// `LENGTH:TEXT,`
fn netstring(text: &str) -> Vec<u8> {
    format!("{}:{text},", text.len()).into_bytes()
}

/// One request and its reply, at most `limit` bytes of it.
fn ask(connection: &mut BufReader<Stream>, request: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => "unexpected disconnect".to_owned(),
        _ => io_text(&e),
    };
    connection.get_mut().write_all(request).map_err(failed)?;
    let length = read_length(connection).map_err(failed)?.ok_or("input format error")?;
    if length > limit {
        return Err("input exceeds size limit".to_owned());
    }
    let mut text = vec![0; length + 1];
    connection.read_exact(&mut text).map_err(failed)?;
    if text.pop() == Some(b',') { Ok(text) } else { Err("input format error".to_owned()) }
}

/// The digits and the colon. `None`: something else is there.
fn read_length(connection: &mut impl Read) -> std::io::Result<Option<usize>> {
    let mut length = None;
    for _ in 0..=LENGTH_DIGITS {
        let mut byte = [0];
        connection.read_exact(&mut byte)?;
        match byte {
            [digit @ b'0'..=b'9'] => length = Some(length.unwrap_or(0) * 10 + usize::from(digit - b'0')),
            [b':'] => return Ok(length),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// A length beyond any limit.
const LENGTH_DIGITS: usize = 10;
/// For connecting, and for each read and write.
const LIMIT: Duration = Duration::from_secs(100);
const IDLE: Duration = Duration::from_secs(10);
const LIFE: Duration = Duration::from_secs(100);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;
    use std::os::unix::net::UnixListener;

    #[test]
    fn answers() {
        let path = std::env::temp_dir().join(format!("socketmap-{}", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).expect("bind");
        let server = std::thread::spawn(move || {
            let replies = ["4:OK 1,", "9:NOTFOUND ,", "2:OK,", "8:TEMP bad,", "5:PERM ,", "6:WHAT x,", "3:OK \u{1},", "x", "99999999:", "100001:OK ", ""];
            for reply in replies {
                let (mut stream, _) = listener.accept().expect("accept");
                let mut request = [0; 9];
                stream.read_exact(&mut request).expect("a request");
                assert_eq!(&request, b"6:map \xc3\xa4,");
                stream.write_all(reply.as_bytes()).expect("reply");
            }
        });
        let table = Socketmap::open(&format!("unix:{}:map", path.display()), &Context::plain(Flags::DEFAULT)).expect("opens");
        let ask = || table.lookup("\u{e4}").map_err(|e| e.cause);
        assert_eq!(ask(), Ok(Some("1".into())));
        assert_eq!(ask(), Ok(None));
        assert_eq!(ask(), Ok(None));
        assert_eq!(ask(), Err("socketmap server temporary error: bad".into()));
        assert_eq!(ask(), Err("socketmap server permanent error".into()));
        assert_eq!(ask(), Err("socketmap server unknown error: x".into()));
        for want in ["input format error", "input format error", "input exceeds size limit", "input exceeds size limit", "unexpected disconnect"] {
            assert_eq!(ask(), Err(want.into()));
        }
        server.join().expect("the server");
        std::fs::remove_file(&path).expect("remove");
        assert!(ask().is_err());
    }

    #[test]
    fn names() {
        let reason = |n: &str| Socketmap::open(n, &Context::plain(Flags::DEFAULT)).err().map(|e| e.reason);
        assert_eq!(reason("x").as_deref(), Some("socketmap requires server:socketmap argument"));
        assert_eq!(reason("unix:/x").as_deref(), Some("need service transport:endpoint instead of \"unix\""));
        assert_eq!(reason("what:x:y:z").as_deref(), Some("invalid transport name: what in service: what:x:y"));
    }
}
