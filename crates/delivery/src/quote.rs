use std::borrow::Cow;

/// An address in external form. An address that is quoted already (as it stands in the logs of `defer` and `bounce`) stays as it is.
pub fn external(address: &str) -> Cow<'_, str> {
    let (local, _) = address::split(address);
    if local.len() >= 2 && local.starts_with('"') && local.ends_with('"') { Cow::Borrowed(address) } else { address::quote(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting() {
        for (internal, want) in [
            ("user@example.com", "user@example.com"),
            ("odd name@example.com", "\"odd name\"@example.com"),
            ("\"odd name\"@example.com", "\"odd name\"@example.com"),
            ("a..b@example.com", "\"a..b\"@example.com"),
            ("", ""),
            ("härt@example.com", "härt@example.com"),
            ("a@b@example.com", "\"a@b\"@example.com"),
        ] {
            assert_eq!(external(internal), want);
        }
    }
}
