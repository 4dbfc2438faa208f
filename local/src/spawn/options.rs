//! What master.cf says of a spawn service: `user=... argv=...`.

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
    /// Reads the words behind the options of master.cf. Everything from `argv=` on is the command. `owner`: the account that owns the queue,
    /// whose rights no command gets.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn parse(words: &[String], owner: &str) -> Result<Options, String> {
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
        check(uid, gid, owner)?;
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
fn check(uid: u32, gid: u32, owner: &str) -> Result<(), String> {
    let owner = sys::user_by_name(owner).ok().flatten();
    let is_owner = |id: u32, of: fn(&sys::Account) -> u32| owner.as_ref().is_some_and(|o| of(o) == id);
    match () {
        () if uid == 0 => Err("request to deliver as root".to_owned()),
        () if is_owner(uid, |o| o.uid) && sys::is_root() => Err("request to deliver as mail system owner".to_owned()),
        () if gid == 0 => Err("request to use privileged group id 0".to_owned()),
        () if is_owner(gid, |o| o.gid) && sys::is_root() => Err(format!("request to use mail system owner group id {gid}")),
        () if uid == u32::MAX => Err("user must not have user ID -1".to_owned()),
        () if gid == u32::MAX => Err("user must not have group ID -1".to_owned()),
        () => Ok(()),
    }
}
