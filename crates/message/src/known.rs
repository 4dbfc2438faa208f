//! The headers that mean something to a mail system.

/// A header that cleanup or an agent looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known {
    /// Apparently-To
    ApparentlyTo,
    /// Bcc
    Bcc,
    /// Cc
    Cc,
    /// Content-Description
    ContentDescription,
    /// Content-Disposition
    ContentDisposition,
    /// Content-ID
    ContentId,
    /// Content-Length
    ContentLength,
    /// Content-Transfer-Encoding
    ContentTransferEncoding,
    /// Content-Type
    ContentType,
    /// Date
    Date,
    /// Delivered-To
    DeliveredTo,
    /// Disposition-Notification-To
    DispositionNotificationTo,
    /// Errors-To
    ErrorsTo,
    /// From
    From,
    /// Mail-Followup-To
    MailFollowupTo,
    /// Message-ID
    MessageId,
    /// MIME-Version
    MimeVersion,
    /// Received
    Received,
    /// Reply-To
    ReplyTo,
    /// Resent-Bcc
    ResentBcc,
    /// Resent-Cc
    ResentCc,
    /// Resent-Date
    ResentDate,
    /// Resent-From
    ResentFrom,
    /// Resent-Message-ID
    ResentMessageId,
    /// Resent-Reply-To
    ResentReplyTo,
    /// Resent-Sender
    ResentSender,
    /// Resent-To
    ResentTo,
    /// Return-Path
    ReturnPath,
    /// Return-Receipt-To
    ReturnReceiptTo,
    /// Sender
    Sender,
    /// TLS-Required (RFC 8689 5)
    TlsRequired,
    /// To
    To,
}

/// What kind of address list a header holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sender addresses: sender canonical mapping and masquerading as for header senders.
    Sender,
    /// Recipient addresses.
    Recipient,
}

/// One row of the table.
struct Row {
    known: Known,
    /// As we write it.
    name: &'static str,
    flags: u8,
}

/// Holds addresses of senders.
const SENDER: u8 = 1;
/// Holds addresses of recipients.
const RECIPIENT: u8 = 2;
/// Removed from every message that enters the queue.
const DROP: u8 = 4;
/// Recipients are taken from it by `sendmail -t`.
const EXTRACT: u8 = 8;
/// A Resent- header.
const RESENT: u8 = 16;
/// Belongs to MIME: subject to mime_header_checks.
const MIME: u8 = 32;

impl Known {
    /// Finds a header by name, in any case. `None` for all others.
    pub fn find(name: &[u8]) -> Option<Known> {
        ROWS.iter().find(|row| row.name.len() == name.len() && row.name.as_bytes().eq_ignore_ascii_case(name)).map(|row| row.known)
    }

    /// The header that a text begins, `Name: value`.
    pub fn of(text: &[u8]) -> Option<Known> {
        crate::header::name_length(text).and_then(|length| text.get(..length)).and_then(Known::find)
    }

    /// The name as we write it: `Message-Id`.
    pub fn name(self) -> &'static str {
        self.row().map_or("", |row| row.name)
    }

    /// The addresses in it, if it is an address header.
    pub fn role(self) -> Option<Role> {
        match self.flags() & (SENDER | RECIPIENT) {
            SENDER => Some(Role::Sender),
            RECIPIENT => Some(Role::Recipient),
            _ => None,
        }
    }

    /// True when cleanup removes it (message_drop_headers has these by default).
    pub fn is_dropped(self) -> bool {
        self.flags() & DROP != 0
    }

    /// True when `sendmail -t` takes recipients from it.
    pub fn is_extracted(self) -> bool {
        self.flags() & EXTRACT != 0
    }

    /// True for Resent- headers; with `-t` they replace the others.
    pub fn is_resent(self) -> bool {
        self.flags() & RESENT != 0
    }

    /// True for headers that mime_header_checks apply to.
    pub fn is_mime(self) -> bool {
        self.flags() & MIME != 0
    }

    fn flags(self) -> u8 {
        self.row().map_or(0, |row| row.flags)
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.known == self)
    }
}

const fn row(known: Known, name: &'static str, flags: u8) -> Row {
    Row { known, name, flags }
}

static ROWS: [Row; 32] = [
    row(Known::Received, "Received", 0),
    row(Known::From, "From", SENDER),
    row(Known::To, "To", RECIPIENT | EXTRACT),
    row(Known::Cc, "Cc", RECIPIENT | EXTRACT),
    row(Known::Date, "Date", 0),
    row(Known::MessageId, "Message-Id", 0),
    row(Known::MimeVersion, "MIME-Version", MIME),
    row(Known::ContentType, "Content-Type", MIME),
    row(Known::ContentTransferEncoding, "Content-Transfer-Encoding", MIME),
    row(Known::ReplyTo, "Reply-To", SENDER),
    row(Known::Sender, "Sender", SENDER),
    row(Known::Bcc, "Bcc", RECIPIENT | EXTRACT | DROP),
    row(Known::DeliveredTo, "Delivered-To", 0),
    row(Known::ReturnPath, "Return-Path", SENDER | DROP),
    row(Known::ContentLength, "Content-Length", DROP),
    row(Known::ContentDisposition, "Content-Disposition", MIME),
    row(Known::ContentDescription, "Content-Description", MIME),
    row(Known::ContentId, "Content-ID", MIME),
    row(Known::ApparentlyTo, "Apparently-To", RECIPIENT),
    row(Known::DispositionNotificationTo, "Disposition-Notification-To", SENDER),
    row(Known::ErrorsTo, "Errors-To", SENDER),
    row(Known::MailFollowupTo, "Mail-Followup-To", SENDER),
    row(Known::ReturnReceiptTo, "Return-Receipt-To", SENDER),
    row(Known::ResentBcc, "Resent-Bcc", RECIPIENT | EXTRACT | RESENT | DROP),
    row(Known::ResentCc, "Resent-Cc", RECIPIENT | EXTRACT | RESENT),
    row(Known::ResentDate, "Resent-Date", RESENT),
    row(Known::ResentFrom, "Resent-From", SENDER | RESENT),
    row(Known::ResentMessageId, "Resent-Message-Id", RESENT),
    row(Known::ResentReplyTo, "Resent-Reply-To", RECIPIENT | RESENT),
    row(Known::ResentSender, "Resent-Sender", SENDER | RESENT),
    row(Known::ResentTo, "Resent-To", RECIPIENT | EXTRACT | RESENT),
    row(Known::TlsRequired, "TLS-Required", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_whole() {
        for row in &ROWS {
            assert_eq!(Known::find(row.name.to_ascii_uppercase().as_bytes()), Some(row.known));
            assert_eq!(row.known.name(), row.name);
        }
        assert_eq!(Known::find(b"Subject"), None);
        assert_eq!(Known::To.role(), Some(Role::Recipient));
        assert!(Known::Bcc.is_dropped() && Known::ResentBcc.is_resent() && !Known::DeliveredTo.is_dropped());
    }
}
