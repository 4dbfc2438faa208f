//! A session with one server: greeting, EHLO, and the end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use base::Dsn;
use smtp_proto::client::{Command, Commands};

use crate::command;
use crate::ehlo::{self, Features};
use crate::nexthop::Site;
use crate::pix::{self, Workarounds};
use crate::reply::Reply;
use crate::settings::Settings;
use crate::tables::Tables;
use crate::wire::{Terms, Transport, Wire, WireError};

/// A failure that ends a session's usefulness for all recipients.
#[derive(Debug)]
pub struct Trouble {
    /// What it means for them.
    pub dsn: Dsn,
    /// The server is at fault, not the message: others need not try it now.
    pub site: bool,
}

/// Who a server is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The next hop that led here.
    pub site: Site,
    /// Host name, or this host's name for a Unix-domain socket.
    pub host: String,
    /// Its address and port; `None` for a Unix-domain socket.
    pub address: Option<SocketAddr>,
    /// `host[address]`.
    pub name: String,
    /// `host[address]:port`, the `relay=` of log lines.
    pub relay: String,
    /// One of the best preference: the session may serve the same next hop again.
    pub best: bool,
    /// No other address could be tried.
    pub only: bool,
}

/// What a greeting depends on.
#[derive(Clone, Copy)]
pub struct Hello<'a> {
    /// The configuration.
    pub settings: &'a Settings,
    /// Tables that know of single servers.
    pub tables: &'a Tables,
    /// Queue id of the message that is waiting, for log lines.
    pub id: &'a str,
    /// Its next hop.
    pub nexthop: &'a str,
    /// How long it has been in the queue.
    pub age: Duration,
    /// A server with this host's name is this host.
    pub loops: bool,
}

/// An open session.
#[derive(Debug)]
pub struct Session {
    /// Who.
    pub peer: Peer,
    /// What the server offers.
    pub features: Features,
    /// Messages sent or tried, with the present one.
    pub uses: u32,
    /// For a firewall's sake, content and final dot do not travel together.
    pub delays_dot: bool,
    /// When it began.
    pub opened: Instant,
    /// Not to be used for another message.
    pub spoiled: bool,
    /// The connection is broken: nothing can be said any more.
    pub dead: bool,
    wire: Wire,
}

impl Session {
    /// A connection that stands, before its greeting.
    pub fn new(peer: Peer, transport: Transport, settings: &Settings, tables: &Tables) -> Session {
        let terms = Terms {
            write_limit: settings.timeouts.data_xfer,
            deadlines: settings.deadlines,
            filter: std::sync::Arc::clone(&tables.replies),
            relay: peer.relay.clone(),
            debug: maillog::verbosity() > 0 || tables.shows(&peer),
        };
        let wire = Wire::new(transport, terms);
        Session { peer, features: Features::default(), uses: 1, delays_dot: false, opened: sys::monotonic(), spoiled: false, dead: false, wire }
    }

    /// Greeting and EHLO, LHLO or HELO.
    pub fn handshake(&mut self, hello: Hello<'_>) -> Result<(), Trouble> {
        let Hello { settings, nexthop, loops, .. } = hello;
        let greeting = self.expect(settings.timeouts.helo, "receiving the initial server greeting")?;
        if !greeting.is_positive() {
            return Err(self.refused(&greeting, settings.skip_5xx_greeting));
        }
        let banner = greeting.lines.first().map(String::as_str).unwrap_or_default();
        if loops {
            self.check_name(banner, settings, nexthop, "greeted me with")?;
        }
        let workarounds = self.workarounds(hello, banner)?;
        self.delays_dot = workarounds.delay_dotcrlf;
        let esmtp = settings.lmtp
            || !workarounds.disable_esmtp
                && !settings.never_ehlo
                && (settings.always_ehlo || banner.split_ascii_whitespace().any(|w| w.eq_ignore_ascii_case("ESMTP")));
        let verb = if settings.lmtp { "LHLO" } else { "EHLO" };
        if esmtp {
            let doing = if settings.lmtp { "performing the LHLO handshake" } else { "performing the EHLO handshake" };
            let reply = self.ask(command::hello(verb, &settings.helo_name), settings.timeouts.helo, doing)?;
            if reply.is_positive() {
                self.features = Features::parse(&reply.lines, &self.ignored_keywords(hello)?);
                if self.features.smtputf8 && !self.features.eightbit {
                    // RFC 6531 3.1: the one needs the other.
                    maillog::info!("host {} offers SMTPUTF8 support, but not 8BITMIME", self.peer.name);
                    self.features.smtputf8 = false;
                }
                if let Some(text) = &self.features.bad_size {
                    maillog::warning!("bad {verb} SIZE limit \"{text}\" from {}", self.peer.relay);
                }
                let name = reply.lines.first().map(String::as_str).unwrap_or_default().to_owned();
                return if loops { self.check_name(&name, settings, nexthop, "replied to HELO/EHLO with") } else { Ok(()) };
            }
            if settings.lmtp || reply.code == 421 {
                return Err(self.refused(&reply, false));
            }
        }
        let reply = self.ask(command::hello("HELO", &settings.helo_name), settings.timeouts.helo, "performing the HELO handshake")?;
        if reply.is_positive() { Ok(()) } else { Err(self.refused(&reply, false)) }
    }

