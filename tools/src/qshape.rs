//! qshape(1): the age of the mail in the queue, by domain.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base::getopt::{CONFIG_DIR, Opt, Options, Value, flag, valued};
use base::text::printable;
use delivery::listing::walk;
use queue::record::{Sizes, kind};
use queue::{Access, FileReader, Readiness, Records, parse_mode};

use crate::queue_tool::{configuration, errno};

/// The options.
pub const OPTIONS: &[Opt] = &[
    valued('b', Value::Text("count"), "The number of columns of age; 10 unless given."),
    CONFIG_DIR,
    flag('h', "Shows how to use the program."),
    flag('l', "Columns of equal width, instead of each twice as wide as the one before it."),
    valued('m', Value::Text("subdomains"), "With -p, a parent domain is shown when it has at least so many subdomains; 5 unless given."),
    valued('n', Value::Text("domains"), "On a terminal, the number of the busiest domains that are shown; 20 unless given."),
    valued('N', Value::Text("messages"), "On a terminal, shows results so far each time so many messages were counted; 1000 unless given."),
    flag('p', "Adds a row for each parent domain, marked by a dot in front of it, with the sum of its subdomains."),
    flag('s', "Counts messages by the domain of the sender, instead of recipients by theirs."),
    valued('t', Value::Text("minutes"), "The width of the first column; 5 unless given."),
    valued('w', Value::Text("width"), "The width of the output; 80 unless given."),
];

/// What to count, and how to show it.
struct Plan {
    senders: bool,
    parents: bool,
    min_subdomains: usize,
    /// Upper ends of the age columns in minutes; the last column has none.
    ends: Vec<u64>,
    width: usize,
    batch: usize,
    top: usize,
    terminal: bool,
}

/// Counts of one domain: the sum, then one for each column.
type Row = Vec<u64>;

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    crate::queue_tool::start_log("qshape", None);
    let mut words = sys::arguments().into_iter();
    let program = words.next().unwrap_or_else(|| "qshape".to_owned());
    let options = match Options::parse(OPTIONS, words) {
        Ok(options) => options,
        Err(e) => {
            eprintln!("{program}: {e}\n{}", usage(&program));
            return ExitCode::from(255);
        }
    };
    if options.given.iter().any(|(letter, _)| *letter == 'h') {
        eprintln!("{}", usage(&program));
        return ExitCode::from(255);
    }
    let plan = match Plan::new(&options) {
        Ok(plan) => plan,
        Err(e) => {
            eprintln!("{program}: {e}\n{}", usage(&program));
            return ExitCode::from(255);
        }
    };
    run(&plan, &directories(&options))
}

fn usage(program: &str) -> String {
    format!(
        "Usage: {program} [ -s ] [ -p ] [ -m <min_subdomains> ] [ -l ]\n\
         \t[ -b <bucket_count> ] [ -t <bucket_time> ] [ -w <terminal_width> ]\n\
         \t[ -N <batch_msg_count> ] [ -n <batch_top_domains> ]\n\
         \t[ -c <config_directory> ] [ <queue_name> ... ]\n\
         Counts recipients in the queue by domain and age; -s counts messages by sender domain.\n\
         -p adds a row `.domain` for each parent of at least <min_subdomains> (5) subdomains.\n\
         Columns end at <bucket_time> (5) minutes and at its doubles, with -l at its multiples; there are <bucket_count> (10) and one without end.\n\
         The queues are incoming and active unless others are named, below the queue directory or by full path.\n"
    )
}

impl Plan {
    fn new(options: &Options) -> Result<Plan, String> {
        let flag = |letter| options.given.iter().any(|(l, _)| *l == letter);
        let number = |letter: char, default: u64| match options.given.iter().rev().find(|(l, _)| *l == letter) {
            Some((_, value)) => value.parse::<u64>().map_err(|_| format!("option -{letter} wants a number: {value}")),
            None => Ok(default),
        };
        let (buckets, minutes) = (number('b', 10)?.clamp(1, 1000), number('t', 5)?.max(1));
        let ends = (1..buckets)
            .map(|i| if flag('l') { minutes.saturating_mul(i) } else { minutes.saturating_mul(1u64.checked_shl(i as u32 - 1).unwrap_or(u64::MAX)) });
        Ok(Plan {
            senders: flag('s'),
            parents: flag('p'),
            min_subdomains: number('m', 5)? as usize,
            ends: ends.collect(),
            width: number('w', 80)?.clamp(MIN_WIDTH, 100_000) as usize,
            batch: number('N', 1000)?.max(1) as usize,
            top: number('n', 20)? as usize,
            terminal: std::io::stdout().is_terminal(),
        })
    }

