//! postconf(5): every parameter, from its declaration.

use params::{Decl, Kind, Standing};

use crate::File;
use crate::commands::COMMANDS;
use crate::roff::{Page, bold, italic};

/// The page.
pub(crate) fn page() -> File {
    let mut page = Page::new(&["postconf".to_owned()], 5, "parameters of the mail system, in main.cf");
    page.heading("SYNOPSIS");
    page.form(&format!("{} {}", bold("postconf"), italic("parameter ...")));
    page.form(&format!("{} {}", bold("postconf"), italic("\"parameter = value\" ...")));
    page.heading("DESCRIPTION");
    INTRODUCTION.iter().for_each(|p| page.paragraph(p));
    for (title, standing) in
        [("PARAMETERS", Standing::Current), ("OLD NAMES", Standing::Old), ("PARAMETERS OF SERVICES", Standing::Form), ("REMOVED", Standing::Removed)]
    {
        page.heading(title);
        page.paragraph(about(standing));
        params::all().iter().filter(|d| d.standing() == standing).for_each(|d| entry(&mut page, d));
    }
    page.heading("SEE ALSO");
    page.paragraph("postconf(1), master(5), table_types(5), master(8)");
    crate::page("postconf", 5, page.finish())
}

const INTRODUCTION: [&str; 6] = [
    "`main.cf` holds settings, one a logical line: `name = value`. A line that begins with white space goes on with the one before it; empty lines and lines whose first character besides white space is `#` are passed over. The last setting of a name counts. Quotes have no meaning.",
    "In a value, `$name`, `${name}` and `$(name)` stand for the value of another parameter, set anywhere in the file. `${name?text}` and `${name?{text}}` give the text when the parameter is not empty, `${name:text}` and `${name:{text}}` when it is; `${name?{one}:{two}}` chooses. `${{left} == {right} ? {one} : {two}}` compares, with `==`, `!=`, `<`, `<=`, `>=` and `>`, and with `<=level` and its kin as levels of compatibility. `$$` is a dollar sign.",
    "A list is separated by blanks or commas; what stands in braces is one element. Where a list takes names of hosts or domains it takes `/file/name`, whose lines are elements, and `type:table` as well, and `!` in front of an element means that what matches it does not match the list.",
    "A number of time has a unit: `s`, `m`, `h`, `d` or `w`; without one, that which is given with each parameter.",
    "A setting can be changed for one service with `-o name=value` in master.cf: see master(5). `postconf -d` shows defaults, `postconf -n` what is set, `postconf -x` expands.",
    "Parameters are read when a process starts. After a change, `postfix reload` has running processes replaced as they become idle; `inet_interfaces` and `inet_protocols` want the mail system stopped and started.",
];

fn about(standing: Standing) -> &'static str {
    match standing {
        Standing::Current => "With the default of each.",
        Standing::Old => "Names of earlier versions, which are read when they are set.",
        Standing::Form => {
            "Each transport of master.cf has parameters of its own, whose names begin with its name in place of `transport`: `relay_destination_concurrency_limit`."
        }
        Standing::Removed => "No program reads these any more; a setting of one is reported.",
    }
}

/// A name and its default.
pub(crate) fn term(decl: &Decl) -> String {
    format!("{} (default: {})", bold(decl.name), italic(if decl.default().is_empty() { "empty" } else { decl.default() }))
}

fn entry(page: &mut Page, decl: &Decl) {
    page.item(&term(decl), params::manual(decl.name).unwrap_or(&sentence(decl)));
    page.item_goes_on(&facts(decl));
}

/// One sentence: the first of the manual's, or the declaration's. Of parameters that smtp(8) and lmtp(8) have in two, one is described.
pub(crate) fn sentence(decl: &Decl) -> String {
    let twin = decl.name.strip_prefix("lmtp_").map(|rest| format!("smtp_{rest}")).filter(|twin| params::find(twin).is_some());
    match twin {
        Some(twin) => format!("As `{twin}`, for lmtp(8)."),
        None => params::manual(decl.name).map_or_else(|| decl.doc.trim().replace('\\', ""), first_sentence),
    }
}

fn first_sentence(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split_once(". ").map_or(text.clone(), |(first, _)| format!("{first}."))
}

/// Type, range, readers, version, and whether it has an effect.
fn facts(decl: &Decl) -> String {
    let mut parts = vec![match decl.kind {
        Kind::Str => "Text".to_owned(),
        Kind::Bool => "`yes` or `no`".to_owned(),
        Kind::Int => "Number".to_owned(),
        Kind::Time => format!("Time, without a unit in {}", unit(decl)),
        Kind::List => "List".to_owned(),
    }];
    if let Some(words) = decl.allowed_words() {
        parts.push(format!("one of {}", words.split(' ').map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")));
    }
    parts.extend(range(decl));
    let mut out = parts.join(", ");
    let readers: Vec<String> = decl.readers.split(' ').filter(|r| !r.is_empty()).map(reader).collect();
    if decl.readers.split(' ').any(|r| r == "all") {
        out.push_str(". Read by all programs");
    } else if !readers.is_empty() {
        out.push_str(&format!(". Read by {}", readers.join(", ")));
    }
    match params::since(decl.name) {
        Some(version) => out.push_str(&format!(". Since postfix {version}.")),
        None => out.push_str(". Postfix does not have it."),
    }
    if let Some(inert) = decl.inert() {
        out.push_str(&format!(" In this version it {}.", inert.reason()));
    }
    out
}

fn unit(decl: &Decl) -> String {
    format!("{:?}", decl.unit).to_lowercase()
}

fn range(decl: &Decl) -> Option<String> {
    let number = matches!(decl.kind, Kind::Int | Kind::Time);
    let (low, high) = (decl.min > i64::MIN, decl.max < i64::from(i32::MAX));
    match (number, low, high) {
        (true, true, true) => Some(format!("from {} to {}", decl.min, decl.max)),
        (true, true, false) => Some(format!("at least {}", decl.min)),
        (true, false, true) => Some(format!("at most {}", decl.max)),
        (false, ..) if decl.min > 0 => Some("not empty".to_owned()),
        _ => None,
    }
}

/// A reader's page. Some readers are libraries and have none.
fn reader(name: &str) -> String {
    const MORE_COMMANDS: [&str; 3] = ["postfix-tls", "postfix-non-bdb", "posttls-finger"];
    match name {
        "tls" => "all that use TLS".to_owned(),
        "milter" => "all that use milters".to_owned(),
        name if MORE_COMMANDS.contains(&name) || COMMANDS.iter().any(|c| c.name == name) => format!("{name}(1)"),
        name => format!("{name}(8)"),
    }
}
