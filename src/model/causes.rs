//! Causes: why mail was deferred or bounced, equal reasons folded to one, over the whole span that is known.
//!
//! Attempts are counted, not messages.

use crate::model::reasons::Reason;
use crate::model::table::{Join, Table};
use chrono::{DateTime, Utc};
use mailtop_parsers::Status;
use std::sync::Arc;

/// Causes counted apart; a hostile server can invent one for every attempt.
pub const CAUSES: usize = 5_000;
/// Domains counted apart for one cause.
const DOMAINS: usize = 100;

/// One cause.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cause {
    /// Attempts.
    pub count: u64,
    /// The first and the last time.
    pub seen: Span,
    /// Attempts by recipient domain.
    pub domains: Table<u64, DOMAINS>,
    /// What the log said the first time, taken apart, and what became of the recipient.
    pub sample: Option<(Status, Arc<Reason>)>,
}

/// By status and folded reason: `deferred 421 4.7.0 [TSS04] …`.
pub type Causes = Table<Cause, CAUSES>;

impl Join for Cause {
    fn join(&mut self, newer: Self) {
        self.count += newer.count;
        self.seen.join(newer.seen);
        self.domains.join(newer.domains);
        self.sample = self.sample.take().or(newer.sample);
    }
}

/// The first and the last time that something was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The earliest.
    pub first: Option<DateTime<Utc>>,
    /// The latest.
    pub last: Option<DateTime<Utc>>,
}

impl Span {
    /// It was seen at `time`.
    pub fn add(&mut self, time: DateTime<Utc>) {
        // A line is nearly always the newest so far.
        if self.last.is_none_or(|last| last <= time) {
            self.last = Some(time);
            self.first.get_or_insert(time);
        } else if self.first.is_none_or(|first| time < first) {
            self.first = Some(time);
        }
    }
}

impl Join for Span {
    fn join(&mut self, newer: Self) {
        self.first = self.first.into_iter().chain(newer.first).min();
        self.last = self.last.max(newer.last);
    }
}
