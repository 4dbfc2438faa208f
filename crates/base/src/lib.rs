//! Ground floor: the small vocabulary that every other crate shares.
//!
//! Nothing here touches a socket, a file or the clock.

pub mod dice;
mod dsn;
pub mod eightbit;
pub mod getopt;
mod line;
mod stamp;
pub mod text;

pub use dsn::{Class, Dsn, Status};
pub use line::{Line, Printable, Word, blanked, has_utf8_type};
pub use stamp::Stamp;
