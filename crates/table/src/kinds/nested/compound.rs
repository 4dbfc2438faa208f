use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::Context;
use crate::{Kind, LookupError, OpenError, Table, braced};

/// `pipemap:{a, b}`: the result of one table is the key of the next. `unionmap:{a, b}`: the results of all, joined.
pub(crate) struct Compound {
    name: String,
    parts: Vec<Arc<dyn Table>>,
    union: bool,
}

impl Compound {
    /// `pipemap:{type:name...}`.
    pub(crate) fn pipe(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Compound::open("pipemap", name, context, false)
    }

    /// `unionmap:{type:name...}`.
    pub(crate) fn union(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Compound::open("unionmap", name, context, true)
    }

    fn open(kind: &str, name: &str, context: &Context<'_>, union: bool) -> Result<Box<dyn Table>, OpenError> {
        let bad = || OpenError::new(format!("bad syntax: \"{kind}:{name}\"; need \"{kind}:{{type:name...}}\""));
        let specs = params::split_list(braced(name).map_err(|_| bad())?);
        if specs.is_empty() || specs.iter().any(|s| !s.contains(':')) {
            return Err(bad());
        }
        let parts = specs.into_iter().map(|s| context.open(s)).collect::<Result<_, _>>()?;
        Ok(Box::new(Compound { name: format!("{kind}:{name}"), parts, union }))
    }

    fn joined(&self, key: &str) -> Result<Option<String>, LookupError> {
        let mut all: Option<String> = None;
        for part in &self.parts {
            if let Some(value) = part.lookup(key)? {
                match &mut all {
                    None => all = Some(value),
                    Some(text) => {
                        text.push(',');
                        text.push_str(&value);
                    }
                }
            }
        }
        Ok(all)
    }

    fn chained(&self, key: &str) -> Result<Option<String>, LookupError> {
        let mut value = key.to_owned();
        for part in &self.parts {
            match part.lookup(&value)? {
                Some(next) => value = next,
                None => return Ok(None),
            }
        }
        Ok(Some(value))
    }
}

impl Table for Compound {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        if self.union { self.joined(key) } else { self.chained(key) }.map_err(|e| LookupError::new(&self.name, e.cause))
    }

    /// Literal only when every part that sees the key is: a pattern must not be asked for parts of an address.
    fn kind(&self) -> Kind {
        self.parts.iter().map(|p| p.kind()).find(|k| *k != Kind::Literal).unwrap_or(Kind::Literal)
    }

    fn may_block(&self) -> bool {
        self.parts.iter().any(|p| p.may_block())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.parts.iter().any(|p| p.changed())
    }

    fn unavailable(&self) -> Option<&str> {
        self.parts.iter().find_map(|p| p.unavailable())
    }
}

/// `randmap:{a, b, b}`: one of the values, at random.
pub(crate) struct Random {
    name: String,
    values: Vec<String>,
    state: AtomicU64,
}

impl Random {
    /// `randmap:{value...}`.
    pub(crate) fn open(name: &str, _context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let bad = || OpenError::new(format!("bad syntax: \"randmap:{name}\"; need \"randmap:{{value...}}\""));
        let items = params::split_list(braced(name).map_err(|_| bad())?);
        if items.is_empty() {
            return Err(bad());
        }
        let values = items.into_iter().map(str::to_owned).collect();
        Ok(Box::new(Random { name: format!("randmap:{name}"), values, state: AtomicU64::new(seed()) }))
    }
}

impl Table for Random {
    fn lookup(&self, _key: &str) -> Result<Option<String>, LookupError> {
        // splitmix64: spreads load, keeps no secret.
        let mut z = self.state.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let at = ((z ^ (z >> 31)) % self.values.len().max(1) as u64) as usize;
        Ok(self.values.get(at).cloned())
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn seed() -> u64 {
    let now = sys::now();
    (now.sec as u64) << 20 ^ u64::from(now.usec) ^ u64::from(std::process::id()) << 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flags, open_table};

    fn ask(spec: &str, key: &str) -> Result<Option<String>, LookupError> {
        open_table(spec, &Context::plain(Flags::DEFAULT)).expect(spec).lookup(key)
    }

    #[test]
    fn pipes_and_unions() {
        assert_eq!(ask("pipemap:{inline:{a=b},inline:{b=c}}", "a"), Ok(Some("c".into())));
        assert_eq!(ask("pipemap:{inline:{a=b},inline:{x=c}}", "a"), Ok(None));
        assert_eq!(ask("unionmap:{inline:{a=b},inline:{a=c}}", "a"), Ok(Some("b,c".into())));
        assert_eq!(ask("unionmap:{inline:{a=b} inline:{z=c}}", "a"), Ok(Some("b".into())));
        assert_eq!(ask("unionmap:{inline:{a=b}}", "x"), Ok(None));
        assert!(ask("unionmap:{static:x,fail:q}", "x").is_err());
        assert_eq!(ask("randmap:{x}", "any"), Ok(Some("x".into())));
    }

    #[test]
    fn bad_syntax() {
        for (spec, want) in [
            ("pipemap:x", "bad syntax: \"pipemap:x\"; need \"pipemap:{type:name...}\""),
            ("unionmap:{x}", "bad syntax: \"unionmap:{x}\"; need \"unionmap:{type:name...}\""),
            ("randmap:{}", "bad syntax: \"randmap:{}\"; need \"randmap:{value...}\""),
        ] {
            assert_eq!(open_table(spec, &Context::plain(Flags::DEFAULT)).err().map(|e| e.reason).as_deref(), Some(want));
        }
    }
}
