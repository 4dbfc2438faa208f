//! Pages of section 5, from `man/text/NAME.5.txt`.
//!
//! The first line is `name[, name] - purpose`. `## ` begins a section; lines with four blanks in front are shown as they are; a line of text with a line
//! after it that begins with `:   ` is a term with its definition. Blank lines separate everything. A line with `@types` stands for the list of table types.

use std::path::Path;

use base::getopt::Opt;

use crate::roff::{Page, inline};
use crate::{File, files_in, page, read};

/// Every page, and one that points to it for each of its other names.
pub(crate) fn pages(directory: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for path in files_in(directory, "txt")? {
        let source = read(&path)?;
        let (title, body) = source.split_once('\n').unwrap_or((&source, ""));
        let (names, purpose) = title.split_once(" - ").ok_or_else(|| format!("{}: no \"name - purpose\" in the first line", path.display()))?;
        let names: Vec<String> = names.split(", ").map(str::to_owned).collect();
        let mut text = Page::new(&names, 5, purpose);
        body.split("\n\n").map(|b| b.trim_matches('\n')).filter(|b| !b.is_empty()).for_each(|b| block(&mut text, b));
        let pointer = format!(".so man5/{}.5\n", names[0]);
        files.push(page(&names[0], 5, text.finish()));
        files.extend(names[1..].iter().map(|name| page(name, 5, pointer.clone())));
    }
    Ok(files)
}

fn block(page: &mut Page, block: &str) {
    if let Some(heading) = block.strip_prefix("## ") {
        page.heading(&heading.to_uppercase());
    } else if block.starts_with("    ") {
        page.example(&block.lines().map(|l| l.strip_prefix("    ").unwrap_or(l)).collect::<Vec<_>>());
    } else if let Some((term, definition)) = block.split_once("\n:   ") {
        page.item(&inline(term), definition);
    } else if block == "@types" {
        types(page);
    } else if block == "@service-options" {
        server::OPTIONS.iter().for_each(|o| service_option(page, o));
    } else {
        page.paragraph(block);
    }
}

/// The types of this build.
fn types(page: &mut Page) {
    for t in table::TYPES {
        let mut facts = Vec::new();
        facts.extend(t.edit.is_some().then_some("made by postmap(1) and postalias(1)"));
        facts.extend(t.store.is_some().then_some("can be changed one entry at a time"));
        facts.extend((t.trust == table::Trust::Network).then_some("answers come over the network and are not used where that would be dangerous"));
        let about = ABOUT.iter().find(|(name, _)| *name == t.name).map_or("", |(_, about)| about);
        let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join("; ")) };
        page.item(&inline(&format!("`{}`", t.name)), &format!("{about}{facts}"));
    }
}

/// What a type is, in a sentence.
const ABOUT: &[(&str, &str)] = &[
    ("btree", "An index beside a text file, `NAME.db`; entries are listed in the order of the keys."),
    ("cdb", "An index beside a text file, `NAME.cdb`, of the form of tinycdb: made anew as a whole, fast to read."),
    ("cidr", "A text file of networks: see cidr_table(5)."),
    ("debug", "`debug:type:name` opens a table and logs each lookup."),
    ("environ", "The environment of the process. The name does not matter."),
    ("fail", "Every lookup fails, as if a server were down. For tests."),
    ("hash", "An index beside a text file, `NAME.db`."),
    ("inline", "Entries in the name itself: `inline:{key=value, {key = value with blanks}}`."),
    ("internal", "Memory of the process, empty at its start."),
    ("ldap", "A directory: see ldap_table(5)."),
    ("lmdb", "An index beside a text file, `NAME.lmdb`, of the form of OpenLDAP's LMDB; can be changed by several processes."),
    ("memcache", "A memcached server: see memcache_table(5)."),
    ("mongodb", "A MongoDB server."),
    ("mysql", "A MySQL or MariaDB server: see mysql_table(5)."),
    ("nis", "A map of NIS. Not supported: the error says so."),
    ("pcre", "A text file of Perl patterns: see pcre_table(5)."),
    ("pgsql", "A PostgreSQL server: see pgsql_table(5)."),
    ("pipemap", "Tables in a row, `pipemap:{type:a, type:b}`: the value that one gives is the key for the next."),
    ("proxy", "`proxy:type:name` opens a table by way of proxymap(8), which works outside a jail and shares connections. Only tables of `proxy_read_maps`."),
    ("randmap", "`randmap:{one, two}` gives one of the values by chance, for any key."),
    ("regexp", "A text file of POSIX patterns: see regexp_table(5)."),
    ("socketmap", "A server with a simple protocol: see socketmap_table(5)."),
    ("sqlite", "A file of SQLite: see sqlite_table(5)."),
    ("static", "`static:value` gives the value for any key; `static:{value with blanks}`."),
    ("tcp", "A server with a simple protocol: see tcp_table(5)."),
    ("texthash", "A text file, as postmap(1) reads it, read at the start without an index; changes are seen when processes are replaced."),
    ("unionmap", "`unionmap:{type:a, type:b}` gives the values of all tables, separated by commas."),
    ("unix", "`unix:passwd.byname` and `unix:group.byname`: accounts and groups of this host."),
];

fn service_option(page: &mut Page, option: &Opt) {
    let value = option.value.name().map(|v| format!(" {v}")).unwrap_or_default();
    page.item(&inline(&format!("`-{}`{value}", option.letter)), option.doc);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_described() {
        let bare: Vec<&str> = table::TYPES.iter().map(|t| t.name).filter(|n| !ABOUT.iter().any(|(name, _)| name == n)).collect();
        assert!(bare.is_empty(), "no sentence about {bare:?}");
    }

    #[test]
    fn blocks() {
        let mut page = Page::new(&["x".to_owned()], 5, "y");
        for text in ["## Head line", "term `a`\n:   what it\nis", "    a-b", "plain"] {
            block(&mut page, text);
        }
        let text = page.finish();
        assert!(text.ends_with(".SH \"HEAD LINE\"\n.TP\nterm \\fBa\\fR\nwhat it is\n.PP\n.RS 4\n.nf\na\\-b\n.fi\n.RE\n.PP\nplain\n"), "{text}");
    }
}
