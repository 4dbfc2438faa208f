use std::collections::BTreeMap;
use std::fs;

/// A process, as /proc shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub pid: i32,
    /// The first fifteen characters of its program's name.
    pub name: String,
}

/// The living children of a process.
pub fn children(parent: i32) -> Vec<Process> {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    numbers.filter_map(|pid: i32| stat(pid).filter(|(_, p, state)| *p == parent && *state != 'Z').map(|(name, ..)| Process { pid, name })).collect()
}

/// True while a process exists and is no zombie.
pub fn is_alive(pid: i32) -> bool {
    stat(pid).is_some_and(|(.., state)| state != 'Z')
}

/// The most memory that a process has had, in bytes; 0 when it is gone.
pub fn peak(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kilobytes = text.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}

/// The same of the programs that a master has started: of each name the largest.
pub fn peaks(master: i32) -> BTreeMap<String, u64> {
    let mut out = BTreeMap::new();
    for process in children(master) {
        let most: &mut u64 = out.entry(process.name).or_default();
        *most = peak(process.pid).max(*most);
    }
    out
}

/// Name, parent and state.
fn stat(pid: i32) -> Option<(String, i32, char)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    let mut rest = text.get(close + 1..)?.split_ascii_whitespace();
    let state = rest.next()?.chars().next()?;
    Some((text.get(open + 1..close)?.to_owned(), rest.next()?.parse().ok()?, state))
}