    /// What a firewall before this server wants, if its greeting shows one.
    fn workarounds(&self, hello: Hello<'_>, banner: &str) -> Result<Workarounds, Trouble> {
        if !pix::is_masked(banner) {
            return Ok(Workarounds::default());
        }
        let special = self
            .peer
            .address
            .map_or(Ok(None), |a| hello.tables.workarounds(a.ip()))
            .map_err(|dsn| self.local_error(&format!("{}: {}", hello.id, dsn.reason)))?;
        let mut wanted = special.unwrap_or(hello.settings.pix.workarounds);
        wanted.delay_dotcrlf &= hello.age >= hello.settings.pix.threshold;
        if wanted != Workarounds::default() {
            maillog::info!("{}: enabling PIX workarounds: {} for {}", hello.id, wanted.describe(), self.peer.relay);
        }
        Ok(wanted)
    }

    fn ignored_keywords(&self, hello: Hello<'_>) -> Result<Vec<String>, Trouble> {
        let special = self.peer.address.map_or(Ok(None), |a| hello.tables.ignored_keywords(a.ip()));
        let special = special.map_err(|dsn| self.local_error(&format!("{}: {}", hello.id, dsn.reason)))?;
        let ignored = special.unwrap_or_else(|| hello.settings.ignored_keywords.clone());
        if let Some(text) = ehlo::discarded(&ignored) {
            maillog::info!("{text}");
        }
        Ok(ignored)
    }

    /// A fault of this host that ends the work with this server. The cause goes into the log.
    pub fn local_error(&self, cause: &str) -> Trouble {
        maillog::warning!("{cause}");
        Trouble { dsn: Dsn::new("4.3.0", format!("local data error while talking to {}", self.peer.name)), site: false }
    }

    /// What is sent from now until the next reply is content.
    pub fn begin_content(&mut self) {
        self.wire.begin_content();
    }

    /// Sends a part of the content, as it is to be on the wire.
    pub fn content(&mut self, bytes: &[u8], doing: &str) -> Result<(), Trouble> {
        self.wire.content(bytes).map_err(|e| self.broken(e, doing))
    }

    /// Sends commands in one write.
    pub fn commands(&mut self, commands: &Commands, doing: &str) -> Result<(), Trouble> {
        self.wire.commands(commands).map_err(|e| self.broken(e, doing))
    }

    /// Sends one command.
    pub fn command(&mut self, command: Command, doing: &str) -> Result<(), Trouble> {
        self.commands(&command.into(), doing)
    }

    /// Reads a reply.
    pub fn expect(&mut self, limit: Duration, doing: &str) -> Result<Reply, Trouble> {
        let reply = self.wire.reply(limit).map_err(|e| self.broken(e, doing))?;
        if reply.code == 421 || !(200..600).contains(&reply.code) {
            self.spoiled = true;
        }
        Ok(reply)
    }

    /// Lines that were no replies, since the last time.
    pub fn take_junk(&mut self) -> Vec<String> {
        let junk = std::mem::take(&mut self.wire.junk);
        self.spoiled |= !junk.is_empty();
        junk
    }

    /// What a refusal of one command means.
    pub fn refusal(&self, reply: &Reply, what: &str) -> Dsn {
        reply.refusal(&self.peer.host, format!("host {} said: {} (in reply to {what})", self.peer.name, reply.text))
    }

    /// RSET, so that another message can follow. False when the session is of no use.
    pub fn reset(&mut self, settings: &Settings) -> bool {
        let done = self.ask(Command::new("RSET"), settings.timeouts.rset, "sending RSET").is_ok_and(|r| r.is_positive());
        self.spoiled |= !done;
        done
    }

    /// QUIT, when it can still be said.
    pub fn quit(mut self, settings: &Settings) {
        if !self.dead && self.wire.commands(&Command::new("QUIT").into()).is_ok() && !settings.skip_quit_response {
            // The reply is waited for as politeness; what it says changes nothing.
            let _ = self.wire.reply(settings.timeouts.quit);
        }
    }

    /// QUIT without a wait, when there is other work or nobody knows whether the server still listens.
    pub fn leave(mut self) {
        if !self.dead {
            let _ = self.wire.commands(&Command::new("QUIT").into());
        }
    }

