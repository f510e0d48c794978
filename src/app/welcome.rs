//! What mailtop found, shown by itself at the start: when something that it needs is missing or denied, or nothing is known at all.
//!
//! Nothing is remembered from run to run: what a host needs to be told is whether something is missing now. It comes at most once, and not
//! any more when all is well or a key was pressed.

use super::App;
use super::overlay::{Opened, Overlay};
use crate::model::Model;
use crate::model::feeds::{Feed, FeedState, Source};
use chrono::{DateTime, Utc};

/// Seconds after which it is said that nothing is known yet.
const PATIENCE: i64 = 3;

/// Whether it is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Welcome {
    /// No: it was shown, is not needed, or was never wanted.
    #[default]
    Over,
    /// If something is missing. The program began then, once it was told the time.
    Due(Option<DateTime<Utc>>),
}

/// How things stand at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Start {
    Unknown,
    Good,
    Missing,
}

impl App {
    /// The same, for an operator at a terminal: what was found is shown by itself when something is missing.
    #[must_use]
    pub fn welcoming(mut self) -> Self {
        self.welcome = Welcome::Due(None);
        self
    }

    pub(super) fn greet(&mut self) {
        let Welcome::Due(begin) = &mut self.welcome else {
            return;
        };
        let model = &self.state.model;
        let begin = *begin.get_or_insert(model.now());
        match start(model, begin) {
            Start::Unknown => {}
            Start::Good => self.welcome = Welcome::Over,
            Start::Missing => {
                self.welcome = Welcome::Over;
                self.open(Overlay::Found(Opened::ByItself));
            }
        }
    }
}

fn start(model: &Model, begin: DateTime<Utc>) -> Start {
    let missing = |(feed, state): (&Feed, &FeedState)| match state {
        FeedState::Up => false,
        // Only a log that is not there is waited for in vain: the first listing takes its time.
        FeedState::Waiting { .. } => Source::Log.has(feed),
        FeedState::Lost { .. } => *feed != Feed::Host,
    };
    let is_log =
        |(feed, state): (&Feed, &FeedState)| Source::Log.has(feed) && *state == FeedState::Up;
    let listed = model.queue.listed().at.is_some() || model.queue.next().is_some();
    if model.feeds.states().any(missing) {
        Start::Missing
    } else if listed && model.feeds.states().any(is_log) {
        Start::Good
    } else if !listed
        && model.told().lines.read == 0
        && (model.now() - begin).num_seconds() >= PATIENCE
    {
        Start::Missing
    } else {
        Start::Unknown
    }
}
