//! A segment: whole lines that follow one another, read by one thread in one go.
//!
//! A plain file is cut into ranges of bytes at line ends, so that a line belongs to the range that it begins in; what is packed, a slice of the journal, or a
//! pipe, is one segment, because it can only be read from its beginning.

use super::cut::{Room, whole_lines};
use super::generation::Generation;
use super::reader::line_start;
use super::{Archive, Held, Remark};
use chrono::{DateTime, Utc};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Lines on their way into a fold.
#[derive(Debug, Clone, Copy)]
pub struct Piece<'a> {
    /// Whole lines, each ended by `\n`. Bytes as logged, but no line is longer than 64 KiB and no NUL run is kept.
    pub lines: &'a [u8],
    /// The newest plausible moment of these lines: the file's modification time.
    pub anchor: DateTime<Utc>,
    /// The file they are from.
    pub file: &'a Generation,
}

/// What of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// From a line's beginning to a line's end.
    Range(u64, u64),
    /// All of it, from its beginning.
    Whole,
    /// All of a slice of the journal.
    Slice,
}

/// Whole lines that follow one another.
#[derive(Debug, Clone)]
pub struct Segment {
    pub(super) generation: Arc<Generation>,
    /// Which part.
    pub part: Part,
}

impl Segment {
    /// The file it is of.
    pub fn file(&self) -> &Generation {
        &self.generation
    }

    /// Gives out its lines in order. Ends early when `stop` is set.
    ///
    /// # Errors
    /// Why it, or the rest of it, could not be read. Overlong lines that were cut are no error.
    pub(super) fn read(
        &self,
        room: &mut Room,
        stop: &AtomicBool,
        mut on: impl FnMut(Piece<'_>),
    ) -> Result<(), Remark> {
        let generation = &*self.generation;
        let mut given = false;
        let mut take = |lines: &[u8]| {
            if stop.load(Ordering::Relaxed) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            if !lines.is_empty() {
                given = true;
                on(Piece {
                    lines,
                    anchor: generation.modified(),
                    file: generation,
                });
            }
            Ok(())
        };
        let result = match self.part {
            Part::Range(from, to) => {
                whole_lines(self.generation.range(from, to), room, &mut take).1
            }
            Part::Slice => generation.slice().map_or(Ok(()), |slice| {
                let lines = slice.open(stop, |seconds| generation.reset(seconds));
                whole_lines(lines, room, &mut take).1
            }),
            Part::Whole => self
                .generation
                .whole()
                .and_then(|input| whole_lines(input, room, &mut take).1),
        };
        match result {
            Err(error) if !stop.load(Ordering::Relaxed) => {
                Err(Remark::of_error(generation.path(), &error, given))
            }
            _ => Ok(()),
        }
    }
}

impl Archive {
    /// All of it in the order of time, plain files in ranges of about `size` bytes.
    pub fn segments(&self, size: u64) -> Vec<Segment> {
        self.generations
            .iter()
            .flat_map(|held| ranges(held, |_| size))
            .collect()
    }

    /// All of it, the newest first: ranges of `first` bytes at the end of the history, doubling up to `most` towards its beginning.
    pub fn newest_first(&self, first: u64, most: u64) -> Vec<Segment> {
        let mut size = first.max(1);
        let mut segments = Vec::new();
        for held in self.generations.iter().rev() {
            let mut sizes = Vec::new();
            let mut left = held.to - held.from;
            while left > 0 {
                let now = if left < size + size / 2 { left } else { size };
                sizes.push(now);
                left -= now;
                size = size.saturating_mul(2).min(most);
            }
            let mut ranges = ranges(held, |index| {
                let from_end = sizes.len().saturating_sub(index + 1);
                sizes.get(from_end).copied().unwrap_or(most)
            });
            ranges.reverse();
            segments.append(&mut ranges);
        }
        segments
    }
}

/// Cuts a file into parts; `size` gives the bytes of the first, the second and so on.
fn ranges(held: &Held, size: impl Fn(usize) -> u64) -> Vec<Segment> {
    let generation = &held.generation;
    let segment = |part| Segment {
        generation: Arc::clone(generation),
        part,
    };
    if generation.slice().is_some() {
        return vec![segment(Part::Slice)];
    }
    if !generation.is_plain_file() {
        return vec![segment(Part::Whole)];
    }
    let end = held.to;
    let (mut from, mut target) = (held.from, held.from);
    let mut segments = Vec::new();
    for index in 0.. {
        if from >= end {
            break;
        }
        target = target.saturating_add(size(index).max(1));
        // When the file cannot be read here, reading the segment says so.
        let to = line_start(generation, target.max(from + 1), end).unwrap_or(end);
        segments.push(segment(Part::Range(from, to)));
        from = to;
    }
    segments
}
