use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ipc::proxymap::{KeyKind, Reply, Request, TableName};

use crate::context::{Context, Proxy};
use crate::kinds::client::endpoint::Kept;
use crate::{Flags, Kind, LookupError, OpenError, Store, Table};

/// `proxy:type:name`: proxymap(8) is asked.
///
/// TRUST: proxymap is no trusted daemon: a table whose answers are commands, files or users is opened in this process.
pub(crate) struct Proxied {
    name: String,
    table: TableName,
    service: Service,
    kind: OnceLock<Kind>,
}

/// The service and the connections to it.
struct Service {
    path: PathBuf,
    limit: Duration,
    kept: Kept<ipc::Client>,
}

impl Proxied {
    /// For lookups. A tool is told at once what is wrong; a daemon's lookups fail for as long as something is.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let name = without_proxy(name);
        let Some(conf) = context.conf.filter(|_| context.proxy == Proxy::Service && !context.flags.no_unauthenticated) else {
            return Ok(Box::new(Direct { name: format!("proxy:{name}"), inner: context.open(name)? }));
        };
        let table = Proxied::new(name, context.flags, Service::new(conf, &conf.get(params::PROXYMAP_SERVICE_NAME)));
        if context.strict {
            table.ask_kind()?;
        }
        Ok(Box::new(table))
    }

    /// For changes, through proxywrite.
    pub(crate) fn open_store(name: &str, context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
        let name = without_proxy(name);
        match context.conf.filter(|_| context.proxy == Proxy::Service) {
            None => context.open_store(name),
            Some(conf) => {
                let table = Proxied::new(name, context.flags, Service::new(conf, &conf.get(params::PROXYWRITE_SERVICE_NAME)));
                table.ask_kind()?;
                Ok(Box::new(table))
            }
        }
    }

    fn new(name: &str, flags: Flags, service: Service) -> Proxied {
        let table = TableName { name: name.to_owned(), fold: flags.fold, alias_syntax: flags.alias_syntax, no_substitution: flags.no_substitution };
        Proxied { name: format!("proxy:{name}"), table, service, kind: OnceLock::new() }
    }

    /// How the table takes keys, and whether it may be used at all.
    fn ask_kind(&self) -> Result<Kind, OpenError> {
        let name = &self.table.name;
        match self.service.ask(&Request::Open(self.table.clone())) {
            Ok(Reply::Open(kind)) => Ok(*self.kind.get_or_init(|| match kind {
                KeyKind::Literal => Kind::Literal,
                KeyKind::Pattern => Kind::Pattern,
                KeyKind::Network => Kind::Network,
            })),
            Ok(Reply::Denied) => Err(OpenError::new(self.denied())),
            Ok(Reply::Retry(cause)) => Err(OpenError::new(cause)),
            Ok(_) => Err(OpenError::new(format!("proxymap open failed for table \"{name}\": invalid request"))),
            Err(e) => Err(OpenError { reason: e, remedy: Some(format!("proxymap(8) answers for proxy:{name} only while the mail system runs")) }),
        }
    }

    fn denied(&self) -> String {
        format!("{} service is not configured for table \"{}\"", self.service.name(), self.table.name)
    }

    fn answer(&self, request: &Request) -> Result<Reply, LookupError> {
        let cause = match self.service.ask(request) {
            Ok(reply @ (Reply::Found(_) | Reply::NotFound)) => return Ok(reply),
            Ok(Reply::Retry(cause)) => cause,
            Ok(Reply::Denied) => self.denied(),
            Ok(Reply::Bad | Reply::Open(_)) => format!("{} service: invalid request", self.service.name()),
            Err(e) => {
                maillog::warning!("{e}");
                e
            }
        };
        Err(LookupError::new(&self.name, cause))
    }
}

impl Service {
    /// A daemon's working directory is the queue directory, and the path stays good in its jail.
    fn new(conf: &config::Config, name: &str) -> Service {
        let queue = PathBuf::from(conf.get(params::QUEUE_DIRECTORY));
        let here = std::env::current_dir().is_ok_and(|d| std::fs::canonicalize(&queue).is_ok_and(|q| q == d));
        let socket = PathBuf::from("private").join(name);
        Service {
            path: if here { socket } else { queue.join(socket) },
            limit: conf.get(params::IPC_TIMEOUT),
            kept: Kept::new(conf.get(params::IPC_IDLE), conf.get(params::IPC_TTL)),
        }
    }

