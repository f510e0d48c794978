//! Growth: how the deferred queue changed over ten minutes, whether that is an incident, because of what, and since when.
//!
//! In: what the logs and listings told, and now. Out: the net change, the main cause among the messages that were deferred for the
//! first time, and when that cause began. It is an incident when at least [`FLOOR`] more messages wait and that is more than
//! [`TIMES`] times what is usual.
//!
//! What is *usual* is the upper quartile of the changes, up or down, over the ten-minute spans of the day before the main cause
//! began. An evenly busy queue swings by the square root of its traffic; three times the upper quartile are about three and a half
//! standard deviations of such a swing, which one span in some thousands exceeds. The proposal of at least 50 messages was for a
//! rule without that; with it 20 are enough, and a small host is told as well. While less than an hour is known nothing is usual,
//! and [`SHARE`] of the mail that arrived stands for it.
//!
//! A retry takes a message out of the deferred queue and back, a release puts many in at once: neither is a message that was
//! deferred for the first time, so no more than those count as growth. What this does not see: a yearly or weekly rhythm.

mod cause;
#[cfg(test)]
mod tests;

use crate::model::facts::Told;
use crate::model::history::Depth;
use crate::model::onsets;
use crate::model::stuck::Domain;
use crate::model::thresholds::Threshold;
pub use cause::MainCause;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Seconds that growth looks back.
pub const SPAN: i64 = 600;
/// The fewest messages that are an incident.
pub const FLOOR: i64 = 20;
/// So many times the usual change is still in order.
const TIMES: i64 = 3;
/// The part of the mail that arrived which may stay deferred while nothing usual is known: one in so many.
const SHARE: u64 = 10;
/// The part of what waits for a domain that must be new before it grows: one in so many.
const NEW: usize = 5;
/// Ten-minute spans from which on something is usual: an hour.
const SPANS: usize = 6;
/// Minutes of a domain from which on they tell something.
const FEW: usize = 2;
/// Ten-minute spans that are looked at: a day.
const DAY: usize = 144;
/// A span this short, in seconds, has no slope.
const SHORTEST: i64 = 60;
/// A queue is said to drain when so many messages left it.
const LEFT: i64 = 10;
/// A drain time beyond this, in seconds, means nothing: two days.
const FAR: f64 = 172_800.0;

/// How the deferred queue grows or shrinks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Growth {
    /// Seconds that the change is over: [`SPAN`], or less when less is known; 0 when nothing is.
    pub span: i64,
    /// Messages in the deferred queue, now less then.
    pub change: i64,
    /// Messages deferred for the first time in the span; `None` when no log tells.
    pub fresh: Option<u64>,
    /// The usual change over ten minutes, up or down; `None` while less than an hour is known.
    pub usual: Option<i64>,
    /// What holds up most of the new messages.
    pub cause: Option<MainCause>,
    /// When the queue is empty if it goes on like this; `None` when it does not shrink evenly.
    pub drains_in: Option<Duration>,
    /// What must be exceeded to be an incident.
    limit: i64,
    domains: HashMap<Arc<str>, Own>,
}

/// What is known of one domain's new deferrals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Own {
    /// Messages deferred for the first time in ten minutes, as usual.
    usual: Option<i64>,
    began: Option<DateTime<Utc>>,
}

impl Growth {
    /// What `told` says of the ten minutes before `now`. `domains` is the waiting mail by domain.
    pub fn of(told: &Told, domains: &[Domain], now: DateTime<Utc>) -> Self {
        let mut growth = Self::default();
        growth.slope(told, now);
        let log = told.seen.first.filter(|first| *first <= now);
        let since = now - TimeDelta::seconds(growth.span.max(SHORTEST));
        if log.is_some() && told.seen.last.is_some_and(|last| last >= since) {
            let (fresh, causes) = told.onsets.since(since);
            growth.fresh = Some(fresh);
            growth.cause = MainCause::of(told, now, fresh, &causes);
        }
        growth.usual = usual_change(told, now, growth.cause.as_ref().and_then(|main| main.began));
        growth.limit = match growth.usual {
            Some(usual) => usual.saturating_mul(TIMES),
            None => (told.history.flow_since(since).arrived / SHARE) as i64,
        };
        growth.own(told, domains, now);
        growth
    }

    /// Net change per minute; `None` when too little is known.
    pub fn per_minute(&self) -> Option<f64> {
        (self.span >= SHORTEST).then(|| self.change as f64 * 60.0 / self.span as f64)
    }

    /// By how many messages the queue grew for a cause: retries and releases are none.
    pub fn grown(&self) -> i64 {
        let fresh = self.fresh.map_or(i64::MAX, |fresh| fresh as i64);
        self.change.min(fresh)
    }

    /// Whether that is more than it should be.
    pub fn incident(&self) -> bool {
        self.span >= SHORTEST && self.grown() >= FLOOR && self.grown() > self.limit
    }

    /// Whether a domain's deferred mail grows: it is the main cause of an incident; or many messages of the last ten minutes wait, no small
    /// part of what waits there, and more than that domain is used to.
    pub fn grows(&self, domain: &Domain) -> bool {
        let main = self.cause.as_ref().filter(|_| self.incident());
        if main.is_some_and(|main| main.domain.as_ref() == Some(&domain.name)) {
            return true;
        }
        let new = domain.new as i64;
        let usual = self.domains.get(&domain.name).and_then(|own| own.usual);
        candidate(domain) && usual.is_none_or(|usual| new > usual.saturating_mul(TIMES))
    }

