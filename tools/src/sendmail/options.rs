//! The command line of sendmail.

use base::getopt::{Opt, Value, flag, take_cluster, valued};
use config::Config;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Take a message from standard input.
    Enqueue,
    /// Find out what would become of a message (`-bv`).
    Verify,
    /// List the queue.
    List,
    /// Try all deferred mail.
    Flush,
    /// Try one message.
    FlushFile(String),
    /// Try the mail for one site.
    FlushSite(String),
    /// SMTP on standard input and output.
    Smtp,
    /// Start the mail system.
    Daemon,
    /// Rebuild alias databases.
    NewAliases,
    /// A mode of Sendmail's that means nothing here.
    Ignore,
}

impl Mode {
    /// By the name that the program was called by.
    pub(crate) fn by_name(name: &str) -> Mode {
        match name {
            "mailq" => Mode::List,
            "newaliases" => Mode::NewAliases,
            "smtpd" => Mode::Daemon,
            _ => Mode::Enqueue,
        }
    }
}

/// The options, checked one by one.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    /// `-t`
    pub(crate) extract: bool,
    /// `-f`, as given.
    pub(crate) sender: Option<String>,
    /// `-F`
    pub(crate) full_name: Option<String>,
    /// `-B`: `8bit` or `7bit`.
    pub(crate) encoding: Option<&'static str>,
    /// `-N`, as bits.
    pub(crate) notify: u32,
    /// `-R`, as a number.
    pub(crate) ret: u32,
    /// `-V`
    pub(crate) envid: Option<String>,
    /// `-XV`
    pub(crate) verp: Option<String>,
    /// `-G`
    pub(crate) remote: bool,
    /// A line with a single dot is no end.
    pub(crate) dots: bool,
    /// `-oA`
    pub(crate) alias_database: Option<String>,
    /// `-O smtputf8=yes`, `-O requiretls=yes`: bits.
    pub(crate) sendopts: u32,
    verbose: u32,
    pub(crate) rest: Vec<String>,
}

/// The options.
pub const OPTIONS: &[Opt] = &[
    valued('A', Value::Text("mode"), IGNORED),
    valued('B', Value::Word("body_type", &["7BIT", "8BITMIME"]), "The type of the body."),
    valued('C', Value::Directory("config"), "The configuration directory, or a file in it."),
    valued(
        'F',
        Value::Text("full_name"),
        "The full name of the sender, for a `From:` header that is added; otherwise that of `$NAME` or of the password file.",
    ),
    flag('G', "The message comes from a gateway: addresses without a domain are completed with `remote_header_rewrite_domain`, not with ours."),
    flag('I', "Rebuilds the alias databases, as newaliases does."),
    valued('L', Value::Text("label"), IGNORED),
    valued(
        'N',
        Value::Word("dsn,...", &["never", "success", "failure", "delay"]),
        "When the sender is told about the delivery (RFC 3461): `never`, or some of `success`, `failure` and `delay`.",
    ),
    valued('O', Value::Text("name=value"), "`smtputf8=yes` and `requiretls=yes` ask for these extensions; other names are ignored."),
    valued('R', Value::Word("return", &["full", "hdrs"]), "How much of the message a report returns (RFC 3461): `full` or `hdrs`."),
    flag('U', IGNORED),
    valued('V', Value::Text("envid"), "The envelope id that reports name (RFC 3461)."),
    valued(
        'X',
        Value::Text("V[xy]"),
        "`-XV` gives each recipient a sender address of its own (VERP), built with the two delimiters `xy` or those of `default_verp_delimiters`.",
    ),
    valued('e', Value::Text("mode"), IGNORED),
    valued(
        'b',
        Value::Word("mode", &["d", "h", "H", "i", "l", "m", "p", "s", "v"]),
        "What to do: `-bd` and `-bl` start the mail system; `-bi` rebuilds the alias databases; `-bm`, which is what is done otherwise, sends a message; `-bp` lists \
         the queue; `-bs` speaks SMTP on standard input and output; `-bv` reports by mail what would become of a message to the recipients. `-bh` and `-bH` do nothing.",
    ),
    flag('c', IGNORED),
    valued('f', Value::Text("sender"), "The envelope sender, to whom reports go."),
    valued('h', Value::Text("hops"), IGNORED),
    flag('i', "A line with a single dot does not end the message."),
    flag('m', IGNORED),
    flag('n', "Refused."),
    valued('o', Value::Text("option"), "`-oi` is -i; `-oA` with a table names the alias database for `-bi`; others are ignored."),
    valued('p', Value::Text("protocol"), IGNORED),
    valued('r', Value::Text("sender"), "As -f."),
    valued(
        'q',
        Value::Text("what"),
        "`-q` alone has all deferred mail tried at once, `-qI` with a queue id one message, `-qR` with a site all mail for it. An interval, as in `-q15m`, is ignored.",
    ),
    flag('t', "Takes recipients from the headers `To:`, `Cc:` and `Bcc:`, besides those on the command line; `Bcc:` is removed."),
    flag('v', "Has a report of the delivery sent to the sender. Given twice, it says more about what is done."),
    flag('x', IGNORED),
];

