//! The tables of the client, but those of security.

use std::net::IpAddr;
use std::sync::Arc;

use base::Dsn;
use checks::{Checks, Scope};
use config::Config;
use dns::ReplyFilter;
use message::MimeLimits;
use table::{Flags, Maps, MatchList};

use crate::generic::Generic;
use crate::nexthop::Site;
use crate::pix::Workarounds;
use crate::session::Peer;

/// Tables of smtp(8), or their twins of lmtp(8). Names without a prefix stand for `smtp_NAME` and `lmtp_NAME`.
pub struct Tables {
    /// `generic_maps`.
    pub generic: Option<Generic>,
    /// `header_checks`.
    pub header_checks: Checks,
    /// `mime_header_checks`.
    pub mime_header_checks: Checks,
    /// `nested_header_checks`.
    pub nested_header_checks: Checks,
    /// `body_checks`.
    pub body_checks: Checks,
    /// Limits of the MIME structure that is followed.
    pub mime: MimeLimits,
    /// `reply_filter`: what servers say, and what is to be heard in its place.
    pub replies: Arc<Maps>,
    answers: Arc<Maps>,
    keywords: Maps,
    pix: Maps,
    debug: MatchList,
}

impl Tables {
    /// Opens the tables. What cannot be opened is logged, and fails when it is asked.
    pub fn open(conf: &Config, lmtp: bool) -> Tables {
        let prefix = if lmtp { "lmtp" } else { "smtp" };
        let name = |suffix: &str| format!("{prefix}_{suffix}");
        let spec = |suffix: &str| conf.lookup(&name(suffix)).unwrap_or_default();
        let maps = |suffix: &str| Maps::open(&name(suffix), &spec(suffix), conf, Flags::DEFAULT);
        let checks = |suffix: &str| Checks::open(&name(suffix), &spec(suffix), conf, Scope::Leaving);
        Tables {
            generic: Generic::open(conf, &name("generic_maps")),
            header_checks: checks("header_checks"),
            mime_header_checks: checks("mime_header_checks"),
            nested_header_checks: checks("nested_header_checks"),
            body_checks: checks("body_checks"),
            mime: MimeLimits {
                nesting: conf.get(params::MIME_NESTING_LIMIT),
                boundary: conf.get(params::MIME_BOUNDARY_LENGTH_LIMIT),
                header: conf.get(params::HEADER_SIZE_LIMIT),
                ..MimeLimits::default()
            },
            replies: Arc::new(maps("reply_filter")),
            answers: Arc::new(maps("dns_reply_filter")),
            keywords: maps(if lmtp { "discard_lhlo_keyword_address_maps" } else { "discard_ehlo_keyword_address_maps" }),
            pix: maps("pix_workaround_maps"),
            debug: MatchList::of(conf, params::DEBUG_PEER_LIST),
        }
    }

    /// `dns_reply_filter`: which answers of the DNS are passed over.
    pub fn answers(&self) -> Option<ReplyFilter> {
        let maps = Arc::clone(&self.answers);
        let name = maps.title().to_owned();
        (!maps.is_empty()).then(|| ReplyFilter::new(&name, move |text| maps.find(text).map_err(drop)))
    }

    /// True when the log is to tell what is said to a server and by it. A list that cannot be asked names none.
    pub fn shows(&self, peer: &Peer) -> bool {
        if self.debug.is_empty() {
            return false;
        }
        let hop = match &peer.site {
            Site::Inet { name, .. } => self.debug.matches_domain(name),
            Site::Unix(path) => self.debug.matches_text(path),
        };
        let host = match peer.address {
            Some(address) => self.debug.matches_host(&peer.host, address.ip()),
            None => self.debug.matches_text(&peer.host),
        };
        hop.unwrap_or(false) || host.unwrap_or(false)
    }

    /// True when content must be looked at on its way out.
    pub fn edit_content(&self) -> bool {
        let checks = [&self.header_checks, &self.mime_header_checks, &self.nested_header_checks, &self.body_checks];
        self.generic.is_some() || checks.iter().any(|c| !c.is_empty())
    }

    /// EHLO keywords of one server that are passed over, in lower case; `None` for the general list.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn ignored_keywords(&self, address: IpAddr) -> Result<Option<Vec<String>>, Dsn> {
        let found = ask(&self.keywords, address)?;
        Ok(found.map(|text| crate::nexthop::words(&text).map(str::to_ascii_lowercase).collect()))
    }

    /// Workarounds for a PIX firewall in front of one server; `None` for the general ones.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn workarounds(&self, address: IpAddr) -> Result<Option<Workarounds>, Dsn> {
        Ok(ask(&self.pix, address)?.map(|text| Workarounds::parse(self.pix.title(), &text)))
    }
}

fn ask(maps: &Maps, address: IpAddr) -> Result<Option<String>, Dsn> {
    maps.find(&address.to_string()).map_err(|_| Dsn::new("4.3.0", format!("{} map lookup error for {address}", maps.title())))
}
