//! What main.cf says about TLS.

use config::Config;

use super::Job;

/// The parameters of one side: everything whose name begins so.
pub(super) const CLIENT: &[&str] = &["smtp_tls_", "smtp_use_tls", "smtp_enforce_tls"];
/// See [`CLIENT`].
pub(super) const SERVER: &[&str] = &["smtpd_tls_", "smtpd_use_tls", "smtpd_enforce_tls"];

const CLIENT_TYPICAL: [&str; 2] = ["smtp_tls_security_level = may", "smtp_tls_loglevel = 1"];
/// What a server with opportunistic TLS has.
pub(super) const SERVER_TYPICAL: [&str; 2] = ["smtpd_tls_security_level = may", "smtpd_tls_loglevel = 1"];

/// True when nothing about a side is set, or only to what holds anyway.
pub(super) fn all_default(conf: &Config, side: &[&str]) -> bool {
    let of_side = conf.settings().iter().filter(|s| side.iter().any(|prefix| s.name.starts_with(prefix)));
    of_side.map(|s| s.name.as_str()).all(|name| conf.default_of(name).is_some_and(|default| conf.explicit(name) == Some(default.as_str())))
}

/// `enable-client`.
pub(super) fn enable_client(job: &Job<'_>) -> Result<(), String> {
    let cache: String = job.tool.conf.get(params::DEFAULT_CACHE_DB_TYPE);
    let cache = format!("smtp_tls_session_cache_database = {cache}:${{data_directory}}/smtp_scache");
    if !all_default(&job.tool.conf, CLIENT) {
        maillog::info!("*** Non-default SMTP client TLS settings detected, no changes made.");
        maillog::info!("For opportunistic TLS in the Postfix SMTP client, the below settings");
        maillog::info!("are typical:");
        CLIENT_TYPICAL.iter().for_each(|s| maillog::info!("  {s}"));
        maillog::info!("  {cache}");
        return Ok(());
    }
    let mut settings = random_source(job);
    settings.extend(CLIENT_TYPICAL.map(str::to_owned));
    settings.push(cache);
    job.set(&settings)?;
    maillog::info!("Enabled opportunistic TLS in the Postfix SMTP client.");
    tell_to_reload();
    Ok(())
}

/// The setting of -r, if it was given.
pub(super) fn random_source(job: &Job<'_>) -> Vec<String> {
    job.options.value('r').map(|source| format!("tls_random_source = {source}")).into_iter().collect()
}

/// What `enable-server` says when it changes nothing.
pub(super) fn advise_server() {
    maillog::info!("*** Non-default SMTP server TLS settings detected, no changes made.");
    maillog::info!("For opportunistic TLS in the Postfix SMTP server, the below settings");
    maillog::info!("are typical:");
    SERVER_TYPICAL.iter().for_each(|s| maillog::info!("  {s}"));
    maillog::info!("You can use \"postfix tls new-server-cert\" to create a new certificate.");
    maillog::info!("Or, \"postfix tls new-server-key\" to also force a new private key.");
    maillog::info!("If you publish DANE TLSA records, see RFC 7671, sections 8, 5.1 and 5.2.");
}

pub(super) fn tell_to_reload() {
    maillog::info!("Run the command:");
    maillog::info!("  # postfix reload");
    maillog::info!("if you want the new settings to take effect immediately.");
}
