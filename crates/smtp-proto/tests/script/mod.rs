//! Scripts of SMTP sessions. The format stands in `dialogs/00-greeting.txt`.

use std::path::{Path, PathBuf};

/// What a script asks for, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Bytes of the client, one write.
    Client(Vec<u8>),
    /// A line of the server.
    Server(String),
    /// The server closes.
    Eof,
    /// The client closes.
    Close,
    /// A line of the server's log.
    Log(String),
}

/// One session.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Parameters of main.cf.
    pub parameters: Vec<(String, String)>,
    /// Debian's postfix is too old for it.
    pub newer: bool,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Script {
    /// Reads a script; a line that is none is an error that names it.
    pub fn parse(text: &str) -> Result<Script, String> {
        let mut script = Script::default();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            match line.split_once(' ').unwrap_or((line, "")) {
                ("@", assignment) => {
                    let (name, value) = assignment.split_once('=').ok_or_else(|| format!("want name = value: {line}"))?;
                    script.parameters.push((name.trim().to_owned(), value.trim().to_owned()));
                }
                ("NEWER", _) => script.newer = true,
                ("C:" | "C>", _) => {
                    let mut bytes = client(line)?;
                    while let Some(next) = lines.next_if(|next| next.starts_with("C:")) {
                        bytes.extend(client(next)?);
                    }
                    script.steps.push(Step::Client(bytes));
                }
                ("S:", reply) => script.steps.push(Step::Server(reply.to_owned())),
                ("L:", text) => script.steps.push(Step::Log(text.to_owned())),
                ("EOF", _) => script.steps.push(Step::Eof),
                ("CLOSE", _) => script.steps.push(Step::Close),
                _ if line.starts_with('#') => {}
                _ => return Err(format!("no line of a script: {line}")),
            }
        }
        Ok(script)
    }
}

/// The scripts of a directory, in order.
pub fn scripts_in(directory: &Path) -> Vec<PathBuf> {
    // Scripts are files; the floor itself has none.
    #[allow(clippy::disallowed_methods)]
    let entries = std::fs::read_dir(directory).unwrap_or_else(|e| panic!("{}: {e}", directory.display()));
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    paths.sort();
    paths
}

fn client(line: &str) -> Result<Vec<u8>, String> {
    match line.strip_prefix("C:") {
        Some(text) => Ok(format!("{}\r\n", text.strip_prefix(' ').unwrap_or(text)).into_bytes()),
        None => raw(line.strip_prefix("C> ").unwrap_or_default()),
    }
}

/// `\r \n \t \0 \xNN \\`, and `\*N{text}` for N times a text.
fn raw(text: &str) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('r')) => out.push(b'\r'),
            ('\\', Some('n')) => out.push(b'\n'),
            ('\\', Some('t')) => out.push(b'\t'),
            ('\\', Some('0')) => out.push(0),
            ('\\', Some('x')) => {
                let digits: String = chars.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&digits, 16).map_err(|_| format!("want two hexadecimal digits: {text}"))?);
            }
            ('\\', Some('*')) => {
                let count: String = chars.by_ref().take_while(|c| *c != '{').collect();
                let inner: String = chars.by_ref().take_while(|c| *c != '}').collect();
                let count = count.parse::<usize>().map_err(|_| format!("want a number of repetitions: {text}"))?;
                out.extend(raw(&inner)?.repeat(count));
            }
            ('\\', other) => out.extend(other.map(|c| c as u8)),
            (c, _) => out.extend(c.to_string().bytes()),
        }
    }
    Ok(out)
}

/// `*` in what is wanted stands for any text without blanks.
pub fn matches(want: &str, got: &str) -> bool {
    match want.split_once('*') {
        None => want == got,
        Some((head, tail)) => match got.strip_prefix(head).and_then(|rest| rest.strip_suffix(tail)) {
            Some(middle) => !middle.is_empty() && !middle.contains(' '),
            None => want == got,
        },
    }
}
