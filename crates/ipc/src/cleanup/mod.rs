//! cleanup(8): a message enters the queue.
//!
//! Socket `public/cleanup`. Requests are answered one by one. After a [`Request::Submit`] frame three parts follow on the stream, in chunks, so that none of
//! them has a limit but the message's own:
//!
//! 1. the envelope: records of the queue file format before the content: attributes, F, S, and per recipient attributes, O, R. No C, T or M;
//! 2. the content: LF-terminated lines;
//! 3. records after the content (recipients found in headers by a re-submission); usually none.
//!
//! A chunk is four bytes of length (little endian) and that many bytes; a length of zero ends the part, [`ABORT`] takes the message back (no reply then).

mod chunks;
mod submitter;

use serde::{Deserialize, Serialize};

use crate::frame::{FrameError, encode};

pub use chunks::{Chunks, Stopped, end_part, put_chunk};
pub use submitter::{Outgoing, SubmitError, Submitter};

/// Where cleanup listens.
pub const SOCKET: &str = "public/cleanup";

/// The chunk length that takes a message back.
pub const ABORT: u32 = u32::MAX;

/// Undeliverable mail is returned to the sender.
pub const FLAG_BOUNCE: u32 = 1;
/// Content inspection (header_checks, body_checks) applies.
pub const FLAG_FILTER: u32 = 1 << 1;
/// Put the message on hold.
pub const FLAG_HOLD: u32 = 1 << 2;
/// Take the message and throw it away.
pub const FLAG_DISCARD: u32 = 1 << 3;
/// always_bcc and the bcc maps apply.
pub const FLAG_BCC: u32 = 1 << 4;
/// canonical, virtual alias and masquerade mapping apply.
pub const FLAG_MAP: u32 = 1 << 5;
/// Milters apply.
pub const FLAG_MILTER: u32 = 1 << 6;
/// The message comes from outside (smtpd), size and hop limits of outside mail apply.
pub const FLAG_EXTERNAL: u32 = 1 << 7;
/// An internal message (bounce, probe): no SMTPUTF8 auto-detection, no warnings.
pub const FLAG_INTERNAL: u32 = 1 << 8;
/// SMTPUTF8 auto-detection applies.
pub const FLAG_AUTO_UTF8: u32 = 1 << 9;
/// What smtpd sets.
pub const FLAGS_EXTERNAL: u32 = FLAG_BOUNCE | FLAG_FILTER | FLAG_BCC | FLAG_MAP | FLAG_MILTER | FLAG_EXTERNAL;
/// What those set who write messages themselves: reports to senders and to the postmaster.
pub const FLAGS_INTERNAL: u32 = FLAG_INTERNAL | FLAG_MAP;
/// What pickup sets: the client hears of nothing any more, so problems bounce.
pub const FLAGS_LOCAL: u32 = FLAG_BOUNCE | FLAG_FILTER | FLAG_BCC | FLAG_MAP | FLAG_MILTER;

/// The flags that a word of `receive_override_options` takes away. `None`: there is no such word.
pub fn overridden(word: &str) -> Option<u32> {
    match word {
        "no_header_body_checks" => Some(FLAG_FILTER),
        "no_address_mappings" => Some(FLAG_MAP | FLAG_BCC),
        "no_milters" => Some(FLAG_MILTER),
        // smtpd's own matter.
        "no_unknown_recipient_checks" => Some(0),
        _ => None,
    }
}

/// What a client wants.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// So many queue ids to use later.
    Reserve {
        /// 1 to 100.
        count: u16,
    },
    /// These ids will not be used.
    Release {
        /// Ids from earlier replies.
        ids: Vec<String>,
    },
    /// A message; its parts follow.
    Submit(Submit),
}

/// What is said of a message before its parts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Submit {
    /// A reserved id, or none: cleanup makes one.
    pub id: Option<String>,
    /// `FLAG_*`.
    pub flags: u32,
    /// When the message arrived: seconds, microseconds.
    pub arrival: (i64, u32),
    /// The client wants another reserved id with the reply.
    pub want_spare: bool,
}

/// cleanup's answer to each request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// `STATUS_*` bits; 0 is success.
    pub status: u32,
    /// A text with its enhanced code in front (`5.7.1 message content rejected`), empty when the status says it all.
    pub reason: String,
    /// The message's queue id.
    pub id: String,
    /// Fresh reserved ids.
    pub spare: Vec<String>,
}

/// The request made no sense.
pub const STATUS_BAD: u32 = 1;
/// The queue file could not be written.
pub const STATUS_WRITE: u32 = 1 << 1;
/// The message is too big.
pub const STATUS_SIZE: u32 = 1 << 2;
/// Content was rejected (a filter, a milter).
pub const STATUS_CONTENT: u32 = 1 << 3;
/// Too many Received headers.
pub const STATUS_HOPS: u32 = 1 << 4;
/// No recipients, and none in the headers.
pub const STATUS_NO_RECIPIENTS: u32 = 1 << 5;
/// A proxy or filter failed; temporary.
pub const STATUS_PROXY: u32 = 1 << 6;
/// A table could not be read, or an alias expands without end; temporary.
pub const STATUS_DEFER: u32 = 1 << 7;
/// The file system is full.
pub const STATUS_SPACE: u32 = 1 << 8;

/// The request that begins a message, and its envelope. Content follows by [`put_chunk`], then [`finish`].
///
/// # Errors
/// The id is longer than a frame.
pub fn begin(submit: Submit, envelope: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut out = encode(&Request::Submit(submit))?;
    put_chunk(&mut out, envelope);
    end_part(&mut out);
    Ok(out)
}

/// Appends the end of the content of a message that has no records after it.
pub fn finish(out: &mut Vec<u8>) {
    end_part(out);
    end_part(out);
}

impl Reply {
    /// The id of a message that was taken.
    ///
    /// # Errors
    /// It was not.
    pub fn accepted(self) -> Result<String, SubmitError> {
        if self.status == 0 { Ok(self.id) } else { Err(SubmitError::Refused(self)) }
    }
}
