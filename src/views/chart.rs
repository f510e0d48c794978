//! The time that charts show: all of them the same, so that what happened at one moment stands at one place in every view.
//!
//! A chart ends now and the time cursor moves in it. What is counted by the minute lies where its minutes are, which need not be the ends of the chart.

use super::Facts;
use crate::model::minute::{MinuteRange, minute_of};
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::TimeSeries;
use chrono::{DateTime, TimeDelta, Timelike, Utc};

/// Seconds of a running step after which it tells a rate.
const ENOUGH: i64 = 20;
/// Minutes of a day.
const DAY: i64 = 1_440;

/// The time that charts show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shown {
    /// The left end.
    pub since: DateTime<Utc>,
    /// The right end: now, unless the moment that is looked at is farther back than the range.
    pub until: DateTime<Utc>,
    /// Where the moment that is looked at lies between them, 0 being the left end; `None` when it is now.
    pub cursor: Option<f64>,
}

impl Facts<'_> {
    /// The time that charts show: the newest range, with the time cursor in it. Where the cursor is farther back, the chart goes back by half a range at
    /// a time.
    pub fn shown(&self) -> Shown {
        let (now, range) = (self.model.now(), self.chart_range);
        let (back, half) = (now - self.until, range / 2);
        let until = if back <= range {
            now
        } else {
            let halves = (back - range).num_seconds() / half.num_seconds().max(1) + 1;
            now - TimeDelta::seconds(half.num_seconds() * halves)
        };
        let mut shown = Shown {
            since: until - range,
            until,
            cursor: None,
        };
        shown.cursor = (self.until < now).then(|| shown.place(self.until));
        shown
    }
}

impl Shown {
    /// From the left end to the right one.
    pub fn range(self) -> TimeDelta {
        self.until - self.since
    }

    /// The minutes that any of it lies in.
    pub fn minutes(self) -> MinuteRange {
        MinuteRange {
            first: minute_of(self.since),
            last: minute_of(self.until),
        }
    }

    /// Where these minutes lie from their beginning to their end, for [`TimeSeries::reaching`].
    pub fn reach(self, minutes: MinuteRange) -> (f64, f64) {
        let place = |minute: i64| {
            let seconds = minute * 60 - self.since.timestamp();
            seconds as f64 / self.range().num_seconds().max(1) as f64
        };
        (place(minutes.first), place(minutes.last + 1))
    }

    fn place(self, moment: DateTime<Utc>) -> f64 {
        let range = self.range().num_milliseconds().max(1);
        (moment - self.since).num_milliseconds() as f64 / range as f64
    }
}

/// A chart of the time that is shown.
pub(super) fn over_time<'a>(
    values: &'a [Option<f64>],
    role: Role,
    facts: &Facts<'_>,
) -> TimeSeries<'a> {
    TimeSeries::new(values, role)
        .labels(quarters(facts))
        .cursor(facts.shown().cursor)
}

/// Labels for the axis of a chart of the time that is shown.
pub(super) fn quarters(facts: &Facts<'_>) -> Vec<(f64, SafeText)> {
    let shown = facts.shown();
    quarters_before(shown.until, shown.range(), facts)
}

/// Labels for the axis of a chart of this span: its end, and full quarters of the span before; where (0 is the left end) and what.
pub(super) fn quarters_before(
    end: DateTime<Utc>,
    span: TimeDelta,
    facts: &Facts<'_>,
) -> Vec<(f64, SafeText)> {
    let end = end.with_timezone(&facts.model.zone());
    let minutes = span.num_minutes().max(1);
    let form = if minutes > DAY { "%a %H:%M" } else { "%H:%M" };
    let mut labels = vec![(1.0, SafeText::from(end.format(form).to_string()))];
    let step = match minutes / 4 {
        // Of a week, every other midnight.
        days if days > DAY => (days + DAY / 2) / DAY * DAY,
        step => step.max(2),
    };
    let past = i64::from(end.hour() * 60 + end.minute()) % step;
    for nth in 0..=minutes / step {
        let back = TimeDelta::minutes(past + nth * step) + TimeDelta::seconds(end.second().into());
        let at = 1.0 - back.as_seconds_f64() / span.as_seconds_f64();
        if at < 0.0 {
            break;
        }
        labels.push((at, SafeText::from((end - back).format(form).to_string())));
    }
    labels
}

/// How many a minute, of so many counted in a step of so many minutes that begins with that minute. Of the running step, what is a fact already counts,
/// as soon as that is enough to tell: `None` before.
pub(super) fn step_rate(count: u64, begin: i64, step: i64, facts: &Facts<'_>) -> Option<f64> {
    let passed = facts.model.now().timestamp() + 1 - begin * 60;
    let seconds = passed.clamp(1, step.max(1) * 60);
    (seconds >= ENOUGH).then(|| count as f64 * 60.0 / seconds as f64)
}
