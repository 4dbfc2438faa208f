use super::dialog::Dialog;
use super::proxy;
use super::settings::Settings;
use super::turn::{Allow, Turn};
use crate::Head;

impl Dialog {
    /// The reply to EHLO: one line for each keyword that is open to this client.
    pub(super) fn announce(&mut self, set: &Settings, turn: &mut Turn<'_>) {
        let allow = &self.allow;
        if !allow.discard.is_empty() && !allow.discard.is_silent() {
            turn.info(format!("discarding EHLO keywords: {}", allow.discard.names()));
        }
        let mut lines: Vec<String> = vec![set.hostname.clone()];
        let mut offer = |name: &str, line: String, open: bool| {
            if open && !allow.discard.has(name) {
                lines.push(line);
            }
        };
        offer("pipelining", "PIPELINING".to_owned(), true);
        offer("size", if set.size_limit == 0 { "SIZE".to_owned() } else { format!("SIZE {}", set.size_limit) }, true);
        offer("vrfy", "VRFY".to_owned(), !set.vrfy_disabled);
        offer("etrn", "ETRN".to_owned(), true);
        offer("starttls", "STARTTLS".to_owned(), set.tls_first);
        offer("verp", "XVERP".to_owned(), allow.verp);
        offer("xclient", format!("XCLIENT {}", proxy::XCLIENT), allow.xclient);
        offer("xforward", format!("XFORWARD {}", proxy::XFORWARD), allow.xforward);
        for name in ["ENHANCEDSTATUSCODES", "8BITMIME", "DSN"] {
            offer(&name.to_ascii_lowercase(), name.to_owned(), true);
        }
        offer("smtputf8", "SMTPUTF8".to_owned(), set.smtputf8);
        offer("chunking", "CHUNKING".to_owned(), true);
        self.reply(set, turn, const { Head::of("250") }.with_lines(lines));
    }
}

impl Allow {
    /// Whether an announced keyword is open.
    pub(super) fn offers(&self, name: &str) -> bool {
        !self.discard.has(name)
    }
}
