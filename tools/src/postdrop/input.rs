//! Records from standard input, and the signals that end their coming.

use std::fs;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::PathBuf;

use sys::SignalQueue;

/// Why there is no next record.
#[derive(Debug)]
pub(super) enum InputError {
    /// Not the record format.
    Malformed(String),
    /// Reading failed.
    Io(io::Error),
}

/// Standard input. A signal removes the unfinished file and ends the program.
pub(super) struct Input {
    signals: SignalQueue,
    unfinished: PathBuf,
    bytes: Vec<u8>,
    at: usize,
}

const HUP: i32 = 1;
const INT: i32 = 2;
const QUIT: i32 = 3;
const TERM: i32 = 15;
const BLOCK: usize = 64 << 10;

/// Keeps the signals that end the program until [`Input`] looks at them. One that our parent ignores (nohup) stays ignored.
pub(super) fn catch_signals() -> io::Result<SignalQueue> {
    let ignored = ignored_signals();
    let wanted: Vec<i32> = [HUP, INT, QUIT, TERM].into_iter().filter(|s| ignored & (1 << (s - 1)) == 0).collect();
    SignalQueue::new(&wanted)
}

impl Input {
    pub(super) fn new(signals: SignalQueue, unfinished: PathBuf) -> Input {
        Input { signals, unfinished, bytes: Vec::new(), at: 0 }
    }

    /// The next record; `None` when the input ends before one begins. Data beyond `limit` bytes is refused.
    pub(super) fn record(&mut self, limit: usize) -> Result<Option<(u8, Vec<u8>)>, InputError> {
        let Some(kind) = self.byte()? else { return Ok(None) };
        let mut length = 0usize;
        for shift in (0..).step_by(7) {
            let byte = self.byte()?.ok_or_else(|| InputError::Malformed(format!("unexpected EOF reading length, record type {kind}")))?;
            length |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
            if shift >= LENGTH_BITS {
                return Err(InputError::Malformed(format!("too many length bits, record type {kind}")));
            }
        }
        if length > limit {
            return Err(InputError::Malformed(format!("illegal length {length}, record type {kind}")));
        }
        while self.bytes.len() - self.at < length {
            if !self.fill()? {
                return Err(InputError::Malformed(format!("unexpected EOF in data, record type {kind} length {length}")));
            }
        }
        let data = self.bytes.get(self.at..self.at + length).unwrap_or_default().to_vec();
        self.at += length;
        Ok(Some((kind, data)))
    }

    fn byte(&mut self) -> Result<Option<u8>, InputError> {
        while self.at >= self.bytes.len() {
            if !self.fill()? {
                return Ok(None);
            }
        }
        let byte = self.bytes.get(self.at).copied();
        self.at += 1;
        Ok(byte)
    }

    /// Reads once; false at the end.
    fn fill(&mut self) -> Result<bool, InputError> {
        self.bytes.drain(..self.at);
        self.at = 0;
        let stdin = io::stdin();
        let ready = sys::poll_readable(&[self.signals.as_fd(), stdin.as_fd()], None).map_err(InputError::Io)?;
        if ready == Some(0) && self.signals.next_signal().is_some() {
            let _ = fs::remove_file(&self.unfinished);
            std::process::exit(1);
        }
        let old = self.bytes.len();
        self.bytes.resize(old + BLOCK, 0);
        let got = stdin.lock().read(self.bytes.get_mut(old..).unwrap_or_default());
        self.bytes.truncate(old + got.as_ref().map_or(0, |n| *n));
        got.map(|n| n > 0).map_err(InputError::Io)
    }
}

/// Five groups of seven bits are more than any record may have.
const LENGTH_BITS: u32 = 28;

/// The mask of signals that were ignored when we were started; bit 0 is signal 1.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("SigIgn:"));
    line.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}
