//! The tables and lists that decide.

use std::collections::HashSet;
use std::net::IpAddr;

use base::Status;
use config::Config;
use ipc::rewrite::Resolved;
use rewrite::{Context, Rewriter};
use server::StartError;
use smtp_proto::{Head, Reply, reply};
use table::search::{REWRITE, Search};
use table::{Flags, LookupError, Maps, MatchList};

use crate::client::Client;
use crate::restriction::{Facts, List, Old, Outcome, Ruling, Run, Stage};
use crate::rewrite_clients::{Known, RewriteClients};
use crate::settings;

/// Reply codes.
pub(crate) struct Codes {
    pub(crate) reject: i64,
    pub(crate) defer: i64,
    pub(crate) relay: i64,
    pub(crate) unknown_local: i64,
    pub(crate) unknown_alias: i64,
    pub(crate) unknown_virtual: i64,
    pub(crate) unknown_relay: i64,
}

/// All of them.
pub(crate) struct Policy {
    pub(crate) codes: Codes,
    client: List,
    helo: List,
    sender: List,
    relay: List,
    recipient: List,
    data: List,
    end_of_data: List,
    etrn: List,
    rewrite_clients: RewriteClients,
    relay_first: bool,
    pub(crate) delay_reject: bool,
    reject_unlisted_recipient: bool,
    reject_unlisted_sender: bool,
    soft_bounce: bool,
    pub(crate) show_table: bool,
    pub(crate) untrusted_routing: bool,
    double_bounce: String,
    rewriter: Rewriter,
    search: Search,
    pub(crate) local_recipients: Maps,
    pub(crate) mailboxes: Maps,
    pub(crate) relay_recipients: Maps,
    mapped: Vec<Maps>,
    mynetworks: MatchList,
    own: HashSet<IpAddr>,
    pub(crate) xclient: MatchList,
    pub(crate) xforward: MatchList,
    pub(crate) verp: MatchList,
    pub(crate) bare_newline: MatchList,
    pub(crate) unlimited: MatchList,
    /// Defaults of an old compatibility_level.
    pub(crate) old: Old,
    /// Whose sessions the log tells of, line by line.
    pub(crate) debug: MatchList,
    /// Which permits the log is told of.
    pub(crate) logged_permits: MatchList,
    pub(crate) discard_maps: Maps,
    pub(crate) flush_domains: MatchList,
    /// RCPT needs nothing outside of this process.
    quick: bool,
    quick_connect: bool,
}

