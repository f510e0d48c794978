//! A whole log at once: a file, a compressed one, or standard input, as records.
//!
//! In comes the path, `-` being standard input; out come the records in order. Stamps without a year are placed by the file's
//! modification time. What it is, is told by its content: gzip, entries of the journal, or lines ([`Records`]). Overlong lines are
//! cut and NUL bytes skipped as everywhere ([`super::tail`]).

mod records;
#[cfg(test)]
mod tests;

pub use records::{Records, each};

use chrono::{DateTime, FixedOffset, Utc};
use flate2::read::MultiGzDecoder;
use mailtop_parsers::{Calendar, Record};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// One read.
const CHUNK: usize = 256 * 1024;

/// How gzip begins (RFC 1952, section 2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// What reading gives.
#[derive(Debug)]
pub enum Step<'a> {
    /// The next record.
    Record(&'a Record<'a>),
    /// All that could be had without waiting has been given: time to show it.
    Pause,
}

/// Reads a log and gives out its records. `now` anchors what has no modification time; `zone` is that of stamps without one.
///
/// # Errors
/// Those of the file, of the decompression, or of `on`.
pub fn read(
    path: &Path,
    now: DateTime<Utc>,
    zone: FixedOffset,
    on: impl FnMut(Step<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let calendar = |anchor: DateTime<Utc>| Calendar {
        anchor: anchor.with_timezone(&zone),
    };
    if path == Path::new("-") {
        return pour(io::stdin().lock(), &calendar(now), on);
    }
    let file = File::open(path)?;
    let anchor = file
        .metadata()
        .and_then(|meta| meta.modified())
        .map_or(now, DateTime::from);
    pour(file, &calendar(anchor), on)
}

fn pour(
    mut input: impl Read,
    calendar: &Calendar,
    on: impl FnMut(Step<'_>) -> io::Result<()>,
) -> io::Result<()> {
    // A pipe may give one byte at a time.
    let mut start = Vec::with_capacity(GZIP.len());
    input
        .by_ref()
        .take(GZIP.len() as u64)
        .read_to_end(&mut start)?;
    let compressed = start == GZIP;
    let input = io::Cursor::new(start).chain(input);
    if compressed {
        pieces(MultiGzDecoder::new(input), calendar, on)
    } else {
        pieces(input, calendar, on)
    }
}

fn pieces(
    mut input: impl Read,
    calendar: &Calendar,
    mut on: impl FnMut(Step<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let mut records = Records::default();
    let mut room = vec![0; CHUNK];
    loop {
        let read = match input.read(&mut room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What was read before the damage is given out.
            Err(error) => {
                records.finish(calendar, |record| on(Step::Record(record)))?;
                return Err(error);
            }
            Ok(0) => break,
            Ok(read) => read,
        };
        let piece = room.get(..read).unwrap_or_default();
        records.take(piece, calendar, |record| on(Step::Record(record)))?;
        on(Step::Pause)?;
    }
    records.finish(calendar, |record| on(Step::Record(record)))?;
    on(Step::Pause)
}
