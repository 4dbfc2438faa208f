use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use table::source::{self, Syntax};
use table::{Context, Edit, Editor, LookupError, Proxy, Type, values};

use super::progress::Progress;
use super::{Job, Target};
use crate::queue_tool::errno;

/// Makes an index from its text source, or (-i) adds the entries of standard input to it.
pub(crate) fn build(job: &Job<'_>, target: &Target<'_>) {
    if target.kind == "proxy" && !job.switches.incremental {
        maillog::fatal("can't create maps via the proxy service");
    }
    let source = Source::read(job, target);
    let unknown = || -> ! { maillog::fatal(format_args!("unsupported dictionary type: {0}. Is the postfix-{0} package installed?", target.kind)) };
    let row = table::find_type(&target.kind).unwrap_or_else(|| unknown());
    let Some(open) = row.edit else { maillog::fatal(format_args!("unsupported dictionary type: {} does not support bulk-mode creation.", target.kind)) };
    let edit = Edit { keep: job.switches.incremental, create: true, mode: new_mode(job, &source.seen) };
    as_owner(job, &source.seen, &index_path(row, target), || {
        let mut editor = open(target.path, &edit, &context(job)).unwrap_or_else(|e| super::cannot_open(&e));
        let mut progress = Progress::new(source.bytes.len());
        for record in source::parse(source.name, &source.bytes, job.program.syntax, job.flags().utf8) {
            match values::stored(&record.value, job.flags()) {
                Ok(value) => add(job, &mut *editor, &folded(job, &record.key), &value),
                Err(why) => maillog::warning!("{}, line {}: {why}: skipping this entry", source.name, record.line),
            }
            progress.at(record.end);
        }
        if job.program.syntax == Syntax::Alias && !job.switches.incremental {
            add_yp(job, &mut *editor);
        }
        progress.last("writing");
        Some(editor)
    });
}

/// Deletes keys from tables. False: none of the keys was there.
pub(crate) fn delete(job: &Job<'_>, targets: &[Target<'_>], keys: &[String]) -> bool {
    let mut found = false;
    for target in targets {
        let row = table::find_type(&target.kind).unwrap_or_else(|| maillog::fatal(format_args!("unsupported dictionary type: {}", target.kind)));
        found |= match (row.edit, row.store) {
            (Some(_), _) => delete_from_index(job, target, row, keys),
            (None, Some(_)) => delete_from_store(job, target, row, keys),
            (None, None) if matches!(target.kind.as_str(), "static" | "environ" | "nis") => {
                maillog::fatal(format_args!("table {}:{}: delete operation is not supported", target.kind, target.path))
            }
            (None, None) => maillog::fatal(format_args!("{}:{} map requires O_RDONLY access mode", target.kind, target.path)),
        };
        // As in postfix, a single key is deleted from the first table that has it.
        if found && keys.len() == 1 {
            break;
        }
    }
    found
}

fn delete_from_index(job: &Job<'_>, target: &Target<'_>, row: &Type, keys: &[String]) -> bool {
    let index = index_path(row, target);
    let open = || {
        let edit = Edit { keep: true, create: false, mode: 0o644 };
        row.edit.map(|open| open(target.path, &edit, &context(job)).unwrap_or_else(|e| super::cannot_open(&e)))
    };
    let Ok(seen) = std::fs::metadata(&index) else {
        // Says why.
        return open().is_some_and(|mut editor| delete_keys(job, &mut *editor, keys));
    };
    let mut found = false;
    as_owner(job, &seen, &index, || {
        let mut editor = open()?;
        found = delete_keys(job, &mut *editor, keys);
        found.then_some(editor)
    });
    found
}

fn delete_keys(job: &Job<'_>, editor: &mut dyn Editor, keys: &[String]) -> bool {
    let mut found = false;
    for key in keys {
        found |= editor.delete(&folded(job, key)).unwrap_or_else(|e| failed("delete", &e));
    }
    found
}

fn delete_from_store(job: &Job<'_>, target: &Target<'_>, row: &Type, keys: &[String]) -> bool {
    let Some(store) = row.store.map(|open| open(target.path, &context(job)).unwrap_or_else(|e| super::cannot_open(&e))) else { return false };
    let gone = keys.iter().filter(|key| store.delete(key).unwrap_or_else(|e| failed("delete", &e)));
    gone.count() > 0
}

/// The text that an index is made from.
struct Source<'a> {
    name: &'a str,
    bytes: Vec<u8>,
    seen: Metadata,
}

