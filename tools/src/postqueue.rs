//! postqueue(1): the queue for everybody: list it, flush it.

use std::io::{BufReader, BufWriter, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use base::Printable;
use base::getopt::{CONFIG_DIR, Opt, VERBOSE, Value, flag, valued};
use config::Config;
use delivery::listing::Style;
use ipc::attributes::AttributeError;
use ipc::showq::{Item, Listing, Message, Recipient};
use ipc::{flush, trigger};
use table::MatchList;

use crate::queue_tool::{EX_NOPERM, EX_UNAVAILABLE, configuration, enter_queue, errno, has_form_of_id, kick, options_or_usage, start_log, usage_error};

const PROGRAM: &str = "postqueue";
const USAGE: &str = "postqueue -f | postqueue -i queueid | postqueue -j | postqueue -p | postqueue -s site";

/// The options.
pub const OPTIONS: &[Opt] = &[
    CONFIG_DIR,
    flag('f', "Has all deferred mail tried at once. Use it sparingly: what cannot be delivered delays what can."),
    valued('i', Value::Text("queue_id"), "Has one deferred message tried at once."),
    flag('j', "Lists the queue as JSON, one object a line for each message, in the order of the directories."),
    flag(
        'p',
        "Lists the queue as mailq(1) does: `*` after the queue id marks a message in the active queue, `!` one on hold, `#` one that was forced to expire.",
    ),
    valued(
        's',
        Value::Text("site"),
        "Has all mail for a site tried at once. The site must be one of `fast_flush_domains`; an address literal is written in brackets.",
    ),
    VERBOSE,
];

/// What is asked for.
enum Mode {
    Flush,
    FlushFile(String),
    FlushSite(String),
    Json,
    Traditional,
}

/// The program.
pub fn main() -> ExitCode {
    sys::ignore_write_signals();
    let options = options_or_usage(PROGRAM, OPTIONS, USAGE, EX_UNAVAILABLE);
    let (mut mode, mut directory, mut verbosity) = (None, None, 0);
    for (letter, value) in options.given {
        let wanted = match letter {
            'c' => {
                directory = Some(value);
                continue;
            }
            'v' => {
                verbosity += u32::from(sys::is_root());
                continue;
            }
            'f' => Mode::Flush,
            'i' => Mode::FlushFile(value),
            's' => Mode::FlushSite(value),
            'j' => Mode::Json,
            _ => Mode::Traditional,
        };
        if mode.replace(wanted).is_some() {
            usage_error(USAGE, EX_UNAVAILABLE);
        }
    }
    if !options.rest.is_empty() {
        usage_error(USAGE, EX_UNAVAILABLE);
    }
    maillog::set_verbosity(verbosity);
    let conf = configuration(directory.as_deref(), EX_UNAVAILABLE);
    let Some(mode) = mode else { usage_error(USAGE, EX_UNAVAILABLE) };
    let queue = enter_queue(&conf, EX_UNAVAILABLE);
    start_log(PROGRAM, Some(&conf));
    match mode {
        Mode::Flush => flush_all(&conf),
        Mode::FlushFile(id) => flush_file(&conf, &id),
        Mode::FlushSite(site) => flush_site(&conf, &site),
        Mode::Json => list(&conf, &queue, &mut Json::default()),
        Mode::Traditional => list(&conf, &queue, &mut Traditional::new(conf.get(params::ENABLE_LONG_QUEUE_IDS))),
    }
    ExitCode::SUCCESS
}

/// Root and the mail system may always; others as the access list says.
fn authorize<T: params::ParamType<Value = String>>(conf: &Config, list: &params::Param<T>, what: &str) {
    let (uid, _) = sys::effective_user();
    let account = sys::user_by_uid(uid).ok().flatten();
    let name = account.as_ref().map_or("unknown", |a| a.name.as_str());
    if uid == 0 || name == conf.get(params::MAIL_OWNER) {
        return;
    }
    match MatchList::of(conf, list).matches_text(name) {
        Ok(true) => {}
        Ok(false) => maillog::fatal_status(EX_NOPERM, format_args!("User {name}({uid}) is not allowed to {what} the mail queue")),
        Err(e) => maillog::fatal_status(EX_UNAVAILABLE, e),
    }
}

fn flush_all(conf: &Config) {
    authorize(conf, params::AUTHORIZED_FLUSH_USERS, "flush");
    let socket = Path::new("public").join(conf.get(params::QUEUE_SERVICE_NAME));
    if kick(&socket, &[trigger::FLUSH_DEAD, trigger::ALL, trigger::DEFERRED], LIMIT).is_err() {
        maillog::fatal_status(EX_UNAVAILABLE, "Cannot flush mail queue - mail system is down");
    }
}

fn flush_file(conf: &Config, id: &str) {
    if !has_form_of_id(id) {
        maillog::fatal_status(EX_UNAVAILABLE, format_args!("Cannot flush queue ID - invalid name: \"{id}\""));
    }
    authorize(conf, params::AUTHORIZED_FLUSH_USERS, "flush");
    match ask_flush(conf, &flush::Request::SendFile(id.to_owned())) {
        flush::Reply::Ok => {}
        flush::Reply::Bad => maillog::fatal_status(EX_UNAVAILABLE, format_args!("Invalid request: \"{id}\"")),
        flush::Reply::Unknown | flush::Reply::Failed => maillog::fatal_status(EX_UNAVAILABLE, "Cannot flush mail queue - mail system is down"),
    }
}

fn flush_site(conf: &Config, site: &str) {
    authorize(conf, params::AUTHORIZED_FLUSH_USERS, "flush");
    let bare = site.strip_prefix('[').and_then(|s| s.strip_suffix(']'));
    if !(address::is_hostname(site) || bare.is_some_and(|a| a.parse::<std::net::IpAddr>().is_ok())) {
        let shown: String = site.chars().take(100).collect();
        let cut = if shown.len() < site.len() { "..." } else { "" };
        maillog::fatal_status(EX_UNAVAILABLE, format_args!("Cannot flush mail queue - invalid destination: \"{shown}\"{cut}"));
    }
    let reply = match MatchList::of(conf, params::FAST_FLUSH_DOMAINS).matches_domain(site) {
        Ok(true) => ask_flush(conf, &flush::Request::SendSite(site.to_owned())),
        Ok(false) => flush::Reply::Unknown,
        Err(e) => maillog::fatal_status(EX_UNAVAILABLE, e),
    };
    match reply {
        flush::Reply::Ok => {}
        flush::Reply::Bad => maillog::fatal_status(EX_UNAVAILABLE, format_args!("Invalid request: \"{site}\"")),
        flush::Reply::Failed => maillog::fatal_status(EX_UNAVAILABLE, "Cannot flush mail queue - mail system is down"),
        flush::Reply::Unknown => maillog::fatal_status(EX_UNAVAILABLE, format_args!("Flush service is not configured for destination \"{site}\"")),
    }
}

fn ask_flush(conf: &Config, request: &flush::Request) -> flush::Reply {
    let socket = Path::new("public").join(conf.get(params::FLUSH_SERVICE_NAME));
    ipc::Client::new(&socket, LIMIT).ask(request).unwrap_or_else(|e| {
        match &e.cause {
            ipc::FrameError::Io(cause) => maillog::warning!("connect to {}: {}", socket.display(), errno(cause)),
            other => maillog::warning!("{}: {other}", socket.display()),
        }
        flush::Reply::Failed
    })
}

/// How long a service may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// A form of the listing.
trait Form {
    fn item(&mut self, item: &Item, out: &mut dyn Write) -> std::io::Result<()> {
        match item {
            Item::Message(message) => self.message(message, out),
            Item::Recipient(recipient) => self.recipient(recipient, out),
        }
    }
    fn message(&mut self, message: &Message, out: &mut dyn Write) -> std::io::Result<()>;
    fn recipient(&mut self, recipient: &Recipient, out: &mut dyn Write) -> std::io::Result<()>;
    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()>;
}

/// Lists by way of showq(8), or root by itself when the mail system is down.
fn list(conf: &Config, queue: &queue::Queue, form: &mut dyn Form) {
    authorize(conf, params::AUTHORIZED_MAILQ_USERS, "view");
    let mut out = BufWriter::with_capacity(64 << 10, std::io::stdout().lock());
    let socket = Path::new("public").join(conf.get(params::SHOWQ_SERVICE_NAME));
    let written = match UnixStream::connect(&socket) {
        Ok(stream) => from_service(stream, form, &mut out),
        Err(e) if sys::is_root() => {
            maillog::warning!("Mail system is down -- accessing queue directly (Connect to the {} showq service: {})", conf.get(params::MAIL_NAME), errno(&e));
            direct(conf, queue, form, &mut out)
        }
        Err(e) => {
            let cause = format!("Connect to the {} showq service: {}", conf.get(params::MAIL_NAME), errno(&e));
            maillog::fatal_status(EX_UNAVAILABLE, format_args!("Queue report unavailable - mail system is down ({cause})"))
        }
    };
    // A closed pipe (head -1) is no error of ours.
    let _ = written.and_then(|()| form.end(&mut out)).and_then(|()| out.flush());
}

fn from_service(stream: UnixStream, form: &mut dyn Form, out: &mut dyn Write) -> std::io::Result<()> {
    let _ = stream.set_read_timeout(Some(LIMIT));
    let broken = |e: AttributeError| -> ! { maillog::fatal_status(EX_UNAVAILABLE, format_args!("showq service: {e}")) };
    let mut listing = Listing::open(BufReader::with_capacity(64 << 10, stream)).unwrap_or_else(|e| broken(e));
    while let Some(item) = listing.next_item().unwrap_or_else(|e| broken(e)) {
        form.item(&item, out)?;
    }
    Ok(())
}

fn direct(conf: &Config, queue: &queue::Queue, form: &mut dyn Form, out: &mut dyn Write) -> std::io::Result<()> {
    delivery::listing::list(queue, &Style::of(conf), |item| form.item(&item, out))
}

/// Sendmail's mailq.
struct Traditional {
    long: bool,
    count: u64,
    bytes: u64,
    /// The reason of the recipients listed last: it stands once before all that share it.
    reason: String,
}

/// Reasons end in this column.
const RIGHT: usize = 78;
/// Recipients begin in this column.
const INDENT: usize = 41;

impl Traditional {
    fn new(long: bool) -> Traditional {
        Traditional { long, count: 0, bytes: 0, reason: String::new() }
    }
}

impl Form for Traditional {
    fn message(&mut self, message: &Message, out: &mut dyn Write) -> std::io::Result<()> {
        if self.count == 0 {
            out.write_all(if self.long { LONG_HEADER } else { SHORT_HEADER }.as_bytes())?;
        } else {
            out.write_all(b"\n")?;
        }
        self.count += 1;
        self.bytes += message.size;
        let mark = match (message.queue.as_str(), message.forced_expire) {
            (_, true) => "#",
            ("active", _) => "*",
            ("hold", _) => "!",
            _ => "",
        };
        let id = format!("{}{mark}", message.id);
        let sender = shown(&message.sender);
        let time = crate::queue_tool::asctime(message.arrival.sec);
        let time = time.get(..19).unwrap_or(&time);
        match self.long {
            true => writeln!(out, "{id:<17} {:>8} {time} {sender}", message.size)?,
            false => writeln!(out, "{id:<11}{:>8} {time}  {sender}", message.size)?,
        }
        self.reason.clear();
        Ok(())
    }

    fn recipient(&mut self, recipient: &Recipient, out: &mut dyn Write) -> std::io::Result<()> {
        if recipient.reason != self.reason {
            self.reason.clone_from(&recipient.reason);
            let reason = shown(if self.reason.is_empty() { "reason unavailable" } else { &self.reason });
            writeln!(out, "{:>width$}({reason})", "", width = RIGHT.saturating_sub(reason.len() + 2))?;
        }
        writeln!(out, "{:INDENT$}{}", "", shown(&recipient.address))
    }

    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if self.count == 0 {
            return out.write_all(b"Mail queue is empty\n");
        }
        writeln!(out, "\n-- {} Kbytes in {} Request{}.", self.bytes / 1024, self.count, if self.count == 1 { "" } else { "s" })
    }
}