const IGNORED: &str = "Ignored.";
/// `trace_flags` and `sendopts` bits.
pub(crate) const SENDOPT_UTF8: u32 = 1;
pub(crate) const SENDOPT_TLS: u32 = 1 << 5;

/// `-C` is needed before anything else can be read: it names the configuration.
pub(crate) fn configuration_directory(words: &Words) -> Option<String> {
    let (given, _) = words.as_ref().ok()?;
    let value = given.iter().rev().find(|(letter, _)| *letter == 'C').map(|(_, value)| value)?;
    // Sendmail's own argument is a file.
    match std::path::Path::new(value) {
        path if path.ends_with("main.cf") => path.parent().map(|p| p.to_string_lossy().into_owned()),
        _ => Some(value.clone()),
    }
}

/// Each letter with its value.
type Letters = Vec<(char, String)>;

/// The letters and what follows them, or getopt's complaint.
pub(crate) type Words = Result<(Letters, Vec<String>), String>;

/// As getopt(3) with postfix's exceptions: `-q` and `-XV` stand alone. Warns of old forms, so it is called once.
pub(crate) fn letters(words: &[String]) -> Words {
    let mut given = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.as_slice().first().filter(|w| w.len() > 1 && w.starts_with('-')) {
        words.next();
        let next_is_pair = words.as_slice().first().is_some_and(|n| n.len() == 2);
        match word.as_str() {
            "--" => break,
            "-q" => given.push(('q', String::new())),
            "-XV" => given.push(('X', "V".to_owned())),
            "-V" if next_is_pair => {
                maillog::warning!("option -V is deprecated with Postfix 2.3; specify -XV instead");
                given.push(('X', "V".to_owned()));
            }
            old if old.len() == 4 && old.starts_with("-V") => {
                let pair = old.get(1..).unwrap_or_default();
                maillog::warning!("option {old} is deprecated with Postfix 2.3; specify -X{pair} instead");
                given.push(('X', pair.to_owned()));
            }
            cluster => take_cluster(OPTIONS, cluster.get(1..).unwrap_or_default(), &mut words.by_ref().cloned(), &mut given)?,
        }
    }
    Ok((given, words.cloned().collect()))
}

impl Options {
    /// Parses. `Err`: the text of the fatal line.
    pub(crate) fn parse(mode: Mode, words: Words, conf: &Config) -> Result<Options, String> {
        let (given, rest) = words.map_err(|e| {
            eprintln!("sendmail: {e}");
            "usage: sendmail [options]".to_owned()
        })?;
        let mut options = Options {
            mode,
            extract: false,
            sender: None,
            full_name: None,
            encoding: None,
            notify: 0,
            ret: 0,
            envid: None,
            verp: None,
            remote: false,
            dots: false,
            alias_database: None,
            sendopts: 0,
            verbose: 0,
            rest,
        };
        for (letter, value) in given {
            options.take(letter, value, conf)?;
        }
        Ok(options)
    }

    fn take(&mut self, letter: char, value: String, conf: &Config) -> Result<(), String> {
        match letter {
            'n' => return Err("-n option not supported".to_owned()),
            'B' => self.encoding = Some(body_type(&value)?),
            'F' => self.full_name = Some(value),
            'G' => self.remote = true,
            'I' => self.mode = Mode::NewAliases,
            'N' => self.notify = notify(&value),
            'R' => self.ret = ret(&value),
            'V' => self.envid = envid(value),
            'X' => self.take_verp(&value, conf)?,
            'O' => self.take_long(&value)?,
            'b' => self.mode = mode(&value)?,
            'f' | 'r' => self.sender = Some(value),
            'i' => self.dots = true,
            'o' => self.take_old(&value),
            'q' => self.take_flush(&value)?,
            't' => self.extract = true,
            'v' => self.verbose += 1,
            // Sendmail's and others' letters that mean nothing here.
            _ => {}
        }
        Ok(())
    }

