use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use config::{Config, main_cf};

use crate::context::Context;
use crate::{OpenError, errno_text};

/// The parameters of one table: a file in main.cf's format, or `NAME_parameter` in main.cf itself when the table's name is no path (mysql_table(5) and
/// its kin, OBSOLETE MAIN.CF PARAMETERS).
pub(crate) struct Settings {
    /// The table's name, without its type.
    pub(crate) name: String,
    source: Source,
}

enum Source {
    /// Values are as they are written: a password may hold `$`.
    File(HashMap<String, String>),
    /// Values are expanded.
    Main(Option<Config>),
}

impl Settings {
    /// Reads the file, if the name is one.
    ///
    /// # Errors
    /// It cannot be read, or a line makes no sense.
    pub(crate) fn open(name: &str, context: &Context<'_>) -> Result<Settings, OpenError> {
        if !name.starts_with(['/', '.']) {
            return Ok(Settings { name: name.to_owned(), source: Source::Main(context.conf.cloned()) });
        }
        let bytes = std::fs::read(name).map_err(|e| OpenError::new(format!("open {name}: {}", errno_text(&e))))?;
        let mut warnings = Vec::new();
        let text = String::from_utf8_lossy(&bytes);
        let settings = main_cf::parse(Path::new(name), &text, &mut warnings).map_err(|e| OpenError::new(e.to_string()))?;
        let mut values: HashMap<String, String> = HashMap::new();
        for s in settings {
            // A password or query that is not what was written must not be tried. Comments may be in any language.
            if matches!(text, Cow::Owned(_)) && s.value.contains(char::REPLACEMENT_CHARACTER) {
                let reason = format!("{name}, line {}: the value of {} is not UTF-8", s.line, s.name);
                return Err(OpenError { reason, remedy: Some(format!("write it in UTF-8: iconv -f LATIN1 -t UTF-8 {name}")) });
            }
            if let Some(old) = values.insert(s.name.clone(), s.value) {
                warnings.push(format!("{name}, line {}: overriding earlier entry: {}={old}", s.line, s.name));
            }
        }
        for w in warnings {
            maillog::warning!("{w}");
        }
        Ok(Settings { name: name.to_owned(), source: Source::File(values) })
    }

    /// A value as it is given. `None`: not given.
    pub(crate) fn given(&self, param: &str) -> Option<String> {
        match &self.source {
            Source::File(values) => values.get(param).cloned(),
            Source::Main(conf) => conf.as_ref()?.lookup(&format!("{}_{param}", self.name)),
        }
    }

    /// A text with a default.
    pub(crate) fn text(&self, param: &str, default: &str) -> String {
        self.given(param).unwrap_or_else(|| default.to_owned())
    }

