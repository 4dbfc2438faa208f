use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// What a queue file's mode says (postfix: owner execute means complete).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// Being written, or left by a crash.
    Incomplete,
    /// Complete and on stable storage.
    Ready,
    /// Set aside as damaged.
    Corrupt,
}

/// What a mode says beyond readiness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Complete or not.
    pub readiness: Readiness,
    /// Group read bit: a flush was asked for, back-off does not count.
    pub unthrottled: bool,
    /// Group execute bit: expire the message now.
    pub force_expire: bool,
}

/// Reads the meaning of a file mode.
pub fn parse_mode(mode: u32) -> Found {
    let readiness = match mode & 0o700 {
        0o700 => Readiness::Ready,
        0o400 => Readiness::Corrupt,
        _ => Readiness::Incomplete,
    };
    Found { readiness, unthrottled: mode & 0o040 != 0, force_expire: mode & 0o010 != 0 }
}

/// Marks a recipient as done: the record at `offset` turns from R into D, in place.
///
/// The page cache keeps it across a crash of ours; a crash of the host may deliver twice.
///
/// # Errors
/// When the byte there is neither `R` nor `D`, and when the write fails.
pub fn mark_done(file: &File, offset: u64) -> io::Result<()> {
    let mut old = [0u8];
    file.read_exact_at(&mut old, offset)?;
    match old[0] {
        b'R' => file.write_all_at(b"D", offset),
        b'D' => Ok(()),
        other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("no recipient record at offset {offset}: {other:#x}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes() {
        assert_eq!(parse_mode(0o100_700).readiness, Readiness::Ready);
        assert_eq!(parse_mode(0o100_600).readiness, Readiness::Incomplete);
        assert_eq!(parse_mode(0o100_400).readiness, Readiness::Corrupt);
        assert!(parse_mode(0o740).unthrottled);
        assert!(parse_mode(0o710).force_expire);
    }
}
