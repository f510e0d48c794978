//! What one look at a log gives: batches of whole lines, and reports when something changed.

use crate::app::msg::{LogBatch, Msg};
use crate::model::feeds::{Feed, FeedReport, FeedState, Loss};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};

/// What is gathered during one look.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    batches: Vec<LogBatch>,
    /// Whole lines of the file that is being read.
    pub(super) lines: Vec<u8>,
    pub(super) loss: Loss,
}

impl Outbox {
    /// Closes the batch: the lines of one file go together, as they share their moment.
    pub(super) fn seal(&mut self, source: &str, anchor: DateTime<Utc>) {
        if !self.lines.is_empty() {
            let lines = std::mem::take(&mut self.lines);
            self.batches.push(LogBatch {
                source: source.into(),
                lines,
                anchor,
            });
        }
    }

    pub(super) fn lose(&mut self, bytes: u64, times: u64) {
        self.loss.bytes = self.loss.bytes.saturating_add(bytes);
        self.loss.times = self.loss.times.saturating_add(times);
    }

    /// The messages: what changed, then the lines, then what was lost.
    pub(super) fn messages(self, feed: &Feed, changes: Vec<FeedReport>) -> Vec<Msg> {
        let mut messages: Vec<Msg> = changes.into_iter().map(Msg::Feed).collect();
        messages.extend(self.batches.into_iter().map(Msg::Log));
        if self.loss != Loss::default() {
            messages.push(Msg::Feed(FeedReport::Lost(feed.clone(), self.loss)));
        }
        messages
    }
}

/// What was told last, so that only changes are told.
#[derive(Debug, Default)]
pub(super) struct Told {
    state: Option<FeedState>,
    remark: Option<String>,
}

impl Told {
    /// The reports that are news.
    pub(super) fn news(
        &mut self,
        feed: &Feed,
        state: Option<FeedState>,
        remark: Option<String>,
    ) -> Vec<FeedReport> {
        let mut news = Vec::new();
        if let Some(state) = state
            && self.state.as_ref() != Some(&state)
        {
            self.state = Some(state.clone());
            news.push(FeedReport::State(feed.clone(), state));
        }
        if self.remark != remark {
            news.push(FeedReport::Remark(
                feed.clone(),
                remark.as_ref().map(SafeText::new),
            ));
            self.remark = remark;
        }
        news
    }
}
