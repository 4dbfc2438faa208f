//! sendmail(1): submits a message; as mailq lists the queue, as newaliases rebuilds alias databases.
//!
//! A message comes on standard input, for the recipients named on the command line or (`-t`) in its headers. `-f` sender, `-F` full name, `-i` a lone dot is no end,
//! `-N`, `-R`, `-V` DSN, `-B` body type, `-G` from a gateway, `-bv` probe, `-v` report, `-XV` VERP, `-bs` SMTP on standard input, `-bp` list, `-q` flush,
//! `-qI` one message, `-qR` one site, `-bi` aliases, `-bd` start; `-C` names the configuration. Other letters of Sendmail's are taken and ignored.
//!
//! Reads: main.cf, the password file, `$NAME`. Runs: postdrop, postqueue, postalias, postfix, smtpd, with the caller's rights, which are all that it has.
//! Exit: 0, or 75 with a message: the caller may try again. What other programs do keeps their exit status.

fn main() -> std::process::ExitCode {
    tools::sendmail::main()
}
