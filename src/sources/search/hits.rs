//! What of a segment of a log is found: lines with a needle, or lines that a filter lets through.
//!
//! In: pieces of whole lines, in order. Out: the newest lines of the segment, at most [`Most`] of them. A text that no line
//! without it can pass is found before any line is parsed.

use super::needles::Needles;
use super::{MOST, Most, TYPICAL};
use crate::app::effect::Search;
use crate::knowledge::Knowledge;
use crate::model::facts::Facts;
use crate::sources::archive::Piece;
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::Calendar;
use memchr::{memchr, memchr_iter};
use std::collections::VecDeque;

/// A line with a needle.
pub(super) struct Hit {
    /// Where it begins in the segment.
    pub(super) offset: usize,
    pub(super) text: Box<[u8]>,
    pub(super) anchor: DateTime<Utc>,
}

/// The lines of a segment that hold a needle.
#[derive(Default)]
pub(super) struct Hits {
    pub(super) lines: VecDeque<Hit>,
    /// Whether older ones were left out.
    pub(super) cut: bool,
    /// Bytes of the segment that were looked at.
    looked: usize,
    bytes: usize,
}

impl Hits {
    pub(super) fn take(&mut self, needles: &Needles, piece: &Piece<'_>, most: Most) {
        needles.lines(piece.lines, |at, text| {
            self.bytes += text.len();
            self.lines.push_back(Hit {
                offset: self.looked + at,
                text: text.into(),
                anchor: piece.anchor,
            });
            while self.lines.len() > most.lines || self.bytes > most.bytes {
                let gone = self.lines.pop_front();
                self.bytes -= gone.map_or(0, |gone| gone.text.len());
                self.cut = true;
            }
        });
        self.looked += piece.lines.len();
    }
}

/// What lines are held against.
pub(super) struct Sieve<'a> {
    search: &'a Search,
    needles: Option<Needles>,
    facts: Facts,
    now: DateTime<Utc>,
}

impl<'a> Sieve<'a> {
    /// Who runs which domain is known here as far as a line itself tells it.
    pub(super) fn new(search: &'a Search, zone: FixedOffset, now: DateTime<Utc>) -> Self {
        let literal = search.literal();
        Self {
            search,
            needles: literal.and_then(|text| Needles::part(&text, TYPICAL)),
            facts: Facts::new(Knowledge::builtin(), zone),
            now,
        }
    }
}

/// The lines of a segment that a filter lets through.
#[derive(Default)]
pub(super) struct Kept {
    lines: VecDeque<Box<[u8]>>,
    bytes: usize,
    pub(super) anchor: Option<DateTime<Utc>>,
    /// Lines that were looked at.
    pub(super) of: u64,
    /// Whether older ones were left out.
    pub(super) cut: bool,
}

impl Kept {
    pub(super) fn take(&mut self, sieve: &Sieve<'_>, lines: &[u8], anchor: DateTime<Utc>) {
        self.anchor = self.anchor.max(Some(anchor));
        self.of += memchr_iter(b'\n', lines).count() as u64;
        let calendar = Calendar {
            anchor: anchor.with_timezone(&sieve.facts.zone()),
        };
        if let Some(needles) = &sieve.needles {
            needles.lines(lines, |_, line| self.line(sieve, &calendar, line));
            return;
        }
        let mut rest = lines;
        while let Some(end) = memchr(b'\n', rest) {
            let (line, next) = rest.split_at(end);
            self.line(sieve, &calendar, line);
            rest = next.get(1..).unwrap_or_default();
        }
    }

    fn line(&mut self, sieve: &Sieve<'_>, calendar: &Calendar, line: &[u8]) {
        if !(sieve.search).keeps(line, calendar, &sieve.facts, sieve.now) {
            return;
        }
        self.bytes += line.len() + 1;
        self.lines
            .push_back(mailtop_parsers::secret::masked(line).into());
        while self.lines.len() > MOST.lines || self.bytes > MOST.bytes {
            let gone = self.lines.pop_front();
            self.bytes -= gone.map_or(0, |gone| gone.len() + 1);
            self.cut = true;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.lines.len()
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The lines, each ended by `\n`.
    pub(super) fn into_lines(self) -> Vec<u8> {
        let mut all = Vec::with_capacity(self.bytes);
        for line in self.lines {
            all.extend_from_slice(&line);
            all.push(b'\n');
        }
        all
    }
}
