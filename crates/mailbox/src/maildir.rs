use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use base::Stamp;
use delivery::Content;
use sys::NewFile;

use crate::error::Failure;
use crate::format::Format;

/// A Maildir, and how files in it are named.
#[derive(Clone, Debug)]
pub struct Maildir<'a> {
    /// The directory that holds `tmp`, `new` and `cur`.
    pub path: &'a Path,
    /// This host, as [`host_label`] gives it.
    pub host: &'a str,
    /// The size limit of a file, 0 for none.
    pub limit: u64,
    /// The code when a file cannot be made.
    pub otherwise: &'static str,
}

impl Maildir<'_> {
    /// Puts a message into `new`, making the three directories (mode 0700) when they are not there.
    ///
    /// Names: `tmp/<sec>.P<pid>.<host>`, then `new/<sec>.V<device>I<inode>M<usec>.<host>`. The inode of a file that exists makes the second name unique.
    pub fn deliver(&self, format: &Format<'_>, content: &mut Content<'_>, now: Stamp) -> Result<(), Failure> {
        let directory = self.path.join("tmp");
        let temporary = directory.join(format!("{}.P{}.{}", now.sec, std::process::id(), self.host));
        let mut file = match NewFile::create(&temporary, 0o600) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => make_directory(&directory).and_then(|()| NewFile::create(&temporary, 0o600)),
            other => other,
        }
        .map_err(|e| self.create_failed(&temporary, &e))?;
        self.fill(&mut file, format, content)?;
        self.publish(file, now)
    }

    fn fill(&self, file: &mut NewFile, format: &Format<'_>, content: &mut Content<'_>) -> Result<(), Failure> {
        let mut size = 0u64;
        format.copy(content, |chunk| {
            size += chunk.len() as u64;
            if self.limit > 0 && size > self.limit {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            file.write_all(chunk)
        })?;
        Ok(())
    }

    fn publish(&self, mut file: NewFile, now: Stamp) -> Result<(), Failure> {
        let meta = file.file().metadata().map_err(|e| Failure::io("cannot get open file status", &e, "4.2.0"))?;
        let name = format!("{}.V{:x}I{:x}M{}.{}", now.sec, meta.dev(), meta.ino(), now.usec, self.host);
        let final_name = self.path.join("new").join(name);
        match file.enter(&final_name) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                make_directory(&self.path.join("cur")).and_then(|()| make_directory(&self.path.join("new"))).and_then(|()| file.enter(&final_name))
            }
            other => other,
        }
        .map_err(|e| self.create_failed(&final_name, &e))
    }

    fn create_failed(&self, path: &Path, e: &io::Error) -> Failure {
        Failure::io(format_args!("create maildir file {}", path.display()), e, self.otherwise)
    }
}

fn make_directory(path: &Path) -> io::Result<()> {
    sys::make_directories(path, 0o700)
}

/// A host name as it stands in a file name: `/` and `:` are written as `\057` and `\072`.
pub fn host_label(host: &str) -> String {
    host.replace('/', "\\057").replace(':', "\\072")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    use crate::testing::file_with;
    use queue::record::{kind, put, put_lines};

    fn message(text: &[u8]) -> (File, u64) {
        let mut b = Vec::new();
        put_lines(&mut b, text, 2048);
        put(&mut b, kind::EXTRACTED, b"");
        (file_with(&b), b.len() as u64)
    }

    #[test]
    fn makes_directories_and_names() {
        let path = std::env::temp_dir().join(format!("maildir-{}", std::process::id()));
        let (f, _) = message(b"From x\n");
        let dir = Maildir { path: &path, host: "h", limit: 0, otherwise: "4.2.0" };
        let now = Stamp { sec: 17, usec: 5 };
        dir.deliver(&Format::default(), &mut Content::of_file(&f, std::path::Path::new("active/TEST01"), 0), now).unwrap();
        assert!(path.join("cur").is_dir());
        assert_eq!(fs::read_dir(path.join("tmp")).unwrap().count(), 0);
        let file = fs::read_dir(path.join("new")).unwrap().next().unwrap().unwrap();
        let meta = file.metadata().unwrap();
        assert_eq!(file.file_name().to_string_lossy(), format!("17.V{:x}I{:x}M5.h", meta.dev(), meta.ino()));
        assert_eq!(meta.mode() & 0o777, 0o600);
        assert_eq!(fs::read(file.path()).unwrap(), b"From x\n");

        let small = Maildir { limit: 3, ..dir };
        let e = small.deliver(&Format::default(), &mut Content::of_file(&f, std::path::Path::new("active/TEST01"), 0), now).unwrap_err();
        assert_eq!(e.status.to_string(), "5.2.2");
        assert_eq!(fs::read_dir(path.join("tmp")).unwrap().count(), 0);
        fs::remove_dir_all(&path).unwrap();
    }

    #[test]
    fn host_names() {
        assert_eq!(host_label("a/b:c"), "a\\057b\\072c");
    }
}
