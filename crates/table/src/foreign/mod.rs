//! C libraries and mapped files, one a module. The only unsafe code of this crate.
#![allow(unsafe_code)]

mod mapped;
mod regex;

pub(crate) use mapped::map;
pub(crate) use regex::PosixRegex;
