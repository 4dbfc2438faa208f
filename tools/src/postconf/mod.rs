//! postconf(1): shows and changes the configuration.

pub mod edit;
mod master;
mod show;

use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::Path;
use std::process::ExitCode;

use config::Config;

use crate::queue_tool::options_or_usage;
use edit::Edit;

/// Letters that take no value, and those that do.
const LETTERS: &str = "aAbc:C:deEfFhHjlmMnNo:pPqrstTvxX#";
const USAGE: &str = "usage: postconf [-c config_dir] [-dfhHnxqv] [-o name=value] [name...] | -e name=value... | -X name... | -# name... | -M [service[/type]] | -F [service[/type[/field]]] | -P [service[/type[/name]]] | -m | -l | -a | -A";

/// What was asked for.
pub(crate) struct Wish {
    pub(crate) conf: Config,
    pub(crate) given: String,
    pub(crate) names: Vec<String>,
}

impl Wish {
    pub(crate) fn has(&self, letter: char) -> bool {
        self.given.contains(letter)
    }
}

/// Runs the command.
pub fn main() -> ExitCode {
    sys::ignore_sigpipe();
    maillog::init("postconf", vec![maillog::Sink::stderr("postconf")]);
    let options = options_or_usage("postconf", LETTERS, USAGE, 1);
    let given: String = options.given.iter().map(|(l, _)| *l).collect();
    let value = |letter: char| options.given.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str());
    let directory = config::directory(value('c'));
    if let Some(status) = lists(&given) {
        return status;
    }
    if let Some(letter) = given.chars().find(|l| "bEjNrstT".contains(*l)) {
        maillog::fatal(format_args!("-{letter} is not supported by this version"));
    }
    let edits = given.contains(['e', 'X', '#']) || (!options.rest.is_empty() && options.rest.iter().all(|n| n.contains('=')));
    if edits && !given.contains(['M', 'F', 'P']) {
        return change(&directory, &given, &options.rest);
    }
    if edits {
        maillog::fatal("editing master.cf with -M, -F or -P is not supported by this version: edit the file, then run \"postfix check\"");
    }
    let overrides: Vec<(String, String)> = options
        .given
        .iter()
        .filter(|(l, _)| *l == 'o')
        .filter_map(|(_, v)| v.split_once('='))
        .map(|(n, v)| (n.trim().to_owned(), v.trim().to_owned()))
        .collect();
    let mut conf = match given.contains('d') && !given.contains('n') {
        true => Config::load_with(&directory, &overrides).unwrap_or_else(|_| Config::from_pairs(overrides.iter().cloned())),
        false => Config::load_with(&directory, &overrides).unwrap_or_else(|e| maillog::fatal(e)),
    };
    conf.set_process("postconf", "");
    if !given.contains('q') && !given.contains('d') {
        conf.warnings().iter().for_each(|w| maillog::warning!("{w}"));
    }
    let wish = Wish { conf, given, names: options.rest };
    if wish.has('M') || wish.has('F') || wish.has('P') { master::show(&wish) } else { show::parameters(&wish) }
}

/// Lists that need no configuration.
fn lists(given: &str) -> Option<ExitCode> {
    let lines: Vec<&str> = match given.chars().find(|l| "mlaA".contains(*l))? {
        'm' => table::TYPES.iter().map(|t| t.name).collect(),
        'l' => vec!["flock", "fcntl", "dotlock"],
        'a' => vec!["cyrus", "dovecot"],
        _ => vec!["cyrus"],
    };
    let mut out = std::io::stdout().lock();
    let _ = out.write_all((lines.join("\n") + "\n").as_bytes());
    Some(ExitCode::SUCCESS)
}

/// -e, -X, -#.
fn change(directory: &Path, given: &str, names: &[String]) -> ExitCode {
    let edits: Vec<Edit> = names
        .iter()
        .map(|word| {
            if given.contains(['X', '#']) {
                if word.contains('=') {
                    maillog::fatal(format_args!("-X or -# requires names only, not a value: \"{word}\""));
                }
                return if given.contains('X') { Edit::Remove(word.clone()) } else { Edit::Comment(word.clone()) };
            }
            match word.split_once('=') {
                Some((n, _)) if n.trim().is_empty() => maillog::fatal(format_args!("missing attribute name: \"{word}\"")),
                Some((n, v)) => Edit::Set(n.trim().to_owned(), v.trim().split('\n').map(str::trim).collect::<Vec<_>>().join(" ")),
                None => maillog::fatal(format_args!("missing '=' after attribute name: \"{word}\"")),
            }
        })
        .collect();
    let path = directory.join("main.cf");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| maillog::fatal(format_args!("open {}: {}", path.display(), delivery_reason(&e))));
    let (changed, warnings) = edit::apply(&text, &edits);
    warnings.iter().for_each(|w| maillog::warning!("{w}"));
    if let Err(e) = replace(&path, &changed) {
        maillog::fatal(format_args!("write {}: {}", path.display(), delivery_reason(&e)));
    }
    ExitCode::SUCCESS
}

/// Writes beside the file and renames, keeping owner and mode; a crash leaves the old file or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let meta = std::fs::metadata(path)?;
    let temporary = path.with_extension("cf.tmp");
    let mut file = std::fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(std::fs::Permissions::from_mode(meta.mode() & 0o7777))?;
    if sys::is_root() {
        chown(&temporary, Some(meta.uid()), Some(meta.gid()))?;
    }
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

fn delivery_reason(e: &std::io::Error) -> String {
    let text = e.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
