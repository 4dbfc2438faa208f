//! New header text.

use address::AddressList;

use crate::Field;

/// `<20260131120000.QUEUEID@host>`: a Message-ID for a message that came without one.
///
/// `moment` is local time as 14 digits, `YYYYMMDDhhmmss`.
pub fn message_id(moment: &str, queue_id: &str, hostname: &str) -> String {
    format!("<{moment}.{queue_id}@{hostname}>")
}

/// Appends `Name: list`, folded between addresses as postfix folds what it has rewritten; no line feed at the end.
pub fn address_header(name: &str, list: &AddressList, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    list.write(out);
    fold(out, start);
}

/// Folds the header that begins at `start`: of its line feeds those stay, each followed by a tab, without which a line would reach
/// 70 bytes; the others become blanks.
pub fn fold(text: &mut Vec<u8>, start: usize) {
    let Some(header) = text.get(start..) else { return };
    if !header.contains(&b'\n') {
        return;
    }
    let mut out = Vec::with_capacity(header.len() + 16);
    let mut column = 0;
    for (at, piece) in header.split(|&b| b == b'\n').enumerate() {
        if at > 0 {
            if column + 1 + piece.len() < WIDTH {
                out.push(b' ');
                column += 1;
            } else {
                out.extend_from_slice(b"\n\t");
                column = 0;
            }
        }
        out.extend_from_slice(piece);
        column += piece.len();
    }
    text.truncate(start);
    text.append(&mut out);
}

/// The text of one Received header's clauses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Received<'a> {
    /// `from NAME (HOST [ADDR])`; what follows `from`. `None` for local submission.
    pub from: Option<&'a str>,
    /// myhostname.
    pub by: &'a str,
    /// header_mail_name.
    pub program: &'a str,
    /// `with` a protocol: `ESMTP`; or `None`, and `note` says where it came from.
    pub with: Option<&'a str>,
    /// A comment after the program's name: `from userid 0`.
    pub note: Option<&'a str>,
    /// The queue id; empty when there is none.
    pub id: &'a str,
    /// The one recipient, in external form.
    pub recipient: Option<&'a str>,
    /// RFC 5322 date.
    pub date: &'a str,
}

impl Received<'_> {
    /// The header.
    pub fn field(&self) -> Field {
        let mut field = Field::new("Received");
        if let Some(from) = self.from {
            field = field.text("from ").value(from).text("\n\t");
        }
        field = field.text("by ").value(self.by).text(" (").value(self.program);
        if let Some(note) = self.note {
            field = field.text(", ").value(note);
        }
        field = field.text(")");
        if let Some(with) = self.with {
            field = field.text(" with ").value(with);
        }
        if !self.id.is_empty() {
            field = field.text(if self.from.is_none() && self.with.is_none() { "\n\tid " } else { " id " }).value(self.id);
        }
        match self.recipient {
            Some(recipient) => field.text("\n\tfor <").value(recipient).text(">; "),
            None if self.with.is_some() => field.text(";\n\t"),
            None => field.text("; "),
        }
        .value(self.date)
    }
}

/// Lines of rewritten headers stay shorter.
const WIDTH: usize = 70;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_as_debian_folds() {
        let users: Vec<String> = (0..8).map(|n| format!("user{n}@example.org")).collect();
        let mut out = b"x\n".to_vec();
        address_header("To", &AddressList::parse(users.join(",").as_bytes()), &mut out);
        let want = "x\nTo: user0@example.org, user1@example.org, user2@example.org,\n\tuser3@example.org, user4@example.org, user5@example.org,\n\t\
                    user6@example.org, user7@example.org";
        assert_eq!(String::from_utf8(out).as_deref(), Ok(want));
    }

    #[test]
    fn received_of_smtp() {
        let text = |r: &Received<'_>| String::from_utf8(r.field().as_bytes().to_vec()).unwrap();
        let mut received = Received {
            from: Some("c.example.com (localhost [127.0.0.1])"),
            by: "mail.example.org",
            program: "Postfix",
            with: Some("ESMTP"),
            id: "DE9FF99005A",
            recipient: Some("root@example.org"),
            date: "Wed, 25 Nov 2026 08:26:15 +0000 (UTC)",
            ..Received::default()
        };
        let want = "Received: from c.example.com (localhost [127.0.0.1])\n\tby mail.example.org (Postfix) with ESMTP id DE9FF99005A\n\t\
                    for <root@example.org>; Wed, 25 Nov 2026 08:26:15 +0000 (UTC)";
        assert_eq!(text(&received), want);
        received.recipient = None;
        assert!(text(&received).ends_with("id DE9FF99005A;\n\tWed, 25 Nov 2026 08:26:15 +0000 (UTC)"));
    }

    #[test]
    fn ids() {
        assert_eq!(message_id("20261125082615", "DE9FF99005A", "mail.example.org"), "<20261125082615.DE9FF99005A@mail.example.org>");
    }
}
