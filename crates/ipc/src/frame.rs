use std::io::{self, Read, Write};

use bincode::Options;
use serde::{Serialize, de::DeserializeOwned};

/// The version byte: changed whenever a message type changes. Never a letter.
pub const VERSION: u8 = 2;

/// Below the characters that the protocols of other programs begin with.
const LAST_VERSION: u8 = 31;

/// Bytes before the payload.
pub const HEADER: usize = 5;

/// The largest payload. Bigger things travel in chunks.
pub const FRAME_LIMIT: usize = 16 << 20;

/// What is wrong with a frame, or with the connection under it.
#[derive(Debug)]
pub enum FrameError {
    /// The peer closed between two frames: the orderly end.
    Closed,
    /// Reading or writing failed, or the peer closed inside a frame.
    Io(io::Error),
    /// Another version: programs of two releases run side by side.
    Version(u8),
    /// It is, or would be, longer than [`FRAME_LIMIT`].
    TooLong,
    /// The payload is not what was expected.
    Decode(String),
}

impl std::fmt::Display for FrameError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FrameError::Closed => f.write_str("connection closed"),
            FrameError::Io(e) => f.write_str(&sys::strerror(e)),
            FrameError::Version(v @ 1..=LAST_VERSION) => write!(f, "protocol version {v}, want {VERSION}: run \"postfix reload\" after an upgrade"),
            FrameError::Version(_) => f.write_str("another mail system is still running: run \"postfix stop\" and \"postfix start\""),
            FrameError::TooLong => write!(f, "request or answer of more than {FRAME_LIMIT} bytes"),
            FrameError::Decode(e) => write!(f, "bad request: {e}"),
        }
    }
}

impl std::error::Error for FrameError {}

impl From<io::Error> for FrameError {
    fn from(e: io::Error) -> Self {
        FrameError::Io(e)
    }
}

fn shape() -> impl Options {
    bincode::DefaultOptions::new().with_fixint_encoding().reject_trailing_bytes()
}

fn bounded() -> impl Options {
    shape().with_limit(FRAME_LIMIT as u64)
}

/// A whole frame for one value.
///
/// # Errors
/// [`FrameError::TooLong`]: the value does not fit.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, FrameError> {
    let mut out = Vec::new();
    encode_into(&mut out, value)?;
    Ok(out)
}

/// Appends a whole frame to a buffer, which is as it was when that fails.
///
/// # Errors
/// [`FrameError::TooLong`]: the value does not fit.
pub fn encode_into<T: Serialize>(out: &mut Vec<u8>, value: &T) -> Result<(), FrameError> {
    let size = bounded().serialized_size(value).ok().and_then(|n| u32::try_from(n).ok()).ok_or(FrameError::TooLong)?;
    let start = out.len();
    out.reserve(HEADER + size as usize);
    out.push(VERSION);
    out.extend_from_slice(&size.to_le_bytes());
    shape().serialize_into(&mut *out, value).map_err(|_| {
        out.truncate(start);
        FrameError::TooLong
    })
}

/// Reads a payload (without its header).
pub fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, FrameError> {
    bounded().deserialize(payload).map_err(|e| FrameError::Decode(e.to_string()))
}

/// Writes one value with one write, blocking.
pub fn write_frame<T: Serialize>(stream: &mut impl Write, value: &T) -> Result<(), FrameError> {
    stream.write_all(&encode(value)?).map_err(FrameError::Io)
}

/// Reads one value, blocking, in the fewest possible reads.
pub fn read_frame<T: DeserializeOwned>(stream: &mut impl Read, buffer: &mut FrameReader) -> Result<T, FrameError> {
    loop {
        if let Some(value) = buffer.take()? {
            return Ok(value);
        }
        buffer.fill(stream)?;
    }
}

/// Collects bytes until a frame is complete, and keeps what follows it.
#[derive(Debug, Default)]
pub struct FrameReader {
    bytes: Vec<u8>,
    start: usize,
}

impl FrameReader {
    /// An empty one; it allocates with the first read.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds bytes that were read elsewhere.
    pub fn push(&mut self, bytes: &[u8]) {
        self.compact();
        self.bytes.extend_from_slice(bytes);
    }

    /// Reads once from a stream. `Closed` when it ended between frames.
    pub fn fill(&mut self, stream: &mut impl Read) -> Result<usize, FrameError> {
        self.compact();
        let old = self.bytes.len();
        let want = self.missing().max(READ_SIZE);
        self.bytes.resize(old + want, 0);
        let got = loop {
            match stream.read(&mut self.bytes[old..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.bytes.truncate(old + *got.as_ref().unwrap_or(&0));
        match got {
            Ok(0) if self.is_empty() => Err(FrameError::Closed),
            Ok(0) => Err(FrameError::Io(io::ErrorKind::UnexpectedEof.into())),
            Ok(n) => Ok(n),
            Err(e) => Err(FrameError::Io(e)),
        }
    }

    /// The next value, if its frame is complete.
    pub fn take<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let end = self.start + HEADER + length;
        if self.bytes.len() < end {
            return Ok(None);
        }
        let value = decode(&self.bytes[self.start + HEADER..end])?;
        self.start = end;
        if self.start == self.bytes.len() {
            self.reset();
        }
        Ok(Some(value))
    }

    /// The payload of the next frame, not decoded, if it is complete.
    pub fn take_payload(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let end = self.start + HEADER + length;
        let Some(payload) = self.bytes.get(self.start + HEADER..end).map(<[u8]>::to_vec) else { return Ok(None) };
        self.consume(HEADER + length);
        Ok(Some(payload))
    }

    /// Bytes that have not been taken as frames yet: a trigger, or the raw content that follows a request.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// Drops `n` bytes of [`FrameReader::rest`].
    pub fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.bytes.len());
        if self.start == self.bytes.len() {
            self.reset();
        }
    }

