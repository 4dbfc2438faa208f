//! Pairs of a private key and a certificate.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::Config;

use super::Job;
use super::openssl::write_new;
use crate::postfix::date::date;
use crate::queue_tool::errno;

/// Kinds of keys, each with parameters of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rsa,
    Ecdsa,
}

impl Algorithm {
    pub(super) const WORDS: &[&str] = &["rsa", "ecdsa"];

    pub(super) fn parse(word: &str) -> Result<Algorithm, String> {
        match word {
            "rsa" => Ok(Algorithm::Rsa),
            "ecdsa" => Ok(Algorithm::Ecdsa),
            other => Err(format!("Unsupported public key algorithm: {other}")),
        }
    }

    fn word(self) -> &'static str {
        if self == Algorithm::Rsa { "rsa" } else { "ecdsa" }
    }

    /// The size or curve without -b.
    pub(super) fn usual_bits(self) -> &'static str {
        if self == Algorithm::Rsa { "2048" } else { "prime256v1" }
    }

    /// What the names of files begin with.
    fn prefix(self) -> &'static str {
        if self == Algorithm::Rsa { "" } else { "ec" }
    }

    /// The names of the two parameters.
    fn parameters(self) -> (&'static str, &'static str) {
        match self {
            Algorithm::Rsa => ("smtpd_tls_cert_file", "smtpd_tls_key_file"),
            Algorithm::Ecdsa => ("smtpd_tls_eccert_file", "smtpd_tls_eckey_file"),
        }
    }
}

const A_SECOND: Duration = Duration::from_secs(1);

/// The key file that main.cf names for an algorithm.
pub(super) fn in_use(conf: &Config, algorithm: Algorithm) -> Option<PathBuf> {
    let key = conf.lookup(algorithm.parameters().1)?;
    (!key.is_empty() && key != "none").then(|| conf.dir().join(key))
}

/// A key, its certificate, and what they are.
pub(super) struct Pair {
    pub(super) key: PathBuf,
    pub(super) certificate: PathBuf,
    algorithm: Algorithm,
}

impl Pair {
    /// Makes a key, or copies one, and a certificate that it signs itself, in the configuration directory under names with the time.
    pub(super) fn make(job: &Job<'_>, algorithm: Algorithm, bits: &str, old_key: Option<&Path>, names: &[String]) -> Result<Pair, String> {
        let pem = match old_key {
            Some(old) => std::fs::read(old).map_err(|e| format!("open {}: {}", old.display(), errno(&e)))?,
            None => generate(job, algorithm, bits)?,
        };
        let pair = Pair::named(job, algorithm)?;
        write_new(&pair.key, 0o600, &pem)?;
        let subject = format!("/CN={}", names.first().map_or("", String::as_str));
        let key = pair.key.to_string_lossy();
        let mut words = vec!["req", "-x509", "-new", "-sha256", "-days", "36525", "-key", &key, "-subj", &subject, "-addext", "basicConstraints=CA:FALSE"];
        let extensions = extensions(names);
        extensions.iter().for_each(|e| words.extend(["-addext", e.as_str()]));
        let certificate = job.ssl.run(&words, b"", "error generating the self-signed certificate");
        let written = certificate.and_then(|pem| write_new(&pair.certificate, 0o644, &pem));
        if written.is_err() {
            let _ = std::fs::remove_file(&pair.key);
        }
        written.map(|()| pair)
    }

    /// Names with the time. Those of a pair that was made in the same second are left alone.
    fn named(job: &Job<'_>, algorithm: Algorithm) -> Result<Pair, String> {
        let prefix = algorithm.prefix();
        let end = Instant::now() + 2 * A_SECOND;
        loop {
            let time = date("%Y%m%d-%H%M%S", true)?;
            let [key, certificate] = ["key", "cert"].map(|what| job.file(&format!("{prefix}{what}-{time}.pem")));
            if !(key.exists() || certificate.exists()) || Instant::now() > end {
                return Ok(Pair { key, certificate, algorithm });
            }
            std::thread::sleep(A_SECOND / 10);
        }
    }

    /// Takes two files that are there, after a look whether they fit.
    pub(super) fn given(job: &Job<'_>, certificate: PathBuf, key: PathBuf) -> Result<Pair, String> {
        let of_certificate = job.ssl.public_of_certificate(&certificate)?;
        if of_certificate != job.ssl.public_of_key(&key)? {
            return Err(format!("Certificate in {} does not match key in {}", certificate.display(), key.display()));
        }
        let text = job.ssl.run(&["pkey", "-in", &key.to_string_lossy(), "-noout", "-text_pub"], b"", "the kind of the key is not known")?;
        // Only the texts of elliptic curve keys name a curve.
        let algorithm = if String::from_utf8_lossy(&text).contains("ASN1 OID") { Algorithm::Ecdsa } else { Algorithm::Rsa };
        Ok(Pair { key, certificate, algorithm })
    }

    /// What main.cf has to say.
    pub(super) fn settings(&self) -> [String; 2] {
        let (certificate, key) = self.algorithm.parameters();
        [format!("{certificate} = {}", self.certificate.display()), format!("{key} = {}", self.key.display())]
    }
}

fn generate(job: &Job<'_>, algorithm: Algorithm, bits: &str) -> Result<Vec<u8>, String> {
    let (kind, option) = match algorithm {
        Algorithm::Rsa => ("RSA", format!("rsa_keygen_bits:{bits}")),
        Algorithm::Ecdsa => ("EC", format!("ec_paramgen_curve:{bits}")),
    };
    let fault = format!("error generating new {} {bits} private key", algorithm.word());
    job.ssl.run(&["genpkey", "-algorithm", kind, "-pkeyopt", &option], b"", &fault)
}

/// What a certificate of a mail server says besides its key (RFC 5280, RFC 6125).
fn extensions(names: &[String]) -> [String; 3] {
    let names: Vec<String> = names.iter().map(|n| format!("DNS:{n}")).collect();
    ["subjectKeyIdentifier=hash".to_owned(), "extendedKeyUsage=serverAuth,clientAuth".to_owned(), format!("subjectAltName={}", names.join(","))]
}

/// `output-server-csr`.
pub(super) fn output_csr(job: &Job<'_>) -> Result<(), String> {
    let named = job.options.value('k').unwrap_or("rsa");
    let key = match Algorithm::parse(named) {
        Ok(algorithm) => in_use(&job.tool.conf, algorithm),
        Err(_) => Some(job.file(named)).filter(|p| p.exists()),
    };
    let key = key.ok_or("No usable keyfile specified or configured")?;
    let key = key.to_string_lossy();
    let names = job.names();
    let extensions = extensions(&names);
    let mut words = vec!["req", "-new", "-sha256", "-key", &key, "-subj", "/"];
    extensions.iter().for_each(|e| words.extend(["-addext", e.as_str()]));
    let request = job.ssl.run(&words, b"", "error generating the certificate signing request")?;
    std::io::stdout().write_all(&request).map_err(|e| format!("standard output: {}", errno(&e)))
}
