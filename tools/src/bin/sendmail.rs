//! sendmail(1), mailq(1), newaliases(1): submits a message, lists the queue, rebuilds alias databases.
//!
//! The command that programs call for mail, with the options of Sendmail's. A message comes on standard input; its recipients are named on the command line, or
//! with -t in its headers. Called as mailq it lists the queue, as newaliases it rebuilds the tables of `alias_database`.
//!
//! A message is accepted when it is on stable storage in the maildrop queue. Missing headers are added, and errors found later come back by mail.
//!
//! Reads: main.cf, the password file, `$NAME`.
//! Runs: postdrop(1), postqueue(1), postalias(1), postfix(1), smtpd(8), with the caller's rights, which are all that it has.
//! Exit: 0, or 75 with a message: the caller may try again. What other programs do keeps their exit status.

fn main() -> std::process::ExitCode {
    tools::sendmail::main()
}
