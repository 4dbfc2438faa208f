use address::{is_hostname, parse_envelope, split};
use base::{Line, Printable};

use super::command::Verb;
use super::dialog::{Bdat, Dialog, State};
use super::esmtp::{Mail, Open, Rcpt, mail_parameter, rcpt_parameter};
use super::parse::{PathArgument, path_argument, words};
use super::proxy;
use super::settings::Settings;
use super::turn::{Ask, Note, Turn, Verdict};
use crate::{Fixed, Reply, reply};

impl Dialog {
    pub(super) fn dispatch(&mut self, set: &Settings, verb: Verb, argument: &str, turn: &mut Turn<'_>) {
        match verb {
            Verb::Helo | Verb::Ehlo => self.hello(set, verb, argument, turn),
            Verb::Mail => self.mail_command(set, argument, turn),
            Verb::Rcpt => self.rcpt_command(set, argument, turn),
            Verb::Data => self.data(set, argument, turn),
            Verb::Bdat => self.bdat(set, argument, turn),
            Verb::Rset if !argument.is_empty() => self.refuse(set, turn, verb, reply!("501 5.5.4", "Syntax: RSET")),
            Verb::Rset => {
                self.reset();
                self.transcript.trim(set.history_limit);
                self.accept(set, turn, verb, reply!("250 2.0.0", "Ok"));
            }
            Verb::Noop => self.accept(set, turn, verb, reply!("250 2.0.0", "Ok")),
            // A word of smtpd_noop_commands, which nobody counts.
            Verb::Unknown => self.reply(set, turn, reply!("250 2.0.0", "Ok")),
            Verb::Vrfy => self.vrfy(set, argument, turn),
            Verb::Etrn => self.etrn(set, argument, turn),
            Verb::Quit => {
                self.accept(set, turn, verb, reply!("221 2.0.0", "Bye"));
                self.state = State::Closed;
                turn.close = true;
            }
            Verb::Help => self.accept(set, turn, verb, HELP),
            Verb::Starttls if !argument.is_empty() => self.refuse(set, turn, verb, reply!("501 5.5.4", "Syntax: STARTTLS")),
            Verb::Starttls if set.tls_first => self.refuse(set, turn, verb, reply!("454 4.7.0", "TLS not available due to local problem")),
            Verb::Starttls => self.refuse(set, turn, verb, reply!("502 5.5.1", "Error: command not implemented")),
            Verb::Auth if set.helo_required && self.helo.is_none() => self.refuse(set, turn, verb, HELO_FIRST),
            Verb::Auth => self.refuse(set, turn, verb, reply!("503 5.5.1", "Error: authentication not enabled")),
            Verb::Xclient => self.proxy(set, verb, argument, turn),
            Verb::Xforward => self.proxy(set, verb, argument, turn),
        }
    }

    fn ask(&mut self, verb: Verb, ask: Ask, turn: &mut Turn<'_>) {
        self.state = State::Verdict(verb);
        turn.ask = Some(ask);
    }

