use crate::context::Context;
use crate::kinds::rules::expression::{Dialect, Expression, Subject};
use crate::kinds::rules::needs::needs;
use crate::kinds::rules::sieve::{Sieve, Sifted};
use crate::kinds::rules::template::{Template, TemplateError};
use crate::kinds::rules::{keyword, negation, readable, rule_lines};
use crate::watch::Watch;
use crate::{Flags, Kind, LookupError, OpenError, Table, values};

/// `regexp:` and `pcre:` tables, in a file or in the name. Rules are tried in order; the first that matches gives the result.
pub(crate) struct Pattern {
    name: String,
    map: String,
    dialect: Dialect,
    rules: Vec<Rule>,
    sieve: Sieve,
    watch: Option<Watch>,
}

enum Rule {
    Match {
        test: Test,
        result: Template,
    },
    /// Goes on behind rule `end` when it does not match.
    If {
        test: Test,
        end: usize,
    },
    EndIf,
}

struct Test {
    expression: Expression,
    /// What is asked of the sieve, until there is one.
    sifted: Sifted,
    negated: bool,
    /// `/a/!/b/`: holds only where this does, too.
    second: Option<Box<Test>>,
    line: usize,
}

/// A rule as it was parsed: with the warnings that do not make it void.
struct Parsed<'t> {
    pattern: &'t str,
    negated: bool,
    options: &'t str,
    /// What stands behind pattern and options, blanks and all.
    rest: &'t str,
}

impl Pattern {
    /// `regexp:/path`, POSIX rules.
    pub(crate) fn regexp(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Pattern::open(Dialect::Posix, name, context)
    }

    /// `pcre:/path`, PCRE2.
    pub(crate) fn pcre(name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        Pattern::open(Dialect::Pcre, name, context)
    }

    fn open(dialect: Dialect, name: &str, context: &Context<'_>) -> Result<Box<dyn Table>, OpenError> {
        let (lines, watch) = rule_lines(dialect.name(), name, context.flags.utf8)?;
        let mut table = Pattern { name: format!("{}:{name}", dialect.name()), map: name.to_owned(), dialect, rules: Vec::new(), sieve: Sieve::new(&[]), watch };
        table.compile(&lines, context.flags);
        Ok(Box::new(table))
    }

    fn compile(&mut self, lines: &[(usize, String)], flags: Flags) {
        let mut open: Vec<usize> = Vec::new();
        for (number, text) in lines {
            if let Some(rest) = keyword(text, "ENDIF") {
                let Some(at) = open.pop() else {
                    self.warn(*number, "ignoring ENDIF without matching IF");
                    continue;
                };
                if !rest.is_empty() {
                    self.warn(*number, "ignoring extra text after ENDIF");
                }
                let here = self.rules.len();
                if let Some(Rule::If { end, .. }) = self.rules.get_mut(at) {
                    *end = here;
                }
                self.rules.push(Rule::EndIf);
                continue;
            }
            match self.rule(*number, text, flags) {
                Ok(Some(rule)) => {
                    if matches!(rule, Rule::If { .. }) {
                        open.push(self.rules.len());
                    }
                    self.rules.push(rule);
                }
                Ok(None) => {}
                Err(why) => self.warn(*number, &why),
            }
        }
        for at in open.into_iter().rev() {
            if let Some(Rule::If { test, .. }) = self.rules.get(at) {
                self.warn(test.line, "IF has no matching ENDIF");
            }
        }
        self.sieve = Sieve::new(&self.rules.iter_mut().map(Rule::sifted).collect::<Vec<_>>());
    }

