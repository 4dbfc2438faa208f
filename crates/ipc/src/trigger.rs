//! One-letter wake-ups, as postfix's programs and MailScanner send them.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// Wake-up by master's timer, or by whoever has nothing better to say.
pub const WAKEUP: u8 = b'W';
/// Scan the incoming queue.
pub const INCOMING: u8 = b'I';
/// Scan the deferred queue.
pub const DEFERRED: u8 = b'D';
/// Forget what is known about dead destinations and transports.
pub const FLUSH_DEAD: u8 = b'F';
/// Ignore the back-off of deferred messages.
pub const ALL: u8 = b'A';

/// Linux's number.
const O_NONBLOCK: i32 = 0o4000;

/// True when a service is reached by a named pipe, as old entries of master.cf say: it hears letters and nothing else.
pub fn is_fifo(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_fifo())
}

/// Sends request letters to a service and does not wait for an answer.
pub fn send(socket: &Path, letters: &[u8], limit: Duration) -> io::Result<()> {
    if is_fifo(socket) {
        return File::options().write(true).custom_flags(O_NONBLOCK).open(socket)?.write_all(letters);
    }
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(letters)
}
