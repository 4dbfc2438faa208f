//! smtp-proto
