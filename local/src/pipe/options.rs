//! What master.cf says of a pipe service: `flags=... user=... argv=...`.

use std::path::PathBuf;

/// A pipe service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `flags=`, letters of pipe(8).
    pub flags: String,
    /// `user=name[:group]`.
    pub user: String,
    /// Group, when given.
    pub group: Option<String>,
    /// `directory=`.
    pub directory: Option<PathBuf>,
    /// `chroot=`.
    pub chroot: Option<PathBuf>,
    /// `size=`, 0 for no limit.
    pub size: u64,
    /// `eol=`.
    pub eol: Vec<u8>,
    /// `null_sender=`.
    pub null_sender: String,
    /// The command.
    pub argv: Vec<String>,
}

/// Letters that pipe(8) knows.
const FLAGS: &str = "BDFORXhqu.>";

impl Options {
    /// Reads the words behind the options of master.cf. Everything from `argv=` on is the command.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what is wanted.
    pub fn parse(words: &[String]) -> Result<Options, String> {
        let mut o = Options { eol: b"\n".to_vec(), null_sender: "MAILER-DAEMON".into(), ..Options::default() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, value) = word.split_once('=').ok_or_else(|| format!("bad pipe option \"{word}\": want name=value"))?;
            match name {
                "flags" => o.flags = checked_flags(value)?,
                "user" => {
                    let (user, group) = value.split_once(':').map_or((value, None), |(u, g)| (u, Some(g.to_owned())));
                    o.user = user.to_owned();
                    o.group = group;
                }
                "directory" => o.directory = Some(value.into()),
                "chroot" => o.chroot = Some(value.into()),
                "size" => o.size = value.parse().map_err(|_| format!("bad size: {value}"))?,
                "eol" => o.eol = base::text::unescape(value),
                "null_sender" => o.null_sender = value.to_owned(),
                "argv" => {
                    o.argv.push(value.to_owned());
                    o.argv.extend(words.by_ref().cloned());
                }
                other => return Err(format!("unknown pipe option \"{other}\": want flags, user, directory, chroot, size, eol, null_sender or argv")),
            }
        }
        if o.argv.iter().all(String::is_empty) {
            return Err("missing argv= in the pipe service of master.cf".into());
        }
        if o.user.is_empty() {
            return Err("missing user= in the pipe service of master.cf".into());
        }
        Ok(o)
    }

    /// True when a flag is set.
    pub fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
}

fn checked_flags(value: &str) -> Result<String, String> {
    match value.chars().find(|c| !FLAGS.contains(*c)) {
        Some(bad) => Err(format!("unknown flag '{bad}' in flags={value}: want some of {FLAGS}")),
        None => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_services_of_debian() {
        let o = Options::parse(&words("flags=DRXhu user=vmail argv=/usr/bin/maildrop -d ${recipient}")).unwrap();
        assert_eq!((o.user.as_str(), o.argv.len(), o.has('h')), ("vmail", 3, true));
        let o = Options::parse(&words("flags=Fq. user=bsmtp:bsmtp eol=\\r\\n argv=/x -f$sender $recipient")).unwrap();
        assert_eq!((o.group.as_deref(), o.eol.as_slice()), (Some("bsmtp"), &b"\r\n"[..]));
    }

    #[test]
    fn faults_are_explained() {
        for (text, want) in [("user=x", "argv="), ("argv=/x", "user="), ("flags=Z user=x argv=/x", "unknown flag 'Z'"), ("colour=red", "unknown pipe option")] {
            assert!(Options::parse(&words(text)).unwrap_err().contains(want), "{text}");
        }
    }
}
