//! Skips what was logged before or after a span, without reading it.
//!
//! A log is nearly in order: daemons write lines some seconds late, clocks are set back, and local stamps jump back an hour in
//! autumn. So everything before a line is skipped only if that line's own stamp is more than two hours ([`SLACK`]) before the moment.
//! That loses no line unless a clock was set back by more than that. Files are skipped by their modification time alike. What is
//! not skipped may still be before the moment: who folds the lines looks at the stamps. What was logged after a moment is skipped alike.

use super::generation::Generation;
use super::reader::line_start;
use super::{Archive, Held};
use crate::model::span::Between;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mailtop_parsers::Calendar;
use std::io::{self, Read};
use std::sync::Arc;

/// How far stamps may go back in a log.
pub const SLACK: TimeDelta = TimeDelta::hours(2);
/// The search ends when the part in question is this small.
const CLOSE: u64 = 256 * 1024;
/// A line with a stamp is looked for in this many bytes.
const WINDOW: usize = 16 * 1024;

impl Archive {
    /// Leaves out what was certainly logged before or after the span. `zone`: of stamps without one.
    #[must_use]
    pub fn within(mut self, between: Between, zone: FixedOffset) -> Self {
        if let Some(before) = between
            .since
            .and_then(|since| since.checked_sub_signed(SLACK))
        {
            self.generations
                .retain(|held| held.generation.size() == 0 || held.generation.modified() >= before);
            for held in self.plain() {
                held.from = search(held, |at| {
                    is(&held.generation, at, zone, |stamp| stamp < before)
                })
                .0;
                held.generation.pass(held.from);
            }
        }
        if let Some(after) = between
            .until
            .and_then(|until| until.checked_add_signed(SLACK))
        {
            self.generations.retain(|held| {
                held.generation
                    .begins()
                    .is_none_or(|begins| begins <= after)
            });
            for held in self.plain() {
                let later = |at| is(&held.generation, at, zone, |stamp| stamp > after);
                held.to = if later(held.from) {
                    held.from
                } else {
                    search(held, |at| !later(at)).1
                };
                held.generation.pass(held.generation.size() - held.to);
            }
        }
        self
    }

    fn plain(&mut self) -> impl Iterator<Item = &mut Held> {
        let held = self.generations.iter_mut();
        held.filter(|held| held.generation.is_plain_file())
    }
}

/// Beginnings of two lines that are near each other: up to the first one, `early` holds; at the second it does not, or the part ends there.
fn search(held: &Held, early: impl Fn(u64) -> bool) -> (u64, u64) {
    let (mut low, mut high, mut top) = (held.from, held.to, held.to);
    while high - low > CLOSE {
        let middle = low + (high - low) / 2;
        match line_start(&held.generation, middle, top) {
            Ok(at) if at < top && early(at) => {
                low = at;
                high = high.max(low);
            }
            Ok(at) => {
                high = middle;
                top = at;
            }
            Err(_) => break,
        }
    }
    (low, top)
}

/// Whether a stamp at an offset is such.
fn is(
    generation: &Arc<Generation>,
    at: u64,
    zone: FixedOffset,
    such: impl Fn(DateTime<Utc>) -> bool,
) -> bool {
    stamp(generation, at, zone).is_some_and(such)
}

/// The stamp of the line at an offset, or of the next one that has any.
fn stamp(generation: &Arc<Generation>, at: u64, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let end = generation.size().min(at + WINDOW as u64);
    stamp_in(generation, zone, || Ok(generation.range(at, end)))
}

/// The first stamp of a file; `None` when it has none at its beginning, or is a stream, of which nothing is taken.
pub(super) fn first_stamp(
    generation: &Arc<Generation>,
    zone: FixedOffset,
) -> Option<DateTime<Utc>> {
    if !generation.is_kept() {
        return None;
    }
    stamp_in(generation, zone, || generation.whole())
}

fn stamp_in<R: Read>(
    generation: &Generation,
    zone: FixedOffset,
    open: impl FnOnce() -> io::Result<R>,
) -> Option<DateTime<Utc>> {
    let calendar = Calendar {
        anchor: generation.modified().with_timezone(&zone),
    };
    let mut text = Vec::new();
    let before = generation.read();
    // What was read before the damage may do; who reads all of it says why.
    let _ = open().and_then(|input| input.take(WINDOW as u64).read_to_end(&mut text));
    // Opening what is packed reads already.
    generation.reset(before);
    text.split(|&byte| byte == b'\n')
        .find_map(|line| mailtop_parsers::parse(line, &calendar).time)
        .map(|time| time.with_timezone(&Utc))
}
