//! What a line has in common with those before it: the minute, the host, and a tag that a daemon wrote before.
//!
//! Comes in: the start of a line. Goes out: the moment, the host, or what a tag was found to be, when they were read before from the same
//! bytes. So a line reads the same with and without a memory; it only takes less time, since all this is more than a third of the
//! work of an ordinary line.
//!
//! Deliberately not here: reading anything for the first time.

use super::stamp::{self, Moment};
use crate::Speaker;
use crate::calendar::Calendar;
use crate::grammar;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike};

/// The bytes of a stamp up to its minute (`2026-06-05T14:09`), and of `Jun  5 14:09:36 `.
const STAMP: usize = 16;
/// The longest host that is remembered.
const HOST: usize = 64;
/// The longest tag that is remembered.
const TAG: usize = 48;
/// Places for tags; a log has a dozen or two.
const TAGS: usize = 64;

/// What was read last.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    minute: Option<Minute>,
    second: Option<Second>,
    host: Option<Host>,
    /// By [`place`].
    tags: Vec<Tag>,
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
    /// Since midnight.
    seconds: u32,
    /// Since 1970.
    second: i64,
}

/// A second as RFC 3164 writes it, with the blank after it.
#[derive(Debug, Clone, Copy)]
struct Second {
    text: [u8; STAMP],
    calendar: Calendar,
    moment: Moment,
}

#[derive(Debug, Clone, Copy)]
struct Host {
    text: [u8; HOST],
    length: usize,
}

/// A tag up to the bracket before the process id, `postfix/submission/smtpd[`, or with its colon where it has none, `dovecot:`.
#[derive(Debug, Clone, Copy)]
struct Tag {
    text: [u8; TAG],
    /// 0 where none is remembered.
    length: usize,
    speaker: Speaker,
}

/// What a tag is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) program: &'a [u8],
    pub(super) pid: Option<u32>,
    pub(super) speaker: Speaker,
}

impl Minute {
    /// The moment in it, and what follows. `None` for what is no second of an ordinary minute.
    #[inline]
    fn at<'a>(&self, second: u32, nanos: u32, rest: &'a [u8]) -> Option<Stamped<'a>> {
        let seconds = (second < 60).then(|| self.seconds + second)?;
        let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos)?;
        let utc = self.date.and_time(time);
        let moment = Moment {
            time: DateTime::from_naive_utc_and_offset(utc, self.offset),
            second: self.second + i64::from(second),
        };
        Some((stamp::following(rest)?, moment))
    }
}

/// What follows a stamp, and its moment.
type Stamped<'a> = (&'a [u8], Moment);

impl Minute {
    /// The minute of a line whose stamp is that moment.
    fn of(line: &[u8], time: DateTime<FixedOffset>) -> Option<Self> {
        let (text, rest) = line.split_first_chunk()?;
        let (_, rest) = stamp::fraction(rest.get(3..)?);
        let zone: &[u8; 6] = rest.first_chunk()?;
        let utc = time.naive_utc();
        let whole = matches!(zone, [b'+' | b'-', _, _, b':', ..]);
        (whole && utc.nanosecond() < 1_000_000_000).then(|| Self {
            text: *text,
            zone: *zone,
            offset: *time.offset(),
            date: utc.date(),
            // An offset that a line carries is one of whole minutes.
            seconds: utc.num_seconds_from_midnight() - utc.second(),
            second: time.timestamp() - i64::from(utc.second()),
        })
    }
}

