use std::time::Duration;

use config::Config;
use rewrite::Rewriter;
use server::{Boot, StartError};
use table::{Flags, Maps};

use super::user::{Attempt, Rights, Source};
use crate::command;
use crate::destination::Writer;

/// What local(8) reads from the configuration.
pub(crate) struct Settings {
    pub(crate) relay: String,
    pub(crate) aliases: Vec<AliasTable>,
    /// `duplicate_filter_limit`; 0 is no limit.
    pub(crate) duplicate_limit: usize,
    pub(crate) delimiters: String,
    pub(crate) owner_request_special: bool,
    pub(crate) expand_owner: bool,
    /// An alias in a list is no list unless it has an owner itself (`reset_owner_alias`).
    pub(crate) reset_owner: bool,
    pub(crate) rewriter: Rewriter,
    pub(crate) mailboxes: Writer,
    pub(crate) files: Writer,
    pub(crate) default_rights: Rights,
    pub(crate) command_filter: String,
    pub(crate) forward_filter: String,
    pub(crate) environment: Vec<(String, String)>,
    pub(crate) command_limit: Duration,
    pub(crate) shell: String,
    pub(crate) execution_directory: String,
    pub(crate) directory_filter: String,
    pub(crate) frozen_delivered_to: bool,
    pub(crate) original_recipient: bool,
    /// `propagate_unmatched_extensions`.
    propagate: Vec<String>,
    pub(crate) require_home: bool,
    pub(crate) forward_path: Vec<String>,
    pub(crate) allow_commands: Vec<String>,
    pub(crate) allow_files: Vec<String>,
    pub(crate) delivered_to: Vec<String>,
    pub(crate) mailbox_transport: String,
    pub(crate) mailbox_transport_maps: Maps,
    pub(crate) fallback_transport: String,
    pub(crate) fallback_transport_maps: Maps,
    pub(crate) mailbox_command: String,
    pub(crate) mailbox_command_maps: Maps,
    pub(crate) home_mailbox: String,
    pub(crate) spool: String,
    pub(crate) luser_relay: String,
    pub(crate) biff: bool,
    pub(crate) header_limit: usize,
    pub(crate) strict_ownership: bool,
}

/// One table of `alias_maps`.
pub(crate) struct AliasTable {
    pub(crate) maps: Maps,
    /// Commands and files of its aliases have the rights of the owner of its database file. `None`: it is root's, or there is no file.
    pub(crate) owner: Option<Rights>,
}

impl Settings {
    pub(crate) fn read(boot: &Boot) -> Result<Settings, StartError> {
        let conf = &boot.conf;
        conf.check_mailbox_limit(params::MAILBOX_SIZE_LIMIT).map_err(|e| StartError::new(e.to_string()))?;
        let aliases = alias_tables(conf)?;
        let limit = conf.get(params::MAILBOX_SIZE_LIMIT);
        let writer = || Writer::new(conf, &conf.get(params::MAILBOX_DELIVERY_LOCK), limit).map_err(StartError::new);
        Ok(Settings {
            relay: boot.service.clone(),
            aliases,
            duplicate_limit: conf.get(params::DUPLICATE_FILTER_LIMIT),
            delimiters: conf.get(params::RECIPIENT_DELIMITER),
            owner_request_special: conf.get(params::OWNER_REQUEST_SPECIAL),
            expand_owner: conf.get(params::EXPAND_OWNER_ALIAS),
            reset_owner: conf.get(params::RESET_OWNER_ALIAS),
            rewriter: Rewriter::open(&rewrite::service_conf(conf)),
            mailboxes: writer()?,
            files: writer()?,
            default_rights: default_rights(conf)?,
            command_filter: conf.get(params::COMMAND_EXPANSION_FILTER),
            forward_filter: conf.get(params::FORWARD_EXPANSION_FILTER),
            environment: command::exported(conf),
            command_limit: conf.service_time(&boot.service, "_time_limit"),
            shell: conf.get(params::LOCAL_COMMAND_SHELL),
            execution_directory: conf.raw("command_execution_directory").unwrap_or_default(),
            directory_filter: conf.get(params::EXECUTION_DIRECTORY_EXPANSION_FILTER),
            frozen_delivered_to: conf.get(params::FROZEN_DELIVERED_TO),
            original_recipient: conf.get(params::ENABLE_ORIGINAL_RECIPIENT),
            propagate: conf.list(params::PROPAGATE_UNMATCHED_EXTENSIONS),
            require_home: conf.get(params::REQUIRE_HOME_DIRECTORY),
            forward_path: params::list(&conf.raw("forward_path").unwrap_or_default(), false),
            allow_commands: conf.list(params::ALLOW_MAIL_TO_COMMANDS),
            allow_files: conf.list(params::ALLOW_MAIL_TO_FILES),
            delivered_to: conf.list(params::PREPEND_DELIVERED_HEADER),
            mailbox_transport: conf.get(params::MAILBOX_TRANSPORT),
            mailbox_transport_maps: Maps::of(conf, params::MAILBOX_TRANSPORT_MAPS, Flags::SENSITIVE),
            fallback_transport: conf.get(params::FALLBACK_TRANSPORT),
            fallback_transport_maps: Maps::of(conf, params::FALLBACK_TRANSPORT_MAPS, Flags::SENSITIVE),
            mailbox_command: conf.raw("mailbox_command").unwrap_or_default(),
            mailbox_command_maps: Maps::of(conf, params::MAILBOX_COMMAND_MAPS, Flags::SENSITIVE),
            home_mailbox: conf.get(params::HOME_MAILBOX),
            spool: conf.get(params::MAIL_SPOOL_DIRECTORY),
            luser_relay: conf.raw("luser_relay").unwrap_or_default(),
            biff: conf.get(params::BIFF),
            header_limit: conf.get(params::HEADER_SIZE_LIMIT),
            strict_ownership: conf.get(params::STRICT_MAILBOX_OWNERSHIP),
        })
    }

