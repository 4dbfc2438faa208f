use std::io::{self, Write};

/// What is to leave by a connection.
#[derive(Debug)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// A buffer of at most this size is kept for the next bytes: an idle connection costs that much.
    kept: usize,
}

impl Outbox {
    /// Nothing yet.
    pub(crate) fn keeping(kept: usize) -> Outbox {
        Outbox { bytes: Vec::new(), kept }
    }

    /// Where to append.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is in it will never leave.
    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Writes as much as a socket takes. What is left wants an event that there is room.
    ///
    /// # Errors
    /// The connection takes nothing any more.
    pub(crate) fn write_to(&mut self, stream: &mut impl Write) -> io::Result<()> {
        while !self.bytes.is_empty() {
            match stream.write(&self.bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) if n == self.bytes.len() => self.bytes.clear(),
                Ok(n) => drop(self.bytes.drain(..n)),
                Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::NotConnected) => return Ok(()),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        if self.bytes.capacity() > self.kept {
            self.bytes = Vec::new();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes, then is full.
    struct Narrow {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.room).min(3);
            if n == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            self.room -= n;
            self.taken.extend_from_slice(&bytes[..n]);
            Ok(n)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_does_not_leave_stays_in_order() {
        let (mut out, mut to) = (Outbox::keeping(0), Narrow { taken: Vec::new(), room: 5 });
        out.bytes().extend_from_slice(b"abcdefgh");
        out.write_to(&mut to).unwrap();
        assert_eq!(out.bytes, b"fgh");
        out.bytes().extend_from_slice(b"ij");
        to.room = 100;
        out.write_to(&mut to).unwrap();
        assert_eq!((to.taken.as_slice(), out.bytes.capacity()), (&b"abcdefghij"[..], 0));
    }
}
