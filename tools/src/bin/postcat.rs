//! postcat(1): show queue files.
//!
//! Without options envelope, header and body; `-e`, `-h`, `-b` choose among them. `-d` shows record types as numbers, `-o` offsets, `-f` the file name before
//! each line, `-v` the name of each content record. `-q` takes queue ids and searches the queue; `-r` does not follow pointers, `-s` starts
//! at an offset. Without file names standard input is read.
//!
//! Reads: the named files; main.cf with `-q`. Writes: standard output. Trusts: nobody: a damaged file is shown as far as it can be read.
//! Exit: 0, or 1 with a message.

fn main() -> std::process::ExitCode {
    tools::postcat::main()
}
