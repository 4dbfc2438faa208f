//! The service trivial-rewrite(8).

use ipc::rewrite::{Reply, Request};
use ipc::{FrameError, FrameReader};
use rewrite::{Context, Rewriter};
use server::{Boot, ConnId, Events, Io, Promise, Rights, Service, StartError};

/// trivial-rewrite(8): answers what addresses become and where they go.
///
/// The tables are opened before the jail. Clients keep their connections, and make them anew when they find them closed.
pub struct TrivialRewrite {
    rewriter: Rewriter,
}

impl Service for TrivialRewrite {
    const PROGRAM: &'static str = "trivial-rewrite";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        Ok(TrivialRewrite { rewriter: Rewriter::open(&boot.conf) })
    }
}

impl Events for TrivialRewrite {
    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        let mut out = Vec::new();
        while let Some(request) = input.take::<Request>()? {
            ipc::encode_into(&mut out, &answer(&self.rewriter, request))?;
        }
        if !out.is_empty() {
            io.send(conn, &out);
        }
        Ok(())
    }

    fn closed(&mut self, _io: &mut Io, _conn: ConnId) {}

    fn timer(&mut self, _io: &mut Io, _key: u64) {}
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
