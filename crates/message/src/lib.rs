//! Reading and writing of message content: RFC 5322 headers, and MIME structure (RFC 2045, 2046).
//!
//! Content is LF-terminated bytes, as in queue files. [`Headers`] walks over the header section; [`Field`] and [`form`] make new header text. [`Mime`] tells
//! of each line of a message where it stands; [`to_7bit`] converts for servers without 8BITMIME.
//!
//! Nothing here touches a socket, a file or the clock: dates come in as text.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

mod convert;
mod field;
pub mod form;
mod header;
mod known;
mod mime;

pub use convert::{To7Bit, to_7bit};
pub use field::Field;
pub use header::{Header, Headers, name_length};
pub use known::{Known, Role};
pub use mime::{Declared, Domain, Fault, Found, Line, Mime, MimeLimits, Section, Strict};
