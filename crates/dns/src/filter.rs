use std::sync::Arc;

use crate::answer::{Answer, Outcome};

/// What a reply filter's tables say of a record's text: an action, or nothing. Who cannot say logs why.
type Ask = dyn Fn(&str) -> Result<Option<String>, ()> + Send + Sync;

/// Passes over records that the administrator does not want to know of (`smtp_dns_reply_filter` and its kin).
#[derive(Clone)]
pub struct ReplyFilter {
    name: String,
    ask: Arc<Ask>,
}

impl std::fmt::Debug for ReplyFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplyFilter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ReplyFilter {
    /// `name`: of the parameter. `ask` looks up `name. ttl IN TYPE data`; when it fails, it has logged why.
    pub fn new(name: &str, ask: impl Fn(&str) -> Result<Option<String>, ()> + Send + Sync + 'static) -> ReplyFilter {
        ReplyFilter { name: name.to_owned(), ask: Arc::new(ask) }
    }

    /// What is left of an answer.
    pub(crate) fn apply(&self, mut answer: Answer) -> Answer {
        let mut kept = Vec::with_capacity(answer.records.len());
        for record in std::mem::take(&mut answer.records) {
            let text = record.to_string();
            match (self.ask)(&text) {
                Ok(None) => kept.push(record),
                Ok(Some(action)) if action.trim().eq_ignore_ascii_case("IGNORE") => maillog::info!("ignoring DNS RR: {text}"),
                Ok(Some(action)) => {
                    maillog::warning!("{}: unknown DNS filter action: \"{action}\"", self.name);
                    return Answer { outcome: Outcome::BadFilter, ..answer };
                }
                Err(()) => return Answer { outcome: Outcome::BadFilter, ..answer },
            }
        }
        let outcome = if kept.is_empty() { Outcome::Filtered } else { answer.outcome };
        Answer { outcome, records: kept, ..answer }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{Data, Record};

    fn filtered(action: &'static str) -> (Outcome, usize) {
        let filter = ReplyFilter::new("x", move |text| Ok(text.ends_with("MX 10 a.example.").then(|| action.to_owned())));
        let mx = |host: &str| Record { name: "d.example".into(), ttl: 60, data: Data::Mx { preference: 10, host: host.into() } };
        let answer = Answer { records: vec![mx("a.example"), mx("b.example")], ..Answer::empty(Outcome::Found, "d.example") };
        let answer = filter.apply(answer);
        (answer.outcome, answer.records.len())
    }

    #[test]
    fn records_are_passed_over() {
        assert_eq!(filtered("ignore"), (Outcome::Found, 1));
        assert_eq!(filtered("what"), (Outcome::BadFilter, 0));
        let all = ReplyFilter::new("x", |_| Ok(Some("IGNORE".into())));
        let one = Record { name: "d.example".into(), ttl: 60, data: Data::A([192, 0, 2, 1].into()) };
        assert_eq!(one.to_string(), "d.example. 60 IN A 192.0.2.1");
        assert_eq!(all.apply(Answer { records: vec![one], ..Answer::empty(Outcome::Found, "d.example") }).outcome, Outcome::Filtered);
    }
}
