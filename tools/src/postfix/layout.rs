use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::PathBuf;

use config::Config;

/// A directory below the queue directory: name, mode, and whether root (not mail_owner) owns it, and whether its group is setgid_group.
pub(crate) struct Directory {
    pub(crate) name: &'static str,
    pub(super) mode: u32,
    pub(super) root: bool,
    pub(super) drop_group: bool,
}

const fn row(name: &'static str, mode: u32, root: bool, drop_group: bool) -> Directory {
    Directory { name, mode, root, drop_group }
}

/// Postfix's layout of a queue directory.
pub(crate) const DIRECTORIES: &[Directory] = &[
    row("active", 0o700, false, false),
    row("bounce", 0o700, false, false),
    row("corrupt", 0o700, false, false),
    row("defer", 0o700, false, false),
    row("deferred", 0o700, false, false),
    row("flush", 0o700, false, false),
    row("hold", 0o700, false, false),
    row("incoming", 0o700, false, false),
    row("maildrop", 0o730, false, true),
    row("pid", 0o755, true, false),
    row("private", 0o700, false, false),
    row("public", 0o710, false, true),
    row("saved", 0o700, false, false),
    row("trace", 0o700, false, false),
];

/// Where this instance keeps its things, and who owns them.
pub(super) struct Layout {
    pub(super) queue: PathBuf,
    pub(super) data: PathBuf,
    pub(super) daemon: PathBuf,
    pub(super) command: PathBuf,
    pub(super) owner_name: String,
    pub(super) group_name: String,
    pub(super) owner: Option<(u32, u32)>,
    pub(super) drop_group: Option<u32>,
}

/// As chown(2): whatever group it has.
const KEPT: u32 = u32::MAX;

impl Layout {
    pub(super) fn new(conf: &Config) -> Layout {
        let owner_name: String = conf.get(params::MAIL_OWNER);
        let group_name: String = conf.get(params::SETGID_GROUP);
        Layout {
            queue: PathBuf::from(conf.get(params::QUEUE_DIRECTORY)),
            data: PathBuf::from(conf.get(params::DATA_DIRECTORY)),
            daemon: PathBuf::from(conf.get(params::DAEMON_DIRECTORY)),
            command: PathBuf::from(conf.get(params::COMMAND_DIRECTORY)),
            owner: sys::user_by_name(&owner_name).ok().flatten().map(|a| (a.uid, a.gid)),
            drop_group: sys::group_id(&group_name).ok().flatten(),
            owner_name,
            group_name,
        }
    }

    /// Makes what is missing. What exists keeps its owner and mode.
    pub(super) fn create(&self) -> Result<(), String> {
        self.make(&self.queue, 0o755, Some((0, 0)))?;
        self.make(&self.data, 0o700, self.owner)?;
        for d in DIRECTORIES {
            self.make(&self.queue.join(d.name), d.mode, self.owner_of(d))?;
        }
        Ok(())
    }

    /// Gives everything the owner and mode that it should have.
    pub(super) fn set_permissions(&self) -> Result<(), String> {
        self.create()?;
        for d in DIRECTORIES {
            self.fix(&self.queue.join(d.name), d.mode, self.owner_of(d))?;
        }
        self.fix(&self.data, 0o700, self.owner.map(|(uid, _)| (uid, KEPT)))?;
        if let Some(group) = self.drop_group {
            for program in ["postdrop", "postlog", "postqueue"] {
                self.fix(&self.command.join(program), 0o2755, Some((0, group)))?;
            }
        }
        Ok(())
    }

    pub(super) fn owner_of(&self, d: &Directory) -> Option<(u32, u32)> {
        let (uid, gid) = self.owner?;
        let group = if d.drop_group { self.drop_group.unwrap_or(gid) } else { gid };
        // postfix's own directories belong to the group root.
        Some(if d.root {
            (0, 0)
        } else if d.drop_group {
            (uid, group)
        } else {
            (uid, 0)
        })
    }

    fn make(&self, path: &std::path::Path, mode: u32, owner: Option<(u32, u32)>) -> Result<(), String> {
        if path.is_dir() {
            return Ok(());
        }
        fs::DirBuilder::new().recursive(true).mode(0o755).create(path).map_err(|e| format!("mkdir {}: {e}", path.display()))?;
        self.fix(path, mode, owner)
    }

    fn fix(&self, path: &std::path::Path, mode: u32, owner: Option<(u32, u32)>) -> Result<(), String> {
        let fault = |what: &str, e: std::io::Error| format!("{what} {}: {e}", path.display());
        if let Some((uid, gid)) = owner.filter(|_| sys::is_root()) {
            chown(path, Some(uid), Some(gid).filter(|g| *g != KEPT)).map_err(|e| fault("chown", e))?;
        }
        // Debian's package gives `public` the set-group-id bit, which chmod(1) leaves to a directory.
        let meta = path.metadata().map_err(|e| fault("stat", e))?;
        let kept = if meta.is_dir() { meta.mode() & 0o6000 } else { 0 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode | kept)).map_err(|e| fault("chmod", e))
    }
}
