//! postmap(1) and postalias(1): one program with two syntaxes of its text source.

mod build;
mod keys;
mod progress;
mod query;

use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, Options, VERBOSE, Value, flag, valued};
use config::Config;
use table::source::Syntax;
use table::{Flags, OpenError, Terminator};

use crate::queue_tool::{getopt_error, start_log};

/// The options of postmap(1).
pub const POSTMAP_OPTIONS: &[Opt] = &[
    flag('b', "With `-q -`, standard input is a message, and each line of its body is a key."),
    CONFIG_DIR,
    DELETE,
    EXACT,
    flag('F', "Values are names of files, whose contents are stored in base64: for `tls_server_sni_maps`. With -q the contents are shown."),
    flag('h', "With `-q -`, standard input is a message, and each logical header of it is a key."),
    INCREMENTAL,
    JSON,
    flag('m', "With -b or -h, follows the MIME structure of the message, so that headers of its parts count as headers."),
    NO_TERMINATOR,
    TERMINATOR,
    KEEP_ROOT,
    PLAIN_MODE,
    QUERY,
    REPLACE,
    LIST,
    NO_UTF8,
    flag('U', "With -b or -h, insists on UTF-8."),
    VERBOSE,
    QUIET,
];

/// The options of postalias(1).
pub const POSTALIAS_OPTIONS: &[Opt] =
    &[CONFIG_DIR, DELETE, EXACT, INCREMENTAL, JSON, NO_TERMINATOR, TERMINATOR, KEEP_ROOT, PLAIN_MODE, QUERY, REPLACE, LIST, NO_UTF8, VERBOSE, QUIET];

const DELETE: Opt =
    valued('d', Value::Text("key"), "Deletes a key from the tables that are named; `-` reads keys from standard input. Exit status 0 when a key was there.");
const EXACT: Opt = flag('f', "Does not fold keys to lower case. Such keys are found only by programs that do not fold either.");
const INCREMENTAL: Opt = flag('i', "Adds the entries of standard input to what the table holds. Without it, the table is made anew from its text.");
const JSON: Opt = flag('j', "With -q and -s, shows entries as JSON.");
const NO_TERMINATOR: Opt =
    flag('n', "Keys and values do not end with a NUL, in tables of the types `cdb` and `lmdb`. Unless told, `cdb` files have none, and a look-up tries both.");
const TERMINATOR: Opt =
    flag('N', "Keys and values end with a NUL, in tables of the types `cdb` and `lmdb`. Unless told, `lmdb` files have it, and a look-up tries both.");
const KEEP_ROOT: Opt = flag('o', "Stays root for a text that is not root's. Otherwise the table is made with the rights of the owner of the text.");
const PLAIN_MODE: Opt = flag('p', "Does not copy the permissions of the text; the table is made readable by everybody.");
const QUERY: Opt = valued(
    'q',
    Value::Text("key"),
    "Looks a key up and shows the first value that the tables have for it; `-` reads keys from standard input. Exit status 1 when nothing was found.",
);
const REPLACE: Opt = flag('r', "A later entry replaces an earlier one of the same key, without a warning.");
const LIST: Opt = flag('s', "Shows all entries.");
const NO_UTF8: Opt = flag('u', "Keys and values need not be UTF-8. Otherwise, with `smtputf8_enable`, entries that are not are left out, with a warning.");
const QUIET: Opt = flag('w', "An entry whose key is there already is ignored, without a warning.");

/// postmap(1).
pub fn postmap() -> ExitCode {
    run(&Program {
        name: "postmap",
        syntax: Syntax::Postmap,
        separator: "\t",
        options: POSTMAP_OPTIONS,
        usage: "[-bfFhijmnNoprsuUvw] [-c config_dir] [-d key] [-q key] [map_type:]file...",
    })
}

