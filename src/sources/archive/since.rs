//! Skips what was logged before a moment, without reading it.
//!
//! A log is nearly in order: daemons write lines some seconds late, clocks are set back, and local stamps jump back an hour in
//! autumn. So everything before a line is skipped only if that line's own stamp is more than two hours ([`SLACK`]) before the moment.
//! That loses no line unless a clock was set back by more than that. Files are skipped by their modification time alike. What is
//! not skipped may still be before the moment: the reader looks at the stamps.

use super::generation::{Generation, line_start};
use super::{Archive, Held};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mailtop_parsers::Calendar;
use std::io::Read;
use std::sync::Arc;

/// How far stamps may go back in a log.
pub const SLACK: TimeDelta = TimeDelta::hours(2);
/// The search ends when the part in question is this small.
const CLOSE: u64 = 256 * 1024;
/// A line with a stamp is looked for in this many bytes.
const WINDOW: usize = 16 * 1024;

impl Archive {
    /// Leaves out what was certainly logged before `since`. `zone`: of stamps without one.
    #[must_use]
    pub fn since(mut self, since: DateTime<Utc>, zone: FixedOffset) -> Self {
        let Some(before) = since.checked_sub_signed(SLACK) else {
            return self;
        };
        self.generations
            .retain(|held| held.generation.size() == 0 || held.generation.modified() >= before);
        for held in &mut self.generations {
            if held.generation.is_plain_file() {
                held.from = search(held, before, zone);
                held.generation.pass(held.from);
            }
        }
        self
    }
}

/// The latest beginning of a line that may be skipped to.
fn search(held: &Held, before: DateTime<Utc>, zone: FixedOffset) -> u64 {
    let generation = &held.generation;
    let (mut low, mut high) = (held.from, generation.size());
    while high - low > CLOSE {
        let middle = low + (high - low) / 2;
        match line_start(generation, middle, high) {
            Ok(at)
                if at < high && stamp(generation, at, zone).is_some_and(|stamp| stamp < before) =>
            {
                low = at;
            }
            _ => high = middle,
        }
    }
    low
}

/// The stamp of the line at an offset, or of the next one that has any.
fn stamp(generation: &Arc<Generation>, at: u64, zone: FixedOffset) -> Option<DateTime<Utc>> {
    let calendar = Calendar {
        anchor: generation.modified().with_timezone(&zone),
    };
    let mut text = Vec::new();
    let before = generation.read();
    let end = generation.size().min(at + WINDOW as u64);
    generation.range(at, end).read_to_end(&mut text).ok()?;
    generation.reset(before);
    text.split(|&byte| byte == b'\n')
        .find_map(|line| mailtop_parsers::parse(line, &calendar).time)
        .map(|time| time.with_timezone(&Utc))
}
