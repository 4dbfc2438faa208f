use std::borrow::Cow;
use std::ffi::CString;

use crate::cidr::{keyword, negation, readable, rule_lines};
use crate::foreign::PosixRegex;
use crate::template::{Template, TemplateError};
use crate::types::Context;
use crate::watch::Watch;
use crate::{Flags, Kind, LookupError, OpenError, Table, values};

/// `regexp:` and `pcre:` tables, in a file or in the name. Rules are tried in order; the first that matches gives the result.
pub(crate) struct Pattern {
    name: String,
    map: String,
    dialect: Dialect,
    rules: Vec<Rule>,
    watch: Option<Watch>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Posix,
    Pcre,
}

enum Regex {
    Posix(PosixRegex),
    Pcre(pcre2::bytes::Regex),
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
    regex: Regex,
    negated: bool,
    line: usize,
}

/// A rule as it was parsed: with the warnings that do not make it void.
struct Parsed<'t> {
    pattern: &'t str,
    negated: bool,
    options: &'t str,
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
        let (lines, watch) = rule_lines(dialect.name(), name)?;
        let mut table = Pattern { name: format!("{}:{name}", dialect.name()), map: name.to_owned(), dialect, rules: Vec::new(), watch };
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
    }

    /// One line; the error is the whole text of the warning.
    fn rule(&self, number: usize, text: &str, flags: Flags) -> Result<Option<Rule>, String> {
        if let Some(rest) = keyword(text, "IF") {
            let parsed = self.split(rest)?;
            if !parsed.rest.is_empty() {
                self.warn(number, &format!("ignoring extra text after IF statement: \"{}\"", parsed.rest));
                self.warn(number, "do not prepend whitespace to statements between IF and ENDIF");
            }
            let (regex, _) = self.regex(number, &parsed)?;
            return Ok(Some(Rule::If { test: Test { regex, negated: parsed.negated, line: number }, end: usize::MAX - 1 }));
        }
        if text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err("ignoring unrecognized request".to_owned());
        }
        let parsed = self.split(text)?;
        if parsed.rest.is_empty() {
            self.warn(number, "no replacement text: using empty string");
        }
        let text = values::stored(parsed.rest, flags).map_err(|e| format!("{e}: skipping this rule"))?;
        let result = self.template(number, &text)?;
        if result.highest() > 0 && parsed.negated {
            return Err("$number found in negative match replacement text: skipping this rule".to_owned());
        }
        if result.highest() > 0 && flags.no_substitution {
            return Err("regular expression substitution is not allowed: skipping this rule".to_owned());
        }
        let (regex, groups) = self.regex(number, &parsed)?;
        if result.highest() > groups {
            return Err(format!("out of range replacement index \"{}\": skipping this rule", result.highest()));
        }
        Ok(Some(Rule::Match { test: Test { regex, negated: parsed.negated, line: number }, result }))
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
    fn split<'t>(&self, text: &'t str) -> Result<Parsed<'t>, String> {
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
                let end = after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len());
                let (options, rest) = after.split_at(end);
                if let Some(bad) = options.chars().find(|o| !self.dialect.options().contains(*o)) {
                    return Err(format!("unknown regexp option \"{}\": skipping this rule", ascii(bad)));
                }
                return Ok(Parsed { pattern: text.get(start..i).unwrap_or(""), negated, options, rest: rest.trim() });
            }
        }
        let skipping = if self.dialect == Dialect::Pcre { "ignoring" } else { "skipping" };
        Err(format!("no closing regexp delimiter \"{}\": {skipping} this rule", ascii(delimiter)))
    }

    fn regex(&self, number: usize, parsed: &Parsed<'_>) -> Result<(Regex, usize), String> {
        if self.dialect == Dialect::Pcre && parsed.options.contains('X') {
            self.warn(number, "ignoring obsolete regexp option \"X\"");
        }
        match self.dialect {
            Dialect::Posix => posix(parsed),
            Dialect::Pcre => pcre(parsed),
        }
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
        let mut at = 0;
        while let Some(rule) = self.rules.get(at) {
            match rule {
                Rule::Match { test, result } => {
                    if let Some(value) = test.result(&subject, result).map_err(|e| self.failed(test.line, &e))? {
                        return Ok(Some(readable(&self.name, key, value)?));
                    }
                }
                Rule::If { test, end } => {
                    if !test.holds(&subject).map_err(|e| self.failed(test.line, &e))? {
                        at = *end;
                    }
                }
                Rule::EndIf => {}
            }
            at += 1;
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

impl Dialect {
    fn name(self) -> &'static str {
        match self {
            Dialect::Posix => "regexp",
            Dialect::Pcre => "pcre",
        }
    }

    fn options(self) -> &'static str {
        match self {
            Dialect::Posix => "imx",
            Dialect::Pcre => "imsxAEUX",
        }
    }

    fn out_of_range(self) -> &'static str {
        match self {
            Dialect::Posix => "out-of-range",
            Dialect::Pcre => "out of range",
        }
    }
}

