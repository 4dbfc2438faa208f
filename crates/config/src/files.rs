//! A configuration file and what stands beside it: `main.cf`, then `main.cf.d/*.cf` in the order of their names.

use std::path::{Path, PathBuf};

use crate::error::ConfigError;

/// The file, and behind it the files of the directory that has its name and `.d`, by name. Those without `.cf` at the end, and hidden ones,
/// are left out, and so are backups of editors.
///
/// # Errors
/// The directory is there and cannot be read.
pub fn with_drop_ins(file: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let mut directory = file.as_os_str().to_owned();
    directory.push(".d");
    let mut found = Vec::new();
    match std::fs::read_dir(&directory) {
        Ok(entries) => {
            for entry in entries {
                let name = entry.map_err(|e| cannot_open(Path::new(&directory), &e))?.file_name();
                let bytes = name.as_encoded_bytes();
                if bytes.ends_with(b".cf") && !bytes.starts_with(b".") {
                    found.push(Path::new(&directory).join(name));
                }
            }
        }
        Err(e) if matches!(e.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {}
        Err(e) => return Err(cannot_open(Path::new(&directory), &e)),
    }
    found.sort();
    found.insert(0, file.to_owned());
    Ok(found)
}

/// The text of a file; bytes that are no UTF-8 are carried ([`base::eightbit`]).
///
/// # Errors
/// `open FILE: reason`.
pub fn read(file: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read(file).map_err(|e| cannot_open(file, &e))?;
    Ok(base::eightbit::text(&text).into_owned())
}

fn cannot_open(path: &Path, e: &std::io::Error) -> ConfigError {
    let reason = e.to_string();
    ConfigError::new(format!("open {}: {}", path.display(), reason.split(" (os error").next().unwrap_or(&reason)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_and_only_cf() {
        let place = std::env::temp_dir().join(format!("postrider-drop-ins-{}", std::process::id()));
        std::fs::create_dir_all(place.join("main.cf.d")).unwrap();
        for name in ["20-b.cf", "10-a.cf", ".hidden.cf", "30-c.cf~", "README"] {
            std::fs::write(place.join("main.cf.d").join(name), "").unwrap();
        }
        let found = with_drop_ins(&place.join("main.cf")).unwrap();
        let names: Vec<String> = found.iter().map(|p| p.strip_prefix(&place).unwrap().display().to_string()).collect();
        assert_eq!(names, ["main.cf", "main.cf.d/10-a.cf", "main.cf.d/20-b.cf"]);
        assert_eq!(with_drop_ins(&place.join("master.cf")).unwrap().len(), 1);
        std::fs::remove_dir_all(&place).unwrap();
    }
}
