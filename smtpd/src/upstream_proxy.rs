//! A proxy in front of us says who the client is (`smtpd_upstream_proxy_protocol`).

use std::time::Duration;

use config::Config;
use server::StartError;
use smtp_proto::reply;
use smtp_proto::server::haproxy::{self, Proxied};
use smtp_proto::server::{Allow, Verdict};

use crate::client::Client;
use crate::service::Smtpd;
use crate::session::{Context, Session, Waiting};

/// How long the header may take to come; `None` where clients come by themselves.
///
/// # Errors
/// A protocol that is none.
pub(crate) fn patience(conf: &Config) -> Result<Option<Duration>, StartError> {
    match conf.get(params::SMTPD_UPSTREAM_PROXY_PROTOCOL).as_str() {
        "" => Ok(None),
        "haproxy" => Ok(Some(conf.get(params::SMTPD_UPSTREAM_PROXY_TIMEOUT))),
        other => Err(StartError::new(format!("unsupported smtpd_upstream_proxy_protocol value: {other}"))),
    }
}

impl Session {
    /// Reads the header as far as it is here. Gives the number of bytes that it took.
    pub(crate) fn header_bytes(&mut self, service: &Smtpd, cx: &mut Context<'_>, input: &[u8]) -> usize {
        let (used, ends) = match haproxy::parse(input, service.set.protocols) {
            Ok(Proxied::Incomplete) => return 0,
            Ok(Proxied::Header(used, ends)) => (used, ends),
            Err(text) => {
                self.no_header(service, cx, &text);
                return input.len();
            }
        };
        if let Some((client, server)) = ends {
            (self.peer.client, self.peer.local) = (Some(client), Some(server));
        }
        // What is already here behind it has come too early.
        self.early = input.get(used..).unwrap_or_default().to_vec();
        self.introduce(service, cx);
        used
    }

    /// There is none, and who the client is remains unknown.
    pub(crate) fn no_header(&mut self, service: &Smtpd, cx: &mut Context<'_>, text: &str) {
        maillog::warning!("haproxy read: {text}");
        self.waiting = Waiting::Nothing;
        let client = self.peer.client.map(|client| Client::at(client, self.peer.local)).unwrap_or_default();
        let label = client.label(service.port_logging);
        self.connected(&label);
        self.turn(service, cx, |d, s, t| {
            d.greet(&s.set, &label, Allow::default(), &[], Verdict::Refuse(reply!("421 4.3.0", "{} Server local error", s.set.hostname)), t);
        });
    }
}
