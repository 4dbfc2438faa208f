//! postconf(1): shows and changes the configuration.

mod change;
pub mod edit;
pub mod file;
pub mod fold;
mod form;
mod master;
pub mod master_edit;
pub mod names;
mod options;
pub mod pattern;
mod show;
mod tables;
mod tls;

pub use options::OPTIONS;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use base::eightbit;
use config::main_cf::stray_warning;
use config::master_cf::{self, Entry, Oddity};
use config::{Config, files};
use delivery::template::Templates;

use names::{File, Names, Remark};

/// What was asked for.
pub(crate) struct Wish {
    /// main.cf, or with -d nothing but defaults.
    pub(crate) conf: Config,
    /// -c was given, or the environment's MAIL_CONFIG.
    pub(crate) directory_given: bool,
    /// The letters of the options.
    pub(crate) given: String,
    /// -C: which classes of parameters.
    pub(crate) classes: Vec<String>,
    /// The words after the options.
    pub(crate) names: Vec<String>,
}

impl Wish {
    pub(crate) fn has(&self, letter: char) -> bool {
        self.given.contains(letter)
    }
}

/// Runs the command.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options::parse();
    let given: String = options.given.iter().map(|(l, _)| *l).collect();
    let value = |letter: char| options.given.iter().rev().find(|(l, _)| *l == letter).map(|(_, v)| v.as_str());
    let directory = config::directory(value('c'));
    if let Some(topic) = value('T') {
        return about_tls(topic, &directory);
    }
    if let Some(lines) = list(&given) {
        return print_lines(lines);
    }
    if let Some(letter) = options::edit(&given, &options.rest) {
        let mode = given.chars().find(|l| "MFP".contains(*l));
        return match change::change(&directory, mode, letter, &options.rest) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => maillog::fatal(e),
        };
    }
    let classes = value('C').map_or_else(|| vec!["all".to_owned()], options::classes);
    let overrides: Vec<(String, String)> = options.given.iter().filter(|(l, _)| *l == 'o').map(|(_, v)| options::setting(v)).collect();
    let loaded = if given.contains('d') { Ok(Config::from_pairs::<&str, &str>([])) } else { Config::load_with(&directory, &overrides) };
    let mut conf = loaded.unwrap_or_else(|e| maillog::fatal(e));
    conf.set_process("postconf", "");
    conf.warnings().iter().for_each(|w| maillog::warning!("{w}"));
    if given.contains(['b', 't']) {
        return templates(&conf, given.contains('b'), options.rest.first());
    }
    let directory_given = value('c').is_some() || sys::variable("MAIL_CONFIG").is_some();
    let wish = Wish { conf, directory_given, given, classes, names: options.rest };
    let services = services(&wish, &directory);
    let names = if wish.has('d') { Names::defaults(&services) } else { Names::of(&wish.conf, &services) };
    report(&wish, &directory, &names, &services)
}

/// Prints what is wished for, between the warnings that go before and those that go after.
fn report(wish: &Wish, directory: &Path, names: &Names, services: &[Entry]) -> ExitCode {
    let place = |remark: &Remark| match remark.file {
        File::Main => wish.conf.setting(&remark.name).map_or(directory.join("main.cf"), |s| s.file.to_path_buf()),
        File::Master => directory.join("master.cf"),
    };
    let say = |remark: &Remark| maillog::warning!("{}: {remark}", place(remark).display());
    let of_master = wish.given.contains(['M', 'F', 'P']);
    names.before.iter().filter(|r| r.file == File::Master).for_each(say);
    wish.conf.check_networks().unwrap_or_else(|e| maillog::fatal(e));
    names.before.iter().filter(|r| r.file == File::Main).for_each(say);
    names.malformed.iter().for_each(|what| maillog::warning!("{what}"));
    if names.broken {
        maillog::fatal(EXPANSION_FAULT);
    }
    if of_master {
        master::show(wish, services);
    } else {
        show::parameters(wish, names);
    }
    let told: Vec<&Remark> = names.after.iter().filter(|r| !(wish.has('q') || of_master && r.file == File::Main)).collect();
    told.iter().copied().for_each(say);
    if told.iter().any(|r| r.is_deprecation()) {
        maillog::warning!("see https://www.postfix.org/DEPRECATION_README.html for alternatives");
    }
    ExitCode::SUCCESS
}

