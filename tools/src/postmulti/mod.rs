//! postmulti(1): several instances of the mail system on one host.

mod instance;
mod iterate;
mod life;
mod remove;

use std::path::Path;
use std::process::ExitCode;

use base::getopt::{Opt, Options, VERBOSE, Value, flag, valued};
use config::Config;

use crate::queue_tool::options_or_usage;
use instance::Selection;
use life::Action;

const PROGRAM: &str = "postmulti";
const USAGE: &str = "postmulti -l [-v] [-a] [-g group] [-i instance] | postmulti -p [-v] [-a] [-g group] [-i instance] command... | \
                     postmulti -x [-v] [-a] [-i name] [-g group] command... | \
                     postmulti -e action [-v] [-a] [-i name] [-g group] [-I name] [-G group] [param=value ...]";
/// The configuration of the primary instance.
const PRIMARY: &str = "/etc/postfix";

/// The options.
pub const OPTIONS: &[Opt] = &[
    flag(
        'a',
        "All instances, which is what is meant without -g and -i; with `-e create` and `-e import`, the new instance goes before all others but the primary.",
    ),
    valued(
        'e',
        Value::Word("action", Action::WORDS),
        "Changes the set of instances. `init` makes postfix(1) act on all instances. `create` makes a new one, with the stock configuration, no services on the \
         network and nobody allowed to submit; `import` takes one that is there. `destroy` removes one that is disabled, stopped and has no mail; `deport` \
         leaves its files. `enable` and `disable` say whether it is started with the others. `assign` gives it another name or group.",
    ),
    valued('g', Value::Text("group"), "The instances of a group; with `-e create` and `-e import`, the new instance goes before the first of the group."),
    valued(
        'i',
        Value::Text("name"),
        "The instance of a name or of a configuration directory; `-` is the primary instance. With `-e create` and `-e import`, the new instance goes before it.",
    ),
    valued('G', Value::Text("group"), "The group of the new or changed instance; `-` is none."),
    valued('I', Value::Text("name"), "The name of the new or changed instance. It begins with `postfix-`; `-` is none."),
    flag('l', "Lists name, group, whether it is enabled, and configuration directory."),
    flag(
        'p',
        "Runs postfix(1) with the arguments. For commands of `postmulti_start_commands`, instances that are not enabled are only checked; those of \
         `postmulti_stop_commands` go in reverse order, and as those of `postmulti_control_commands` only to instances that are enabled.",
    ),
    flag('R', "In reverse order."),
    VERBOSE,
    flag(
        'x',
        "Runs a command once for each instance, with `MAIL_CONFIG`, `config_directory`, `queue_directory`, `multi_instance_name` and so on in its environment.",
    ),
];

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(PROGRAM, OPTIONS, USAGE, 1);
    if sys::variable("MAIL_CONFIG").is_some_and(|d| Path::new(&d) != Path::new(PRIMARY)) {
        maillog::fatal(format_args!("Non-default configuration directory: MAIL_CONFIG={}", sys::variable("MAIL_CONFIG").unwrap_or_default().display()));
    }
    // The log hears of mistakes on the command line, too, as long as it is known.
    if let Ok(conf) = Config::load(Path::new(PRIMARY)) {
        maillog::init(PROGRAM, crate::sinks(&conf, PROGRAM));
    }
    let action = check(&options).unwrap_or_else(|e| maillog::fatal(e));
    let instances = instance::all(Path::new(PRIMARY)).unwrap_or_else(|e| maillog::fatal(e));
    let selection = Selection::of(&options);
    let done = match action {
        Some(action) => life::change(&instances, &selection, action, &life::Wish::of(&options)),
        None => iterate::run(&instances, &selection, &options),
    };
    done.unwrap_or_else(|e| maillog::fatal(e))
}

/// Which options go together. Gives the action of -e.
fn check(options: &Options) -> Result<Option<Action>, String> {
    if ['e', 'l', 'p', 'x'].iter().filter(|l| options.has(**l)).count() != 1 {
        return Err("Specify exactly one of '-e', '-l', '-p', '-x'".into());
    }
    if ['a', 'g', 'i'].iter().filter(|l| options.has(**l)).count() > 1 {
        return Err("Specify no more than one of '-a', '-g', '-i'".into());
    }
    if options.has('R') && (options.has('p') || options.has('e')) {
        return Err("The '-p' and '-e' options preclude the use of '-R'".into());
    }
    let action = options.value('e').map(Action::parse).transpose()?;
    let Some(action) = action else {
        if options.has('I') || options.has('G') {
            return Err("Cannot assign instance name or group without '-e assign'".into());
        }
        return match (options.has('l'), options.rest.is_empty()) {
            (true, false) => Err("Command not allowed with '-l'".into()),
            (false, true) => Err("Command required with '-p' or '-x' option".into()),
            _ => Ok(None),
        };
    };
    let word = action.word();
    if action.names_one() && !options.has('i') {
        return Err("Select an instance via '-i name'".into());
    }
    if !action.assigns() && (options.has('I') || options.has('G')) {
        return Err(format!("Cannot assign instance name or group with '-e {word}'"));
    }
    if action == Action::Assign && !options.has('I') && !options.has('G') {
        return Err("Specify new instance name or group with '-e assign'".into());
    }
    if !action.takes_settings() && !options.rest.is_empty() {
        return Err(format!("Parameter overrides not valid with '-e {word}'"));
    }
    if let Some(name) = options.value('I').filter(|n| *n != "-") {
        if !name.starts_with("postfix-") {
            return Err("New instance name must start with 'postfix-'".into());
        }
        if name.contains('/') {
            return Err(format!("Illegal '/' character in new instance name: '{name}'"));
        }
    }
    Ok(Some(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(words: &str) -> String {
        let options = Options::parse(OPTIONS, words.split(' ').map(str::to_owned)).unwrap();
        check(&options).map(|_| String::new()).unwrap_or_else(|e| e)
    }

    #[test]
    fn what_goes_together() {
        for (words, want) in [
            ("-v", "Specify exactly one of '-e', '-l', '-p', '-x'"),
            ("-l -p status", "Specify exactly one of '-e', '-l', '-p', '-x'"),
            ("-l -a -i x", "Specify no more than one of '-a', '-g', '-i'"),
            ("-R -p status", "The '-p' and '-e' options preclude the use of '-R'"),
            ("-l -G x", "Cannot assign instance name or group without '-e assign'"),
            ("-l x", "Command not allowed with '-l'"),
            ("-p", "Command required with '-p' or '-x' option"),
            ("-e enable", "Select an instance via '-i name'"),
            ("-e enable -i x -I postfix-y", "Cannot assign instance name or group with '-e enable'"),
            ("-e assign -i x", "Specify new instance name or group with '-e assign'"),
            ("-e destroy -i x a=b", "Parameter overrides not valid with '-e destroy'"),
            ("-e create -I foo", "New instance name must start with 'postfix-'"),
            ("-e create -I postfix-/z", "Illegal '/' character in new instance name: 'postfix-/z'"),
            ("-l -R -g x", ""),
            ("-e create -I postfix-x -a queue_directory=/x", ""),
        ] {
            assert_eq!(complaint(words), want, "{words}");
        }
        assert!(complaint("-e foo").starts_with("Invalid '-e' edit action 'foo'. Specify 'create', "));
    }
}
