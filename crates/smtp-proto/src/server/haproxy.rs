//! What HAProxy sends before anything else: who the client is, and whom it asked for. Versions 1 and 2 of its PROXY protocol.

use std::net::{IpAddr, SocketAddr};

use super::parse::escaped;

/// Where the beginning of a connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proxied {
    /// There is more to come.
    Incomplete,
    /// A header of so many bytes: client and server, or neither when the proxy speaks for itself.
    Header(usize, Option<(SocketAddr, SocketAddr)>),
}

/// Reads the header. `protocols`: IPv4 and IPv6 addresses are welcome.
///
/// # Errors
/// What is wrong, for the log.
pub fn parse(input: &[u8], protocols: (bool, bool)) -> Result<Proxied, String> {
    let found = if input.starts_with(TEXT_START) {
        text(input, protocols)
    } else if input.starts_with(SIGNATURE) {
        binary(input, protocols)
    } else if TEXT_START.starts_with(input) || SIGNATURE.starts_with(input) {
        Ok(Proxied::Incomplete)
    } else if input.len() < FIXED {
        Err("short protocol header")
    } else {
        Err("unrecognized protocol header")
    };
    found.map_err(|what| format!("{what}: {}", escaped(input.get(..LONGEST).unwrap_or(input))))
}

/// Version 1: a line.
fn text(input: &[u8], protocols: (bool, bool)) -> Result<Proxied, &'static str> {
    let Some(end) = memchr::memchr(b'\n', input.get(..LONGEST).unwrap_or(input)) else {
        return if input.len() < LONGEST { Ok(Proxied::Incomplete) } else { Err("missing protocol header terminator") };
    };
    let line = String::from_utf8_lossy(input.get(..end).unwrap_or(input));
    let mut words = line.split([' ', '\r']).filter(|w| !w.is_empty()).skip(1);
    let protocol = words.next().unwrap_or_default().to_ascii_uppercase();
    let v6 = match protocol.as_str() {
        // POSTFIX: refuses it; the protocol lets a proxy's own health check say so.
        "UNKNOWN" => return Ok(Proxied::Header(end + 1, None)),
        "TCP4" if protocols.0 => false,
        "TCP6" if protocols.1 => true,
        _ => return Err("bad or missing protocol type"),
    };
    let mut address = |what| words.next().and_then(|w| w.parse::<IpAddr>().ok()).filter(|ip| ip.is_ipv6() == v6).ok_or(what);
    let client = address("bad or missing client address")?;
    let server = address("bad or missing server address")?;
    let mut port = |what| words.next().and_then(decimal).ok_or(what);
    let client = SocketAddr::new(client, port("bad or missing client port")?);
    let server = SocketAddr::new(server, port("bad or missing server port")?);
    Ok(Proxied::Header(end + 1, Some((client, server))))
}

/// A number in its only form.
fn decimal(word: &str) -> Option<u16> {
    word.parse().ok().filter(|n: &u16| n.to_string() == word)
}

/// Version 2: signature, version and command, family, length, addresses; what follows them is passed over.
fn binary(input: &[u8], protocols: (bool, bool)) -> Result<Proxied, &'static str> {
    let Some((fixed, rest)) = input.split_first_chunk::<FIXED>() else { return Ok(Proxied::Incomplete) };
    let [.., command, family, high, low] = *fixed;
    let length = usize::from(u16::from_be_bytes([high, low]));
    if FIXED + length > LONGEST {
        return Err("short version 2 protocol header");
    }
    let Some(body) = rest.get(..length) else { return Ok(Proxied::Incomplete) };
    if command >> 4 != 2 {
        return Err("unrecognized protocol version");
    }
    let ends = match command & 15 {
        LOCAL => None,
        PROXY => Some(addresses(family, body, protocols)?),
        _ => return Err("bad command in proxy header"),
    };
    Ok(Proxied::Header(FIXED + length, ends))
}

fn addresses(family: u8, body: &[u8], protocols: (bool, bool)) -> Result<(SocketAddr, SocketAddr), &'static str> {
    match family {
        TCP_4 if !protocols.0 => Err("Postfix IPv4 support is disabled"),
        TCP_6 if !protocols.1 => Err("Postfix IPv6 support is disabled"),
        TCP_4 => both::<4>(body),
        TCP_6 => both::<16>(body),
        _ => Err("unsupported network protocol"),
    }
}

fn both<const N: usize>(body: &[u8]) -> Result<(SocketAddr, SocketAddr), &'static str>
where
    IpAddr: From<[u8; N]>,
{
    let read = || {
        let (client, rest) = body.split_first_chunk::<N>()?;
        let (server, rest) = rest.split_first_chunk::<N>()?;
        let (client_port, rest) = rest.split_first_chunk()?;
        let (server_port, _) = rest.split_first_chunk()?;
        let end = |ip: &[u8; N], port: &[u8; 2]| SocketAddr::new(IpAddr::from(*ip), u16::from_be_bytes(*port));
        Some((end(client, client_port), end(server, server_port)))
    };
    read().ok_or("short address field")
}

const TEXT_START: &[u8] = b"PROXY ";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// The part of a version 2 header that all have.
const FIXED: usize = 16;
/// A header of either version, at most.
const LONGEST: usize = 536;
const LOCAL: u8 = 0;
const PROXY: u8 = 1;
const TCP_4: u8 = 0x11;
const TCP_6: u8 = 0x21;

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: (bool, bool) = (true, true);

    #[test]
    fn a_header_in_pieces() {
        let text = b"PROXY TCP4 192.0.2.7 192.0.2.8 1234 25\r\n";
        let mut binary = SIGNATURE.to_vec();
        binary.extend(b"\x21\x11\x00\x0f\xc0\x00\x02\x07\xc0\x00\x02\x08\x04\xd2\x00\x19tlv");
        for header in [&text[..], &binary] {
            for n in 0..header.len() {
                assert_eq!(parse(&header[..n], ALL), Ok(Proxied::Incomplete), "{n}");
            }
            let ends = ("192.0.2.7:1234".parse().unwrap(), "192.0.2.8:25".parse().unwrap());
            assert_eq!(parse(&[header, b"EHLO x"].concat(), ALL), Ok(Proxied::Header(header.len(), Some(ends))));
        }
    }

    #[test]
    fn damage() {
        let mut dice = base::dice::Dice::new(7);
        let binary = [SIGNATURE, b"\x21\x21\x00\x24\x20\x01\x0d\xb8"].concat();
        for sample in [&b"PROXY TCP6 2001:db8::7 2001:db8::8 1234 25\r\n"[..], &binary] {
            for _ in 0..2000 {
                let mut input = dice.damaged(sample);
                input.extend(dice.bytes(&["\r\n", " 25", "PROXY"], 20));
                if let Ok(Proxied::Header(used, _)) = parse(&input, ALL) {
                    assert!(used <= input.len() && used <= LONGEST, "{}", input.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn no_endless_header() {
        let long = [TEXT_START, &[b' '; 600]].concat();
        assert!(parse(&long[..LONGEST - 1], ALL).is_ok() && parse(&long, ALL).is_err());
        assert!(parse(&[SIGNATURE, b"\x21\x11\xff\xff"].concat(), ALL).is_err());
        assert!(parse(b"EHLO x", ALL).is_err());
    }
}
