//! qmgr

pub mod bounce;
pub mod discard;
pub mod error;
pub mod flush;
pub mod qmgr;
pub mod showq;
