//! postsuper(1): maintain the queue.
//!
//! Each of -d, -e, -f, -h, -H and -r takes a queue id, `-` for ids from standard input, one a line, or `ALL`, and may be given more than once. Without options
//! it does -s and -p. Queue names limit where it looks; without them -d, -h and the others look into hold, incoming, active and deferred.
//!
//! For root only; works as `mail_owner`. Reads and writes: the queue directory. Logs each change as the daemons do.
//! Exit: 0 also when a message is not there; 1 with a message.

fn main() -> std::process::ExitCode {
    tools::postsuper::main()
}
