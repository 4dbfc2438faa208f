//! qshape(1): how old the mail in the queue is, by domain.
//!
//! A row for each domain, the busiest first, with the number of recipients that are still to do: `T` for all of them, then by age in minutes. A domain with many
//! recipients in the right columns is slow or dead; one with many in the left columns sends or gets much just now. The queues are incoming and active unless others are named.
//!
//! Reads: main.cf, queue files. Writes: standard output. Needs the rights of root or `mail_owner`.
//! Exit: 0, also when a directory cannot be read; 255 for a wrong command line.

fn main() -> std::process::ExitCode {
    tools::qshape::main()
}
