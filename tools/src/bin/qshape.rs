//! qshape(1): how old the mail in the queue is, by domain.
//!
//! Counts recipients that are to do, or messages by sender domain (`-s`), in columns of age that double (`-t` minutes, `-b` columns) or grow
//! evenly (`-l`). `-p` adds parents of at least `-m` subdomains, `-w` is the width. On a terminal it shows interim results every `-N` messages, and only
//! the `-n` busiest domains. The queues are incoming and active unless others are named.
//!
//! Reads: main.cf, queue files. Writes: standard output. Needs the rights of root or `mail_owner`.
//! Exit: 0, also when a directory cannot be read; 255 for a wrong command line.

fn main() -> std::process::ExitCode {
    tools::qshape::main()
}
