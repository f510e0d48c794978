//! The span of time that is looked at: `--since 2h --until "2026-11-24 10:00"`.
//!
//! In come what the operator wrote, the moment that is now, and the zone of what carries none; out comes a moment, or a sentence that says what can
//! be written. The forms are those of journalctl(1) `--since` and systemd.time(7), "parsing timestamps": `now`, `today`, `yesterday`,
//! `tomorrow`, a date, a time of day, both, `2h ago`, `-2h`, `@1764000000`. Two things differ: a bare span, `2h`, is that long ago
//! (systemd wants a sign or `ago`), and RFC 3339 with any offset is taken. Names of zones and of weekdays are not.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use std::fmt;

/// From when to when; open where `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Between {
    /// The first moment.
    pub since: Option<DateTime<Utc>>,
    /// The first moment that is not looked at any more.
    pub until: Option<DateTime<Utc>>,
}

impl Between {
    /// Reads both options.
    ///
    /// # Errors
    /// What [`moment`] says, or that nothing lies between.
    pub fn read(
        since: Option<&str>,
        until: Option<&str>,
        now: DateTime<Utc>,
        zone: FixedOffset,
    ) -> Result<Self, NoMoment> {
        let read = |text: Option<&str>| text.map(|text| moment(text, now, zone)).transpose();
        let between = Self {
            since: read(since)?,
            until: read(until)?,
        };
        match (between.since, between.until) {
            (Some(from), Some(to)) if from >= to => Err(NoMoment(format!(
                "nothing lies between --since {} and --until {}: the first must be the earlier one",
                from.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S"),
                to.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S"),
            ))),
            _ => Ok(between),
        }
    }

    /// Whether a moment is looked at.
    pub fn holds(&self, moment: DateTime<Utc>) -> bool {
        self.since.is_none_or(|since| since <= moment)
            && self.until.is_none_or(|until| moment < until)
    }
}

/// Why a text is no moment: a sentence with examples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoMoment(String);

impl NoMoment {
    fn of(text: &str) -> Self {
        Self(format!(
            "\"{}\" is no time: write 2h, 30m, 7d, today, yesterday, 14:05, 2026-11-24, \"2026-11-24 10:00\" or 2026-11-24T10:00:00+01:00",
            text.escape_debug()
        ))
    }
}

impl fmt::Display for NoMoment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoMoment {}

/// Reads a moment. `zone` is that of dates and times of day; a time of day alone is today's, also when it is still to come.
///
/// # Errors
/// A sentence with what can be written.
pub fn moment(
    text: &str,
    now: DateTime<Utc>,
    zone: FixedOffset,
) -> Result<DateTime<Utc>, NoMoment> {
    let text = text.trim();
    let read = || {
        let today = now.with_timezone(&zone).date_naive();
        word(text, now, today, zone)
            .or_else(|| ago(text, now))
            .or_else(|| seconds(text))
            .or_else(|| full(text))
            .or_else(|| local(text, today, zone))
    };
    read().ok_or_else(|| NoMoment::of(text))
}

fn word(
    text: &str,
    now: DateTime<Utc>,
    today: NaiveDate,
    zone: FixedOffset,
) -> Option<DateTime<Utc>> {
    let midnight = |date: Option<NaiveDate>| at(date?.and_time(NaiveTime::MIN), zone);
    match text.to_ascii_lowercase().as_str() {
        "now" => Some(now),
        "today" => midnight(Some(today)),
        "yesterday" => midnight(today.checked_sub_days(Days::new(1))),
        "tomorrow" => midnight(today.checked_add_days(Days::new(1))),
        _ => None,
    }
}

/// `2h`, `-1d12h`, `+5m`, `2h ago`.
fn ago(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if let Some(later) = text.strip_prefix('+') {
        return now.checked_add_signed(length(later)?);
    }
    let text = text.strip_prefix('-').unwrap_or(text);
    let text = text.strip_suffix("ago").map_or(text, str::trim_end);
    now.checked_sub_signed(length(text)?)
}

/// A length of time: numbers with units, one after another.
fn length(text: &str) -> Option<TimeDelta> {
    let mut rest = text.trim();
    let mut sum = TimeDelta::zero();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let after = after.trim_start();
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, next) = after.split_at_checked(letters)?;
        let seconds: i64 = match unit {
            "s" | "sec" | "secs" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return None,
        };
        let seconds = number.parse::<i64>().ok()?.checked_mul(seconds)?;
        sum = sum.checked_add(&TimeDelta::try_seconds(seconds)?)?;
        rest = next.trim_start();
    }
    (!text.trim().is_empty()).then_some(sum)
}

/// `@1764000000`, seconds since 1970.
fn seconds(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(text.strip_prefix('@')?.parse().ok()?, 0)
}

/// RFC 3339, with a blank in the place of the `T` too.
fn full(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text).ok()?;
    Some(read.with_timezone(&Utc))
}

/// A date, a time of day, or both.
fn local(text: &str, today: NaiveDate, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (day(date)?, time_of_day(time.trim_start())?),
        None => match time_of_day(text) {
            Some(time) => (today, time),
            None => (day(text)?, NaiveTime::MIN),
        },
    };
    at(date.and_time(time), zone)
}

fn day(text: &str) -> Option<NaiveDate> {
    // chrono takes signs, blanks and short numbers as well.
    let shape = text.len() == 10
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    shape
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

fn time_of_day(text: &str) -> Option<NaiveTime> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.'))
        .then_some(())?;
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
}

fn at(stamp: NaiveDateTime, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let local = stamp.and_local_timezone(zone).single()?;
    Some(local.with_timezone(&Utc))
}

#[cfg(test)]
mod tests;
