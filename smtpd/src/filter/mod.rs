//! A content filter before the queue (`smtpd_proxy_filter`): an SMTP server that hears what our client says, and whose last word the client gets.
//! The message comes back by another smtpd service, if at all; it has no queue id here.

mod late;
mod session;
mod talk;

use std::time::Duration;

use base::Line;
use config::Config;
use server::StartError;
use smtp_proto::Reply;
use smtp_proto::client::Command;
use table::Endpoint;

use crate::refusal::Refusal;
use late::Late;
pub(crate) use session::Matter;
use talk::{Talk, Trouble};

/// The filter, and how to talk to it.
pub(crate) struct ProxyFilter {
    /// As main.cf names it.
    name: String,
    endpoint: Result<Endpoint, String>,
    ehlo: String,
    timeout: Duration,
    /// It hears of a message only when all of it is here (`speed_adjust`).
    late: bool,
    /// As many messages may be with filters as postfix would have processes.
    pub(crate) threads: usize,
}

/// A conversation about one message.
#[derive(Debug)]
pub(crate) enum Link {
    Open(Talk),
    Late(Late),
}

/// What begins a conversation: the client, and the MAIL command.
#[derive(Debug)]
pub(crate) struct Hello {
    /// XFORWARD's attributes in their order.
    pub(crate) attributes: Vec<(&'static str, String)>,
    pub(crate) mail: Line<'static>,
}

/// What the filter is to hear next.
#[derive(Debug)]
pub(crate) enum Step {
    Open(Hello),
    Rcpt(Line<'static>),
    Data,
    Content(Vec<u8>),
    /// The rest of the content, and its end.
    End(Vec<u8>),
}

/// The next step of a conversation.
#[derive(Debug)]
pub struct Job {
    pub(crate) link: Option<Box<Link>>,
    pub(crate) step: Step,
}

/// What came of it.
#[derive(Debug)]
pub struct Filtered {
    /// `None`: the conversation is over.
    pub(crate) link: Option<Box<Link>>,
    /// The filter's reply to the end of the content, whatever it is; to other steps none. `Err`: what the client hears.
    pub(crate) outcome: Result<Option<Reply>, Refusal>,
}

impl Filtered {
    /// Nobody could be asked.
    pub(crate) fn refused() -> Filtered {
        Filtered { link: None, outcome: Err(Refusal::write_error()) }
    }
}

impl ProxyFilter {
    /// Reads the configuration.
    ///
    /// # Errors
    /// An unknown option.
    pub(crate) fn of(conf: &Config) -> Result<Option<ProxyFilter>, StartError> {
        let name: String = conf.get(params::SMTPD_PROXY_FILTER);
        if name.is_empty() {
            return Ok(None);
        }
        let options = conf.list(params::SMTPD_PROXY_OPTIONS);
        if let Some(other) = options.iter().find(|o| !o.eq_ignore_ascii_case("speed_adjust")) {
            return Err(StartError::new(format!("unknown smtpd_proxy_options value \"{other}\" in \"{}\"", options.join(","))));
        }
        let endpoint = match name.split_once(':') {
            Some(("inet" | "unix", _)) => Endpoint::parse(&name),
            Some(_) => Endpoint::inet(&name),
            None => Endpoint::inet(&format!(":{name}")),
        };
        Ok(Some(ProxyFilter {
            endpoint,
            name,
            ehlo: conf.get(params::SMTPD_PROXY_EHLO),
            timeout: conf.get(params::SMTPD_PROXY_TIMEOUT),
            late: !options.is_empty(),
            threads: conf.get(params::DEFAULT_PROCESS_LIMIT),
        }))
    }

    /// True when nobody has to be asked.
    pub(crate) fn is_quick(&self, job: &Job) -> bool {
        self.late && matches!(job.step, Step::Open(_) | Step::Rcpt(_) | Step::Data)
    }

    /// Takes a step.
    pub(crate) fn take(&self, job: Job) -> Filtered {
        match (job.link.map(|link| *link), job.step) {
            (None, Step::Open(hello)) if self.late => Filtered { link: Some(Box::new(Link::Late(Late::new(hello)))), outcome: Ok(None) },
            (None, Step::Open(hello)) => match Talk::open(self, &hello) {
                Ok(talk) => Filtered { link: Some(Box::new(Link::Open(talk))), outcome: Ok(None) },
                Err(trouble) => Filtered { link: None, outcome: Err(trouble.into()) },
            },
            // It went away in the middle of the message.
            (None, _) => Filtered::refused(),
            (Some(Link::Late(late)), step) => late.take(self, step),
            (Some(Link::Open(mut talk)), step) => {
                let outcome = match step {
                    Step::Rcpt(command) => talk.command(Command::line(&command), 2).map(|_| None),
                    Step::Data => talk.begin_content().map(|_| None),
                    Step::Content(bytes) => talk.content(&bytes).map(|()| None),
                    Step::End(bytes) => talk.content(&bytes).and_then(|()| talk.end()).map(Some),
                    Step::Open(_) => Err(Trouble::Broken),
                };
                let link = (!matches!(outcome, Err(Trouble::Broken))).then(|| Box::new(Link::Open(talk)));
                Filtered { link, outcome: outcome.map_err(Trouble::into) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options() {
        let of = |options| ProxyFilter::of(&Config::from_pairs([("smtpd_proxy_filter", ":10025"), ("smtpd_proxy_options", options)])).map(Option::unwrap);
        assert!(of("speed_adjust").unwrap().late && !of("").unwrap().late);
        assert_eq!(of("").unwrap().endpoint, Endpoint::inet("localhost:10025"));
        assert!(of("speed_adjust,other").is_err());
    }
}
