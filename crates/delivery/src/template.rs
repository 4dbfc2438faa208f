//! The templates of delivery reports (`bounce_template_file`, bounce(5)): built in, read from a file, expanded.

use std::collections::HashMap;

/// The four kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Undeliverable mail.
    Failure,
    /// Mail that is late.
    Delay,
    /// Successful delivery (DSN `NOTIFY=SUCCESS`).
    Success,
    /// The report of `sendmail -bv` and `sendmail -v`.
    Verify,
}

/// All four, in the order in which they are shown.
pub const CLASSES: [Class; 4] = [Class::Failure, Class::Delay, Class::Success, Class::Verify];

impl Class {
    /// `failure`, `delay`, `success`, `verify`.
    pub fn name(self) -> &'static str {
        match self {
            Class::Failure => "failure",
            Class::Delay => "delay",
            Class::Success => "success",
            Class::Verify => "verify",
        }
    }
}

/// One template: message headers and a text with `$name` in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Which report it is for.
    pub class: Class,
    /// File name for messages; `[built-in]`.
    pub origin: String,
    /// MIME character set of the text.
    pub charset: String,
    /// `From:`.
    pub from: String,
    /// `Subject:`.
    pub subject: String,
    /// `Subject:` of copies for the postmaster; the subject where there is none.
    pub postmaster_subject: String,
    /// Lines of text, each with its LF.
    pub text: String,
}

/// The four templates in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Templates {
    all: [Template; 4],
}

/// What is wrong with a template file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Templates {
    /// The built-in templates.
    pub fn built_in() -> Templates {
        Templates { all: CLASSES.map(built_in) }
    }

    /// Replaces those that `file` (its text) defines. What is wrong is listed; a wrong template leaves the built-in one in force.
    pub fn load(&mut self, origin: &str, file: &str) -> Vec<TemplateError> {
        let mut errors = Vec::new();
        let mut lines = file.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            if line.starts_with('#') || line.trim().is_empty() {
                continue;
            }
            let error = |what: String| TemplateError { line: number + 1, what };
            let Some((name, end)) = line.split_once('=').and_then(|(n, v)| Some((n.trim(), v.trim().strip_prefix("<<")?.trim()))) else {
                errors.push(error(format!("need \"template_name = <<EOF\", not {line:?}")));
                continue;
            };
            let body: Vec<&str> = lines.by_ref().map(|(_, l)| l).take_while(|l| *l != end).collect();
            let class = CLASSES.into_iter().find(|c| name.strip_suffix("_template") == Some(c.name()));
            match class {
                Some(class) => match parse(class, origin, &body) {
                    Ok(template) => self.all[class as usize] = template,
                    Err(what) => errors.push(error(what)),
                },
                None => errors.push(error(format!("unknown template name: {name}"))),
            }
        }
        errors
    }

    /// The template for a class.
    pub fn get(&self, class: Class) -> &Template {
        &self.all[class as usize]
    }

    /// What `postconf -b` shows: each text expanded.
    pub fn show_expanded(&self, lookup: &dyn Fn(&str) -> Option<String>) -> String {
        self.show("expanded_", "_text", |t| t.expand(lookup))
    }

    /// What `postconf -t` shows: headers and unexpanded texts, as a template file.
    pub fn show_raw(&self) -> String {
        self.show("", "_template", |t| {
            let mut out = format!("Charset: {}\nFrom: {}\nSubject: {}\n", t.charset, t.from, t.subject);
            if t.postmaster_subject != t.subject {
                out.push_str(&format!("Postmaster-Subject: {}\n", t.postmaster_subject));
            }
            out + "\n" + &t.text
        })
    }

    fn show(&self, before: &str, after: &str, body: impl Fn(&Template) -> String) -> String {
        let parts: Vec<String> = self.all.iter().map(|t| format!("{before}{}{after} = <<EOF\n{}EOF\n", t.class.name(), body(t))).collect();
        parts.join("\n")
    }
}