impl Policy {
    /// Opens everything. `routing`: the configuration that decides where mail goes.
    ///
    /// # Errors
    /// The relay lists would let anybody relay.
    pub(crate) fn open(conf: &Config, routing: &Config) -> Result<Policy, StartError> {
        let maps = |param: &params::Param<params::List>| Maps::of(conf, param, Flags::DEFAULT);
        let list = |param: &params::Param<params::List>| MatchList::of(conf, param);
        let rewriter = Rewriter::open(routing);
        let mapped = vec![maps(params::RECIPIENT_CANONICAL_MAPS), maps(params::CANONICAL_MAPS), maps(params::VIRTUAL_ALIAS_MAPS)];
        let own = conf.own_interfaces().into_iter().map(|i| i.address).collect();
        let mut p = Policy {
            codes: codes(conf),
            client: List::parse(conf, params::SMTPD_CLIENT_RESTRICTIONS, "Client host"),
            helo: List::parse(conf, params::SMTPD_HELO_RESTRICTIONS, "Helo command"),
            sender: List::parse(conf, params::SMTPD_SENDER_RESTRICTIONS, "Sender address"),
            relay: List::parse(conf, params::SMTPD_RELAY_RESTRICTIONS, "Recipient address"),
            recipient: List::parse(conf, params::SMTPD_RECIPIENT_RESTRICTIONS, "Recipient address"),
            data: List::parse(conf, params::SMTPD_DATA_RESTRICTIONS, "Data command"),
            end_of_data: List::parse(conf, params::SMTPD_END_OF_DATA_RESTRICTIONS, "End-of-data"),
            etrn: List::parse(conf, params::SMTPD_ETRN_RESTRICTIONS, "Etrn command"),
            rewrite_clients: RewriteClients::open(conf),
            relay_first: conf.get(params::SMTPD_RELAY_BEFORE_RECIPIENT_RESTRICTIONS),
            delay_reject: conf.get(params::SMTPD_DELAY_REJECT),
            reject_unlisted_recipient: conf.get(params::SMTPD_REJECT_UNLISTED_RECIPIENT) && !overridden(conf),
            reject_unlisted_sender: conf.get(params::SMTPD_REJECT_UNLISTED_SENDER) && !overridden(conf),
            soft_bounce: conf.get(params::SOFT_BOUNCE),
            show_table: conf.get(params::SHOW_USER_UNKNOWN_TABLE_NAME),
            untrusted_routing: conf.get(params::ALLOW_UNTRUSTED_ROUTING),
            double_bounce: conf.get(params::DOUBLE_BOUNCE_SENDER),
            rewriter,
            search: Search::new(conf, REWRITE),
            local_recipients: maps(params::LOCAL_RECIPIENT_MAPS),
            mailboxes: maps(params::VIRTUAL_MAILBOX_MAPS),
            relay_recipients: maps(params::RELAY_RECIPIENT_MAPS),
            mapped,
            mynetworks: list(params::MYNETWORKS),
            own,
            xclient: list(params::SMTPD_AUTHORIZED_XCLIENT_HOSTS),
            xforward: list(params::SMTPD_AUTHORIZED_XFORWARD_HOSTS),
            verp: verp_clients(conf),
            bare_newline: list(params::SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS),
            unlimited: list(params::SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS),
            old: Old::of(conf),
            debug: list(params::DEBUG_PEER_LIST),
            logged_permits: list(params::SMTPD_LOG_ACCESS_PERMIT_ACTIONS),
            flush_domains: list(params::FAST_FLUSH_DOMAINS),
            discard_maps: maps(params::SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS),
            quick: false,
            quick_connect: false,
        };
        if !p.relay.guards_relaying() && !p.recipient.guards_relaying() {
            return Err(StartError::new(NO_RELAY_SAFETY));
        }
        p.quick = !p.rewriter.may_block() && !p.tables().any(Maps::may_block) && !p.mynetworks.may_block();
        p.quick_connect = !p.lists().any(MatchList::may_block) && !p.discard_maps.may_block() && !p.rewrite_clients.may_block() && p.quick;
        Ok(p)
    }

    fn tables(&self) -> impl Iterator<Item = &Maps> {
        [&self.local_recipients, &self.mailboxes, &self.relay_recipients].into_iter().chain(&self.mapped)
    }

    fn lists(&self) -> impl Iterator<Item = &MatchList> {
        [
            &self.mynetworks,
            &self.xclient,
            &self.xforward,
            &self.verp,
            &self.bare_newline,
            &self.unlimited,
            &self.flush_domains,
            &self.logged_permits,
            &self.debug,
        ]
        .into_iter()
    }

    /// Whether a question of this stage can be decided without waiting for anything.
    pub(crate) fn is_quick(&self, stage: Stage) -> bool {
        if stage == Stage::Connect { self.quick_connect } else { self.quick && stage != Stage::Etrn }
    }

    /// Whether there is anything to ask at this stage.
    pub(crate) fn has_opinion(&self, stage: Stage) -> bool {
        match stage {
            Stage::Helo => !self.delay_reject && !self.helo.is_empty(),
            Stage::Mail => !self.delay_reject && (!self.sender.is_empty() || self.reject_unlisted_sender),
            Stage::Data => !self.data.is_empty(),
            Stage::EndOfData => !self.end_of_data.is_empty(),
            Stage::Connect | Stage::Rcpt | Stage::Vrfy | Stage::Etrn => true,
        }
    }

