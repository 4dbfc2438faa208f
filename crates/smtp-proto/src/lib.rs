//! SMTP as a machine without I/O: bytes and verdicts in, replies, questions and content out.
//!
//! [`client`] is what the sending side says; [`server`] is the receiving side: RFC 5321, 1870, 1985, 2034, 2920, 3030, 3461, 6152, 6531; replies are postfix's to the letter.

pub mod client;
pub mod server;
