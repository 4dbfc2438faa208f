use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use table::container::{self, Container, ContainerError};
use table::source::{self, Syntax};

use super::encoded;
use super::{Job, Target};
use crate::queue_tool::errno;

/// Makes an index from its text source, or (-i) adds the entries of standard input to it.
pub(crate) fn build(job: &Job<'_>, target: &Target<'_>) {
    let source = Source::read(job, target);
    require_index(target);
    let index = container::index_path(target.path);
    as_owner(job, &source.seen, &index, || {
        let lock = Lock::take(&index);
        let mut entries = Entries::new(job, &index);
        if job.switches.incremental {
            entries.load(existing(&index, job));
        }
        for record in source::parse(source.name, &source.bytes, job.program.syntax) {
            match stored_value(job, record.value) {
                Ok(value) => entries.add(record.key, value),
                Err(why) => maillog::warning!("{}, line {}: {why}: skipping this entry", source.name, record.line),
            }
        }
        if job.program.syntax == Syntax::Alias && !job.switches.incremental {
            entries.add_yp(job);
        }
        Some(Output { entries: entries.all, mode: new_mode(job, &source.seen), _lock: lock })
    });
}

/// Deletes keys from indexes. False: none of the keys was there.
pub(crate) fn delete(job: &Job<'_>, targets: &[Target<'_>], keys: &[String]) -> bool {
    let mut found = false;
    for target in targets {
        refuse_delete(target);
        let index = container::index_path(target.path);
        let seen = std::fs::metadata(&index).unwrap_or_else(|e| cannot_open(&index, &e));
        as_owner(job, &seen, &index, || {
            let lock = Lock::take(&index);
            let mut all = existing(&index, job);
            let before = all.len();
            let keys: Vec<String> = keys.iter().map(|k| folded(job, k)).collect();
            all.retain(|(key, _)| !keys.contains(key));
            let gone = all.len() != before;
            found |= gone;
            gone.then(|| Output { entries: all, mode: seen.mode() & 0o777, _lock: lock })
        });
        // As in postfix, a single key is deleted from the first table that has it.
        if found && keys.len() == 1 {
            break;
        }
    }
    found
}

/// The text that an index is made from.
struct Source<'a> {
    name: &'a str,
    bytes: Vec<u8>,
    seen: Metadata,
}

impl<'a> Source<'a> {
    fn read(job: &Job<'_>, target: &Target<'a>) -> Source<'a> {
        let (name, mut file): (&str, Box<dyn Read>);
        let seen;
        if job.switches.incremental {
            let stdin = io::stdin();
            // The index has an owner of its own; whoever made the input does not matter.
            seen = std::fs::metadata(container::index_path(target.path)).or_else(|_| std::fs::metadata("."));
            (name, file) = ("stdin", Box::new(stdin));
        } else {
            let opened = File::open(target.path).unwrap_or_else(|e| maillog::fatal(format_args!("open {}: {}", target.path, errno(&e))));
            seen = opened.metadata();
            (name, file) = (target.path, Box::new(opened));
        }
        let seen = seen.unwrap_or_else(|e| maillog::fatal(format_args!("fstat {name}: {}", errno(&e))));
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap_or_else(|e| maillog::fatal(format_args!("read {name}: {}", errno(&e))));
        Source { name, bytes, seen }
    }
}

/// Entries in the order in which they came.
struct Entries<'a> {
    job: &'a Job<'a>,
    shown: String,
    all: Vec<(String, String)>,
    places: HashMap<String, usize>,
}

