//! anvil - counts clients' connections and requests
//!
//! Reads: requests of `ipc::anvil` on `private/anvil`. Writes: log lines with the highest counts. Keeps everything in memory, on one thread.
//! Trusts: smtpd for whom it counts. Failure: when it ends all counts begin anew; when it cannot be asked, smtpd enforces no limits.

fn main() -> std::process::ExitCode {
    server::event::<smtpd::Anvil>()
}
