//! The accounts that main.cf names, and what of their rights nobody else gets.

use sys::{Account, GroupEntry};

use crate::conf::Config;
use crate::error::ConfigError;

/// The mail system's accounts. Only root can become them.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// `mail_owner`, to whom the queue belongs.
    pub owner: Account,
    /// `setgid_group`, which lets its programs submit mail.
    pub setgid: GroupEntry,
    /// `default_privs`, as whom commands of aliases run that are nobody's own.
    pub default: Account,
}

/// Rights that no command of a service may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// Root's.
    Root,
    /// Those of `mail_owner`.
    Owner,
    /// Those of root's group.
    RootGroup,
    /// Those of `mail_owner`'s group.
    OwnerGroup,
    /// Those of `setgid_group`.
    SetgidGroup,
}

impl Accounts {
    /// TRUST: what a command is fed comes from strangers; whoever owns it must not own the queue.
    pub fn reserved(&self, uid: u32, gid: u32) -> Option<Reserved> {
        [
            (uid == 0, Reserved::Root),
            (uid == self.owner.uid, Reserved::Owner),
            (gid == 0, Reserved::RootGroup),
            (gid == self.owner.gid, Reserved::OwnerGroup),
            (gid == self.setgid.gid, Reserved::SetgidGroup),
        ]
        .into_iter()
        .find_map(|(is, what)| is.then_some(what))
    }

    /// Accounts share no rights: who shares an id shares the files.
    fn overlap(&self) -> Option<(&'static str, String)> {
        let (owner, group, default) = (&self.owner, &self.setgid, &self.default);
        let both = "parameters default_privs and mail_owner";
        let users = format!("users {} and {} have the same", default.name, owner.name);
        [
            (default.name == owner.name, "default_privs", format!("{both} specify the same user {}", owner.name)),
            (default.uid == owner.uid, "default_privs", format!("{both}: {users} user ID: {}", owner.uid)),
            (default.gid == owner.gid, "default_privs", format!("{both}: {users} group ID: {}", owner.gid)),
            (
                default.gid == group.gid,
                "default_privs",
                format!("parameters default_privs and setgid_group: user {} and group {} have the same group ID: {}", default.name, group.name, group.gid),
            ),
            (
                owner.gid == group.gid,
                "setgid_group",
                format!("parameters mail_owner and setgid_group: user {} and group {} have the same group ID: {}", owner.name, group.name, group.gid),
            ),
        ]
        .into_iter()
        .find_map(|(is, name, what)| is.then_some((name, what)))
    }
}

impl Config {
    /// User id of the account to which queue files belong. Without root that is whoever runs the mail system, whatever `mail_owner` says and whether or not he
    /// has an account.
    ///
    /// # Errors
    /// There is no such account.
    pub fn owner_of_queue(&self) -> Result<u32, ConfigError> {
        if sys::is_root() { Ok(self.account("mail_owner")?.uid) } else { Ok(sys::effective_user().0) }
    }

    /// The accounts of `mail_owner`, `setgid_group` and `default_privs`.
    ///
    /// # Errors
    /// One is not there, has root's rights, or shares those of another.
    pub fn accounts(&self) -> Result<Accounts, ConfigError> {
        let accounts = Accounts { owner: self.account("mail_owner")?, setgid: self.setgid_group()?, default: self.account("default_privs")? };
        match accounts.overlap() {
            Some((name, what)) => Err(self.place(name, what).remedy(format!("give {name} an account of its own"))),
            None => Ok(accounts),
        }
    }

    fn account(&self, parameter: &'static str) -> Result<Account, ConfigError> {
        let name = self.lookup(parameter).unwrap_or_default();
        let fault = |what: String| self.place(parameter, format!("parameter {parameter}: {what}"));
        let account = sys::user_by_name(&name).map_err(|e| fault(format!("user {name}: {e}")))?.ok_or_else(|| {
            let remedy = format!("{parameter}: no user \"{name}\": create it, or set {parameter} in main.cf");
            fault(format!("unknown user name value: {name}")).remedy(remedy)
        })?;
        let privileged = |what: &str| fault(format!("user {name} has privileged {what} ID")).remedy(format!("set {parameter} to an account without rights"));
        match (account.uid, account.gid) {
            (0, _) => Err(privileged("user")),
            (_, 0) => Err(privileged("group")),
            _ => Ok(account),
        }
    }

    fn setgid_group(&self) -> Result<GroupEntry, ConfigError> {
        let name: String = self.get(params::SETGID_GROUP);
        let fault = |what: String| self.place("setgid_group", format!("parameter setgid_group: {what}"));
        let group = sys::group_by_name(&name).map_err(|e| fault(format!("group {name}: {e}")))?.ok_or_else(|| {
            let remedy = format!("setgid_group: no group \"{name}\": create it, or set setgid_group in main.cf");
            fault(format!("unknown group name: {name}")).remedy(remedy)
        })?;
        if group.gid == 0 {
            return Err(fault(format!("group {name} has privileged group ID")).remedy("set setgid_group to a group of the mail system alone"));
        }
        Ok(group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, uid: u32, gid: u32) -> Account {
        Account { name: name.into(), uid, gid, home: "/".into(), shell: "/bin/false".into(), gecos: String::new() }
    }

    fn accounts(default: Account, setgid: u32) -> Accounts {
        Accounts { owner: user("postfix", 106, 116), setgid: GroupEntry { name: "postdrop".into(), gid: setgid, members: Vec::new() }, default }
    }

    #[test]
    fn rights_that_nobody_gets() {
        let all = accounts(user("nobody", 65_534, 65_534), 107);
        for (uid, gid, want) in [
            (0, 0, Some(Reserved::Root)),
            (106, 5, Some(Reserved::Owner)),
            (5, 0, Some(Reserved::RootGroup)),
            (5, 116, Some(Reserved::OwnerGroup)),
            (5, 107, Some(Reserved::SetgidGroup)),
            (5, 5, None),
        ] {
            assert_eq!(all.reserved(uid, gid), want, "{uid}:{gid}");
        }
    }

    #[test]
    fn accounts_share_nothing() {
        let said = |default, setgid| accounts(default, setgid).overlap().map(|(_, what)| what);
        assert_eq!(said(user("nobody", 65_534, 65_534), 107), None);
        assert_eq!(said(user("postfix", 106, 116), 107).unwrap(), "parameters default_privs and mail_owner specify the same user postfix");
        assert!(said(user("other", 106, 5), 107).unwrap().ends_with("users other and postfix have the same user ID: 106"));
        assert!(said(user("other", 5, 116), 107).unwrap().ends_with("have the same group ID: 116"));
        assert!(said(user("other", 5, 107), 107).unwrap().contains("user other and group postdrop"));
        assert!(said(user("other", 5, 5), 116).unwrap().contains("user postfix and group postdrop"));
    }
}
