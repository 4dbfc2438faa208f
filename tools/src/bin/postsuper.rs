//! postsuper(1): maintain the queue.
//!
//! `-d` deletes, `-h` puts on hold, `-H` releases, `-r` requeues, `-e` expires, `-f` expires and releases: a queue id, `-` for ids from standard
//! input, or ALL. `-s` puts files where their names want them and names right after a restore, `-S` does it twice, `-p` removes old temporary files;
//! without options `-s -p`. Queue names limit where it looks.
//!
//! For root only; works as `mail_owner`. Reads and writes: the queue directory. Logs each change as the daemons do.
//! Exit: 0 also when a message is not there; 1 with a message.

fn main() -> std::process::ExitCode {
    tools::postsuper::main()
}
