use std::time::Duration;

use crate::context::Context;
use crate::foreign::{self, PostgresError};
use crate::kinds::client::endpoint::host_and_port;
use crate::kinds::client::hosts::{Fault, Host, Hosts};
use crate::kinds::client::not_loaded;
use crate::kinds::client::settings::Settings;
use crate::kinds::sql::Sql;
use crate::{LookupError, OpenError, Table};

/// `pgsql:/path`, `pgsql:name`: pgsql_table(5).
pub(crate) struct Pgsql {
    sql: Sql,
    hosts: Hosts<foreign::Postgres>,
    user: String,
    password: String,
    dbname: String,
    encoding: String,
}

impl Pgsql {
    /// Reads the parameters. The servers are asked by the first lookup.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let settings = Settings::open(name, context)?;
        let hosts = settings.words("hosts", "localhost");
        // A connection URI names the database itself.
        let dbname = if hosts.iter().all(|h| is_uri(h)) { settings.text("dbname", "") } else { settings.required("dbname")? };
        let sql = Sql::read("pgsql", &settings, context, true)?;
        let (idle, retry) = (settings.time("idle_interval", INTERVAL)?, settings.time("retry_interval", INTERVAL)?);
        foreign::Postgres::load().map_err(|e| not_loaded(&sql.name, e))?;
        Ok(Box::new(Pgsql {
            sql,
            hosts: Hosts::new(hosts, |h| h.starts_with(['/', '@']) || h.starts_with("unix:"), idle, retry),
            user: settings.text("user", ""),
            password: settings.text("password", ""),
            dbname,
            encoding: settings.text("encoding", "UTF8"),
        }))
    }

    fn connect(&self, host: &Host<foreign::Postgres>) -> Result<foreign::Postgres, String> {
        let limit = CONNECT_LIMIT.as_secs().to_string();
        let port;
        let mut parameters: Vec<(&str, &str)> = vec![("connect_timeout", &limit)];
        if is_uri(&host.name) {
            parameters.push(("dbname", &host.name));
        } else {
            let (name, number) = match host.name.strip_prefix("unix:") {
                Some(path) => (path, None),
                None => host_and_port(host.name.strip_prefix("inet:").unwrap_or(&host.name))?,
            };
            port = number.map(|n| n.to_string());
            parameters.extend([("host", name), ("dbname", &self.dbname), ("user", &self.user), ("password", &self.password)]);
            parameters.extend(port.as_deref().map(|p| ("port", p)));
        }
        let connection = foreign::Postgres::connect(&parameters)?;
        connection.set_encoding(&self.encoding).map_err(|e| format!("cannot set the encoding to {}: {e}", self.encoding))?;
        Ok(connection)
    }

    fn ask(&self, connection: &foreign::Postgres, key: &str) -> Result<Vec<Option<String>>, Fault> {
        let query = self.sql.query(key, |part| connection.escape(part)).map_err(Fault::Refused)?;
        connection.query(&query, QUERY_LIMIT).map_err(|e| match e {
            PostgresError { text, lost: true } => Fault::Lost(text),
            PostgresError { text, lost: false } => Fault::Refused(text),
        })
    }
}

impl Table for Pgsql {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let Some(key) = self.sql.key(key)? else { return Ok(None) };
        let warn = |host: &Host<foreign::Postgres>, fault: &Fault| match fault {
            Fault::Unreachable(text) => maillog::warning!("connect to pgsql server {}: {text}", shown(&host.name)),
            Fault::Lost(text) | Fault::Refused(text) => maillog::warning!("pgsql query failed: fatal error from host {}: {text}", shown(&host.name)),
        };
        let rows = self.hosts.ask(|h| self.connect(h), |_, c| self.ask(c, &key), warn).map_err(|e| self.sql.failed(e))?;
        // An SQL NULL is an empty text to this type.
        let values: Vec<_> = rows.into_iter().map(|v| Some(v.unwrap_or_default())).collect();
        self.sql.join(&key, &values)
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.sql.name
    }
}

fn is_uri(host: &str) -> bool {
    host.starts_with("postgresql://") || host.starts_with("postgres://")
}

/// A server for the log: a URI without its password.
fn shown(host: &str) -> String {
    match host.split_once("://").and_then(|(scheme, rest)| rest.split_once('@').map(|(who, rest)| (scheme, who, rest))) {
        Some((scheme, who, rest)) if is_uri(host) => format!("{scheme}://{}@{rest}", who.split(':').next().unwrap_or_default()),
        _ => host.to_owned(),
    }
}

/// `idle_interval` and `retry_interval`.
const INTERVAL: Duration = Duration::from_secs(60);
/// A server that is silent for so long is dead. POSTFIX: without a limit there.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
const QUERY_LIMIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_out_of_the_log() {
        assert_eq!(shown("postgresql://me:secret@db.example.com/x"), "postgresql://me@db.example.com/x");
        assert_eq!(shown("postgres://db.example.com/x"), "postgres://db.example.com/x");
        assert_eq!(shown("inet:db.example.com:5432"), "inet:db.example.com:5432");
    }
}
