//! Counts by the minute, of the newest minutes only; what is older is one sum, so that totals stay true.
//!
//! What is counted adds up in any order, so neither the order of lines nor where a log was cut matters ([`Join`]).

use crate::model::minute::{MinuteRange, begin, minute_of};
use crate::model::table::Join;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// Minutes of a week.
pub const WEEK: usize = 7 * DAY;
/// Minutes of a day.
pub const DAY: usize = 24 * 60;

/// The newest `KEPT` minutes apart, and the sum of those before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Minutes<V, const KEPT: usize> {
    /// By minute since 1970.
    kept: BTreeMap<i64, V>,
    before: V,
    /// No minute is kept apart.
    sums_only: bool,
}

impl<V: Join + Default + Clone, const KEPT: usize> Minutes<V, KEPT> {
    /// What is counted at that moment.
    pub fn at(&mut self, time: DateTime<Utc>) -> &mut V {
        if self.sums_only {
            return &mut self.before;
        }
        self.minute(minute_of(time))
    }

    /// Keeps no minute apart from now on: everything counts as before those that are kept.
    pub fn sum_up(&mut self) {
        self.sums_only = true;
    }

    /// What was counted before the minutes that are kept.
    pub fn before(&mut self) -> &mut V {
        &mut self.before
    }

    fn minute(&mut self, minute: i64) -> &mut V {
        let newest = self.kept.keys().next_back().copied();
        if newest.is_some_and(|newest| minute <= newest.saturating_sub(KEPT as i64)) {
            return &mut self.before;
        }
        if newest.is_none_or(|newest| minute > newest) {
            let kept = self
                .kept
                .split_off(&minute.saturating_sub(KEPT as i64).saturating_add(1));
            for (_, old) in std::mem::replace(&mut self.kept, kept) {
                self.before.join(old);
            }
        }
        self.kept.entry(minute).or_default()
    }

    /// The sum of all that is known.
    pub fn all(&self) -> V {
        let mut sum = self.before.clone();
        for counted in self.kept.values() {
            sum.join(counted.clone());
        }
        sum
    }

    /// The sum of the minutes of a range, as far as they are kept.
    pub fn sum(&self, until: DateTime<Utc>, range: TimeDelta) -> V {
        let mut sum = V::default();
        for counted in self.within(until, range).map(|(_, counted)| counted) {
            sum.join(counted.clone());
        }
        sum
    }

    /// The minutes of a range in which something was counted, oldest first.
    pub fn within(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> impl DoubleEndedIterator<Item = (i64, &V)> {
        let minutes = {
            let MinuteRange { first, last } = MinuteRange::new(until, range);
            self.kept.range(first..=last)
        };
        minutes.map(|(minute, counted)| (*minute, counted))
    }

    /// Everything up to the minute of `until`: what was before the minutes that are kept, then these.
    pub fn up_to(&self, until: DateTime<Utc>) -> (&V, impl Iterator<Item = (i64, &V)>) {
        let minutes = self.kept.range(..=minute_of(until));
        let minutes = minutes.map(|(minute, counted)| (*minute, counted));
        (&self.before, minutes)
    }

    /// The first minute that is kept apart; what is asked of earlier ones has no answer.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        begin(*self.kept.keys().next()?)
    }
}

impl<V: Join + Default + Clone, const KEPT: usize> Join for Minutes<V, KEPT> {
    fn join(&mut self, newer: Self) {
        self.before.join(newer.before);
        for (minute, counted) in newer.kept.into_iter().rev() {
            self.minute(minute).join(counted);
        }
    }
}

/// Sums part by part.
impl<const MANY: usize> Join for [u64; MANY] {
    fn join(&mut self, newer: Self) {
        for (own, newer) in self.iter_mut().zip(newer) {
            *own += newer;
        }
    }
}

/// Sums part by part.
impl<const MANY: usize> Join for [i64; MANY] {
    fn join(&mut self, newer: Self) {
        for (own, newer) in self.iter_mut().zip(newer) {
            *own += newer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        begin(minute).unwrap()
    }

    #[test]
    fn a_range_ends_with_the_running_minute() {
        let mut minutes = Minutes::<u64, 10>::default();
        for minute in 1..=20 {
            *minutes.at(at(minute)) += 1;
        }
        assert_eq!(minutes.sum(at(20), TimeDelta::minutes(3)), 3);
        assert_eq!(minutes.sum(at(15), TimeDelta::minutes(2)), 2);
        // Ten are kept: 11 to 20.
        assert_eq!(minutes.sum(at(20), TimeDelta::hours(1)), 10);
        assert_eq!((minutes.all(), minutes.first()), (20, Some(at(11))));
    }

    #[test]
    fn what_comes_late_is_counted_where_it_belongs_or_before() {
        let mut minutes = Minutes::<u64, 10>::default();
        *minutes.at(at(20)) += 1;
        *minutes.at(at(15)) += 1;
        *minutes.at(at(2)) += 1;
        assert_eq!(minutes.sum(at(15), TimeDelta::minutes(1)), 1);
        assert_eq!((*minutes.before(), minutes.all()), (1, 3));
    }

    #[test]
    fn sums_alone_are_the_same_sums() {
        let (mut apart, mut sums) = (Minutes::<u64, 10>::default(), Minutes::<u64, 10>::default());
        sums.sum_up();
        for minute in [20, 15, 2, 31] {
            *apart.at(at(minute)) += 1;
            *sums.at(at(minute)) += 1;
        }
        assert_eq!((sums.all(), sums.first()), (apart.all(), None));
    }
}
