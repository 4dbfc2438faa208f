use std::os::unix::fs::MetadataExt;
use std::path::Path;

use config::{Config, master_cf};

use super::layout::{DIRECTORIES, Layout};

/// What makes a start impossible.
pub(super) fn fatal_faults(conf: &Config, layout: &Layout) -> Vec<String> {
    let mut faults = Vec::new();
    if sys::is_root() {
        if layout.owner.is_none() {
            faults.push(format!("mail_owner: no user \"{}\": create it, or set mail_owner in main.cf", layout.owner_name));
        }
        if layout.drop_group.is_none() {
            faults.push(format!("setgid_group: no group \"{}\": create it, or set setgid_group in main.cf", layout.group_name));
        }
    }
    if let Err(e) = conf.check("master") {
        faults.push(e.to_string());
    }
    match master_cf::parse_with(&conf.dir().join("master.cf"), false, &mut Vec::new()) {
        Err(e) => faults.push(e.to_string()),
        Ok(services) => {
            for s in &services {
                if !layout.daemon.join(&s.program).exists() {
                    maillog::warning!(
                        "master.cf, line {}: program {} is not there: the service {} will not work",
                        s.line,
                        layout.daemon.join(&s.program).display(),
                        s.name
                    );
                }
            }
        }
    }
    for directory in [&layout.queue, &layout.daemon, &layout.command] {
        if !directory.is_dir() {
            faults.push(format!("no such directory: {}", directory.display()));
        }
    }
    faults
}

/// Wrong owners and modes, damaged messages.
pub(super) fn warnings(conf: &Config, layout: &Layout) -> Vec<String> {
    let mut out: Vec<String> = conf.warnings().to_vec();
    if !sys::is_root() {
        return out;
    }
    for d in DIRECTORIES {
        let path = layout.queue.join(d.name);
        let Ok(meta) = path.metadata() else { continue };
        let (name, want) = if d.root { ("root", 0) } else { (layout.owner_name.as_str(), layout.owner.map_or(0, |o| o.0)) };
        if meta.uid() != want {
            out.push(format!("not owned by {name}: {}", path.display()));
        }
        if d.drop_group && layout.drop_group.is_some_and(|g| g != meta.gid()) {
            out.push(format!("not owned by group {}: {}", layout.group_name, path.display()));
        }
        if meta.mode() & 0o002 != 0 {
            out.push(format!("group or other writable: {}", path.display()));
        }
    }
    for program in ["postdrop", "postqueue"] {
        let path = layout.command.join(program);
        let Ok(meta) = path.metadata() else { continue };
        if layout.drop_group.is_some_and(|g| g != meta.gid()) {
            out.push(format!("not owned by group {}: {}", layout.group_name, path.display()));
        }
        if meta.mode() & 0o2111 != 0o2111 {
            out.push(format!("not set-gid or not owner+group+world executable: {}", path.display()));
        }
    }
    let main_cf = conf.dir().join("main.cf");
    if main_cf.metadata().is_ok_and(|m| m.mode() & 0o004 == 0) {
        out.push(format!("{} must be readable by everybody: sendmail runs as the user who sends (keep secrets in table files)", main_cf.display()));
    }
    damaged(&layout.queue, &mut out);
    out
}

fn damaged(queue: &Path, out: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(queue.join("corrupt")) else { return };
    out.extend(entries.flatten().map(|e| format!("damaged message: corrupt/{}", e.file_name().to_string_lossy())));
}

/// Settings that contradict each other.
pub(super) fn contradictions(conf: &Config) -> Vec<String> {
    let mut out = Vec::new();
    let message = conf.get(params::MESSAGE_SIZE_LIMIT);
    for (name, limit) in [("mailbox_size_limit", conf.get(params::MAILBOX_SIZE_LIMIT)), ("virtual_mailbox_limit", conf.get(params::VIRTUAL_MAILBOX_LIMIT))] {
        if limit > 0 && (message == 0 || limit < message) {
            out.push(format!(
                "{name} ({limit}) is smaller than message_size_limit ({message}): mail to these mailboxes will be deferred; set {name} = 0 or to a larger value"
            ));
        }
    }
    out
}
