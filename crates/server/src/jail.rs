//! What a role may still do after the jail.

/// A promise in one readable line: what this role will still need. Kept by Landlock where the kernel has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Promise {
    /// Writes files below the queue directory.
    pub queue: bool,
    /// Writes files anywhere its user may (delivery).
    pub files: bool,
    /// Starts other programs.
    pub exec: bool,
}
