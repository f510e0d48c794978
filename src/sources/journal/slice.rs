//! A slice of the journal's past: what journald received from one moment to another, as a stream of lines.
//!
//! Slices are short at the journal's end, so that the last minutes are there at once, and double towards its beginning. Their edges are
//! exact to the microsecond; the newest one ends with the entry after which the journal is followed. When journalctl(1) dies in the middle, as
//! it may while the journal is vacuumed, it is started again after the last entry that was read.

use super::command::moment;
use super::gather::Gather;
use super::stream::{Stream, Trouble};
use super::{Journal, Mark};
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};
use std::fmt;
use std::io::{self, Read};
use std::sync::atomic::AtomicBool;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
/// The newest slice.
const FIRST: i64 = 5 * MINUTE;
/// The longest one.
const MOST: i64 = 4 * 60 * MINUTE;
/// So often journalctl is started for one slice.
const RUNS: usize = 4;
/// One read.
const CHUNK: usize = 64 * 1024;

/// A slice of the journal.
#[derive(Debug, Clone)]
pub(crate) struct Slice {
    journal: Journal,
    /// The first and the last microsecond, since 1970.
    from: i64,
    to: i64,
    /// The cursor of its last entry, when it ends with the history.
    last: Option<Vec<u8>>,
}

/// Cuts the past from one entry to another into slices, the oldest first.
pub(crate) fn slices(journal: &Journal, oldest: &Mark, newest: &Mark) -> Vec<Slice> {
    let (mut to, mut length) = (newest.received, FIRST);
    let mut last = Some(newest.cursor.clone());
    let mut slices = Vec::new();
    while to >= oldest.received {
        // From a full minute on, so that their names tell where they begin.
        let from = (to - length).div_euclid(MINUTE) * MINUTE;
        slices.push(Slice {
            journal: journal.clone(),
            from,
            to,
            last: last.take(),
        });
        to = from - 1;
        length = (length * 2).min(MOST);
    }
    slices.reverse();
    slices
}

impl Slice {
    /// What it is called: `the journal 10:00-11:00`, with the day when that is not today's.
    pub(crate) fn name(&self, now: DateTime<Utc>) -> String {
        let zone = self.journal.zone;
        let from = time(self.from).with_timezone(&zone);
        let day = if from.date_naive() == now.with_timezone(&zone).date_naive() {
            String::new()
        } else {
            from.format("%b %d ").to_string()
        };
        // The last moment of a slice is that before the next one's first.
        let to = (time(self.to) + TimeDelta::microseconds(1)).with_timezone(&zone);
        format!(
            "the journal {day}{}-{}",
            from.format("%H:%M"),
            to.format("%H:%M")
        )
    }

    /// Its first moment.
    pub(crate) fn begins(&self) -> DateTime<Utc> {
        time(self.from)
    }

    /// Its last moment.
    pub(crate) fn ends(&self) -> DateTime<Utc> {
        time(self.to)
    }

    /// How long it is, in seconds: the measure of progress.
    pub(crate) fn length(&self) -> u64 {
        ((self.to - self.from) / SECOND).max(1).cast_unsigned()
    }

    /// Its lines. `tell` is told how many of its seconds are read.
    pub(crate) fn open<'a>(
        &'a self,
        stop: &'a AtomicBool,
        tell: impl Fn(u64) + Send + 'a,
    ) -> impl Read + Send + 'a {
        let mut gather = Gather::new(self.journal.zone);
        gather.until.clone_from(&self.last);
        Lines {
            slice: self,
            stop,
            tell,
            gather,
            stream: None,
            runs: 0,
            room: vec![0; CHUNK],
            given: 0,
            over: false,
        }
    }
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// The reader of one slice.
struct Lines<'a, T> {
    slice: &'a Slice,
    stop: &'a AtomicBool,
    tell: T,
    gather: Gather,
    stream: Option<Stream>,
    runs: usize,
    room: Vec<u8>,
    /// Bytes of the gathered lines that were given out.
    given: usize,
    over: bool,
}

impl<T: Fn(u64)> Lines<'_, T> {
    /// Reads on from journalctl, starting it where necessary.
    fn more(&mut self) -> Result<(), SafeText> {
        let Self {
            slice,
            gather,
            runs,
            room,
            ..
        } = self;
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                *runs += 1;
                gather.again();
                let begin = gather.after.as_ref().map_or_else(
                    || format!("--since={}", moment(slice.from)),
                    |cursor| format!("--cursor={}", String::from_utf8_lossy(cursor)),
                );
                let until = format!("--until={}", moment(slice.to));
                none.insert(Stream::start(
                    &slice.journal,
                    [begin.as_str(), until.as_str()],
                )?)
            }
        };
        let read = match stream.read(room, self.stop) {
            Ok(read) => read,
            Err(Trouble::Died(_)) if *runs < RUNS => {
                self.stream = None;
                return Ok(());
            }
            Err(trouble) => return Err(trouble.into()),
        };
        gather.take(room.get(..read).unwrap_or_default());
        self.over = read == 0 || gather.over;
        let done = (gather.last.received - slice.from) / SECOND;
        let done = done.max(0).cast_unsigned().min(slice.length());
        (self.tell)(if self.over { slice.length() } else { done });
        if self.over {
            self.stream = None;
        }
        Ok(())
    }

    /// What could not be read, once all that could was given out.
    fn end(&mut self) -> io::Result<usize> {
        match std::mem::take(&mut self.gather.loss).times {
            0 => Ok(0),
            1 => Err(said(SafeText::new("an entry was broken or cut"))),
            times => Err(said(SafeText::from(format!(
                "{times} entries were broken or cut"
            )))),
        }
    }
}

impl<T: Fn(u64)> Read for Lines<'_, T> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        loop {
            let left = self.gather.lines.get(self.given..).unwrap_or_default();
            if !left.is_empty() {
                let count = left.len().min(room.len());
                let target = room.get_mut(..count).unwrap_or_default();
                target.copy_from_slice(left.get(..count).unwrap_or_default());
                self.given += count;
                return Ok(count);
            }
            if self.over {
                return self.end();
            }
            self.gather.lines.clear();
            self.given = 0;
            if let Err(why) = self.more() {
                self.over = true;
                self.stream = None;
                return Err(said(SafeText::from(format!(
                    "{why}; the rest of it is not read"
                ))));
            }
        }
    }
}

/// A full sentence as an error.
#[derive(Debug)]
pub(crate) struct Said(pub(crate) SafeText);

impl Said {
    /// Whether an error is one of these.
    pub(crate) fn is(error: &io::Error) -> bool {
        error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<Self>())
            .is_some()
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Said {}

fn said(why: SafeText) -> io::Error {
    io::Error::other(Said(why))
}