    /// For waiting while the session is idle: anything that comes means its end.
    pub fn fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        self.wire.fd()
    }

    /// True when a server spoke out of turn.
    pub fn has_unread(&self) -> bool {
        self.wire.has_unread()
    }

    fn ask(&mut self, command: Command, limit: Duration, doing: &str) -> Result<Reply, Trouble> {
        self.command(command, doing)?;
        self.expect(limit, doing)
    }

    fn broken(&mut self, e: WireError, doing: &str) -> Trouble {
        (self.spoiled, self.dead) = (true, true);
        let name = &self.peer.name;
        let text = match e {
            WireError::Filter(cause) => return self.local_error(&cause),
            WireError::Lost => format!("lost connection with {name} while {doing}"),
            WireError::TimedOut => format!("conversation with {name} timed out while {doing}"),
        };
        Trouble { dsn: Dsn::new("4.4.2", text), site: true }
    }

    fn refused(&self, reply: &Reply, soften: bool) -> Trouble {
        let mut dsn = reply.refusal(&self.peer.host, format!("host {} refused to talk to me: {}", self.peer.name, reply.text));
        if soften {
            dsn.status = dsn.status.with_class(base::Class::Transient);
        }
        Trouble { dsn, site: true }
    }

    /// A server that calls itself as we do is a loop in the mail routing.
    fn check_name(&self, line: &str, settings: &Settings, nexthop: &str, how: &str) -> Result<(), Trouble> {
        let theirs = line.split_ascii_whitespace().next().unwrap_or_default();
        if !theirs.eq_ignore_ascii_case(&settings.hostname) {
            return Ok(());
        }
        maillog::warning!("host {} {how} my own hostname {}", self.peer.relay, settings.hostname);
        let (status, site) = if self.peer.best { ("5.4.6", false) } else { ("4.4.6", true) };
        Err(Trouble { dsn: Dsn::new(status, format!("mail for {nexthop} loops back to myself")), site })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::wire::{Memory, Server};
    use std::cell::RefCell;
    use std::rc::Rc;

    /// What the client wrote, one entry a write.
    pub(crate) type Written = Rc<RefCell<Vec<Vec<u8>>>>;

    /// No tables at all.
    pub(crate) fn tables() -> Tables {
        Tables::open(&config::Config::from_pairs([("myhostname", "mail.example.com")]), false)
    }

    pub(crate) fn session(server: &str) -> (Session, Written) {
        let output = Written::default();
        let server = Memory { input: std::io::Cursor::new(server.as_bytes().to_vec()), output: Rc::clone(&output) };
        (session_with(Box::new(server)), output)
    }

    pub(crate) fn session_with(server: Box<dyn Server>) -> Session {
        let peer = Peer {
            site: Site::Unix(String::new()),
            host: "h".into(),
            address: None,
            name: "h[192.0.2.1]".into(),
            relay: "h[192.0.2.1]:25".into(),
            best: true,
            only: true,
        };
        Session::new(peer, Transport::Memory(server), &Settings::plain(false, "h"), &tables())
    }

    pub(crate) fn written(output: &Written) -> String {
        String::from_utf8_lossy(&output.borrow().concat()).into_owned()
    }

    fn shake(server: &str) -> (Result<(), (String, String)>, String) {
        let (mut s, output) = session(server);
        let settings = Settings::plain(false, "client.example.com");
        let tables = tables();
        let hello = Hello { settings: &settings, tables: &tables, id: "ID", nexthop: "d.example", age: Duration::ZERO, loops: true };
        let result = s.handshake(hello).map_err(|t| (t.dsn.status.to_string(), t.dsn.reason));
        (result, written(&output))
    }

    #[test]
    fn ehlo_then_helo() {
        assert_eq!(shake("220 h ESMTP\r\n250-h\r\n250 DSN\r\n"), (Ok(()), "EHLO client.example.com\r\n".into()));
        assert_eq!(shake("220 h\r\n502 no\r\n250 h\r\n"), (Ok(()), "EHLO client.example.com\r\nHELO client.example.com\r\n".into()));
    }

    #[test]
    fn a_firewall_that_masks_the_greeting() {
        assert_eq!(shake("220 ****0*2**\r\n250 h\r\n").1, "HELO client.example.com\r\n");
    }

    #[test]
    fn refusals() {
        let reason = |server| shake(server).0.unwrap_err();
        assert_eq!(reason("554 5.7.1 go away\r\n"), ("4.7.1".into(), "host h[192.0.2.1] refused to talk to me: 554 5.7.1 go away".into()));
        assert_eq!(reason("220 h\r\n500 no\r\n550 5.7.1 never\r\n").0, "5.7.1");
        assert_eq!(reason(""), ("4.4.2".into(), "lost connection with h[192.0.2.1] while receiving the initial server greeting".into()));
        assert_eq!(reason("220 h\r\n").1, "lost connection with h[192.0.2.1] while performing the EHLO handshake");
        assert_eq!(reason("220 Client.example.com ESMTP\r\n"), ("5.4.6".into(), "mail for d.example loops back to myself".into()));
    }
}
