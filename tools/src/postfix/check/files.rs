//! Owners, modes, copies for jailed programs, damaged messages: with postfix's words.

use std::fs::{self, Metadata};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;

use config::Config;

use super::super::layout::Layout;

/// Directories of the queue in which everything belongs to mail_owner.
const OWNED: &[&str] = &["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "public", "saved", "trace"];

/// Directories in which the queue directory holds copies of the host's files, for jailed programs.
const COPIES: &[&str] = &["bin", "etc", "lib", "sbin", "usr"];

const ROOT: (&str, u32) = ("root", 0);

/// Wrong owners and modes, copies that differ, damaged messages.
pub(in super::super) fn warnings(conf: &Config, layout: &Layout) -> Vec<String> {
    let mut out: Vec<String> = conf.warnings().to_vec();
    if sys::is_root() {
        let owner = (layout.owner_name.as_str(), layout.owner.map_or(0, |o| o.0));
        for path in [layout.queue.join("."), layout.queue.join("pid")] {
            one(&path, ROOT, true, &mut out);
        }
        system_files(conf, layout, &mut out);
        walk(&layout.data.join("."), &mut |path, _| one(path, owner, true, &mut out));
        for name in OWNED {
            walk(&layout.queue.join(name), &mut |path, meta| {
                if !meta.file_type().is_socket() && !meta.file_type().is_fifo() {
                    one(path, owner, false, &mut out);
                }
            });
        }
        one(&layout.queue.join("maildrop"), owner, false, &mut out);
        groups(conf, layout, &mut out);
        copies(&layout.queue, &mut out);
    }
    readable(conf, &mut out);
    damaged(&layout.queue, &mut out);
    out
}

/// The owner of a file, and whether others may write to it. What is not there is no concern.
fn one(path: &Path, (name, uid): (&str, u32), mode: bool, out: &mut Vec<String>) {
    if path.symlink_metadata().is_ok_and(|m| m.uid() != uid) {
        out.push(format!("not owned by {name}: {}", path.display()));
    }
    if mode && path.metadata().is_ok_and(|m| m.mode() & 0o022 != 0) {
        out.push(format!("group or other writable: {}", path.display()));
    }
}

/// The configuration; for the default one, also the programs that all instances share.
fn system_files(conf: &Config, layout: &Layout, out: &mut Vec<String>) {
    let mut roots = vec![conf.dir().to_owned()];
    if is_default(conf) {
        roots.push(layout.daemon.clone());
        roots.extend([conf.get(params::META_DIRECTORY), conf.get(params::SHLIB_DIRECTORY)].iter().filter(|d| d.starts_with('/')).map(Into::into));
    }
    roots.sort();
    roots.dedup();
    let postfix = layout.command.join("postfix").canonicalize().ok();
    for root in roots {
        walk(&root.join("."), &mut |path, meta| {
            one(path, ROOT, true, out);
            let leaves = |to: &Path| to.as_os_str().as_encoded_bytes().contains(&b'/');
            // Debian's own link, and ours: post-install and postfix-wrapper are postfix by other names.
            let is_own = || path.ends_with("makedefs.out") || postfix.is_some() && path.canonicalize().ok() == postfix;
            if meta.is_symlink() && !is_own() && fs::read_link(path).is_ok_and(|to| leaves(&to)) {
                out.push(format!("symlink leaves directory: {}", path.display()));
            }
        });
    }
    if is_default(conf) {
        let (lib, sbin) = (fs::read("/usr/lib/sendmail"), fs::read("/usr/sbin/sendmail"));
        if lib.is_ok_and(|lib| sbin.is_ok_and(|sbin| lib != sbin)) {
            out.push("/usr/lib/sendmail and /usr/sbin/sendmail differ".to_owned());
            out.push("Replace one by a symbolic link to the other".to_owned());
        }
    }
}

/// What setgid_group must own, and the programs that take its rights.
fn groups(conf: &Config, layout: &Layout, out: &mut Vec<String>) {
    let mut paths = vec![layout.queue.join("public"), layout.queue.join("maildrop")];
    if is_default(conf) || conf.explicit("command_directory").is_some() {
        let programs = ["postqueue", "postdrop"].map(|p| layout.command.join(p));
        for path in programs.iter().filter(|p| p.metadata().is_ok_and(|m| m.permissions().mode() & 0o2111 != 0o2111)) {
            out.push(format!("not set-gid or not owner+group+world executable: {}", path.display()));
        }
        paths.extend(programs);
    }
    for path in paths {
        if path.metadata().is_ok_and(|m| layout.drop_group.is_some_and(|g| g != m.gid())) {
            out.push(format!("not owned by group {}: {}", layout.group_name, path.display()));
        }
    }
}

fn copies(queue: &Path, out: &mut Vec<String>) {
    for name in COPIES {
        walk(&queue.join(name), &mut |path, meta| {
            one(path, ROOT, false, out);
            let Ok(inside) = path.strip_prefix(queue) else { return };
            let original = Path::new("/").join(inside);
            if meta.is_file() && original.is_file() && fs::read(path).ok() != fs::read(&original).ok() {
                out.push(format!("{} and {} differ", path.display(), original.display()));
            }
        });
    }
}

/// sendmail(1) and postdrop(1) read the configuration as the user who sends.
fn readable(conf: &Config, out: &mut Vec<String>) {
    let files = config::files::with_drop_ins(&conf.dir().join("main.cf")).unwrap_or_default();
    for file in files.iter().filter(|f| f.metadata().is_ok_and(|m| m.mode() & 0o004 == 0)) {
        out.push(format!("{} must be readable by everybody: sendmail runs as the user who sends (keep secrets in table files)", file.display()));
    }
}

fn damaged(queue: &Path, out: &mut Vec<String>) {
    walk(&queue.join("corrupt"), &mut |path, meta| {
        if meta.is_file() {
            out.push(format!("damaged message: {}", path.strip_prefix(queue).unwrap_or(path).display()));
        }
    });
}

fn is_default(conf: &Config) -> bool {
    conf.dir() == Path::new("/etc/postfix")
}

/// Visits a file or directory and everything below it, by name; links are not followed.
fn walk(path: &Path, visit: &mut dyn FnMut(&Path, &Metadata)) {
    let Ok(meta) = path.symlink_metadata() else { return };
    visit(path, &meta);
    if meta.is_dir() {
        let mut names: Vec<_> = fs::read_dir(path).into_iter().flatten().flatten().map(|e| e.file_name()).collect();
        names.sort();
        names.iter().for_each(|name| walk(&path.join(name), visit));
    }
}
