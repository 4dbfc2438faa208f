//! Changes to the text of master.cf: entries whole (-M), their fields (-F), their `-o` settings (-P).

use std::path::Path;

use base::eightbit;
use config::main_cf;
use config::master_cf::{self, Argument, Entry, Oddity, entries};

use super::edit::{LineKind, kind_of, lines, push};
use super::fold;
use super::form;
use super::master::FIELDS;
use super::pattern::Pattern;

/// What to do with the entries that fit.
#[derive(Clone, Debug)]
pub struct Edit {
    pattern: Pattern,
    /// As given, for messages.
    word: String,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    /// -Me: the entry in its place, or a new one at the end.
    Entry(Box<Entry>),
    /// -MX
    Remove,
    /// -M#
    Comment,
    /// -Fe: index of the field, and its value.
    Field(usize, String),
    /// -Pe
    Set(String, String),
    /// -PX
    Unset(String),
}

impl Edit {
    /// Reads a word of the command line. `mode` is M, F or P, `letter` e, X or #.
    ///
    /// # Errors
    /// In postfix's words.
    pub fn parse(mode: char, letter: char, word: &str) -> Result<Edit, String> {
        if word.contains('\n') {
            return Err("-e, -X, or -# accepts no multi-line input".into());
        }
        let (name, value) = match letter {
            'e' => main_cf::setting(word)?,
            _ => (word.trim(), ""),
        };
        if letter != 'e' && name.contains('=') {
            return Err("-X or -# requires names without value".into());
        }
        let (parts, form) = match mode {
            'M' => (2, "-Me, -MX or -M# requires service_name/type"),
            'F' => (3, "-Fe or -FX requires service_name/type/field_name"),
            _ => (3, "-Pe or -PX requires service_name/type/parameter"),
        };
        let pattern = Pattern::parse(name, parts, parts).ok_or(form)?;
        let action = match (mode, letter) {
            ('M', 'e') => {
                let entry =
                    single(value).ok_or_else(|| format!("bad field count: \"{word}\" (write service type private unpriv chroot wakeup maxproc command)"))?;
                form::check(&entry)?;
                Action::Entry(Box::new(entry))
            }
            ('M', 'X') => Action::Remove,
            ('M', _) => Action::Comment,
            ('F', _) => {
                let field = pattern.field().ok_or("-Fe does not accept wild-card field name")?;
                let index = FIELDS.iter().position(|f| *f == field).ok_or_else(|| format!("invalid service attribute name: \"{field}\""))?;
                if field != "command" && value.contains(|c: char| c.is_ascii_whitespace()) {
                    return Err("-Fe does not accept whitespace in non-command field".into());
                }
                Action::Field(index, value.to_owned())
            }
            (_, letter) => {
                let parameter = pattern.field().ok_or("-Pe does not accept wild-card parameter name")?.to_owned();
                if letter == 'e' { Action::Set(parameter, value.to_owned()) } else { Action::Unset(parameter) }
            }
        };
        Ok(Edit { pattern, word: word.to_owned(), action })
    }
}

impl Edit {
    /// True when only the entry that counts is meant, not those that it replaces.
    pub(super) fn is_for_one(&self) -> bool {
        match self.action {
            Action::Entry(_) => true,
            Action::Remove | Action::Comment => false,
            Action::Field(..) | Action::Set(..) | Action::Unset(_) => self.pattern.is_exact(),
        }
    }

    /// True when the text of a file has an entry that is meant.
    pub(super) fn stands_in(&self, text: &[u8]) -> bool {
        let fits = |line: &[u8]| {
            let line = eightbit::text(line);
            let mut words = line.split_ascii_whitespace();
            self.pattern.fits_words(words.next().unwrap_or(""), words.next().unwrap_or(""))
        };
        lines(text).any(|line| kind_of(line) == LineKind::First && fits(line))
    }
}

/// Applies edits to the bytes of a file. Gives the new ones, and warnings.
///
/// # Errors
/// A field's value that cannot stand, or an entry of the file that cannot be read and would have to be changed.
pub fn apply(file: &Path, text: &[u8], edits: &[Edit]) -> Result<(Vec<u8>, Vec<String>), String> {
    let mut out = Vec::with_capacity(text.len() + 64);
    let mut met = vec![0usize; edits.len()];
    let mut warnings = Vec::new();
    let all: Vec<&[u8]> = lines(text).collect();
    let mut at = 0;
    while let Some(first) = all.get(at) {
        if kind_of(first) != LineKind::First {
            push(&mut out, first);
            at += 1;
            continue;
        }
        let end = all[at + 1..].iter().position(|l| kind_of(l) == LineKind::First).map_or(all.len(), |n| at + 1 + n);
        one(file, at + 1, &all[at..end], edits, &mut met, &mut out, &mut warnings)?;
        at = end;
    }
    for (edit, met) in edits.iter().zip(met) {
        match &edit.action {
            Action::Entry(service) if met == 0 => push(&mut out, &eightbit::bytes(&written(service))),
            Action::Field(..) | Action::Set(..) | Action::Unset(_) if met == 0 => warnings.push(format!("unmatched service_name/type: \"{}\"", edit.word)),
            _ => {}
        }
    }
    Ok((out, warnings))
}

