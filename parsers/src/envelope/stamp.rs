//! The time stamp at the start of a line: RFC 3164 (`Jun  5 14:09:36`) and RFC 3339 (`2026-06-05T14:09:36.75+02:00`).
//!
//! Comes in: the start of a line. Goes out: the moment and what follows the blanks after it. The day may be padded with a
//! blank (syslog), with a zero (postlogd, journalctl, Dovecot) or not at all; a fraction may have any length, of which
//! nanoseconds are kept; a leap second is second 60. Where the offset is missing, the calendar has it.
//!
//! multilog's and s6's label is `@` and a TAI64N moment in 24 hexadecimal digits, which is ten seconds ahead of the Unix clock.
//!
//! Deliberately not here: other calendars of the world, which a site can configure; such lines are `Unparsed`.
//! Specified in RFC 3164, section 4.1.2, RFC 3339, section 5.6, `postlogd/postlogd.c`, `lib/failures.c` (Dovecot).

use crate::calendar::{self, Calendar};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

/// Reads a stamp and the blanks after it; `None` when there is none or nothing follows it.
pub(super) fn read<'a>(
    line: &'a [u8],
    calendar: &Calendar,
) -> Option<(&'a [u8], DateTime<FixedOffset>)> {
    let (rest, time) = match line.first()? {
        b'0'..=b'9' => rfc3339(line, calendar)?,
        b'@' => tai64n(line)?,
        _ => return rfc3164(line, calendar),
    };
    // A container's log reader or a supervisor put its stamp in front of the logger's: the exact one counts.
    let inner = match rest.first() {
        Some(b'0'..=b'9') => rfc3339(rest, calendar),
        _ => rfc3164(rest, calendar),
    };
    Some((inner.map_or(rest, |(inner, _)| inner), time))
}

/// Reads `@400000006a22…`: 2^62 + 10 at the start of 1970 (`tai_now`), then nanoseconds.
fn tai64n(line: &[u8]) -> Option<(&[u8], DateTime<FixedOffset>)> {
    const EPOCH: u64 = (1 << 62) + 10;
    let (digits, rest) = line.strip_prefix(b"@")?.split_at_checked(24)?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let (seconds, nanos) = std::str::from_utf8(digits).ok()?.split_at_checked(16)?;
    let seconds = u64::from_str_radix(seconds, 16).ok()?.checked_sub(EPOCH)?;
    let nanos = u32::from_str_radix(nanos, 16).ok()?;
    let time = DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)?;
    Some((following(rest)?, time.fixed_offset()))
}

/// The input after the blanks at its start.
pub(super) fn unpadded(input: &[u8]) -> &[u8] {
    let mut input = input;
    while let [b' ', rest @ ..] = input {
        input = rest;
    }
    input
}

fn rfc3164<'a>(line: &'a [u8], calendar: &Calendar) -> Option<(&'a [u8], DateTime<FixedOffset>)> {
    let (month, rest) = line.split_at_checked(3)?;
    let month = month_number(month)?;
    let (day, rest) = day(unpadded(rest.strip_prefix(b" ")?))?;
    let (time, rest) = clock(rest.strip_prefix(b" ")?)?;
    Some((following(rest)?, calendar.place(month, day, time)?))
}

pub(super) fn rfc3339<'a>(
    line: &'a [u8],
    calendar: &Calendar,
) -> Option<(&'a [u8], DateTime<FixedOffset>)> {
    let [
        c1,
        c2,
        y1,
        y2,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T' | b't' | b' ',
        rest @ ..,
    ] = line
    else {
        return None;
    };
    let (year, month, day) = (
        two([c1, c2])? * 100 + two([y1, y2])?,
        two([m1, m2])?,
        two([d1, d2])?,
    );
    let (time, rest) = clock(rest)?;
    let stamp = NaiveDate::from_ymd_opt(year as i32, month, day)?.and_time(time);
    let (offset, rest) = match offset(rest) {
        Some((offset, rest)) => (offset, rest),
        None => (*calendar.anchor.offset(), rest),
    };
    Some((following(rest)?, calendar::at_offset(stamp, offset)?))
}

/// What follows the blanks after the stamp; a stamp alone is no line.
fn following(rest: &[u8]) -> Option<&[u8]> {
    let text = unpadded(rest.strip_prefix(b" ")?);
    (!text.is_empty()).then_some(text)
}

fn month_number(name: &[u8]) -> Option<u32> {
    Some(match name {
        b"Jan" => 1,
        b"Feb" => 2,
        b"Mar" => 3,
        b"Apr" => 4,
        b"May" => 5,
        b"Jun" => 6,
        b"Jul" => 7,
        b"Aug" => 8,
        b"Sep" => 9,
        b"Oct" => 10,
        b"Nov" => 11,
        b"Dec" => 12,
        _ => return None,
    })
}

/// `HH:MM:SS` and a fraction, which some write with a comma.
fn clock(input: &[u8]) -> Option<(NaiveTime, &[u8])> {
    let [h1, h2, b':', m1, m2, b':', s1, s2, rest @ ..] = input else {
        return None;
    };
    let (hour, minute, second) = (two([h1, h2])?, two([m1, m2])?, two([s1, s2])?);
    let (nanos, rest) = fraction(rest);
    // chrono keeps a leap second as second 59 with more than a second of nanoseconds.
    let (second, nanos) = match second {
        60 => (59, nanos + 1_000_000_000),
        second => (second, nanos),
    };
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    Some((time, rest))
}

/// The fraction of a second in nanoseconds; further digits are read and dropped.
fn fraction(input: &[u8]) -> (u32, &[u8]) {
    let [b'.' | b',', digits @ ..] = input else {
        return (0, input);
    };
    let (mut rest, mut nanos, mut unit) = (digits, 0, 100_000_000);
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        nanos += u32::from(digit & 15) * unit;
        unit /= 10;
        rest = after;
    }
    (nanos, rest)
}

/// `Z`, `+HH:MM` or `+HHMM`.
fn offset(input: &[u8]) -> Option<(FixedOffset, &[u8])> {
    let (sign, hours, minutes, rest) = match input {
        [b'Z' | b'z', rest @ ..] => return Some((FixedOffset::east_opt(0)?, rest)),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2, rest @ ..]
        | [sign @ (b'+' | b'-'), h1, h2, m1, m2, rest @ ..] => {
            (*sign, two([h1, h2])?, two([m1, m2])?, rest)
        }
        _ => return None,
    };
    let seconds = (hours * 3600 + minutes * 60) as i32;
    let east = if sign == b'-' { -seconds } else { seconds };
    Some((FixedOffset::east_opt(east)?, rest))
}

/// One or two digits.
fn day(input: &[u8]) -> Option<(u32, &[u8])> {
    match input {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => Some((two([tens, ones])?, rest)),
        [digit @ b'0'..=b'9', rest @ ..] => Some((u32::from(digit & 15), rest)),
        _ => None,
    }
}

/// Two digits.
fn two([tens, ones]: [&u8; 2]) -> Option<u32> {
    let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
    digits.then(|| u32::from(tens & 15) * 10 + u32::from(ones & 15))
}