impl<'a> Entries<'a> {
    fn new(job: &'a Job<'a>, index: &Path) -> Entries<'a> {
        Entries { job, shown: index.display().to_string(), all: Vec::new(), places: HashMap::new() }
    }

    fn load(&mut self, old: Vec<(String, String)>) {
        self.places = old.iter().enumerate().map(|(i, (k, _))| (k.clone(), i)).collect();
        self.all = old;
    }

    fn add(&mut self, key: String, value: String) {
        let key = folded(self.job, &key);
        match self.places.entry(key.clone()) {
            Entry::Vacant(place) => {
                place.insert(self.all.len());
                self.all.push((key, value));
            }
            Entry::Occupied(place) if self.job.switches.replace => {
                if let Some(old) = self.all.get_mut(*place.get()) {
                    old.1 = value;
                }
            }
            Entry::Occupied(_) if self.job.switches.quiet => {}
            Entry::Occupied(_) => maillog::warning!("{}: duplicate entry: \"{key}\"", self.shown),
        }
    }

    /// What NIS and old sendmail expect in an alias index.
    fn add_yp(&mut self, job: &Job<'_>) {
        let host: String = job.conf.get(params::MYHOSTNAME);
        for (key, value) in [("@", "@".to_owned()), ("YP_LAST_MODIFIED", sys::now().sec.to_string()), ("YP_MASTER_NAME", host)] {
            // These keys keep their case.
            self.all.retain(|(k, _)| k != key);
            self.all.push((key.to_owned(), value));
        }
    }
}

/// An exclusive lock on the index, while there is one. Writers replace the file, so the lock is looked at again once it is held.
struct Lock {
    _file: Option<File>,
}

impl Lock {
    fn take(index: &Path) -> Lock {
        loop {
            let Ok(file) = File::open(index) else { return Lock { _file: None } };
            if let Err(e) = sys::lock_exclusive(file.as_fd()) {
                maillog::fatal(format_args!("lock {}: {}", index.display(), errno(&e)));
            }
            let same = file.metadata().ok().zip(std::fs::metadata(index).ok()).is_some_and(|(a, b)| (a.dev(), a.ino()) == (b.dev(), b.ino()));
            if same {
                return Lock { _file: Some(file) };
            }
        }
    }
}

fn require_index(target: &Target<'_>) {
    match table::find_type(target.kind) {
        None => maillog::fatal(format_args!("unsupported dictionary type: {0}. Is the postfix-{0} package installed?", target.kind)),
        Some(t) if t.create.is_none() => maillog::fatal(format_args!("unsupported dictionary type: {} does not support bulk-mode creation.", target.kind)),
        Some(_) => {}
    }
}

fn refuse_delete(target: &Target<'_>) {
    let name = format!("{}:{}", target.kind, target.path);
    match table::find_type(target.kind) {
        None => maillog::fatal(format_args!("unsupported dictionary type: {}", target.kind)),
        Some(t) if t.create.is_some() => {}
        Some(_) if matches!(target.kind, "texthash" | "cidr" | "regexp" | "pcre" | "inline" | "pipemap" | "unionmap" | "randmap") => {
            maillog::fatal(format_args!("{name} map requires O_RDONLY access mode"))
        }
        Some(_) => maillog::fatal(format_args!("table {name}: delete operation is not supported")),
    }
}

/// What an index holds now; nothing when -i makes a new one.
fn existing(index: &Path, job: &Job<'_>) -> Vec<(String, String)> {
    let shown = index.display();
    match Container::open(index) {
        Ok((c, _)) => c.entries().unwrap_or_else(|why| maillog::fatal(format_args!("open database {shown}: {why}"))),
        Err(ContainerError::Io(e)) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(ContainerError::Io(e)) => cannot_open(index, &e),
        Err(ContainerError::BerkeleyDb) => maillog::fatal(format_args!(
            "{shown} is a Berkeley DB file: make a new index from its source first, with {} and without -i or -d",
            job.program.name
        )),
        Err(ContainerError::Damaged(why)) => maillog::fatal(format_args!("open database {shown}: {why}")),
    }
}

fn cannot_open(index: &Path, e: &io::Error) -> ! {
    let what = if index.exists() { "open" } else { "open database" };
    maillog::fatal(format_args!("{what} {}: {}", index.display(), errno(e)))
}

