//! Firewalls of the PIX kind that speak SMTP on behalf of a server, and speak it badly.

use crate::nexthop::words;

/// What is done for servers behind such a firewall.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Workarounds {
    /// HELO instead of EHLO.
    pub disable_esmtp: bool,
    /// A pause between the content and its final dot, so that they do not share a packet.
    pub delay_dotcrlf: bool,
}

impl Workarounds {
    /// Reads a list of words; one that is not known is logged. `name`: of the parameter.
    pub fn parse(name: &str, list: &str) -> Workarounds {
        let mut workarounds = Workarounds::default();
        for word in words(list) {
            match word {
                "disable_esmtp" => workarounds.disable_esmtp = true,
                "delay_dotcrlf" => workarounds.delay_dotcrlf = true,
                other => maillog::warning!("unknown PIX workaround \"{other}\" in {name}: want disable_esmtp or delay_dotcrlf"),
            }
        }
        workarounds
    }

    /// The words, for the log.
    pub fn describe(self) -> String {
        let all = [(self.disable_esmtp, "disable_esmtp"), (self.delay_dotcrlf, "delay_dotcrlf")];
        all.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    }
}

/// True when a greeting (without its code) came through such a firewall, which blots out all but twos, zeros and blanks.
pub fn is_masked(banner: &str) -> bool {
    banner.contains('*') && banner.chars().all(|c| matches!(c, '2' | '0' | ' ' | '\t' | '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banners() {
        assert!(is_masked("****************0*0*0*0****"));
        assert!(is_masked("**2 00*"));
        assert!(!is_masked("mail.example.com ***ESMTP***"));
        assert!(!is_masked(""));
    }

    #[test]
    fn lists() {
        let both = Workarounds::parse("x", "disable_esmtp, delay_dotcrlf");
        assert_eq!(both.describe(), "disable_esmtp delay_dotcrlf");
        assert_eq!(Workarounds::parse("x", "what"), Workarounds::default());
    }
}
