//! Something that is logged again and again: how often, when first and last, and by the minute of the newest day.

use super::minutes::{DAY, Minutes};
use crate::model::causes::Span;
use crate::model::minute::begin;
use crate::model::table::Join;
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};

/// How often something was logged.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Repeated {
    /// In all.
    pub count: u64,
    /// The first and the last time.
    pub seen: Span,
    /// What the log said the first time.
    pub sample: SafeText,
    /// The newest day.
    pub minutes: Minutes<u64, DAY>,
}

impl Repeated {
    pub(super) fn add(
        &mut self,
        time: DateTime<Utc>,
        times: u64,
        sample: impl FnOnce() -> SafeText,
    ) {
        if self.count == 0 {
            self.sample = sample();
        }
        self.count += times;
        self.seen.add(time);
        *self.minutes.at(time) += times;
    }

    /// How often in a range; of a range of more than a day the newest day counts, unless all that is known lies in it.
    pub fn within(&self, until: DateTime<Utc>, range: TimeDelta) -> u64 {
        let begins = until - range;
        if self.seen.first >= Some(begins) && self.seen.last <= Some(until) {
            self.count
        } else {
            self.minutes.sum(until, range)
        }
    }
}

impl Repeated {
    /// The last time in a range; known by the minute when it went on after that.
    pub fn last(&self, until: DateTime<Utc>, range: TimeDelta) -> Option<DateTime<Utc>> {
        if self.seen.last <= Some(until) {
            return self.seen.last;
        }
        let (minute, _) = self.minutes.within(until, range).next_back()?;
        begin(minute)
    }
}

impl Join for Repeated {
    fn join(&mut self, newer: Self) {
        if self.count == 0 {
            self.sample = newer.sample;
        }
        self.count += newer.count;
        self.seen.join(newer.seen);
        self.minutes.join(newer.minutes);
    }
}