impl Template {
    /// The text with `$name`, `${name}`, `$(name)`, `${name?text}` and `${name:text}` replaced; `$$` is a dollar sign.
    ///
    /// `lookup` gives the value of a main.cf parameter; names of times may have a unit behind them (`delay_warning_time_hours`).
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> String {
        let value = |name: &str| time_value(self, name, lookup).or_else(|| lookup(name));
        let mut undefined = |name: &str| maillog::warning!("{}: unknown parameter \"{name}\" in {} template", self.origin, self.class.name());
        config::expand_with(&self.text, &value, &mut undefined).unwrap_or_else(|e| {
            maillog::warning!("{}: {e} in {} template", self.origin, self.class.name());
            self.text.clone()
        })
    }
}

const UNITS: [(&str, u64); 5] = [("_seconds", 1), ("_minutes", 60), ("_hours", 3600), ("_days", 86_400), ("_weeks", 604_800)];

/// `delay_warning_time_hours` and `maximal_queue_lifetime_days` and their kin: whole units, rounded to the nearest.
fn time_value(template: &Template, name: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (base, unit, seconds) = UNITS.iter().find_map(|(suffix, s)| Some((name.strip_suffix(suffix)?, &suffix[1..], *s)))?;
    if !matches!(base, "delay_warning_time" | "maximal_queue_lifetime") {
        return None;
    }
    let total = seconds_of(&lookup(base)?, if base == "maximal_queue_lifetime" { 86_400 } else { 3600 })?;
    let count = (total + seconds / 2) / seconds;
    if total > 0 && count == 0 {
        let (origin, class) = (&template.origin, template.class.name());
        maillog::warning!("{origin}: zero result in {class} template conversion of parameter \"{name}\"");
        maillog::warning!("please reduce time unit \"{unit}\" of \"{name}\" in {class} template");
        maillog::warning!("for instructions see the bounce(5) manual");
    }
    Some(count.to_string())
}

