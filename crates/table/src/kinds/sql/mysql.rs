use std::time::Duration;

use crate::context::Context;
use crate::foreign::{self, MysqlError, MysqlOptions};
use crate::kinds::client::endpoint::host_and_port;
use crate::kinds::client::hosts::{Fault, Host, Hosts};
use crate::kinds::client::not_loaded;
use crate::kinds::client::settings::Settings;
use crate::kinds::sql::Sql;
use crate::{LookupError, OpenError, Table};

/// `mysql:/path`, `mysql:name`: mysql_table(5).
pub(crate) struct Mysql {
    sql: Sql,
    hosts: Hosts<foreign::Mysql>,
    options: MysqlOptions,
    require_result_set: bool,
}

impl Mysql {
    /// Reads the parameters. The servers are asked by the first lookup.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let settings = Settings::open(name, context)?;
        let text = |param: &str| settings.text(param, "");
        let options = MysqlOptions {
            dbname: settings.required("dbname")?,
            user: text("user"),
            password: text("password"),
            charset: settings.text("charset", "utf8mb4"),
            option_file: text("option_file"),
            option_group: settings.text("option_group", "client"),
            key_file: text("tls_key_file"),
            cert_file: text("tls_cert_file"),
            ca_file: text("tls_CAfile"),
            ca_path: text("tls_CApath"),
            ciphers: text("tls_ciphers"),
            verify: settings.bool("tls_verify_cert", false)?,
            limit: LIMIT,
        };
        let sql = Sql::read("mysql", &settings, context, false)?;
        let (idle, retry) = (settings.time("idle_interval", INTERVAL)?, settings.time("retry_interval", INTERVAL)?);
        let hosts = settings.words("hosts", "localhost").into_iter().map(|h| h.strip_prefix("inet:").map_or(h.clone(), str::to_owned)).collect();
        let require_result_set = settings.bool("require_result_set", true)?;
        foreign::Mysql::load().map_err(|e| not_loaded(&sql.name, e))?;
        Ok(Box::new(Mysql { sql, hosts: Hosts::new(hosts, |h| h.starts_with("unix:"), idle, retry), options, require_result_set }))
    }

    fn connect(&self, host: &Host<foreign::Mysql>) -> Result<foreign::Mysql, String> {
        match host.name.strip_prefix("unix:") {
            Some(path) => foreign::Mysql::connect("", 0, Some(path), &self.options),
            None => host_and_port(&host.name).and_then(|(name, port)| foreign::Mysql::connect(name, port.unwrap_or(0), None, &self.options)),
        }
    }

    fn ask(&self, connection: &foreign::Mysql, key: &str) -> Result<Vec<Option<String>>, Fault> {
        let query = self.sql.query(key, |part| connection.escape(part)).map_err(Fault::Refused)?;
        match connection.query(&query) {
            Ok(Some(rows)) => Ok(rows),
            Ok(None) if self.require_result_set => Err(Fault::Refused("query returned no result set(require_result_set = yes)".to_owned())),
            Ok(None) => Ok(Vec::new()),
            Err(MysqlError { text, lost: true }) => Err(Fault::Lost(text)),
            Err(MysqlError { text, lost: false }) => Err(Fault::Refused(text)),
        }
    }

    fn warn(&self, host: &Host<foreign::Mysql>, fault: &Fault) {
        match fault {
            Fault::Unreachable(text) => maillog::warning!("connect to mysql server {}: {text}", host.name),
            Fault::Lost(text) | Fault::Refused(text) => maillog::warning!("{}: query failed: {text}", self.sql.name),
        }
    }
}

impl Table for Mysql {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let Some(key) = self.sql.key(key)? else { return Ok(None) };
        let rows = self.hosts.ask(|h| self.connect(h), |_, c| self.ask(c, &key), |h, f| self.warn(h, f)).map_err(|e| self.sql.failed(e))?;
        self.sql.join(&key, &rows)
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.sql.name
    }
}

/// `idle_interval` and `retry_interval`.
const INTERVAL: Duration = Duration::from_secs(60);
/// A server that is silent for so long is dead. POSTFIX: without a limit there.
const LIMIT: Duration = Duration::from_secs(30);
