//! A bar on the terminal while a long table is built.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How far a source has been read. Shown when standard error is a terminal and the source is long.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    shown: usize,
}

impl Progress {
    /// For a source of so many bytes.
    pub(crate) fn new(length: usize) -> Progress {
        let wanted = length >= WORTH_SHOWING && std::io::stderr().is_terminal();
        Progress { bar: wanted.then(|| bar(length)), shown: 0 }
    }

    /// So many bytes have been read.
    pub(crate) fn at(&mut self, position: usize) {
        if let Some(bar) = self.bar.as_ref().filter(|_| position >= self.shown + STEP) {
            self.shown = position;
            bar.set_position(position as u64);
        }
    }

    /// Everything is read; what remains has no measure.
    pub(crate) fn last(&mut self, what: &'static str) {
        if let Some(bar) = &self.bar {
            bar.set_position(bar.length().unwrap_or(0));
            bar.set_message(what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(length: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length as u64), ProgressDrawTarget::stderr());
    // The template is fixed, and right.
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {eta} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// A source of fewer bytes is done before anybody looks.
const WORTH_SHOWING: usize = 4 << 20;
/// The bar moves after so many bytes.
const STEP: usize = 256 << 10;
