use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::foreign;
use crate::watch::Watch;

/// The bytes of an index file. Small files are read, big ones mapped and shared by all processes.
pub(crate) enum Bytes {
    Read(Vec<u8>),
    Mapped(memmap2::Mmap),
}

impl Bytes {
    /// Loads a file that is never changed in place.
    pub(crate) fn load(path: &Path) -> io::Result<(Bytes, Watch)> {
        let mut file = File::open(path)?;
        let seen = file.metadata()?;
        let bytes = if seen.len() > MAP_FROM {
            Bytes::Mapped(foreign::map(&file)?)
        } else {
            let mut all = Vec::with_capacity(seen.len() as usize);
            file.read_to_end(&mut all)?;
            Bytes::Read(all)
        };
        Ok((bytes, Watch::file(file, &seen)))
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Bytes::Read(v) => v,
            Bytes::Mapped(m) => m,
        }
    }
}

/// Files up to this size are read into memory.
const MAP_FROM: u64 = 65536;
