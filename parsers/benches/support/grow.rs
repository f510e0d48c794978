//! A long log from a short one: the same traffic again and again, later each time and with other messages.
//!
//! Comes in: a real log (RFC 3339 or RFC 3164 stamps) and the number of bytes wanted. Goes out: copies of it, one after the
//! other, in which
//!
//! * every copy begins a second after the last one ended, so a log of a few minutes grown to 1 GB spans days;
//! * every queue id is replaced by one that no other copy has, of the same length and kind, wherever it stands as a word, so the
//!   lines of a message still belong together (also `queued as ID` of a content filter and bounces);
//! * every Message-ID has the copy's number in front.
//!
//! The same input gives the same bytes. Deliberately not here: other process ids, sessions or addresses; a log reader that
//! depends on their number has to be measured on another log.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta};
use mailtop_parsers::{Calendar, parse};
use std::collections::HashMap;
use std::io::{self, Write};

/// A log that can be copied.
pub struct Seed<'a> {
    lines: Vec<Line<'a>>,
    ids: Vec<&'a [u8]>,
    span: TimeDelta,
}

struct Line<'a> {
    time: Option<DateTime<FixedOffset>>,
    is_rfc3339: bool,
    pieces: Vec<Piece<'a>>,
}

/// What a line consists of after its stamp.
enum Piece<'a> {
    Text(&'a [u8]),
    /// The index of a queue id.
    Id(usize),
    /// The place in front of a Message-ID.
    Copy,
}

/// Writes at least `size` bytes.
pub fn grow(log: &[u8], size: u64, out: &mut impl Write) -> io::Result<()> {
    let seed = Seed::new(log);
    let mut written = 0;
    for copy in 0.. {
        let mut text = Vec::with_capacity(log.len() * 2);
        seed.copy(copy, &mut text)?;
        if text.is_empty() {
            return Err(io::Error::other("an empty log does not grow"));
        }
        out.write_all(&text)?;
        written += text.len() as u64;
        if written >= size {
            break;
        }
    }
    Ok(())
}

impl<'a> Seed<'a> {
    /// Reads the log.
    pub fn new(log: &'a [u8]) -> Self {
        let calendar = Calendar {
            anchor: DateTime::UNIX_EPOCH.fixed_offset() + TimeDelta::days(365),
        };
        let mut ids = HashMap::new();
        let mut order = Vec::new();
        let raw = log.split_inclusive(|&byte| byte == b'\n');
        for id in raw.clone().filter_map(|line| queue_id(line, &calendar)) {
            ids.entry(id).or_insert_with(|| {
                order.push(id);
                order.len() - 1
            });
        }
        let lines: Vec<Line<'a>> = raw.map(|line| taken_apart(line, &calendar, &ids)).collect();
        let times = || lines.iter().filter_map(|line| line.time);
        let span = times().max().zip(times().min());
        Self {
            span: span.map_or(TimeDelta::zero(), |(last, first)| last - first)
                + TimeDelta::seconds(1),
            lines,
            ids: order,
        }
    }

    /// Appends one copy; number 0 differs from the seed in its ids only.
    pub fn copy(&self, number: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let later = TimeDelta::milliseconds(self.span.num_milliseconds() * number as i64);
        for line in &self.lines {
            match line.time.map(|time| time + later) {
                Some(time) if line.is_rfc3339 => {
                    out.extend(
                        time.to_rfc3339_opts(SecondsFormat::Micros, false)
                            .as_bytes(),
                    );
                }
                Some(time) => write!(out, "{}", time.format("%b %e %H:%M:%S"))?,
                None => {}
            }
            for piece in &line.pieces {
                match *piece {
                    Piece::Text(text) => out.extend(text),
                    Piece::Copy => write!(out, "{number}.")?,
                    Piece::Id(index) => {
                        let serial = number * self.ids.len() as u64 + index as u64;
                        out.extend(
                            self.ids
                                .get(index)
                                .into_iter()
                                .flat_map(|id| renamed(id, serial)),
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

fn queue_id<'a>(line: &'a [u8], calendar: &Calendar) -> Option<&'a [u8]> {
    // The record's id borrows the line, but is reached through the event; its place in the line is the same text.
    let id = parse(line, calendar).event.queue_id()?.to_string();
    let at = memchr::memmem::find(line, id.as_bytes())?;
    line.get(at..at + id.len())
}

fn taken_apart<'a>(line: &'a [u8], calendar: &Calendar, ids: &HashMap<&[u8], usize>) -> Line<'a> {
    let time = parse(line, calendar).time;
    let is_rfc3339 = line.first().is_some_and(u8::is_ascii_digit);
    let stamp = match time {
        None => 0,
        Some(_) if is_rfc3339 => memchr::memchr(b' ', line).unwrap_or(0),
        Some(_) => "Jun  5 14:09:36".len(),
    };
    let (mut pieces, mut rest) = (Vec::new(), line.get(stamp..).unwrap_or_default());
    while !rest.is_empty() {
        let word = rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        // A word, or one byte that is none.
        let (piece, after) = rest.split_at(word.max(1));
        match ids.get(piece) {
            Some(&index) => pieces.push(Piece::Id(index)),
            None => pieces.push(Piece::Text(piece)),
        }
        if piece == b"<"
            && [&b"message-id="[..], b"msgid="]
                .iter()
                .any(|mark| before(line, after, mark))
        {
            pieces.push(Piece::Copy);
        }
        rest = after;
    }
    Line {
        time,
        is_rfc3339,
        pieces,
    }
}

/// Whether a mark and a bracket stand before the end of a line.
fn before(line: &[u8], end: &[u8], mark: &[u8]) -> bool {
    let at = line.len() - end.len() - 1;
    line.get(..at).is_some_and(|text| text.ends_with(mark))
}

/// Another id of the same length and alphabet for each serial number: the number's digits, scattered by an odd factor so that
/// ids do not look like a count. The `z` of a long id, which parts time from inode, stays.
fn renamed(id: &[u8], serial: u64) -> Vec<u8> {
    let hexadecimal = id
        .iter()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
    let alphabet: &[u8] = if hexadecimal {
        b"0123456789ABCDEF"
    } else {
        b"0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxy"
    };
    let base = alphabet.len() as u128;
    let places = id
        .iter()
        .filter(|&&byte| hexadecimal || byte != b'z')
        .count()
        .min(20) as u32;
    // Odd and divisible by neither 3 nor 17, so that the product keeps numbers apart in both bases.
    let mut number = u128::from(serial) * 0x9E37_79B9_7F4A_7C15_F39D % base.pow(places);
    let digit = |byte: u8| {
        if !hexadecimal && byte == b'z' {
            return byte;
        }
        let digit = alphabet[(number % base) as usize];
        number /= base;
        digit
    };
    id.iter().copied().map(digit).collect()
}