    /// Which column an age in seconds belongs to.
    fn column(&self, age: i64) -> usize {
        let minutes = u64::try_from(age).unwrap_or(0) / 60;
        self.ends.iter().position(|end| minutes < *end).unwrap_or(self.ends.len())
    }

    fn labels(&self) -> Vec<String> {
        let last = format!("{}+", self.ends.last().copied().unwrap_or(0));
        self.ends.iter().map(u64::to_string).chain([last]).collect()
    }
}

/// Narrower screens are not served.
const MIN_WIDTH: u64 = 80;
/// A domain name gets at least so many columns.
const MIN_NAME: usize = 18;

/// The directories to read: absolute names as they are, others below the queue directory.
fn directories(options: &Options) -> Vec<PathBuf> {
    let names: Vec<String> = if options.rest.is_empty() { vec!["incoming".to_owned(), "active".to_owned()] } else { options.rest.clone() };
    if names.iter().all(|n| n.starts_with('/')) {
        return names.into_iter().map(PathBuf::from).collect();
    }
    let directory = options.given.iter().rev().find(|(l, _)| *l == 'c').map(|(_, v)| v.as_str());
    let root: String = configuration(directory, 1).get(params::QUEUE_DIRECTORY);
    names.into_iter().map(|n| Path::new(&root).join(n)).collect()
}

fn run(plan: &Plan, directories: &[PathBuf]) -> ExitCode {
    let now = sys::now().sec;
    let mut counts: HashMap<String, Row> = HashMap::new();
    let mut messages = 0usize;
    for directory in directories {
        if let Err(e) = std::fs::read_dir(directory) {
            eprintln!("Can't stat {}: {}", directory.display(), errno(&e));
            continue;
        }
        walk(directory, &mut |path, _| {
            if let Some((arrival, domains)) = read(path, plan.senders) {
                let column = plan.column(now - arrival);
                for domain in domains {
                    let row = counts.entry(domain).or_insert_with(|| vec![0; plan.ends.len() + 2]);
                    row[0] += 1;
                    row[column + 1] += 1;
                }
                messages += 1;
                if plan.terminal && messages.is_multiple_of(plan.batch) {
                    let _ = std::io::stdout().write_all(format!("{}\n", table(plan, &counts)).as_bytes());
                }
            }
            true
        });
    }
    // A closed pipe is no error of ours.
    let _ = std::io::stdout().write_all(table(plan, &counts).as_bytes());
    ExitCode::SUCCESS
}

/// Arrival time and the domains that a file counts for: one for each recipient that is to do, or the sender's.
fn read(path: &Path, senders: bool) -> Option<(i64, Vec<String>)> {
    use std::os::unix::fs::PermissionsExt;
    // Files of maildrop are counted too, whosever they are; nothing of what stands in them is shown but domains.
    let file = queue::open_submitted(path, Access::Read).ok()?;
    let meta = file.metadata().ok()?;
    if parse_mode(meta.permissions().mode()).readiness != Readiness::Ready {
        return None;
    }
    let mut reader = FileReader::new(file).ok()?;
    let (mut arrival, mut sender, mut recipients, mut sizes) = (None, None, Vec::new(), None);
    while let Ok(Some(record)) = reader.next_record() {
        match record.kind {
            kind::SIZE => sizes = Sizes::decode(record.data),
            kind::TIME => arrival = arrival.or_else(|| record.text().split_ascii_whitespace().next().and_then(|t| t.parse().ok())),
            kind::SENDER => sender = sender.or_else(|| Some(domain(record.data))),
            kind::RECIPIENT if !senders => recipients.push(domain(record.data)),
            kind::MESSAGE if senders => break,
            kind::MESSAGE => {
                // The size record says where the content ends; a file in maildrop has to be read through.
                let Some(s) = sizes else { continue };
                reader.skip_content(s.data_offset, s.size);
            }
            kind::END => break,
            _ => {}
        }
    }
    let domains = if senders { sender.into_iter().collect() } else { recipients };
    Some((arrival?, domains))
}

/// The domain in lower case; the whole address when it has none; `MAILER-DAEMON` for nobody.
fn domain(address: &[u8]) -> String {
    if address.is_empty() {
        return "MAILER-DAEMON".to_owned();
    }
    let start = address.iter().rposition(|&b| b == b'@').map_or(0, |i| i + 1);
    printable(&address[start..]).to_lowercase()
}

