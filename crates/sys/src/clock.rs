use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base::Stamp;

/// The wall clock.
pub fn now() -> Stamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Stamp { sec: since.as_secs() as i64, usec: since.subsec_micros() }
}

/// The clock that never goes back, for time limits.
pub fn monotonic() -> Instant {
    Instant::now()
}

/// The host's name as the kernel knows it, possibly without a domain.
pub fn hostname() -> String {
    nix::unistd::gethostname().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|_| "localhost".to_owned())
}

/// A moment in the host's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Full year.
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 60.
    pub second: u32,
    /// 0 is Sunday.
    pub weekday: u32,
    /// Seconds east of UTC.
    pub offset: i32,
    zone: [u8; 8],
}

impl LocalTime {
    /// The time zone's abbreviation, at most eight bytes.
    pub fn zone(&self) -> &str {
        let end = self.zone.iter().position(|&b| b == 0).unwrap_or(self.zone.len());
        std::str::from_utf8(&self.zone[..end]).unwrap_or("")
    }

    /// The three-letter English month name.
    pub fn month_name(&self) -> &'static str {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(self.month as usize - 1) % 12]
    }

    /// The three-letter English day name.
    pub fn day_name(&self) -> &'static str {
        ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][self.weekday as usize % 7]
    }

    /// `Wed, 25 Nov 2026 07:42:59 +0000 (UTC)`, the form of a `Date:` or `Received:` header.
    pub fn rfc5322(&self) -> String {
        let offset = self.offset / 60;
        let (sign, offset) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
        format!(
            "{}, {:2} {} {} {:02}:{:02}:{:02} {sign}{:02}{:02} ({})",
            self.day_name(),
            self.day,
            self.month_name(),
            self.year,
            self.hour,
            self.minute,
            self.second,
            offset / 60,
            offset % 60,
            self.zone()
        )
    }
}

/// Breaks a moment down in the host's time zone (`TZ`, /etc/localtime).
pub fn local_time(stamp: Stamp) -> LocalTime {
    let seconds: libc::time_t = stamp.sec;
    // SAFETY: localtime_r writes into the struct that we own; a zeroed tm is a valid value,
    // and tm_zone points to static memory of the C library or is null.
    let (tm, zone) = unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        libc::localtime_r(&seconds, &mut tm);
        let mut zone = [0u8; 8];
        if !tm.tm_zone.is_null() {
            let name = std::ffi::CStr::from_ptr(tm.tm_zone).to_bytes();
            let n = name.len().min(zone.len());
            zone[..n].copy_from_slice(&name[..n]);
        }
        (tm, zone)
    };
    LocalTime {
        year: tm.tm_year + 1900,
        month: tm.tm_mon as u32 + 1,
        day: tm.tm_mday as u32,
        hour: tm.tm_hour as u32,
        minute: tm.tm_min as u32,
        second: tm.tm_sec as u32,
        weekday: tm.tm_wday as u32,
        offset: tm.tm_gmtoff as i32,
        zone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_of_a_header() {
        let mut zone = [0; 8];
        zone[..3].copy_from_slice(b"NST");
        let time = LocalTime { year: 2026, month: 2, day: 3, hour: 4, minute: 5, second: 6, weekday: 2, offset: -12_600, zone };
        assert_eq!(time.rfc5322(), "Tue,  3 Feb 2026 04:05:06 -0330 (NST)");
    }

    #[test]
    fn a_moment_is_the_same_everywhere() {
        let time = local_time(Stamp { sec: 86_400 * 365, usec: 0 });
        let minutes = i64::from(time.hour * 60 + time.minute) - i64::from(time.offset / 60);
        assert_eq!(minutes.rem_euclid(24 * 60), 0);
    }
}