    /// One line; the error is the whole text of the warning.
    fn rule(&self, number: usize, text: &str, flags: Flags) -> Result<Option<Rule>, String> {
        if let Some(rest) = keyword(text, "IF") {
            let parsed = self.split(number, rest)?;
            if !parsed.rest.trim().is_empty() {
                self.warn(number, &format!("ignoring extra text after IF statement: \"{}\"", parsed.rest.trim()));
                self.warn(number, "do not prepend whitespace to statements between IF and ENDIF");
            }
            return Ok(Some(Rule::If { test: self.test(number, &parsed, None)?, end: usize::MAX - 1 }));
        }
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err("ignoring unrecognized request".to_owned());
        }
        let parsed = self.split(number, text)?;
        let second = self.second(number, parsed.rest)?;
        let replacement = second.as_ref().map_or(parsed.rest, |second| second.rest).trim();
        if replacement.is_empty() {
            self.warn(number, "no replacement text: using empty string");
        }
        let text = values::stored(replacement, flags).map_err(|e| format!("{e}: skipping this rule"))?;
        let result = self.template(number, &text)?;
        if result.highest() > 0 && parsed.negated {
            return Err("$number found in negative match replacement text: skipping this rule".to_owned());
        }
        if result.highest() > 0 && flags.no_substitution {
            return Err("regular expression substitution is not allowed: skipping this rule".to_owned());
        }
        let test = self.test(number, &parsed, second.as_ref())?;
        if result.highest() > test.expression.groups() {
            return Err(format!("out of range replacement index \"{}\": skipping this rule", result.highest()));
        }
        Ok(Some(Rule::Match { test, result }))
    }

    /// The second pattern of `/a/!/b/` (regexp_table(5)): what must not match.
    fn second<'t>(&self, number: usize, rest: &'t str) -> Result<Option<Parsed<'t>>, String> {
        match rest.strip_prefix('!') {
            None => Ok(None),
            Some("") => Err("no second regexp: skipping this rule".to_owned()),
            Some(second) => self.split(number, second.trim_start()).map(|parsed| Some(Parsed { negated: !parsed.negated, ..parsed })),
        }
    }

    fn test(&self, line: usize, parsed: &Parsed<'_>, second: Option<&Parsed<'_>>) -> Result<Test, String> {
        let second = second.map(|second| self.test(line, second, None)).transpose()?.map(Box::new);
        let expression = Expression::new(self.dialect, parsed.pattern, parsed.options)?;
        let sifted = Sifted { needs: needs(self.dialect, parsed.pattern, parsed.options), always: parsed.negated };
        Ok(Test { expression, sifted, negated: parsed.negated, second, line })
    }

    fn template(&self, number: usize, text: &str) -> Result<Template, String> {
        Template::parse(text).map_err(|errors| {
            for error in errors {
                match error {
                    TemplateError::Syntax(why) => maillog::warning!("{why}"),
                    TemplateError::NotNumeric(name) => self.warn(number, &format!("non-numeric replacement index \"{name}\"")),
                    TemplateError::Range(name) => self.warn(number, &format!("{} replacement index \"{name}\"", self.dialect.out_of_range())),
                }
            }
            "bad replacement syntax: skipping this rule".to_owned()
        })
    }

    /// Takes `!/pattern/options rest` apart. A backslash before the delimiter stays in the pattern.
    fn split<'t>(&self, number: usize, text: &'t str) -> Result<Parsed<'t>, String> {
        let (text, negated) = negation(text);
        let mut chars = text.char_indices();
        let Some((_, delimiter)) = chars.next() else { return Err("no regexp: skipping this rule".to_owned()) };
        let start = delimiter.len_utf8();
        let mut escaped = false;
        for (i, c) in chars {
            if escaped {
                escaped = false;
            } else if c == '\\' {
                escaped = true;
            } else if c == delimiter {
                let after = text.get(i + delimiter.len_utf8()..).unwrap_or("");
                let is_end = |c: char| c.is_ascii_whitespace() || c == '!' && self.dialect == Dialect::Posix;
                let end = after.find(is_end).unwrap_or(after.len());
                let (options, rest) = after.split_at(end);
                if let Some(bad) = options.chars().find(|o| !self.dialect.options().contains(*o)) {
                    return Err(format!("unknown regexp option \"{}\": skipping this rule", ascii(bad)));
                }
                for _ in options.chars().filter(|o| *o == 'X') {
                    self.warn(number, "ignoring obsolete regexp option \"X\"");
                }
                return Ok(Parsed { pattern: text.get(start..i).unwrap_or(""), negated, options, rest });
            }
        }
        let skipping = if self.dialect == Dialect::Pcre { "ignoring" } else { "skipping" };
        Err(format!("no closing regexp delimiter \"{}\": {skipping} this rule", ascii(delimiter)))
    }

    fn warn(&self, line: usize, text: &str) {
        maillog::warning!("{} map {}, line {line}: {text}", self.dialect.name(), self.map);
    }

    fn failed(&self, line: usize, why: &str) -> LookupError {
        self.warn(line, why);
        LookupError::new(&self.name, why)
    }
}

impl Table for Pattern {
    fn lookup(&self, key: &str) -> Result<Option<String>, LookupError> {
        let subject = Subject::new(self.dialect, key);
        let candidates = self.sieve.sift(subject.bytes());
        let mut next = 0;
        while let Some(at) = candidates.from(next) {
            let may_match = candidates.may_match(at);
            next = at + 1;
            match self.rules.get(at) {
                Some(Rule::Match { test, result }) => {
                    if let Some(value) = test.result(&subject, may_match, result).map_err(|e| self.failed(test.line, &e))? {
                        return Ok(Some(readable(&self.name, key, value)?));
                    }
                }
                Some(Rule::If { test, end }) => {
                    if !test.holds(&subject, may_match).map_err(|e| self.failed(test.line, &e))? {
                        next = *end;
                    }
                }
                Some(Rule::EndIf) | None => {}
            }
        }
        Ok(None)
    }

    fn kind(&self) -> Kind {
        Kind::Pattern
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn changed(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::changed)
    }
}

impl Rule {
    /// What the sieve needs to know of it.
    fn sifted(&mut self) -> Sifted {
        match self {
            Rule::Match { test, .. } => std::mem::take(&mut test.sifted),
            Rule::If { test, .. } => Sifted { always: true, ..std::mem::take(&mut test.sifted) },
            Rule::EndIf => Sifted::default(),
        }
    }
}

