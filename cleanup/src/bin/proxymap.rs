//! proxymap(8): lookup tables, opened once for all processes that name them with `proxy:`.
//!
//! Reads main.cf and the tables that `proxy_read_maps` lists, or as the service proxywrite (`proxywrite_service_name`) reads and writes those of
//! `proxy_write_maps`. Answers requests of `ipc::proxymap` on `private/proxymap` and `private/proxywrite`. Trusts nobody: a table that is not listed is
//! refused and logged, with the setting that would allow it. A table that fails gives a temporary error, and the client answers 4xx or defers.
//! It is no trusted daemon itself: commands, files and user ids are never looked up through it (the client opens such tables in its own process).

fn main() -> std::process::ExitCode {
    server::multi::<cleanup::proxymap::Proxymap>()
}
