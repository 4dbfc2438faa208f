use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use crate::context::Context;
use crate::foreign::{self, SqliteError};
use crate::kinds::client::not_loaded;
use crate::kinds::client::settings::Settings;
use crate::kinds::sql::Sql;
use crate::{LookupError, OpenError, Table};

/// `sqlite:/path`, `sqlite:name`: sqlite_table(5).
pub(crate) struct Sqlite {
    sql: Sql,
    path: String,
    /// Connections that no thread uses at the moment.
    free: Mutex<Vec<foreign::Sqlite>>,
}

impl Sqlite {
    /// Reads the parameters. The database is opened by the first lookup.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let settings = Settings::open(name, context)?;
        let path = settings.required("dbpath")?;
        let sql = Sql::read("sqlite", &settings, context, false)?;
        foreign::Sqlite::load().map_err(|e| not_loaded(&sql.name, e))?;
        Ok(Box::new(Sqlite { sql, path, free: Mutex::default() }))
    }

    fn connection(&self) -> Result<foreign::Sqlite, LookupError> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.map_or_else(|| foreign::Sqlite::open(&self.path), Ok).map_err(|e| {
            maillog::warning!("{}: open database {}: {e}", self.sql.name, self.path);
            self.sql.failed(e)
        })
    }
}

impl Table for Sqlite {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let Some(key) = self.sql.key(key)? else { return Ok(None) };
        let Ok(query) = self.sql.query::<Infallible>(&key, |part| Ok(part.replace('\'', "''")));
        let connection = self.connection()?;
        let rows = connection.query(&query).map_err(|e| {
            let (step, text) = match e {
                SqliteError::Prepare(text) => ("prepare", text),
                SqliteError::Step(text) => ("step", text),
            };
            maillog::warning!("dict_sqlite_lookup: {}: SQL {step} failed: {text}", self.sql.file);
            self.sql.failed(text)
        })?;
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        self.sql.join(&key, &rows)
    }

    fn may_block(&self) -> bool {
        true
    }

    fn name(&self) -> &str {
        &self.sql.name
    }
}
