//! What our programs say to each other: typed requests and replies, one module a service, on framed Unix sockets.
//!
//! A frame is one version byte, four bytes of length (little endian), and a bincode payload. The version byte is never a letter, so that a
//! classic one-letter trigger on the same socket cannot be mistaken for a frame. Frames never reach a disk. Where programs that are not ours listen (showq,
//! postdrop) postfix's lists of attributes travel instead.

mod client;
mod frame;
mod handover;

pub mod anvil;
pub mod attributes;
pub mod bounce;
pub mod cleanup;
pub mod delivery;
pub mod flush;
pub mod postdrop;
pub mod proxymap;
pub mod qmgr;
pub mod rewrite;
pub mod showq;
pub mod trigger;

pub use client::{Client, IpcError};
pub use frame::{FRAME_LIMIT, FrameError, FrameReader, HEADER, VERSION, decode, encode, encode_into, read_frame, write_frame};
pub use handover::{HANDOVER_LIMIT, Handover};
