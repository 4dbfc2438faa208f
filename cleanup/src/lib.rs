//! cleanup

pub mod trivial_rewrite;
