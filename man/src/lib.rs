//! Manual pages and completions for shells, made from what the programs are made from: their headers, the tables of their options, the declarations of
//! parameters, the list of table types. What those do not hold, as the formats of files, stands in `man/text`.

mod commands;
mod completions;
mod header;
mod parameters;
mod program;
mod roff;
mod text;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file to be written: its path below the output directory, and what is in it.
pub struct File {
    /// `man1/postmap.1`
    pub path: PathBuf,
    /// The contents.
    pub text: String,
}

/// Makes everything from the sources below `source`.
///
/// # Errors
/// A source cannot be read; a program has no header that a page can be made from.
pub fn make(source: &Path) -> Result<Vec<File>, String> {
    let mut files = program::pages(source)?;
    files.push(parameters::page());
    files.extend(text::pages(&source.join("man/text"))?);
    files.extend(completions::files());
    Ok(files)
}

/// Writes the files below a directory.
///
/// # Errors
/// As of the file system.
pub fn write(files: &[File], out: &Path) -> io::Result<()> {
    for file in files {
        let path = out.join(&file.path);
        fs::create_dir_all(path.parent().unwrap_or(out))?;
        fs::write(path, &file.text)?;
    }
    Ok(())
}

/// A page in its section's directory.
pub(crate) fn page(name: &str, section: u8, text: String) -> File {
    File { path: PathBuf::from(format!("man{section}/{name}.{section}")), text }
}

/// Reads a source, with its name in the error.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// The files of a directory with an ending, sorted.
pub(crate) fn files_in(directory: &Path, ending: &str) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(directory).map_err(|e| format!("{}: {e}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == ending)).collect();
    files.sort();
    Ok(files)
}
