use std::fmt::Write as _;
use std::io::{BufRead, Write};
use std::sync::Arc;

use table::{Context, Table};

use super::encoded;
use super::{Job, Target};

/// Shows the value of a key in the first table that has it. False: none has.
pub(crate) fn query(job: &Job<'_>, targets: &[Target<'_>], key: &str) -> bool {
    for target in targets {
        if let Some(value) = ask(job, &*open(job, target), key) {
            let shown = if job.switches.json { json(key, &value) } else { value };
            print(&format!("{shown}\n"));
            return true;
        }
    }
    false
}

/// Shows key and value for each key that standard input names, or for each part of the message there. False: nothing was found.
pub(crate) fn query_stdin(job: &Job<'_>, targets: &[Target<'_>]) -> bool {
    let tables: Vec<_> = targets.iter().map(|t| open(job, t)).collect();
    let keys = if job.switches.headers || job.switches.body { message_keys(job) } else { stdin_lines() };
    let (mut found, mut out) = (false, String::new());
    for key in keys {
        if let Some(value) = tables.iter().find_map(|t| ask(job, &**t, &key)) {
            found = true;
            show(job, &mut out, &key, &value, "\t");
        }
    }
    print(&out);
    found
}

/// Shows all entries of a table.
pub(crate) fn list(job: &Job<'_>, target: &Target<'_>) {
    let table = open(job, target);
    let separator = if job.program.name == "postalias" { ":\t" } else { "\t" };
    let entries = match table.entries() {
        Some(Ok(entries)) => entries,
        Some(Err(e)) => maillog::fatal(format_args!("table {}: sequence error: {}", table.name(), e.cause)),
        None => maillog::fatal(format_args!("table {}: sequence operation is not supported", table.name())),
    };
    let mut out = String::new();
    for (key, value) in entries {
        let value = plain(job, table.name(), value);
        show(job, &mut out, &key, &value, separator);
    }
    print(&out);
}

/// The lines of standard input.
pub(crate) fn stdin_lines() -> Vec<String> {
    let read = |line: std::io::Result<Vec<u8>>| line.map(|l| String::from_utf8_lossy(&l).into_owned());
    std::io::stdin().lock().split(b'\n').map(read).collect::<Result<_, _>>().unwrap_or_else(|e| maillog::fatal(format_args!("read stdin: {e}")))
}

fn open(job: &Job<'_>, target: &Target<'_>) -> Arc<dyn Table> {
    let proxied = job.conf.lookup("proxy_read_maps").unwrap_or_default();
    let context = Context { flags: job.flags(), proxied: &proxied, conf: Some(job.conf), depth: 0, strict: true };
    table::open_table(&format!("{}:{}", target.kind, target.path), &context).unwrap_or_else(|e| maillog::fatal(e))
}

fn ask(job: &Job<'_>, table: &dyn Table, key: &str) -> Option<String> {
    if key.is_empty() {
        return None;
    }
    match table.lookup(key) {
        Ok(value) => value.map(|v| plain(job, table.name(), v)),
        Err(e) => maillog::fatal(format_args!("table {}: query error: {}", table.name(), e.cause)),
    }
}

fn plain(job: &Job<'_>, table: &str, value: String) -> String {
    if !job.switches.files {
        return value;
    }
    encoded::decode(&value).unwrap_or_else(|e| maillog::fatal(format_args!("table {table}: {e}")))
}

fn show(job: &Job<'_>, out: &mut String, key: &str, value: &str, separator: &str) {
    // Writing to a text never fails.
    let _ = match job.switches.json {
        true => writeln!(out, "{}", json(key, value)),
        false => writeln!(out, "{key}{separator}{value}"),
    };
}

fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(e) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        maillog::fatal(format_args!("write error: {}", table::errno_text(&e)));
    }
}

fn json(key: &str, value: &str) -> String {
    format!("{{\"{}\": \"{}\"}}", escaped(key), escaped(value))
}

/// RFC 8259 7.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The headers and body lines of the message on standard input, as far as they are asked for.
fn message_keys(job: &Job<'_>) -> Vec<String> {
    if job.switches.mime {
        maillog::fatal("option -m: this version does not follow MIME structure; use -b and -h without it");
    }
    split_message(stdin_lines(), job.switches.headers, job.switches.body)
}

/// Folded headers are one key, joined by newlines. The header ends at the first line that cannot belong to it.
fn split_message(lines: Vec<String>, headers: bool, body: bool) -> Vec<String> {
    let mut lines = lines.into_iter().peekable();
    let mut keys: Vec<String> = Vec::new();
    let mut header: Option<String> = None;
    while let Some(line) = lines.next_if(|l| is_header_line(l, header.is_some())) {
        match &mut header {
            Some(text) if line.starts_with([' ', '\t']) => {
                text.push('\n');
                text.push_str(&line);
            }
            _ => keys.extend(header.replace(line)),
        }
    }
    keys.extend(header);
    if !headers {
        keys.clear();
    }
    if body {
        lines.next_if(|l| l.is_empty());
        keys.extend(lines);
    }
    keys
}

fn is_header_line(line: &str, continued: bool) -> bool {
    if line.starts_with([' ', '\t']) {
        return continued;
    }
    line.split_once(':').is_some_and(|(name, _)| !name.is_empty() && name.trim_end().bytes().all(|b| b.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let message = "From: a\nSubject: x\n y\nTo: c\n\nbody\n\nb: c\n";
        assert_eq!(split_message(lines(message), true, false), ["From: a", "Subject: x\n y", "To: c"]);
        assert_eq!(split_message(lines(message), false, true), ["body", "", "b: c"]);
    }

    #[test]
    fn json_escapes() {
        assert_eq!(json("a\"b", "c\\\n\u{1}"), "{\"a\\\"b\": \"c\\\\\\n\\u0001\"}");
    }
}
