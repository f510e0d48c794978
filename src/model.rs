//! The facts: what is known of the mail system, pure and without a clock.
//!
//! Raw log lines, pieces of listings, host figures, source reports and receipts go in, each with its own method; what the
//! views show comes out by reference. Time is told by [`Model::tick`]. Nothing here knows of a screen, a file or a process.

pub mod accounts;
pub mod alarms;
pub mod attempts;
pub mod auth_failures;
pub mod causes;
pub mod command_line;
pub mod destinations;
pub mod door;
pub mod dovecot;
pub mod events;
pub mod facets;
pub mod facts;
pub mod feeds;
pub mod groups;
pub mod growth;
pub mod headroom;
pub mod histogram;
pub mod history;
pub mod host;
pub mod identity;
pub mod journal;
pub mod kept;
pub mod ledger;
pub mod limits;
pub mod minute;
pub mod minutes;
pub mod moments;
pub mod onsets;
pub mod outlook;
pub mod parties;
pub mod providers;
pub mod queue;
pub mod reasons;
pub mod refusals;
pub mod settings;
pub mod span;
pub mod standing;
pub mod stuck;
pub mod table;
pub mod thresholds;
pub mod trace;
pub mod traffic;
pub mod unrecognized;
pub mod warnings;

use crate::knowledge::Knowledge;
use crate::safe_text::SafeText;
use attempts::Attempts;
use chrono::{DateTime, FixedOffset, Utc};
use dovecot::who::Who;
use events::Kind;
use facts::{Facts, Told};
use feeds::{Feed, FeedReport, FeedState, Feeds, Loss, Source};
use host::Host;
use journal::Receipt;
use limits::Limits;
use queue::Queue;
use settings::Settings;
use std::fmt;
use std::time::Duration;

/// Receipts kept.
const RECEIPTS: usize = 100;
/// Seconds without any log line after which the silence is worth a question.
pub(crate) const SILENCE: i64 = 300;

/// An older log file that is being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Its name without the directory.
    pub file: SafeText,
    /// Hundredths of it that are read.
    pub percent: u64,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading {} {} %", self.file, self.percent)
    }
}

/// Everything that is known.
#[derive(Debug, Clone)]
pub struct Model {
    now: DateTime<Utc>,
    /// What the logs have told.
    pub facts: Facts,
    /// Which older file is being read, and how far; `None` when all is read.
    pub reading: Option<Reading>,
    /// The queue as last listed.
    pub queue: Queue,
    /// The host's figures.
    pub host: Host,
    /// The state of every source.
    pub feeds: Feeds,
    /// What Postfix is set to; `None` before it is told.
    pub settings: Option<Settings>,
    /// How many processes Postfix and Dovecot allow, and what else they stop at.
    pub limits: Limits,
    /// When deferred messages are tried again; `None` before it is told.
    pub attempts: Option<Attempts>,
    /// Who is connected to Dovecot; `None` before it is told, and where there is no `doveadm`.
    pub who: Option<Who>,
    /// What was done to the queue, newest last.
    pub receipts: Vec<Receipt>,
}

impl Model {
    /// A model that knows nothing yet. `zone` is the offset of stamps that carry none.
    pub fn new(knowledge: &'static Knowledge, zone: FixedOffset) -> Self {
        Self {
            now: DateTime::default(),
            facts: Facts::new(knowledge, zone),
            reading: None,
            queue: Queue::default(),
            host: Host::default(),
            feeds: Feeds::default(),
            settings: None,
            limits: Limits::default(),
            attempts: None,
            who: None,
            receipts: Vec::new(),
        }
    }

    /// The time, as last told.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The offset of local time.
    pub fn zone(&self) -> FixedOffset {
        self.facts.zone()
    }

    /// What the logs have told.
    pub fn told(&self) -> &Told {
        self.facts.told()
    }

    /// When the newest log line was written.
    pub fn last_line(&self) -> Option<DateTime<Utc>> {
        self.told().seen.last
    }

    /// Time passed.
    pub fn tick(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    /// Whole log lines, each ended by `\n`. `anchor` is the newest moment that a stamp without a year can mean.
    pub fn log(&mut self, lines: &[u8], anchor: DateTime<Utc>) {
        self.facts.lines(lines, anchor.max(self.now));
    }

    /// What was logged before all that is known from that log.
    pub fn past(&mut self, mut older: Facts) {
        std::mem::swap(&mut self.facts, &mut older);
        let newer = older;
        self.facts.join(newer);
    }

    /// A file of the past, or a part of it, cannot be read.
    pub fn unread(&mut self, log: Box<str>, why: &SafeText, bytes: u64) {
        let events = &mut self.facts.told_mut().events;
        events.add(Kind::Source, self.now, 1, why.as_str(), || why.clone());
        if bytes > 0 {
            let report = FeedReport::Lost(Feed::Log(log), Loss { bytes, times: 1 });
            self.feeds.on(report, self.now);
        }
    }

    /// A listing starts.
    pub fn listing_begins(&mut self, instance: &str) {
        self.queue.begin(instance);
    }

    /// Lines of the running listing.
    pub fn listing_lines(&mut self, lines: &[u8]) {
        self.queue.lines(lines);
    }

    /// The running listing ended. When it was complete it is the queue's next one.
    pub fn listing_ends(
        &mut self,
        at: DateTime<Utc>,
        took: Duration,
        complete: bool,
        next: DateTime<Utc>,
    ) {
        if let Some(depth) = self.queue.end(at, took, complete, next) {
            self.facts.told_mut().history.count(at, depth);
        }
    }

    /// A source reported.
    pub fn feed(&mut self, report: FeedReport) {
        if let FeedReport::State(_, FeedState::Lost { why, .. }) = &report {
            let why = why.clone();
            self.facts
                .told_mut()
                .events
                .add(Kind::Source, self.now, 1, why.as_str(), || why.clone());
        }
        self.feeds.on(report, self.now);
    }

    /// Up to when a source has told what it knows, when it is lost after it was up; `None` while it goes on.
    pub fn told_until(&self, source: Source) -> Option<DateTime<Utc>> {
        let since = self.feeds.down_since(source)?;
        match source {
            Source::Log => Some(since),
            Source::Queue => self.queue.listed().at,
            Source::Host => self.host.at(),
        }
    }

    /// When the newest log line was written, when that is so long ago that it is worth a question.
    pub fn silent_since(&self) -> Option<DateTime<Utc>> {
        let last = self.last_line()?;
        ((self.now - last).num_seconds() >= SILENCE).then_some(last)
    }

    /// An action came to its end.
    pub fn receipt(&mut self, receipt: Receipt) {
        if self.receipts.len() == RECEIPTS {
            self.receipts.remove(0);
        }
        self.receipts.push(receipt);
    }
}
