//! The text of commands.

use base::{Line, Word};
use ipc::delivery::Request;
use queue::Recipient;
use queue::envelope::{NOTIFY_DELAY, NOTIFY_FAILURE, NOTIFY_NEVER, NOTIFY_SUCCESS, RET_FULL, RET_HDRS};
use smtp_proto::client::{Command, Path};

use crate::ehlo::Features;

/// What the form of the envelope depends on.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The server's offers.
    pub features: &'a Features,
    /// `smtp_quote_rfc821_envelope`.
    pub quote: bool,
    /// The message needs SMTPUTF8.
    pub smtputf8: bool,
}

/// EHLO, LHLO or HELO.
pub fn hello(verb: &'static str, name: &str) -> Command {
    Command::new(verb).argument(&Line::from(name))
}

/// The MAIL command: SIZE, BODY, ENVID, RET, SMTPUTF8 in this order. `sender` stands in the place of the request's.
pub fn mail(request: &Request, sender: &str, form: Form<'_>) -> Command {
    let mut command = Command::new("MAIL").path("FROM", &Path::new(sender, form.quote));
    // An offer without a limit counts only beside 8BITMIME: so postfix has it, and some servers' offers mean nothing.
    if form.features.size.is_some_and(|limit| limit > 0 || form.features.eightbit) {
        command = command.parameter("SIZE", &Word::number(request.data_size));
    }
    if form.features.eightbit {
        match request.encoding.as_str() {
            "8bit" => command = command.keyword("BODY=8BITMIME"),
            "7bit" => command = command.keyword("BODY=7BIT"),
            _ => {}
        }
    }
    if form.features.dsn {
        if !request.dsn_envid.is_empty() {
            command = command.parameter("ENVID", &Word::xtext(request.dsn_envid.as_bytes()));
        }
        match request.dsn_ret {
            RET_FULL => command = command.keyword("RET=FULL"),
            RET_HDRS => command = command.keyword("RET=HDRS"),
            _ => {}
        }
    }
    if form.smtputf8 && form.features.smtputf8 { command.keyword("SMTPUTF8") } else { command }
}

/// One RCPT command. `address` stands in the place of the recipient's.
pub fn rcpt(recipient: &Recipient, address: &str, form: Form<'_>) -> Command {
    let mut command = Command::new("RCPT").path("TO", &Path::new(address, form.quote));
    if form.features.dsn {
        if recipient.dsn_orcpt.contains(';') {
            command = command.parameter("ORCPT", &Word::orcpt(&recipient.dsn_orcpt));
        } else if !recipient.original.is_empty() && recipient.original.is_ascii() {
            let original = [b"rfc822;", Path::new(&recipient.original, true).as_bytes()].concat();
            command = command.parameter("ORCPT", &Word::xtext(&original));
        }
        if let Some(words) = notify(recipient.notify) {
            command = command.keyword(words);
        }
    }
    command
}

