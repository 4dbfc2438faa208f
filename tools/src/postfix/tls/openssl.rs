//! The program openssl(1), which alone reads and makes keys here.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use config::Config;

use crate::queue_tool::errno;

/// `openssl_path`.
pub(crate) struct OpenSsl {
    program: String,
}

impl OpenSsl {
    pub(crate) fn new(conf: &Config) -> OpenSsl {
        OpenSsl { program: conf.get(params::OPENSSL_PATH) }
    }

    /// Runs it with some text on standard input, and gives its output.
    ///
    /// # Errors
    /// `what`, after warnings with what the program said.
    pub(crate) fn run(&self, arguments: &[&str], input: &[u8], what: &str) -> Result<Vec<u8>, String> {
        let child = Command::new(&self.program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.map_err(|e| format!("{}: {}: set openssl_path in main.cf to the openssl program", self.program, errno(&e)))?;
        // What it does not read it does not want: its exit status counts.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(input));
        let out = child.wait_with_output().map_err(|e| format!("{}: {}", self.program, errno(&e)))?;
        if out.status.success() {
            return Ok(out.stdout);
        }
        String::from_utf8_lossy(&out.stderr).lines().for_each(|line| maillog::warning!("{line}"));
        Err(what.to_owned())
    }

    /// The public key, in DER, of a private key in a file.
    pub(super) fn public_of_key(&self, key: &Path) -> Result<Vec<u8>, String> {
        let fault = format!("no private key found in file: {}", key.display());
        self.run(&["pkey", "-in", &key.to_string_lossy(), "-pubout", "-outform", "DER"], b"", &fault)
    }

    /// The public key, in DER, of the first certificate in a file.
    pub(super) fn public_of_certificate(&self, certificate: &Path) -> Result<Vec<u8>, String> {
        let fault = format!("no certificate found in file: {}", certificate.display());
        let pem = self.run(&["x509", "-in", &certificate.to_string_lossy(), "-noout", "-pubkey"], b"", &fault)?;
        self.run(&["pkey", "-pubin", "-pubout", "-outform", "DER"], &pem, &fault)
    }

    /// The SHA-256 digest of some bytes, in hexadecimal digits.
    pub(super) fn sha256(&self, bytes: &[u8]) -> Result<String, String> {
        let out = self.run(&["dgst", "-sha256", "-r"], bytes, "error computing a SHA-256 digest")?;
        Ok(String::from_utf8_lossy(&out).split_whitespace().next().unwrap_or_default().to_owned())
    }
}

/// Writes a new file; an old one of that name is not touched.
pub(super) fn write_new(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), String> {
    let file = std::fs::File::options().write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut f| f.write_all(bytes).and_then(|()| sys::make_stable(&f, path))).map_err(|e| format!("open {}: {}", path.display(), errno(&e)))
}
