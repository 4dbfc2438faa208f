use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::sync::Arc;

use base::eightbit;
use table::{Context, Table, values};

use super::keys;
use super::{Job, Target};

/// Shows the value of a key in the first table that has it. False: none has.
pub(crate) fn query(job: &Job<'_>, targets: &[Target<'_>], key: &str) -> bool {
    for target in targets {
        if let Some(value) = ask(job, &*open(job, target), &base::eightbit::bytes(key), true) {
            print(&mut io::stdout().lock(), eightbit::into_bytes(if job.switches.json { json(key, &value) } else { format!("{value}\n") }));
            return true;
        }
    }
    false
}

/// Shows key and value for each key that standard input names, or for each part of the message there. False: nothing was found.
pub(crate) fn query_stdin(job: &Job<'_>, targets: &[Target<'_>]) -> bool {
    let tables: Vec<_> = targets.iter().map(|t| open(job, t)).collect();
    let of_message = job.switches.headers || job.switches.body;
    let checked = !of_message || job.switches.utf8;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut found = false;
    let mut each = |key: &[u8]| {
        if let Some(value) = tables.iter().find_map(|t| ask(job, &**t, key, checked)) {
            found = true;
            print(&mut out, entry(job, key, &value));
        }
    };
    let mut stdin = io::stdin().lock();
    let read = if of_message { keys::message(&mut stdin, &job.switches, &mut each) } else { keys::lines(&mut stdin, &mut each) };
    read.and_then(|()| out.flush()).unwrap_or_else(|e| maillog::fatal(format_args!("read stdin: {}", table::errno_text(&e))));
    found
}

/// Shows all entries of a table.
pub(crate) fn list(job: &Job<'_>, target: &Target<'_>) {
    if target.kind == "proxy" {
        maillog::fatal("can't sequence maps via the proxy service");
    }
    let table = open(job, target);
    let entries = match table.entries() {
        Some(Ok(entries)) => entries,
        Some(Err(e)) => maillog::fatal(format_args!("table {}: sequence error: {}", table.name(), e.cause)),
        None => maillog::fatal(format_args!("table {}: sequence operation is not supported", table.name())),
    };
    let mut out = BufWriter::new(io::stdout().lock());
    for (key, value) in entries {
        // What is wrong with one value has been told.
        if let Ok(value) = plain(job, table.name(), &key, value) {
            print(&mut out, entry(job, &eightbit::bytes(&key), &value));
        }
    }
    print(&mut out, b"");
}

/// The lines of standard input.
pub(crate) fn stdin_lines() -> Vec<String> {
    let mut all = Vec::new();
    let read = keys::lines(&mut io::stdin().lock(), |line| all.push(String::from_utf8_lossy(line).into_owned()));
    read.unwrap_or_else(|e| maillog::fatal(format_args!("read stdin: {}", table::errno_text(&e))));
    all
}

fn open(job: &Job<'_>, target: &Target<'_>) -> Arc<dyn Table> {
    let context = Context { strict: true, ..Context::of(job.conf, job.flags()) };
    table::open_table(&format!("{}:{}", target.kind, target.path), &context).unwrap_or_else(|e| super::cannot_open(&e))
}

/// Asks a table. A key that is not UTF-8 is in no table, where texts are UTF-8 and keys are checked.
fn ask(job: &Job<'_>, table: &dyn Table, key: &[u8], checked: bool) -> Option<String> {
    let utf8 = job.flags().utf8;
    let text = table::text_of(key, utf8);
    if checked && utf8 && matches!(text, std::borrow::Cow::Owned(_)) {
        let shown = text.replace(char::REPLACEMENT_CHARACTER, "?");
        maillog::warning!("{}: non-UTF-8 key \"{shown}\": malformed UTF-8 or invalid codepoint", table.name());
        return None;
    }
    let value = table.lookup(&text).unwrap_or_else(|e| maillog::fatal(format_args!("table {}: query error: {}", table.name(), e.cause)))?;
    if value.is_empty() {
        maillog::warning!("table {}: key {text}: empty string result is not allowed", table.name());
        maillog::warning!("table {} should return NO RESULT in case of NOT FOUND", table.name());
    }
    Some(plain(job, table.name(), &text, value).unwrap_or_else(|_| maillog::fatal(format_args!("table {}: query error", table.name()))))
}

/// A value as it is shown: with -F the contents of the files.
fn plain(job: &Job<'_>, table: &str, key: &str, value: String) -> Result<String, String> {
    if !job.switches.files {
        return Ok(value);
    }
    values::decode(&value).inspect_err(|why| maillog::warning!("table {table}: key {key}: {why}"))
}

fn entry(job: &Job<'_>, key: &[u8], value: &str) -> Vec<u8> {
    match job.switches.json {
        true => json(&String::from_utf8_lossy(key), value).into_bytes(),
        false => [key, job.program.separator.as_bytes(), &eightbit::bytes(value), b"\n"].concat(),
    }
}

fn print(out: &mut dyn Write, text: impl AsRef<[u8]>) {
    if let Err(e) = out.write_all(text.as_ref()) {
        maillog::fatal(format_args!("write error: {}", table::errno_text(&e)));
    }
}

/// One line.
fn json(key: &str, value: &str) -> String {
    format!("{{\"{}\": \"{}\"}}\n", escaped(key), escaped(value))
}

/// RFC 8259 7.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // Writing to a text never fails.
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c)),
            c => write!(out, "{c}"),
        };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes() {
        assert_eq!(json("a\"b", "c\\\n\u{1}"), "{\"a\\\"b\": \"c\\\\\\n\\u0001\"}\n");
    }
}
