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

use super::recent::Recent;
use crate::calendar::{self, Calendar};
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

/// A moment, and what whoever counts by time asks for at every line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) time: DateTime<FixedOffset>,
    /// Its second since 1970.
    pub(super) second: i64,
}

impl From<DateTime<FixedOffset>> for Moment {
    fn from(time: DateTime<FixedOffset>) -> Self {
        let second = time.timestamp();
        Self { time, second }
    }
}

/// Reads a stamp and the blanks after it; `None` when there is none or nothing follows it.
pub(super) fn read<'a>(
    line: &'a [u8],
    calendar: &Calendar,
    mut recent: Option<&mut Recent>,
) -> Option<(&'a [u8], Moment)> {
    let (rest, moment) = match line.first()? {
        b'0'..=b'9' => {
            if let Some(known) = recent.as_deref().and_then(|recent| recent.rfc3339(line)) {
                known
            } else {
                let (rest, time) = rfc3339(line, calendar)?;
                if let Some(recent) = recent.as_deref_mut() {
                    recent.remember_minute(line, time);
                }
                (rest, time.into())
            }
        }
        b'@' => {
            let (rest, time) = tai64n(line)?;
            (rest, time.into())
        }
        _ => {
            let known = recent
                .as_deref()
                .and_then(|recent| recent.rfc3164(line, calendar));
            return known.or_else(|| {
                let (rest, length, time) = rfc3164(line, calendar)?;
                let moment = Moment::from(time);
                if let Some(recent) = recent {
                    recent.remember_second(line, length, calendar, moment);
                }
                Some((rest, moment))
            });
        }
    };
    // A container's log reader or a supervisor put its stamp in front of the logger's: the exact one counts.
    let inner = match rest.first() {
        Some(b'0'..=b'9') => rfc3339(rest, calendar).map(|(inner, _)| inner),
        _ => rfc3164(rest, calendar).map(|(inner, ..)| inner),
    };
    Some((inner.unwrap_or(rest), moment))
}

/// Whether a word begins with a date, as a whole RFC 3339 stamp does.
pub(super) fn begins_with_date(word: &[u8]) -> bool {
    let date = word.first_chunk().and_then(|date| pairs(*date, *DATE));
    date.is_some()
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

/// How an RFC 3339 stamp begins, as [`pairs`] reads it.
const DATE: &[u8; 8] = b"0000-00-";

/// The input after the blanks at its start.
#[inline]
pub(super) fn unpadded(input: &[u8]) -> &[u8] {
    let mut input = input;
    while let [b' ', rest @ ..] = input {
        input = rest;
    }
    input
}

/// What follows, how long the stamp is, and its moment.
fn rfc3164<'a>(
    line: &'a [u8],
    calendar: &Calendar,
) -> Option<(&'a [u8], usize, DateTime<FixedOffset>)> {
    let (month, rest) = line.split_at_checked(3)?;
    let month = month_number(month)?;
    let (day, rest) = day(unpadded(rest.strip_prefix(b" ")?))?;
    let (time, rest) = clock(rest.strip_prefix(b" ")?)?;
    let length = line.len() - rest.len();
    let time = calendar.place(month, day, time)?;
    Some((following(rest)?, length, time))
}

pub(super) fn rfc3339<'a>(
    line: &'a [u8],
    calendar: &Calendar,
) -> Option<(&'a [u8], DateTime<FixedOffset>)> {
    let (date, rest) = line.split_first_chunk()?;
    let [century, _, year, _, _, month, ..] = pairs(*date, *DATE)?;
    let [
        tens @ b'0'..=b'9',
        ones @ b'0'..=b'9',
        b'T' | b't' | b' ',
        rest @ ..,
    ] = rest
    else {
        return None;
    };
    let (time, rest) = clock(rest)?;
    let year = i32::from(century) * 100 + i32::from(year);
    let date = NaiveDate::from_ymd_opt(year, u32::from(month), two(*tens, *ones))?;
    let (offset, rest) = match offset(rest) {
        Some((offset, rest)) => (offset, rest),
        None => (*calendar.anchor.offset(), rest),
    };
    Some((
        following(rest)?,
        calendar::at_offset(date.and_time(time), offset)?,
    ))
}

