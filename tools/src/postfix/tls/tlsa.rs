//! TLSA records for keys (RFC 6698, RFC 7672 3.1.1: usage 3, selector 1, matching type 1).

use std::path::PathBuf;

use super::Job;
use super::keys::{Algorithm, in_use};

/// `output-server-tlsa`.
pub(super) fn output(job: &Job<'_>) -> Result<(), String> {
    let host = job.options.value('h').map_or_else(|| job.tool.conf.get(params::MYHOSTNAME), str::to_owned);
    for key in keys(job) {
        println!("; {}", key.display());
        let digest = job.ssl.sha256(&job.ssl.public_of_key(&key)?)?;
        println!("_25._tcp.{host}. IN TLSA 3 1 1 {digest}");
    }
    Ok(())
}

/// The files that are named, or those in use.
fn keys(job: &Job<'_>) -> Vec<PathBuf> {
    let words: Vec<&str> = match job.options.rest.is_empty() {
        true => Algorithm::WORDS.to_vec(),
        false => job.options.rest.iter().map(String::as_str).collect(),
    };
    let key = |word: &&str| match Algorithm::parse(word) {
        Ok(algorithm) => in_use(&job.tool.conf, algorithm),
        Err(_) => Some(job.file(word)),
    };
    words.iter().filter_map(key).collect()
}
