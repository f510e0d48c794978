//! The state of every source, as the operator is told it. Losing a source is a state with a sentence, never an exit.

use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Which source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feed {
    /// A followed log file, by the path it was named with.
    Log(Box<str>),
    /// The journal.
    Journal,
    /// `postqueue -j`.
    Queue,
    /// `/proc` and `statvfs`.
    Host,
}

/// How a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedState {
    /// Data comes.
    Up,
    /// Nothing yet, and that may be in order: the file does not exist yet, the first listing runs.
    Waiting {
        /// What is waited for, a full sentence with the fix where there is one.
        why: SafeText,
    },
    /// It failed and will be tried again.
    Lost {
        /// What happened, a full sentence with the fix where there is one.
        why: SafeText,
        /// When it is tried again.
        retry_at: Option<DateTime<Utc>>,
    },
}

/// A change of a source's state, or something worth saying about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedReport {
    /// The state changed.
    State(Feed, FeedState),
    /// A remark: "mail.log.1 is still being written: the logger was not told of the rotation". `None` takes it back.
    Remark(Feed, Option<SafeText>),
    /// Lines or bytes that could not be recovered; the totals add up.
    Lost(Feed, Loss),
}

/// What could not be recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loss {
    /// Bytes that were in a file and could not be read any more, or were cut from an overlong line.
    pub bytes: u64,
    /// How often that happened.
    pub times: u64,
}

/// All sources.
#[derive(Debug, Clone, Default)]
pub struct Feeds {
    states: BTreeMap<Feed, FeedState>,
    remarks: BTreeMap<Feed, SafeText>,
    losses: BTreeMap<Feed, Loss>,
}

impl Feeds {
    /// Takes a report in.
    pub fn on(&mut self, report: FeedReport) {
        match report {
            FeedReport::State(feed, state) => {
                self.states.insert(feed, state);
            }
            FeedReport::Remark(feed, Some(remark)) => {
                self.remarks.insert(feed, remark);
            }
            FeedReport::Remark(feed, None) => {
                self.remarks.remove(&feed);
            }
            FeedReport::Lost(feed, loss) => {
                let total = self.losses.entry(feed).or_default();
                total.bytes = total.bytes.saturating_add(loss.bytes);
                total.times = total.times.saturating_add(loss.times);
            }
        }
    }

    /// Every source with its state.
    pub fn states(&self) -> impl Iterator<Item = (&Feed, &FeedState)> {
        self.states.iter()
    }

    /// Every remark.
    pub fn remarks(&self) -> impl Iterator<Item = (&Feed, &SafeText)> {
        self.remarks.iter()
    }

    /// What was lost, by source.
    pub fn losses(&self) -> impl Iterator<Item = (&Feed, &Loss)> {
        self.losses.iter()
    }
}
