//! One-letter wake-ups, as postfix's programs and MailScanner send them.

use std::io::{self, Write};
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

/// Sends request letters to a service and does not wait for an answer.
pub fn send(socket: &Path, letters: &[u8], limit: Duration) -> io::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(letters)
}
