//! Names of table types that exist elsewhere and not here, and what to do about them.

/// What to do about a type that is not there.
pub(crate) fn remedy(name: &str) -> String {
    match name {
        "cdb" | "lmdb" | "dbm" | "sdbm" => format!("use hash: in place of {name}:, and run postmap on its source file"),
        "mongodb" | "nis" | "nisplus" => {
            format!("this version has no {name} client; export the data to a hash: table")
        }
        _ => "execute \"postconf -m\" for the types that there are".to_owned(),
    }
}
