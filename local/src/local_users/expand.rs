//! Aliases, `:include:` files and .forward files.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use base::Dsn;
use queue::envelope::notify_of_members;
use table::search::alias_names;

use super::Course;
use super::environment;
use super::list::{self, Destination, Lines};
use super::user::{Attempt, Rights, Source};

impl Course<'_, '_> {
    /// Expands an alias. `Ok(false)`: there is none.
    pub(crate) fn deliver_alias(&mut self, attempt: &Attempt) -> Result<bool, Dsn> {
        let mut found = None;
        for name in alias_names(&attempt.local, &attempt.user) {
            if let Some((value, rights)) = self.find_alias(name)? {
                found = Some((name.to_owned(), value, rights));
                break;
            }
        }
        let Some((name, value, rights)) = found else { return Ok(false) };
        // An alias that names itself means the mailbox of that name.
        if attempt.aliases.last() == Some(&name) {
            return Ok(false);
        }
        if attempt.aliases.contains(&name) {
            // The alias that leads back is the one to correct.
            let culprit = attempt.aliases.last().unwrap_or(&name);
            maillog::warning!("alias database loop for {culprit}");
            let from = Attempt { address: format!("{culprit}@{}", attempt.domain), ..attempt.clone() };
            self.failed(&from, Dsn::new("5.4.6", format!("alias database loop for {culprit}")));
            return Ok(true);
        }
        if !self.seen.is_new(format!("alias {name}")) {
            return Ok(true);
        }
        let mut inside = attempt.clone();
        inside.aliases.push(name.clone());
        inside.depth += 1;
        inside.source = Source::Alias;
        inside.rights = rights;
        inside.unmatched = self.unmatched(attempt, Source::Alias, name != attempt.user);
        if let Some(owner) = self.list_owner(&name)? {
            inside.sender = owner;
            (inside.of_list, inside.left_author) = (true, true);
        } else if self.settings.reset_owner {
            inside.of_list = false;
        }
        let destinations = list::parse(&value);
        if destinations.is_empty() {
            maillog::warning!("no recipients in alias {name}");
            return Err(Dsn::new("5.3.5", "mail system configuration error"));
        }
        if self.report.is_probe() {
            self.sent(attempt, format!("aliased to {}", value.trim()));
            return Ok(true);
        }
        self.tell_expanded(attempt, if inside.left_author { "delivered" } else { "expanded" });
        self.deliver_all(&inside, destinations);
        Ok(true)
    }

    /// The sender hears of a list once: a list within it, and the members, are not reported as delivered.
    fn tell_expanded(&mut self, attempt: &Attempt, action: &str) {
        let recipient = self.final_recipient(attempt);
        self.report.expanded(&recipient, &self.settings.relay, action);
        self.notify = notify_of_members(self.notify);
    }

    /// An alias, and the rights of the table that has it.
    fn find_alias(&self, name: &str) -> Result<Option<(String, Option<Rights>)>, Dsn> {
        for of in &self.settings.aliases {
            for table in of.maps.tables() {
                let found = table.lookup(name).map_err(|_| {
                    maillog::warning!("{}: lookup of '{name}' failed", table.name());
                    Dsn::new("4.3.0", "alias database unavailable")
                })?;
                if let Some(value) = found {
                    return Ok(Some((value, of.owner.clone())));
                }
            }
        }
        Ok(None)
    }

    /// The sender for the members of a list that has an owner-list alias.
    fn list_owner(&self, name: &str) -> Result<Option<String>, Dsn> {
        if !self.settings.owner_request_special || name.starts_with("owner-") {
            return Ok(None);
        }
        let owner = format!("owner-{name}");
        let found = self.find_alias(&owner)?;
        Ok(found.map(|(value, _)| {
            let sender = if self.settings.expand_owner { value.trim().to_owned() } else { owner };
            // The whole text is one address, whatever it looks like.
            address::unquote(&self.settings.rewriter.rewrite(rewrite::Context::Local, &address::quote(&sender))).into_owned()
        }))
    }