/// The key in the form that the library wants, made once a lookup.
struct Subject<'k> {
    text: &'k str,
    c_text: CString,
}

impl<'k> Subject<'k> {
    fn new(dialect: Dialect, key: &'k str) -> Subject<'k> {
        // The C library sees a text up to the first NUL.
        let visible = key.split('\0').next().unwrap_or("");
        let c_text = if dialect == Dialect::Posix { CString::new(visible).unwrap_or_default() } else { CString::default() };
        Subject { text: if dialect == Dialect::Posix { visible } else { key }, c_text }
    }
}

impl Subject<'_> {
    /// What a group matched; a POSIX expression may have cut a character.
    fn part(&self, start: usize, end: usize) -> Cow<'_, str> {
        String::from_utf8_lossy(self.text.as_bytes().get(start..end).unwrap_or_default())
    }
}

impl Test {
    fn holds(&self, subject: &Subject<'_>) -> Result<bool, String> {
        let matched = match &self.regex {
            Regex::Posix(re) => re.is_match(&subject.c_text)?,
            Regex::Pcre(re) => re.is_match(subject.text.as_bytes()).map_err(pcre_failure)?,
        };
        Ok(matched != self.negated)
    }

    fn result(&self, subject: &Subject<'_>, template: &Template) -> Result<Option<String>, String> {
        if template.highest() == 0 {
            return Ok(self.holds(subject)?.then(|| template.expand(|_| None)));
        }
        match &self.regex {
            Regex::Posix(re) => {
                let groups = re.captures(&subject.c_text)?;
                Ok(groups.map(|g| template.expand(|n| g.get(n).copied().flatten().map(|(s, e)| subject.part(s, e)))))
            }
            Regex::Pcre(re) => {
                let groups = re.captures(subject.text.as_bytes()).map_err(pcre_failure)?;
                Ok(groups.map(|g| template.expand(|n| g.get(n).map(|m| subject.part(m.start(), m.end())))))
            }
        }
    }
}

/// A character as postfix shows it, which has bytes.
fn ascii(c: char) -> char {
    if c.is_ascii() { c } else { '?' }
}

fn pcre_failure(e: pcre2::Error) -> String {
    format!("matching failed: {e}")
}

fn posix(parsed: &Parsed<'_>) -> Result<(Regex, usize), String> {
    let (mut extended, mut ignore_case, mut newline) = (true, true, false);
    for option in parsed.options.chars() {
        match option {
            'i' => ignore_case = !ignore_case,
            'm' => newline = !newline,
            _ => extended = !extended,
        }
    }
    let regex = PosixRegex::new(parsed.pattern, extended, ignore_case, newline)?;
    let groups = regex.groups();
    Ok((Regex::Posix(regex), groups))
}

fn pcre(parsed: &Parsed<'_>) -> Result<(Regex, usize), String> {
    let (mut ignore_case, mut multi_line, mut dot_all, mut extended) = (true, false, true, false);
    let (mut anchored, mut end_only, mut ungreedy) = (false, false, false);
    for option in parsed.options.chars() {
        match option {
            'i' => ignore_case = !ignore_case,
            'm' => multi_line = !multi_line,
            's' => dot_all = !dot_all,
            'x' => extended = !extended,
            'A' => anchored = !anchored,
            'E' => end_only = !end_only,
            'U' => ungreedy = !ungreedy,
            _ => {} // X: no effect with PCRE2
        }
    }
    // Three options that the library's safe interface lacks, said in the pattern itself. A line break ends a comment of option x.
    let mut pattern = if end_only && !multi_line { dollars_at_end_only(parsed.pattern) } else { parsed.pattern.to_owned() };
    if ungreedy {
        pattern.insert_str(0, "(?U)");
    }
    if anchored {
        pattern = format!("\\G(?:{pattern}{})", if extended { "\n" } else { "" });
    }
    let mut builder = pcre2::bytes::RegexBuilder::new();
    builder.caseless(ignore_case).multi_line(multi_line).dotall(dot_all).extended(extended).jit_if_available(true);
    let regex = builder.build(&pattern).map_err(|e| match e.offset() {
        Some(offset) => format!("error in regex at offset {offset}: {}", pcre_text(&e)),
        None => format!("error in regex: {}", pcre_text(&e)),
    })?;
    let groups = regex.captures_len().saturating_sub(1);
    Ok((Regex::Pcre(regex), groups))
}

/// The library's own words, without what the crate puts before them.
fn pcre_text(e: &pcre2::Error) -> String {
    let text = e.to_string();
    text.rsplit_once(": ").map_or(text.clone(), |(_, t)| t.to_owned())
}

/// Option E: `$` matches only at the very end. Outside classes and escapes it becomes `\z`.
fn dollars_at_end_only(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let (mut escaped, mut class) = (false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '$' if !class => {
                out.push_str("\\z");
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(dialect: Dialect, rules: &[&str], flags: Flags) -> Box<dyn Table> {
        let mut table = Pattern { name: "t".into(), map: "t".into(), dialect, rules: Vec::new(), watch: None };
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
