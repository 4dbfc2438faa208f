//! `postfix tls`: opportunistic TLS turned on, keys and certificates made. See postfix-tls(1).

mod keys;
mod openssl;
mod settings;
mod tlsa;

use std::path::PathBuf;
use std::process::ExitCode;

use base::getopt::{Opt, Options, Value, valued};

use super::Tool;
use keys::{Algorithm, Pair};
pub(crate) use openssl::OpenSsl;

const TAG: &str = "postfix-tls-script";

/// One command below `postfix tls`.
pub struct Subcommand {
    /// Its name.
    pub name: &'static str,
    /// What follows, as in a synopsis.
    pub usage: &'static str,
    /// Its options.
    pub options: &'static [Opt],
    /// What it does.
    pub doc: &'static str,
}

const SOURCE: Opt = valued('r', Value::File("randsource"), "Sets `tls_random_source`: `dev:/dev/urandom`, or `egd:` and a socket.");
const ALGORITHM: Opt = valued('a', Value::Word("algorithm", Algorithm::WORDS), "The kind of key; `rsa` unless given.");
const BITS: Opt = valued('b', Value::Text("bits"), "The size of an RSA key in bits, 2048 unless given; the curve of an ECDSA key, prime256v1 unless given.");

/// All of them.
pub const SUBCOMMANDS: &[Subcommand] = &[
    Subcommand {
        name: "enable-client",
        usage: "[-r devrandom]",
        options: &[SOURCE],
        doc: "Turns TLS on in smtp(8) for servers that offer it. When a setting of the client's TLS is not the default, says what is usual and changes nothing.",
    },
    Subcommand {
        name: "enable-server",
        usage: "[-r devrandom] [-a algorithm] [-b bits ] [hostname ...]",
        options: &[SOURCE, ALGORITHM, BITS],
        doc: "Makes a key and a certificate for the host names, `myhostname` unless given, and turns TLS on in smtpd(8) for clients that want it. When a setting of \
              the server's TLS is not the default, says what is usual and changes nothing.",
    },
    Subcommand {
        name: "new-server-key",
        usage: "[-a algorithm] [-b bits ] [hostname ...]",
        options: &[ALGORITHM, BITS],
        doc: "Makes a key and a self-signed certificate in the configuration directory, and shows the commands that put them to use.",
    },
    Subcommand {
        name: "new-server-cert",
        usage: "[-a algorithm] [-b bits ] [hostname ...]",
        options: &[ALGORITHM, BITS],
        doc: "As `new-server-key`, for a copy of the key in use, so that TLSA records stay right. Makes a key when there is none.",
    },
    Subcommand {
        name: "deploy-server-cert",
        usage: "certfile keyfile",
        options: &[],
        doc: "Puts a certificate and its key to use, after a look whether they fit.",
    },
    Subcommand {
        name: "output-server-csr",
        usage: "[-k keyfile] [hostname ...]",
        options: &[valued('k', Value::File("keyfile"), "The key: a file, or `rsa` or `ecdsa` for the one in use.")],
        doc: "Shows a request for a certificate by an authority.",
    },
    Subcommand {
        name: "output-server-tlsa",
        usage: "[-h hostname] [keyfile ...]",
        options: &[valued('h', Value::Text("hostname"), "The name of the host in the DNS; `myhostname` unless given.")],
        doc: "Shows TLSA records for port 25 and the keys: files, or `rsa` and `ecdsa` for those in use.",
    },
    Subcommand { name: "all-default-client", usage: "", options: &[], doc: "Exit status 0 when all settings of the client's TLS are defaults." },
    Subcommand { name: "all-default-server", usage: "", options: &[], doc: "Exit status 0 when all settings of the server's TLS are defaults." },
];