    /// Delivers to each destination of a list.
    pub(crate) fn deliver_all(&mut self, inside: &Attempt, destinations: Vec<Destination>) {
        for destination in destinations {
            match destination {
                Destination::Address(a) => self.deliver_address(inside, &a),
                Destination::Command(c) => self.deliver_command(inside, &c),
                Destination::File(f) => self.deliver_file(inside, &f),
                Destination::Home(text) => self.deliver_home(inside, &text),
                Destination::Include(f) => self.deliver_include(inside, &f),
            }
        }
    }

    /// Delivers to each destination of a file. Gives the number of them; or, after those before it, what is wrong with the file.
    fn deliver_lines(&mut self, inside: &Attempt, lines: impl Iterator<Item = io::Result<Vec<Destination>>>) -> io::Result<usize> {
        let mut count = 0;
        for line in lines {
            let destinations = line?;
            count += destinations.len();
            self.deliver_all(inside, destinations);
        }
        Ok(count)
    }

    /// An address: another recipient of this agent, or somebody to forward to.
    pub(crate) fn deliver_address(&mut self, inside: &Attempt, external: &str) {
        if let Some(name) = external.strip_prefix('\\') {
            return self.deliver_bare(inside, name);
        }
        let address = self.settings.rewriter.rewrite(rewrite::Context::Local, external);
        let internal = extended(&address::unquote(&address), &inside.unmatched);
        if address::split(&internal).1.is_none_or(str::is_empty) {
            return self.failed(inside, Dsn::new("5.1.3", format!("bad recipient address syntax: {external}")));
        }
        let resolved = match self.settings.rewriter.resolve(&inside.sender, &internal) {
            Ok(r) => r,
            Err(_) => return self.failed(inside, Dsn::new("4.3.0", "address resolver failure")),
        };
        if resolved.transport != self.settings.relay {
            return self.add_forward(inside, resolved.recipient);
        }
        let mut named = self.settings.attempt(&resolved.recipient, &inside.sender);
        named.left_author = inside.left_author;
        if self.goes_round(&named) {
            return;
        }
        // A list that has an owner, and a list in a file, go out as messages of their own: each member has a queue's patience and concurrency.
        if inside.of_list || inside.source == Source::Include {
            return self.deliver_member(inside, resolved.recipient);
        }
        // An alias that names itself means something else than its name elsewhere.
        let itself = inside.aliases.last().is_some_and(|name| *name == named.local || *name == named.user);
        if !self.seen.is_new_address(format!("address {} {} {itself}", resolved.recipient.to_lowercase(), inside.sender)) {
            return;
        }
        let mut next = self.settings.attempt(&resolved.recipient, &inside.sender);
        (next.aliases, next.depth, next.left_author) = (inside.aliases.clone(), inside.depth + 1, inside.left_author);
        if inside.source == Source::Forward {
            // What a user forwards leaves his rights behind, and goes out as a message of its own.
            if next.user != inside.user {
                return self.add_forward(inside, resolved.recipient);
            }
            next.rights = None;
        }
        self.deliver(next);
    }

    /// The extension that addresses from there get, because nothing has matched it (`propagate_unmatched_extensions`).
    fn unmatched(&self, attempt: &Attempt, source: Source, matched: bool) -> String {
        if matched || !self.settings.propagates(source) { String::new() } else { attempt.suffix().to_lowercase() }
    }

    /// A member of a list: what an alias makes of it, else the member itself in a message of its own.
    fn deliver_member(&mut self, inside: &Attempt, recipient: String) {
        let mut next = self.settings.attempt(&recipient, &inside.sender);
        (next.aliases, next.depth) = (inside.aliases.clone(), inside.depth + 1);
        (next.of_list, next.left_author) = (inside.of_list, inside.left_author);
        if next.depth > super::DEPTH_LIMIT {
            return self.add_forward(inside, recipient);
        }
        match self.deliver_alias(&next) {
            Ok(true) => {}
            Ok(false) => self.add_forward(inside, recipient),
            Err(dsn) => self.failed(&next, dsn),
        }
    }

    /// `~/file` of a user's own list.
    fn deliver_home(&mut self, inside: &Attempt, text: &str) {
        let home = inside.rights.as_ref().map(|r| &r.home).filter(|h| !h.is_empty() && inside.source == Source::Forward);
        let file = text.strip_prefix("~/").and_then(|path| home.map(|home| format!("{home}/{path}")));
        if let Some(file) = file {
            return self.deliver_file(inside, &file);
        }
        let what = if text.starts_with("~/") { "unknown home directory" } else { "bad home directory syntax" };
        maillog::warning!("{what} for: {text}");
        self.failed(inside, Dsn::new("5.3.5", "mail system configuration error"));
    }

