//! One recipient on its way: who it is, how it came there.

use address::split_extension;

/// A recipient of this host, in the course of expansion.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    /// The address being delivered, internal form.
    pub address: String,
    /// Its local part, folded to lower case where names are compared.
    pub local: String,
    /// Its domain.
    pub domain: String,
    /// The local part without the extension.
    pub user: String,
    /// The extension without its delimiter, empty when there is none.
    pub extension: String,
    /// Envelope sender for what follows: changed by owner- aliases.
    pub sender: String,
    /// The members of a list with an owner: each is a recipient of a new message.
    pub of_list: bool,
    /// A list with an owner was on the way here: what the author wrote to counts no more.
    pub left_author: bool,
    /// Aliases on the way here.
    pub aliases: Vec<String>,
    /// Depth of expansion.
    pub depth: usize,
    /// What the destination came from: decides what it may name.
    pub source: Source,
    /// With whose rights commands run and files are written: user, group. `None`: default_privs.
    pub rights: Option<Rights>,
    /// `\name`: no aliases, no .forward.
    pub bare: bool,
    /// The extension with its delimiter, when what the addresses come from was found without it.
    pub unmatched: String,
}

/// User and group for commands and files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// The account's name, for its supplementary groups.
    pub name: String,
    /// Home directory, empty for default_privs.
    pub home: String,
    /// Login shell, may be empty.
    pub shell: String,
}

impl Rights {
    /// All of an account.
    pub(crate) fn of(account: sys::Account) -> Rights {
        let (home, shell) = (account.home.to_string_lossy().into_owned(), account.shell.to_string_lossy().into_owned());
        Rights { uid: account.uid, gid: account.gid, name: account.name, home, shell }
    }
}

/// Where a destination was named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// In the envelope.
    #[default]
    Envelope,
    /// In an alias.
    Alias,
    /// In a user's .forward file.
    Forward,
    /// In a file named by `:include:`.
    Include,
}

impl Source {
    /// The word in `allow_mail_to_commands` and `allow_mail_to_files`.
    pub fn word(self) -> &'static str {
        match self {
            Source::Alias => "alias",
            Source::Forward => "forward",
            Source::Include => "include",
            Source::Envelope => "",
        }
    }
}

impl Attempt {
    /// The extension with its delimiter, as it was written.
    pub(crate) fn suffix(&self) -> &str {
        let local = address::split(&self.address).0;
        local.strip_prefix('\\').unwrap_or(local).get(self.user.len()..).unwrap_or_default()
    }

    /// Takes an address apart. `delimiters`: recipient_delimiter.
    pub fn new(address: &str, sender: &str, delimiters: &str, owner_request_special: bool) -> Attempt {
        let (local, domain) = address::split(address);
        let (bare, local) = match local.strip_prefix('\\') {
            Some(rest) => (true, rest),
            None => (false, local),
        };
        let (user, extension) = if delimiters.is_empty() { (local, None) } else { split_extension(local, delimiters, owner_request_special) };
        Attempt {
            address: address.to_owned(),
            local: local.to_lowercase(),
            domain: domain.unwrap_or("").to_owned(),
            user: user.to_lowercase(),
            extension: extension.unwrap_or("").to_lowercase(),
            sender: sender.to_owned(),
            bare,
            ..Attempt::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let a = Attempt::new("Joe+Ext@Example.com", "s", "+", true);
        assert_eq!((a.user.as_str(), a.extension.as_str(), a.local.as_str(), a.domain.as_str()), ("joe", "ext", "joe+ext", "Example.com"));
        let b = Attempt::new("\\joe@example.com", "s", "", true);
        assert!(b.bare && b.user == "joe");
    }
}
