//! -e, -X and -#: which file an edit is for. A value is changed where it stands; a new one goes to the main file.

use std::path::{Path, PathBuf};

use config::files;

use super::{edit, file, master_edit};

/// Changes main.cf, or with `mode` M, F or P master.cf, as the words say.
///
/// # Errors
/// In postfix's words; the files before the one that failed are changed.
pub(super) fn change(directory: &Path, mode: Option<char>, letter: char, words: &[String]) -> Result<(), String> {
    match mode {
        None => main(&directory.join("main.cf"), letter, words),
        Some(mode) => master(&directory.join("master.cf"), mode, letter, words),
    }
}

fn main(path: &Path, letter: char, words: &[String]) -> Result<(), String> {
    let edits = words.iter().map(|w| edit::Edit::parse(letter, w)).collect::<Result<Vec<_>, _>>()?;
    let is_for_one = |e: &edit::Edit| matches!(e, edit::Edit::Set(..));
    for (path, edits) in by_file(path, &edits, is_for_one, edit::Edit::stands_in)? {
        file::replace(&path, |text| {
            let (new, warnings) = edit::apply(text, &edits);
            for w in warnings {
                if w.starts_with("multiple") { maillog::warning!("{}: {w}", path.display()) } else { maillog::warning!("{w}") }
            }
            Ok(new)
        })?;
    }
    Ok(())
}

fn master(path: &Path, mode: char, letter: char, words: &[String]) -> Result<(), String> {
    let edits = words.iter().map(|w| master_edit::Edit::parse(mode, letter, w)).collect::<Result<Vec<_>, _>>()?;
    for (path, edits) in by_file(path, &edits, master_edit::Edit::is_for_one, master_edit::Edit::stands_in)? {
        file::replace(&path, |text| {
            let (new, warnings) = master_edit::apply(&path, text, &edits)?;
            warnings.iter().for_each(|w| maillog::warning!("{w}"));
            Ok(new)
        })?;
    }
    Ok(())
}

/// The files to change, each with its edits: for a value the last file that has one, which is the one that counts; to remove it, every file.
fn by_file<E: Clone>(
    path: &Path,
    edits: &[E],
    is_for_one: impl Fn(&E) -> bool,
    stands_in: impl Fn(&E, &[u8]) -> bool,
) -> Result<Vec<(PathBuf, Vec<E>)>, String> {
    let paths = files::with_drop_ins(path).map_err(|e| e.to_string())?;
    let mut out: Vec<(PathBuf, Vec<E>)> = paths.into_iter().map(|p| (p, Vec::new())).collect();
    // Alone, as nearly always, it gets everything, and says itself what is wrong with it.
    if let [(_, all)] = out.as_mut_slice() {
        all.extend_from_slice(edits);
        return Ok(out);
    }
    let read = |(path, _): &(PathBuf, Vec<E>)| std::fs::read(path).map_err(|e| format!("open {} for reading: {}", path.display(), file::reason(&e)));
    let texts = out.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    for edit in edits {
        let standing: Vec<usize> = (0..texts.len()).filter(|i| stands_in(edit, &texts[*i])).collect();
        let chosen = match standing.last() {
            None => vec![0],
            Some(last) if is_for_one(edit) => vec![*last],
            Some(_) => standing,
        };
        chosen.into_iter().for_each(|i| out[i].1.push(edit.clone()));
    }
    out.retain(|(_, edits)| !edits.is_empty());
    Ok(out)
}
