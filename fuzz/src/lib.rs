//! What reads bytes of others, each as one function of bytes. A fault is a panic, a wait without end, or memory without a bound.
//!
//! `make fuzz` lets libFuzzer look for inputs (`fuzz/libfuzzer`); those worth keeping stand in `corpus/TARGET/` and are replayed by `cargo test`.

mod addresses;
mod configuration;
mod files;
mod frames;
mod lists;
mod messages;
mod names;
mod sessions;
mod tables;

use std::sync::Once;

pub use tables::room;

/// A parser or a session.
pub struct Target {
    /// The directory of its corpus.
    pub name: &'static str,
    run: fn(&[u8]),
}

impl Target {
    /// Gives it an input. What it would write to the log is dropped.
    ///
    /// # Panics
    /// At a fault, and at nothing else.
    pub fn run(&self, input: &[u8]) {
        static QUIET: Once = Once::new();
        QUIET.call_once(|| maillog::init("fuzz", Vec::new()));
        (self.run)(input);
    }
}

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// Every target.
pub static TARGETS: &[Target] = &[
    target("smtp-dialog", sessions::dialog),
    target("haproxy", sessions::haproxy),
    target("smtp-replies", sessions::replies),
    target("address-list", addresses::list),
    target("address-envelope", addresses::envelope),
    target("address-quote", addresses::quote),
    target("rewriting", addresses::rewriting),
    target("headers", messages::headers),
    target("mime", messages::mime),
    target("seven-bit", messages::seven_bit),
    target("check-actions", messages::actions),
    target("bounce-templates", messages::templates),
    target("dns", names::answers),
    target("resolv-conf", names::resolv_conf),
    target("frames", frames::values),
    target("frame-stream", frames::stream),
    target("showq", frames::showq),
    target("handover", frames::handover),
    target("records", files::records),
    target("envelope", files::envelope),
    target("bounce-log", files::bounce_log),
    target("main-cf", configuration::main_cf),
    target("master-cf", configuration::master_cf),
    target("expansion", configuration::expansion),
    target("postconf-edit", configuration::edit),
    target("table-source", tables::source),
    target("table-hash", tables::hash),
    target("table-cdb", tables::cdb),
    target("table-cidr", tables::cidr),
    target("table-regexp", tables::regexp),
    target("table-pcre", tables::pcre),
    target("table-texthash", tables::texthash),
    target("table-inline", tables::inline),
    target("match-list", tables::match_list),
    target("destinations", lists::destinations),
    target("forward-file", lists::file),
];