    fn take_verp(&mut self, value: &str, conf: &Config) -> Result<(), String> {
        let Some(pair) = value.strip_prefix('V') else { return Err(format!("unsupported: -X{}", value.chars().next().unwrap_or(' '))) };
        let filter: String = conf.get(params::VERP_DELIMITER_FILTER);
        let pair = if pair.is_empty() { conf.get(params::DEFAULT_VERP_DELIMITERS) } else { pair.to_owned() };
        if pair.chars().count() != 2 || !pair.chars().all(|c| filter.contains(c)) {
            return Err(format!("-V requires two characters from {filter}"));
        }
        self.verp = Some(pair);
        Ok(())
    }

    /// `-O name=value`: Sendmail's long options; two of them are known.
    fn take_long(&mut self, value: &str) -> Result<(), String> {
        let Some((name, setting)) = value.split_once('=') else { return Ok(()) };
        let bit = match name.trim().to_ascii_lowercase().as_str() {
            "smtputf8" => SENDOPT_UTF8,
            "requiretls" => SENDOPT_TLS,
            _ => return Ok(()),
        };
        match setting.trim().to_ascii_lowercase().as_str() {
            "yes" => self.sendopts |= bit,
            "no" => self.sendopts &= !bit,
            _ => return Err(format!("bad -O option value: {value}")),
        }
        Ok(())
    }

    fn take_old(&mut self, value: &str) {
        match value.chars().next() {
            Some('A') => self.alias_database = Some(value.get(1..).unwrap_or_default().to_owned()),
            Some('i') => self.dots = true,
            _ => {}
        }
    }

    fn take_flush(&mut self, value: &str) -> Result<(), String> {
        let mut chars = value.chars();
        match chars.next() {
            None => self.mode = Mode::Flush,
            // An interval is for a daemon of another kind.
            Some('0'..='9') => {
                if self.mode == Mode::Enqueue {
                    self.mode = Mode::Ignore;
                }
            }
            Some('I') if chars.as_str().is_empty() => return Err("specify: -qIqueueid".to_owned()),
            Some('R') if chars.as_str().is_empty() => return Err("specify: -qRsitename".to_owned()),
            Some('I') => self.mode = Mode::FlushFile(chars.as_str().to_owned()),
            Some('R') => self.mode = Mode::FlushSite(chars.as_str().to_owned()),
            Some(other) => return Err(format!("-q{other} is not implemented")),
        }
        Ok(())
    }

    /// What does not go together.
    pub(crate) fn check(&self) -> Result<(), String> {
        let refuse = |given: bool, text: &str| if given { Err(text.to_owned()) } else { Ok(()) };
        if self.mode == Mode::Verify {
            refuse(self.extract, "-t option cannot be used with -bv")?;
            refuse(self.notify != 0, "-N option cannot be used with -bv")?;
            refuse(self.ret != 0, "-R option cannot be used with -bv")?;
            return refuse(self.verbose == 1, "-v option cannot be used with -bv");
        }
        refuse(self.extract && self.mode != Mode::Enqueue, "-t can be used only in delivery mode")?;
        let what = match self.mode {
            Mode::List => "display queue mode",
            Mode::Flush => "flush queue mode",
            Mode::FlushFile(_) => "flush queue_id",
            Mode::FlushSite(_) => "flush site",
            Mode::Smtp => "stand-alone mode",
            Mode::Daemon => "daemon mode",
            Mode::NewAliases => "alias initialization mode",
            Mode::Enqueue | Mode::Verify | Mode::Ignore => return Ok(()),
        };
        refuse(!self.rest.is_empty(), &format!("{what} requires no recipient"))
    }

    /// `-v` once asks for a report of delivery; more is for our own eyes.
    pub(crate) fn verbosity(&self) -> u32 {
        self.verbose.saturating_sub(1) + u32::from(self.verbose == 1 && self.mode != Mode::Enqueue)
    }

    /// The sender is told how the delivery went.
    pub(crate) fn wants_record(&self) -> bool {
        self.verbose == 1 && self.mode == Mode::Enqueue
    }
}

fn body_type(value: &str) -> Result<&'static str, String> {
    match value {
        "8BITMIME" => Ok("8bit"),
        "7BIT" => Ok("7bit"),
        _ => Err("-B option needs 8BITMIME or 7BIT".to_owned()),
    }
}

