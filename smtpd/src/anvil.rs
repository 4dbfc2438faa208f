//! anvil(8): connections and requests of each client.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ipc::anvil::{Event, Reply, Request};
use ipc::{FrameError, FrameReader, encode};
use server::{Boot, ConnId, Events, Io, Promise, Rights, Service, StartError};

/// The service.
pub struct Anvil {
    counts: Counts,
    /// What each connection has open: when an smtpd dies, its clients are gone.
    open: HashMap<ConnId, HashMap<String, u32>>,
    status_every: Duration,
}

const STATUS: u64 = 1;
const EXPIRY: u64 = 2;

impl Service for Anvil {
    const PROGRAM: &'static str = "anvil";
    const RIGHTS: Rights = Rights::Jailed;
    const PROMISE: Promise = Promise::Queue;

    fn open(boot: &Boot) -> Result<Self, StartError> {
        Ok(Anvil {
            counts: Counts::new(boot.conf.get(params::ANVIL_RATE_TIME_UNIT)),
            open: HashMap::new(),
            status_every: boot.conf.get(params::ANVIL_STATUS_UPDATE_TIME),
        })
    }
}

impl Events for Anvil {
    fn start(&mut self, io: &mut Io) {
        io.set_timer(STATUS, io.now() + self.status_every);
        io.set_timer(EXPIRY, io.now() + self.counts.unit);
    }

    fn received(&mut self, io: &mut Io, conn: ConnId, input: &mut FrameReader) -> Result<(), FrameError> {
        while let Some(request) = input.take::<Request>()? {
            let now = io.now();
            if let Some(reply) = self.answer(conn, &request, now) {
                io.send(conn, &encode(&reply)?);
            }
        }
        Ok(())
    }

    fn closed(&mut self, io: &mut Io, conn: ConnId) {
        for (key, count) in self.open.remove(&conn).unwrap_or_default() {
            for _ in 0..count {
                self.counts.disconnect(&key, io.now());
            }
        }
    }

    fn timer(&mut self, io: &mut Io, key: u64) {
        if key == STATUS {
            self.counts.log_peaks();
            io.set_timer(STATUS, io.now() + self.status_every);
        } else {
            self.counts.expire(io.now());
            io.set_timer(EXPIRY, io.now() + self.counts.unit);
        }
    }

    fn may_end(&mut self) -> bool {
        self.counts.log_peaks();
        true
    }
}

impl Anvil {
    fn answer(&mut self, conn: ConnId, request: &Request, now: Instant) -> Option<Reply> {
        match request {
            Request::Connect { service, client } => {
                let key = format!("{service}:{client}");
                *self.open.entry(conn).or_default().entry(key.clone()).or_default() += 1;
                Some(self.counts.connect(key, now))
            }
            Request::Disconnect { service, client } => {
                let key = format!("{service}:{client}");
                if let Some(n) = self.open.get_mut(&conn).and_then(|o| o.get_mut(&key)).filter(|n| **n > 0) {
                    *n -= 1;
                    if *n == 0 {
                        self.open.get_mut(&conn).and_then(|o| o.remove(&key));
                    }
                    self.counts.disconnect(&key, now);
                }
                None
            }
            Request::Count { service, client, event } => Some(self.counts.event(format!("{service}:{client}"), *event, now)),
            Request::Lookup { service, client } => Some(self.counts.lookup(&format!("{service}:{client}"), now)),
        }
    }
}

/// Numbers by `service:client`.
struct Counts {
    unit: Duration,
    clients: HashMap<String, Entry>,
    /// The highest number of each kind, whose it was, and when.
    peaks: [Peak; 7],
}

struct Entry {
    numbers: Reply,
    /// The start of the present unit of time.
    start: Instant,
}

#[derive(Clone, Default)]
struct Peak {
    value: usize,
    whose: String,
    when: base::Stamp,
}

/// Kinds of peaks, in the order of the log.
const KINDS: [(&str, bool); 7] = [
    ("connection rate", true),
    ("connection count", false),
    ("message rate", true),
    ("recipient rate", true),
    ("newtls rate", true),
    ("auth rate", true),
    ("cache size", false),
];
const CACHE_SIZE: usize = 6;

impl Counts {
    fn new(unit: Duration) -> Counts {
        Counts { unit, clients: HashMap::new(), peaks: Default::default() }
    }

    fn connect(&mut self, key: String, now: Instant) -> Reply {
        let numbers = self.count(key.clone(), now, |n| {
            n.count = n.count.saturating_add(1);
            &mut n.rate
        });
        self.peak(0, numbers.rate, &key);
        self.peak(1, numbers.count, &key);
        let size = u32::try_from(self.clients.len()).unwrap_or(u32::MAX);
        self.peak(CACHE_SIZE, size, "");
        numbers
    }

