//! SMTP as a machine without I/O: bytes and verdicts in, replies, questions and content out.
//!
//! [`client`] is what the sending side says; [`server`] is the receiving side: RFC 5321, 1870, 1985, 2034, 2920, 3030, 3461, 6152, 6531; replies are postfix's to the letter.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

pub mod client;
mod reply;
pub mod server;

pub use reply::{Code, Fixed, Head, Reply};
