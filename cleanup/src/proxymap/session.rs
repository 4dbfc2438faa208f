use std::io;
use std::time::Duration;

use ipc::FrameReader;
use ipc::proxymap::{Reply, Request};
use server::{Cx, Session};

use super::Proxymap;

/// One client: a request, its answer, and so on.
pub struct ProxySession {
    input: FrameReader,
    asking: bool,
    limit: Duration,
}

impl ProxySession {
    pub(super) fn new(limit: Duration) -> ProxySession {
        ProxySession { input: FrameReader::new(), asking: false, limit }
    }

    /// Asks for the next request that is complete.
    fn next(&mut self, cx: &mut Cx<'_, Proxymap>) {
        match self.input.take::<Request>() {
            Ok(Some(request)) => {
                self.asking = true;
                cx.set_deadline(None);
                cx.ask(request);
            }
            Ok(None) => cx.set_deadline(Some(cx.now() + self.limit)),
            Err(e) => {
                maillog::warning!("dropping a client: {e}");
                cx.abort();
            }
        }
    }
}

impl ProxySession {
    fn reply(&mut self, cx: &mut Cx<'_, Proxymap>, answer: &Reply) {
        let sent = ipc::encode_into(cx.output(), answer).or_else(|e| ipc::encode_into(cx.output(), &Reply::Retry(e.to_string())));
        if sent.is_err() {
            return cx.abort();
        }
        self.asking = false;
        self.next(cx);
    }
}

impl Session for ProxySession {
    type Service = Proxymap;

    fn start(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>) {
        cx.set_deadline(Some(cx.now() + self.limit));
    }

    fn bytes(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>, input: &[u8]) -> usize {
        self.input.push(input);
        self.next(cx);
        input.len()
    }

    fn eof(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>) {
        cx.close();
    }

    fn answer(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>, answer: Reply) {
        self.reply(cx, &answer);
    }

    fn undecided(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>) {
        self.reply(cx, &Reply::Retry("internal error".to_owned()));
    }

    fn upstream(&mut self, _service: &Proxymap, _cx: &mut Cx<'_, Proxymap>, _reply: io::Result<&[u8]>) {}

    fn deadline(&mut self, _service: &Proxymap, cx: &mut Cx<'_, Proxymap>) {
        cx.abort();
    }

    fn closed(&mut self, _service: &Proxymap) {}

    fn wants_input(&self) -> bool {
        !self.asking
    }
}
