//! showq(8): the queue listing. Socket `public/showq`.
//!
//! A client sends one [`Request`] and gets a frame for each message, then one with `None`.

use base::Stamp;
use serde::{Deserialize, Serialize};

/// Where showq listens.
pub const SOCKET: &str = "public/showq";

/// What a client wants.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Request;

/// One message of the listing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Message {
    /// The queue.
    pub queue: String,
    /// Queue id.
    pub id: String,
    /// Arrival.
    pub arrival: Stamp,
    /// Size as logged.
    pub size: u64,
    /// Expires at the next try.
    pub forced_expire: bool,
    /// Sender, external form, empty for the null sender.
    pub sender: String,
    /// Recipients that are to do.
    pub recipients: Vec<Recipient>,
}

/// One recipient of the listing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recipient {
    /// Address, external form.
    pub address: String,
    /// Address before rewriting; empty when the same.
    pub original: String,
    /// Why it is deferred; empty when it was not tried.
    pub reason: String,
}
