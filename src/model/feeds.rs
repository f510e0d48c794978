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

/// What panels live from: a kind of feed. Of logs there may be several, and what is shown goes on as long as one of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Log files or the journal.
    Log,
    /// `postqueue -j`.
    Queue,
    /// `/proc` and `statvfs`.
    Host,
}

impl Source {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Queue => "queue",
            Self::Host => "host",
        }
    }

    /// Whether a feed is one of its.
    pub fn has(self, feed: &Feed) -> bool {
        match feed {
            Feed::Log(_) | Feed::Journal => self == Self::Log,
            Feed::Queue => self == Self::Queue,
            Feed::Host => self == Self::Host,
        }
    }
}

/// How a source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedState {
    /// Data comes.
    Up,
    /// Nothing yet, and that may be in order: the file does not exist yet, the first listing runs.
    Waiting {
        /// What is waited for, a full sentence; the fix, where there is one, after ` — `.
        why: SafeText,
    },
    /// It failed and will be tried again.
    Lost {
        /// What happened, a full sentence; the fix, where there is one, after ` — `.
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
    /// Since when those are not up any more that were.
    down: BTreeMap<Feed, DateTime<Utc>>,
}

impl Feeds {
    /// Takes a report in that comes `now`.
    pub fn on(&mut self, report: FeedReport, now: DateTime<Utc>) {
        match report {
            FeedReport::State(feed, state) => {
                if state == FeedState::Up {
                    self.down.remove(&feed);
                } else if self.states.get(&feed) == Some(&FeedState::Up) {
                    self.down.insert(feed.clone(), now);
                }
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

    /// Whether any feed of a source is up.
    pub fn is_up(&self, source: Source) -> bool {
        let mut states = self.states.iter();
        states.any(|(feed, state)| source.has(feed) && *state == FeedState::Up)
    }

    /// Since when no feed of a source is up; `None` while one is, and when none ever was.
    pub fn down_since(&self, source: Source) -> Option<DateTime<Utc>> {
        if self.is_up(source) {
            return None;
        }
        let down = self.down.iter().filter(|(feed, _)| source.has(feed));
        down.map(|(_, since)| *since).max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_down_when_the_last_feed_of_it_is_and_only_if_it_was_up() {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let waiting = || FeedState::Waiting {
            why: SafeText::from("it does not exist"),
        };
        let mut feeds = Feeds::default();
        let [one, two] = ["a.log", "b.log"].map(|path| Feed::Log(path.into()));
        let mut tell = |feed: &Feed, state, second| {
            feeds.on(FeedReport::State(feed.clone(), state), at(second));
            (
                feeds.down_since(Source::Log),
                feeds.down_since(Source::Queue),
            )
        };
        assert_eq!(tell(&one, waiting(), 1), (None, None), "it never was up");
        tell(&one, FeedState::Up, 2);
        tell(&two, FeedState::Up, 3);
        tell(&Feed::Queue, FeedState::Up, 4);
        assert_eq!(
            tell(&one, waiting(), 5),
            (None, None),
            "the other one goes on"
        );
        assert_eq!(tell(&two, waiting(), 6), (Some(at(6)), None));
        let lost = FeedState::Lost {
            why: SafeText::from("it failed"),
            retry_at: None,
        };
        assert_eq!(
            tell(&two, lost, 7),
            (Some(at(6)), None),
            "it is down since it was up last"
        );
        assert_eq!(tell(&two, FeedState::Up, 8), (None, None));
    }
}
