//! The service trivial-rewrite(8).

use std::collections::HashSet;
use std::time::{Duration, Instant};

use ipc::rewrite::{Reply, Request};
use ipc::{FrameError, FrameReader};
use rewrite::{Context, Rewriter};
use server::{Boot, ConnId, Events, Io, Promise, Rights, Service, StartError};

/// trivial-rewrite(8): answers what addresses become and where they go.
///
/// The tables are opened before the jail. When one of them changes, the process ends as soon as every answer has left, and master starts another.
pub struct TrivialRewrite {
    rewriter: Rewriter,
    clients: HashSet<ConnId>,
    stale: bool,
}

impl Service for TrivialRewrite {
    const PROGRAM: &'static str = "trivial-rewrite";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        Ok(TrivialRewrite { rewriter: Rewriter::open(&boot.conf), clients: HashSet::new(), stale: false })
    }
}

impl Events for TrivialRewrite {
    fn start(&mut self, io: &mut Io) {
        io.set_timer(LOOK, Instant::now() + LOOK_EVERY);
    }

    fn connected(&mut self, _io: &mut Io, conn: ConnId) {
        self.clients.insert(conn);
    }

    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        let mut out = Vec::new();
        while let Some(request) = input.take::<Request>()? {
            ipc::encode_into(&mut out, &answer(&self.rewriter, request));
        }
        if !out.is_empty() {
            io.send(conn, &out);
        }
        Ok(())
    }

    fn closed(&mut self, _io: &mut Io, conn: ConnId) {
        self.clients.remove(&conn);
    }

    fn timer(&mut self, io: &mut Io, key: u64) {
        if key != LOOK {
            return;
        }
        if !self.stale && self.rewriter.changed() {
            maillog::info!("table has changed -- restarting");
            self.stale = true;
        }
        // Clients keep their connections and make them anew when they find them closed.
        if self.stale && self.clients.iter().all(|c| io.backlog(*c) == 0) {
            maillog::release();
            std::process::exit(0);
        }
        io.set_timer(LOOK, Instant::now() + if self.stale { LEAVE_SOON } else { LOOK_EVERY });
    }
}

/// Answers one request.
pub fn answer(rewriter: &Rewriter, request: Request) -> Reply {
    match request {
        Request::Rewrite { context, address } => match Context::from_word(&context) {
            Some(context) => Reply::Rewritten(rewriter.rewrite(context, &address)),
            None => {
                maillog::warning!("unknown context: {context}");
                Reply::Failed(format!("unknown context: {context}"))
            }
        },
        Request::Resolve { sender, address } => match rewriter.resolve(&sender, &address) {
            Ok(resolved) => Reply::Resolved(resolved),
            Err(e) => Reply::Failed(e.to_string()),
        },
    }
}

/// The only timer.
const LOOK: u64 = 0;
const LOOK_EVERY: Duration = Duration::from_secs(5);
const LEAVE_SOON: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use super::*;
    use config::Config;

    fn ask(settings: &[(&str, &str)], request: Request) -> Reply {
        answer(&Rewriter::open(&Config::from_pairs(settings.iter().copied())), request)
    }

    const HOST: (&str, &str) = ("myhostname", "host.example.com");

    #[test]
    fn rewrites_and_resolves() {
        let request = Request::Rewrite { context: "local".into(), address: "joe".into() };
        assert!(matches!(ask(&[HOST], request), Reply::Rewritten(a) if a == "joe@host.example.com"));
        let request = Request::Resolve { sender: String::new(), address: "joe@host.example.com".into() };
        assert!(matches!(ask(&[HOST, ("mydestination", "$myhostname")], request), Reply::Resolved(r) if r.transport == "local"));
    }

    #[test]
    fn a_table_that_fails_is_a_failure() {
        let request = Request::Resolve { sender: String::new(), address: "joe@example.net".into() };
        assert!(matches!(ask(&[HOST, ("transport_maps", "fail:x")], request), Reply::Failed(_)));
        let request = Request::Rewrite { context: "odd".into(), address: "joe".into() };
        assert!(matches!(ask(&[HOST], request), Reply::Failed(_)));
    }
}
