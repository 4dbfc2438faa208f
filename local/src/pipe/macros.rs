//! `$name` in the argv of a pipe service.

use ipc::delivery::Request;
use queue::Recipient;

use super::options::Options;

/// Builds the command for some recipients. A word with a macro that belongs to recipients is repeated for each of them;
/// a value that is empty leaves an empty word, so that positions do not shift.
pub fn argv(options: &Options, request: &Request, recipients: &[Recipient], delimiters: &str, size: u64) -> Vec<String> {
    let mut out = Vec::new();
    for word in &options.argv {
        if !word.contains('$') {
            out.push(word.clone());
        } else if names_recipient(word) {
            out.extend(recipients.iter().map(|r| expand(word, options, request, Some(r), delimiters, size)));
        } else {
            out.push(expand(word, options, request, recipients.first(), delimiters, size));
        }
    }
    out
}

/// The first macro of the command that does not exist.
pub fn unknown(options: &Options) -> Option<String> {
    let (request, recipient, found) = (Request::default(), Recipient::default(), std::cell::RefCell::new(None));
    for word in &options.argv {
        let lookup = |name: &str| value(name, options, &request, Some(&recipient), "", 0);
        let _ = config::expand_with(word, &lookup, &mut |name| *found.borrow_mut() = Some(name.to_owned()));
    }
    found.into_inner()
}

const OF_RECIPIENT: [&str; 6] = ["recipient", "user", "extension", "mailbox", "domain", "original_recipient"];

fn names_recipient(word: &str) -> bool {
    OF_RECIPIENT.iter().any(|m| word.contains(&format!("${m}")) || word.contains(&format!("${{{m}")) || word.contains(&format!("$({m}")))
}

/// TRUST: a value is one word of one line, whatever was in the mail.
fn expand(word: &str, options: &Options, request: &Request, recipient: Option<&Recipient>, delimiters: &str, size: u64) -> String {
    let lookup = |name: &str| value(name, options, request, recipient, delimiters, size).map(|v| base::blanked(v.into()).replace('$', "$$"));
    config::expand_with(word, &lookup, &mut |name| maillog::warning!("unknown macro name: {name}")).unwrap_or_default()
}

fn value(name: &str, options: &Options, request: &Request, recipient: Option<&Recipient>, delimiters: &str, size: u64) -> Option<String> {
    let client = &request.client;
    Some(match name {
        "sender" if request.sender.is_empty() => quoted(options, &options.null_sender),
        "sender" => quoted(options, &request.sender),
        "nexthop" if options.has('h') => request.nexthop.to_lowercase(),
        "nexthop" => request.nexthop.clone(),
        "size" => size.to_string(),
        "queue_id" => request.id.clone(),
        "envid" => request.dsn_envid.clone(),
        "client_address" => client.address.clone(),
        "client_helo" => client.helo.clone(),
        "client_hostname" => client.name.clone(),
        "client_port" => client.port.clone(),
        "client_protocol" => client.protocol.clone(),
        "sasl_method" => request.sasl[0].clone(),
        "sasl_username" => request.sasl[1].clone(),
        "sasl_sender" => request.sasl[2].clone(),
        _ => return of_recipient(name, options, recipient?, delimiters),
    })
}

fn of_recipient(name: &str, options: &Options, recipient: &Recipient, delimiters: &str) -> Option<String> {
    let address = folded(options, &recipient.address);
    let (local, domain) = address::split(&address);
    let (user, extension) = if delimiters.is_empty() { (local, None) } else { address::split_extension(local, delimiters, true) };
    Some(match name {
        "recipient" => quoted(options, &address),
        "original_recipient" if recipient.original.is_empty() => quoted(options, &address),
        "original_recipient" => quoted(options, &folded(options, &recipient.original)),
        "user" => user.to_owned(),
        "extension" => extension.unwrap_or("").to_owned(),
        "mailbox" => local.to_owned(),
        "domain" => domain.unwrap_or("").to_owned(),
        _ => return None,
    })
}

/// Flag `h` folds the domain, flag `u` the local part.
fn folded(options: &Options, address: &str) -> String {
    let (local, domain) = address::split(address);
    let local = if options.has('u') { local.to_lowercase() } else { local.to_owned() };
    match domain {
        Some(d) if options.has('h') => format!("{local}@{}", d.to_lowercase()),
        Some(d) => format!("{local}@{d}"),
        None => local,
    }
}

/// Flag `q` writes addresses in their external form.
fn quoted(options: &Options, address: &str) -> String {
    if options.has('q') { delivery::external(address).into_owned() } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_recipients() {
        let words: Vec<String> = "user=x flags=hu argv=/bin/x -f $sender ${extension} A ${size} -- ${user}@$nexthop".split(' ').map(str::to_owned).collect();
        let o = Options::parse(&words).unwrap();
        let request = Request { sender: "s$HOME@example.com".into(), nexthop: "Hop".into(), ..Request::default() };
        let r = |a: &str| Recipient { address: a.into(), ..Recipient::default() };
        let got = argv(&o, &request, &[r("Joe@Example.com"), r("ann+x@example.com")], "+", 42);
        assert_eq!(got, ["/bin/x", "-f", "s$HOME@example.com", "", "x", "A", "42", "--", "joe@hop", "ann@hop"]);
    }
}
