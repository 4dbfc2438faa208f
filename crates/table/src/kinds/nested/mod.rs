//! Tables that hold other tables.

pub(crate) mod compound;
pub(crate) mod debug;
pub(crate) mod proxy;
