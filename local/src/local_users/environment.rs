//! What commands are told about the mail they get.

use ipc::delivery::Request;
use queue::Recipient;

use super::Settings;
use super::user::{Attempt, Rights};

/// The environment of a command: who, from whom, for whom. Values that come from mail are cut down to the characters of `command_expansion_filter`.
pub fn variables(settings: &Settings, request: &Request, recipient: &Recipient, attempt: &Attempt, rights: &Rights) -> Vec<(String, String)> {
    let clean = |text: &str| filter(text, &settings.command_filter);
    let original = if recipient.original.is_empty() { &recipient.address } else { &recipient.original };
    let mut out: Vec<(String, String)> = Vec::new();
    let mut put = |name: &str, value: String| out.push((name.to_owned(), value));
    for (name, value) in &settings.environment {
        put(name, value.clone());
    }
    if !rights.home.is_empty() {
        put("HOME", clean(&rights.home));
    }
    put("LOGNAME", clean(&attempt.user));
    put("USER", clean(&attempt.user));
    if !rights.shell.is_empty() {
        put("SHELL", clean(&rights.shell));
    }
    for (name, value) in [("DOMAIN", &attempt.domain), ("EXTENSION", &attempt.extension), ("LOCAL", &attempt.local)] {
        if !value.is_empty() {
            put(name, clean(value));
        }
    }
    // What the author wrote to says nothing of a list's members.
    if !attempt.left_author {
        put("ORIGINAL_RECIPIENT", clean(original));
    }
    put("RECIPIENT", clean(&attempt.address));
    put("SENDER", clean(&attempt.sender));
    for (name, value) in [
        ("CLIENT_ADDRESS", &request.client.address),
        ("CLIENT_HELO", &request.client.helo),
        ("CLIENT_HOSTNAME", &request.client.name),
        ("CLIENT_PROTOCOL", &request.client.protocol),
        ("SASL_METHOD", &request.sasl[0]),
        ("SASL_USERNAME", &request.sasl[1]),
        ("SASL_SENDER", &request.sasl[2]),
    ] {
        if !value.is_empty() {
            put(name, clean(value));
        }
    }
    out
}

/// Replaces what is not in the set by `_`.
pub fn filter(text: &str, allowed: &str) -> String {
    text.chars().map(|c| if allowed.contains(c) { c } else { '_' }).collect()
}

/// Expands `$user`, `$home`, `$shell`, `$recipient`, `$extension`, `$domain`, `$local`, `$recipient_delimiter` in a parameter of local(8).
pub fn expand(text: &str, attempt: &Attempt, rights: Option<&Rights>, allowed: &str) -> Option<String> {
    let lookup = |name: &str| -> Option<String> {
        let value = match name {
            "user" => attempt.user.clone(),
            "home" => rights.map(|r| r.home.clone())?,
            "shell" => rights.map(|r| r.shell.clone())?,
            "recipient" => attempt.address.clone(),
            "extension" => attempt.extension.clone(),
            "domain" => attempt.domain.clone(),
            "local" => attempt.local.clone(),
            // The one of several that the address has.
            "recipient_delimiter" if attempt.extension.is_empty() => String::new(),
            "recipient_delimiter" => attempt.suffix().chars().take(1).collect(),
            _ => return None,
        };
        // A value is not expanded again.
        Some(filter(&value, allowed).replace('$', "$$"))
    };
    config::expand_with(text, &lookup, &mut |_| {}).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_mail_reaches_a_shell_unfiltered() {
        assert_eq!(filter("a;rm -rf $HOME", "abcdefghijklmnopqrstuvwxyz"), "a_rm__rf______");
        let a = Attempt::new("joe+$x@example.com", "", "+", true);
        let r = Rights { uid: 1, gid: 1, name: "joe".into(), home: "/home/joe".into(), shell: String::new() };
        let all = "abcdefghijklmnopqrstuvwxyz/+$.@";
        assert_eq!(expand("$home/.forward${recipient_delimiter}$extension", &a, Some(&r), all).as_deref(), Some("/home/joe/.forward+$x"));
        assert_eq!(expand("$home/x", &a, None, all).as_deref(), Some("/x"));
    }
}