    /// A text that must not be empty.
    pub(crate) fn required(&self, param: &str) -> Result<String, OpenError> {
        match self.given(param) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(self.bad("bad string length 0 < 1", param, "")),
        }
    }

    /// Words with commas or blanks between them.
    pub(crate) fn words(&self, param: &str, default: &str) -> Vec<String> {
        self.text(param, default).split([',', ' ', '\t', '\r', '\n']).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    }

    /// A number that is at least `least`.
    pub(crate) fn int(&self, param: &str, default: i32, least: i32) -> Result<i32, OpenError> {
        let Some(text) = self.given(param) else { return Ok(default) };
        let value: i32 = text.parse().map_err(|_| self.bad("bad numerical configuration", param, &text))?;
        if value < least {
            let (place, name) = self.place(param);
            return Err(OpenError::new(format!("{place}invalid {name} parameter value {value} < {least}")));
        }
        Ok(value)
    }

    /// Yes or no.
    pub(crate) fn bool(&self, param: &str, default: bool) -> Result<bool, OpenError> {
        match self.given(param) {
            None => Ok(default),
            Some(text) if text.eq_ignore_ascii_case("yes") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("no") => Ok(false),
            Some(text) => Err(self.bad("bad boolean configuration", param, &text)),
        }
    }

    /// Yes or no, or 1 or 0.
    pub(crate) fn bool_or_number(&self, param: &str) -> Result<bool, OpenError> {
        match self.given(param).as_deref() {
            Some("1") => Ok(true),
            Some("0") => Ok(false),
            _ => self.bool(param, false),
        }
    }

    /// A time, in seconds where no unit is written.
    pub(crate) fn time(&self, param: &str, default: Duration) -> Result<Duration, OpenError> {
        let Some(text) = self.given(param) else { return Ok(default) };
        params::parse_time(&text, params::Unit::Seconds).map(Duration::from_secs).ok_or_else(|| self.bad("bad time value or unit", param, &text))
    }

    /// `WHERE: WHAT: PARAMETER = VALUE`.
    pub(crate) fn bad(&self, what: &str, param: &str, value: &str) -> OpenError {
        let (place, name) = self.place(param);
        OpenError::new(format!("{place}{what}: {name} = {value}"))
    }

    /// The file of a parameter, for the start of a message, and its full name.
    fn place(&self, param: &str) -> (String, String) {
        match self.source {
            Source::File(_) => (format!("{}: ", self.name), param.to_owned()),
            Source::Main(_) => (String::new(), format!("{}_{param}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Flags;

    fn main_cf(pairs: &[(&str, &str)]) -> Settings {
        let conf = Config::from_pairs(pairs.iter().copied());
        Settings::open("src", &Context { conf: Some(&conf), ..Context::plain(Flags::DEFAULT) }).expect("main.cf")
    }

    #[test]
    fn parameters_in_main_cf() {
        let s = main_cf(&[("src_hosts", "a, b"), ("x", "y"), ("src_query", "$x$$"), ("src_n", "12"), ("src_b", "YES"), ("src_t", "2m")]);
        assert_eq!(s.words("hosts", ""), ["a", "b"]);
        assert_eq!(s.text("query", ""), "y$");
        assert_eq!((s.int("n", 0, 0), s.int("m", 7, 0), s.bool("b", false)), (Ok(12), Ok(7), Ok(true)));
        assert_eq!(s.time("t", Duration::ZERO), Ok(Duration::from_secs(120)));
        assert_eq!(s.required("dbname").unwrap_err().reason, "bad string length 0 < 1: src_dbname = ");
        assert_eq!(s.int("query", 0, 0).unwrap_err().reason, "bad numerical configuration: src_query = y$");
        assert_eq!(s.int("n", 0, 20).unwrap_err().reason, "invalid src_n parameter value 12 < 20");
    }

    #[test]
    fn parameters_in_a_file() {
        let path = std::env::temp_dir().join(format!("settings-{}.cf", std::process::id()));
        std::fs::write(&path, "a = $b # c\n  d\nb = 1\n").expect("write");
        let name = path.to_string_lossy().into_owned();
        let s = Settings::open(&name, &Context::plain(Flags::DEFAULT)).expect("opens");
        assert_eq!(s.text("a", ""), "$b # c  d");
        assert_eq!(s.bool("b", true).unwrap_err().reason, format!("{name}: bad boolean configuration: b = 1"));
        std::fs::write(&path, b"# f\xfcr\nuser = x\n").expect("write");
        assert!(Settings::open(&name, &Context::plain(Flags::DEFAULT)).is_ok(), "a comment may be in any language");
        std::fs::write(&path, b"user = x\npassword = p\xe4\n").expect("write");
        let e = Settings::open(&name, &Context::plain(Flags::DEFAULT)).err().expect("refused").reason;
        assert_eq!(e, format!("{name}, line 2: the value of password is not UTF-8"));
        std::fs::write(&path, "garbage\n").expect("write");
        let e = Settings::open(&name, &Context::plain(Flags::DEFAULT)).err().expect("refused").reason;
        assert!(e.starts_with(&format!("{name}, line 1: missing '=' after attribute name: \"garbage\"")), "{e}");
        std::fs::remove_file(&path).expect("remove");
        let e = Settings::open(&name, &Context::plain(Flags::DEFAULT)).err().expect("gone").reason;
        assert_eq!(e, format!("open {name}: No such file or directory"));
    }
}