/// postalias(1).
pub fn postalias() -> ExitCode {
    run(&Program {
        name: "postalias",
        syntax: Syntax::Alias,
        separator: ":\t",
        options: POSTALIAS_OPTIONS,
        usage: "[-Nfijnoprsuvw] [-c config_dir] [-d key] [-q key] [map_type:]file...",
    })
}

/// What the two programs differ in.
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) syntax: Syntax,
    /// What stands between key and value where both are shown.
    pub(crate) separator: &'static str,
    options: &'static [Opt],
    usage: &'static str,
}

/// What is to be done.
enum Mode {
    Build,
    Query(String),
    Delete(String),
    List,
}

/// The options that change how it is done.
#[derive(Default)]
pub(crate) struct Switches {
    /// -i: add to what there is, from standard input.
    pub(crate) incremental: bool,
    /// -r: later entries win.
    pub(crate) replace: bool,
    /// -w: duplicates are quiet.
    pub(crate) quiet: bool,
    /// -f: keys are not folded.
    pub(crate) exact: bool,
    /// -F: values are files, stored in base64.
    pub(crate) files: bool,
    /// -j: entries are shown as JSON.
    pub(crate) json: bool,
    /// -o: root stays root.
    pub(crate) keep_root: bool,
    /// -p: the source's permissions are not copied.
    pub(crate) plain_mode: bool,
    /// -n, -N: whether texts in a file end with a NUL.
    pub(crate) terminator: Terminator,
    /// -u: keys need not be UTF-8.
    pub(crate) any_bytes: bool,
    /// -U: keys of -h and -b must be UTF-8.
    pub(crate) utf8: bool,
    /// -h, -b, -m: parts of a message as keys.
    pub(crate) headers: bool,
    pub(crate) body: bool,
    pub(crate) mime: bool,
}

/// One table of the command line.
pub(crate) struct Target<'a> {
    pub(crate) kind: String,
    pub(crate) path: &'a str,
}

/// A run with its configuration.
pub(crate) struct Job<'a> {
    pub(crate) program: &'a Program,
    pub(crate) conf: &'a Config,
    pub(crate) switches: Switches,
}

impl Job<'_> {
    /// How tables are opened.
    pub(crate) fn flags(&self) -> Flags {
        Flags {
            fold: !self.switches.exact,
            alias_syntax: self.program.syntax == Syntax::Alias,
            terminator: self.switches.terminator,
            files: self.switches.files,
            utf8: !self.switches.any_bytes && self.conf.get(params::SMTPUTF8_ENABLE),
            ..Flags::DEFAULT
        }
    }
}