    fn disconnect(&mut self, key: &str, now: Instant) {
        let unit = self.unit;
        if let Some(entry) = self.clients.get_mut(key) {
            entry.numbers.count = entry.numbers.count.saturating_sub(1);
            if entry.numbers.count == 0 && now.duration_since(entry.start) > unit {
                self.clients.remove(key);
            }
        }
    }

    fn event(&mut self, key: String, event: Event, now: Instant) -> Reply {
        let numbers = self.count(key.clone(), now, |n| match event {
            Event::Message => &mut n.messages,
            Event::Recipient => &mut n.recipients,
            Event::NewTls => &mut n.new_tls,
            Event::Auth => &mut n.auth,
        });
        let (kind, value) = match event {
            Event::Message => (2, numbers.messages),
            Event::Recipient => (3, numbers.recipients),
            Event::NewTls => (4, numbers.new_tls),
            Event::Auth => (5, numbers.auth),
        };
        self.peak(kind, value, &key);
        numbers
    }

    fn lookup(&mut self, key: &str, now: Instant) -> Reply {
        let unit = self.unit;
        let Some(entry) = self.clients.get_mut(key) else { return Reply::default() };
        entry.renew(now, unit);
        entry.numbers
    }

    fn count(&mut self, key: String, now: Instant, which: impl FnOnce(&mut Reply) -> &mut u32) -> Reply {
        let unit = self.unit;
        let entry = self.clients.entry(key).or_insert_with(|| Entry { numbers: Reply::default(), start: now });
        entry.renew(now, unit);
        let number = which(&mut entry.numbers);
        *number = number.saturating_add(1);
        entry.numbers
    }

    /// Forgets clients that are not here and whose rates have lapsed.
    fn expire(&mut self, now: Instant) {
        let unit = self.unit;
        self.clients.retain(|_, e| e.numbers.count > 0 || now.duration_since(e.start) <= unit);
    }

    fn peak(&mut self, kind: usize, value: u32, whose: &str) {
        let Some(peak) = self.peaks.get_mut(kind).filter(|p| (value as usize) > p.value) else { return };
        *peak = Peak { value: value as usize, whose: whose.to_owned(), when: sys::now() };
    }

    /// Logs the peaks, and begins anew.
    fn log_peaks(&mut self) {
        for line in self.peak_lines() {
            maillog::info!("{line}");
        }
        self.peaks = Default::default();
    }

    fn peak_lines(&self) -> Vec<String> {
        let seconds = self.unit.as_secs();
        let line = |((name, rate), peak): (&(&str, bool), &Peak)| {
            let t = sys::local_time(peak.when);
            let when = format!("{} {:2} {:02}:{:02}:{:02}", t.month_name(), t.day, t.hour, t.minute, t.second);
            let per = if *rate { format!("/{seconds}s") } else { String::new() };
            let whose = if peak.whose.is_empty() { String::new() } else { format!(" for ({})", peak.whose) };
            format!("statistics: max {name} {}{per}{whose} at {when}", peak.value)
        };
        KINDS.iter().zip(&self.peaks).filter(|(_, p)| p.value > 0).map(line).collect()
    }
}

impl Entry {
    fn renew(&mut self, now: Instant, unit: Duration) {
        if now.duration_since(self.start) > unit {
            self.numbers = Reply { count: self.numbers.count, ..Reply::default() };
            self.start = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_rates() {
        let start = Instant::now();
        let mut c = Counts::new(Duration::from_secs(60));
        c.connect("smtp:A".to_owned(), start);
        let n = c.connect("smtp:A".to_owned(), start + Duration::from_secs(10));
        assert_eq!((n.count, n.rate), (2, 2));
        assert_eq!(c.event("smtp:A".to_owned(), Event::Message, start).messages, 1);
        c.disconnect("smtp:A", start + Duration::from_secs(11));
        let n = c.connect("smtp:A".to_owned(), start + Duration::from_secs(61));
        assert_eq!((n.count, n.rate, n.messages), (2, 1, 0));
        c.disconnect("smtp:A", start + Duration::from_secs(62));
        c.disconnect("smtp:A", start + Duration::from_secs(62));
        c.expire(start + Duration::from_secs(200));
        assert!(c.clients.is_empty());
        assert_eq!(c.lookup("smtp:A", start), Reply::default());
    }

    #[test]
    fn lines() {
        let mut c = Counts::new(Duration::from_secs(60));
        c.connect("smtp:127.0.0.1".to_owned(), Instant::now());
        let lines = c.peak_lines();
        assert!(lines[0].starts_with("statistics: max connection rate 1/60s for (smtp:127.0.0.1) at "), "{lines:?}");
        assert!(lines[1].starts_with("statistics: max connection count 1 for (smtp:127.0.0.1) at "));
        assert!(lines[2].starts_with("statistics: max cache size 1 at "));
        c.log_peaks();
        assert!(c.peak_lines().is_empty());
    }
}
