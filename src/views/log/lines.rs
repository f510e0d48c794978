//! The lines that the log view holds: those that the filter lets through, in order, with what they have in common.
//!
//! In: lines as they are logged, and older ones that were found. Out: lines by their place, and by a number that stays the same when older ones
//! come before them. At most [`MOST`] lines and [`BYTES`] are held: of newer ones the oldest go, and of older ones no more are taken.

use crate::app::filter::{Filter, Logged};
use crate::model::facets::Facets;
use crate::views::Facts;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use mailtop_parsers::{Calendar, Event, Record, Severity, Status};
use std::collections::VecDeque;

/// Lines that are held.
const MOST: usize = 50_000;
/// Bytes of them.
const BYTES: usize = 32 << 20;
/// Lines at the seam of two pieces that are looked at for being the same.
const SEAM: usize = 20_000;

/// How far lines of one log are out of order.
const LATE: TimeDelta = TimeDelta::seconds(10);

/// A line.
#[derive(Debug, Clone)]
struct Held {
    text: Box<[u8]>,
    anchor: DateTime<Utc>,
    time: Option<DateTime<Utc>>,
    trouble: bool,
}

/// The lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    held: VecDeque<Held>,
    bytes: usize,
    /// The number of the first one.
    first: i64,
    facets: Facets,
    looked: u64,
    /// Lines at the end that were logged since the search began: what it finds first may be the same.
    since: usize,
    /// Whether a piece of the answer has come.
    answered: bool,
}

impl Lines {
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// The number of the line at a place.
    pub(super) fn number(&self, at: usize) -> i64 {
        self.first + at as i64
    }

    /// The place of the line of a number, when it is still held.
    pub(super) fn place(&self, number: i64) -> Option<usize> {
        let at = usize::try_from(number - self.first).ok()?;
        (at < self.held.len()).then_some(at)
    }

    /// Lines that were looked at.
    pub(super) fn looked(&self) -> u64 {
        self.looked
    }

    pub(super) fn facets(&self) -> &Facets {
        &self.facets
    }

    /// When the oldest line was logged.
    pub(super) fn begins(&self) -> Option<DateTime<Utc>> {
        self.held.iter().find_map(|line| line.time)
    }

    /// Whether older lines could be held too.
    pub(super) fn has_room(&self) -> bool {
        self.held.len() < MOST && self.bytes < BYTES
    }

    /// How many lines were logged up to a moment.
    pub(super) fn until(&self, until: DateTime<Utc>) -> usize {
        self.held
            .partition_point(|line| line.time.is_none_or(|time| time <= until))
    }

    pub(super) fn is_trouble(&self, at: usize) -> bool {
        self.held.get(at).is_some_and(|line| line.trouble)
    }

    /// The line at a place, as it was logged.
    pub(super) fn text(&self, at: usize) -> Option<&[u8]> {
        self.held.get(at).map(|line| &*line.text)
    }

    /// Reads the line at a place.
    pub(super) fn with<T>(
        &self,
        at: usize,
        zone: FixedOffset,
        read: impl FnOnce(&Record<'_>, &[u8]) -> T,
    ) -> Option<T> {
        let line = self.held.get(at)?;
        let calendar = Calendar {
            anchor: line.anchor.with_timezone(&zone),
        };
        Some(read(
            &mailtop_parsers::parse(&line.text, &calendar),
            &line.text,
        ))
    }

    /// Takes in what was logged: those lines that the filter lets through.
    pub(super) fn newer(
        &mut self,
        lines: &[u8],
        anchor: DateTime<Utc>,
        filter: &Filter,
        until: DateTime<Utc>,
        facts: &Facts<'_>,
    ) {
        let calendar = Calendar {
            anchor: anchor.with_timezone(&facts.model.zone()),
        };
        for line in whole(lines) {
            self.looked += 1;
            let text = mailtop_parsers::secret::masked(line);
            let record = &mailtop_parsers::parse(&text, &calendar);
            let meant = filter.matches(&Logged {
                record,
                line: &text,
                facts: &facts.model.facts,
                until,
            });
            if meant {
                self.facets.add(record);
                let held = held(&text, record, anchor);
                self.bytes += text.len();
                self.held.push_back(held);
                self.since += usize::from(!self.answered);
            }
        }
        while self.held.len() > MOST || self.bytes > BYTES {
            let Some(gone) = self.held.pop_front() else {
                break;
            };
            self.bytes -= gone.text.len();
            self.first += 1;
        }
        self.since = self.since.min(self.held.len());
    }

    /// Takes in what was found before all that is held; the filter has let it through already. `of`: how many lines were looked at.
    pub(super) fn older(
        &mut self,
        lines: &[u8],
        anchor: DateTime<Utc>,
        of: u64,
        facts: &Facts<'_>,
    ) {
        self.looked += of;
        let mut found: Vec<&[u8]> = whole(lines).collect();
        if found.is_empty() {
            return;
        }
        let known = if self.answered {
            self.overlap(&found, self.held.len())
        } else {
            // The first piece ends where the log ends, which is after the first lines that were logged since.
            self.overlap(&found, self.since)
        };
        self.answered = true;
        found.truncate(found.len() - known);
        self.looked -= (known as u64).min(of);
        let calendar = Calendar {
            anchor: anchor.with_timezone(&facts.model.zone()),
        };
        let front = self.held.front().and_then(|line| line.time);
        let mut newest = None;
        for line in found.into_iter().rev() {
            if !self.has_room() {
                break;
            }
            let record = mailtop_parsers::parse(line, &calendar);
            self.facets.add(&record);
            self.bytes += line.len();
            let line = held(line, &record, anchor);
            newest = newest.or(line.time);
            self.held.push_front(line);
            self.first -= 1;
        }
        // Of two logs the second one's end is found after the first one's beginning.
        if newest > front.map(|front| front + LATE) && front.is_some() {
            self.held.make_contiguous().sort_by_key(|line| line.time);
        }
    }

    /// How many of the last lines that were found are the first ones that are held.
    fn overlap(&self, found: &[&[u8]], most: usize) -> usize {
        let most = most.min(found.len()).min(SEAM);
        let Some(first) = self.held.front() else {
            return 0;
        };
        let same = |count: &usize| {
            let tail = found.get(found.len() - count..).unwrap_or_default();
            tail.first().is_some_and(|line| **line == *first.text)
                && tail
                    .iter()
                    .zip(&self.held)
                    .all(|(line, held)| **line == *held.text)
        };
        (1..=most).rev().find(same).unwrap_or(0)
    }
}

fn held(text: &[u8], record: &Record<'_>, anchor: DateTime<Utc>) -> Held {
    Held {
        text: text.into(),
        anchor,
        time: record.time.map(|time| time.to_utc()),
        trouble: is_trouble(record),
    }
}

/// Whether a line tells of something that went wrong.
fn is_trouble(record: &Record<'_>) -> bool {
    let failed = match &record.event {
        Event::Delivery(one) => !matches!(one.status, Status::Sent | Status::Deliverable),
        Event::Expired { .. }
        | Event::SaslFailed { .. }
        | Event::LoginFailed { .. }
        | Event::AuthFailed { .. } => true,
        Event::Saved { failure, .. } => failure.is_some(),
        Event::Verdict(one) => one.verb() == b"reject",
        _ => false,
    };
    failed
        || record
            .severity
            .is_some_and(|severity| severity >= Severity::Warning)
}

/// Whole lines without their newlines.
fn whole(lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
}
