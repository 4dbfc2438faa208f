//! How lines are written: blanks made single, and with -f broken before column 80.

use config::master_cf::{Argument, Entry};

const WIDTH: usize = 80;
/// Entries of master.cf leave the last column free.
const ENTRY_WIDTH: usize = WIDTH - 1;
const INDENT: &str = "    ";

/// `name = value`, or what is asked for of it, on one line or folded.
pub fn text_line(text: &str, fold: bool) -> String {
    let mut line = Line::new(fold);
    text.split_ascii_whitespace().for_each(|word| line.word(word));
    line.out
}

/// An entry of master.cf, in columns.
pub fn entry(entry: &Entry, arguments: &[Argument], fold: bool) -> String {
    let mut line = Line::new(fold);
    for (field, column) in entry.fields.iter().zip(COLUMNS) {
        line.column(field, column);
    }
    line.arguments(arguments);
    line.out
}

/// `service/type/command = program arguments`.
pub fn command(before: &str, program: &str, arguments: &[Argument], fold: bool) -> String {
    let mut line = Line::new(fold);
    before.split_ascii_whitespace().chain([program]).for_each(|word| line.word(word));
    line.arguments(arguments);
    line.out
}

/// A setting as it stands behind `-o`: in braces when there are blanks in it.
fn setting(text: &str) -> String {
    if text.contains(|c: char| c.is_ascii_whitespace()) { format!("{{{text}}}") } else { text.to_owned() }
}

/// Another argument: in braces when there are blanks in it that no braces of its own keep.
fn argument(text: &str) -> String {
    let mut depth = 0usize;
    let falls_apart = text.chars().any(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_ascii_whitespace()
    });
    if falls_apart { setting(text) } else { text.to_owned() }
}

/// Where the columns of an entry begin.
const COLUMNS: [usize; 8] = [0, 11, 17, 25, 33, 41, 49, 57];

/// Columns are bytes, as for postfix.
fn width(text: &str) -> usize {
    base::eightbit::bytes(text).len()
}

struct Line {
    out: String,
    column: usize,
    width: usize,
    fold: bool,
}

impl Line {
    fn new(fold: bool) -> Line {
        Line { out: String::new(), column: 0, width: WIDTH, fold }
    }

    fn word(&mut self, word: &str) {
        if self.column > 0 {
            if self.fold && self.column + 1 + width(word) > self.width {
                self.break_line();
            } else {
                self.push(" ");
            }
        }
        self.push(word);
    }

    fn column(&mut self, field: &str, start: usize) {
        if self.column > 0 {
            self.push(" ");
        }
        while self.column < start {
            self.push(" ");
        }
        self.push(field);
    }

    /// Each `-o name=value` has a line of its own when lines are folded.
    fn arguments(&mut self, arguments: &[Argument]) {
        self.width = ENTRY_WIDTH;
        let mut after_override = false;
        // Behind the first word that is no option, -o means what the program makes of it.
        let mut options = true;
        let mut rest = arguments;
        while let Some((first, more)) = rest.split_first() {
            rest = more;
            let (text, is_override) = match (first, more) {
                (Argument::Override(name, value), _) => (format!("-o {}", setting(&format!("{name}={value}"))), true),
                // One that is no setting still belongs to its -o.
                (Argument::Word(o), [Argument::Word(text), more @ ..]) if options && o == "-o" => {
                    rest = more;
                    (format!("-o {}", setting(text)), true)
                }
                (Argument::Word(text), _) => {
                    options &= text.starts_with('-') && text != "-" && text != "--";
                    (argument(text), false)
                }
            };
            if self.fold && (is_override || after_override) {
                self.break_line();
                self.push(&text);
            } else {
                self.word(&text);
            }
            after_override = is_override;
        }
    }

    fn break_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.push(INDENT);
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += width(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::master_cf;
    use std::path::Path;

    fn read(text: &str) -> Entry {
        master_cf::entries(Path::new("master.cf"), text, |_, _| {}).unwrap().remove(0)
    }

    #[test]
    fn lines() {
        assert_eq!(text_line("a =   b  \t c", false), "a = b c");
        assert_eq!(text_line("a =", true), "a =");
        let latin = base::eightbit::text(&[b'\xe9'; 70]).into_owned();
        assert!(!text_line(&format!("{latin} 345678901"), true).contains('\n'));
        let seventy = "x".repeat(70);
        assert_eq!(text_line(&format!("{seventy} 345678901 b"), true), format!("{seventy} 345678901\n    b"));
        assert_eq!(text_line(&format!("{seventy} 3456789012"), true), format!("{seventy}\n    3456789012"));
    }

    #[test]
    fn entries() {
        let s = read("postlog unix-dgram n - n - 1 postlogd\n");
        assert_eq!(entry(&s, &s.arguments(), false), "postlog    unix-dgram n  -       n       -       1       postlogd");
        let s = read("sub inet n - y - - smtpd -v -o a=b\n  -o { c = d e } -x\n");
        assert_eq!(entry(&s, &s.arguments(), false), "sub        inet  n       -       y       -       -       smtpd -v -o a=b -o {c=d e} -x");
        let folded = "sub        inet  n       -       y       -       -       smtpd -v\n    -o a=b\n    -o {c=d e}\n    -x";
        assert_eq!(entry(&s, &s.arguments(), true), folded);
        assert_eq!(command("sub/inet/command =", s.program(), &s.arguments(), false), "sub/inet/command = smtpd -v -o a=b -o {c=d e} -x");
    }
}
