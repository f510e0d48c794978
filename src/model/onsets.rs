//! Onsets: messages that were deferred for the first time, by minute, recipient domain and cause. They tell what makes the deferred
//! queue grow, and since when.

use crate::model::minute::minute_of;
use crate::model::table::{Join, Map};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Minutes kept.
pub const KEPT: i64 = 360;
/// Domains with causes that are told apart in one minute.
const APART: usize = 500;

/// A recipient domain and the folded reason.
pub type What = (Arc<str>, Arc<str>);

/// Messages deferred for the first time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Onsets {
    /// By minute since 1970, the newest [`KEPT`].
    minutes: BTreeMap<i64, Minute>,
    newest: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Minute {
    by_cause: Map<What, u64>,
    others: u64,
}

impl Minute {
    fn put(&mut self, what: What, count: u64) {
        if self.by_cause.len() < APART || self.by_cause.contains_key(&what) {
            *self.by_cause.entry(what).or_default() += count;
        } else {
            self.others += count;
        }
    }
}

impl Onsets {
    /// The log has come to this moment.
    pub fn advance(&mut self, to: DateTime<Utc>) {
        let minute = minute_of(to);
        if self.newest.is_none_or(|newest| minute > newest) {
            self.newest = Some(minute);
            if self
                .minutes
                .keys()
                .next()
                .is_some_and(|first| *first <= minute - KEPT)
            {
                self.minutes = self.minutes.split_off(&(minute - KEPT + 1));
            }
        }
    }

    /// A message was deferred for the first time.
    pub fn add(&mut self, at: DateTime<Utc>, what: What) {
        self.advance(at);
        if let Some(minute) = self.minute(minute_of(at)) {
            minute.put(what, 1);
        }
    }

    /// It turned out that it was not the first time.
    pub fn take_back(&mut self, at: DateTime<Utc>, what: &What) {
        let minute = minute_of(at);
        let Some(known) = self.minutes.get_mut(&minute) else {
            return;
        };
        match known.by_cause.get_mut(what) {
            Some(count) => *count = count.saturating_sub(1),
            None => known.others = known.others.saturating_sub(1),
        }
        if known.by_cause.get(what) == Some(&0) {
            known.by_cause.remove(what);
        }
        if *known == Minute::default() {
            self.minutes.remove(&minute);
        }
    }

    fn minute(&mut self, minute: i64) -> Option<&mut Minute> {
        let kept = self.newest.is_none_or(|newest| minute > newest - KEPT);
        kept.then(|| self.minutes.entry(minute).or_default())
    }

    /// All messages deferred for the first time since then, and how many for each cause, most first.
    pub fn since(&self, since: DateTime<Utc>) -> (u64, Vec<(What, u64)>) {
        self.between(since, DateTime::<Utc>::MAX_UTC)
    }

    /// The same up to a moment, by whole minutes.
    pub fn between(&self, since: DateTime<Utc>, until: DateTime<Utc>) -> (u64, Vec<(What, u64)>) {
        let mut sums: Map<What, u64> = Map::default();
        let mut all = 0;
        for minute in self
            .minutes
            .range(minute_of(since)..=minute_of(until).max(minute_of(since)))
            .map(|(_, minute)| minute)
        {
            all += minute.others;
            for (what, count) in &minute.by_cause {
                all += count;
                *sums.entry(what.clone()).or_default() += count;
            }
        }
        let mut sums: Vec<_> = sums.into_iter().collect();
        sums.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        (all, sums)
    }

    /// What is meant by minute: the minute of `now` first, then back as far as is kept.
    pub fn by_minute(&self, now: DateTime<Utc>, meant: impl Fn(&What) -> bool) -> Vec<u64> {
        let mut counts = vec![0; KEPT as usize];
        for (ago, minute) in self.ago(now) {
            if let Some(sum) = counts.get_mut(ago) {
                let all = minute.by_cause.iter().filter(|(what, _)| meant(what));
                *sum += all.map(|(_, count)| count).sum::<u64>();
            }
        }
        counts
    }

    /// The same for each of the domains that are meant.
    pub fn by_domain(
        &self,
        now: DateTime<Utc>,
        meant: impl Fn(&str) -> bool,
    ) -> Map<Arc<str>, Vec<u64>> {
        let mut sums: Map<Arc<str>, Vec<u64>> = Map::default();
        for (ago, minute) in self.ago(now) {
            for ((domain, _), count) in &minute.by_cause {
                if !meant(domain) {
                    continue;
                }
                let counts = sums
                    .entry(Arc::clone(domain))
                    .or_insert_with(|| vec![0; KEPT as usize]);
                if let Some(sum) = counts.get_mut(ago) {
                    *sum += count;
                }
            }
        }
        sums
    }

    /// Every minute with how many minutes before that of `now` it was; those after it are left out.
    fn ago(&self, now: DateTime<Utc>) -> impl Iterator<Item = (usize, &Minute)> {
        let now = minute_of(now);
        let minutes = self.minutes.range(..=now);
        minutes.filter_map(move |(at, minute)| Some((usize::try_from(now - at).ok()?, minute)))
    }

    /// The counts of one cause by minute, oldest first, each with its beginning.
    pub fn of(&self, what: &What) -> impl Iterator<Item = (DateTime<Utc>, u64)> {
        self.minutes.iter().filter_map(move |(minute, known)| {
            let count = *known.by_cause.get(what)?;
            Some((DateTime::from_timestamp(minute * 60, 0)?, count))
        })
    }
}

impl Join for Onsets {
    fn join(&mut self, newer: Self) {
        if let Some(newest) = newer
            .newest
            .and_then(|minute| DateTime::from_timestamp(minute * 60, 0))
        {
            self.advance(newest);
        }
        for (at, newer) in newer.minutes {
            let Some(minute) = self.minute(at) else {
                continue;
            };
            minute.others += newer.others;
            for (what, count) in newer.by_cause {
                minute.put(what, count);
            }
        }
    }
}

/// The beginning of the minute that was so many minutes before that of `now`.
pub fn minute_before(now: DateTime<Utc>, minutes: usize) -> Option<DateTime<Utc>> {
    let minutes = i64::try_from(minutes).ok()?;
    DateTime::from_timestamp((minute_of(now) - minutes) * 60, 0)
}
