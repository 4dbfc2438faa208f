//! The parts of a message behind a request: written, and as they come from the connection.

use std::io::{self, Read};

use super::ABORT;
use crate::frame::FrameReader;

/// Appends bytes of the part at hand.
pub fn put_chunk(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.chunks(CHUNK) {
        out.extend_from_slice(&(chunk.len() as u32).to_le_bytes());
        out.extend_from_slice(chunk);
    }
}

/// Appends the end of a part.
pub fn end_part(out: &mut Vec<u8>) {
    out.extend_from_slice(&0u32.to_le_bytes());
}

const CHUNK: usize = 1 << 20;

/// One part of one message on a connection.
#[derive(Debug)]
pub struct Chunks<'c, S> {
    stream: &'c mut S,
    buffer: &'c mut FrameReader,
    /// Bytes of the chunk at hand that have not been given out.
    left: usize,
    ended: bool,
}

/// Why a part stopped before its end. There is nobody left to answer.
#[derive(Debug)]
pub enum Stopped {
    /// The client took the message back; the connection is good for another.
    Aborted,
    /// The connection broke.
    Broken(io::Error),
}

/// Bytes per read of a message that does not come in one piece.
const BLOCK: usize = 64 << 10;

impl<'c, S: Read> Chunks<'c, S> {
    /// The part that comes next.
    pub fn new(stream: &'c mut S, buffer: &'c mut FrameReader) -> Chunks<'c, S> {
        Chunks { stream, buffer, left: 0, ended: false }
    }

    /// Gives its bytes to `take`, piece by piece, as they come.
    ///
    /// # Errors
    /// There is no end to it.
    pub fn each(&mut self, mut take: impl FnMut(&[u8])) -> Result<(), Stopped> {
        let mut block = Vec::new();
        loop {
            while self.advance()? {
                let piece = self.buffer.rest();
                let n = self.left.min(piece.len());
                take(piece.get(..n).unwrap_or_default());
                self.buffer.consume(n);
                self.left -= n;
            }
            if self.ended {
                return Ok(());
            }
            self.read(&mut block)?;
        }
    }

    /// True when there are bytes at hand.
    fn advance(&mut self) -> Result<bool, Stopped> {
        if self.left == 0 && !self.ended {
            let Some(head) = self.buffer.rest().get(..4).and_then(|h| <[u8; 4]>::try_from(h).ok()) else { return Ok(false) };
            self.buffer.consume(4);
            match u32::from_le_bytes(head) {
                0 => self.ended = true,
                ABORT => return Err(Stopped::Aborted),
                length => self.left = length as usize,
            }
        }
        Ok(self.left > 0 && !self.buffer.is_empty())
    }

    fn read(&mut self, block: &mut Vec<u8>) -> Result<(), Stopped> {
        block.resize(BLOCK, 0);
        loop {
            match self.stream.read(block) {
                Ok(0) => return Err(Stopped::Broken(io::ErrorKind::UnexpectedEof.into())),
                Ok(n) => {
                    self.buffer.push(block.get(..n).unwrap_or_default());
                    return Ok(());
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(Stopped::Broken(e)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(bytes: &[u8], cut: usize) -> (Result<(), Stopped>, Vec<u8>, Vec<u8>) {
        let mut buffer = FrameReader::new();
        buffer.push(&bytes[..cut]);
        let mut stream = &bytes[cut..];
        let mut got = Vec::new();
        let result = Chunks::new(&mut stream, &mut buffer).each(|piece| got.extend_from_slice(piece));
        (result, got, buffer.rest().to_vec())
    }

    #[test]
    fn pieces_at_any_cut() {
        let bytes = [&[3, 0, 0, 0][..], b"abc", &[1, 0, 0, 0], b"d", &[0, 0, 0, 0], b"next"].concat();
        for cut in 0..=bytes.len() {
            let (result, got, rest) = collect(&bytes, cut);
            assert!(result.is_ok());
            assert_eq!(got, b"abcd");
            assert!(b"next".starts_with(&rest), "what follows is kept");
        }
    }

    #[test]
    fn chunks_end_with_a_zero() {
        let mut out = Vec::new();
        put_chunk(&mut out, b"ab");
        put_chunk(&mut out, b"");
        end_part(&mut out);
        assert_eq!(out, [2, 0, 0, 0, b'a', b'b', 0, 0, 0, 0]);
    }

    #[test]
    fn sizes_around_a_chunk() {
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1] {
            let mut out = Vec::new();
            put_chunk(&mut out, &vec![b'x'; size]);
            end_part(&mut out);
            let (result, got, _) = collect(&out, 0);
            assert!(result.is_ok());
            assert_eq!(got.len(), size);
        }
    }

    #[test]
    fn ends_that_are_none() {
        assert!(matches!(collect(&[1, 0, 0, 0, b'x', 255, 255, 255, 255], 4).0, Err(Stopped::Aborted)));
        assert!(matches!(collect(&[9, 0, 0, 0, b'x'], 2).0, Err(Stopped::Broken(_))));
    }
}