impl<'a> Source<'a> {
    /// The file, or with -i standard input: then the owner and mode are those of the index, which is there already or will be made in this directory.
    fn read(job: &Job<'_>, target: &Target<'a>) -> Source<'a> {
        let fatal = |what: &str, name: &str, e: &io::Error| -> ! { maillog::fatal(format_args!("{what} {name}: {}", errno(e))) };
        let (name, mut file, seen): (_, Box<dyn Read>, _) = if job.switches.incremental {
            let index = table::find_type(&target.kind).map_or_else(|| target.path.into(), |row| index_path(row, target));
            ("stdin", Box::new(io::stdin()), std::fs::metadata(index).or_else(|_| std::fs::metadata(".")))
        } else {
            let opened = File::open(target.path).unwrap_or_else(|e| fatal("open", target.path, &e));
            let seen = opened.metadata();
            (target.path, Box::new(opened), seen)
        };
        let seen = seen.unwrap_or_else(|e| fatal("fstat", name, &e));
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap_or_else(|e| fatal("read", name, &e));
        Source { name, bytes, seen }
    }
}

fn add(job: &Job<'_>, editor: &mut dyn Editor, key: &str, value: &str) {
    let new = editor.add(key, value, job.switches.replace).unwrap_or_else(|e| failed("write", &e));
    if !new && !job.switches.replace && !job.switches.quiet {
        maillog::warning!("{}: duplicate entry: \"{key}\"", editor.shown());
    }
}

/// What NIS and old sendmail expect in an alias index. These keys keep their case.
fn add_yp(job: &Job<'_>, editor: &mut dyn Editor) {
    let host: String = job.conf.get(params::MYHOSTNAME);
    for (key, value) in [("@", "@"), ("YP_LAST_MODIFIED", &sys::now().sec.to_string()), ("YP_MASTER_NAME", &host)] {
        add(job, editor, key, value);
    }
}

fn failed(what: &str, e: &LookupError) -> ! {
    maillog::fatal(format_args!("table {}: {what} error: {}", e.table, e.cause))
}

fn index_path(row: &Type, target: &Target<'_>) -> PathBuf {
    row.file.map_or_else(|| target.path.into(), |f| f(target.path))
}

fn context<'a>(job: &'a Job<'_>) -> Context<'a> {
    // What is named with proxy: is changed by proxywrite, which knows what may be.
    Context { conf: Some(job.conf), proxy: Proxy::Service, ..Context::plain(job.flags()) }
}

fn cannot_write(index: &Path, e: &io::Error) -> ! {
    let what = if index.exists() { "open" } else { "open database" };
    maillog::fatal(format_args!("{what} {}: {}", index.display(), errno(e)))
}

fn folded<'k>(job: &Job<'_>, key: &'k str) -> Cow<'k, str> {
    table::folded(key, !job.switches.exact)
}

/// The mode of a new index: 0644, without what the source denies to group and others.
fn new_mode(job: &Job<'_>, source: &Metadata) -> u32 {
    if job.switches.plain_mode || job.switches.incremental { 0o644 } else { 0o644 & (source.mode() | 0o600) }
}

/// TRUST: root makes an index with the rights of its source's owner: the source, and the directory, may be a user's.
///
/// A user who owns an index in a directory of root's cannot put a new file beside it. Root does that for him, where nobody else can change the directory.
fn as_owner(job: &Job<'_>, owner: &Metadata, index: &Path, work: impl FnOnce() -> Option<Box<dyn Editor>>) {
    let drop_rights = sys::is_root() && owner.uid() != 0 && !job.switches.keep_root;
    let attempt = || work().map_or(Ok(()), |mut editor| editor.finish(None).map_err(|e| (editor, e)));
    let result = match drop_rights {
        false => attempt(),
        true => sys::with_identity(owner.uid(), owner.gid(), attempt).unwrap_or_else(|e| maillog::fatal(format_args!("set_eugid: {}", errno(&e)))),
    };
    let Err((mut editor, e)) = result else { return };
    if !drop_rights || e.kind() != io::ErrorKind::PermissionDenied || !is_his_in_our_directory(index, owner.uid()) {
        cannot_write(index, &e);
    }
    if let Err(e) = editor.finish(Some((owner.uid(), owner.gid()))) {
        cannot_write(index, &e);
    }
}

fn is_his_in_our_directory(index: &Path, uid: u32) -> bool {
    let directory = index.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let his = std::fs::symlink_metadata(index).is_ok_and(|m| m.is_file() && m.uid() == uid);
    his && std::fs::metadata(directory).is_ok_and(|m| m.uid() == 0 && m.mode() & 0o022 == 0)
}