    /// Decides.
    pub(crate) fn decide(&self, facts: &Facts) -> Ruling {
        if matches!(facts.stage, Stage::Rcpt | Stage::Vrfy) && facts.recipient.as_deref().is_some_and(|r| r.eq_ignore_ascii_case("postmaster")) {
            // RFC 5321 4.5.1: mail to the postmaster of this host is for everybody.
            return Ruling::default();
        }
        let mut run = Run::new(self, facts);
        let refusal = match facts.stage {
            Stage::Connect => self.delayed(&mut run, false, &[&self.client]),
            Stage::Helo => self.delayed(&mut run, false, &[&self.helo]),
            Stage::Mail => self.delayed(&mut run, false, &[&self.sender]).or_else(|| self.sender_exists(&mut run, self.delay_reject)),
            Stage::Rcpt | Stage::Vrfy => self.recipient(&mut run),
            Stage::Data => self.all(&mut run, &[&self.data]),
            Stage::EndOfData => self.all(&mut run, &[&self.end_of_data]),
            Stage::Etrn => self.delayed(&mut run, true, &[&self.client, &self.helo]).or_else(|| self.all(&mut run, &[&self.etrn])),
        };
        let (remarks, aside, notes) = (run.remarks, run.aside, run.notes);
        match facts.stage {
            Stage::Connect | Stage::Helo | Stage::Mail => Ruling { refusal, remarks, deferral: run.defer_if_permit, aside, ..Ruling::default() },
            _ => Ruling { refusal: refusal.or(run.defer_if_permit), remarks, aside, notes, ..Ruling::default() },
        }
    }

    fn recipient(&self, run: &mut Run<'_>) -> Option<Reply> {
        let before = self.delayed(run, true, &[&self.client, &self.helo, &self.sender]).or_else(|| self.sender_exists(run, !self.delay_reject));
        let lists = before.or_else(|| {
            if self.relay_first {
                return self.all(run, &[&self.relay, &self.recipient]);
            }
            let refusal = self.all(run, &[&self.recipient]);
            if refusal.is_some() {
                self.old_order(run);
            } else {
                self.old_relay(run);
            }
            refusal.or_else(|| self.all(run, &[&self.relay]))
        });
        lists.or_else(|| {
            let check = self.reject_unlisted_recipient && !run.listed_checked;
            match if check { run.unlisted_recipient() } else { Outcome::Dunno } {
                Outcome::Refuse(reply) => Some(run.deferred(reply)),
                _ => None,
            }
        })
    }

    fn sender_exists(&self, run: &mut Run<'_>, elsewhere: bool) -> Option<Reply> {
        if elsewhere || !self.reject_unlisted_sender {
            return None;
        }
        match run.unlisted_sender() {
            Outcome::Refuse(reply) => Some(reply),
            _ => None,
        }
    }

    /// Lists that run only when `smtpd_delay_reject` is as said.
    fn delayed(&self, run: &mut Run<'_>, delay: bool, lists: &[&List]) -> Option<Reply> {
        if self.delay_reject == delay { self.all(run, lists) } else { None }
    }

    fn all(&self, run: &mut Run<'_>, lists: &[&List]) -> Option<Reply> {
        for list in lists {
            if let Outcome::Refuse(reply) = run.list(list) {
                return Some(reply);
            }
        }
        None
    }

    /// Whether a client's incomplete addresses are completed as for our own users.
    ///
    /// # Errors
    /// A table could not be asked.
    pub(crate) fn rewrites_for(&self, client: &Client) -> Result<bool, LookupError> {
        let known = || Known { in_mynetworks: matches!(self.is_trusted(client), Ok(true)), at_own_address: self.is_own_address(client) };
        self.rewrite_clients.holds(client, known)
    }

    pub(crate) fn is_trusted(&self, client: &Client) -> Result<bool, LookupError> {
        self.matches(&self.mynetworks, client)
    }

    /// Whether a client is in a list.
    pub(crate) fn matches(&self, list: &MatchList, client: &Client) -> Result<bool, LookupError> {
        match client.ip {
            Some(_) if list.is_empty() => Ok(false),
            Some(ip) => list.matches_host(&client.name, ip),
            None => Ok(false),
        }
    }

    pub(crate) fn is_own_address(&self, client: &Client) -> bool {
        client.ip.is_some_and(|ip| self.own.contains(&ip))
    }

    /// Where an address goes.
    pub(crate) fn resolve(&self, sender: &str, address: &str, client: &Client) -> Result<Resolved, LookupError> {
        let context = if client.local_rewrite { Context::Local } else { Context::Remote };
        let canonical = |text: &str| {
            let external = self.rewriter.rewrite(context, &address::quote(text));
            address::unquote(&external).into_owned()
        };
        self.rewriter.resolve(&canonical(sender), &canonical(address))
    }

