//! Mail address text: what stands in headers, in SMTP commands, and in queue files.
//!
//! An address has two forms. The external form is what headers and SMTP paths show: a local part that needs it is a quoted string
//! (`"a b"@example.com`). The internal form is what queue files, tables and log fields of ours hold: the same address without quotes and
//! backslashes (`a b@example.com`), split at its last `@`. All functions say which form they take.
//!
//! Nothing here touches a socket, a file or the clock. Standards: RFC 5321 4.1.2, RFC 5322 3.4, RFC 6531.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

mod envelope;
mod host;
mod list;
mod quote;
pub mod scan;
mod split;
mod token;

pub use envelope::{Mailbox, Malformed, parse_envelope};
pub use host::{is_host_address, is_hostname, is_ipv4, is_ipv6, is_mail_domain, literal_address};
pub use list::AddressList;
pub use quote::{quote, quote_local, unquote};
pub use split::{Extension, fold_case, split, split_extension};