    /// `\name`: no aliases and no .forward file, when the name is one of this agent's.
    fn deliver_bare(&mut self, inside: &Attempt, name: &str) {
        let address = self.settings.rewriter.rewrite(rewrite::Context::Local, name);
        let internal = extended(&address::unquote(&address), &inside.unmatched);
        match self.settings.rewriter.resolve(&inside.sender, &internal) {
            Ok(r) if r.transport != self.settings.relay => return self.add_forward(inside, r.recipient),
            Ok(_) => {}
            Err(_) => return self.failed(inside, Dsn::new("4.3.0", "address resolver failure")),
        }
        let mut next = self.settings.attempt(&internal, &inside.sender);
        // Only the user himself reaches his mailbox past his own .forward file.
        let of_other = inside.source == Source::Forward && next.user != inside.user;
        if of_other || inside.of_list || inside.source == Source::Include {
            return self.add_forward(inside, internal);
        }
        next.bare = true;
        next.depth = inside.depth + 1;
        self.deliver(next);
    }

    /// A file that holds a list.
    fn deliver_include(&mut self, inside: &Attempt, path: &str) {
        let error = || Dsn::new("5.3.5", "mail system configuration error");
        if !path.starts_with('/') {
            maillog::warning!(":include:{path} uses a relative path");
            return self.failed(inside, error());
        }
        let rights = inside.rights.clone().unwrap_or_else(|| self.settings.default_rights.clone());
        if !self.seen.is_new(format!("include {} {path}", rights.uid)) {
            return;
        }
        if inside.depth > super::DEPTH_LIMIT {
            maillog::warning!(":include: nesting too deep at {path}");
            return self.failed(inside, Dsn::new("5.4.6", format!(":include: nesting too deep at {path}")));
        }
        // TRUST: lists named in root's aliases are read as root, those of users as they may read them, however deep.
        let open = || -> Result<(File, u32), String> {
            let failed = |what: &str, e: &io::Error| format!("{what} {path}: {}", mailbox::strerror(e));
            let named = fs::metadata(path).map_err(|e| failed("unable to lookup :include: file", &e))?;
            let (file, meta) = open_list(Path::new(path), 0).map_err(|e| failed("cannot open include file", &e))?;
            if !named.is_file() || !meta.is_file() {
                return Err(format!(":include: file {path} is not a regular file"));
            }
            if meta.mode() & 0o002 != 0 {
                return Err(format!(":include: file {path} is world writable"));
            }
            Ok((file, meta.uid()))
        };
        let result = match &inside.rights {
            Some(of) => sys::with_identity(of.uid, of.gid, open).unwrap_or_else(|e| Err(e.to_string())),
            None => open(),
        };
        match result {
            Ok((file, owner)) => {
                let mut next = inside.clone();
                next.depth += 1;
                next.source = Source::Include;
                if !self.settings.propagates(Source::Include) {
                    next.unmatched.clear();
                }
                // TRUST: a list of root's aliases acts as its owner; nobody else acts as somebody else by naming his file.
                if inside.rights.is_none() {
                    next.rights = owner_rights(owner);
                }
                match self.deliver_lines(&next, Lines::new(BufReader::new(file))) {
                    // A list without members yet is no fault, but its mail must not vanish without a word.
                    Ok(0) => self.sent(inside, format!(":include: file {path} names nobody")),
                    Ok(_) => {}
                    Err(e) => {
                        maillog::warning!("read error on include file {path}: {}", mailbox::strerror(&e));
                        self.failed(inside, error());
                    }
                }
            }
            Err(e) => {
                maillog::warning!("{e}");
                self.failed(inside, error());
            }
        }
    }

