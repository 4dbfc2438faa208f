//! Options in getopt(3)'s way, from a table that manual pages and completions of shells are made from as well.

/// One option of a command.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// What stands behind the dash.
    pub letter: char,
    /// What follows the letter.
    pub value: Value,
    /// A sentence or two for the manual page; `name` in backquotes is shown in bold.
    pub doc: &'static str,
}

/// What follows an option's letter, with its name in the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    None,
    /// Any text.
    Text(&'static str),
    /// A directory.
    Directory(&'static str),
    /// A file.
    File(&'static str),
    /// One of some words.
    Word(&'static str, &'static [&'static str]),
}

impl Value {
    /// Its name in the manual. `None` when nothing follows.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Value::None => None,
            Value::Text(name) | Value::Directory(name) | Value::File(name) | Value::Word(name, _) => Some(name),
        }
    }
}

/// An option without a value.
pub const fn flag(letter: char, doc: &'static str) -> Opt {
    Opt { letter, value: Value::None, doc }
}

/// An option with a value.
pub const fn valued(letter: char, value: Value, doc: &'static str) -> Opt {
    Opt { letter, value, doc }
}

/// `-c`: the same in all commands.
pub const CONFIG_DIR: Opt =
    valued('c', Value::Directory("config_dir"), "The directory of `main.cf` and `master.cf`; otherwise that of `$MAIL_CONFIG`, or `/etc/postfix`.");

/// `-v`: the same in all commands.
pub const VERBOSE: Opt = flag('v', "Says more about what is done, for finding faults. Given more often, it says still more.");

/// The options of a command line in their order, then what follows them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Each letter with its value.
    pub given: Vec<(char, String)>,
    /// The words after the options.
    pub rest: Vec<String>,
}

impl Options {
    /// Parses as getopt(3) does, and stops at the first word that is no option.
    ///
    /// # Errors
    /// getopt's own message, without the program's name.
    pub fn parse(known: &[Opt], words: impl IntoIterator<Item = String>) -> Result<Options, String> {
        let mut options = Options::default();
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            if word == "--" {
                break;
            }
            let Some(cluster) = word.strip_prefix('-').filter(|c| !c.is_empty()) else {
                options.rest.push(word);
                break;
            };
            take_cluster(known, cluster, &mut words, &mut options.given)?;
        }
        options.rest.extend(words);
        Ok(options)
    }

    /// True when a letter was given.
    pub fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(l, _)| *l == letter)
    }

    /// How often a letter was given.
    pub fn count(&self, letter: char) -> usize {
        self.given.iter().filter(|(l, _)| *l == letter).count()
    }

    /// The last value of a letter.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.given.iter().rev().find(|(l, _)| *l == letter).map(|(_, value)| value.as_str())
    }
}

/// One word of letters without its dash: a letter with a value takes the rest of the word, or the next one.
///
/// # Errors
/// getopt's own message, without the program's name.
pub fn take_cluster(known: &[Opt], cluster: &str, words: &mut impl Iterator<Item = String>, given: &mut Vec<(char, String)>) -> Result<(), String> {
    let mut rest = cluster;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        let option = known.iter().find(|o| o.letter == letter).ok_or_else(|| format!("invalid option -- '{letter}'"))?;
        let value = match option.value {
            Value::None => String::new(),
            _ if !rest.is_empty() => std::mem::take(&mut rest).to_owned(),
            _ => words.next().ok_or_else(|| format!("option requires an argument -- '{letter}'"))?,
        };
        given.push((letter, value));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Opt] = &[CONFIG_DIR, VERBOSE, valued('d', Value::Text("key"), ""), flag('p', "")];

    fn parse(words: &[&str]) -> Result<Options, String> {
        Options::parse(KNOWN, words.iter().map(|w| (*w).to_owned()))
    }

    #[test]
    fn as_getopt_does() {
        let o = parse(&["-vcdir", "-d", "-", "-p", "hold", "-x"]).unwrap();
        assert_eq!(o.given, [('v', String::new()), ('c', "dir".into()), ('d', "-".into()), ('p', String::new())]);
        assert_eq!(o.rest, ["hold", "-x"]);
        assert_eq!(parse(&["-x"]).unwrap_err(), "invalid option -- 'x'");
        assert_eq!(parse(&["-c"]).unwrap_err(), "option requires an argument -- 'c'");
        assert_eq!(parse(&["--", "-c"]).unwrap().rest, ["-c"]);
    }

    #[test]
    fn the_last_value_counts() {
        let o = parse(&["-c", "a", "-vv", "-cb"]).unwrap();
        assert_eq!((o.value('c'), o.value('d'), o.count('v'), o.has('p')), (Some("b"), None, 2, false));
    }
}
