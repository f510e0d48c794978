//! What Postfix is set to, as far as it decides how long mail waits and when it is tried again.
//!
//! In: names and values as `postconf(1)` prints them. Out: seconds. What nobody told is unknown: no default is made up, since a host that
//! bounces after an hour must not be shown five days.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// The parameters, in seconds; `None` when unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// After this a message that can't be delivered goes back to its sender.
    pub maximal_queue_lifetime: Option<u32>,
    /// The same for bounces.
    pub bounce_queue_lifetime: Option<u32>,
    /// The shortest time between two attempts.
    pub minimal_backoff_time: Option<u32>,
    /// The longest time between two attempts.
    pub maximal_backoff_time: Option<u32>,
    /// How often the deferred queue is looked through for mail whose time has come.
    pub queue_run_delay: Option<u32>,
}

impl Settings {
    /// The names of the parameters, for `postconf`.
    pub const NAMES: [&str; 5] = [
        "maximal_queue_lifetime",
        "bounce_queue_lifetime",
        "minimal_backoff_time",
        "maximal_backoff_time",
        "queue_run_delay",
    ];

    /// Takes in a value; names that are none of [`Settings::NAMES`] are left alone, a value that is no time is unknown.
    pub fn set(&mut self, name: &str, value: &str) {
        // The default unit is that of the built-in value (`global/mail_params.h`).
        let (field, unit) = match name {
            "maximal_queue_lifetime" => (&mut self.maximal_queue_lifetime, 'd'),
            "bounce_queue_lifetime" => (&mut self.bounce_queue_lifetime, 'd'),
            "minimal_backoff_time" => (&mut self.minimal_backoff_time, 's'),
            "maximal_backoff_time" => (&mut self.maximal_backoff_time, 's'),
            "queue_run_delay" => (&mut self.queue_run_delay, 's'),
            _ => return,
        };
        *field = seconds(value, unit);
    }

    /// How long a message may wait: a bounce has the null sender. As the queue manager does, a longer time for bounces than for mail is
    /// cut (`qmgr/qmgr.c`).
    pub fn lifetime(&self, bounce: bool) -> Option<TimeDelta> {
        let mail = self.maximal_queue_lifetime?;
        let seconds = if bounce {
            self.bounce_queue_lifetime?.min(mail)
        } else {
            mail
        };
        Some(TimeDelta::seconds(i64::from(seconds)))
    }
}

/// A time as `global/conv_time.c` reads it: a number and at most one of the units w, d, h, m, s.
fn seconds(value: &str, unit: char) -> Option<u32> {
    let value = value.trim();
    let (number, unit) = match value.chars().last() {
        Some(last) if !last.is_ascii_digit() => (value.strip_suffix(last)?, last),
        _ => (value, unit),
    };
    let factor: u32 = match unit {
        'w' => 7 * 86_400,
        'd' => 86_400,
        'h' => 3600,
        'm' => 60,
        's' => 1,
        _ => return None,
    };
    let seconds = number
        .trim_start_matches('+')
        .parse::<u32>()
        .ok()?
        .checked_mul(factor)?;
    // Postfix counts in an int.
    (seconds <= i32::MAX.unsigned_abs()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_units_of_postfix() {
        let read = |value| seconds(value, 'd');
        assert_eq!(read("5d"), Some(432_000));
        assert_eq!(read("2"), Some(172_800), "the unit of the parameter");
        assert_eq!(seconds("4000", 's'), Some(4000));
        assert_eq!(read("1w"), Some(604_800));
        assert_eq!(
            (read("90m"), read("6h"), read("0s")),
            (Some(5400), Some(21_600), Some(0))
        );
        for wrong in [
            "",
            "d",
            "-1d",
            "5D",
            "5dd",
            "1.5h",
            "99999999w",
            "$x",
            "5 d ",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_nobody_told_is_unknown() {
        let mut settings = Settings::default();
        assert_eq!(settings.lifetime(false), None);
        settings.set("maximal_queue_lifetime", "1d");
        settings.set("myhostname", "mx1");
        assert_eq!(settings.lifetime(false), Some(TimeDelta::days(1)));
        assert_eq!(settings.lifetime(true), None);
        settings.set("bounce_queue_lifetime", "1h");
        assert_eq!(settings.lifetime(true), Some(TimeDelta::hours(1)));
        settings.set("bounce_queue_lifetime", "5d");
        assert_eq!(settings.lifetime(true), Some(TimeDelta::days(1)));
        settings.set("bounce_queue_lifetime", "soon");
        assert_eq!(settings.lifetime(true), None);
    }
}
