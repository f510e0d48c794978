//! Minutes since 1970, UTC: what facts over time are kept by, and moments of which the second since 1970 is known.

use chrono::{DateTime, TimeDelta, Utc};

/// A moment, and its second since 1970: several facts are kept by it, and one line asks for them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub time: DateTime<Utc>,
    /// The second that it lies in.
    pub second: i64,
}

impl From<DateTime<Utc>> for Moment {
    fn from(time: DateTime<Utc>) -> Self {
        let second = time.timestamp();
        Self { time, second }
    }
}

/// The minute that a moment lies in.
pub fn minute_of(time: DateTime<Utc>) -> i64 {
    time.timestamp().div_euclid(60)
}

/// The beginning of a minute; `None` beyond the calendar.
pub fn begin(minute: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(minute.checked_mul(60)?, 0)
}

/// From which minute to which, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteRange {
    /// The first minute.
    pub first: i64,
    /// The last one.
    pub last: i64,
}

impl MinuteRange {
    /// The minute that `until` lies in is the last, and as many as `range` has go before it: at least that one.
    pub fn new(until: DateTime<Utc>, range: TimeDelta) -> Self {
        let last = minute_of(until);
        let many = range.num_minutes().max(1);
        Self {
            first: last.saturating_sub(many).saturating_add(1),
            last,
        }
    }

    /// How many.
    pub fn count(self) -> i64 {
        self.last - self.first + 1
    }
}
