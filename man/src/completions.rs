//! Completions for bash, zsh and fish: clap_complete writes them from the tables of options.

use std::path::PathBuf;

use base::getopt::{Opt, Value};
use clap::{Arg, ArgAction, ValueHint};
use clap_complete::{Shell, generate};

use crate::File;
use crate::commands::{COMMANDS, Command, Operands, of_postfix, of_tls};

/// A file for each command and shell, under the names that the shells look for.
pub(crate) fn files() -> Vec<File> {
    let mut files = Vec::new();
    for command in COMMANDS {
        for (shell, path) in [
            (Shell::Bash, format!("bash/{}", command.name)),
            (Shell::Zsh, format!("zsh/_{}", command.name)),
            (Shell::Fish, format!("fish/{}.fish", command.name)),
        ] {
            let mut text = Vec::new();
            generate(shell, &mut described(command), command.name, &mut text);
            files.push(File { path: PathBuf::from("completions").join(path), text: String::from_utf8_lossy(&text).into_owned() });
        }
    }
    files
}

/// A command in clap's words. It is never parsed with.
fn described(command: &Command) -> clap::Command {
    let mut out = clap::Command::new(command.name).disable_help_flag(true).disable_version_flag(true).disable_help_subcommand(true);
    out = out.args(command.options.iter().map(option));
    match command.completes {
        Operands::Commands => out.subcommands(of_postfix().iter().map(|(name, doc)| subcommand(name, doc))),
        Operands::Parameters => out.arg(operand().value_parser(params::all().iter().map(|d| d.name).collect::<Vec<_>>())),
        Operands::Queues => out.arg(operand().value_parser(QUEUES.to_vec())),
        Operands::Files => out.arg(operand().value_hint(ValueHint::FilePath)),
        Operands::Program => out.arg(operand().value_hint(ValueHint::CommandWithArguments).trailing_var_arg(true)),
        Operands::Text => out,
    }
}

const QUEUES: [&str; 5] = ["maildrop", "incoming", "active", "deferred", "hold"];

fn operand() -> Arg {
    Arg::new("operand").action(ArgAction::Append).num_args(0..)
}

fn subcommand(name: &'static str, doc: &'static str) -> clap::Command {
    let command = clap::Command::new(name).about(plain(doc)).disable_help_flag(true).disable_help_subcommand(true);
    match name {
        "tls" => command.subcommands(of_tls().iter().map(|s| subcommand(s.name, s.doc).args(s.options.iter().map(option)))),
        _ => command,
    }
}

fn option(o: &Opt) -> Arg {
    let arg = Arg::new(o.letter.to_string()).short(o.letter).help(plain(o.doc));
    match o.value {
        Value::None => arg.action(ArgAction::Count),
        Value::Text(name) => arg.value_name(name).action(ArgAction::Append),
        Value::Directory(name) => arg.value_name(name).action(ArgAction::Append).value_hint(ValueHint::DirPath),
        Value::File(name) => arg.value_name(name).action(ArgAction::Append).value_hint(ValueHint::FilePath),
        Value::Word(name, words) => arg.value_name(name).action(ArgAction::Append).value_parser(words.to_vec()),
    }
}

/// The first sentence, without marks: a shell shows a line.
fn plain(doc: &str) -> String {
    let first = doc.split(['.', ';', ':']).next().unwrap_or_default();
    first.replace('`', "").trim().to_owned()
}
