use smtp_proto::{Reply, reply};

use crate::notice::Classes;

/// A reply that refuses, and the kind of trouble that it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub(crate) reply: Reply,
    pub(crate) class: Classes,
}

impl Refusal {
    /// The message could not be kept, or the filter before the queue has no sense in it. The reply has the status of a lookup that failed, but no
    /// table is to blame.
    pub(crate) fn write_error() -> Refusal {
        Refusal { reply: reply!("451 4.3.0", "Error: queue file write error"), class: Classes::RESOURCE }
    }
}

impl From<Reply> for Refusal {
    fn from(reply: Reply) -> Refusal {
        Refusal { class: Classes::of(&reply), reply }
    }
}
