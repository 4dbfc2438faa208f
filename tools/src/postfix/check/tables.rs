//! Tables that are named and not there, or older than their text.

use std::path::Path;

use config::master_cf::Service;
use config::{Config, ConfigError};
use table::TYPES;

pub(super) fn advice(conf: &Config, services: &[Service]) -> Vec<ConfigError> {
    let mut out: Vec<ConfigError> = Vec::new();
    let mut look = |name: &str, value: &str, place: &dyn Fn(String) -> ConfigError| {
        for (kind, path) in tables(&conf.expand(value).unwrap_or_default()) {
            let Some((what, remedy)) = (!is_cache(name)).then(|| fault(name, &kind, &path)).flatten() else { continue };
            if !out.iter().any(|e| e.what == what) {
                out.push(place(what).remedy(remedy));
            }
        }
    };
    for setting in conf.settings() {
        look(&setting.name, &setting.value, &|what| ConfigError::at(&*setting.file, setting.line, what));
    }
    for service in services {
        for (name, value) in service.overrides() {
            look(&name, &value, &|what| service.entry.fault(what));
        }
    }
    out
}

/// Caches are made by the programs that use them.
fn is_cache(name: &str) -> bool {
    name.ends_with("_cache_database") || name.ends_with("_cache_map") || name == "address_verify_map"
}

/// The `type:/file` words of a value.
fn tables(value: &str) -> Vec<(String, String)> {
    let words = value.split(|c: char| c.is_ascii_whitespace() || matches!(c, ',' | '{' | '}'));
    let parts = words.filter_map(|w| w.trim_start_matches('!').trim_start_matches("proxy:").split_once(':'));
    parts.filter(|(_, path)| path.starts_with('/')).map(|(kind, path)| (kind.to_owned(), path.to_owned())).collect()
}

/// What is wrong with a table, and what to do.
fn fault(parameter: &str, kind: &str, path: &str) -> Option<(String, String)> {
    let row = TYPES.iter().find(|t| t.name == kind)?;
    let file = row.file?(path);
    let text = Path::new(path);
    let command = if parameter.starts_with("alias_") { "postalias" } else { "postmap" };
    let build = format!("run {command} {kind}:{path}");
    let changed = |p: &Path| p.metadata().and_then(|m| m.modified());
    match (row.edit.is_some(), file.exists(), text.exists()) {
        (_, false, false) => Some((format!("table {kind}:{path} is not there: mail that needs it is deferred"), format!("make {path}, and {build}"))),
        (true, false, true) => Some((format!("table {kind}:{path} is not built: mail that needs it is deferred"), build)),
        (true, true, true) if changed(text).is_ok_and(|t| changed(&file).is_ok_and(|f| t > f)) => {
            Some((format!("table {kind}:{path} is older than its text: changes have no effect yet"), build))
        }
        _ => None,
    }
    .map(|(what, remedy)| (what, if row.edit.is_some() { remedy } else { format!("make {path}") }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, SystemTime};

    #[test]
    fn missing_and_old_tables() {
        let place = std::env::temp_dir().join(format!("postrider-check-tables-{}", std::process::id()));
        std::fs::create_dir_all(&place).unwrap();
        let (old, unbuilt, gone) = (place.join("old"), place.join("unbuilt"), place.join("gone"));
        std::fs::write(&old, "a b\n").unwrap();
        std::fs::write(place.join("old.db"), "").unwrap();
        std::fs::write(&unbuilt, "a b\n").unwrap();
        let before = SystemTime::now() - Duration::from_secs(60);
        std::fs::File::options().write(true).open(place.join("old.db")).unwrap().set_modified(before).unwrap();
        let (old, unbuilt, gone) = (format!("hash:{}", old.display()), format!("hash:{}", unbuilt.display()), format!("regexp:{}", gone.display()));
        let conf = Config::from_pairs([
            ("transport_maps", format!("{old}, proxy:{unbuilt}")),
            ("header_checks", gone.clone()),
            ("smtp_tls_session_cache_database", format!("btree:{}/cache", place.display())),
            ("mydestination", format!("$myhostname !{old}")),
        ]);
        let told: Vec<String> = advice(&conf, &[]).iter().map(ToString::to_string).collect();
        assert_eq!(told[0], format!("/etc/postfix/main.cf, line 1: table {old} is older than its text: changes have no effect yet (run postmap {old})"));
        assert_eq!(told[1], format!("/etc/postfix/main.cf, line 1: table {unbuilt} is not built: mail that needs it is deferred (run postmap {unbuilt})"));
        assert!(told[2].contains(&format!("line 2: table {gone} is not there")), "{told:?}");
        assert_eq!(told.len(), 3, "{told:?}");
        std::fs::remove_dir_all(&place).unwrap();
    }
}
