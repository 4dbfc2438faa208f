use std::path::Path;

/// A block of a test's data: `=== TITLE`, then lines up to the next. Lines before the first block are for the reader.
pub fn blocks(file: &Path) -> Vec<(String, Vec<String>)> {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut out: Vec<(String, Vec<String>)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("=== "), out.last_mut()) {
            (Some(title), _) => out.push((title.to_owned(), Vec::new())),
            (None, Some((_, lines))) => lines.push(line.to_owned()),
            (None, None) => {}
        }
    }
    for (_, lines) in &mut out {
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
    }
    out
}

/// `\r \n \0 \t \\ \xHH`, `\*N{text}` for N times text, and `\c` for no line end; other text as it is. Gives the bytes of one line.
pub fn unescape_line(line: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let open = line.strip_suffix("\\c");
    unescape(open.unwrap_or(line), &mut out);
    if open.is_none() {
        out.push(b'\n');
    }
    out
}

fn unescape(mut text: &str, out: &mut Vec<u8>) {
    while let Some(at) = text.find('\\') {
        out.extend_from_slice(&text.as_bytes()[..at]);
        let rest = &text[at + 1..];
        let used = match rest.as_bytes().first() {
            Some(b'*') => repeat(rest, out),
            Some(b'x') => {
                out.push(u8::from_str_radix(&rest[1..3], 16).expect("two hexadecimal digits"));
                3
            }
            Some(b'r') => one(b'\r', out),
            Some(b'n') => one(b'\n', out),
            Some(b'0') => one(0, out),
            Some(b't') => one(b'\t', out),
            Some(b'\\') => one(b'\\', out),
            other => panic!("no such escape: {other:?} in {text}"),
        };
        text = &rest[used..];
    }
    out.extend_from_slice(text.as_bytes());
}

fn one(byte: u8, out: &mut Vec<u8>) -> usize {
    out.push(byte);
    1
}

/// `*N{text}`; the text may hold further ones.
fn repeat(text: &str, out: &mut Vec<u8>) -> usize {
    let open = text.find('{').expect("a brace");
    let mut depth = 0;
    let close = text.bytes().position(|b| {
        depth += i32::from(b == b'{') - i32::from(b == b'}');
        b == b'}' && depth == 0
    });
    let close = close.expect("a closing brace");
    let mut piece = Vec::new();
    unescape(&text[open + 1..close], &mut piece);
    let times: usize = text[1..open].parse().expect("a number");
    out.extend(piece.repeat(times));
    close + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        assert_eq!(unescape_line("a\\r\\x41\\\\"), b"a\rA\\\n");
        assert_eq!(unescape_line("\\*2{x\\*3{y}\\n}\\c"), b"xyyy\nxyyy\n");
    }
}
