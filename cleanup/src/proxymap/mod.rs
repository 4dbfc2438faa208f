//! The services proxymap(8) and proxywrite.

mod approved;
mod session;
mod tables;

use std::time::Duration;

use ipc::proxymap::{KeyKind, Reply, Request};
use server::{Boot, Multi, Peer, Rights, Service, StartError};
use table::Kind;

use approved::Approved;
use session::ProxySession;
use tables::Tables;

/// proxymap(8): asks tables for others.
pub struct Proxymap {
    approved: Approved,
    tables: Tables,
    /// Tables may be changed: this is proxywrite.
    writes: bool,
    /// A client that is silent for so long is gone.
    limit: Duration,
}

impl Service for Proxymap {
    const PROGRAM: &'static str = "proxymap";
    const RIGHTS: Rights = Rights::Jailed;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let conf = &boot.conf;
        let writes = boot.service == conf.get(params::PROXYWRITE_SERVICE_NAME);
        let approved =
            if writes { Approved::of(conf, params::PROXY_WRITE_MAPS, "read-write") } else { Approved::of(conf, params::PROXY_READ_MAPS, "read-only") };
        Ok(Proxymap { approved, tables: Tables::new(conf, writes), writes, limit: conf.get(params::IPC_TIMEOUT) })
    }
}

impl Multi for Proxymap {
    type Session = ProxySession;
    type Question = Request;
    type Answer = Reply;

    fn session(&self, _peer: Peer) -> ProxySession {
        ProxySession::new(self.limit)
    }

    fn is_quick(&self, question: &Request) -> bool {
        self.tables.is_quick(question.table())
    }

    fn decide(&self, question: Request) -> Reply {
        let name = question.table();
        if !name.name.contains(':') {
            return Reply::Bad;
        }
        if !self.approved.check(&name.name) {
            return Reply::Denied;
        }
        if matches!(question, Request::Update(..) | Request::Delete(..)) && !self.writes {
            maillog::warning!("refusing {} {} request on non-proxywrite service", name.name, verb(&question));
            return Reply::Denied;
        }
        let table = match self.tables.open(name) {
            Ok(table) => table,
            Err(cause) => return Reply::Retry(cause),
        };
        let outcome = match &question {
            Request::Open(_) => return Reply::Open(key_kind(table.read().kind())),
            Request::Lookup(_, key) => table.read().lookup(key),
            Request::Update(_, key, value) => table.write().map_or_else(|| Ok(None), |t| t.put(key, value).map(|()| Some(String::new()))),
            Request::Delete(_, key) => table.write().map_or_else(|| Ok(None), |t| t.delete(key).map(|gone| gone.then(String::new))),
        };
        match outcome {
            Ok(Some(value)) => Reply::Found(value),
            Ok(None) => Reply::NotFound,
            Err(e) => Reply::Retry(e.cause),
        }
    }

    fn overloaded(&self, _question: Request) -> Reply {
        Reply::Retry("too many lookups at once".to_owned())
    }

    fn tick(&self) {
        self.tables.drop_changed();
    }
}

fn verb(request: &Request) -> &'static str {
    match request {
        Request::Open(_) => "open",
        Request::Lookup(..) => "lookup",
        Request::Update(..) => "update",
        Request::Delete(..) => "delete",
    }
}

fn key_kind(kind: Kind) -> KeyKind {
    match kind {
        Kind::Literal => KeyKind::Literal,
        Kind::Pattern => KeyKind::Pattern,
        Kind::Network => KeyKind::Network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;
    use ipc::proxymap::TableName;

    fn service(writes: bool, list: &str) -> Proxymap {
        let conf = Config::from_pairs([("proxy_read_maps", list), ("proxy_write_maps", list)]);
        Proxymap {
            approved: Approved::of(&conf, params::PROXY_READ_MAPS, "read-only"),
            tables: Tables::new(&conf, writes),
            writes,
            limit: Duration::from_secs(1),
        }
    }

    fn table(name: &str) -> TableName {
        TableName { name: name.to_owned(), fold: true, alias_syntax: false, no_substitution: false }
    }

    #[test]
    fn lookups() {
        let s = service(false, "proxy:inline:{a=b}, proxy:regexp:{{/x/ y}}, proxy:fail:f, proxy:texthash:/nonexistent/t, proxy:unionmap:{proxy:inline:{c=d}}");
        let lookup = |name: &str, key: &str| s.decide(Request::Lookup(table(name), key.to_owned()));
        assert_eq!(lookup("inline:{a=b}", "A"), Reply::Found("b".into()));
        assert_eq!(lookup("inline:{a=b}", "c"), Reply::NotFound);
        assert_eq!(lookup("unionmap:{proxy:inline:{c=d}}", "c"), Reply::Found("d".into()));
        assert_eq!(lookup("inline:{c=d}", "c"), Reply::Found("d".into()));
        assert_eq!(lookup("inline:{e=f}", "e"), Reply::Denied);
        assert_eq!(lookup("noname", "e"), Reply::Bad);
        assert!(matches!(lookup("fail:f", "x"), Reply::Retry(_)) && matches!(lookup("texthash:/nonexistent/t", "x"), Reply::Retry(_)));
        assert_eq!(s.decide(Request::Open(table("regexp:{{/x/ y}}"))), Reply::Open(KeyKind::Pattern));
        assert!(s.is_quick(&Request::Open(table("inline:{a=b}"))) && !s.is_quick(&Request::Open(table("inline:{z=z}"))));
    }

    #[test]
    fn changes_are_for_proxywrite_and_types_that_can() {
        let update = |s: &Proxymap| s.decide(Request::Update(table("inline:{a=b}"), "k".into(), "v".into()));
        assert_eq!(update(&service(false, "proxy:inline:{a=b}")), Reply::Denied);
        assert!(matches!(update(&service(true, "proxy:inline:{a=b}")), Reply::Retry(_)));
        assert_eq!(update(&service(true, "")), Reply::Denied);
    }
}