    fn hello(&mut self, set: &Settings, verb: Verb, argument: &str, turn: &mut Turn<'_>) {
        if argument.is_empty() {
            let text = reply!("501", "Syntax: {} hostname", verb.name());
            return self.refuse(set, turn, verb, text);
        }
        let name: String = argument.split([' ', '\t']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        self.ask(verb, Ask::Helo(name.clone()), turn);
        self.next_helo = Some(name);
    }

    fn hello_accepted(&mut self, set: &Settings, verb: Verb, turn: &mut Turn<'_>) {
        self.reset();
        self.transcript.trim(set.history_limit);
        let unsafe_in_log = |c: char| c.is_control() || " <>()\\\";@".contains(c);
        self.helo = self.next_helo.take().map(|name| name.chars().map(|c| if unsafe_in_log(c) { '?' } else { c }).collect());
        // As postfix has it, HELO does not make an ESMTP session an SMTP one.
        self.esmtp |= verb == Verb::Ehlo;
        if verb == Verb::Ehlo {
            self.announce(set, turn);
        } else {
            let text = reply!("250", "{}", set.hostname);
            self.reply(set, turn, text);
        }
        self.done(set, verb, true);
    }

    fn mail_command(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        let reply = if set.helo_required && self.helo.is_none() {
            HELO_FIRST.into()
        } else if self.mail.is_some() {
            reply!("503 5.5.1", "Error: nested MAIL command")
        } else if self.bdat != Bdat::None {
            reply!("503 5.5.1", "Error: MAIL after BDAT")
        } else if path_argument(argument, "FROM:").is_none() {
            MAIL_SYNTAX.into()
        } else if self.allow.count_mail {
            return self.count(Verb::Mail, argument, turn);
        } else {
            return self.counted_mail(set, argument, turn);
        };
        self.refuse(set, turn, Verb::Mail, reply);
    }

    fn count(&mut self, verb: Verb, argument: &str, turn: &mut Turn<'_>) {
        self.counting = Some(argument.to_owned());
        self.ask(verb, Ask::Count(verb), turn);
    }

    fn counted_mail(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        match self.read_mail(set, argument, turn) {
            Ok(mail) => {
                self.next_mail = Some(Box::new(mail));
                self.ask(Verb::Mail, Ask::Mail, turn);
            }
            Err(reply) => self.refuse(set, turn, Verb::Mail, reply),
        }
    }

    fn read_mail(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) -> Result<Mail, Reply> {
        let Some(path) = path_argument(argument, "FROM:") else { return Err(MAIL_SYNTAX.into()) };
        let Some(sender) = parse_envelope(path.path, set.strict_envelopes).ok().filter(|_| path.closed) else {
            self.warn_of_address("MAIL", &path, turn);
            return Err(BAD_SENDER.into());
        };
        let mut mail = Mail { sender: sender.into_string(), command: as_given("MAIL", argument), ..Mail::default() };
        let open = self.open(set);
        for word in &path.params {
            mail_parameter(&mut mail, word, open)?;
        }
        if set.strict_smtputf8 && !mail.utf8 && !mail.sender.is_ascii() {
            return Err(DECLARE_UTF8.into());
        }
        if !mail.utf8 && !has_ascii_domain(&mail.sender) {
            self.warn_of_address("MAIL", &path, turn);
            return Err(BAD_SENDER.into());
        }
        self.tell_of_utf8(set, "sender", &mail.sender, turn);
        if mail.verp.is_some() && mail.sender.is_empty() {
            return Err(reply!("503 5.5.4", "Error: XVERP requires non-null sender"));
        }
        if set.size_limit > 0 && mail.size > set.size_limit {
            let (reply, sender) = (reply!("552 5.3.4", "Message size exceeds fixed limit"), Some(mail.sender));
            turn.notes.push(Note::Reject { reason: reply.clone().softened(set.soft_bounce).to_string(), sender, single: false });
            return Err(reply);
        }
        Ok(mail)
    }

    fn open(&self, set: &Settings) -> Open {
        Open { dsn: self.allow.offers("dsn"), utf8: set.smtputf8 && self.allow.offers("smtputf8"), verp: self.allow.verp && self.allow.offers("verp") }
    }

    fn rcpt_command(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        let reply = if self.mail.is_none() {
            NEED_MAIL.into()
        } else if self.bdat != Bdat::None {
            reply!("503 5.5.1", "Error: RCPT after BDAT")
        } else if path_argument(argument, "TO:").is_none() {
            RCPT_SYNTAX.into()
        } else if self.allow.count_rcpt {
            return self.count(Verb::Rcpt, argument, turn);
        } else {
            return self.counted_rcpt(set, argument, turn);
        };
        self.refuse(set, turn, Verb::Rcpt, reply);
    }

    fn counted_rcpt(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        match self.read_rcpt(set, argument, turn) {
            Ok(rcpt) => {
                self.next_rcpt = Some(Box::new(rcpt));
                self.ask(Verb::Rcpt, Ask::Rcpt, turn);
            }
            // Too many recipients are no error of the client's, up to a point.
            Err((reply, true)) => self.accept(set, turn, Verb::Rcpt, reply),
            Err((reply, false)) => self.refuse(set, turn, Verb::Rcpt, reply),
        }
    }

    fn read_rcpt(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) -> Result<Rcpt, (Reply, bool)> {
        let fault = |reply: Fixed| Err((reply.into(), false));
        let Some(mail) = &self.mail else { return fault(NEED_MAIL) };
        let Some(path) = path_argument(argument, "TO:") else { return fault(RCPT_SYNTAX) };
        let address = parse_envelope(path.path, set.strict_envelopes).ok().filter(|a| path.closed && !a.is_null());
        let Some(address) = address else {
            self.warn_of_address("RCPT", &path, turn);
            return fault(BAD_RECIPIENT);
        };
        let mut rcpt = Rcpt { address: address.into_string(), command: as_given("RCPT", argument), ..Rcpt::default() };
        let open = self.open(set);
        if set.strict_smtputf8 && !mail.utf8 && !rcpt.address.is_ascii() {
            return fault(DECLARE_UTF8);
        }
        if !mail.utf8 && !has_ascii_domain(&rcpt.address) {
            self.warn_of_address("RCPT", &path, turn);
            return fault(BAD_RECIPIENT);
        }
        self.tell_of_utf8(set, "recipient", &rcpt.address, turn);
        for word in &path.params {
            rcpt_parameter(&mut rcpt, word, open).map_err(|reply| (reply, false))?;
        }
        if self.recipients >= set.recipient_limit {
            let patient = self.overshoot < set.recipient_overshoot;
            self.overshoot += 1;
            return Err((reply!("452 4.5.3", "Error: too many recipients"), patient));
        }
        if rcpt.orcpt.is_empty() {
            let text = path.path.strip_prefix('<').and_then(|p| p.strip_suffix('>')).unwrap_or(path.path);
            rcpt.orcpt = format!("{};{text}", if text.is_ascii() { "rfc822" } else { "utf-8" });
        }
        Ok(rcpt)
    }

    fn tell_of_utf8(&self, set: &Settings, what: &str, address: &str, turn: &mut Turn<'_>) {
        if set.old_utf8 && !address.is_ascii() {
            let shown: String = address.bytes().map(|b| if (32..127).contains(&b) { char::from(b) } else { '?' }).collect();
            let who = self.who();
            turn.info(format!("using backwards-compatible default setting smtputf8_enable=no to accept non-ASCII {what} address \"{shown}\" from {who}"));
        }
    }

    /// What is not even a path is an error of the command, not of an address.
    fn warn_of_address(&self, verb: &str, path: &PathArgument<'_>, turn: &mut Turn<'_>) {
        if path.closed {
            turn.warn(format!("Illegal address syntax from {} in {verb} command: {}", self.who(), base::text::printable(path.path.as_bytes())));
        }
    }

    fn data(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        let reply = if self.bdat != Bdat::None {
            reply!("503 5.5.1", "Error: DATA after BDAT")
        } else if self.recipients == 0 && self.mail.is_none() {
            reply!("503 5.5.1", "Error: need RCPT command")
        } else if self.recipients == 0 {
            reply!("554 5.5.1", "Error: no valid recipients")
        } else if !argument.is_empty() {
            reply!("501 5.5.4", "Syntax: DATA")
        } else {
            self.next_rcpt = None;
            return self.ask(Verb::Data, Ask::Data, turn);
        };
        self.refuse(set, turn, Verb::Data, reply);
    }

    fn vrfy(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        if set.vrfy_disabled {
            return self.refuse(set, turn, Verb::Vrfy, reply!("502 5.5.1", "VRFY command is disabled"));
        }
        let words: Vec<&str> = words(argument).into_iter().filter(|w| !w.eq_ignore_ascii_case("SMTPUTF8")).collect();
        if words.is_empty() {
            let text = if set.smtputf8 { reply!("501 5.5.4", "Syntax: VRFY address [SMTPUTF8]") } else { reply!("501 5.5.4", "Syntax: VRFY address") };
            return self.refuse(set, turn, Verb::Vrfy, text);
        }
        let text = words.join(" ");
        match parse_envelope(&text, false) {
            Ok(address) if !address.is_null() => {
                self.next_rcpt = Some(Box::new(Rcpt { address: address.as_str().to_owned(), orcpt: text, ..Rcpt::default() }));
                self.ask(Verb::Vrfy, Ask::Vrfy(address.into_string()), turn);
            }
            _ => {
                self.warn_of_address("VRFY", &PathArgument { path: &text, closed: true, params: Vec::new() }, turn);
                self.refuse(set, turn, Verb::Vrfy, BAD_RECIPIENT);
            }
        }
    }

    fn etrn(&mut self, set: &Settings, argument: &str, turn: &mut Turn<'_>) {
        let words = words(argument);
        let domain = words.first().map(|w| w.strip_prefix(['@', '#']).unwrap_or(w)).unwrap_or_default();
        let reply = if set.helo_required && self.helo.is_none() {
            reply!("503", "Error: send HELO/EHLO first")
        } else if self.mail.is_some() {
            reply!("503", "Error: MAIL transaction in progress")
        } else if words.len() != 1 {
            reply!("500", "Syntax: ETRN domain")
        } else if !is_hostname(domain) && address::literal_address(domain).is_none() {
            reply!("501", "Error: invalid parameter syntax")
        } else {
            return self.ask(Verb::Etrn, Ask::Etrn(domain.to_owned()), turn);
        };
        self.refuse(set, turn, Verb::Etrn, reply);
    }

    fn proxy(&mut self, set: &Settings, verb: Verb, argument: &str, turn: &mut Turn<'_>) {
        let (allowed, listed) = if verb == Verb::Xclient { (self.allow.xclient, proxy::XCLIENT) } else { (self.allow.xforward, proxy::XFORWARD) };
        if self.mail.is_some() {
            return self.refuse(set, turn, verb, reply!("503 5.5.1", "Error: MAIL transaction in progress"));
        }
        let words = words(argument);
        if words.is_empty() {
            let text = reply!("501 5.5.4", "Syntax: {} attribute=value...", verb.name());
            return self.refuse(set, turn, verb, text);
        }
        if !allowed {
            return self.refuse(set, turn, verb, reply!("550 5.7.0", "Error: insufficient authorization"));
        }
        match proxy::parse(&words, verb.name(), listed, set.protocols) {
            Ok(attributes) if verb == Verb::Xclient => self.ask(verb, Ask::Xclient(attributes), turn),
            Ok(attributes) => self.ask(verb, Ask::Xforward(attributes), turn),
            Err(reply) => self.refuse(set, turn, verb, reply),
        }
    }

    /// Answers the open question about a command.
    pub fn answer(&mut self, set: &Settings, verdict: Verdict, turn: &mut Turn<'_>) {
        let State::Verdict(verb) = self.state else { return };
        match verdict {
            Verdict::Accept if self.counting.is_some() => {
                let argument = self.counting.take().unwrap_or_default();
                match verb {
                    Verb::Mail => self.counted_mail(set, &argument, turn),
                    _ => self.counted_rcpt(set, &argument, turn),
                }
            }
            Verdict::Refuse(reply) if verb == Verb::Bdat => self.begin_chunks(set, Some(reply), turn),
            Verdict::Refuse(reply) => {
                (self.next_helo, self.next_mail, self.next_rcpt, self.counting) = (None, None, None, None);
                self.deny(set, turn, verb, reply);
            }
            Verdict::Accept => self.accepted(set, verb, turn),
        }
        self.check_limit(set, turn);
    }

    fn accepted(&mut self, set: &Settings, verb: Verb, turn: &mut Turn<'_>) {
        match verb {
            Verb::Helo | Verb::Ehlo => self.hello_accepted(set, verb, turn),
            Verb::Mail => {
                self.mail = self.next_mail.take().map(|m| *m);
                self.accept(set, turn, verb, reply!("250 2.1.0", "Ok"));
            }
            Verb::Rcpt => {
                self.next_rcpt = None;
                self.recipients += 1;
                self.accept(set, turn, verb, reply!("250 2.1.5", "Ok"));
            }
            Verb::Data => {
                self.content = self.new_content(set, true);
                self.enter_content(false);
                self.reply(set, turn, reply!("354", "End data with <CR><LF>.<CR><LF>"));
                self.state = State::Content;
            }
            Verb::Bdat => self.begin_chunks(set, None, turn),
            Verb::Vrfy => {
                let text = self.next_rcpt.take().map(|r| r.orcpt).unwrap_or_default();
                self.accept(set, turn, verb, reply!("252 2.0.0", "{text}"));
            }
            Verb::Etrn => self.accept(set, turn, verb, reply!("250", "Queuing started")),
            _ => self.accept(set, turn, verb, reply!("250 2.0.0", "Ok")),
        }
    }
}

const HELO_FIRST: Fixed = Fixed::of("503 5.5.1", "Error: send HELO/EHLO first");
const NEED_MAIL: Fixed = Fixed::of("503 5.5.1", "Error: need MAIL command");
const MAIL_SYNTAX: Fixed = Fixed::of("501 5.5.4", "Syntax: MAIL FROM:<address>");
const RCPT_SYNTAX: Fixed = Fixed::of("501 5.5.4", "Syntax: RCPT TO:<address>");
const BAD_SENDER: Fixed = Fixed::of("501 5.1.7", "Bad sender address syntax");
const BAD_RECIPIENT: Fixed = Fixed::of("501 5.1.3", "Bad recipient address syntax");
const DECLARE_UTF8: Fixed = Fixed::of("553 5.6.7", "Must declare SMTPUTF8 to send unicode address");
const HELP: Fixed = Fixed::of("214 2.0.0", "Commands: AUTH BDAT DATA EHLO ETRN HELO HELP MAIL NOOP QUIT RCPT RSET STARTTLS VRFY XCLIENT XFORWARD");

/// A command for others, as the client gave it.
fn as_given(verb: &str, argument: &str) -> Line<'static> {
    Printable::new(format!("{verb} {argument}").as_bytes()).into()
}

/// A domain in UTF-8 needs SMTPUTF8 also where strict_smtputf8 does not ask for it: it has no meaning in DNS.
fn has_ascii_domain(address: &str) -> bool {
    split(address).1.is_none_or(str::is_ascii)
}