/// Runs a subcommand.
pub(super) fn run(tool: &Tool, words: &[String]) -> ExitCode {
    let tag = maillog::tag(&tool.conf.get(params::SYSLOG_NAME), TAG);
    maillog::init(&tag, crate::sinks(&tool.conf, &tag));
    let (name, words) = words.split_first().map_or(("", [].as_slice()), |(n, w)| (n.as_str(), w));
    let Some(command) = SUBCOMMANDS.iter().find(|s| s.name == name) else {
        maillog::error!("unknown tls command: '{name}'");
        let names: Vec<&str> = SUBCOMMANDS[1..].iter().map(|s| s.name).collect();
        maillog::fatal(format_args!("usage: postfix tls {} (or {})", SUBCOMMANDS[0].name, names.join(", ")));
    };
    let usage = || -> ! { maillog::fatal(format_args!("usage: postfix tls {name} {}", command.usage).to_string().trim_end()) };
    let options = Options::parse(command.options, words.iter().cloned()).unwrap_or_else(|_| usage());
    let job = Job { tool, options, ssl: OpenSsl::new(&tool.conf) };
    let done = match name {
        "enable-client" if !job.options.rest.is_empty() => usage(),
        "enable-client" => settings::enable_client(&job),
        "enable-server" => enable_server(&job),
        "new-server-key" | "new-server-cert" => new_pair(&job, name == "new-server-cert").map(|pair| tell_how_to_deploy(&pair, name == "new-server-key")),
        "deploy-server-cert" => match job.options.rest.as_slice() {
            [certificate, key] => deploy_given(&job, certificate, key),
            _ => usage(),
        },
        "output-server-csr" => keys::output_csr(&job),
        "output-server-tlsa" => tlsa::output(&job),
        _ => {
            let side = if name == "all-default-client" { settings::CLIENT } else { settings::SERVER };
            return if settings::all_default(&tool.conf, side) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => maillog::fatal(e),
    }
}

/// A subcommand with its options.
struct Job<'a> {
    tool: &'a Tool,
    options: Options,
    ssl: OpenSsl,
}

impl Job<'_> {
    /// The host names of the command line, or `myhostname`.
    fn names(&self) -> Vec<String> {
        if self.options.rest.is_empty() { vec![self.tool.conf.get(params::MYHOSTNAME)] } else { self.options.rest.clone() }
    }

    /// A file as it was named: relative to the configuration directory.
    fn file(&self, name: &str) -> PathBuf {
        self.tool.conf.dir().join(name)
    }

    fn set(&self, settings: &[String]) -> Result<(), String> {
        let words = [&["-e".to_owned()], settings].concat();
        if self.tool.postconf(&words) { Ok(()) } else { Err("main.cf was not changed: see above".into()) }
    }
}

fn enable_server(job: &Job<'_>) -> Result<(), String> {
    if !settings::all_default(&job.tool.conf, settings::SERVER) {
        settings::advise_server();
        return Ok(());
    }
    let pair = new_pair(job, false)?;
    let mut settings: Vec<String> = settings::random_source(job);
    settings.extend(settings::SERVER_TYPICAL.iter().chain(&["smtpd_tls_received_header = yes"]).map(|s| (*s).to_owned()));
    settings.extend(pair.settings());
    job.set(&settings)?;
    maillog::info!("Enabled opportunistic TLS in the Postfix SMTP server");
    tell_of_deployment();
    tell_of_csr(&pair);
    maillog::info!("Save the signed certificate chain in {}.", pair.certificate.display());
    maillog::info!("To generate TLSA records run:");
    maillog::info!("  # postfix tls output-server-tlsa [-h <hostname>]");
    maillog::info!("(If you have DANE TLSA RRs, update them as soon as possible to match");
    maillog::info!("the newly deployed keys).");
    Ok(())
}

fn new_pair(job: &Job<'_>, keep_key: bool) -> Result<Pair, String> {
    let algorithm = Algorithm::parse(job.options.value('a').unwrap_or("rsa"))?;
    let bits = job.options.value('b').unwrap_or(algorithm.usual_bits());
    let in_use = keep_key.then(|| keys::in_use(&job.tool.conf, algorithm)).flatten();
    Pair::make(job, algorithm, bits, in_use.as_deref(), &job.names())
}

fn tell_of_csr(pair: &Pair) {
    maillog::info!("To generate a CSR run:");
    maillog::info!("  # postfix tls output-server-csr -k {} [<hostname> ...]", pair.key.display());
}

fn tell_how_to_deploy(pair: &Pair, key_is_new: bool) {
    let (certificate, key) = (pair.certificate.display(), pair.key.display());
    maillog::info!("New private key and self-signed certificate created. To deploy run:");
    maillog::info!("  # postfix tls deploy-server-cert {certificate} {key}");
    tell_of_csr(pair);
    maillog::info!("Save the signed certificate chain in {certificate}, and deploy as above.");
    maillog::info!("To generate TLSA records run:");
    maillog::info!("  # postfix tls output-server-tlsa [-h <hostname>] {key}");
    if key_is_new {
        maillog::info!("(deploy after updating the DNS and waiting for stale RRs to expire).");
    }
}

fn deploy_given(job: &Job<'_>, certificate: &str, key: &str) -> Result<(), String> {
    let pair = Pair::given(job, job.file(certificate), job.file(key))?;
    job.set(&pair.settings())?;
    tell_of_deployment();
    Ok(())
}

fn tell_of_deployment() {
    maillog::info!("New TLS private key and certificate deployed.");
    settings::tell_to_reload();
}
