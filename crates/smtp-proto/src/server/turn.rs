use super::command::Verb;
use super::dialog::Dialog;
use super::proxy::Attributes;
use super::settings::Keywords;
use crate::Reply;

/// Lines behind a reply of a session.
pub type Footer<'a> = dyn Fn(&Dialog, &Reply) -> Vec<String> + 'a;

/// What one event of a session brings about.
pub struct Turn<'a> {
    /// Replies for the client are appended.
    pub output: &'a mut Vec<u8>,
    /// Content of the message is appended, as LF-terminated lines.
    pub content: &'a mut Vec<u8>,
    /// Gives the lines that follow a 4xx or 5xx reply (`smtpd_reject_footer`), without code.
    pub footer: Option<&'a Footer<'a>>,
    /// Lines for the log.
    pub notes: Vec<Note>,
    /// A question; the dialog wants no input before it is answered.
    pub ask: Option<Ask>,
    /// What is in `output` is to be kept back for `smtpd_error_sleep_time`, and no input read until then.
    pub pause: bool,
    /// Close when the output has left.
    pub close: bool,
}

impl<'a> Turn<'a> {
    /// An empty turn.
    pub fn new(output: &'a mut Vec<u8>, content: &'a mut Vec<u8>) -> Turn<'a> {
        Turn { output, content, footer: None, notes: Vec::new(), ask: None, pause: false, close: false }
    }

    pub(super) fn info(&mut self, text: String) {
        self.notes.push(Note::Info(text));
    }

    pub(super) fn warn(&mut self, text: String) {
        self.notes.push(Note::Warning(text));
    }
}

/// A line for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// As it is.
    Info(String),
    /// A warning.
    Warning(String),
    /// A warning with the id of the message, or NOQUEUE, in front.
    Fault(String),
    /// The message or command is refused for this reason: `reject: STAGE from CLIENT: reason; from=...`.
    Reject {
        /// The reply, or what is wrong.
        reason: String,
        /// The sender, accepted or not.
        sender: Option<String>,
        /// The message has just one recipient.
        single: bool,
    },
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// HELO or EHLO with this name.
    Helo(String),
    /// Whether there may be one more MAIL or RCPT, before anything else is made of it.
    Count(Verb),
    /// MAIL: see [`Dialog::pending_mail`].
    Mail,
    /// RCPT: see [`Dialog::pending_rcpt`].
    Rcpt,
    /// DATA, or the first BDAT.
    Data,
    /// The content is complete: keep the message.
    Store,
    /// VRFY of an address in internal form.
    Vrfy(String),
    /// ETRN of a domain.
    Etrn(String),
    /// XCLIENT: the client is another. Answer with [`Dialog::restart`].
    Xclient(Attributes),
    /// XFORWARD: the client speaks for another.
    Xforward(Attributes),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Accept,
    /// Refused with this reply.
    Refuse(Reply),
}

/// What a client may do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Allow {
    /// XCLIENT.
    pub xclient: bool,
    /// XFORWARD.
    pub xforward: bool,
    /// XVERP.
    pub verp: bool,
    /// LF without CR is no matter (`smtpd_forbid_bare_newline_exclusions`).
    pub bare_newline: bool,
    /// Each MAIL is to be counted, and each RCPT: [`Ask::Count`].
    pub count_mail: bool,
    /// See `count_mail`.
    pub count_rcpt: bool,
    /// Standard input, not a network: pipelining is no matter.
    pub stand_alone: bool,
    /// Keywords that are not announced.
    pub discard: Keywords,
}

/// How a session ends that does not end by QUIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The client is gone.
    Lost,
    /// The client was silent for too long.
    Timeout,
    /// `smtpd_hard_error_limit`.
    TooManyErrors,
}

impl End {
    pub(super) fn text(self) -> &'static str {
        match self {
            End::Lost => "lost connection",
            End::Timeout => "timeout",
            End::TooManyErrors => "too many errors",
        }
    }
}
