//! trivial-rewrite(8): makes addresses canonical, and finds transport, next hop and class of recipients.
//!
//! Reads main.cf, transport_maps, relocated_maps, the virtual and relay domains and their tables; writes nothing. Answers requests of `ipc::rewrite` on
//! `private/rewrite`. Trusts nobody: an address is only text here. A table that fails gives a failure, and the client defers.
//! Standards: RFC 5321 (source routes, domain literals), RFC 5322 3.4.

fn main() -> std::process::ExitCode {
    server::event::<cleanup::trivial_rewrite::TrivialRewrite>()
}
