//! bounce(8), defer(8), trace(8): keep records of what became of recipients, and report to senders.
//!
//! One program under three service names, each with a directory of logs of its name: a text file a message, a paragraph a recipient. A request
//! appends a record; or makes the report from a log and removes the log; or warns of a delay; or reports one recipient at once.
//! Reports enter the queue by way of cleanup(8), with the null sender; copies for the postmaster (`notify_classes`) with `double_bounce_sender`.
//! Undeliverable reports are not reported again.
//!
//! Reads: queue files, its logs, `bounce_template_file`. Writes: its logs. Trusts: delivery agents and qmgr(8) for facts, no one for text.
//! On failure: the client is told, and defers.
//! RFC 3461 to 3464 (notifications), RFC 3834 (automatic messages), RFC 6522 (multipart/report), RFC 6533 (UTF-8 forms).

fn main() -> std::process::ExitCode {
    server::single::<qmgr::bounce::Bounce>()
}
