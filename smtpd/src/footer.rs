//! What stands behind every refusal: `smtpd_reject_footer`, `smtpd_reject_footer_maps`.

use config::{Config, expand_with};
use smtp_proto::Reply;
use smtp_proto::server::Dialog;
use table::{Flags, Maps};

use crate::client::Client;

/// The texts, with names of the session.
pub(crate) struct Footer {
    template: String,
    maps: Maps,
    /// Other characters become `_` (`smtpd_expansion_filter`).
    allowed: Vec<u8>,
    hostname: String,
}

impl Footer {
    /// `None`: there is none.
    pub(crate) fn of(conf: &Config) -> Option<Footer> {
        let maps = Maps::of(conf, params::SMTPD_REJECT_FOOTER_MAPS, Flags::DEFAULT);
        let template: String = conf.get(params::SMTPD_REJECT_FOOTER);
        let allowed = base::text::unescape(&conf.get(params::SMTPD_EXPANSION_FILTER));
        (!template.is_empty() || !maps.is_empty()).then(|| Footer { template, maps, allowed, hostname: conf.get(params::MYHOSTNAME) })
    }

    /// The lines behind a reply. A table that cannot be asked has none.
    pub(crate) fn lines(&self, client: &Client, dialog: &Dialog, reply: &Reply) -> Vec<String> {
        let template = self.maps.find(&reply.to_string()).unwrap_or_default().unwrap_or_else(|| self.template.clone());
        if template.is_empty() {
            return Vec::new();
        }
        let value = |name: &str| self.value(client, dialog, name).map(|text| self.censored(&text).replace('$', "$$"));
        match expand_with(&template, &value, &mut |_| {}) {
            Ok(text) => text.split("\\n").map(str::to_owned).collect(),
            Err(e) => {
                maillog::warning!("smtpd_reject_footer: {e}: {template}");
                Vec::new()
            }
        }
    }

    fn value(&self, client: &Client, dialog: &Dialog, name: &str) -> Option<String> {
        let sender = dialog.mail().map_or("", |m| m.sender.as_str());
        let (sender_name, sender_domain) = address::split(sender);
        Some(match name {
            "client" => client.label(false),
            "client_address" => client.address.clone(),
            "client_name" => client.name.clone(),
            "client_port" => client.port.clone(),
            "helo_name" => dialog.helo().unwrap_or_default().to_owned(),
            "localtime" => {
                let t = sys::local_time(sys::now());
                format!("{} {:02} {:02}:{:02}:{:02}", t.month_name(), t.day, t.hour, t.minute, t.second)
            }
            "reverse_client_name" => client.reverse_name.clone(),
            "sender" => sender.to_owned(),
            "sender_domain" => sender_domain.unwrap_or_default().to_owned(),
            "sender_name" => sender_name.to_owned(),
            "server_name" => self.hostname.clone(),
            _ => return None,
        })
    }

    fn censored(&self, text: &str) -> String {
        text.chars().map(|c| if u8::try_from(c).is_ok_and(|b| self.allowed.contains(&b)) { c } else { '_' }).collect()
    }
}
