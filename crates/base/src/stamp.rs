use serde::{Deserialize, Serialize};

/// A moment in wall-clock time: seconds and microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Stamp {
    /// Whole seconds since the epoch.
    pub sec: i64,
    /// Microseconds within the second, 0 to 999,999.
    pub usec: u32,
}

impl Stamp {
    /// A stamp of whole seconds.
    pub const fn from_secs(sec: i64) -> Self {
        Stamp { sec, usec: 0 }
    }

    /// Seconds from `earlier` to `self`, negative when `earlier` lies after it.
    pub fn since(self, earlier: Stamp) -> f64 {
        (self.sec - earlier.sec) as f64 + (f64::from(self.usec) - f64::from(earlier.usec)) / 1e6
    }
}
