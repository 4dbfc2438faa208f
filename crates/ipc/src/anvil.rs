//! anvil(8): connection and request counts a client. Socket `private/anvil`.

use serde::{Deserialize, Serialize};

/// Where anvil listens.
pub const SOCKET: &str = "private/anvil";

/// What a client wants counted. `service` and `client` name the pair, as `smtp` and an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// A new connection.
    Connect {
        /// Service name.
        service: String,
        /// Client address.
        client: String,
    },
    /// The end of a connection. No reply.
    Disconnect {
        /// Service name.
        service: String,
        /// Client address.
        client: String,
    },
    /// An event whose rate is limited.
    Count {
        /// Service name.
        service: String,
        /// Client address.
        client: String,
        /// What happened.
        event: Event,
    },
    /// The present numbers.
    Lookup {
        /// Service name.
        service: String,
        /// Client address.
        client: String,
    },
}

/// Events whose rate is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// MAIL.
    Message,
    /// RCPT.
    Recipient,
    /// STARTTLS with a new session.
    NewTls,
    /// AUTH.
    Auth,
}

/// The numbers of a client, over `anvil_rate_time_unit`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Connections now.
    pub count: u32,
    /// Connections per time unit.
    pub rate: u32,
    /// Messages per time unit.
    pub messages: u32,
    /// Recipients per time unit.
    pub recipients: u32,
    /// New TLS sessions per time unit.
    pub new_tls: u32,
    /// AUTH commands per time unit.
    pub auth: u32,
}