    /// From where on the queue, and one domain in it, grows.
    pub fn thresholds(&self) -> [Threshold; 2] {
        let minutes = SPAN / 60;
        let more = match self.usual {
            Some(usual) => format!("{TIMES} times its usual change ({usual})"),
            None => format!("1 in {SHARE} of what arrived, while nothing is usual yet"),
        };
        [
            Threshold::own(
                "the deferred queue",
                format!(
                    "+{FLOOR} in {minutes} min, and more than {more}: now +{}",
                    FLOOR.max(self.limit.saturating_add(1))
                ),
            ),
            Threshold::own(
                "one domain in it",
                format!(
                    "{FLOOR} new in {minutes} min, 1 in {NEW} of what waits, and more than {TIMES} times its usual"
                ),
            ),
        ]
    }

    /// When the mail to a growing domain began to be deferred, if it was quiet before.
    pub fn began(&self, domain: &Domain) -> Option<DateTime<Utc>> {
        self.domains.get(&domain.name)?.began
    }

    fn slope(&mut self, told: &Told, now: DateTime<Utc>) {
        let history = &told.history;
        let seconds = SPAN as usize / 10;
        let depths = history.depths(now - TimeDelta::seconds(SPAN), now, seconds);
        let known: Vec<Depth> = depths.into_iter().flatten().collect();
        let (Some(first), Some(last)) = (known.first(), known.last()) else {
            return;
        };
        // Where all of it is known, the depth before the first ten seconds is the one to compare with.
        let before = history.depths(
            now - TimeDelta::seconds(2 * SPAN),
            now - TimeDelta::seconds(SPAN),
            1,
        );
        let before = before.first().copied().flatten();
        self.span = match before {
            Some(_) => SPAN,
            None => (known.len() as i64 - 1) * 10,
        };
        let first = before.unwrap_or(*first);
        self.change = last.deferred - first.deferred;
        self.drains_in = known
            .get(known.len() / 2)
            .and_then(|half| drains(&[first, *half, *last], self.span));
    }

    /// One pass over the onsets for all domains that may grow.
    fn own(&mut self, told: &Told, domains: &[Domain], now: DateTime<Utc>) {
        let meant: HashMap<&str, &Domain> = domains
            .iter()
            .filter(|domain| candidate(domain))
            .map(|domain| (&*domain.name, domain))
            .collect();
        if meant.is_empty() {
            return;
        }
        let known = cause::known_minutes(told, now);
        let by_domain = told.onsets.by_domain(now, |name| meant.contains_key(name));
        for (name, counts) in by_domain {
            let counts = counts.get(..known).unwrap_or(&counts);
            let began = cause::began(counts);
            let usual = usual_onsets(counts, began);
            let began = began.and_then(|minute| onsets::minute_before(now, minute));
            self.domains.insert(name, Own { usual, began });
        }
    }
}

/// Worth a look: many new messages, and they are no small part of what waits there.
fn candidate(domain: &Domain) -> bool {
    domain.new as i64 >= FLOOR && domain.new * NEW >= domain.count
}

/// When all that waits or is being delivered is gone, if both halves of the span tell about the same.
fn drains(depths: &[Depth; 3], span: i64) -> Option<Duration> {
    let waiting = depths.map(|depth| depth.deferred + depth.active);
    let [first, half, last] = waiting;
    let (early, late) = (first - half, half - last);
    let left = early + late;
    let even = early > 0 && late > 0 && early <= 3 * late && late <= 3 * early;
    if span < SHORTEST || !even || left < LEFT || last <= 0 {
        return None;
    }
    let seconds = last as f64 * span as f64 / left as f64;
    (seconds <= FAR).then(|| Duration::from_secs_f64(seconds))
}

/// The usual change of the deferred queue over ten minutes, before the main cause began.
fn usual_change(told: &Told, now: DateTime<Utc>, began: Option<DateTime<Utc>>) -> Option<i64> {
    let until = began.unwrap_or(now).min(now - TimeDelta::seconds(SPAN));
    let since = until - TimeDelta::seconds(SPAN * (DAY as i64 + 1));
    let depths = told.history.depths(since, until, DAY + 1);
    let known: Vec<i64> = depths
        .into_iter()
        .flatten()
        .map(|depth| depth.deferred)
        .collect();
    upper_quartile(
        known
            .windows(2)
            .map(|pair| pair.iter().rev().copied().reduce(|a, b| a - b))
            .map(|change| change.unwrap_or_default().abs())
            .collect(),
    )
}

/// The usual number of new deferrals of one domain in ten minutes, from its counts by minute, newest first. While less than an hour is
/// known of what was before, it is the mean of that; a domain that was always like this does not grow.
fn usual_onsets(counts: &[u64], began: Option<usize>) -> Option<i64> {
    const MINUTES: usize = SPAN as usize / 60;
    let before = began.map_or(MINUTES.min(counts.len() / 2), |minute| minute + 1);
    let counts = counts.get(before..)?;
    let sums = counts
        .chunks_exact(MINUTES)
        .map(|span| span.iter().sum::<u64>() as i64);
    upper_quartile(sums.collect()).or_else(|| {
        let sum = counts.iter().sum::<u64>() as usize;
        (counts.len() >= FEW).then(|| (sum * MINUTES).div_ceil(counts.len()) as i64)
    })
}

fn upper_quartile(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let at = values.len() * 3 / 4;
    values.get(at).copied().filter(|_| values.len() >= SPANS)
}
