//! postcat(1): show queue files.
//!
//! Shows the records of the envelope by name, and the message as it is: all of it, or what -e, -h and -b choose. Without file names standard input is read.
//!
//! Reads: the named files; main.cf with `-q`. Writes: standard output. Trusts: nobody: a damaged file is shown as far as it can be read.
//! Exit: 0, or 1 with a message.

fn main() -> std::process::ExitCode {
    tools::postcat::main()
}
