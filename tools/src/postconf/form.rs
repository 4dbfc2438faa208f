//! Which columns of an entry postconf(1) takes. It is easier to please than master(8): what has the right form is shown and edited, whether it can run or not.

use config::master_cf::{Entry, Kind};

use super::master::FIELDS;

/// Says what is wrong with a column of an entry, in postfix's words, and what to do.
///
/// # Errors
/// `invalid wakeup field "x" in "smtp unix - - n x - smtp" (master.cf, line 3: write ...)`.
pub(super) fn check(entry: &Entry) -> Result<(), String> {
    for (index, field) in entry.fields.iter().enumerate() {
        fits(index, field).map_err(|remedy| {
            let place = if entry.file.as_os_str().is_empty() { String::new() } else { format!("{}, line {}: ", entry.file.display(), entry.line) };
            format!("invalid {} field \"{field}\" in \"{}\" ({place}{remedy})", FIELDS[index], entry.text)
        })?;
    }
    Ok(())
}

/// Whether a text may stand in a column.
///
/// # Errors
/// What to write instead.
pub(super) fn fits(index: usize, field: &str) -> Result<(), &'static str> {
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let (good, remedy) = match FIELDS.get(index) {
        Some(&"type") => (Kind::parse(field).is_some(), "write inet, unix, fifo, unix-dgram or pass"),
        Some(&("private" | "unprivileged" | "chroot")) => (matches!(field, "y" | "n" | "-"), "write y, n or -"),
        Some(&"wakeup") => (
            field == "-" || is_number(field.strip_suffix('?').unwrap_or(field)),
            "write a number of seconds, with ? behind it if only a used service is to be woken, or -",
        ),
        Some(&"process_limit") => (field == "-" || is_number(field), "write a number, 0 for no limit, or -"),
        _ => (true, ""),
    };
    if good && !field.is_empty() { Ok(()) } else { Err(if field.is_empty() { "write - for the default" } else { remedy }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_debian_shows_and_what_not() {
        for (index, good, bad) in [
            (0, &["smtp", "../a", "70000"][..], &[""][..]),
            (1, &["inet", "unix-dgram"], &["tcp", "INET", ""]),
            (2, &["-", "y", "n"], &["q", "Y"]),
            (5, &["-", "60", "1?", "?", "99999999999"], &["x", "1??", "-1"]),
            (6, &["-", "0", "99999999999"], &["x", "-1"]),
            (7, &["smtp", "../smtp", "-"], &[""]),
        ] {
            assert!(good.iter().all(|f| fits(index, f).is_ok()) && bad.iter().all(|f| fits(index, f).is_err()), "{index}");
        }
    }
}