    /// Whether addresses from there get the extension that nothing has matched.
    pub(crate) fn propagates(&self, source: Source) -> bool {
        self.propagate.iter().any(|p| p == source.word())
    }

    /// An address as a recipient of this host.
    pub(crate) fn attempt(&self, address: &str, sender: &str) -> Attempt {
        Attempt::new(address, sender, &self.delimiters, self.owner_request_special)
    }
}

/// Without root there is nobody else to become.
fn default_rights(conf: &Config) -> Result<Rights, StartError> {
    let nobody = |account: sys::Account| Rights { uid: account.uid, gid: account.gid, name: account.name, home: String::new(), shell: String::new() };
    if sys::is_root() {
        return conf.accounts().map(|a| nobody(a.default)).map_err(|e| StartError::new(e.to_string()));
    }
    let (uid, gid) = sys::effective_user();
    Ok(Rights { uid, gid, name: conf.get(params::DEFAULT_PRIVS), home: String::new(), shell: String::new() })
}

/// The tables of `alias_maps`, each with the owner of its database.
fn alias_tables(conf: &Config) -> Result<Vec<AliasTable>, StartError> {
    let specs = params::list(&conf.get(params::ALIAS_MAPS), true);
    let table = |spec: &String| Ok(AliasTable { maps: Maps::open("alias_maps", spec, conf, Flags::ALIAS), owner: owner_of(spec)? });
    specs.iter().map(table).collect()
}

/// TRUST: whoever can write the database decides what its commands are, so they run as that user. Without root they run as who we are.
fn owner_of(spec: &str) -> Result<Option<Rights>, StartError> {
    use std::os::unix::fs::MetadataExt;
    if !sys::is_root() {
        return Ok(None);
    }
    let Some((kind, path)) = spec.rsplit_once(':').filter(|(_, p)| p.starts_with('/')) else { return Ok(None) };
    let file = table::find_type(kind.rsplit(':').next().unwrap_or(kind)).and_then(|t| t.file);
    let database = std::fs::metadata(file.map_or_else(|| path.into(), |f| f(path)));
    let Some(uid) = database.ok().map(|m| m.uid()).filter(|uid| *uid != 0) else { return Ok(None) };
    let account = sys::user_by_uid(uid).map_err(|e| StartError::new(format!("owner of {path}, user id {uid}: {e}")))?;
    let account =
        account.ok_or_else(|| StartError::new(format!("{path}: its owner, user id {uid}, has no account: give the file to root or to an account")))?;
    Ok(Some(Rights::of(account)))
}
