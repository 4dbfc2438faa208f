//! Commands and files as destinations.

use std::path::{Path, PathBuf};

use base::Dsn;

use super::Course;
use super::environment;
use super::user::{Attempt, Rights};
use crate::command::{self, Identity, Job};
use crate::destination;

impl Course<'_, '_> {
    /// `|command` of an alias, an include or a .forward file.
    pub(crate) fn deliver_command(&mut self, inside: &Attempt, line: &str) {
        let word = inside.source.word();
        if !self.settings.allow_commands.iter().any(|w| w.eq_ignore_ascii_case(word)) {
            return self.failed(inside, Dsn::new("5.7.1", "mail to command is restricted"));
        }
        let rights = self.rights(inside);
        if !self.seen.is_new(format!("command {} {line}", rights.uid)) {
            return;
        }
        self.run_command(inside, line, &rights);
    }

    /// Runs a command with the message, as a user.
    pub(crate) fn run_command(&mut self, attempt: &Attempt, line: &str, rights: &Rights) {
        if self.report.is_check() {
            return self.sent(attempt, format!("delivers to command: {line}"));
        }
        let shell = Some(self.settings.shell.as_str()).filter(|s| !s.is_empty());
        let environment = environment::variables(self.settings, self.request, self.recipient, attempt, rights);
        let filter = &self.settings.directory_filter;
        let directory = environment::expand(&self.settings.execution_directory, attempt, Some(rights), filter);
        let job = Job {
            argv: command::argv(line, shell),
            environment,
            identity: sys::is_root().then(|| Identity { uid: rights.uid, gid: rights.gid, groups_of: (!rights.name.is_empty()).then(|| rights.name.clone()) }),
            root: None,
            directory: directory.filter(|d| !d.is_empty()).map(PathBuf::from),
            limit: self.settings.command_limit,
            title: line.to_owned(),
            complaint: "local: fatal: execvp",
        };
        let delivered = self.adds_delivered_to("command");
        let outcome = self.with_prelude(attempt, delivered, |prelude| {
            let mut format = destination::format(prelude);
            format.from_line = Some((mailbox::from_sender(prelude.sender), sys::now()));
            command::run(&job, self.message, &format)
        });
        match outcome {
            // As in postfix local(8), unlike pipe(8), does not report what a command says that took the message.
            Ok(_) => self.sent(attempt, format!("delivered to command: {line}")),
            Err(dsn) => self.failed(attempt, dsn),
        }
    }

    /// `/file` or `/directory/` of an alias, an include or a .forward file.
    pub(crate) fn deliver_file(&mut self, inside: &Attempt, path: &str) {
        let word = inside.source.word();
        if !self.settings.allow_files.iter().any(|w| w.eq_ignore_ascii_case(word)) {
            return self.failed(inside, Dsn::new("5.7.1", "mail to file is restricted"));
        }
        let rights = self.rights(inside);
        if !self.seen.is_new(format!("file {} {path}", rights.uid)) {
            return;
        }
        if self.report.is_check() {
            return self.sent(inside, format!("delivers to file: {path}"));
        }
        let delivered = self.adds_delivered_to("file");
        let outcome = self.with_prelude(inside, delivered, |prelude| {
            sys::with_identity(rights.uid, rights.gid, || {
                if path.ends_with('/') {
                    return self.settings.files.maildir(Path::new(path.trim_end_matches('/')), "5.2.0", self.message, prelude);
                }
                let prefix = format!("cannot append message to file {path}: ");
                let mut file = self.settings.files.open_mbox(Path::new(path), None, true, "5.2.0", &prefix)?;
                self.settings.files.append(&mut file, self.message, prelude, &prefix).map(drop)
            })
            .unwrap_or_else(|e| Err(Dsn::new("4.3.0", format!("cannot become user {}: {e}", rights.uid))))
        });
        match outcome {
            Ok(()) if path.ends_with('/') => self.sent(inside, "delivered to maildir"),
            Ok(()) => self.sent(inside, format!("delivered to file: {path}")),
            Err(dsn) => self.failed(inside, dsn),
        }
    }

    fn rights(&self, inside: &Attempt) -> Rights {
        inside.rights.as_ref().map_or_else(|| self.settings.default_rights.clone(), |r| self.unprivileged(r))
    }

    /// TRUST: what root's own files name is done without root's rights.
    pub(crate) fn unprivileged(&self, rights: &Rights) -> Rights {
        match rights.uid {
            0 => Rights { home: rights.home.clone(), shell: rights.shell.clone(), ..self.settings.default_rights.clone() },
            _ => rights.clone(),
        }
    }

    /// `prepend_delivered_header`.
    pub(crate) fn adds_delivered_to(&self, what: &str) -> bool {
        self.settings.delivered_to.iter().any(|w| w.eq_ignore_ascii_case(what))
    }
}
