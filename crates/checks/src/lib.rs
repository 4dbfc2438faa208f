//! header_checks(5) and body_checks(5): tables of patterns that say what becomes of a header or of a line of the body.
//!
//! A [`Checks`] is the tables of one parameter; it turns a text into an [`Action`]. Carrying the action out is for the program that asked.

#![cfg_attr(
    not(test),
    warn(clippy::indexing_slicing, clippy::string_slice, clippy::cast_possible_truncation, clippy::cast_possible_wrap, clippy::cast_sign_loss)
)]

mod action;

use std::borrow::Cow;

use config::Config;
use table::{Flags, LookupError, Maps};

pub use action::{Action, BadAction};

/// Which messages the tables look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that enter the queue: every action is good.
    Entering,
    /// Those on their way to another server: the text can be changed, the message's fate is settled.
    Leaving,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One logical header, its lines joined by LF.
    Header,
    /// One line, without its LF.
    Body,
}

impl Subject {
    /// The word of log lines.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Header => "header",
            Subject::Body => "body",
        }
    }

    /// `header Subject: text`, as log lines have it: printable, and cut.
    pub fn shown(self, text: &[u8]) -> String {
        let cut = text.get(..SHOWN).unwrap_or(text);
        format!("{} {}", self.word(), base::text::printable(cut))
    }
}

/// No more bytes of a text than this stand in the log.
const SHOWN: usize = 200;

/// Messages are bytes, whatever `smtputf8_enable` says, and so are what is looked for in them and what is put there.
const BYTES: Flags = Flags { utf8: false, ..Flags::DEFAULT };

/// The tables of one parameter.
pub struct Checks {
    maps: Maps,
    scope: Scope,
}

impl Checks {
    /// Opens the tables of a parameter by its name and expanded value. What cannot be opened is logged, and fails when it is asked.
    pub fn open(param_name: &str, spec: &str, conf: &Config, scope: Scope) -> Checks {
        Checks { maps: Maps::open(param_name, spec, conf, BYTES), scope }
    }

    /// As [`Checks::open`], for one parameter that names tables.
    pub fn of<T: params::ParamType<Value = String>>(conf: &Config, param: &params::Param<T>, scope: Scope) -> Checks {
        Checks { maps: Maps::of(conf, param, BYTES), scope }
    }

    /// The tables.
    pub fn maps(&self) -> &Maps {
        &self.maps
    }

    /// True when there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.maps.is_empty()
    }

    /// Asks about a text. `None`: it stays as it is. An action that makes no sense is logged, and the text stays.
    ///
    /// # Errors
    /// A table could not be asked.
    pub fn find(&self, subject: Subject, text: &[u8]) -> Result<Option<Action>, LookupError> {
        if self.is_empty() {
            return Ok(None);
        }
        let key: Cow<'_, str> = base::eightbit::text(text);
        let Some(value) = self.maps.find(&key)? else { return Ok(None) };
        Ok(Action::parse(&value, subject, self.scope).unwrap_or_else(|bad| {
            maillog::warning!("{}", bad.describe(self.maps.title()));
            None
        }))
    }
}