impl Recent {
    /// Reads the stamp of a line when one of the same minute was read before.
    #[inline]
    pub(super) fn rfc3339<'a>(&self, line: &'a [u8]) -> Option<Stamped<'a>> {
        let minute = self.minute.as_ref()?;
        Self::micros(minute, line).or_else(|| Self::any(minute, line))
    }

    /// A stamp as rsyslog and postlogd write it, with microseconds: of one length, and so read without looking for its parts.
    #[inline]
    fn micros<'a>(minute: &Minute, line: &'a [u8]) -> Option<Stamped<'a>> {
        const LENGTH: usize = STAMP + 16;
        // One look at the length; what follows is at fixed places of it.
        let (head, after) = line.split_first_chunk::<LENGTH>()?;
        let (text, rest) = head.split_first_chunk::<STAMP>()?;
        let (clock, rest) = rest.split_first_chunk()?;
        let ([tens @ b'0'..=b'9', ones @ b'0'..=b'9'], rest) = rest.split_first_chunk()? else {
            return None;
        };
        let same = u128::from_ne_bytes(*text) == u128::from_ne_bytes(minute.text);
        if !same || rest != minute.zone {
            return None;
        }
        let [_, second, _, _, tenths, _, mills, _] = stamp::pairs(*clock, *b":00.0000")?;
        let nanos = (u32::from(tenths) * 100 + u32::from(mills)) * 100 + stamp::two(*tens, *ones);
        minute.at(second.into(), nanos * 1000, after)
    }

    fn any<'a>(minute: &Minute, line: &'a [u8]) -> Option<Stamped<'a>> {
        let (text, rest) = line.split_first_chunk()?;
        if u128::from_ne_bytes(*text) != u128::from_ne_bytes(minute.text) {
            return None;
        }
        let [b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        let (nanos, rest) = stamp::fraction(rest);
        let (zone, rest) = rest.split_first_chunk()?;
        if *zone != minute.zone {
            return None;
        }
        minute.at(stamp::two(*tens, *ones), nanos, rest)
    }

    /// The stamp at the start of `line` is that moment. An offset that the line does not carry is not remembered, nor is a leap second.
    pub(super) fn remember_minute(&mut self, line: &[u8], time: DateTime<FixedOffset>) {
        self.minute = Minute::of(line, time);
    }

    /// Reads the stamp of a line when one of the same second was read before.
    #[inline]
    pub(super) fn rfc3164<'a>(&self, line: &'a [u8], calendar: &Calendar) -> Option<Stamped<'a>> {
        let second = self.second.as_ref()?;
        let (text, rest) = line.split_first_chunk()?;
        let same = u128::from_ne_bytes(*text) == u128::from_ne_bytes(second.text);
        if !same || *calendar != second.calendar {
            return None;
        }
        let rest = stamp::unpadded(rest);
        (!rest.is_empty()).then_some((rest, second.moment))
    }

    /// The stamp at the start of `line` is that moment; `length`: its bytes.
    pub(super) fn remember_second(
        &mut self,
        line: &[u8],
        length: usize,
        calendar: &Calendar,
        moment: Moment,
    ) {
        let text = line
            .first_chunk()
            .filter(|text: &&[u8; STAMP]| length == STAMP - 1 && text.last() == Some(&b' '));
        self.second = text.map(|text| Second {
            text: *text,
            calendar: *calendar,
            moment,
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

    /// The tag at the start of `after`, and what follows the blanks behind it.
    #[inline]
    pub(super) fn tag<'a>(&self, after: &'a [u8]) -> Option<(Known<'a>, &'a [u8])> {
        let tag = self.tags.get(place(after)?)?;
        let (text, rest) = after.split_at_checked(tag.length)?;
        if text != tag.text.get(..tag.length)? {
            return None;
        }
        let (last, program) = text.split_last()?;
        let (pid, rest) = if *last == b'[' {
            let (pid, rest) = grammar::leading_number(rest)?;
            (Some(u32::try_from(pid).ok()?), rest.strip_prefix(b"]:")?)
        } else {
            (None, rest)
        };
        let known = Known {
            program,
            pid,
            speaker: tag.speaker,
        };
        let [b' ', ..] = rest else { return None };
        Some((known, stamp::unpadded(rest)))
    }

    /// The tag at the start of `after` was found to be that.
    pub(super) fn remember_tag(&mut self, after: &[u8], known: Known<'_>) {
        if self.tags.is_empty() {
            let none = Tag {
                text: [0; TAG],
                length: 0,
                speaker: Speaker::Other,
            };
            self.tags.resize(TAGS, none);
        }
        let length = known.program.len() + 1;
        let place = place(after).and_then(|place| self.tags.get_mut(place));
        if let Some(tag) = place
            && let Some(text) = after.get(..length)
            && let Some(room) = tag.text.get_mut(..length)
        {
            room.copy_from_slice(text);
            (tag.length, tag.speaker) = (length, known.speaker);
        }
    }
}

/// Where a tag is remembered: by the five bytes that follow `postfix/`, where its daemons differ.
fn place(after: &[u8]) -> Option<usize> {
    let (_, rest) = after.split_first_chunk::<8>()?;
    let bytes = u64::from_le_bytes(*rest.first_chunk()?) << 24;
    // Multiplicative hashing: the high bits depend on all bytes (Knuth, volume 3, section 6.4).
    Some((bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize)
}
