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

/// Name, parent and state.
fn stat(pid: i32) -> Option<(String, i32, char)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (open, close) = (text.find('(')?, text.rfind(')')?);
    let mut rest = text.get(close + 1..)?.split_ascii_whitespace();
    let state = rest.next()?.chars().next()?;
    Some((text.get(open + 1..close)?.to_owned(), rest.next()?.parse().ok()?, state))
}
