//! Names of table types that exist elsewhere and not here, and what to do about them.

/// What to do about a type that is not there. `None`: nobody has such a type.
pub(crate) fn remedy(name: &str) -> Option<String> {
    Some(match name {
        "dbm" | "sdbm" => format!("use lmdb: or hash: in place of {name}:, and execute postmap on its source file"),
        "nisplus" | "netinfo" => format!("{name} has gone from all systems; export the data to a file, and use hash: with it"),
        "mongodb" => {
            format!("this version has no {name} client; export the data to a file, and use hash: with it")
        }
        _ => return None,
    })
}
