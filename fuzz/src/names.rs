//! The DNS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use dns::{Options, Query, Question, RecordType, ResolvConf, Step, Transmit};

/// Answers of a server, one after the other: the type that is asked for; then, for each answer, its length, counts and records, which are laid behind the
/// header and the question that were sent. The question ends when the server says no more.
pub fn answers(input: &[u8]) {
    let Some((&kind, mut input)) = input.split_first() else { return };
    let kinds = [RecordType::A, RecordType::Aaaa, RecordType::Mx, RecordType::Ptr, RecordType::Srv, RecordType::Txt];
    let conf = ResolvConf { servers: vec![SocketAddr::from(([192, 0, 2, 1], 53))], search: vec!["example.org".into()], ..ResolvConf::default() };
    let question = Question { options: Options { search: true, defnames: true }, ..Question::new("a.example.com", kinds[usize::from(kind) % kinds.len()]) };
    let now = Instant::now();
    let (mut query, mut step) = Query::begin(question, Arc::new(conf), 0, || 7, now);
    for _ in 0..50 {
        let Step::Send(transmit) = &step else { return };
        let heard = match input.split_first() {
            None => None,
            Some((&length, rest)) => {
                let (answer, rest) = rest.split_at(usize::from(length).min(rest.len()));
                input = rest;
                hear(&mut query, transmit, answer, now)
            }
        };
        step = heard.unwrap_or_else(|| query.failed(now));
    }
    panic!("a question without an end");
}

fn hear(query: &mut Query, sent: &Transmit, answer: &[u8], now: Instant) -> Option<Step> {
    match sent {
        Transmit::Datagram { bytes, .. } => query.datagram(now, &reply(bytes, answer)),
        Transmit::Stream { bytes, .. } => {
            let reply = reply(bytes.get(2..)?, answer);
            let length = u16::try_from(reply.len()).ok()?;
            let (first, rest) = reply.split_at(reply.len() / 2);
            query.stream(now, &length.to_be_bytes());
            query.stream(now, first).or_else(|| query.stream(now, rest))
        }
    }
}

/// Flags and three counts of the answer, then its records behind the question.
fn reply(sent: &[u8], answer: &[u8]) -> Vec<u8> {
    const HEADER: usize = 12;
    let (Some(head), Some(question)) = (sent.get(..6), sent.get(HEADER..)) else { return Vec::new() };
    let (Some((&[low, high, a, b, c], records)), Some(end)) = (answer.split_first_chunk(), question.iter().position(|b| *b == 0)) else {
        return answer.to_vec();
    };
    let question = question.get(..end + 5).unwrap_or(question);
    [&head[..2], &[0x80 | low, high], &[0, 1, 0, a, 0, b, 0, c], question, records].concat()
}

/// resolv.conf(5).
pub fn resolv_conf(input: &[u8]) {
    let _ = ResolvConf::parse(&String::from_utf8_lossy(input));
}
