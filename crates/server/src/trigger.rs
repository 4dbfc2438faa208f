use crate::Service;
use crate::boot::Boot;
use crate::error::StartError;
use crate::{successor, watchdog};

/// A service that is woken by letters (pickup).
pub trait Trigger: Service {
    /// Does what the letters ask for (see `ipc::trigger`). Several wake-ups may come as one.
    fn wake(&mut self, letters: &[u8]);
}

pub(crate) fn run<S: Trigger>(boot: Boot) -> Result<(), StartError> {
    let (mut service, mut jailed) = crate::service::open::<S>(boot)?;
    let ((mut parent, listener), limits) = (jailed.attach()?, jailed.boot().limits);
    let mut served = 0;
    while let Some(letters) = listener.letters(&mut parent, limits.max_idle)? {
        parent.taken();
        watchdog::work();
        service.wake(&letters);
        watchdog::rest();
        served += 1;
        if limits.max_use.is_some_and(|m| served >= m) || parent.is_gone() || successor::is_due() {
            break;
        }
        parent.available();
    }
    Ok(())
}
