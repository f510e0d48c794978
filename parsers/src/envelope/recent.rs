//! What a line has in common with those before it: the minute, the host, and a tag that a daemon wrote before.
//!
//! Comes in: the start of a line. Goes out: the moment, the host, or what a tag was found to be, when they were read before from the same
//! bytes. So a line reads the same with and without a memory; it only takes less time, since all this is more than a third of the
//! work of an ordinary line.
//!
//! Deliberately not here: reading anything for the first time.

mod known;

use super::Head;
use super::stamp::{self, Moment};
use crate::Speaker;
use crate::calendar::Calendar;
use crate::grammar;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, Timelike};
use known::Known;

/// The bytes of a stamp up to its minute (`2026-06-05T14:09`), and of `Jun  5 14:09:36 `.
const STAMP: usize = 16;
/// Places for tags; a log has a dozen or two.
const TAGS: usize = 64;

/// What was read last.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    minute: Option<Minute>,
    second: Option<Second>,
    /// The host and the blank after it.
    host: Option<Known>,
    /// By [`place`].
    tags: Option<Box<[Option<Tag>; TAGS]>>,
}

/// A minute as RFC 3339 writes it.
#[derive(Debug, Clone, Copy)]
struct Minute {
    text: [u8; STAMP],
    /// The zone behind two digits, `00+02:00`.
    zone: [u8; 8],
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

/// A tag up to the bracket before the process id, `postfix/submission/smtpd[`, or with its colon where it has none, `dovecot:`.
#[derive(Debug, Clone, Copy)]
struct Tag {
    text: Known,
    numbered: bool,
    speaker: Speaker,
}

/// What follows a stamp, and its moment.
type Stamped<'a> = (&'a [u8], Moment);

impl Minute {
    /// The minute of a line whose stamp is that moment.
    fn of(line: &[u8], time: DateTime<FixedOffset>) -> Option<Self> {
        let (text, rest) = line.split_first_chunk()?;
        let (_, rest) = stamp::fraction(rest.get(3..)?);
        let mut zone = [b'0'; 8];
        *zone.last_chunk_mut()? = *rest.first_chunk::<6>()?;
        let utc = time.naive_utc();
        let whole = matches!(zone, [.., b'+' | b'-', _, _, b':', _, _]);
        (whole && utc.nanosecond() < 1_000_000_000).then(|| Self {
            text: *text,
            zone,
            offset: *time.offset(),
            date: utc.date(),
            // An offset that a line carries is one of whole minutes.
            seconds: utc.num_seconds_from_midnight() - utc.second(),
            second: time.timestamp() - i64::from(utc.second()),
        })
    }

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

    /// A stamp as rsyslog and postlogd write it, with microseconds: of one length, and so read without looking for its parts.
    #[inline]
    fn micros<'a>(&self, line: &'a [u8]) -> Option<Stamped<'a>> {
        const LENGTH: usize = STAMP + 16;
        // One look at the length; what follows is at fixed places of it.
        let (head, after) = line.split_first_chunk::<LENGTH>()?;
        let (text, rest) = head.split_first_chunk::<STAMP>()?;
        let (clock, tail) = rest.split_first_chunk()?;
        let same = u128::from_ne_bytes(*text) == u128::from_ne_bytes(self.text);
        // The last digits of the fraction become 0 to 9, and a zone that is the same 0.
        let tail = u64::from_le_bytes(*tail.first_chunk()?) ^ u64::from_le_bytes(self.zone);
        let [tens @ 0..=9, ones @ 0..=9, 0, 0, 0, 0, 0, 0] = tail.to_le_bytes() else {
            return None;
        };
        if !same {
            return None;
        }
        let [_, second, _, _, tenths, _, mills, _] = stamp::pairs(*clock, *b":00.0000")?;
        let nanos = (u32::from(tenths) * 100 + u32::from(mills)) * 100 + stamp::two(tens, ones);
        self.at(second.into(), nanos * 1000, after)
    }

    #[inline(never)]
    fn any<'a>(&self, line: &'a [u8]) -> Option<Stamped<'a>> {
        let (text, rest) = line.split_first_chunk()?;
        if u128::from_ne_bytes(*text) != u128::from_ne_bytes(self.text) {
            return None;
        }
        let [b':', tens @ b'0'..=b'5', ones @ b'0'..=b'9', rest @ ..] = rest else {
            return None;
        };
        let (nanos, rest) = stamp::fraction(rest);
        let (zone, rest) = rest.split_first_chunk::<6>()?;
        if Some(zone) != self.zone.last_chunk() {
            return None;
        }
        self.at(stamp::two(*tens, *ones), nanos, rest)
    }
}

