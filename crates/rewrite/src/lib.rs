//! Addresses made canonical, and resolved to transport, next hop and class: one library for smtpd, cleanup, qmgr, and trivial-rewrite(8) for whoever is jailed.
//!
//! Rewriting works on the external form and needs no table; it never fails. Resolving works on the internal form and asks tables; a table that
//! could not be asked is an error, and the caller defers or answers 4xx.

mod external;
#[cfg(test)]
mod golden;
mod local;
mod mapping;
mod resolve;
mod route;
mod transport;

use address::quote_local;
use config::Config;
use ipc::rewrite::Resolved;
use table::LookupError;

use external::split_external;
use resolve::Resolver;

/// By whose rules an incomplete address is completed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// A local client: `$myorigin`, `.$mydomain`.
    Local,
    /// A stranger: `remote_header_rewrite_domain`; when that is empty, nothing is completed.
    Remote,
}

impl Context {
    /// From the word in a queue file or request: `local` or `remote`.
    pub fn from_word(word: &str) -> Option<Context> {
        match word {
            "local" => Some(Context::Local),
            "remote" => Some(Context::Remote),
            _ => None,
        }
    }
}

/// The configuration of trivial-rewrite(8): the `-o` settings of another service do not change where mail goes.
pub fn service_conf(conf: &Config) -> Config {
    conf.of_service(&format!("{}/unix", conf.get(params::REWRITE_SERVICE_NAME)))
}

/// Rewrites and resolves by one configuration.
pub struct Rewriter {
    rules: Rules,
    resolver: Resolver,
}

/// How addresses are completed.
pub(crate) struct Rules {
    /// `myorigin`, whether it is appended or not.
    origin: String,
    local_origin: Option<String>,
    local_domain: Option<String>,
    /// `append_dot_mydomain` is what it was at an old compatibility level.
    old_level: bool,
    remote: Option<String>,
    swap_bangpath: bool,
    percent_hack: bool,
}

impl Rewriter {
    /// Opens the tables. Those that cannot be opened are logged, and fail when they are asked.
    pub fn open(conf: &Config) -> Rewriter {
        Rewriter { rules: Rules::new(conf), resolver: Resolver::open(conf) }
    }

    /// The canonical form of an address, both in external form. The null address stays empty.
    pub fn rewrite(&self, context: Context, address: &str) -> String {
        match quick_domain(address) {
            Some(_) if self.rules.domain(context).is_none() => address.to_owned(),
            Some(domain) if domain.contains('.') => address.to_owned(),
            _ => self.rules.rewrite(context, address),
        }
    }

    /// Where a recipient goes; both addresses in internal form.
    ///
    /// An address that makes no sense gives the transport `error` with a text for the sender, and `FLAG_ERROR`.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn resolve(&self, sender: &str, recipient: &str) -> Result<Resolved, LookupError> {
        self.resolver.resolve(&self.rules, sender, recipient)
    }

    /// Whether a domain or address literal (`[192.0.2.1]`) is this host's: mydestination, inet_interfaces, proxy_interfaces.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn is_local(&self, domain: &str) -> Result<bool, LookupError> {
        self.resolver.local.contains(domain)
    }

    /// The address class of a domain: one of `ipc::rewrite::CLASS_*`.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn class(&self, domain: &str) -> Result<u32, LookupError> {
        self.resolver.class(domain)
    }

    /// Whether [`Rewriter::resolve`] may wait for something outside this process. [`Rewriter::rewrite`] never does.
    pub fn may_block(&self) -> bool {
        self.resolver.may_block()
    }
}

impl Rules {
    fn new(conf: &Config) -> Rules {
        let text = |t: String| Some(t).filter(|t| !t.is_empty());
        Rules {
            origin: conf.get(params::MYORIGIN),
            local_origin: text(conf.get(params::MYORIGIN)).filter(|_| conf.get(params::APPEND_AT_MYORIGIN)),
            local_domain: text(conf.get(params::MYDOMAIN)).filter(|_| yes(conf, "append_dot_mydomain")),
            old_level: conf.is_old_default("append_dot_mydomain"),
            remote: text(conf.get(params::REMOTE_HEADER_REWRITE_DOMAIN)),
            swap_bangpath: conf.get(params::SWAP_BANGPATH),
            percent_hack: conf.get(params::ALLOW_PERCENT_HACK),
        }
    }