/// What is to be written, and the lock that is held until it is.
struct Output {
    entries: Vec<(String, String)>,
    /// The mode of a new file.
    mode: u32,
    _lock: Lock,
}

impl Output {
    fn write(self, index: &Path, owner: Option<(u32, u32)>) -> Result<(), (Output, io::Error)> {
        // An index that is replaced keeps its mode.
        let mode = std::fs::metadata(index).map_or(self.mode, |m| m.mode() & 0o777);
        let bytes = container::encode(self.entries.clone()).unwrap_or_else(|e| maillog::fatal(format_args!("{}: {e}", index.display())));
        container::write_as(index, &bytes, mode, owner).map_err(|e| (self, e))
    }
}

fn stored_value(job: &Job<'_>, value: String) -> Result<String, String> {
    if job.switches.files { encoded::from_files(&value) } else { Ok(value) }
}

fn folded(job: &Job<'_>, key: &str) -> String {
    if job.switches.exact { key.to_owned() } else { table::fold(key) }
}

/// The mode of a new index: 0644, without what the source denies to group and others.
fn new_mode(job: &Job<'_>, source: &Metadata) -> u32 {
    if job.switches.plain_mode || job.switches.incremental { 0o644 } else { 0o644 & (source.mode() | 0o600) }
}

/// TRUST: root makes an index with the rights of its source's owner: the source, and the directory, may be a user's.
///
/// A user who owns an index in a directory of root's cannot put a new file beside it. Root does that for him, where nobody else can change the directory.
fn as_owner(job: &Job<'_>, owner: &Metadata, index: &Path, work: impl FnOnce() -> Option<Output>) {
    let drop_rights = sys::is_root() && owner.uid() != 0 && !job.switches.keep_root;
    let attempt = || work().map_or(Ok(()), |output| output.write(index, None));
    let result = match drop_rights {
        false => attempt(),
        true => sys::with_identity(owner.uid(), owner.gid(), attempt).unwrap_or_else(|e| maillog::fatal(format_args!("set_eugid: {}", errno(&e)))),
    };
    let Err((output, e)) = result else { return };
    if !drop_rights || e.kind() != io::ErrorKind::PermissionDenied || !is_his_in_our_directory(index, owner.uid()) {
        cannot_open(index, &e);
    }
    if let Err((_, e)) = output.write(index, Some((owner.uid(), owner.gid()))) {
        cannot_open(index, &e);
    }
}

fn is_his_in_our_directory(index: &Path, uid: u32) -> bool {
    let directory = index.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let his = std::fs::symlink_metadata(index).is_ok_and(|m| m.is_file() && m.uid() == uid);
    his && std::fs::metadata(directory).is_ok_and(|m| m.uid() == 0 && m.mode() & 0o022 == 0)
}

#[cfg(test)]
mod tests {
    use super::super::{Program, Switches};
    use super::*;
    use config::Config;

    fn entries(switches: Switches, given: &[(&str, &str)]) -> Vec<(String, String)> {
        let program = Program { name: "postmap", syntax: Syntax::Postmap, options: &[], usage: "" };
        let conf = Config::from_pairs([("myhostname", "host.example.com")]);
        let job = Job { program: &program, conf: &conf, switches };
        let mut e = Entries::new(&job, Path::new("x.db"));
        for (k, v) in given {
            e.add((*k).to_owned(), (*v).to_owned());
        }
        e.all
    }

    #[test]
    fn duplicates() {
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        let given = [("A@x", "1"), ("b", "2"), ("a@x", "3")];
        assert_eq!(entries(Switches { quiet: true, ..Switches::default() }, &given), [pair("a@x", "1"), pair("b", "2")]);
        assert_eq!(entries(Switches { replace: true, ..Switches::default() }, &given), [pair("a@x", "3"), pair("b", "2")]);
        assert_eq!(entries(Switches { exact: true, ..Switches::default() }, &given).len(), 3);
    }
}
