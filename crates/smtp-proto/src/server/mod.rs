//! The server's side of an SMTP session.
//!
//! A [`Dialog`] consumes bytes while it [wants input](Dialog::wants_input), and puts replies, content, log lines and at most one question into a
//! [`Turn`]. A question is answered with [`Dialog::answer`], a message that was stored with [`Dialog::stored`]. The driver owns socket, clock and log.

mod bdat;
mod command;
mod content;
mod dialog;
mod ehlo;
mod esmtp;
pub mod haproxy;
mod line;
mod parse;
mod proxy;
mod settings;
mod stats;
mod transaction;
mod transcript;
mod turn;

pub use command::Verb;
pub use dialog::Dialog;
pub use esmtp::{Mail, Rcpt};
pub use proxy::{Attribute, Attributes};
pub use settings::{BareNewline, Filter, Keywords, Settings};
pub use turn::{Allow, Ask, End, Footer, Note, Turn, Verdict};
