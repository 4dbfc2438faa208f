//! -T: facts of the TLS library. What is done with keys here is done by openssl(1), and its library is the one that counts.

use config::Config;

use crate::postfix::tls::OpenSsl;

/// What may be asked, as on the command line.
pub(super) const TOPICS: &[&str] = &["compile-version", "run-version", "public-key-algorithms"];

/// Kinds of keys that a certificate of a mail server may have, and what OpenSSL calls them; in the order of their names.
const ALGORITHMS: [(&str, &str); 3] = [("dsa", "DSA"), ("ecdsa", "EC"), ("rsa", "RSA")];

/// The lines that answer. `None`: there is no such topic.
///
/// # Errors
/// openssl(1) cannot be asked.
pub(super) fn facts(topic: &str, conf: &Config) -> Option<Result<Vec<String>, String>> {
    let openssl = OpenSsl::new(conf);
    let ask = |words: &[&str]| openssl.run(words, b"", "openssl gives no answer").map(|out| String::from_utf8_lossy(&out).into_owned());
    Some(match topic {
        "compile-version" => ask(&["version"]).map(|text| vec![versions(&text).0.to_owned()]),
        "run-version" => ask(&["version"]).map(|text| vec![versions(&text).1.to_owned()]),
        "public-key-algorithms" => ask(&["list", "-public-key-algorithms"]).map(|text| algorithms(&text)),
        _ => return None,
    })
}

/// `OpenSSL 3.0.11 19 Sep 2023 (Library: OpenSSL 3.0.22 25 Aug 2026)`: what it was made with, and what it runs with.
fn versions(text: &str) -> (&str, &str) {
    let text = text.trim_end();
    match text.split_once(" (Library: ") {
        Some((made, runs)) => (made, runs.trim_end_matches(')')),
        None => (text, text),
    }
}

fn algorithms(text: &str) -> Vec<String> {
    let has = |name: &str| text.lines().any(|l| l.trim().strip_prefix("PEM string: ") == Some(name));
    ALGORITHMS.iter().filter(|(_, name)| has(name)).map(|(shown, _)| (*shown).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_openssl_says() {
        assert_eq!(
            versions("OpenSSL 3.0.11 19 Sep 2023 (Library: OpenSSL 3.0.22 25 Aug 2026)\n"),
            ("OpenSSL 3.0.11 19 Sep 2023", "OpenSSL 3.0.22 25 Aug 2026")
        );
        assert_eq!(versions("OpenSSL 1.1.1n  15 Mar 2022\n"), ("OpenSSL 1.1.1n  15 Mar 2022", "OpenSSL 1.1.1n  15 Mar 2022"));
        assert_eq!(algorithms("Legacy:\n\tPEM string: RSA\n\tPEM string: RSA-PSS\n\tPEM string: EC\n"), ["ecdsa", "rsa"]);
    }
}