fn run(program: &Program) -> ExitCode {
    sys::ignore_write_signals();
    sys::umask(0o022);
    start_log(program.name, None);
    let options = Options::parse(program.options, sys::arguments().into_iter().skip(1)).unwrap_or_else(|e| {
        getopt_error(program.name, &e);
        usage(program)
    });
    let (mode, switches, directory) = read_options(&options.given);
    if (switches.headers || switches.body || switches.mime) && !matches!(&mode, Mode::Query(key) if key == "-") {
        maillog::fatal("specify -b -h or -m only with \"-q -\"");
    }
    if switches.mime && !(switches.headers || switches.body) {
        maillog::warning!("ignoring -m option without -b or -h");
    }
    let conf = Config::load(&config::directory(directory)).unwrap_or_else(|e| maillog::fatal(e));
    start_log(program.name, Some(&conf));
    if options.rest.is_empty() {
        usage(program);
    }
    let targets: Vec<Target<'_>> = options.rest.iter().map(|word| target(word, &conf)).collect();
    let job = Job { program, conf: &conf, switches };
    let found = match mode {
        Mode::Build => {
            targets.iter().for_each(|t| build::build(&job, t));
            true
        }
        Mode::Query(key) if key == "-" => query::query_stdin(&job, &targets),
        Mode::Query(key) => query::query(&job, &targets, &key),
        Mode::Delete(key) if key == "-" => build::delete(&job, &targets, &query::stdin_lines()),
        Mode::Delete(key) => build::delete(&job, &targets, &[table::text_of(&base::eightbit::bytes(&key), job.flags().utf8).into_owned()]),
        Mode::List => {
            // As in postfix, only the first.
            targets.iter().take(1).for_each(|t| query::list(&job, t));
            true
        }
    };
    if found { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn read_options(given: &[(char, String)]) -> (Mode, Switches, Option<&str>) {
    let (mut mode, mut switches, mut directory, mut verbosity) = (None, Switches::default(), None, 0);
    for (letter, value) in given {
        let wanted = match letter {
            'q' => Mode::Query(value.clone()),
            'd' => Mode::Delete(value.clone()),
            's' => Mode::List,
            other => {
                match other {
                    'c' => directory = Some(value.as_str()),
                    'i' => switches.incremental = true,
                    'r' => (switches.quiet, switches.replace) = (false, true),
                    'w' => (switches.quiet, switches.replace) = (true, false),
                    'f' => switches.exact = true,
                    'F' => switches.files = true,
                    'j' => switches.json = true,
                    'o' => switches.keep_root = true,
                    'p' => switches.plain_mode = true,
                    'h' => switches.headers = true,
                    'b' => switches.body = true,
                    'm' => switches.mime = true,
                    'n' => switches.terminator = Terminator::None,
                    'N' => switches.terminator = Terminator::Nul,
                    'u' => switches.any_bytes = true,
                    'U' => switches.utf8 = true,
                    _ => verbosity += 1,
                }
                continue;
            }
        };
        if mode.replace(wanted).is_some() {
            maillog::fatal(match letter {
                's' => "specify only one of -s or -q or -d",
                _ => "specify only one of -s -q or -d",
            });
        }
    }
    maillog::set_verbosity(verbosity);
    (mode.unwrap_or(Mode::Build), switches, directory)
}

fn target<'a>(word: &'a str, conf: &Config) -> Target<'a> {
    let (kind, path) = word.split_once(':').map_or_else(|| (conf.get(params::DEFAULT_DATABASE_TYPE), word), |(kind, path)| (kind.to_owned(), path));
    Target { kind: table::redirected(&kind, conf), path }
}

/// Ends the program: a table cannot be opened.
pub(crate) fn cannot_open(e: &OpenError) -> ! {
    match &e.remedy {
        Some(remedy) => maillog::fatal(format_args!("{}: {remedy}", e.reason)),
        None => maillog::fatal(&e.reason),
    }
}

fn usage(program: &Program) -> ! {
    maillog::fatal(format_args!("usage: {} {}", program.name, program.usage))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let of = |word, pairs: &[(&str, &str)]| {
            let t = target(word, &Config::from_pairs(pairs.iter().copied()));
            (t.kind, t.path.to_owned())
        };
        let pair = |kind: &str, path: &str| (kind.to_owned(), path.to_owned());
        assert_eq!(of("texthash:/a:b", &[]), pair("texthash", "/a:b"));
        assert_eq!(of("file", &[("default_database_type", "cdb")]), pair("cdb", "file"));
        let leaving = [("non_bdb_migration_level", "enable-redirect"), ("default_database_type", "lmdb"), ("default_cache_db_type", "cdb")];
        assert_eq!((of("hash:f", &leaving), of("btree:f", &leaving)), (pair("lmdb", "f"), pair("cdb", "f")));
        assert_eq!(of("hash:f", &[("non_bdb_migration_level", "enable-redirect"), ("non_bdb_custom_mapping", "btree:cdb, hash:cdb")]), pair("cdb", "f"));
    }

    #[test]
    fn options() {
        let given = [('q', "k".to_owned()), ('f', String::new()), ('c', "/dir".to_owned())];
        let (mode, switches, directory) = read_options(&given);
        assert!(matches!(mode, Mode::Query(k) if k == "k"));
        assert!(switches.exact && !switches.replace);
        assert_eq!(directory, Some("/dir"));
    }
}