fn mode(value: &str) -> Result<Mode, String> {
    Ok(match value.chars().next() {
        Some('d' | 'l') => Mode::Daemon,
        Some('h' | 'H') => Mode::Ignore,
        Some('i') => Mode::NewAliases,
        Some('m') => Mode::Enqueue,
        Some('p') => Mode::List,
        Some('s') => Mode::Smtp,
        Some('v') => Mode::Verify,
        other => return Err(format!("unsupported: -b{}", other.unwrap_or(' '))),
    })
}

/// `never`, or a list of `success`, `failure`, `delay`, as bits of RFC 3461 NOTIFY. A bad value is ignored with a warning.
fn notify(value: &str) -> u32 {
    let mut bits = 0;
    let mut good = true;
    for word in value.split([',', ' ', '\t']).filter(|w| !w.is_empty()) {
        bits |= match word.to_ascii_lowercase().as_str() {
            "never" => 1,
            "success" => 2,
            "failure" => 4,
            "delay" => 8,
            _ => {
                maillog::warning!("unknown DSN NOTIFY command value \"{word}\" in \"{value}\"");
                good = false;
                0
            }
        };
    }
    if !good || bits == 0 || (bits & 1 != 0 && bits != 1) {
        maillog::warning!("bad -N option value -- ignored");
        return 0;
    }
    bits
}

fn ret(value: &str) -> u32 {
    match value.to_ascii_lowercase().as_str() {
        "full" => 1,
        "hdrs" => 2,
        _ => {
            maillog::warning!("bad -R option value -- ignored");
            0
        }
    }
}

/// RFC 3461 4.4: at most 100 characters.
fn envid(value: String) -> Option<String> {
    if value.len() > 100 {
        maillog::warning!("too long -V option value -- ignored");
    } else if value.is_empty() || !value.bytes().all(|b| (32..127).contains(&b)) {
        maillog::warning!("bad syntax in -V option value -- ignored");
    } else {
        return Some(value);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        let words: Vec<String> = text.split(' ').filter(|w| !w.is_empty()).map(str::to_owned).collect();
        Options::parse(Mode::Enqueue, letters(&words), &Config::from_pairs([("myhostname", "mail.example.com")]))
    }

    #[test]
    fn modes_and_values() {
        let o = parse("-oi -t -fjoe -F Name -B 8BITMIME -Nsuccess,delay -R hdrs -XV root -x").unwrap();
        assert_eq!((o.dots, o.extract, o.sender.as_deref(), o.encoding, o.notify, o.ret), (true, true, Some("joe"), Some("8bit"), 10, 2));
        assert_eq!(o.verp.as_deref(), Some("+="));
        assert_eq!(o.rest, ["root", "-x"], "options end at the first recipient");
        for (text, mode) in [
            ("-bp", Mode::List),
            ("-q", Mode::Flush),
            ("-qIABC", Mode::FlushFile("ABC".into())),
            ("-qRx", Mode::FlushSite("x".into())),
            ("-I", Mode::NewAliases),
            ("-bh", Mode::Ignore),
        ] {
            assert_eq!(parse(text).unwrap().mode, mode, "{text}");
        }
    }

    #[test]
    fn what_is_refused() {
        for (text, want) in [
            ("-n x", "-n option not supported"),
            ("-B foo", "-B option needs 8BITMIME or 7BIT"),
            ("-XVabc x", "-V requires two characters from -=+"),
            ("-qf", "-qf is not implemented"),
            ("-bt", "unsupported: -bt"),
            ("-Xfoo", "unsupported: -Xf"),
            ("-Z", "usage: sendmail [options]"),
        ] {
            assert_eq!(parse(text).unwrap_err(), want);
        }
        assert_eq!(parse("-bp x").unwrap().check().unwrap_err(), "display queue mode requires no recipient");
        assert_eq!(parse("-bs -t").unwrap().check().unwrap_err(), "-t can be used only in delivery mode");
        assert_eq!(parse("-bv -t").unwrap().check().unwrap_err(), "-t option cannot be used with -bv");
    }

    #[test]
    fn bad_values_are_ignored() {
        assert_eq!(parse("-N foo x").unwrap().notify, 0);
        assert_eq!(parse("-N never,success x").unwrap().notify, 0);
        assert_eq!(parse("-O requiretls=yes -O foo=bar x").unwrap().sendopts, SENDOPT_TLS);
        assert!(parse("-O smtputf8=perhaps x").is_err());
    }
}
