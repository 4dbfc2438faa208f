use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};

/// A name server for the names of a test. Everything else does not exist.
pub struct NameServer {
    asked: Arc<Mutex<Vec<String>>>,
}

/// The records of a zone text: a line a record, `name TYPE data`. Types: A, AAAA, MX (`10 host`), CNAME, PTR, SRV (`0 5 25 host`), and NONE for a name without
/// records. `name FAIL CODE` answers with SERVFAIL, REFUSED, or not at all (DROP), whatever is asked; `name TYPE FAIL CODE` for one type only.
/// `.` as a host is the root.
struct Zone(BTreeMap<String, Vec<(String, String)>>);

impl NameServer {
    /// Answers by UDP and TCP.
    pub fn start(address: &str, zone: &str) -> NameServer {
        let address: SocketAddr = address.parse().expect("an address");
        let zone = Arc::new(Zone::parse(zone));
        let server = NameServer { asked: Arc::default() };
        let udp = UdpSocket::bind(address).unwrap_or_else(|e| panic!("listen on {address}: {e}"));
        let tcp = TcpListener::bind(address).unwrap_or_else(|e| panic!("listen on {address}: {e}"));
        let (z, asked) = (Arc::clone(&zone), Arc::clone(&server.asked));
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok((n, from)) = udp.recv_from(&mut buffer) {
                if let Some(answer) = buffer.get(..n).and_then(|q| z.answer(q, UDP_LIMIT, &asked)) {
                    let _ = udp.send_to(&answer, from);
                }
            }
        });
        let asked = Arc::clone(&server.asked);
        std::thread::spawn(move || {
            for mut stream in tcp.incoming().flatten() {
                let mut length = [0u8; 2];
                if stream.read_exact(&mut length).is_err() {
                    continue;
                }
                let mut question = vec![0u8; usize::from(u16::from_be_bytes(length))];
                if stream.read_exact(&mut question).is_err() {
                    continue;
                }
                if let Some(answer) = zone.answer(&question, usize::from(u16::MAX), &asked) {
                    let _ = stream.write_all(&[&(answer.len() as u16).to_be_bytes()[..], &answer].concat());
                }
            }
        });
        server
    }

    /// The questions so far: `name TYPE`.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().map(|a| a.clone()).unwrap_or_default()
    }
}

impl Zone {
    fn parse(text: &str) -> Zone {
        let mut zone: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        for line in text.lines().map(str::trim).filter(|l| !l.is_empty()) {
            let mut words = line.splitn(3, ' ');
            let (name, kind, data) = (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next().unwrap_or_default());
            zone.entry(name.to_owned()).or_default().push((kind.to_owned(), data.to_owned()));
        }
        Zone(zone)
    }

    /// The answer to one question; `None` where there is to be none.
    fn answer(&self, question: &[u8], limit: usize, asked: &Mutex<Vec<String>>) -> Option<Vec<u8>> {
        let (name, end) = read_name(question, 12)?;
        let kind = type_name(u16::from_be_bytes([*question.get(end)?, *question.get(end + 1)?]));
        if let Ok(mut asked) = asked.lock() {
            asked.push(format!("{name} {kind}"));
        }
        let mut code = if self.0.contains_key(&name) { 0 } else { NXDOMAIN };
        let mut records = Vec::new();
        let mut owner = name;
        // An alias is answered with what it leads to.
        for _ in 0..20 {
            let Some(found) = self.0.get(&owner) else {
                code = NXDOMAIN;
                break;
            };
            let failure = found.iter().find_map(|(k, data)| match data.strip_prefix("FAIL ") {
                Some(how) if k == kind => Some(how),
                None if k == "FAIL" => Some(data.as_str()),
                _ => None,
            });
            match failure {
                Some("DROP") => return None,
                Some("REFUSED") => code = 5,
                Some(_) => code = 2,
                None => {}
            }
            if code != 0 {
                break;
            }
            records.extend(found.iter().filter(|(k, data)| k == kind && !data.starts_with("FAIL")).map(|(k, data)| record(&owner, k, data)));
            match found.iter().find(|(k, _)| k == "CNAME" && kind != "CNAME") {
                Some((k, target)) => {
                    records.push(record(&owner, k, target));
                    owner = target.clone();
                }
                None => break,
            }
        }
        let full: usize = records.iter().map(Vec::len).sum::<usize>() + end + 4;
        let cut = full > limit;
        let count = if cut { 0 } else { records.len() as u16 };
        let mut out = question.get(..2)?.to_vec();
        out.extend([0x81 | if cut { 2 } else { 0 }, 0x80 | code, 0, 1]);
        out.extend(count.to_be_bytes());
        out.extend([0, 0, 0, 0]);
        out.extend(question.get(12..end + 4)?);
        if !cut {
            out.extend(records.concat());
        }
        Some(out)
    }
}

fn record(owner: &str, kind: &str, data: &str) -> Vec<u8> {
    let words: Vec<&str> = data.split(' ').collect();
    let number = |i: usize| words.get(i).and_then(|w| w.parse::<u16>().ok()).unwrap_or(0).to_be_bytes();
    let last = words.last().copied().unwrap_or_default();
    let (code, data): (u16, Vec<u8>) = match kind {
        "A" | "AAAA" => match last.parse().unwrap_or_else(|_| panic!("an address: {data}")) {
            IpAddr::V4(a) => (1, a.octets().to_vec()),
            IpAddr::V6(a) => (28, a.octets().to_vec()),
        },
        "CNAME" => (5, wire_name(last)),
        "PTR" => (12, wire_name(last)),
        "MX" => (15, [&number(0)[..], &wire_name(last)].concat()),
        "SRV" => (33, [&number(0)[..], &number(1), &number(2), &wire_name(last)].concat()),
        other => panic!("record type {other}"),
    };
    let mut out = wire_name(owner);
    out.extend(code.to_be_bytes());
    out.extend([0, 1, 0, 0, 0, 60]);
    out.extend((data.len() as u16).to_be_bytes());
    out.extend(data);
    out
}

fn type_name(code: u16) -> &'static str {
    match code {
        1 => "A",
        5 => "CNAME",
        12 => "PTR",
        15 => "MX",
        16 => "TXT",
        28 => "AAAA",
        33 => "SRV",
        52 => "TLSA",
        _ => "OTHER",
    }
}

fn read_name(message: &[u8], at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut at = at;
    loop {
        let length = usize::from(*message.get(at)?);
        at += 1;
        if length == 0 {
            return Some((labels.join("."), at));
        }
        labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
        at += length;
    }
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|l| !l.is_empty()) {
        out.push(label.len() as u8);
        out.extend(label.as_bytes());
    }
    out.push(0);
    out
}

const NXDOMAIN: u8 = 3;
const UDP_LIMIT: usize = 512;
