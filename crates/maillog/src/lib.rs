//! maillog
