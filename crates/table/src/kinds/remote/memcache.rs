use std::io::{BufRead, BufReader, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::kinds::client::domain::Domains;
use sys::Stream;

use crate::context::Context;
use crate::kinds::client::endpoint::{Endpoint, Kept, io_text};
use crate::kinds::client::expansion::Template;
use crate::kinds::client::settings::Settings;
use crate::{LookupError, OpenError, Store, Table, folded};

/// `memcache:/path`, `memcache:name`: memcache_table(5). A cache in front of another table, or alone.
pub(crate) struct Memcache {
    name: String,
    /// The name without the type, for the log.
    file: String,
    server: Server,
    backup: Backup,
    key_format: Template,
    domains: Domains,
    flags: i32,
    ttl: i32,
    fold: bool,
}

/// The table behind the cache.
enum Backup {
    None,
    Read(Arc<dyn Table>),
    Write(Box<dyn Store>),
}

impl Memcache {
    /// Reads the parameters. Nothing is connected yet.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let backup = |spec: &str| context.open(spec).map(Backup::Read);
        Ok(Box::new(Memcache::read(name, context, backup)?))
    }

    /// The same, for changes.
    pub(crate) fn open_store(name: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
        let backup = |spec: &str| context.open_store(spec).map(Backup::Write);
        Ok(Box::new(Memcache::read(name, context, backup)?))
    }

    fn read(name: &str, context: &Context<'_>, open_backup: impl Fn(&str) -> Result<Backup, OpenError>) -> Result<Memcache, OpenError> {
        let settings = Settings::open(name, context)?;
        let seconds = |param, default| settings.int(param, default, 1).map(|n| Duration::from_secs(n as u64));
        let server = Server {
            endpoint: Endpoint::parse(&settings.text("memcache", "inet:localhost:11211")).map_err(OpenError::new)?,
            timeout: seconds("timeout", 2)?,
            tries: settings.int("max_try", 2, 1)?,
            pause: seconds("retry_pause", 1)?,
            line_limit: settings.int("line_size_limit", 1024, 1)? as usize,
            data_limit: settings.int("data_size_limit", 10240, 1)? as usize,
            kept: Kept::new(KEEP, KEEP),
        };
        if !settings.text("key_digest", "").is_empty() {
            return Err(settings.bad("digests of keys are not supported", "key_digest", &settings.text("key_digest", "")));
        }
        let backup = settings.text("backup", "");
        Ok(Memcache {
            name: format!("memcache:{name}"),
            file: name.to_owned(),
            server,
            backup: if backup.is_empty() { Backup::None } else { open_backup(&backup)? },
            key_format: Template::parse(&settings.text("key_format", "%s"), name, "query")?,
            domains: Domains::open(&settings, context),
            flags: settings.int("flags", 0, 0)?,
            ttl: settings.int("ttl", 3600, 0)?,
            fold: context.flags.fold,
        })
    }

    /// The key in the cache's own form. `None`: it is not for this table.
    fn cache_key(&self, key: &str) -> Result<Option<String>, LookupError> {
        let formatted = self.key_format.expand_plain(key, key).filter(|k| k.bytes().all(|b| b > b' ' && b != 0x7f));
        Ok(if self.domains.take(key)? { formatted } else { None })
    }

    fn cached(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.server.get(key).map_err(|e| self.failed(e))
    }

    fn fill(&self, key: &str, value: &str) -> Result<(), LookupError> {
        let request = format!("set {key} {} {} {}\r\n{value}\r\n", self.flags, self.ttl, value.len());
        self.server.change(&request, &["STORED"]).map(drop).map_err(|e| self.failed(e))
    }

    fn failed(&self, fault: ServerFault) -> LookupError {
        let text = match fault {
            ServerFault::Connect(text) => format!("connect to {}: {text}", self.server.endpoint),
            ServerFault::Io(text) => format!("{}: memcache server {}: {text}", self.file, self.server.endpoint),
            ServerFault::Reply(line) => format!("{}: unexpected memcache server reply: {line}", self.file),
        };
        maillog::warning!("{text}");
        LookupError::new(&self.name, text)
    }

    /// The key of a change, which is not made for a key that is not for this table.
    fn key_to_change(&self, key: &str) -> Result<Option<String>, LookupError> {
        let found = self.cache_key(key)?;
        if found.is_none() {
            maillog::warning!("{}: skipping update for key \"{key}\"", self.name);
        }
        Ok(found)
    }
}

impl Backup {
    fn table(&self) -> Option<&dyn Table> {
        match self {
            Backup::None => None,
            Backup::Read(table) => Some(&**table),
            Backup::Write(store) => Some(&**store),
        }
    }

    fn store(&self) -> Option<&dyn Store> {
        match self {
            Backup::Write(store) => Some(&**store),
            Backup::None | Backup::Read(_) => None,
        }
    }
}

