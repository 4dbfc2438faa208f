//! Addresses, in headers and in commands.

use std::sync::LazyLock;

use address::{AddressList, Mailbox, parse_envelope};
use base::eightbit;
use config::Config;
use rewrite::{Context, Rewriter};

/// The value of a header: what is written is read as it was written.
pub fn list(input: &[u8]) {
    let written = |value: &[u8]| {
        let mut out = Vec::new();
        AddressList::parse(value).write(&mut out);
        out
    };
    let second = written(&written(input));
    assert_eq!(second.escape_ascii().to_string(), written(&second).escape_ascii().to_string());
    let few = AddressList::parse_within(input, 50);
    let _ = few.addresses().count();
}

/// `<address>` of a command: its external form is the same address.
pub fn envelope(input: &[u8]) {
    let text = eightbit::text(input).replace(['\r', '\n'], "");
    for strict in [false, true] {
        let Ok(mailbox) = parse_envelope(&text, strict) else { continue };
        let again = parse_envelope(&format!("<{}>", mailbox.external()), strict);
        assert_eq!(again.as_ref().map(Mailbox::as_str), Ok(mailbox.as_str()), "{text:?}");
        let _ = (mailbox.local(), mailbox.domain());
    }
}

/// An internal form, quoted and back.
pub fn quote(input: &[u8]) {
    let address = format!("{}@example.com", eightbit::text(input));
    assert_eq!(address::unquote(&address::quote(&address)), address);
    let _ = address::unquote(&eightbit::text(input));
    let _ = (address::is_mail_domain(&eightbit::text(input)), address::literal_address(&eightbit::text(input)));
}

/// The rules of trivial-rewrite(8): with none but its own they end, and know what to do with any address.
pub fn rewriting(input: &[u8]) {
    static REWRITER: LazyLock<Rewriter> = LazyLock::new(|| {
        let settings = [("myhostname", "mail.example.com"), ("mydestination", "example.com"), ("relayhost", ""), ("compatibility_level", "3.6")];
        Rewriter::open(&Config::from_pairs(settings.into_iter().chain([("recipient_delimiter", "+"), ("swap_bangpath", "yes")])))
    });
    let address = eightbit::text(input);
    for context in [Context::Local, Context::Remote] {
        let _ = REWRITER.rewrite(context, &address);
    }
    let _ = REWRITER.resolve("sender@example.com", &address);
    let _ = REWRITER.resolve(&address, "recipient@example.com");
}
