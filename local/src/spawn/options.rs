//! What master.cf says of a spawn service: `user=... argv=...`.

use config::{Accounts, Reserved};

/// A spawn service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The user that the command becomes.
    pub uid: u32,
    /// Its group: the user's, or the one behind the colon.
    pub gid: u32,
    /// The command's name or path.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
}

impl Options {
    /// Reads the words behind the options of master.cf. Everything from `argv=` on is the command. `accounts`: those of the mail
    /// system, whose rights no command gets; `None` without root, who alone could give them.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(words: &[String], accounts: Option<&Accounts>) -> Result<Options, String> {
        let (mut user, mut command) = (None, Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, value) = word.split_once('=').unwrap_or((word, ""));
            match name.to_ascii_lowercase().as_str() {
                "user" if word.contains('=') => user = Some(value),
                "argv" if word.contains('=') => {
                    command.push(value.to_owned());
                    command.extend(words.by_ref().cloned());
                }
                _ => return Err(format!("unknown attribute name: {word}")),
            }
        }
        let (uid, gid) = account(user.ok_or("missing user= attribute")?)?;
        if command.first().is_none_or(String::is_empty) {
            return Err("missing argv= attribute".to_owned());
        }
        accounts.map_or(Ok(()), |accounts| check(uid, gid, accounts))?;
        let program = command.remove(0);
        Ok(Options { uid, gid, program, args: command })
    }
}

/// `name` or `name:group`.
fn account(text: &str) -> Result<(u32, u32), String> {
    let (user, group) = text.split_once(':').map_or((text, None), |(u, g)| (u, Some(g)));
    let group = group.filter(|g| !g.is_empty());
    let account = sys::user_by_name(user).map_err(|e| format!("user={user}: {e}"))?.ok_or_else(|| format!("unknown user name: {user}"))?;
    let gid = match group {
        None => account.gid,
        Some(g) => sys::group_id(g).map_err(|e| format!("user={text}: {e}"))?.ok_or_else(|| format!("unknown group name: {g}"))?,
    };
    Ok((account.uid, gid))
}

/// TRUST: what comes from the network speaks to the command.
fn check(uid: u32, gid: u32, accounts: &Accounts) -> Result<(), String> {
    let (owner, group) = (&accounts.owner, &accounts.setgid);
    match accounts.reserved(uid, gid) {
        Some(Reserved::Root) => Err("request to deliver as root".to_owned()),
        Some(Reserved::Owner) => Err("request to deliver as mail system owner".to_owned()),
        Some(Reserved::RootGroup) => Err("request to use privileged group id 0".to_owned()),
        Some(Reserved::OwnerGroup) => Err(format!("request to use mail system owner group id {}", owner.gid)),
        Some(Reserved::SetgidGroup) => Err(format!("request to use mail system {} group id {}", group.name, group.gid)),
        None if uid == u32::MAX => Err("user must not have user ID -1".to_owned()),
        None if gid == u32::MAX => Err("user must not have group ID -1".to_owned()),
        None => Ok(()),
    }
}