impl Recent {
    /// Reads the head of a line that has its minute, its host and its tag in common with lines before.
    #[inline]
    pub(super) fn head<'a>(
        &self,
        line: &'a [u8],
        calendar: &Calendar,
    ) -> Option<(Moment, Head<'a>)> {
        let (rest, moment) = self
            .rfc3339(line)
            .or_else(|| self.rfc3164(line, calendar))?;
        let (host, after) = self.host(rest)?;
        Some((moment, self.tag(host, after)?))
    }

    /// Reads the stamp of a line when one of the same minute was read before.
    #[inline]
    pub(super) fn rfc3339<'a>(&self, line: &'a [u8]) -> Option<Stamped<'a>> {
        let minute = self.minute.as_ref()?;
        minute.micros(line).or_else(|| minute.any(line))
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
        let (host, after) = self.host.as_ref()?.split(rest)?;
        let (_, host) = host.split_last()?;
        Some((host, stamp::unpadded(after)))
    }

    /// That word at the start of `rest` was found to be a host. A third stamp is taken for one too, but is no host where it is the second, and
    /// so is not remembered. (Behind a month's name stands a day, which is no tag.)
    pub(super) fn remember_host(&mut self, host: &[u8], rest: &[u8]) {
        let text = rest.get(..=host.len()).filter(|text| text.ends_with(b" "));
        self.host = text
            .filter(|_| !stamp::begins_with_date(host))
            .and_then(Known::new);
    }

    /// Reads the tag at the start of `after`, and what follows the blanks behind it, when it was read before.
    #[inline]
    pub(super) fn tag<'a>(&self, host: &'a [u8], after: &'a [u8]) -> Option<Head<'a>> {
        let tag = self.tags.as_ref()?.get(place(after)?)?.as_ref()?;
        let (text, rest) = tag.text.split(after)?;
        let (_, program) = text.split_last()?;
        let (pid, text) = if tag.numbered {
            let (pid, rest) = grammar::leading_number(rest)?;
            let [b']', b':', b' ', text @ ..] = rest else {
                return None;
            };
            (Some(u32::try_from(pid).ok()?), text)
        } else {
            let [b' ', text @ ..] = rest else { return None };
            (None, text)
        };
        Some(Head {
            host: Some(host),
            program,
            pid,
            speaker: Some(tag.speaker),
            text: stamp::unpadded(text),
        })
    }

    /// The tag at the start of `after` was found to be that.
    pub(super) fn remember_tag(&mut self, after: &[u8], head: &Head<'_>, speaker: Speaker) {
        let tags = self.tags.get_or_insert_with(|| Box::new([None; TAGS]));
        let place = place(after).and_then(|place| tags.get_mut(place));
        let text = after.get(..=head.program.len()).and_then(Known::new);
        if let (Some(place), Some(text)) = (place, text) {
            let numbered = head.pid.is_some();
            *place = Some(Tag {
                text,
                numbered,
                speaker,
            });
        }
    }
}

/// Where a tag is remembered: by the five bytes that follow `postfix/`, where its daemons differ.
fn place(after: &[u8]) -> Option<usize> {
    let (_, rest) = after.first_chunk::<16>()?.split_first_chunk::<8>()?;
    let bytes = u64::from_le_bytes(*rest.first_chunk()?) << 24;
    // Multiplicative hashing: the high bits depend on all bytes (Knuth, volume 3, section 6.4).
    Some((bytes.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize)
}
