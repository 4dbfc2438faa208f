use crate::boot::{Boot, Jailed, Rights};
use crate::error::StartError;
use crate::jail::Promise;
use crate::successor;

/// What every service says of itself, whatever drives it: [`crate::Single`], [`crate::Multi`], [`crate::Events`] or [`crate::Trigger`].
pub trait Service: Sized {
    /// The program's name: `smtpd`.
    const PROGRAM: &'static str;
    /// What it may be.
    const RIGHTS: Rights;
    /// What it will not do after that.
    const PROMISE: Promise = Promise::None;

    /// Opens what needs rights, before the jail. The working directory is the queue directory.
    ///
    /// When a file of a table that is opened here changes, the skeleton ends the process as soon as its clients allow it.
    fn open(boot: &Boot) -> Result<Self, StartError>;

    /// Opens the rest, in the jail.
    fn jailed(&mut self, _boot: &Boot) -> Result<(), StartError> {
        Ok(())
    }
}

/// Opens a service on both sides of the jail.
pub(crate) fn open<S: Service>(boot: Boot) -> Result<(S, Jailed), StartError> {
    let mut service = S::open(&boot)?;
    let jailed = boot.jail(S::PROMISE)?;
    successor::opened(jailed.is_confined());
    service.jailed(jailed.boot())?;
    Ok((service, jailed))
}