/// Parents with enough direct subdomains; each counts everything below it, but not itself. Top-level domains are left out.
fn add_parents(counts: &HashMap<String, Row>, least: usize) -> Vec<(String, Row)> {
    let mut parents: HashMap<&str, (Row, std::collections::HashSet<&str>)> = HashMap::new();
    for (domain, row) in counts {
        let mut rest = domain.as_str();
        while let Some((label, parent)) = rest.split_once('.') {
            if !parent.contains('.') {
                break;
            }
            let (sum, children) = parents.entry(parent).or_insert_with(|| (vec![0; row.len()], std::collections::HashSet::new()));
            sum.iter_mut().zip(row).for_each(|(s, r)| *s += r);
            children.insert(label);
            rest = parent;
        }
    }
    parents.into_iter().filter(|(_, (_, children))| children.len() >= least.max(1)).map(|(name, (row, _))| (format!(".{name}"), row)).collect()
}

fn table(plan: &Plan, counts: &HashMap<String, Row>) -> String {
    let columns = plan.ends.len() + 2;
    let mut total = vec![0; columns];
    counts.values().for_each(|row| total.iter_mut().zip(row).for_each(|(t, r)| *t += r));
    let mut rows: Vec<(String, Row)> = counts.iter().map(|(d, r)| (d.clone(), r.clone())).collect();
    if plan.parents {
        rows.extend(add_parents(counts, plan.min_subdomains));
    }
    rows.sort_by(|(a, x), (b, y)| y[0].cmp(&x[0]).then(a.len().cmp(&b.len())).then_with(|| a.cmp(b)));
    if plan.terminal {
        rows.truncate(plan.top);
    }
    let labels: Vec<String> = ["T".to_owned()].into_iter().chain(plan.labels()).collect();
    let widths: Vec<usize> = labels.iter().zip(&total).map(|(label, t)| label.len().max(t.to_string().len()).max(2) + 1).collect();
    let name_width = plan.width.saturating_sub(widths.iter().sum()).max(MIN_NAME);
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:>width$}")).collect();
        format!("{:>name_width$}{cells}\n", shortened(name, name_width))
    };
    let numbers = |row: &Row| row.iter().map(u64::to_string).collect::<Vec<_>>();
    let mut out = line("", labels);
    out.push_str(&line("TOTAL", numbers(&total)));
    for (name, row) in &rows {
        out.push_str(&line(name, numbers(row)));
    }
    out
}

/// The end of a name that is too long, with a `+` (`.+` for parents) in front.
fn shortened(name: &str, width: usize) -> String {
    let length = name.chars().count();
    if length <= width {
        return name.to_owned();
    }
    let mark = if name.starts_with('.') { ".+" } else { "+" };
    let tail: String = name.chars().skip(length - (width - mark.len())).collect();
    format!("{mark}{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(words: &[&str]) -> Plan {
        let options = Options::parse(OPTIONS, words.iter().map(|w| (*w).to_owned())).unwrap();
        Plan { terminal: false, ..Plan::new(&options).unwrap() }
    }

    fn counts(rows: &[(&str, usize, u64)], columns: usize) -> HashMap<String, Row> {
        rows.iter()
            .map(|(name, column, n)| {
                let mut row = vec![0; columns + 1];
                row[0] = *n;
                row[column + 1] = *n;
                ((*name).to_owned(), row)
            })
            .collect()
    }

    #[test]
    fn columns_and_labels() {
        assert_eq!(plan(&[]).labels().join(" "), "5 10 20 40 80 160 320 640 1280 1280+");
        assert_eq!(plan(&["-l", "-b", "4", "-t", "5"]).labels().join(" "), "5 10 15 15+");
        assert_eq!(plan(&["-b", "1"]).labels().join(" "), "0+");
        let p = plan(&[]);
        assert_eq!((p.column(299), p.column(300), p.column(-5), p.column(1 << 40)), (0, 1, 0, 9));
    }

    #[test]
    fn the_table_is_as_wide_as_the_screen() {
        let text = table(&plan(&[]), &counts(&[("slow.example", 0, 6), ("soft.example", 0, 2)], 10));
        assert!(text.lines().all(|l| l.len() == 80), "{text}");
        assert!(text.lines().nth(1).unwrap().ends_with(" TOTAL  8  8  0  0  0  0   0   0   0    0     0"));
    }

    #[test]
    fn parents_need_children() {
        let rows = counts(&[("a.x.example.org", 0, 1), ("b.x.example.org", 0, 2), ("example.org", 0, 9)], 10);
        let parents = add_parents(&rows, 2);
        assert_eq!(parents.len(), 1);
        assert_eq!((parents[0].0.as_str(), parents[0].1[0]), (".x.example.org", 3));
    }

    #[test]
    fn long_names_keep_their_end() {
        assert_eq!(shortened("abcdefgh.example.com", 12), "+example.com");
        assert_eq!(shortened(".abcdefgh.example.com", 12), ".+xample.com");
    }
}
