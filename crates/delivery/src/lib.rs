//! What every delivery agent does: opens the queue file that a request names, gives its content out, and reports what became of each recipient.
//!
//! An agent keeps one [`Services`] for its life. For each [`ipc::delivery::Request`] it opens a [`Message`], makes a [`Reporter`], tells it the fate of
//! every recipient, and sends the reply that [`Reporter::finish`] gives. A recipient is marked done after its fate is recorded and before the reply.
//!
//! Here is also what several programs share about outcomes: the logs that bounce(8) keeps, the templates of its reports, and the queue listing.

mod content;
pub mod listing;
mod message;
mod quote;
pub mod record_log;
mod report;
mod services;
mod settings;
pub mod template;
mod timing;

pub use content::{Content, Headers, Piece};
pub use message::{Message, OpenError};
pub use quote::external;
pub use report::Reporter;
pub use services::Services;
pub use settings::{Find, Settings, StatusFilter};
pub use timing::Timing;
