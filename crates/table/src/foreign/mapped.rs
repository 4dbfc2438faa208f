use std::fs::File;
use std::io;

/// Maps a file for reading.
pub(crate) fn map(file: &File) -> io::Result<memmap2::Mmap> {
    // SAFETY: index files are never changed in place: they are written beside and renamed (container::write), so the mapping stays as it was.
    unsafe { memmap2::Mmap::map(file) }
}