    /// True when nothing waits.
    pub fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    fn length(&self) -> Result<Option<usize>, FrameError> {
        let rest = self.rest();
        match rest.first() {
            None => return Ok(None),
            Some(&v) if v != VERSION => return Err(FrameError::Version(v)),
            Some(_) => {}
        }
        let Some(head) = rest.get(1..HEADER).and_then(|h| <[u8; 4]>::try_from(h).ok()) else { return Ok(None) };
        let length = u32::from_le_bytes(head) as usize;
        if length > FRAME_LIMIT { Err(FrameError::TooLong) } else { Ok(Some(length)) }
    }

    /// How many bytes the frame at hand still lacks.
    fn missing(&self) -> usize {
        match self.length() {
            Ok(Some(length)) => (HEADER + length).saturating_sub(self.rest().len()),
            _ => 0,
        }
    }

    fn compact(&mut self) {
        if self.start > 0 {
            self.bytes.drain(..self.start);
            self.start = 0;
        }
    }

    /// Gives a big buffer back, keeps a small one.
    fn reset(&mut self) {
        self.start = 0;
        self.bytes.clear();
        if self.bytes.capacity() > KEEP_SIZE {
            self.bytes = Vec::new();
        }
    }
}

const READ_SIZE: usize = 4096;
const KEEP_SIZE: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_on_the_wire() {
        assert_eq!(encode(&(7u32, "ab")).unwrap(), [VERSION, 14, 0, 0, 0, 7, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, b'a', b'b']);
    }

    #[test]
    fn split_anywhere() {
        let bytes = [encode(&"one").unwrap(), encode(&"two").unwrap()].concat();
        for cut in 0..bytes.len() {
            let mut r = FrameReader::new();
            let mut got = Vec::new();
            for part in [&bytes[..cut], &bytes[cut..]] {
                r.push(part);
                while let Some(s) = r.take::<String>().unwrap() {
                    got.push(s);
                }
            }
            assert_eq!(got, ["one", "two"]);
        }
    }

    #[test]
    fn hostile_frames_are_errors() {
        let mut r = FrameReader::new();
        r.push(&[VERSION, 255, 255, 255, 255]);
        assert!(matches!(r.take::<String>(), Err(FrameError::TooLong)));
        let mut r = FrameReader::new();
        r.push(b"W");
        assert!(matches!(r.take::<String>(), Err(FrameError::Version(b'W'))));
        let mut r = FrameReader::new();
        r.push(&[VERSION, 8, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 127]);
        assert!(matches!(r.take::<String>(), Err(FrameError::Decode(_))));
    }

    #[test]
    fn sizes_around_the_limit() {
        // A text has eight bytes of length before it.
        for (size, fits) in [(0, true), (1, true), (FRAME_LIMIT - 9, true), (FRAME_LIMIT - 8, true), (FRAME_LIMIT - 7, false), (FRAME_LIMIT + 1, false)] {
            let text = "x".repeat(size);
            let mut out = b"before".to_vec();
            match encode_into(&mut out, &text) {
                Ok(()) => {
                    let mut reader = FrameReader::new();
                    reader.push(&out[6..]);
                    assert_eq!(reader.take::<String>().unwrap(), Some(text));
                }
                Err(FrameError::TooLong) => assert_eq!(out, b"before"),
                Err(e) => panic!("{e}"),
            }
            assert_eq!(out.len() > 6, fits, "{size}");
        }
    }

    #[test]
    fn any_pieces_make_the_same_frames() {
        let mut dice = base::dice::Dice::new(3);
        for _ in 0..200 {
            let words: Vec<String> = (0..dice.below(9)).map(|_| dice.text(&["a", "\u{e9}", "\0"], 40)).collect();
            let whole: Vec<u8> = words.iter().flat_map(|w| encode(w).unwrap()).collect();
            let (mut reader, mut got) = (FrameReader::new(), Vec::new());
            for piece in dice.pieces(&whole) {
                reader.push(piece);
                while let Some(word) = reader.take::<String>().unwrap() {
                    got.push(word);
                }
            }
            assert_eq!(got, words);
        }
    }

    #[test]
    fn any_bytes_are_borne() {
        let mut dice = base::dice::Dice::new(4);
        let sample = encode(&crate::cleanup::Request::Release { ids: vec!["ABCDEF1".into(), "ABCDEF2".into()] }).unwrap();
        for _ in 0..2000 {
            let mut reader = FrameReader::new();
            reader.push(&dice.damaged(&sample));
            while let Ok(Some(_)) = reader.take::<crate::cleanup::Request>() {}
        }
    }
}