impl Table for Memcache {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let key = folded(key, self.fold);
        let Some(cache_key) = self.cache_key(&key)? else { return Ok(None) };
        let cached = self.cached(&cache_key);
        let Some(backup) = self.backup.table().filter(|_| !matches!(cached, Ok(Some(_)))) else { return cached };
        let found = backup.lookup(&key)?;
        if let Some(value) = &found {
            // The answer is good without the cache; its fault is in the log.
            let _ = self.fill(&cache_key, value);
        }
        Ok(found)
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.backup.table().is_some_and(Table::changed)
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        if self.backup.table().is_none() {
            maillog::warning!("database {}: first/next support requires backup database", self.name);
        }
        self.backup.table()?.entries()
    }

    fn unavailable(&self) -> Option<&str> {
        self.backup.table().and_then(Table::unavailable)
    }
}

impl Store for Memcache {
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError> {
        let key = folded(key, self.fold);
        let Some(cache_key) = self.key_to_change(&key)? else { return Ok(()) };
        let cached = self.fill(&cache_key, value);
        self.backup.store().map_or(cached, |b| b.put(&key, value))
    }

    fn delete(&self, key: &str) -> Result<bool, LookupError> {
        let key = folded(key, self.fold);
        let Some(cache_key) = self.key_to_change(&key)? else { return Ok(false) };
        let outcome = self.server.change(&format!("delete {cache_key}\r\n"), &["DELETED", "NOT_FOUND"]).map_err(|e| self.failed(e));
        match self.backup.store() {
            Some(backup) => backup.delete(&key),
            None => outcome.map(|word| word == "DELETED"),
        }
    }
}

/// A memcached server and how patient we are with it.
struct Server {
    endpoint: Endpoint,
    timeout: Duration,
    tries: i32,
    pause: Duration,
    line_limit: usize,
    data_limit: usize,
    kept: Kept<BufReader<Stream>>,
}

/// What is wrong with the server.
enum ServerFault {
    /// There is no connection; not tried again.
    Connect(String),
    /// The connection broke, or was silent for too long.
    Io(String),
    /// A reply that makes no sense.
    Reply(String),
}

impl Server {
    /// The value of a key.
    fn get(&self, key: &str) -> Result<Option<String>, ServerFault> {
        self.exchange(&format!("get {key}\r\n"), |connection| {
            let line = self.line(connection)?;
            if line == "END" {
                return Ok(None);
            }
            let size = line.strip_prefix("VALUE ").and_then(|l| l.rsplit(' ').next()).and_then(|n| n.parse::<usize>().ok());
            let Some(size) = size.filter(|n| *n <= self.data_limit) else { return Err(ServerFault::Reply(line)) };
            let mut data = vec![0; size + 2];
            connection.read_exact(&mut data).map_err(|e| ServerFault::Io(io_text(&e)))?;
            let end = self.line(connection)?;
            data.truncate(size);
            match String::from_utf8(data) {
                Ok(value) if end == "END" => Ok(Some(value)),
                Ok(_) => Err(ServerFault::Reply(end)),
                Err(_) => Err(ServerFault::Reply("data is not UTF-8".to_owned())),
            }
        })
    }

    /// A change, and the words that may answer it.
    fn change(&self, request: &str, wanted: &[&str]) -> Result<String, ServerFault> {
        self.exchange(request, |connection| {
            let line = self.line(connection)?;
            if wanted.contains(&line.as_str()) { Ok(line) } else { Err(ServerFault::Reply(line)) }
        })
    }

    fn exchange<A>(&self, request: &str, read: impl Fn(&mut BufReader<Stream>) -> Result<A, ServerFault>) -> Result<A, ServerFault> {
        let ask = |connection: &mut BufReader<Stream>| {
            connection.get_mut().write_all(request.as_bytes()).map_err(|e| ServerFault::Io(io_text(&e)))?;
            read(connection)
        };
        if let Some((mut connection, made)) = self.kept.take() {
            // A kept connection that broke is made anew.
            match ask(&mut connection) {
                Err(ServerFault::Io(_)) => {}
                Err(other) => return Err(other),
                Ok(answer) => {
                    self.kept.give_back(connection, made);
                    return Ok(answer);
                }
            }
        }
        let mut tries = 1..=self.tries;
        loop {
            tries.next();
            let stream = self.endpoint.connect(self.timeout).map_err(|e| ServerFault::Connect(io_text(&e)))?;
            let mut connection = BufReader::with_capacity(512, stream);
            match ask(&mut connection) {
                Ok(answer) => {
                    self.kept.give_back(connection, Instant::now());
                    return Ok(answer);
                }
                Err(ServerFault::Io(_)) if !tries.is_empty() => std::thread::sleep(self.pause),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// A line of a reply, without its end.
    fn line(&self, connection: &mut BufReader<Stream>) -> Result<String, ServerFault> {
        let mut line = Vec::new();
        connection.by_ref().take(self.line_limit as u64 + 2).read_until(b'\n', &mut line).map_err(|e| ServerFault::Io(io_text(&e)))?;
        let text = String::from_utf8_lossy(&line);
        match text.strip_suffix("\r\n") {
            Some(text) => Ok(text.to_owned()),
            None if line.len() > self.line_limit => Err(ServerFault::Reply("line too long".to_owned())),
            None => Err(ServerFault::Io("connection closed".to_owned())),
        }
    }
}

/// The server may hang up long before; we do not.
const KEEP: Duration = Duration::from_secs(3600);
