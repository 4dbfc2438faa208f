//! error(8) and retry(8): delivery agents that do not deliver. The next hop is the reason.

use std::os::unix::net::UnixStream;
use std::time::Duration;

use base::{Dsn, Status};
use delivery::{Message, Reporter, Services, Settings};
use ipc::delivery::{Reply, Request};
use server::{Boot, Promise, Rights, Service, Single, StartError, serve_requests};

/// The service. Under the name `error` every recipient bounces, under any other name (`retry`) it is deferred.
pub struct ErrorAgent {
    services: Services,
    bounces: bool,
    idle: Duration,
}

impl Service for ErrorAgent {
    const PROGRAM: &'static str = "error";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        let bounces = boot.service == boot.conf.get(params::ERROR_SERVICE_NAME);
        Ok(ErrorAgent { services: Services::new(Settings::read(&boot.conf)), bounces, idle: boot.conf.get(params::IPC_TIMEOUT) })
    }
}

impl Single for ErrorAgent {
    fn serve(&mut self, mut client: UnixStream) {
        let idle = self.idle;
        serve_requests(&mut client, idle, |request: Request, _, _| Some(self.deliver(&request)));
    }
}

impl ErrorAgent {
    fn deliver(&mut self, request: &Request) -> Reply {
        let message = match Message::of(request) {
            Ok(message) => message,
            Err(reply) => return reply,
        };
        let dsn = reason(&request.nexthop, if self.bounces { "5.0.0" } else { "4.0.0" });
        let mut report = Reporter::new(&mut self.services, request, Some(&message));
        for recipient in &request.recipients {
            if self.bounces {
                report.bounced(recipient, "none", dsn.clone());
            } else {
                report.deferred(recipient, "none", dsn.clone());
            }
        }
        report.finish()
    }
}

/// Splits a text that may begin with an enhanced status code.
pub(crate) fn reason(text: &str, default: &'static str) -> Dsn {
    let (first, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    match Status::parse(first) {
        Some(status) => Dsn::with(status, rest.trim_start()),
        None => Dsn::new(default, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_in_front_of_reasons() {
        let dsn = reason("5.1.2 no such host", "5.0.0");
        assert_eq!((dsn.status.to_string().as_str(), dsn.reason.as_str()), ("5.1.2", "no such host"));
        let dsn = reason("mail transport unavailable", "4.0.0");
        assert_eq!((dsn.status.to_string().as_str(), dsn.reason.as_str()), ("4.0.0", "mail transport unavailable"));
    }
}
