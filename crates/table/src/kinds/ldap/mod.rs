//! `ldap:/path`, `ldap:name`: ldap_table(5).

mod expand;
mod quote;
mod settings;
mod url;

use std::time::Duration;

use crate::context::Context;
use crate::foreign::{self, LdapEntry, LdapError, LdapOptions, SaslAnswers};
use crate::kinds::client::domain::Domains;
use crate::kinds::client::expansion::Template;
use crate::kinds::client::hosts::{Fault, Host, Hosts};
use crate::kinds::client::not_loaded;
use crate::kinds::client::settings::Settings;
use crate::{LookupError, OpenError, Table, folded};

use expand::{Attributes, Expansion};

/// A table in a directory.
pub(crate) struct Ldap {
    name: String,
    /// The name without the type, for the log.
    file: String,
    options: LdapOptions,
    login: Login,
    base: Template,
    scope: i32,
    filter: Template,
    format: Template,
    attributes: Attributes,
    domains: Domains,
    recursion_limit: usize,
    expansion_limit: usize,
    size_limit: i32,
    fold: bool,
    /// The library goes through the list of servers itself: to us they are one.
    servers: Hosts<foreign::Ldap>,
}

/// How a connection is authenticated.
enum Login {
    None,
    Simple { dn: String, password: String },
    Sasl { dn: String, answers: SaslAnswers },
}

impl Ldap {
    /// Reads the parameters. The servers are asked by the first lookup.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let settings = Settings::open(name, context)?;
        let table = settings::read(&settings, context)?;
        foreign::Ldap::load().map_err(|e| not_loaded(&table.name, e))?;
        Ok(Box::new(table))
    }

    fn connect(&self) -> Result<foreign::Ldap, String> {
        let connection = foreign::Ldap::open(&self.options).map_err(|e| match self.options.start_tls {
            true => format!("Unable to set STARTTLS: {}: {}", e.code, e.text),
            false => format!("Unable to init LDAP server {}: {} ({})", self.options.servers, e.code, e.text),
        })?;
        let (dn, outcome) = match &self.login {
            Login::None => return Ok(connection),
            Login::Simple { dn, password } => (dn, connection.bind(dn, password)),
            Login::Sasl { dn, answers } => (dn, connection.bind_sasl(dn, answers)),
        };
        let dn = if dn.is_empty() { "empty or implicit" } else { dn };
        outcome.map_err(|e| format!("Unable to bind to server {} with dn {dn}: {} ({})", self.options.servers, e.code, e.text))?;
        Ok(connection)
    }

    /// The whole lookup on one connection, references followed.
    fn ask(&self, connection: &foreign::Ldap, key: &str) -> Result<Option<String>, Fault> {
        let quoted = |t: &Template, quote: fn(&str) -> String| t.expand::<std::convert::Infallible>(key, key, |p| Ok(quote(p)));
        let (Ok(Some(base)), Ok(Some(filter))) = (quoted(&self.base, quote::dn), quoted(&self.filter, quote::filter)) else { return Ok(None) };
        let entries = match connection.search(&base, self.scope, &filter, &self.attributes.all(), self.size_limit) {
            Ok(entries) => entries,
            Err(e) if e.code == NO_SUCH_OBJECT && !self.base.is_fixed() => return Ok(None),
            Err(e) if e.code == NO_SUCH_OBJECT => {
                maillog::warning!("dict_ldap_lookup: {}: Search base '{base}' not found: {}: {}", self.file, e.code, e.text);
                return Err(fault(e));
            }
            Err(e) => {
                maillog::warning!("dict_ldap_lookup: Search error {}: {} {}", e.code, e.text, e.detail);
                return Err(fault(e));
            }
        };
        self.expand(connection, key, entries)
    }

    fn expand(&self, connection: &foreign::Ldap, key: &str, entries: Vec<LdapEntry>) -> Result<Option<String>, Fault> {
        Expansion {
            table: &self.name,
            file: &self.file,
            attributes: &self.attributes,
            format: &self.format,
            recursion_limit: self.recursion_limit,
            expansion_limit: self.expansion_limit,
        }
        .run(key, entries, |base, scope, filter, attributes| connection.search(base, scope, filter, attributes, self.size_limit))
    }

    fn has_all_parts(&self, key: &str) -> bool {
        self.base.expand_plain(key, key).is_some() && self.filter.expand_plain(key, key).is_some() && self.format.fits_key(key)
    }
}

impl Table for Ldap {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        if key.is_empty() || key.contains('\0') {
            return Ok(None);
        }
        let key = folded(key, self.fold);
        if !self.has_all_parts(&key) || !self.domains.take(&key)? {
            return Ok(None);
        }
        let warn = |_: &Host<foreign::Ldap>, fault: &Fault| match fault {
            Fault::Unreachable(text) => maillog::warning!("dict_ldap_connect: {text}"),
            Fault::Lost(_) | Fault::Refused(_) => {}
        };
        self.servers.ask(|_| self.connect(), |_, c| self.ask(c, &key), warn).map_err(|e| LookupError::new(&self.name, e))
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Whether the connection is still good after an error.
fn fault(error: LdapError) -> Fault {
    let text = format!("{}: {}", error.code, error.text);
    // Negative codes are the library's own (server down, timeout, bad filter, ...).
    if error.code == BAD_FILTER || error.code >= 0 && ![BUSY, UNAVAILABLE].contains(&error.code) { Fault::Refused(text) } else { Fault::Lost(text) }
}

/// RFC 4511 4.1.9, and OpenLDAP's own.
const NO_SUCH_OBJECT: i32 = 32;
const BUSY: i32 = 51;
const UNAVAILABLE: i32 = 52;
const BAD_FILTER: i32 = -7;
/// A kept connection is closed when nobody used it for so long.
const IDLE: Duration = Duration::from_secs(300);