/// The entries of master.cf and its drop-ins. Where they are not what is asked for, a missing file is worth a warning only.
fn services(wish: &Wish, directory: &Path) -> Vec<Entry> {
    let master = directory.join("master.cf");
    if let Err(e) = std::fs::metadata(&master)
        && !wish.given.contains(['M', 'F', 'P'])
    {
        maillog::warning!("open {}: {}", master.display(), file::reason(&e));
        return Vec::new();
    }
    read_entries(&master).unwrap_or_else(|e| maillog::fatal(e))
}

/// All entries, those that stand twice in a file too. A later file's take the place of an earlier one's.
fn read_entries(master: &Path) -> Result<Vec<Entry>, String> {
    let mut all: Vec<Entry> = Vec::new();
    for file in files::with_drop_ins(master).map_err(|e| e.to_string())? {
        let text = files::read(&file).map_err(|e| e.to_string())?;
        let new = master_cf::entries(&file, &text, |odd, _| match odd {
            Oddity::Stray(text) => maillog::warning!("{}", stray_warning(&file, &text)),
            Oddity::Words(what) => maillog::warning!("master.cf: {what}"),
        });
        for entry in new.map_err(|e| format!("file {}: line {}: bad field count (write {})", file.display(), e.line, e.remedy))? {
            form::check(&entry)?;
            let replaced = |s: &Entry| s.key() == entry.key() && s.file != entry.file;
            match all.iter().position(replaced) {
                Some(at) => {
                    all[at] = entry.clone();
                    all.retain(|s| s.key() != entry.key() || s.file == entry.file);
                }
                None => all.push(entry),
            }
        }
    }
    Ok(all)
}

/// Lists that need no configuration.
fn list(given: &str) -> Option<Vec<&'static str>> {
    Some(match given.chars().find(|l| "mlaA".contains(*l))? {
        'm' => table::TYPES.iter().map(|t| t.name).collect(),
        'l' => vec!["flock", "fcntl", "dotlock"],
        'a' => params::SASL_SERVERS.to_vec(),
        _ => params::SASL_CLIENTS.to_vec(),
    })
}

/// -T: like lists, to be had where no configuration is.
fn about_tls(topic: &str, directory: &Path) -> ExitCode {
    let conf = Config::load(directory).unwrap_or_else(|_| Config::from_pairs::<&str, &str>([]));
    match tls::facts(topic, &conf) {
        Some(Ok(lines)) => print_lines(lines),
        // As postfix without TLS: no output.
        Some(Err(e)) => {
            maillog::warning!("-T: {e}");
            ExitCode::SUCCESS
        }
        None => {
            maillog::warning!("unknown 'postconf -T' mode: {topic}");
            ExitCode::FAILURE
        }
    }
}

fn print_lines<T: std::fmt::Display>(lines: Vec<T>) -> ExitCode {
    print(&lines.iter().map(|l| format!("{l}\n")).collect::<String>())
}

/// -b and -t: the texts of delivery reports, expanded or as they are.
fn templates(conf: &Config, expanded: bool, file: Option<&String>) -> ExitCode {
    conf.check("bounce").unwrap_or_else(|e| maillog::fatal(e));
    let set: String = conf.get(params::BOUNCE_TEMPLATE_FILE);
    let file = file.cloned().unwrap_or(set);
    let mut templates = Templates::built_in();
    if !file.is_empty() {
        let text = std::fs::read(eightbit::path(&file)).unwrap_or_else(|e| maillog::fatal(format_args!("open {file}: {}", file::reason(&e))));
        for e in templates.load(&file, &eightbit::text(&text)) {
            maillog::warning!("{file}, line {}: {}", e.line, e.what);
        }
    }
    print(&if expanded { templates.show_expanded(&|name| conf.lookup(name)) } else { templates.show_raw() })
}

const EXPANSION_FAULT: &str = "macro processing error";

/// Ends the program because of a value that cannot be expanded.
fn cannot_expand(what: &str) -> ! {
    maillog::warning!("{what}");
    maillog::fatal(EXPANSION_FAULT)
}

/// Writes to standard output; a reader that went away is a failure, not a panic.
fn print(text: &str) -> ExitCode {
    match std::io::stdout().lock().write_all(&eightbit::bytes(text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => std::process::exit(1),
    }
}