/// The two XFORWARD commands, with the attributes that are known here and there. With what a refusal calls them.
pub fn xforward(request: &Request, features: &Features) -> Vec<(Command, &'static str)> {
    let client = &request.client;
    let source = if request.rewrite_context == "local" { "LOCAL" } else { "REMOTE" };
    let address = if client.address.contains(':') && !client.address.to_ascii_uppercase().starts_with("IPV6:") {
        format!("IPV6:{}", client.address)
    } else {
        client.address.clone()
    };
    let groups: [(&[(&'static str, &str)], &'static str); 2] = [
        (&[("NAME", &client.name), ("ADDR", &address), ("PORT", &client.port)], "XFORWARD name/address command"),
        (&[("PROTO", &client.protocol), ("HELO", &client.helo), ("IDENT", &request.log_ident), ("SOURCE", source)], "XFORWARD helo/protocol command"),
    ];
    let mut commands = Vec::new();
    for (attributes, what) in groups {
        let mut known = attributes.iter().filter(|(name, value)| !matches!(*value, "" | "unknown") && features.xforward.iter().any(|f| f == name)).peekable();
        if known.peek().is_some() {
            commands.push((known.fold(Command::new("XFORWARD"), |c, (name, value)| c.parameter(name, &Word::xtext(value.as_bytes()))), what));
        }
    }
    commands
}

/// The NOTIFY parameter (RFC 3461 4.1), if there is to be one.
fn notify(bits: u32) -> Option<&'static str> {
    if bits & NOTIFY_NEVER != 0 {
        return Some("NOTIFY=NEVER");
    }
    let asks = |bit| bits & bit != 0;
    Some(match (asks(NOTIFY_SUCCESS), asks(NOTIFY_FAILURE), asks(NOTIFY_DELAY)) {
        (false, false, false) => return None,
        (false, false, true) => "NOTIFY=DELAY",
        (false, true, false) => "NOTIFY=FAILURE",
        (false, true, true) => "NOTIFY=FAILURE,DELAY",
        (true, false, false) => "NOTIFY=SUCCESS",
        (true, false, true) => "NOTIFY=SUCCESS,DELAY",
        (true, true, false) => "NOTIFY=SUCCESS,FAILURE",
        (true, true, true) => "NOTIFY=SUCCESS,FAILURE,DELAY",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Features {
        let lines = ["h", "SIZE 1000", "8BITMIME", "DSN", "SMTPUTF8", "AUTH PLAIN", "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"].map(str::to_owned);
        Features::parse(&lines, &[])
    }

    fn text(command: &Command) -> String {
        String::from_utf8(command.as_bytes().to_vec()).unwrap()
    }

    #[test]
    fn mail_and_its_options() {
        let features = all();
        let form = Form { features: &features, quote: true, smtputf8: true };
        let request = Request {
            sender: "s@example.com".into(),
            data_size: 99,
            encoding: "8bit".into(),
            dsn_ret: RET_HDRS,
            dsn_envid: "a+b".into(),
            ..Request::default()
        };
        let want = "MAIL FROM:<s@example.com> SIZE=99 BODY=8BITMIME ENVID=a+2Bb RET=HDRS SMTPUTF8";
        assert_eq!(text(&mail(&request, &request.sender, form)), want);
        let plain = Features::default();
        let form = Form { features: &plain, ..form };
        assert_eq!(text(&mail(&Request::default(), "", form)), "MAIL FROM:<>");
    }

    #[test]
    fn rcpt_and_its_options() {
        let features = all();
        let form = Form { features: &features, quote: true, smtputf8: false };
        let recipient = Recipient {
            address: "u@example.com".into(),
            dsn_orcpt: "rfc822;a+b@example.net".into(),
            notify: NOTIFY_SUCCESS | NOTIFY_FAILURE,
            ..Recipient::default()
        };
        assert_eq!(text(&rcpt(&recipient, &recipient.address, form)), "RCPT TO:<u@example.com> ORCPT=rfc822;a+2Bb@example.net NOTIFY=SUCCESS,FAILURE");
    }

    #[test]
    fn the_type_of_an_original_recipient_is_encoded_too() {
        let features = all();
        let form = Form { features: &features, quote: true, smtputf8: false };
        let of = |orcpt: &str, original: &str| {
            let recipient = Recipient { dsn_orcpt: orcpt.into(), original: original.into(), ..Recipient::default() };
            text(&rcpt(&recipient, "u@example.com", form))
        };
        assert_eq!(of("rfc822 x\r\nRSET\r\n;y", ""), "RCPT TO:<u@example.com> ORCPT=rfc822+20x+0D+0ARSET+0D+0A;y");
        assert_eq!(of("utf-8;j\u{f6}@x", ""), "RCPT TO:<u@example.com> ORCPT=utf-8;j\\x{F6}@x");
        assert_eq!(of("", "o\rp@example.com"), "RCPT TO:<u@example.com> ORCPT=rfc822;\"o+20p\"@example.com");
        assert_eq!(of("no type", ""), "RCPT TO:<u@example.com>");
    }

    #[test]
    fn xforward_in_two_commands() {
        let mut request = Request { log_ident: "ABC".into(), rewrite_context: "remote".into(), ..Request::default() };
        request.client.name = "mail.example.com".into();
        request.client.helo = "unknown".into();
        request.client.address = "2001:db8::1".into();
        let lines: Vec<String> = xforward(&request, &all()).iter().map(|(c, _)| text(c)).collect();
        assert_eq!(lines, ["XFORWARD NAME=mail.example.com ADDR=IPV6:2001:db8::1", "XFORWARD IDENT=ABC SOURCE=REMOTE"]);
        assert!(xforward(&request, &Features::default()).is_empty());
    }
}
