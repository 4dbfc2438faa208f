//! tools

pub mod postcat;
pub mod postqueue;
pub mod postsuper;
pub mod qshape;
pub mod queue_tool;