    /// What completes an address without a domain.
    fn origin(&self, context: Context) -> Option<&str> {
        match context {
            Context::Local => self.local_origin.as_deref(),
            Context::Remote => self.remote.as_deref(),
        }
    }

    /// What completes a domain without a dot.
    fn domain(&self, context: Context) -> Option<&str> {
        match context {
            Context::Local => self.local_domain.as_deref(),
            // A stranger's short host name is completed only where such names are completed at all.
            Context::Remote => self.remote.as_deref().filter(|_| self.local_domain.is_some()),
        }
    }

    /// The whole work, in external form.
    fn rewrite(&self, context: Context, address: &str) -> String {
        let parts = split_external(address, self);
        if parts.local.is_empty() && parts.domain.is_none() {
            // A lone "@" and a quoted nothing both stand for the null address.
            return if address.trim().is_empty() { String::new() } else { "\"\"".to_owned() };
        }
        let mut domain = match parts.domain {
            Some(d) => d,
            None => match self.origin(context) {
                Some(origin) => origin.to_owned(),
                None => return quote_local(&parts.local).into_owned(),
            },
        };
        self.complete(context, &mut domain);
        format!("{}@{domain}", if parts.local.is_empty() { "\"\"".into() } else { quote_local(&parts.local) })
    }

    /// The internal form of a local part with routing operators, as a local address: `a%b` gives `a@b.mydomain`. `None`: it has none.
    pub(crate) fn reroute(&self, local: &str) -> Option<String> {
        let (user, domain) = route::take(local, self.swap_bangpath, self.percent_hack)?;
        let mut domain = match domain {
            Some(d) => d.to_owned(),
            None => self.origin(Context::Local)?.to_owned(),
        };
        self.complete(Context::Local, &mut domain);
        Some(format!("{user}@{domain}"))
    }

    /// Adds `.mydomain` to a name without dots, and takes one dot off the end of a domain.
    fn complete(&self, context: Context, domain: &mut String) {
        if let Some(parent) = self.domain(context).filter(|_| !domain.is_empty() && !domain.contains(['.', '['])) {
            let completed = format!("{domain}.{parent}");
            if self.old_level {
                maillog::info!("using backwards-compatible default setting append_dot_mydomain=yes to rewrite \"{domain}\" to \"{completed}\"");
            }
            *domain = completed;
        }
        strip_dot(domain);
    }
}

/// Takes the dot off the end of a domain; a lone dot and two dots stay, they are errors.
pub(crate) fn strip_dot(domain: &mut String) {
    if domain.len() > 1 && domain.ends_with('.') && !domain.ends_with("..") {
        domain.pop();
    }
}

/// The domain of an address that is already canonical as far as syntax goes: atoms, one `@`, no dot at the end.
fn quick_domain(address: &str) -> Option<&str> {
    let (local, domain) = address.split_once('@')?;
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-' || b == b'_' || b == b'+' || b == b'=');
    let dots = |text: &str| !text.is_empty() && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
    (plain(local) && dots(local) && plain(domain) && dots(domain)).then_some(domain)
}

