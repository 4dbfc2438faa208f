//! discard(8): the delivery agent that throws mail away and says that it was sent.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use delivery::{Message, Reporter, Services, Settings};
use ipc::delivery::{Reply, Request};
use server::{Boot, Promise, Rights, Service, Single, StartError, serve_requests};

/// The service. The next hop is what the log says.
pub struct Discard {
    services: Services,
    idle: Duration,
}

impl Service for Discard {
    const PROGRAM: &'static str = "discard";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        Ok(Discard { services: Services::new(Settings::read(&boot.conf)), idle: boot.conf.get(params::IPC_TIMEOUT) })
    }
}

impl Single for Discard {
    fn serve(&mut self, mut client: UnixStream) {
        let idle = self.idle;
        serve_requests(&mut client, idle, |request: Request, _, _| Some(self.deliver(&request)));
    }
}

impl Discard {
    fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let dsn = crate::error::reason(&request.nexthop, "2.0.0");
        let mut report = Reporter::new(&mut self.services, request, Some(&message));
        for recipient in &request.recipients {
            report.sent(recipient, "none", dsn.clone());
        }
        report.finish()
    }
}