    fn ask(&self, request: &Request) -> Result<Reply, String> {
        let (mut client, made) = self.kept.take().unwrap_or_else(|| (ipc::Client::new(&self.path, self.limit), Instant::now()));
        let reply = client.ask(request).map_err(|e| e.to_string())?;
        self.kept.give_back(client, made);
        Ok(reply)
    }

    fn name(&self) -> String {
        self.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

impl Table for Proxied {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        match self.answer(&Request::Lookup(self.table.clone(), key.to_owned()))? {
            Reply::Found(value) => Ok(Some(value)),
            _ => Ok(None),
        }
    }

    /// While the service does not answer, what the type's name says: lookups fail anyhow.
    fn kind(&self) -> Kind {
        self.kind.get().copied().or_else(|| self.ask_kind().ok()).unwrap_or_else(|| match self.table.name.split(':').next() {
            Some("regexp" | "pcre" | "tcp" | "socketmap") => Kind::Pattern,
            Some("cidr") => Kind::Network,
            _ => Kind::Literal,
        })
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Store for Proxied {
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError> {
        self.answer(&Request::Update(self.table.clone(), key.to_owned(), value.to_owned())).map(drop)
    }

    fn delete(&self, key: &str) -> Result<bool, LookupError> {
        self.answer(&Request::Delete(self.table.clone(), key.to_owned())).map(|reply| reply != Reply::NotFound)
    }
}

/// A table that is named with `proxy:` and opened in this process.
struct Direct {
    name: String,
    inner: Arc<dyn Table>,
}

impl Table for Direct {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.inner.lookup(key)
    }

    fn kind(&self) -> Kind {
        self.inner.kind()
    }

    fn may_block(&self) -> bool {
        self.inner.may_block()
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.inner.changed()
    }

    fn unavailable(&self) -> Option<&str> {
        self.inner.unavailable()
    }
}

/// What is left of `proxy:proxy:type:name`.
fn without_proxy(name: &str) -> &str {
    let mut name = name;
    while let Some(rest) = name.strip_prefix("proxy:") {
        name = rest;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;
    use std::os::unix::net::UnixListener;

    fn conf(queue: &str) -> Config {
        Config::from_pairs([("queue_directory", queue)])
    }

    #[test]
    fn sensitive_tables_are_opened_here() {
        let conf = conf("/nonexistent");
        let open = |flags| Proxied::open("proxy:inline:{a=b}", &Context::of(&conf, flags)).expect("opens");
        assert_eq!(open(Flags::SENSITIVE).lookup("a"), Ok(Some("b".into())));
        let daemon = open(Flags::DEFAULT);
        assert!(daemon.lookup("a").is_err() && daemon.kind() == Kind::Literal && daemon.name() == "proxy:inline:{a=b}");
        let tool = Context { strict: true, ..Context::of(&conf, Flags::DEFAULT) };
        let e = Proxied::open("inline:{a=b}", &tool).err().expect("no service");
        assert_eq!(e.reason, "service /nonexistent/private/proxymap: No such file or directory");
    }

    #[test]
    fn the_service_is_asked() {
        let queue = std::env::temp_dir().join(format!("proxied-{}", std::process::id()));
        std::fs::create_dir_all(queue.join("private")).expect("a directory");
        let listener = UnixListener::bind(queue.join("private/proxymap")).expect("bind");
        let server = std::thread::spawn(move || {
            // One connection carries every request.
            let (mut stream, _) = listener.accept().expect("accept");
            let mut buffer = ipc::FrameReader::new();
            for reply in [Reply::Open(KeyKind::Pattern), Reply::Found("v".into()), Reply::NotFound, Reply::Retry("down".into()), Reply::Denied, Reply::Bad] {
                let request: Request = ipc::read_frame(&mut stream, &mut buffer).expect("a request");
                assert_eq!(request.table(), &TableName { name: "fail:x".into(), fold: true, alias_syntax: false, no_substitution: true });
                ipc::write_frame(&mut stream, &reply).expect("reply");
            }
        });
        let conf = conf(&queue.to_string_lossy());
        let flags = Flags { no_substitution: true, ..Flags::DEFAULT };
        let table = Proxied::open("fail:x", &Context::of(&conf, flags)).expect("opens");
        assert_eq!(table.kind(), Kind::Pattern);
        let ask = || table.lookup("k").map_err(|e| e.cause);
        assert_eq!((ask(), ask(), ask()), (Ok(Some("v".into())), Ok(None), Err("down".into())));
        assert_eq!(ask(), Err("proxymap service is not configured for table \"fail:x\"".into()));
        assert_eq!(ask(), Err("proxymap service: invalid request".into()));
        server.join().expect("the server");
        std::fs::remove_dir_all(&queue).expect("remove");
    }
}