/// Writes an entry's lines as the edits want them, with the comments among and behind them.
fn one(file: &Path, number: usize, block: &[&[u8]], edits: &[Edit], met: &mut [usize], out: &mut Vec<u8>, warnings: &mut Vec<String>) -> Result<(), String> {
    let own: Vec<&[u8]> = block.iter().copied().filter(|l| kind_of(l) != LineKind::Comment).collect();
    let text = eightbit::text(&own.join(&b'\n')).into_owned();
    let mut words = text.split_ascii_whitespace();
    let (name, kind) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    // One that cannot be read can still be replaced or taken out.
    let mut read = || {
        let mut found = entries(file, &text, |odd, _| {
            if let Oddity::Words(what) = odd {
                warnings.push(format!("master.cf: {what}"));
            }
        })
        .map_err(|e| format!("file {}: line {number}: bad field count (write {})", file.display(), e.remedy))?;
        let entry = found.pop().map(|entry| Entry { line: number, ..entry }).ok_or_else(|| "bad field count".to_owned())?;
        form::check(&entry).map(|()| entry)
    };
    let mut new: Option<Entry> = None;
    let (mut removed, mut comment) = (false, false);
    for (edit, met) in edits.iter().zip(met).filter(|(e, _)| e.pattern.fits_words(name, kind)) {
        *met += 1;
        let again = *met > 1;
        let mut current = || new.clone().map_or_else(&mut read, Ok);
        match &edit.action {
            // The first one of several makes room for the new entry, the others go.
            Action::Entry(_) if again => removed = true,
            Action::Entry(entry) => new = Some(Entry::clone(entry)),
            Action::Remove => removed = true,
            Action::Comment => comment = true,
            Action::Field(index, value) => new = Some(with_field(&current()?, *index, value)?),
            Action::Set(parameter, value) => new = Some(with_setting(&current()?, parameter, Some(value))?),
            Action::Unset(parameter) => new = Some(with_setting(&current()?, parameter, None)?),
        }
    }
    let new = new.filter(|_| !removed);
    // As in postfix, an entry of -M stands before the comments that were among or behind its lines, one of -F and -P behind them.
    let whole = edits.iter().any(|e| matches!(e.action, Action::Entry(_)));
    let write = |out: &mut Vec<u8>, wanted: bool| new.iter().filter(|_| wanted).for_each(|new| push(out, &eightbit::bytes(&written(new))));
    write(out, whole);
    for line in block {
        match kind_of(line) {
            LineKind::Comment => push(out, line),
            _ if removed || new.is_some() => {}
            _ if comment => push(out, &[b"#", *line].concat()),
            _ => push(out, line),
        }
    }
    write(out, !whole);
    Ok(())
}

fn written(entry: &Entry) -> String {
    fold::entry(entry, &entry.arguments(), true)
}

/// An entry from one line of text. `None`: it lacks columns.
fn single(text: &str) -> Option<Entry> {
    entries(Path::new(""), text.trim(), |_, _| {}).ok()?.pop()
}

fn with_field(entry: &Entry, index: usize, value: &str) -> Result<Entry, String> {
    form::fits(index, value).map_err(|remedy| format!("invalid {} field \"{value}\" in \"{value}\" ({remedy})", FIELDS[index]))?;
    let mut fields = entry.fields.clone();
    fields[7] = fold::command("", entry.program(), &entry.arguments(), false);
    fields[index] = value.to_owned();
    single(&fields.join(" ")).ok_or_else(|| "bad field count".to_owned())
}

