use base::{Stamp, text};
use ipc::delivery::Request;

/// When things happened during delivery, as far as the agent knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// The connection stood and its greeting was over; `None` when no connection was made (or an old one used).
    pub connected: Option<Stamp>,
    /// The transmission was over; `None` means the moment of the report. Recipients of one transmission share it.
    pub done: Option<Stamp>,
    /// How often the connection was used, with this time; logged from 2 on.
    pub uses: u32,
}

impl Timing {
    /// `[conn_use=N, ]delay=D, delays=a/b/c/d`: before the queue manager, in it, connection setup, transmission.
    pub(crate) fn log(&self, request: &Request, now: Stamp, digits: u32) -> String {
        let done = self.done.unwrap_or(now);
        let show = |later: Stamp, earlier: Stamp| text::delay(later.since(earlier), digits);
        let active = known(request.active).unwrap_or(request.arrival);
        let handed = known(request.handed).unwrap_or(active);
        let connected = self.connected.unwrap_or(handed);
        let uses = if self.uses > 1 { format!("conn_use={}, ", self.uses) } else { String::new() };
        format!(
            "{uses}delay={}, delays={}/{}/{}/{}",
            show(done, request.arrival),
            show(active, request.arrival),
            show(handed, active),
            show(connected, handed),
            show(done, connected)
        )
    }
}

fn known(stamp: Stamp) -> Option<Stamp> {
    (stamp != Stamp::default()).then_some(stamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Stamp {
        Stamp { sec: 1000 + ms / 1000, usec: (ms % 1000) as u32 * 1000 }
    }

    #[test]
    fn four_parts() {
        let request = Request { arrival: at(0), active: at(50), handed: at(70), ..Request::default() };
        let timing = Timing { connected: Some(at(1370)), done: Some(at(1400)), uses: 1 };
        assert_eq!(timing.log(&request, at(9000), 2), "delay=1.4, delays=0.05/0.02/1.3/0.03");
        let plain = Timing { uses: 3, ..Timing::default() };
        assert_eq!(plain.log(&request, at(100), 2), "conn_use=3, delay=0.1, delays=0.05/0.02/0/0.03");
    }
}
