//! libFuzzer on one of our targets: POSTRIDER_FUZZ names it, libFuzzer's own options follow. `fuzz/run` builds and starts it.

#![no_main]

use std::sync::LazyLock;

use fuzz::{TARGETS, Target};

static TARGET: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var("POSTRIDER_FUZZ").unwrap_or_default();
    TARGETS.iter().find(|t| t.name == name).unwrap_or_else(|| {
        TARGETS.iter().for_each(|t| println!("{}", t.name));
        std::process::exit(1)
    })
});

libfuzzer_sys::fuzz_target!(init: { LazyLock::force(&TARGET); }, |input: &[u8]| TARGET.run(input));