const SHORT_HEADER: &str = "-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------\n";
const LONG_HEADER: &str = "----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------\n";

/// TRUST: a terminal obeys what it is shown; what others have written into the queue is text.
fn shown(text: &str) -> Printable {
    Printable::new(text.as_bytes())
}

/// One JSON object a line.
#[derive(Default)]
struct Json {
    /// An object is open.
    open: bool,
    /// It has a recipient.
    listed: bool,
}

impl Form for Json {
    fn message(&mut self, m: &Message, out: &mut dyn Write) -> std::io::Result<()> {
        self.end(out)?;
        (self.open, self.listed) = (true, false);
        let (queue, id, seconds, size) = (json(&m.queue), json(&m.id), m.arrival.sec, m.size);
        write!(out, "{{\"queue_name\": {queue}, \"queue_id\": {id}, \"arrival_time\": {seconds}, \"message_size\": {size}, ")?;
        write!(out, "\"forced_expire\": {}, \"sender\": {}, \"recipients\": [", m.forced_expire, json(&m.sender))
    }

    fn recipient(&mut self, recipient: &Recipient, out: &mut dyn Write) -> std::io::Result<()> {
        let comma = if std::mem::replace(&mut self.listed, true) { ", " } else { "" };
        write!(out, "{comma}{{\"address\": {}", json(&recipient.address))?;
        if !recipient.reason.is_empty() {
            write!(out, ", \"delay_reason\": {}", json(&recipient.reason))?;
        }
        out.write_all(b"}")
    }