impl Test {
    /// `may_match`: the sieve has not excluded the expression.
    fn holds(&self, subject: &Subject<'_>, may_match: bool) -> Result<bool, String> {
        let matches = may_match && self.expression.is_match(subject)?;
        match &self.second {
            Some(second) if matches != self.negated => second.holds(subject, true),
            _ => Ok(matches != self.negated),
        }
    }

    fn result(&self, subject: &Subject<'_>, may_match: bool, template: &Template) -> Result<Option<String>, String> {
        if template.highest() == 0 {
            return Ok(self.holds(subject, may_match)?.then(|| template.expand(|_| None)));
        }
        let value = if may_match { self.expression.fill(subject, template)? } else { None };
        match &self.second {
            Some(second) if value.is_some() && !second.holds(subject, true)? => Ok(None),
            _ => Ok(value),
        }
    }
}

/// A character as postfix shows it, which has bytes.
fn ascii(c: char) -> char {
    if c.is_ascii() { c } else { '?' }
}

#[cfg(test)]
mod random;

#[cfg(test)]
mod tests {
    use super::*;

    fn table(dialect: Dialect, rules: &[&str], flags: Flags) -> Box<dyn Table> {
        let mut table = Pattern { name: "t".into(), map: "t".into(), dialect, rules: Vec::new(), sieve: Sieve::new(&[]), watch: None };
        let lines: Vec<_> = rules.iter().enumerate().map(|(i, r)| (i + 1, (*r).to_owned())).collect();
        table.compile(&lines, flags);
        Box::new(table)
    }

    fn ask(dialect: Dialect, rules: &[&str], key: &str) -> Option<String> {
        table(dialect, rules, Flags::DEFAULT).lookup(key).expect("answers")
    }

    #[test]
    fn both_dialects_agree_on_rules() {
        let rules = [
            "/^(.*)\\.(.*)@old$/ $1+$2@new",
            "/^c$/ $$5 $1",
            "/(bad/ x",
            "!/^n/ neg $1",
            "/^d$/ $$5",
            "/up/i UP",
            "if /^x/",
            "/xy/ Y",
            "endif",
            "!/^[xd]/ other",
        ];
        for dialect in [Dialect::Posix, Dialect::Pcre] {
            let ask = |key| ask(dialect, &rules, key);
            assert_eq!(ask("john.doe@OLD").as_deref(), Some("john+doe@new"));
            assert_eq!(ask("d").as_deref(), Some("$5"));
            assert_eq!(ask("UP").as_deref(), Some("other"));
            assert_eq!(ask("up").as_deref(), Some("UP"));
            assert_eq!(ask("xy").as_deref(), Some("Y"));
            assert_eq!(ask("xz"), None);
            assert_eq!(ask("c").as_deref(), Some("other"));
        }
    }

    #[test]
    fn one_pattern_but_not_another() {
        let ask = |key| ask(Dialect::Posix, &["/^a(.*)/!/^ab/ first $1", "/^x/i!!/^xy/ both"], key);
        assert_eq!((ask("ac").as_deref(), ask("abc"), ask("b")), (Some("first c"), None, None));
        assert_eq!((ask("xyz").as_deref(), ask("xz"), ask("Xy")), (Some("both"), None, None), "a negation of the negation");
        let rules = table(Dialect::Pcre, &["/a/!/b/ x"], Flags::DEFAULT);
        assert_eq!(rules.lookup("a"), Ok(None), "pcre_table(5) does not have it");
    }

    #[test]
    fn sensitive_results_take_nothing_from_the_key() {
        let t = table(Dialect::Posix, &["/(.*)/ |$1", "/.*/ fixed"], Flags::SENSITIVE);
        assert_eq!(t.lookup("rm"), Ok(Some("fixed".into())));
    }

    #[test]
    fn pcre_options() {
        let ask = |rules: &[&str], key| ask(Dialect::Pcre, rules, key);
        assert_eq!(ask(&["/a$/E yes"], "a\n"), None);
        assert_eq!(ask(&["/a$/ yes"], "a\n").as_deref(), Some("yes"));
        assert_eq!(ask(&["/b/A yes"], "ab"), None);
        assert_eq!(ask(&["/^(a+)/U $1"], "aaa").as_deref(), Some("a"));
        assert_eq!(ask(&["/a.b/s yes"], "a\nb"), None);
    }

    #[test]
    fn a_nul_ends_what_posix_sees() {
        assert_eq!(ask(Dialect::Posix, &["/(b?)$/ [$1]"], "ab\0c").as_deref(), Some("[b]"));
    }

    #[test]
    fn runaway_patterns_are_errors() {
        let t = table(Dialect::Pcre, &["/^(a+)+$/ x"], Flags::DEFAULT);
        assert!(t.lookup(&("a".repeat(60) + "!")).is_err());
    }
}
