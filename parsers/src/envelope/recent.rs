//! What a line has in common with those before it: the minute, and the host.
//!
//! Comes in: the start of a line. Goes out: the moment, or the length of the host's word, when they were read before from the same bytes. So a line
//! reads the same with and without a memory; it only takes less time, since a stamp and a host are a quarter of the work of an
//! ordinary line.
//!
//! Deliberately not here: reading anything for the first time.

use super::stamp;
use crate::calendar::Calendar;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike};

/// The bytes of a stamp up to its minute (`2026-06-05T14:09`), and of `Jun  5 14:09:36 `.
const STAMP: usize = 16;
/// The longest host that is remembered.
const HOST: usize = 64;

/// What was read last.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    minute: Option<Minute>,
    second: Option<Second>,
    host: Option<Host>,
}

/// A minute as RFC 3339 writes it.
#[derive(Debug, Clone, Copy)]
struct Minute {
    text: [u8; STAMP],
    /// `+02:00`.
    zone: [u8; 6],
    offset: FixedOffset,
    /// When it began, in UTC.
    date: NaiveDate,
    seconds: u32,
}

/// A second as RFC 3164 writes it, with the blank after it.
#[derive(Debug, Clone, Copy)]
struct Second {
    text: [u8; STAMP],
    calendar: Calendar,
    time: DateTime<FixedOffset>,
}

#[derive(Debug, Clone, Copy)]
struct Host {
    text: [u8; HOST],
    length: usize,
}

/// What follows a stamp, and its moment.
type Stamped<'a> = (&'a [u8], DateTime<FixedOffset>);

impl Recent {
    /// Reads the stamp of a line when one of the same minute was read before.
    #[inline]
    pub(super) fn rfc3339<'a>(&self, line: &'a [u8]) -> Option<Stamped<'a>> {
        let minute = self.minute.as_ref()?;
        let (text, rest) = line.split_first_chunk()?;
        let [b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        if *text != minute.text {
            return None;
        }
        let (nanos, rest) = stamp::fraction(rest);
        let (zone, rest) = rest.split_first_chunk()?;
        if *zone != minute.zone {
            return None;
        }
        let seconds = minute.seconds + stamp::two(*tens, *ones);
        let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?;
        let utc = minute.date.and_time(time);
        Some((
            stamp::following(rest)?,
            DateTime::from_naive_utc_and_offset(utc, minute.offset),
        ))
    }

    /// The stamp at the start of `line` is that moment. An offset that the line does not carry is not remembered, nor is a leap second.
    pub(super) fn remember_minute(&mut self, line: &[u8], time: DateTime<FixedOffset>) {
        let minute = || {
            let (text, rest) = line.split_first_chunk()?;
            let (_, rest) = stamp::fraction(rest.get(3..)?);
            let zone: &[u8; 6] = rest.first_chunk()?;
            let utc = time.naive_utc();
            let whole = matches!(zone, [b'+' | b'-', _, _, b':', ..]);
            (whole && utc.nanosecond() < 1_000_000_000).then(|| Minute {
                text: *text,
                zone: *zone,
                offset: *time.offset(),
                date: utc.date(),
                // An offset that a line carries is one of whole minutes.
                seconds: utc.num_seconds_from_midnight() - utc.second(),
            })
        };
        self.minute = minute();
    }

    /// Reads the stamp of a line when one of the same second was read before.
    #[inline]
    pub(super) fn rfc3164<'a>(&self, line: &'a [u8], calendar: &Calendar) -> Option<Stamped<'a>> {
        let second = self.second.as_ref()?;
        let (text, rest) = line.split_first_chunk()?;
        if *text != second.text || *calendar != second.calendar {
            return None;
        }
        let rest = stamp::unpadded(rest);
        (!rest.is_empty()).then_some((rest, second.time))
    }

    /// The stamp at the start of `line` is that moment; `length`: its bytes.
    pub(super) fn remember_second(
        &mut self,
        line: &[u8],
        length: usize,
        calendar: &Calendar,
        time: DateTime<FixedOffset>,
    ) {
        let text = line
            .first_chunk()
            .filter(|text: &&[u8; STAMP]| length == STAMP - 1 && text.last() == Some(&b' '));
        self.second = text.map(|text| Second {
            text: *text,
            calendar: *calendar,
            time,
        });
    }

    /// The host that a line has after its stamp, and what follows, when it is the one that was read last.
    #[inline]
    pub(super) fn host<'a>(&self, rest: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let known = self.host.as_ref()?;
        let (host, after) = rest.split_at_checked(known.length)?;
        (host == known.text.get(..known.length)? && after.first() == Some(&b' '))
            .then(|| (host, stamp::unpadded(after)))
    }

    /// That word was found to be a host.
    pub(super) fn remember_host(&mut self, host: &[u8]) {
        let mut text = [0; HOST];
        self.host = match text.get_mut(..host.len()) {
            Some(room) => {
                room.copy_from_slice(host);
                let length = host.len();
                Some(Host { text, length })
            }
            None => None,
        };
    }
}