/// Sets or removes a `-o` setting; a new one goes behind the last option.
fn with_setting(entry: &Entry, name: &str, value: Option<&str>) -> Result<Entry, String> {
    let mut arguments = entry.arguments();
    let same = |a: &Argument| matches!(a, Argument::Override(n, _) if n == name);
    let first = arguments.iter().position(same);
    arguments.retain(|a| !same(a));
    if let Some(value) = value {
        let is_option = |a: &&Argument| matches!(a, Argument::Override(..)) || matches!(a, Argument::Word(w) if master_cf::is_option(w));
        let options = arguments.iter().take_while(is_option).count();
        let at = first.unwrap_or(options);
        arguments.insert(at, Argument::Override(name.to_owned(), value.to_owned()));
    }
    let mut fields = entry.fields.clone();
    fields[7] = fold::command("", entry.program(), &arguments, false);
    single(&fields.join(" ")).ok_or_else(|| "bad field count".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# comment\nsmtp inet n - y - - smtpd\n  -o a=b\n# inner\n  -o myhostname=x\n\n# between\nsub inet n - y - - smtpd\n  -o {c = d e}\n  -v\n# trailing\nlx unix - - n - - lmtp -v";

    fn after(mode: char, letter: char, words: &[&str]) -> String {
        let edits: Vec<Edit> = words.iter().map(|w| Edit::parse(mode, letter, w).unwrap()).collect();
        String::from_utf8(apply(Path::new("master.cf"), TEXT.as_bytes(), &edits).unwrap().0).unwrap()
    }

    #[test]
    fn whole_entries() {
        let removed = after('M', 'X', &["smtp/inet"]);
        assert!(removed.starts_with("# comment\n# inner\n\n# between\nsub inet"), "{removed}");
        let commented = after('M', '#', &["smtp/inet"]);
        assert!(commented.starts_with("# comment\n#smtp inet n - y - - smtpd\n#  -o a=b\n# inner\n#  -o myhostname=x\n\n"), "{commented}");
        let new = after('M', 'e', &["new/unix=new unix - - n - - smtp -o { q = r s }"]);
        assert!(new.ends_with("lmtp -v\nnew        unix  -       -       n       -       -       smtp\n    -o {q=r s}\n"), "{new}");
        assert_eq!(Edit::parse('M', 'e', "new=x").unwrap_err(), "-Me, -MX or -M# requires service_name/type");
        assert_eq!(Edit::parse('M', 'e', "n/unix=n unix - - n smtp").unwrap_err().split(" (").next(), Some("bad field count: \"n/unix=n unix - - n smtp\""));
    }

    #[test]
    fn fields_and_settings() {
        let text = after('F', 'e', &["smtp/inet/chroot=n"]);
        let entry =
            "# comment\n# inner\n\n# between\nsmtp       inet  n       -       n       -       -       smtpd\n    -o a=b\n    -o myhostname=x\nsub inet";
        assert!(text.contains(entry), "{text}");
        assert!(
            after('P', 'e', &["sub/inet/new=v"])
                .contains("# trailing\nsub        inet  n       -       y       -       -       smtpd\n    -o {c=d e}\n    -v\n    -o new=v\nlx unix")
        );
        assert!(after('P', 'e', &["lx/unix/new=v w"]).ends_with("lmtp -v\n    -o {new=v w}\n"));
        assert!(after('P', 'X', &["sub/inet/c"]).contains("# trailing\nsub        inet  n       -       y       -       -       smtpd -v\nlx"));
        let (_, warnings) = apply(Path::new("f"), TEXT.as_bytes(), &[Edit::parse('P', 'e', "nosuch/inet/a=1").unwrap()]).unwrap();
        assert_eq!(warnings, ["unmatched service_name/type: \"nosuch/inet/a=1\""]);
        assert!(apply(Path::new("f"), TEXT.as_bytes(), &[Edit::parse('F', 'e', "*/inet/chroot=q").unwrap()]).unwrap_err().contains("chroot"));
        assert!(Edit::parse('F', 'e', "smtp/inet/nosuch=n").is_err());
    }

    #[test]
    fn an_entry_that_cannot_be_read() {
        let apply = |mode, letter, word: &str| {
            let (new, _) = apply(Path::new("master.cf"), b"# c\nsmtp inet n - y x - smtpd\n", &[Edit::parse(mode, letter, word).unwrap()])?;
            Ok::<String, String>(String::from_utf8(new).unwrap())
        };
        let e = apply('F', 'e', "smtp/inet/chroot=n").unwrap_err();
        assert!(e.starts_with("invalid wakeup field \"x\" in \"smtp inet n - y x - smtpd\" (master.cf, line 2: "), "{e}");
        assert_eq!(apply('F', 'e', "smtp/unix/chroot=n").unwrap(), "# c\nsmtp inet n - y x - smtpd\n");
        assert_eq!(apply('M', 'X', "smtp/inet").unwrap(), "# c\n");
        assert!(apply('M', 'e', "smtp/inet=smtp inet n - n - - smtpd").unwrap().ends_with("n       -       -       smtpd\n"));
    }
}