/// A boolean that may be a computed text (`${{$compatibility_level} <level {1} ? {yes} : {no}}`).
pub(crate) fn yes(conf: &Config, name: &str) -> bool {
    conf.lookup(name).is_some_and(|v| v.eq_ignore_ascii_case("yes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewriter(extra: &[(&str, &str)]) -> Rewriter {
        let mut pairs = vec![
            ("myhostname", "host.example.com"),
            ("mydestination", "$myhostname"),
            ("remote_header_rewrite_domain", "remote.invalid"),
            ("append_dot_mydomain", "no"),
        ];
        pairs.extend(extra);
        Rewriter::open(&Config::from_pairs(pairs))
    }

    /// What postfix 3.7 makes of addresses of this host.
    const LOCAL: &[(&str, &str)] = &[
        ("", ""),
        ("foo", "foo@host.example.com"),
        ("foo@bar", "foo@bar"),
        ("foo@bar.", "foo@bar"),
        ("foo@bar.com..", "foo@bar.com.."),
        ("foo@", "foo@"),
        ("@foo", "\"\"@foo"),
        ("\"foo bar\"", "\"foo bar\"@host.example.com"),
        ("foo bar@x.com", "\"foo bar\"@x.com"),
        ("host!user", "user@host"),
        ("a!b!c", "b!c@a"),
        ("a!b@c.com", "a!b@c.com"),
        ("user%dom", "user@dom"),
        ("a%b%c.d", "a%b@c.d"),
        ("@a,@b:user@c.com", "user@c.com"),
        ("@a.com:user", "user@host.example.com"),
        ("@a:b!c", "c@b"),
        ("user@[1.2.3.4]", "user@[1.2.3.4]"),
        ("user@[1.2.3.4]x", "user@[1.2.3.4] x"),
        ("<foo@bar.com>", "\"<foo\"@bar.com>"),
        ("\"Joe\" <foo@bar.com>", "\"Joe <foo\"@bar.com>"),
        ("foo@bar.com (comment)", "foo@bar.com (comment)"),
        ("(c) foo @ bar . com", "\"(c) foo\"@bar.com"),
        ("a@b@c", "\"a@b\"@c"),
        ("\"a@b\"", "\"a@b\"@host.example.com"),
        ("a\\@b", "\"a@b\"@host.example.com"),
        ("a\\ b@c.com", "\"a b\"@c.com"),
        ("\"a\\\"b\"@c.com", "\"a\\\"b\"@c.com"),
        (".foo@x.com", "\".foo\"@x.com"),
        ("foo:;", "\"foo:;\"@host.example.com"),
        ("group: a@b, c@d;", "\"group:a@b, c\"@d;"),
        ("a,b", "\"a, b\"@host.example.com"),
        ("föö@bar", "föö@bar"),
        ("\"foo\"@bar.com", "foo@bar.com"),
        ("\"!foo\"@bar.com", "!foo@bar.com"),
        ("\"a!b\"", "a!b@host.example.com"),
        ("FOO@BAR.com", "FOO@BAR.com"),
        ("foo@bar@", "\"foo@bar\"@"),
        ("foo@@bar", "\"foo@\"@bar"),
        ("foo@.", "foo@."),
        ("@", "\"\""),
        ("!foo", "foo@"),
        ("foo!", "\"\"@foo"),
        ("%foo", "\"\"@foo"),
        ("foo%", "foo@"),
        ("foo%@bar.com", "foo%@bar.com"),
        ("\"\"@x.com", "\"\"@x.com"),
        ("\"\"", "\"\""),
        ("foo[x]@y", "\"foo [x]\"@y"),
        ("a;b@x", "\"a;b\"@x"),
        ("foo@x y", "foo@x y"),
        ("<>", "\"<>\"@host.example.com"),
        ("foo\\", "foo@host.example.com"),
        ("\"unterminated", "unterminated@host.example.com"),
        ("[1.2.3.4]", "\"[1.2.3.4]\"@host.example.com"),
        ("a@[1.2.3.4", "a@[1.2.3.4]"),
        ("a (b) c@d.com", "\"a (b) c\"@d.com"),
        ("x@y (b", "x@y (b"),
    ];

    #[test]
    fn as_postfix_local() {
        let r = rewriter(&[]);
        for (from, to) in LOCAL {
            assert_eq!(r.rewrite(Context::Local, from), *to, "{from}");
        }
    }

    #[test]
    fn completion_by_context() {
        let r = rewriter(&[("append_dot_mydomain", "yes"), ("myorigin", "origin.example")]);
        for (context, from, to) in [
            (Context::Local, "foo", "foo@origin.example"),
            (Context::Local, "foo@bar", "foo@bar.example.com"),
            (Context::Remote, "foo@bar", "foo@bar.remote.invalid"),
            (Context::Remote, "foo", "foo@remote.invalid"),
            (Context::Local, "@foo", "\"\"@foo.example.com"),
            (Context::Local, "foo@[1.2.3.4]", "foo@[1.2.3.4]"),
            (Context::Local, "foo@bar.", "foo@bar"),
            (Context::Local, "a!b", "b@a.example.com"),
            (Context::Local, "foo@", "foo@"),
        ] {
            assert_eq!(r.rewrite(context, from), to, "{from}");
        }
        let none = rewriter(&[("append_at_myorigin", "no"), ("remote_header_rewrite_domain", "")]);
        assert_eq!(none.rewrite(Context::Local, "foo"), "foo");
        assert_eq!(none.rewrite(Context::Remote, "foo"), "foo");
    }
}
