use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::context::Context;
use crate::source::{self, Record};
use crate::watch::Watch;
use crate::{Flags, LookupError, OpenError, Store, Table, braced, folded, values};

/// A literal table in memory: texthash and inline.
pub(crate) struct Memory {
    name: String,
    flags: Flags,
    entries: HashMap<Box<str>, Box<str>>,
    watch: Option<Watch>,
}

impl Memory {
    /// `texthash:/path`.
    pub(crate) fn texthash(path: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let (bytes, watch) = source::read_watched(path).map_err(|e| e.for_database(path))?;
        let records = source::parse(path, &bytes, source::Syntax::TextHash, context.flags.utf8);
        let mut table = Memory::new(format!("texthash:{path}"), context.flags, Some(watch));
        table.fill(path, records);
        Ok(Box::new(table))
    }

    /// `inline:{key=value, {key = value with blanks}}`.
    pub(crate) fn inline(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let bad = |what: &str| OpenError::new(format!("{what}: \"inline:{name}\"; need \"inline:{{name=value...}}\""));
        let mut table = Memory::new(format!("inline:{name}"), context.flags, None);
        if name == "{}" {
            return Err(bad("bad syntax"));
        }
        let items = params::split_list(braced(name).map_err(|_| bad("bad syntax"))?);
        if items.is_empty() {
            return Err(bad("empty table"));
        }
        for item in items {
            let item = if item.starts_with('{') { braced(item).map_err(|e| bad(&e))? } else { item };
            let (key, value) = item.split_once('=').ok_or_else(|| bad("missing '=' after attribute name"))?;
            let stored = values::stored(value.trim(), context.flags);
            let value = stored.map_err(|e| OpenError::new(format!("{e}: \"inline:{name}\"; need \"inline:{{name=filename...}}\"")))?;
            table.entries.insert(folded(key.trim(), table.flags.fold).into(), value.into_owned().into());
        }
        Ok(Box::new(table))
    }

    fn new(name: String, flags: Flags, watch: Option<Watch>) -> Memory {
        Memory { name, flags, entries: HashMap::new(), watch }
    }

    fn fill<'a>(&mut self, path: &str, records: impl Iterator<Item = Record<'a>>) {
        for r in records {
            let value = match values::stored(&r.value, self.flags) {
                Ok(value) => value.into_owned().into(),
                Err(why) => {
                    maillog::warning!("{path}, line {}: {why}: skipping this entry", r.line);
                    continue;
                }
            };
            match self.entries.entry(folded(&r.key, self.flags.fold).into()) {
                Entry::Vacant(e) => {
                    e.insert(value);
                }
                Entry::Occupied(_) => maillog::warning!("{path}, line {}: duplicate entry: \"{}\"", r.line, r.key),
            }
        }
    }
}

impl Table for Memory {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        Ok(self.entries.get(&*folded(key, self.flags.fold)).map(|v| v.to_string()))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::changed)
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        let mut all: Vec<_> = self.entries.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        all.sort();
        Some(Ok(all))
    }
}

/// `internal:name`: lives in this process and is empty at the start.
pub(crate) struct Internal {
    name: String,
    entries: Mutex<HashMap<String, String>>,
}

impl Internal {
    fn new(name: &str) -> Internal {
        Internal { name: format!("internal:{name}"), entries: Mutex::new(HashMap::new()) }
    }

    /// An empty table.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Ok(Box::new(Internal::new(name)))
    }

    /// An empty table, for changes.
    pub(crate) fn open_store(name: &str, _context: &Context<'_>) -> Result<Box<dyn Store>, OpenError> {
        Ok(Box::new(Internal::new(name)))
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Internal {
    fn put(&self, key: &str, value: &str) -> Result<(), LookupError> {
        self.locked().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<bool, LookupError> {
        Ok(self.locked().remove(key).is_some())
    }
}

impl Table for Internal {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        Ok(self.locked().get(key).cloned())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn entries(&self) -> Option<Result<Vec<(String, String)>, LookupError>> {
        Some(Ok(self.locked().clone().into_iter().collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str) -> Result<Box<dyn Table>, OpenError> {
        Memory::inline(name, &Context::plain(Flags::DEFAULT))
    }

    #[test]
    fn inline_tables() {
        let t = open("{a=b, C=d,{e f = g h}, a=c, z=}").expect("opens");
        assert_eq!(t.lookup("A"), Ok(Some("c".into())), "the last of duplicates");
        assert_eq!(t.lookup("c"), Ok(Some("d".into())));
        assert_eq!(t.lookup("e f"), Ok(Some("g h".into())));
        assert_eq!(t.lookup("z"), Ok(Some(String::new())));
        assert_eq!(t.lookup("x"), Ok(None));
    }

    #[test]
    fn inline_errors() {
        let reason = |n: &str| open(n).err().map(|e| e.reason).unwrap_or_default();
        assert_eq!(reason("{}"), "bad syntax: \"inline:{}\"; need \"inline:{name=value...}\"");
        assert_eq!(reason("{a}"), "missing '=' after attribute name: \"inline:{a}\"; need \"inline:{name=value...}\"");
        assert_eq!(reason("{a=b,{c"), "bad syntax: \"inline:{a=b,{c\"; need \"inline:{name=value...}\"");
    }
}
