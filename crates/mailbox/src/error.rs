use std::io;

use base::{Dsn, Status};

/// Why a message could not be copied.
#[derive(Debug)]
pub enum CopyError {
    /// The queue file could not be read; temporary.
    Read(io::Error),
    /// The queue file is damaged: qmgr sets it aside.
    Damaged(String),
    /// The destination could not be written.
    Write(io::Error),
}

/// Why a delivery to a file failed: a code, and words that stand behind the caller's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Class 4 defers, class 5 bounces.
    pub status: Status,
    /// What happened.
    pub text: String,
    /// The system's error number, 0 when there was none.
    pub errno: i32,
    /// The queue file is damaged.
    pub corrupt: bool,
}

impl Failure {
    /// A failure that no system call reported.
    pub fn new(status: &'static str, text: impl Into<String>) -> Failure {
        Failure { status: status.into(), text: text.into(), errno: 0, corrupt: false }
    }

    /// A failed system call: `what: reason`, with the code that mailbox errors have, else `otherwise`.
    pub fn io(what: impl std::fmt::Display, error: &io::Error, otherwise: &'static str) -> Failure {
        Failure {
            status: mailbox_status(error, otherwise),
            text: format!("{what}: {}", strerror(error)),
            errno: error.raw_os_error().unwrap_or(0),
            corrupt: false,
        }
    }

    /// The outcome for the recipient, with the caller's words in front.
    pub fn into_dsn(self, prefix: &str) -> Dsn {
        Dsn::with(self.status, format!("{prefix}{}", self.text))
    }
}

impl From<CopyError> for Failure {
    fn from(e: CopyError) -> Failure {
        match e {
            CopyError::Read(e) => Failure::io("error reading message", &e, "4.3.0"),
            CopyError::Damaged(what) => Failure { corrupt: true, ..Failure::new("4.3.0", what) },
            CopyError::Write(e) => Failure::io("error writing message", &e, "5.3.0"),
        }
    }
}

/// The status code for an error met while a mailbox is written: full and over quota are the user's, no space and a broken disk are ours.
pub fn mailbox_status(error: &io::Error, otherwise: &'static str) -> Status {
    use io::ErrorKind;
    match error.kind() {
        // A named pipe waits for its reader.
        _ if error.raw_os_error() == Some(ENXIO) => "4.2.0",
        ErrorKind::WouldBlock | ErrorKind::StaleNetworkFileHandle => "4.2.0",
        ErrorKind::StorageFull => "4.3.0",
        // POSTFIX: a disk that fails is nobody's fault who sends or receives: the mail waits.
        _ if error.raw_os_error() == Some(EIO) => "4.3.0",
        ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => "5.2.2",
        _ => otherwise,
    }
    .into()
}

/// Linux's numbers of "input/output error" and "no such device or address".
const EIO: i32 = 5;
const ENXIO: i32 = 6;

/// The system's words for an error, without Rust's "(os error N)".
pub fn strerror(e: &io::Error) -> String {
    match e.raw_os_error() {
        None if e.kind() == io::ErrorKind::FileTooLarge => "File too large".to_owned(),
        _ => sys::strerror(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        let too_big = io::Error::from(io::ErrorKind::FileTooLarge);
        let f = Failure::from(CopyError::Write(too_big));
        assert_eq!((f.status.to_string().as_str(), f.text.as_str()), ("5.2.2", "error writing message: File too large"));
        assert_eq!(mailbox_status(&io::Error::from(io::ErrorKind::StorageFull), "5.3.0").to_string(), "4.3.0");
        assert_eq!(mailbox_status(&io::Error::from_raw_os_error(5), "5.3.0").to_string(), "4.3.0");
        assert_eq!(mailbox_status(&io::Error::from(io::ErrorKind::NotFound), "5.2.0").to_string(), "5.2.0");
    }
}
