//! The commands, with the tables that they are parsed by.

use base::getopt::Opt;
use tools::postfix::tls::SUBCOMMANDS;

/// What may stand behind the options, for completions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operands {
    /// Nothing that a shell could complete.
    Text,
    /// Names of parameters.
    Parameters,
    /// Names of queues.
    Queues,
    /// Files.
    Files,
    /// A command of postfix(1).
    Commands,
    /// Some other program with its arguments.
    Program,
}

/// A command and how it is called.
pub(crate) struct Command {
    pub(crate) name: &'static str,
    pub(crate) options: &'static [Opt],
    /// What stands behind the options, as in a synopsis.
    pub(crate) operands: &'static str,
    pub(crate) completes: Operands,
}

const fn command(name: &'static str, options: &'static [Opt], operands: &'static str, completes: Operands) -> Command {
    Command { name, options, operands, completes }
}

/// All of them.
pub(crate) const COMMANDS: &[Command] = &[
    command("mailq", &[], "", Operands::Text),
    command("newaliases", &[], "", Operands::Text),
    command("postalias", tools::postmap::POSTALIAS_OPTIONS, "[type:]file ...", Operands::Files),
    command("postcat", tools::postcat::OPTIONS, "[file ...]", Operands::Files),
    command("postconf", tools::postconf::OPTIONS, "[name[=value] ...]", Operands::Parameters),
    command("postdrop", tools::postdrop::OPTIONS, "", Operands::Text),
    command("postfix", tools::postfix::OPTIONS, "command", Operands::Commands),
    command("postkick", tools::postkick::OPTIONS, "class service request", Operands::Text),
    command("postlock", tools::postlock::OPTIONS, "file command ...", Operands::Program),
    command("postlog", tools::postlog::OPTIONS, "[text ...]", Operands::Text),
    command("postmap", tools::postmap::POSTMAP_OPTIONS, "[type:]file ...", Operands::Files),
    command("postmulti", tools::postmulti::OPTIONS, "[command ... | name=value ...]", Operands::Program),
    command("postqueue", tools::postqueue::OPTIONS, "", Operands::Text),
    command("postsuper", tools::postsuper::OPTIONS, "[queue ...]", Operands::Queues),
    command("qshape", tools::qshape::OPTIONS, "[queue ...]", Operands::Queues),
    command("sendmail", tools::sendmail::OPTIONS, "[recipient ...]", Operands::Text),
];

/// master(8), which has options of its own and is no service. Nobody types it.
pub(crate) const MASTER: Command = command("master", master::OPTIONS, "", Operands::Text);

/// The commands of postfix(1), with what they do.
pub(crate) fn of_postfix() -> &'static [(&'static str, &'static str)] {
    tools::postfix::COMMANDS
}

/// The commands of postfix-tls(1).
pub(crate) fn of_tls() -> &'static [tools::postfix::tls::Subcommand] {
    SUBCOMMANDS
}
