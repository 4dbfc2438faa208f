use std::path::Path;
use std::process::{Command, ExitCode};

use base::getopt::Options;

use super::instance::{Instance, Selection};
use crate::queue_tool::errno;

/// -l, -p and -x.
pub(super) fn run(instances: &[Instance], selection: &Selection, options: &Options) -> Result<ExitCode, String> {
    let mut picked = selection.pick(instances);
    if options.has('l') {
        if options.has('R') {
            picked.reverse();
        }
        picked.iter().for_each(|i| println!("{}", row(i)));
        return Ok(ExitCode::SUCCESS);
    }
    if picked.is_empty() {
        return Err("No matching instances".into());
    }
    let good = if options.has('p') { postfix(instances, picked, options) } else { command(instances, picked, options) };
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A line of the list.
fn row(i: &Instance) -> String {
    let or_dash = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    format!("{:<15} {:<15} {:<9} {}", or_dash(&i.is.name), or_dash(&i.group), if i.enabled { "y" } else { "n" }, i.is.directory.display())
}

/// How a command of postfix(1) goes to an instance.
fn postfix(instances: &[Instance], mut picked: Vec<&Instance>, options: &Options) -> bool {
    let primary = &instances[0].conf;
    let word = options.rest.first().map_or("", String::as_str);
    let listed = |list: Vec<String>| list.iter().any(|w| w == word);
    let (start, stop) = (listed(primary.list(params::POSTMULTI_START_COMMANDS)), listed(primary.list(params::POSTMULTI_STOP_COMMANDS)));
    let control = listed(primary.list(params::POSTMULTI_CONTROL_COMMANDS));
    if stop {
        picked.reverse();
    }
    let program = Path::new(&primary.get(params::COMMAND_DIRECTORY)).join("postfix");
    let mut good = true;
    for instance in picked {
        let arguments: &[String] = match instance.enabled {
            false if stop || control => continue,
            false if start => &["check".to_owned()],
            _ => &options.rest,
        };
        good &= run_for(instances, instance, options, Command::new(&program).args(arguments));
    }
    good
}

fn command(instances: &[Instance], mut picked: Vec<&Instance>, options: &Options) -> bool {
    if options.has('R') {
        picked.reverse();
    }
    let (program, arguments) = options.rest.split_first().expect("check() wants a command");
    // All of them, also after a failure.
    let failed = picked.iter().filter(|instance| !run_for(instances, instance, options, Command::new(program).args(arguments))).count();
    failed == 0
}

/// Runs a command for an instance and waits. True when it ended well.
fn run_for(instances: &[Instance], instance: &Instance, options: &Options, command: &mut Command) -> bool {
    let shared = &instances[0].conf;
    command
        .env("MAIL_CONFIG", &instance.is.directory)
        .env("config_directory", &instance.is.directory)
        .env("command_directory", shared.get(params::COMMAND_DIRECTORY))
        .env("daemon_directory", shared.get(params::DAEMON_DIRECTORY))
        .env("queue_directory", &instance.is.queue)
        .env("data_directory", &instance.is.data)
        .env("multi_instance_name", &instance.is.name)
        .env("multi_instance_group", &instance.group)
        .env("multi_instance_enable", if instance.enabled { "yes" } else { "no" });
    if options.has('v') {
        command.env("MAIL_VERBOSE", "");
    }
    match command.status() {
        Ok(status) => status.success(),
        Err(e) => {
            maillog::log(maillog::Severity::Fatal, format_args!("execvp {}: {}", command.get_program().display(), errno(&e)));
            false
        }
    }
}
