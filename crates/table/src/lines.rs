/// A logical line: a line and those after it that begin with a blank. Comments and empty lines are gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of its first line, from 1.
    pub number: usize,
    /// The text, blanks at the end removed. It may begin with a blank when the file begins with a continuation.
    pub text: String,
    /// The text was not UTF-8 and has replacement characters in it.
    pub damaged: bool,
}

/// Reads the logical lines of a table's text.
pub fn logical_lines(text: &[u8]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for (i, raw) in text.split(|&b| b == b'\n').enumerate() {
        let Some(first) = raw.iter().find(|b| !b.is_ascii_whitespace()) else { continue };
        if *first == b'#' {
            continue;
        }
        let part = String::from_utf8_lossy(raw);
        let damaged = matches!(part, std::borrow::Cow::Owned(_));
        let continues = raw.first().is_some_and(u8::is_ascii_whitespace);
        match lines.last_mut() {
            Some(last) if continues => {
                last.text.push_str(&part);
                last.damaged |= damaged;
            }
            _ => lines.push(Line { number: i + 1, text: part.into_owned(), damaged }),
        }
    }
    for line in &mut lines {
        line.text.truncate(line.text.trim_end_matches(|c: char| c.is_ascii_whitespace()).len());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuation_passes_comments() {
        let got: Vec<_> = logical_lines(b"d e\n  f g\n# in between\n\n  h \nE\tx\n").into_iter().map(|l| (l.number, l.text)).collect();
        assert_eq!(got, [(1, "d e  f g  h".to_owned()), (6, "E\tx".to_owned())]);
    }

    #[test]
    fn bad_bytes_are_marked() {
        let got = logical_lines(b"a \xff\nb c");
        assert!(got[0].damaged && !got[1].damaged);
    }
}
