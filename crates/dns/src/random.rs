use std::hash::{BuildHasher, Hasher, RandomState};

/// Sixteen bits that nobody outside can foresee: a keyed hash with a key that the kernel gave this process.
pub(crate) fn id() -> u16 {
    let hasher = RandomState::new();
    let mut h = hasher.build_hasher();
    h.write_u128(std::time::UNIX_EPOCH.elapsed().map_or(0, |d| d.as_nanos()));
    (h.finish() >> 24) as u16
}
