use std::sync::Arc;

use config::Config;

use crate::context::Context;
use crate::open::open_or_fail;
use crate::{Flags, Kind, LookupError, Table};

/// The tables of one parameter, in order.
pub struct Maps {
    title: String,
    tables: Vec<Arc<dyn Table>>,
}

impl Maps {
    /// Opens every table of a parameter's value, which has been expanded.
    ///
    /// A table that cannot be opened is logged (`error: ...`), and then fails every lookup.
    pub fn open(param_name: &str, spec: &str, conf: &Config, flags: Flags) -> Maps {
        Maps::open_in(param_name, spec, &Context::of(conf, flags))
    }

    /// As [`Maps::open`], for one parameter that names tables.
    pub fn of<T: params::ParamType<Value = String>>(conf: &Config, param: &params::Param<T>, flags: Flags) -> Maps {
        Maps::open(param.decl.name, &conf.get(param), conf, flags)
    }

    /// Opens without a configuration.
    pub fn open_in(title: &str, spec: &str, context: &Context<'_>) -> Maps {
        let tables = params::split_list(spec).into_iter().map(|s| open_or_fail(s, context)).collect();
        Maps { title: title.to_owned(), tables }
    }

    /// Tables that are open.
    #[cfg(test)]
    pub(crate) fn from_tables(title: &str, tables: Vec<Arc<dyn Table>>) -> Maps {
        Maps { title: title.to_owned(), tables }
    }

    /// No tables at all.
    pub fn none(title: &str) -> Maps {
        Maps::open_in(title, "", &Context::plain(Flags::DEFAULT))
    }

    /// The name of the parameter.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// True when the parameter names no table.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// Whether a lookup may wait for something outside this process.
    pub fn may_block(&self) -> bool {
        self.tables.iter().any(|t| t.may_block())
    }

    /// The tables.
    pub fn tables(&self) -> &[Arc<dyn Table>] {
        &self.tables
    }

    /// Looks a whole key up in every table, in order.
    ///
    /// # Errors
    /// A table could not be asked, or gave an empty text; logged.
    pub fn find(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.find_in(key, false)
    }

    /// Looks a part of a key up: only in tables that take whole strings, not in patterns or networks.
    ///
    /// # Errors
    /// As [`Maps::find`].
    pub fn find_part(&self, key: &str) -> Result<Option<String>, LookupError> {
        self.find_in(key, true)
    }

    fn find_in(&self, key: &str, part: bool) -> Result<Option<String>, LookupError> {
        if key.is_empty() {
            return Ok(None);
        }
        for table in self.tables.iter().filter(|t| !part || t.kind() == Kind::Literal) {
            match table.lookup(key) {
                Ok(None) => {}
                Ok(Some(value)) if value.is_empty() => {
                    maillog::warning!("{} lookup of {key} returns an empty string result", self.title);
                    maillog::warning!("{} should return NO RESULT in case of NOT FOUND", self.title);
                    return Err(LookupError::new(table.name(), "empty string result"));
                }
                Ok(found) => return Ok(found),
                Err(e) => {
                    maillog::warning!("{} lookup error for \"{key}\"", table.name());
                    return Err(e);
                }
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open_table;

    fn maps(spec: &str) -> Maps {
        Maps::open_in("test_maps", spec, &Context::plain(Flags::DEFAULT))
    }

    #[test]
    fn order_and_errors() {
        let m = maps("inline:{a=1} inline:{a=2,b=3}, regexp:{{/^c/ 4}}");
        assert_eq!(m.find("a"), Ok(Some("1".into())));
        assert_eq!(m.find("b"), Ok(Some("3".into())));
        assert_eq!(m.find("cx"), Ok(Some("4".into())));
        assert_eq!(m.find_part("cx"), Ok(None));
        assert_eq!(m.find(""), Ok(None));
        assert!(maps("fail:x inline:{a=1}").find("a").is_err());
        assert!(maps("inline:{a=1} fail:x").find("a").is_ok());
        assert!(maps("inline:{a=}").find("a").is_err());
    }

    #[test]
    fn what_cannot_be_opened_fails_every_lookup() {
        for spec in ["mongodb:x", "mysql:/x", "hash:/nonexistent/table", "nocolon", "texthash:/nonexistent/table", "inline:{}"] {
            let m = maps(spec);
            assert!(!m.is_empty() && m.find("a").is_err(), "{spec}");
        }
        let reason = |s: &str| open_table(s, &Context::plain(Flags::DEFAULT)).err().map(|e| e.reason).unwrap_or_default();
        assert_eq!(reason("mongodb:x"), "unsupported dictionary type: mongodb");
        assert_eq!(reason("mysql:/x"), "open /x: No such file or directory");
        assert_eq!(reason("hash:/nonexistent/t"), "open database /nonexistent/t.db: No such file or directory");
        assert_eq!(reason("texthash:/nonexistent/t"), "open database /nonexistent/t: No such file or directory");
        assert_eq!(reason("regexp:/nonexistent/t"), "open /nonexistent/t: No such file or directory");
        assert_eq!(reason("static:"), "open dictionary: expecting \"type:name\" form instead of \"static:\"");
    }
}
