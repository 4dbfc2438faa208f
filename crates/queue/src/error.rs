use std::fmt;
use std::io;

/// What went wrong with a queue file or directory.
#[derive(Debug)]
pub enum QueueError {
    /// A system call on a file failed.
    Io {
        /// `open`, `rename`, ...
        operation: &'static str,
        /// The file, relative to the queue directory.
        path: String,
        /// The cause.
        source: io::Error,
    },
    /// The file is not in the queue file format: it belongs in `corrupt`.
    Damaged {
        /// The file, relative to the queue directory.
        path: String,
        /// What is wrong, in a few words.
        what: String,
    },
}

impl QueueError {
    /// An error of a system call.
    pub fn io(operation: &'static str, path: impl Into<String>, source: io::Error) -> Self {
        QueueError::Io { operation, path: path.into(), source }
    }

    /// An error of the format.
    pub fn damaged(path: impl Into<String>, what: impl Into<String>) -> Self {
        QueueError::Damaged { path: path.into(), what: what.into() }
    }

    /// True when the file is not there (any more): it was delivered or deleted by somebody else.
    pub fn is_missing(&self) -> bool {
        matches!(self, QueueError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for QueueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueError::Io { operation, path, source } => write!(f, "{operation} {path}: {}", sys::strerror(source)),
            QueueError::Damaged { path, what } => write!(f, "{path}: {what}"),
        }
    }
}

impl std::error::Error for QueueError {}