    /// Obeys a user's .forward file. `Ok(false)`: there is none, or it was obeyed before, or it is empty.
    pub(crate) fn deliver_dotforward(&mut self, attempt: &Attempt, rights: &Rights) -> Result<bool, Dsn> {
        if !self.seen.is_new(format!("forward {} {}", rights.uid, attempt.extension)) {
            return Ok(false);
        }
        let mut tried = Vec::new();
        for pattern in &self.settings.forward_path {
            let path = environment::expand(pattern, attempt, Some(rights), &self.settings.forward_filter);
            // Without an extension two patterns may give one name.
            let Some(path) = path.filter(|p| p.starts_with('/') && !tried.contains(p)) else { continue };
            tried.push(path.clone());
            let file = match sys::with_identity(rights.uid, rights.gid, || open_forward(Path::new(&path), rights.uid)) {
                Ok(Found::File(file)) => file,
                Ok(Found::Missing) => continue,
                // What is there ends the search, and is told.
                Ok(Found::Refused(why)) => {
                    maillog::warning!("{why}");
                    return Ok(false);
                }
                Err(e) => return Err(Dsn::new("4.3.0", format!("cannot become user {}: {e}", rights.name))),
            };
            let mut lines = Lines::new(BufReader::new(file));
            let names_somebody = |line: &io::Result<Vec<Destination>>| !matches!(line, Ok(list) if list.is_empty());
            let Some(first) = lines.find(names_somebody) else { return Ok(false) };
            let mut inside = attempt.clone();
            inside.depth += 1;
            inside.source = Source::Forward;
            inside.rights = Some(rights.clone());
            let matched = pattern.contains("extension") || rights.name == attempt.local;
            inside.unmatched = self.unmatched(attempt, Source::Forward, matched);
            if self.report.is_probe() {
                self.sent(attempt, "forward via file");
                return Ok(true);
            }
            self.tell_expanded(attempt, "expanded");
            if let Err(e) = self.deliver_lines(&inside, std::iter::once(first).chain(lines)) {
                maillog::warning!("read {path}: {}", mailbox::strerror(&e));
                return Err(Dsn::new("4.3.0", format!("cannot read file {path}")));
            }
            return Ok(true);
        }
        Ok(false)
    }
}

/// An address with an extension, in internal form.
fn extended(address: &str, extension: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}{extension}@{domain}"),
        None => address.to_owned(),
    }
}

/// What was found where a .forward file may lie.
enum Found {
    File(File),
    Missing,
    Refused(String),
}

/// Opens a .forward file as its user: a plain file of the user or root that not everybody may write. A symbolic link is not followed.
fn open_forward(path: &Path, uid: u32) -> Found {
    use std::io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    let name = path.display();
    let named = match fs::symlink_metadata(path) {
        Ok(m) => m,
        Err(e) if matches!(e.kind(), NotFound | NotADirectory | PermissionDenied) => return Found::Missing,
        Err(e) => return Found::Refused(format!("cannot open file {name}: {}", mailbox::strerror(&e))),
    };
    if !named.is_file() {
        return Found::Refused(format!("file {name} is not a regular file"));
    }
    let opened = open_list(path, O_NOFOLLOW);
    let (file, meta) = match opened {
        Ok((file, meta)) if meta.is_file() => (file, meta),
        Ok(_) => return Found::Refused(format!("file {name} is not a regular file")),
        Err(e) => return Found::Refused(format!("cannot open file {name}: {}", mailbox::strerror(&e))),
    };
    if meta.uid() != 0 && meta.uid() != uid {
        return Found::Refused(format!("file {name} has bad owner uid {}", meta.uid()));
    }
    if meta.mode() & 0o002 != 0 {
        return Found::Refused(format!("file {name} is world writable"));
    }
    Found::File(file)
}

/// Opens a list, and says what was opened: the name may mean another file by the next look. A named pipe must not hold up the agent.
fn open_list(path: &Path, flags: i32) -> io::Result<(File, fs::Metadata)> {
    let file = File::options().read(true).custom_flags(O_NONBLOCK | flags).open(path)?;
    let meta = file.metadata()?;
    Ok((file, meta))
}

/// Linux's numbers.
const O_NONBLOCK: i32 = 0o4000;
const O_NOFOLLOW: i32 = 0o400_000;

/// Commands in an included list run as the owner of the list, unless that is root.
fn owner_rights(uid: u32) -> Option<Rights> {
    sys::user_by_uid(uid).ok().flatten().filter(|a| a.uid != 0).map(Rights::of)
}
