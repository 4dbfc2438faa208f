//! Reading and writing of message content: RFC 5322 headers.
//!
//! Content is LF-terminated bytes, as in queue files. [`Headers`] walks over the header section; [`form`] makes new header text.
//!
//! Nothing here touches a socket, a file or the clock: dates come in as text.

pub mod form;
mod header;
mod known;

pub use header::{Header, Headers, name_length};
pub use known::{Known, Role};
