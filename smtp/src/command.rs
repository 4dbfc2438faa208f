//! The text of commands.

use base::text::xtext;
use ipc::delivery::Request;
use queue::Recipient;
use queue::envelope::{NOTIFY_DELAY, NOTIFY_FAILURE, NOTIFY_NEVER, NOTIFY_SUCCESS, RET_FULL, RET_HDRS};

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

/// Appends the MAIL command: SIZE, BODY, ENVID, RET, SMTPUTF8 in this order. `sender` stands in the place of the request's.
pub fn mail(out: &mut Vec<u8>, request: &Request, sender: &str, form: Form<'_>) {
    let mut line = format!("MAIL FROM:<{}>", path(sender, form.quote));
    // An offer without a limit counts only beside 8BITMIME: so postfix has it, and some servers' offers mean nothing.
    if form.features.size.is_some_and(|limit| limit > 0 || form.features.eightbit) {
        line.push_str(&format!(" SIZE={}", request.data_size));
    }
    if form.features.eightbit {
        match request.encoding.as_str() {
            "8bit" => line.push_str(" BODY=8BITMIME"),
            "7bit" => line.push_str(" BODY=7BIT"),
            _ => {}
        }
    }
    if form.features.dsn {
        if !request.dsn_envid.is_empty() {
            line.push_str(&format!(" ENVID={}", xtext(request.dsn_envid.as_bytes())));
        }
        match request.dsn_ret {
            RET_FULL => line.push_str(" RET=FULL"),
            RET_HDRS => line.push_str(" RET=HDRS"),
            _ => {}
        }
    }
    if form.smtputf8 && form.features.smtputf8 {
        line.push_str(" SMTPUTF8");
    }
    end(out, &line);
}

/// Appends one RCPT command. `address` stands in the place of the recipient's.
pub fn rcpt(out: &mut Vec<u8>, recipient: &Recipient, address: &str, form: Form<'_>) {
    let mut line = format!("RCPT TO:<{}>", path(address, form.quote));
    if form.features.dsn {
        if let Some((kind, text)) = recipient.dsn_orcpt.split_once(';') {
            line.push_str(&format!(" ORCPT={kind};{}", xtext(text.as_bytes())));
        } else if !recipient.original.is_empty() && recipient.original.is_ascii() {
            line.push_str(&format!(" ORCPT=rfc822;{}", xtext(address::quote(&recipient.original).as_bytes())));
        }
        if recipient.notify != 0 {
            line.push_str(&format!(" NOTIFY={}", notify(recipient.notify)));
        }
    }
    end(out, &line);
}

/// The two XFORWARD commands, with the attributes that are known here and there. With what a refusal calls them.
pub fn xforward(request: &Request, features: &Features) -> Vec<(Vec<u8>, &'static str)> {
    let client = &request.client;
    let source = if request.rewrite_context == "local" { "LOCAL" } else { "REMOTE" };
    let address = if client.address.contains(':') && !client.address.to_ascii_uppercase().starts_with("IPV6:") {
        format!("IPV6:{}", client.address)
    } else {
        client.address.clone()
    };
    let groups: [(&[(&str, &str)], &str); 2] = [
        (&[("NAME", &client.name), ("ADDR", &address), ("PORT", &client.port)], "XFORWARD name/address command"),
        (&[("PROTO", &client.protocol), ("HELO", &client.helo), ("IDENT", &request.log_ident), ("SOURCE", source)], "XFORWARD helo/protocol command"),
    ];
    let mut commands = Vec::new();
    for (attributes, what) in groups {
        let known = attributes.iter().filter(|(name, value)| !matches!(*value, "" | "unknown") && features.xforward.iter().any(|f| f == name));
        let words: Vec<String> = known.map(|(name, value)| format!(" {name}={}", xtext(value.as_bytes()))).collect();
        if !words.is_empty() {
            commands.push((format!("XFORWARD{}\r\n", words.concat()).into_bytes(), what));
        }
    }
    commands
}

/// An address as it stands between `<` and `>`.
pub fn path(address: &str, quote: bool) -> String {
    // TRUST: whatever an address holds, a command stays one line.
    let clean: String = address.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).collect();
    if quote { address::quote(&clean).into_owned() } else { clean }
}

fn notify(bits: u32) -> String {
    if bits & NOTIFY_NEVER != 0 {
        return "NEVER".to_owned();
    }
    let words = [(NOTIFY_SUCCESS, "SUCCESS"), (NOTIFY_FAILURE, "FAILURE"), (NOTIFY_DELAY, "DELAY")];
    words.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word).collect::<Vec<_>>().join(",")
}

fn end(out: &mut Vec<u8>, line: &str) {
    out.extend_from_slice(line.as_bytes());
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Features {
        let lines = ["h", "SIZE 1000", "8BITMIME", "DSN", "SMTPUTF8", "AUTH PLAIN", "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"].map(str::to_owned);
        Features::parse(&lines, &[])
    }

    fn text(build: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        build(&mut out);
        String::from_utf8(out).unwrap()
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
        let want = "MAIL FROM:<s@example.com> SIZE=99 BODY=8BITMIME ENVID=a+2Bb RET=HDRS SMTPUTF8\r\n";
        assert_eq!(text(|o| mail(o, &request, &request.sender, form)), want);
        let plain = Features::default();
        let form = Form { features: &plain, ..form };
        assert_eq!(text(|o| mail(o, &Request::default(), "", form)), "MAIL FROM:<>\r\n");
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
        assert_eq!(
            text(|o| rcpt(o, &recipient, &recipient.address, form)),
            "RCPT TO:<u@example.com> ORCPT=rfc822;a+2Bb@example.net NOTIFY=SUCCESS,FAILURE\r\n"
        );
    }

    #[test]
    fn an_address_stays_one_argument() {
        for (address, want) in [
            ("odd user@example.com", "\"odd user\"@example.com"),
            ("foo@a.example> ORCPT=rfc822;x@remote.example", "\"foo@a.example> ORCPT=rfc822;x\"@remote.example"),
            ("a\"b\\c@example.com", "\"a\\\"b\\\\c\"@example.com"),
            (".dot.@example.com", "\".dot.\"@example.com"),
            ("plain.one+x@example.com", "plain.one+x@example.com"),
            ("jö@example.com", "jö@example.com"),
            ("a\r\nRCPT TO:<x>@example.com", "\"aRCPT TO:<x>\"@example.com"),
            ("", ""),
        ] {
            assert_eq!(path(address, true), want);
        }
        assert_eq!(path("odd user@example.com", false), "odd user@example.com");
    }

    #[test]
    fn xforward_in_two_commands() {
        let mut request = Request { log_ident: "ABC".into(), rewrite_context: "remote".into(), ..Request::default() };
        request.client.name = "mail.example.com".into();
        request.client.helo = "unknown".into();
        request.client.address = "2001:db8::1".into();
        let lines: Vec<String> = xforward(&request, &all()).into_iter().map(|(l, _)| String::from_utf8(l).unwrap()).collect();
        assert_eq!(lines, ["XFORWARD NAME=mail.example.com ADDR=IPV6:2001:db8::1\r\n", "XFORWARD IDENT=ABC SOURCE=REMOTE\r\n"]);
        assert!(xforward(&request, &Features::default()).is_empty());
    }
}
