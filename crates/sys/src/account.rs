use std::ffi::CString;
use std::io;
use std::path::PathBuf;

use nix::unistd::{Gid, Group, Uid, User};

/// One row of the password database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Login name.
    pub name: String,
    /// User id.
    pub uid: u32,
    /// Primary group id.
    pub gid: u32,
    /// Home directory.
    pub home: PathBuf,
    /// Login shell.
    pub shell: PathBuf,
    /// Full name field, unparsed.
    pub gecos: String,
}

/// Looks a user up by name. `Ok(None)`: no such user; `Err`: the database could not be asked.
pub fn user_by_name(name: &str) -> io::Result<Option<Account>> {
    User::from_name(name).map(|u| u.map(account)).or_else(not_found)
}

/// Looks a user up by id. `Ok(None)`: no such user; `Err`: the database could not be asked.
pub fn user_by_uid(uid: u32) -> io::Result<Option<Account>> {
    User::from_uid(Uid::from_raw(uid)).map(|u| u.map(account)).or_else(not_found)
}

/// The id of a group, `Ok(None)` when there is no such group.
pub fn group_id(name: &str) -> io::Result<Option<u32>> {
    Group::from_name(name).map(|g| g.map(|g| g.gid.as_raw())).or_else(not_found)
}

/// The name of a group id, `Ok(None)` when there is no such group.
pub fn group_name(gid: u32) -> io::Result<Option<String>> {
    Group::from_gid(Gid::from_raw(gid)).map(|g| g.map(|g| g.name)).or_else(not_found)
}

/// One row of the group database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupEntry {
    /// Group name.
    pub name: String,
    /// Group id.
    pub gid: u32,
    /// Login names of its members.
    pub members: Vec<String>,
}

/// Looks a group up by name. `Ok(None)`: no such group; `Err`: the database could not be asked.
pub fn group_by_name(name: &str) -> io::Result<Option<GroupEntry>> {
    Group::from_name(name).map(|g| g.map(|g| GroupEntry { name: g.name, gid: g.gid.as_raw(), members: g.mem })).or_else(not_found)
}

/// Sets the supplementary groups to those of `user`, plus `gid`.
pub fn initgroups(user: &str, gid: u32) -> io::Result<()> {
    let name = CString::new(user).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    nix::unistd::initgroups(&name, Gid::from_raw(gid)).map_err(crate::io)
}

fn account(user: User) -> Account {
    Account {
        name: user.name,
        uid: user.uid.as_raw(),
        gid: user.gid.as_raw(),
        home: user.dir,
        shell: user.shell,
        gecos: base::eightbit::text(user.gecos.to_bytes()).into_owned(),
    }
}

/// Some name services say "not found" with an errno instead of an empty answer (getpwnam(3)).
fn not_found<T>(e: nix::errno::Errno) -> io::Result<Option<T>> {
    use nix::errno::Errno;
    match e {
        Errno::ENOENT | Errno::ESRCH | Errno::EBADF | Errno::EPERM => Ok(None),
        other => Err(crate::io(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_there_and_who_is_not() {
        let root = user_by_uid(0).unwrap().unwrap();
        assert_eq!(user_by_name(&root.name).unwrap(), Some(root.clone()));
        assert_eq!(user_by_name("no-such-user-here").unwrap(), None);
        assert_eq!((group_id("no-such-group-here").unwrap(), group_by_name("no-such-group-here").unwrap()), (None, None));
        let name = group_name(root.gid).unwrap().unwrap();
        assert_eq!((group_id(&name).unwrap(), group_by_name(&name).unwrap().map(|g| g.gid)), (Some(root.gid), Some(root.gid)));
    }
}
