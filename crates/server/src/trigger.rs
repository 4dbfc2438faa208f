use crate::boot::{Boot, Rights, StartError};
use crate::jail::Promise;
use crate::watchdog;

/// A service that is woken by letters (pickup).
pub trait Trigger: Sized {
    /// The program's name.
    const PROGRAM: &'static str;
    /// What it may be.
    const RIGHTS: Rights;
    /// What it will not do after that.
    const PROMISE: Promise = Promise::None;

    /// Opens what needs rights, before the jail.
    fn open(boot: &Boot) -> Result<Self, StartError>;

    /// Opens the rest, in the jail.
    fn jailed(&mut self, _boot: &Boot) -> Result<(), StartError> {
        Ok(())
    }

    /// Does what the letters ask for (see `ipc::trigger`). Several wake-ups may come as one.
    fn wake(&mut self, letters: &[u8]);
}

pub(crate) fn run<S: Trigger>(boot: Boot) -> Result<(), StartError> {
    let mut service = S::open(&boot)?;
    let mut jailed = boot.jail(S::PROMISE)?;
    service.jailed(jailed.boot())?;
    let ((mut parent, listener), limits) = (jailed.attach()?, jailed.boot().limits);
    let mut served = 0;
    while let Some(letters) = listener.letters(&mut parent, limits.max_idle)? {
        parent.taken();
        watchdog::work();
        service.wake(&letters);
        watchdog::rest();
        served += 1;
        if limits.max_use.is_some_and(|m| served >= m) || parent.is_gone() {
            break;
        }
        parent.available();
    }
    Ok(())
}