fn seconds_of(value: &str, default_unit: u64) -> Option<u64> {
    let value = value.trim();
    let digits = value.find(|c: char| !c.is_ascii_digit()).unwrap_or(value.len());
    let unit = match &value[digits..] {
        "" => default_unit,
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    value[..digits].parse::<u64>().ok()?.checked_mul(unit)
}

fn parse(class: Class, origin: &str, lines: &[&str]) -> Result<Template, String> {
    let mut template = Template { origin: origin.to_owned(), ..built_in(class) };
    let mut headers: HashMap<String, String> = HashMap::new();
    let mut body = 0;
    for line in lines {
        match line.split_once(':') {
            Some((name, value)) if is_header_name(name) => {
                headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
                body += 1;
            }
            _ => break,
        }
    }
    for (name, value) in &headers {
        if !value.is_ascii() || value.contains('\0') {
            return Err(format!("non-ASCII or null value in header {name}: in {} template", class.name()));
        }
    }
    let text = match lines.get(body).copied() {
        Some("") => &lines[body + 1..],
        Some(_) if body > 0 => return Err(format!("missing empty line after headers in {} template", class.name())),
        _ => &lines[body..],
    };
    if text.is_empty() {
        return Err(format!("missing message text in {} template", class.name()));
    }
    template.text = text.iter().map(|l| format!("{l}\n")).collect();
    if !headers.contains_key("postmaster-subject") && headers.contains_key("subject") {
        template.postmaster_subject.clone_from(&headers["subject"]);
    }
    for (name, value) in headers {
        match name.as_str() {
            "charset" => template.charset = value,
            "from" => template.from = value,
            "subject" => template.subject = value,
            "postmaster-subject" => template.postmaster_subject = value,
            _ => return Err(format!("unknown header {name}: in {} template", class.name())),
        }
    }
    if template.charset.eq_ignore_ascii_case("us-ascii") && !template.text.is_ascii() {
        return Err(format!("8-bit message text in {} template: please specify a charset value", class.name()));
    }
    Ok(template)
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

fn built_in(class: Class) -> Template {
    let (subject, postmaster_subject, text) = match class {
        Class::Failure => ("Undelivered Mail Returned to Sender", "Postmaster Copy: Undelivered Mail", FAILURE),
        Class::Delay => ("Delayed Mail (still being retried)", "Postmaster Warning: Delayed Mail", DELAY),
        Class::Success => ("Successful Mail Delivery Report", "Successful Mail Delivery Report", SUCCESS),
        Class::Verify => ("Mail Delivery Status Report", "Mail Delivery Status Report", VERIFY),
    };
    Template {
        class,
        origin: "[built-in]".to_owned(),
        charset: "us-ascii".to_owned(),
        from: "MAILER-DAEMON (Mail Delivery System)".to_owned(),
        subject: subject.to_owned(),
        postmaster_subject: postmaster_subject.to_owned(),
        text: text.to_owned(),
    }
}

const FAILURE: &str = "\
This report comes from the mail server $myhostname.

Your message did not reach the recipients that are named below, and
the server has given up on them. The message itself, or its header,
is at the end of this report.

Each recipient is followed by the reason. If the reason does not help,
please write to postmaster and include this report; your own text may
be left out.

                   The mail server
";

const DELAY: &str = "\
This report comes from the mail server $myhostname.

------------------------------------------------------------------
 This is only a notice: there is no need to send the message again.
------------------------------------------------------------------

For more than $delay_warning_time_hours hour(s) your message could not be delivered to
the recipients that are named below. The server goes on trying until
the message is $maximal_queue_lifetime_days day(s) old.

If you have a question about this, please write to postmaster and
include this report.

                   The mail server
";

const SUCCESS: &str = "\
This report comes from the mail server $myhostname.

Your message has been handed over for the recipients that are named
below. Where that was a mailbox, nothing more will be reported. Where
it was another server, that server may still report a problem.

                   The mail server
";

const VERIFY: &str = "\
This report comes from the mail server $myhostname.

You asked what becomes of mail to the recipients that are named below.
Here is the answer.

                   The mail server
";

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "myhostname" => Some("mail.example.com".into()),
            "delay_warning_time" => Some("4h".into()),
            "maximal_queue_lifetime" => Some("5d".into()),
            _ => None,
        }
    }

    #[test]
    fn built_in_texts_expand() {
        let all = Templates::built_in().show_expanded(&lookup);
        assert!(all.starts_with("expanded_failure_text = <<EOF\nThis report comes from the mail server mail.example.com.\n"));
        assert!(all.contains("more than 4 hour(s)") && all.contains("is 5 day(s) old"));
        assert!(all.ends_with("EOF\n") && !all.contains('$'));
    }

    #[test]
    fn files_replace_one_template() {
        let mut t = Templates::built_in();
        let errors = t.load("f", "# c\n\nfailure_template = <<X\nCharset: utf-8\nSubject: kaputt\n\n$$5 für $myhostname ${nothing:kein}${myhostname?!}\nX\n");
        assert_eq!(errors, []);
        let failure = t.get(Class::Failure);
        assert_eq!((failure.subject.as_str(), failure.postmaster_subject.as_str()), ("kaputt", "kaputt"));
        assert_eq!(failure.expand(&lookup), "$5 für mail.example.com kein!\n");
        assert_eq!(t.get(Class::Delay), &built_in(Class::Delay));
    }

    #[test]
    fn what_a_raw_listing_shows_can_be_read_back() {
        let mut t = Templates::built_in();
        assert_eq!(t.load("[built-in]", &Templates::built_in().show_raw()), []);
        assert_eq!(t, Templates::built_in());
    }

    #[test]
    fn faults_are_named_by_line() {
        let mut t = Templates::built_in();
        let errors = t.load("f", "nonsense\nwrong_template = <<E\nx\nE\nsuccess_template = <<E\nBad-Header: x\n\ny\nE\n");
        assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [1, 2, 5]);
        assert_eq!(t, Templates::built_in());
    }
}
