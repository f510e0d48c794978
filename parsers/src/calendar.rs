//! The missing year: what an RFC 3164 stamp leaves out is supplied from here.
//!
//! Comes in: month, day and time of day as logged. Goes out: a moment. A log is written in order, so a stamp lies before the
//! newest plausible moment (the anchor); a day of grace covers clocks that disagree and zones that are named wrongly.
//!
//! Deliberately not here: daylight saving. The anchor's offset is taken for the whole log, because the line does not say.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Where a stamp without year and zone is to be placed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// The newest plausible moment: the file's modification time, or now. Its offset is the log's zone.
    pub anchor: DateTime<FixedOffset>,
}

/// How far a stamp may lie after the anchor before it is taken for last year's.
const GRACE: TimeDelta = TimeDelta::days(1);

/// The longest way back to a leap year: 1896 lies eight years before 1904.
const LEAP_GAP: i32 = 8;

impl Calendar {
    /// Supplies the year: the newest one that puts the stamp not more than a day after the anchor. The 29th of February goes
    /// back to a leap year. `None` for a date that no year has.
    ///
    /// * `month`: 1 to 12; `day`: 1 to 31.
    pub fn place(&self, month: u32, day: u32, time: NaiveTime) -> Option<DateTime<FixedOffset>> {
        let latest = self
            .anchor
            .naive_utc()
            .checked_add_offset(*self.anchor.offset())?
            .checked_add_signed(GRACE)?;
        (0..=LEAP_GAP)
            .filter_map(|back| NaiveDate::from_ymd_opt(latest.year() - back, month, day))
            .map(|date| date.and_time(time))
            .find(|stamp| *stamp <= latest)
            .and_then(|stamp| self.local(stamp))
    }

    /// Supplies the offset.
    pub fn local(&self, stamp: NaiveDateTime) -> Option<DateTime<FixedOffset>> {
        at_offset(stamp, *self.anchor.offset())
    }
}

/// The moment that a clock with this offset shows so; `None` beyond the calendar's end. A fixed offset has no gap and no second
/// reading, which chrono's way from a local time looks for.
pub(crate) fn at_offset(
    stamp: NaiveDateTime,
    offset: FixedOffset,
) -> Option<DateTime<FixedOffset>> {
    let utc = stamp.checked_sub_offset(offset)?;
    Some(DateTime::from_naive_utc_and_offset(utc, offset))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(anchor: &str, month: u32, day: u32, clock: (u32, u32, u32)) -> Option<String> {
        let calendar = Calendar {
            anchor: DateTime::parse_from_rfc3339(anchor).unwrap(),
        };
        let time = NaiveTime::from_hms_opt(clock.0, clock.1, clock.2).unwrap();
        calendar
            .place(month, day, time)
            .map(|moment| moment.to_rfc3339())
    }

    #[test]
    fn the_year_is_the_newest_that_is_not_in_the_future() {
        let table = [
            // Ordinary: the same day, the month before.
            (
                "2026-06-05T12:00:00+02:00",
                (6, 5),
                (11, 59, 59),
                "2026-06-05T11:59:59+02:00",
            ),
            (
                "2026-06-05T12:00:00+02:00",
                (5, 1),
                (0, 0, 0),
                "2026-05-01T00:00:00+02:00",
            ),
            // A clock that is ahead, within the day of grace and beyond it.
            (
                "2026-06-05T12:00:00+02:00",
                (6, 6),
                (12, 0, 0),
                "2026-06-06T12:00:00+02:00",
            ),
            (
                "2026-06-05T12:00:00+02:00",
                (6, 6),
                (12, 0, 1),
                "2025-06-06T12:00:01+02:00",
            ),
            // New Year: yesterday's lines read today, and a line that is ahead of an anchor still in the old year.
            (
                "2027-01-01T00:00:10+00:00",
                (12, 31),
                (23, 59, 59),
                "2026-12-31T23:59:59+00:00",
            ),
            (
                "2026-12-31T23:59:59+00:00",
                (1, 1),
                (0, 0, 10),
                "2027-01-01T00:00:10+00:00",
            ),
            (
                "2026-12-31T23:59:59+00:00",
                (12, 31),
                (23, 59, 59),
                "2026-12-31T23:59:59+00:00",
            ),
            (
                "2026-12-30T12:00:00+00:00",
                (1, 1),
                (0, 0, 10),
                "2026-01-01T00:00:10+00:00",
            ),
            // New Year by the log's zone, not by UTC.
            (
                "2027-01-01T00:30:00+02:00",
                (12, 31),
                (23, 0, 0),
                "2026-12-31T23:00:00+02:00",
            ),
            (
                "2026-12-31T20:00:00-05:00",
                (12, 31),
                (19, 59, 0),
                "2026-12-31T19:59:00-05:00",
            ),
            // The 29th of February goes back to a leap year, also across 1900.
            (
                "2026-06-05T12:00:00+00:00",
                (2, 29),
                (1, 0, 0),
                "2024-02-29T01:00:00+00:00",
            ),
            (
                "2024-03-01T00:00:00+00:00",
                (2, 29),
                (23, 0, 0),
                "2024-02-29T23:00:00+00:00",
            ),
            (
                "1904-01-05T00:00:00+00:00",
                (2, 29),
                (23, 0, 0),
                "1896-02-29T23:00:00+00:00",
            ),
        ];
        for (anchor, (month, day), clock, expected) in table {
            assert_eq!(
                placed(anchor, month, day, clock).as_deref(),
                Some(expected),
                "{month}/{day} before {anchor}"
            );
        }
    }

    #[test]
    fn a_date_that_no_year_has_is_none() {
        assert_eq!(placed("2026-06-05T12:00:00Z", 2, 30, (0, 0, 0)), None);
        assert_eq!(placed("2026-06-05T12:00:00Z", 13, 1, (0, 0, 0)), None);
    }

    #[test]
    fn the_end_of_time_does_not_panic() {
        let calendar = Calendar {
            anchor: DateTime::<chrono::Utc>::MAX_UTC.fixed_offset(),
        };
        assert_eq!(calendar.place(1, 1, NaiveTime::MIN), None);
    }
}
