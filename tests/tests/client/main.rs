//! The SMTP and LMTP client, ours beside Debian's: the same mail to the same servers, and what the servers heard and the log says is compared.

mod cases;
mod content;
mod dovecot;
mod names;
mod replies;
mod reuse;
mod settings;
