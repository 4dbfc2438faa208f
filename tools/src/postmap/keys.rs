//! Where the keys of `-q -` come from: the lines of standard input, or the headers and body lines of a message there.

use std::io::BufRead;

use message::{Line, Mime, MimeLimits, Section, name_length};

use super::Switches;

/// Gives each line of a text, without its newline.
///
/// # Errors
/// The text could not be read.
pub(crate) fn lines(input: &mut dyn BufRead, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        take(line.strip_suffix(b"\n").unwrap_or(&line));
        line.clear();
    }
    Ok(())
}

/// Gives the headers of a message (`-h`: a folded one whole, with its newlines) and the lines of its body (`-b`).
///
/// The empty line after the headers belongs to the body. Without `-m` the body is everything behind the first headers; with it, headers of
/// parts and of attached messages are headers.
///
/// # Errors
/// The message could not be read.
pub(crate) fn message(input: &mut dyn BufRead, switches: &Switches, mut take: impl FnMut(&[u8])) -> std::io::Result<()> {
    let mut mime = Mime::new(MimeLimits::default());
    let mut header: Option<Vec<u8>> = None;
    let mut in_body = false;
    lines(input, |text| {
        let line = if in_body { Line::Body { bare: None } } else { mime.line(text, true) };
        if let (Line::Fold(_), Some(header)) = (line, &mut header) {
            header.push(b'\n');
            header.extend_from_slice(text);
            return;
        }
        if let Some(done) = header.take().filter(|_| switches.headers) {
            take(&done);
        }
        if matches!(line, Line::Header(_)) {
            header = Some(normal(text));
            return;
        }
        in_body |= !switches.mime && matches!(line, Line::Blank(Section::Message) | Line::Body { bare: Some(Section::Message) });
        if switches.body {
            if matches!(line, Line::Body { bare: Some(_) }) {
                take(b"");
            }
            take(text);
        }
    })?;
    if let Some(done) = header.filter(|_| switches.headers) {
        take(&done);
    }
    Ok(())
}

/// A header without blanks between its name and the colon.
fn normal(text: &[u8]) -> Vec<u8> {
    let name = text.get(..name_length(text).unwrap_or(0)).unwrap_or_default();
    let rest = text.get(name.len()..).unwrap_or_default();
    [name, rest.trim_ascii_start()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str, letters: &str) -> Vec<String> {
        let switches = Switches { headers: letters.contains('h'), body: letters.contains('b'), mime: letters.contains('m'), ..Switches::default() };
        let mut all = Vec::new();
        message(&mut text.as_bytes(), &switches, |key| all.push(String::from_utf8_lossy(key).into_owned())).expect("reads");
        all
    }

    #[test]
    fn headers_and_bodies() {
        let message = "From: a\nSubject : x\n y\nTo: c\n\nbody\n\nb: c\n";
        assert_eq!(keys(message, "h"), ["From: a", "Subject: x\n y", "To: c"]);
        assert_eq!(keys(message, "b"), ["", "body", "", "b: c"]);
        assert_eq!(keys("no header\nb: c\n", "hb"), ["", "no header", "b: c"]);
        assert_eq!(keys("a: b\nno header\n", "hb"), ["a: b", "", "no header"]);
    }

    #[test]
    fn parts() {
        let message = "Content-Type: multipart/mixed; boundary=x\n\n--x\nA: b\n\none\n--x\nContent-Type: message/rfc822\n\nC: d\n\ntwo\n--x--\n";
        assert_eq!(keys(message, "hm"), ["Content-Type: multipart/mixed; boundary=x", "A: b", "Content-Type: message/rfc822", "C: d"]);
        assert_eq!(keys(message, "bm"), ["", "--x", "", "one", "--x", "", "", "two", "--x--"]);
    }
}
