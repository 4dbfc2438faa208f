use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::listen::reason;

/// Takes the lock file of this instance and writes our process id into it.
///
/// # Errors
/// Somebody else has it (that is: the mail system runs already), or it cannot be opened.
pub fn take(path: &Path) -> Result<File, String> {
    let name = path.display();
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|e| format!("open lock file {name}: cannot open file: {}{}", reason(&e), remedy(&e)))?;
    match sys::try_lock_exclusive(file.as_fd()) {
        Ok(true) => {}
        Ok(false) => return Err(format!("open lock file {name}: unable to set exclusive lock: Resource temporarily unavailable")),
        Err(e) => return Err(format!("open lock file {name}: {}", reason(&e))),
    }
    write_pid(&mut file).map_err(|e| format!("write {name}: {}", reason(&e)))?;
    Ok(file)
}

/// What to do about a lock file that cannot be opened.
fn remedy(e: &std::io::Error) -> &'static str {
    match e.kind() {
        std::io::ErrorKind::PermissionDenied => " (its directory belongs to mail_owner: run \"postfix set-permissions\")",
        _ => "",
    }
}

/// Writes our process id, right-aligned, over what stands there.
pub fn write_pid(file: &mut File) -> std::io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.set_len(0)?;
    file.write_all(format!("{:>32}\n", std::process::id()).as_bytes())
}