    /// Whether a table maps the address to something else.
    pub(crate) fn is_mapped(&self, address: &str) -> Result<bool, LookupError> {
        for maps in &self.mapped {
            if !maps.is_empty() && self.find(maps, address)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn find(&self, maps: &Maps, address: &str) -> Result<bool, LookupError> {
        self.search.find(maps, address, &|d| self.rewriter.is_local(d)).map(|f| f.is_some())
    }

    /// Users that always exist: the double-bounce sender, postmaster, mailer-daemon.
    pub(crate) fn is_special(&self, user: &str) -> bool {
        [self.double_bounce.as_str(), "postmaster", "mailer-daemon"].iter().any(|n| n.eq_ignore_ascii_case(user))
    }

    /// A reply with a code of main.cf, and the status that goes with it; softened by `soft_bounce`, as the log is to show it.
    pub(crate) fn reply(&self, code: i64, (subject, detail): (u16, u16), text: &str) -> Reply {
        match settings::code(code).filter(|code| code.class() >= 4) {
            Some(code) => {
                let status = code.status_class().map(|class| Status::new(class, subject, detail));
                Head::new(code, status).with(text.to_owned()).softened(self.soft_bounce)
            }
            None => {
                maillog::warning!("response code configuration error: {code} {text}");
                reply!("450 4.7.1", "Service unavailable")
            }
        }
    }
}

/// Who may use XVERP. The old name's default, mynetworks, is documented but does not hold: Debian's smtpd announces XVERP only where a list is set.
fn verp_clients(conf: &Config) -> MatchList {
    let set = [params::SMTPD_AUTHORIZED_VERP_CLIENTS, params::AUTHORIZED_VERP_CLIENTS].into_iter().any(|p| conf.explicit(p.decl.name).is_some());
    match set {
        true => MatchList::of(conf, params::SMTPD_AUTHORIZED_VERP_CLIENTS),
        false => MatchList::open("smtpd_authorized_verp_clients", "", conf, Flags::DEFAULT),
    }
}

/// `receive_override_options = no_unknown_recipient_checks`.
fn overridden(conf: &Config) -> bool {
    conf.list(params::RECEIVE_OVERRIDE_OPTIONS).iter().any(|w| w == "no_unknown_recipient_checks")
}

fn codes(conf: &Config) -> Codes {
    Codes {
        reject: conf.get(params::REJECT_CODE),
        defer: conf.get(params::DEFER_CODE),
        relay: conf.get(params::RELAY_DOMAINS_REJECT_CODE),
        unknown_local: conf.get(params::UNKNOWN_LOCAL_RECIPIENT_REJECT_CODE),
        unknown_alias: conf.get(params::UNKNOWN_VIRTUAL_ALIAS_REJECT_CODE),
        unknown_virtual: conf.get(params::UNKNOWN_VIRTUAL_MAILBOX_REJECT_CODE),
        unknown_relay: conf.get(params::UNKNOWN_RELAY_RECIPIENT_REJECT_CODE),
    }
}

const NO_RELAY_SAFETY: &str = "in parameter smtpd_relay_restrictions or smtpd_recipient_restrictions, specify at least one working instance of: \
reject_unauth_destination, defer_unauth_destination, reject, defer, defer_if_permit or check_relay_domains";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_main_cf() {
        let reply = |soft: &str, code| {
            let conf = Config::from_pairs([("soft_bounce", soft), ("smtpd_relay_restrictions", "reject")]);
            Policy::open(&conf, &conf).map(|policy| policy.reply(code, (7, 1), "no").to_string()).ok()
        };
        let is = |text: &str| Some(text.to_owned());
        assert_eq!((reply("no", 554), reply("no", 454)), (is("554 5.7.1 no"), is("454 4.7.1 no")));
        assert_eq!((reply("yes", 554), reply("yes", 454)), (is("454 4.7.1 no"), is("454 4.7.1 no")));
        for none in [0, 99, 250, 354, 600, 5540, -1] {
            assert_eq!(reply("no", none), is("450 4.7.1 Service unavailable"), "a refusal stays one: {none}");
        }
    }
}
