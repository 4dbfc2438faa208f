//! Pages of programs: section 1 for commands, 8 for daemons.

use std::path::Path;

use base::getopt::{Opt, Value};

use crate::commands::{COMMANDS, Command, MASTER, of_postfix, of_tls};
use crate::header::Header;
use crate::parameters::sentence;
use crate::roff::{Page, bold, italic, references};
use crate::{File, files_in, page, read};

/// Rooms whose binaries are no part of the mail system.
const APART: [&str; 2] = ["man", "tests"];

/// A page for each program, and one that points to it for each of its other names.
pub(crate) fn pages(source: &Path) -> Result<Vec<File>, String> {
    let mut pages = vec![tls_page()];
    for (room, path) in sources(source)? {
        let header = Header::parse(&read(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        let section = if room == "tools" { 1 } else { 8 };
        pages.push(page(&header.names[0], section, text(&header, section)));
        let pointer = format!(".so man{section}/{}.{section}\n", header.names[0]);
        pages.extend(header.names[1..].iter().map(|name| page(name, section, pointer.clone())));
    }
    Ok(pages)
}

/// The sources of binaries, by room.
fn sources(source: &Path) -> Result<Vec<(String, std::path::PathBuf)>, String> {
    let mut out = Vec::new();
    let rooms = std::fs::read_dir(source).map_err(|e| format!("{}: {e}", source.display()))?;
    for room in rooms.flatten().filter(|r| r.path().join("src/bin").is_dir()) {
        let name = room.file_name().to_string_lossy().into_owned();
        if !APART.contains(&name.as_str()) {
            out.extend(files_in(&room.path().join("src/bin"), "rs")?.into_iter().map(|p| (name.clone(), p)));
        }
    }
    out.sort();
    Ok(out)
}

fn text(header: &Header, section: u8) -> String {
    let mut page = Page::new(&header.names, section, &header.purpose);
    let command = |name: &str| COMMANDS.iter().chain([&MASTER]).find(|c| c.name == name);
    let commands: Vec<&Command> = header.names.iter().filter_map(|n| command(n)).collect();
    page.heading("SYNOPSIS");
    for name in &header.names {
        match command(name) {
            Some(command) => page.form(&synopsis(command)),
            None => page.form(&format!("{} [generic options of master(5)]", bold(name))),
        }
    }
    page.heading("DESCRIPTION");
    page.paragraph(&header.paragraphs.first().cloned().unwrap_or_else(|| format!("{}(8): {}.", header.names[0], header.purpose)));
    header.paragraphs.iter().skip(1).for_each(|p| page.paragraph(p));
    let options: Vec<&Opt> = commands.iter().flat_map(|c| c.options).collect();
    if !options.is_empty() {
        page.heading("OPTIONS");
        options.iter().for_each(|o| page.item(&term(o), o.doc));
    }
    if header.names[0] == "postfix" {
        page.heading("COMMANDS");
        of_postfix().iter().for_each(|(name, doc)| page.item(&bold(name), doc));
    }
    if !header.facts.is_empty() {
        page.heading("FILES AND RIGHTS");
        header.facts.iter().for_each(|(label, fact)| page.item(label, fact));
    }
    if !header.exit.is_empty() {
        page.heading("EXIT STATUS");
        page.paragraph(&header.exit);
    }
    parameters(&mut page, &header.names);
    if !header.standards.is_empty() {
        page.heading("STANDARDS");
        page.paragraph(&header.standards);
    }
    let all = [header.paragraphs.join(" "), header.facts.iter().map(|(_, f)| f.as_str()).collect::<Vec<_>>().join(" "), header.exit.clone()].join(" ");
    let own: Vec<String> = header.names.iter().map(|n| format!("{n}({section})")).collect();
    see_also(&mut page, &all, &own, if section == 8 { &["master(5)", "master(8)"] } else { &[] });
    page.finish()
}

/// `postqueue [-fjpv] [-c config_dir]`.
fn synopsis(command: &Command) -> String {
    let mut parts = vec![bold(command.name)];
    let flags: String = command.options.iter().filter(|o| o.value == Value::None).map(|o| o.letter).collect();
    if !flags.is_empty() {
        parts.push(format!("[{}]", bold(&format!("-{flags}"))));
    }
    let valued = command.options.iter().filter_map(|o| o.value.name().map(|value| (o.letter, value)));
    parts.extend(valued.map(|(letter, value)| format!("[{} {}]", bold(&format!("-{letter}")), italic(value))));
    if !command.operands.is_empty() {
        parts.push(italic(command.operands));
    }
    parts.join(" ")
}

/// `-c config_dir`.
fn term(option: &Opt) -> String {
    let letter = bold(&format!("-{}", option.letter));
    match option.value.name() {
        Some(value) => format!("{letter} {}", italic(value)),
        None => letter,
    }
}

/// The parameters that name the program among their readers.
fn parameters(page: &mut Page, names: &[String]) {
    let reads = |d: &params::Decl| d.readers.split(' ').any(|r| names.iter().any(|n| n == r));
    let read: Vec<&params::Decl> = params::all().iter().copied().filter(|d| reads(d) && d.standing() == params::Standing::Current).collect();
    page.heading("CONFIGURATION PARAMETERS");
    if read.is_empty() {
        page.paragraph("The parameters that all programs read: see postconf(5).");
        return;
    }
    page.paragraph("Changes of `main.cf` take effect as processes end and are replaced; `postfix reload` hastens that. postconf(5) says more about each of these parameters, and about those that all programs read.");
    for decl in read {
        page.item(&crate::parameters::term(decl), &sentence(decl));
    }
}

fn see_also(page: &mut Page, text: &str, own: &[String], more: &[&str]) {
    let mut names = references(text);
    names.extend(more.iter().map(|s| (*s).to_owned()));
    names.push("postconf(5)".to_owned());
    names.retain(|n| !own.contains(n));
    names.sort_by_key(|n| (n.chars().rev().nth(1), n.clone()));
    names.dedup();
    page.heading("SEE ALSO");
    page.paragraph(&names.join(", "));
}

fn tls_page() -> File {
    let mut page = Page::new(&["postfix-tls".to_owned()], 1, "TLS for the mail system: keys and certificates made, and put to use");
    page.heading("SYNOPSIS");
    for s in of_tls() {
        page.form(format!("{} {} {}", bold("postfix tls"), bold(s.name), italic(s.usage)).trim_end());
    }
    page.heading("DESCRIPTION");
    page.paragraph("Turns opportunistic TLS on, and looks after the key and the certificate of smtpd(8). Keys and certificates are made by openssl(1), under names with the time, in the configuration directory; nothing is overwritten. A self-signed certificate is enough for mail between servers: they encrypt without checking it, or check it by TLSA records. For submission by users, get one from an authority with `output-server-csr`.");
    page.heading("COMMANDS");
    for s in of_tls() {
        page.item(&format!("{} {}", bold(s.name), italic(s.usage)), s.doc);
        s.options.iter().for_each(|o| page.item_goes_on(&format!("`-{}` {}: {}", o.letter, o.value.name().unwrap_or_default(), o.doc)));
    }
    page.heading("EXIT STATUS");
    page.paragraph("0, or 1 with a message; `all-default-client` and `all-default-server` answer with it.");
    page.heading("STANDARDS");
    page.paragraph("RFC 3207 (STARTTLS), RFC 6698 and RFC 7672 (TLSA records).");
    page.heading("SEE ALSO");
    page.paragraph("postfix(1), openssl(1), postconf(5), smtp(8), smtpd(8)");
    crate::page("postfix-tls", 1, page.finish())
}