    fn end(&mut self, out: &mut dyn Write) -> std::io::Result<()> {
        if std::mem::take(&mut self.open) { out.write_all(b"]}\n") } else { Ok(()) }
    }
}

/// A JSON string (RFC 8259 7).
fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::Stamp;

    fn list(form: &mut dyn Form) -> String {
        let r = |address: &str, reason: &str| Recipient { address: address.into(), reason: reason.into() };
        let message = Message {
            queue: "hold".into(),
            id: "8A7A3990054".into(),
            arrival: Stamp::from_secs(0),
            size: 326,
            forced_expire: false,
            sender: "MAILER-DAEMON".into(),
        };
        let mut out = Vec::new();
        form.message(&message, &mut out).unwrap();
        for recipient in [r("a@example.com", "deferred transport"), r("b@example.com", "deferred transport"), r("c\"d@example.com", "")] {
            form.recipient(&recipient, &mut out).unwrap();
        }
        form.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_table() {
        let text = list(&mut Traditional::new(false));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("8A7A3990054!     326 ") && lines[1].ends_with("  MAILER-DAEMON"), "{text}");
        assert_eq!(lines[2], format!("{}(deferred transport)", " ".repeat(58)));
        assert_eq!(lines[3], format!("{}a@example.com", " ".repeat(41)));
        assert_eq!(lines[5], format!("{}(reason unavailable)", " ".repeat(58)));
        assert_eq!(lines.last(), Some(&"-- 0 Kbytes in 1 Request."));
    }

    #[test]
    fn json_lines() {
        let text = list(&mut Json::default());
        assert!(
            text.starts_with(
                "{\"queue_name\": \"hold\", \"queue_id\": \"8A7A3990054\", \"arrival_time\": 0, \"message_size\": 326, \"forced_expire\": false, "
            )
        );
        assert!(text.ends_with("{\"address\": \"c\\\"d@example.com\"}]}\n"));
        assert_eq!(json("\u{1}\n"), "\"\\u0001\\n\"");
    }
}
