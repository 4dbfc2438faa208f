use std::fmt::Write as _;

use super::command::{ROWS, Verb};

/// How often each command was given, and how often it succeeded.
#[derive(Clone, Debug, Default)]
pub(super) struct Stats([(u32, u32); ROWS.len()]);

impl Stats {
    #[expect(clippy::indexing_slicing, reason = "a row for each verb, in their order: a test holds it")]
    pub(super) fn given(&mut self, verb: Verb) {
        self.0[verb as usize].1 += 1;
    }

    #[expect(clippy::indexing_slicing, reason = "a row for each verb, in their order: a test holds it")]
    pub(super) fn succeeded(&mut self, verb: Verb) {
        self.0[verb as usize].0 += 1;
    }

    /// All commands together.
    pub(super) fn all(&self) -> u32 {
        self.0.iter().map(|(_, total)| total).sum()
    }

    /// ` ehlo=1 mail=1 rcpt=0/1 ... commands=3/4`: what follows the client's name in the disconnect line.
    pub(super) fn append_to(&self, out: &mut String) {
        let (mut good, mut all) = (0, 0);
        for (row, (ok, total)) in ROWS.iter().zip(self.0).filter(|(_, (_, total))| *total > 0) {
            out.push(' ');
            out.extend(row.name.chars().map(|c| c.to_ascii_lowercase()));
            ratio(out, ok, total);
            good += ok;
            all += total;
        }
        out.push_str(" commands");
        ratio(out, good, all);
    }
}

fn ratio(out: &mut String, ok: u32, total: u32) {
    let _ = if ok == total && total > 0 { write!(out, "={ok}") } else { write!(out, "={ok}/{total}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shape() {
        let mut s = Stats::default();
        for v in [Verb::Ehlo, Verb::Rcpt, Verb::Rcpt, Verb::Unknown] {
            s.given(v);
        }
        s.succeeded(Verb::Ehlo);
        s.succeeded(Verb::Rcpt);
        let mut out = String::new();
        s.append_to(&mut out);
        assert_eq!(out, " ehlo=1 rcpt=1/2 unknown=0/1 commands=2/4");
    }
}
