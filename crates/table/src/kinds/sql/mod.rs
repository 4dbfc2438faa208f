pub(crate) mod mysql;
pub(crate) mod pgsql;
pub(crate) mod sqlite;

use crate::context::Context;
use crate::kinds::client::domain::Domains;
use crate::kinds::client::expansion::Template;
use crate::kinds::client::results::Results;
use crate::kinds::client::settings::Settings;
use crate::{LookupError, OpenError, folded};

/// What the three SQL table types have in common: the query, its result, and which keys are asked for.
pub(crate) struct Sql {
    /// `mysql:/path`.
    pub(crate) name: String,
    /// The name without the type.
    pub(crate) file: String,
    kind: &'static str,
    query: Template,
    format: Template,
    domains: Domains,
    limit: usize,
    fold: bool,
}

impl Sql {
    /// Reads the parameters. `query` missing, the query is made of the older parameters; `function`: `select_function` is one of them.
    pub(crate) fn read(kind: &'static str, settings: &Settings, context: &Context<'_>, function: bool) -> Result<Sql, OpenError> {
        let query = match settings.given("query") {
            Some(query) => query,
            None => old_query(settings, function)?,
        };
        Ok(Sql {
            name: format!("{kind}:{}", settings.name),
            file: settings.name.clone(),
            kind,
            query: Template::parse(&query, &settings.name, "query")?,
            format: Template::parse(&settings.text("result_format", "%s"), &settings.name, "result")?,
            domains: Domains::open(settings, context),
            limit: settings.int("expansion_limit", 0, 0)? as usize,
            fold: context.flags.fold,
        })
    }

    /// The key as it is asked for. `None`: it is not to be asked for, or lacks a part that the query or the result needs.
    pub(crate) fn key<'a>(&self, key: &'a str) -> Result<Option<std::borrow::Cow<'a, str>>, LookupError> {
        // No text of a database has a NUL in it.
        if key.is_empty() || key.contains('\0') {
            return Ok(None);
        }
        let key = folded(key, self.fold);
        let complete = self.query.expand_plain(&key, &key).is_some() && self.format.fits_key(&key);
        Ok((complete && self.domains.take(&key)?).then_some(key))
    }

    /// The query for a key that [`Sql::key`] has given.
    ///
    /// # Errors
    /// What `quote` says.
    pub(crate) fn query<E>(&self, key: &str, quote: impl FnMut(&str) -> Result<String, E>) -> Result<String, E> {
        self.query.expand(key, key, quote).map(Option::unwrap_or_default)
    }

    /// The values of the answer, formatted and joined.
    ///
    /// # Errors
    /// There are too many.
    pub(crate) fn join(&self, key: &str, values: &[Option<String>]) -> Result<Option<String>, LookupError> {
        let mut results = Results::new(&self.name, key, &self.format, self.limit);
        for value in values.iter().flatten() {
            if results.add(value).is_err() {
                let colon = if self.kind == "sqlite" { "" } else { ":" };
                maillog::warning!("dict_{}_lookup: {}: Expansion limit exceeded for key{colon} '{key}'", self.kind, self.file);
                return Err(self.failed("expansion limit exceeded"));
            }
        }
        Ok(results.finish())
    }

    /// An error of this table.
    pub(crate) fn failed(&self, cause: impl Into<String>) -> LookupError {
        LookupError::new(&self.name, cause)
    }
}

/// The query of before postfix 2.2: `table`, `select_field`, `where_field`, `additional_conditions`, or `select_function`.
fn old_query(settings: &Settings, function: bool) -> Result<String, OpenError> {
    if function && let Some(name) = settings.given("select_function") {
        return Ok(format!("SELECT {name}('%s')"));
    }
    let (table, field, key) = (settings.required("table")?, settings.required("select_field")?, settings.required("where_field")?);
    Ok(format!("SELECT {field} FROM {table} WHERE {key} = '%s' {}", settings.text("additional_conditions", "")))
}
