//! Tables that ask servers by protocols of their own.

pub(crate) mod memcache;
pub(crate) mod socketmap;
pub(crate) mod tcp;