/// What follows the blanks after the stamp; a stamp alone is no line.
pub(super) fn following(rest: &[u8]) -> Option<&[u8]> {
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
#[inline]
fn clock(input: &[u8]) -> Option<(NaiveTime, &[u8])> {
    let (clock, rest) = input.split_first_chunk()?;
    let [hour, _, _, minute, _, _, second, _] = pairs(*clock, *b"00:00:00")?.map(u32::from);
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
#[inline]
pub(super) fn fraction(input: &[u8]) -> (u32, &[u8]) {
    let [b'.' | b',', digits @ ..] = input else {
        return (0, input);
    };
    let (mut rest, mut nanos, mut unit) = (digits, 0, 100_000_000);
    // Microseconds, as rsyslog and postlogd write them.
    if let Some((_, after)) = digits.split_at_checked(6)
        && let Some([a, _, b, _, c, ..]) = digits
            .first_chunk()
            .and_then(|text| pairs(*text, *b"000000__"))
    {
        nanos = (u32::from(a) * 10_000 + u32::from(b) * 100 + u32::from(c)) * 1000;
        (rest, unit) = (after, 100);
    }
    while let [digit @ b'0'..=b'9', after @ ..] = rest {
        nanos += u32::from(digit & 15) * unit;
        unit /= 10;
        rest = after;
    }
    (nanos, rest)
}

/// `Z`, `+HH:MM` or `+HHMM`.
#[inline]
fn offset(input: &[u8]) -> Option<(FixedOffset, &[u8])> {
    let (sign, hours, minutes, rest) = match input {
        [b'Z' | b'z', rest @ ..] => return Some((FixedOffset::east_opt(0)?, rest)),
        [
            sign @ (b'+' | b'-'),
            h1 @ b'0'..=b'9',
            h2 @ b'0'..=b'9',
            rest @ ..,
        ] => match rest.strip_prefix(b":").unwrap_or(rest) {
            [m1 @ b'0'..=b'9', m2 @ b'0'..=b'9', rest @ ..] => {
                (*sign, two(*h1, *h2), two(*m1, *m2), rest)
            }
            _ => return None,
        },
        _ => return None,
    };
    let seconds = (hours * 3600 + minutes * 60) as i32;
    let east = if sign == b'-' { -seconds } else { seconds };
    Some((FixedOffset::east_opt(east)?, rest))
}

/// One or two digits.
fn day(input: &[u8]) -> Option<(u32, &[u8])> {
    match input {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] => Some((two(*tens, *ones), rest)),
        [digit @ b'0'..=b'9', rest @ ..] => Some((u32::from(digit & 15), rest)),
        _ => None,
    }
}

/// The two-digit number that begins at each place of a text with this layout, in which `0` stands for a digit and `_` for
/// anything; only the numbers at two digits mean something.
///
/// All eight bytes are compared and added up in one register: a stamp is in every line, and read digit by digit it took a
/// fifth of the time of a line.
#[inline]
pub(super) fn pairs(text: [u8; 8], layout: [u8; 8]) -> Option<[u8; 8]> {
    let each = |of: fn(u8) -> u8| u64::from_le_bytes(layout.map(of));
    // Digits become 0 to 9, and marks that fit 0.
    let values = (u64::from_le_bytes(text) ^ u64::from_le_bytes(layout))
        & each(|place| if place == b'_' { 0 } else { 0xff });
    let halves = each(|place| if place == b'0' { 0x0f } else { 0 });
    let sixes = each(|place| if place == b'0' { 6 } else { 0 });
    // Six more than a digit still fits its half of the byte.
    let wrong = (values | values.wrapping_add(sixes)) & !halves;
    // 10 × 9 + 9 fits a byte, so no place disturbs another.
    (wrong == 0).then(|| {
        values
            .wrapping_mul(10)
            .wrapping_add(values >> 8)
            .to_le_bytes()
    })
}

/// The number of two digits.
#[inline]
pub(super) fn two(tens: u8, ones: u8) -> u32 {
    u32::from(tens & 15) * 10 + u32::from(ones & 15)
}
