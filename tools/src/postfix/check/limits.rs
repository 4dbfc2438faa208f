//! Numbers that contradict each other, and values that are not what they look like.

use config::{Config, ConfigError};
use params::{Kind, Param, Time};

pub(super) fn advice(conf: &Config) -> Vec<ConfigError> {
    let limits = [params::MAILBOX_SIZE_LIMIT, params::VIRTUAL_MAILBOX_LIMIT];
    let mut out: Vec<ConfigError> = limits.into_iter().filter_map(|limit| conf.check_mailbox_limit(limit).err()).collect();
    let times: [(&Param<Time>, &Param<Time>, &str); 3] = [
        (params::MINIMAL_BACKOFF_TIME, params::MAXIMAL_BACKOFF_TIME, "mail that cannot be delivered waits no longer than the second"),
        (params::BOUNCE_QUEUE_LIFETIME, params::MAXIMAL_QUEUE_LIFETIME, "the queue manager takes the second for both"),
        (params::QUEUE_RUN_DELAY, params::MINIMAL_BACKOFF_TIME, "deferred mail waits for the next look at the queue"),
    ];
    for (small, large, effect) in times {
        let changed = [small, large].into_iter().find(|p| conf.explicit(p.decl.name).is_some());
        if let Some(place) = changed.filter(|_| conf.get(small) > conf.get(large)) {
            let (small, large) = (small.decl.name, large.decl.name);
            out.push(conf.place(place.decl.name, format!("{small} is larger than {large}: {effect}")).remedy(format!("set {small} to at most {large}")));
        }
    }
    for setting in conf.settings() {
        let whole_line = matches!(setting.name.as_str(), "myhostname" | "mydomain" | "myorigin" | "relayhost");
        let takes_words = params::find(&setting.name).is_some_and(|d| d.kind != Kind::Str || whole_line);
        if takes_words && setting.value.split_ascii_whitespace().skip(1).any(|w| w.starts_with('#')) {
            let what = format!("the text behind # is part of the value of {}", setting.name);
            out.push(ConfigError::at(&*setting.file, setting.line, what).remedy("a comment has a line of its own, with # in front"));
        }
    }
    let name: String = conf.get(params::MYHOSTNAME);
    if conf.explicit("myhostname").is_some() && !name.contains('.') {
        let what = format!("myhostname = {name} is no full host name: other mail servers will refuse it");
        out.push(conf.place("myhostname", what).remedy("write the name of this host with its domain"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)]) -> String {
        advice(&Config::from_pairs(pairs.iter().copied())).iter().map(|e| format!("{e}\n")).collect()
    }

    #[test]
    fn limits_that_contradict() {
        assert_eq!(told(&[("myhostname", "mail.example.com")]), "");
        let text = told(&[("message_size_limit", "60000000"), ("mailbox_size_limit", "51200000")]);
        assert!(text.starts_with("/etc/postfix/main.cf, line 2: configuration error: mailbox_size_limit is smaller than message_size_limit"), "{text}");
        assert!(
            told(&[("message_size_limit", "0")]).contains("line 1: configuration error: mailbox_size_limit is limited but message_size_limit is unlimited")
        );
        assert!(told(&[("maximal_queue_lifetime", "0")]).contains("bounce_queue_lifetime is larger than maximal_queue_lifetime"));
        assert!(told(&[("minimal_backoff_time", "2h")]).contains("minimal_backoff_time is larger than maximal_backoff_time"));
    }

    #[test]
    fn comments_and_names() {
        assert!(told(&[("mynetworks", "127.0.0.0/8 # us")]).contains("line 1: the text behind # is part of the value of mynetworks"));
        assert_eq!(told(&[("smtpd_banner", "$myhostname # 1")]), "");
        assert!(told(&[("myhostname", "mail")]).contains("is no full host name"));
    }
}
