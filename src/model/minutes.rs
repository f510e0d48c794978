//! Minutes: what happened to one party over time: a sender, an account, an address that guesses passwords.
//!
//! Counts with their moment go in; sums over a span and curves come out. The newest [`MINUTES`] minutes that anything happened in are
//! known by the minute, what is older by the hour, and [`HOURS`] hours are kept. Only what is not empty takes room: a party that wrote
//! ten messages a day costs a few hundred bytes. "Newest" is the party's own newest, so that one that is silent since yesterday still has
//! yesterday's last hours by the minute.
//!
//! What a piece of a log told joins what the piece before it told ([`Join`]).

use crate::model::minute;
use crate::model::table::Join;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// Minutes, the newest included, that are known apart.
pub const MINUTES: i32 = 360;
/// Hours kept: a week, so that a habit of one weekday is known.
pub const HOURS: i32 = 168;

/// Counts over time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Minutes<V> {
    /// By hour since 1970, ascending: what is older than the minutes.
    hours: Vec<(i32, V)>,
    /// By minute since 1970, ascending. A line is nearly always of the last one.
    minutes: VecDeque<(i32, V)>,
}

impl<V: Join + Default + Clone> Minutes<V> {
    /// That happened at `time`.
    pub fn add(&mut self, time: DateTime<Utc>, what: V) {
        self.put(minute_of(time), what);
    }

    /// The same, by the minute since 1970.
    pub fn put(&mut self, minute: i32, what: V) {
        if let Some((newest, counts)) = self.minutes.back_mut()
            && *newest == minute
        {
            counts.join(what);
            return;
        }
        self.advance(minute);
        if self.is_fine(minute) {
            let place = self.minutes.partition_point(|(at, _)| *at < minute);
            match self.minutes.get_mut(place).filter(|(at, _)| *at == minute) {
                Some((_, counts)) => counts.join(what),
                None => self.minutes.insert(place, (minute, what)),
            }
        } else {
            self.put_hour(minute.div_euclid(60), what);
        }
    }

    fn put_hour(&mut self, hour: i32, what: V) {
        if !self.is_kept(hour) {
            return;
        }
        let place = self.hours.partition_point(|(at, _)| *at < hour);
        match self.hours.get_mut(place).filter(|(at, _)| *at == hour) {
            Some((_, counts)) => counts.join(what),
            None => self.hours.insert(place, (hour, what)),
        }
    }

    fn newest(&self) -> Option<i32> {
        self.minutes.back().map(|(minute, _)| *minute)
    }

    fn is_fine(&self, minute: i32) -> bool {
        self.newest()
            .is_none_or(|newest| minute > newest.saturating_sub(MINUTES))
    }

    fn is_kept(&self, hour: i32) -> bool {
        self.newest()
            .is_none_or(|newest| hour > newest.div_euclid(60) - HOURS)
    }

    /// Something is about to happen in that minute: minutes that are no longer among the newest are gathered into hours.
    fn advance(&mut self, minute: i32) {
        if self.newest().is_none_or(|newest| newest >= minute) {
            return;
        }
        let first = minute.saturating_sub(MINUTES - 1);
        while let Some((at, counts)) = self.minutes.pop_front_if(|(at, _)| *at < first) {
            let hour = at.div_euclid(60);
            let place = self.hours.partition_point(|(known, _)| *known < hour);
            match self
                .hours
                .get_mut(place)
                .filter(|(known, _)| *known == hour)
            {
                Some((_, known)) => known.join(counts),
                None => self.hours.insert(place, (hour, counts)),
            }
        }
        let oldest = minute.div_euclid(60) - HOURS;
        let old = self.hours.partition_point(|(hour, _)| *hour <= oldest);
        self.hours.drain(..old);
    }

    /// The last minute in which anything happened, up to `until`: its beginning, or that of its hour.
    pub fn last(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = minute_of(until);
        let minute = self
            .minutes
            .iter()
            .rev()
            .map(|(minute, _)| *minute)
            .chain(self.hours.iter().rev().map(|(hour, _)| hour * 60))
            .find(|minute| *minute <= until)?;
        begin(minute)
    }

    /// What happened in the minutes between, the running one included: as many as `range` has. Of what is known by the hour only, an
    /// hour counts as a whole when its middle lies there.
    pub fn sum(&self, until: DateTime<Utc>, range: TimeDelta) -> V {
        let mut sum = V::default();
        for (_, counts) in self.between(until, range) {
            sum.join(counts.clone());
        }
        sum
    }

    /// The same, minute by minute, or hour by hour where no more is known: its first minute since 1970, and the counts. Oldest first.
    pub fn between(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> impl Iterator<Item = (i32, &V)> {
        let until = minute_of(until);
        let first = first_minute(until, range);
        let middle = |hour: i32| hour * 60 + 30;
        let hours = self
            .hours
            .iter()
            .filter(move |(hour, _)| (first..=until).contains(&middle(*hour)))
            .map(|(hour, counts)| (hour * 60, counts));
        let from = self.minutes.partition_point(|(minute, _)| *minute < first);
        let minutes = self
            .minutes
            .range(from..)
            .take_while(move |(minute, _)| *minute <= until)
            .map(|(minute, counts)| (*minute, counts));
        hours.chain(minutes)
    }

    /// A curve of `columns` equal spans, oldest first: how much of what `of` tells fell into each. What is known by the hour only is
    /// spread evenly over it.
    pub fn curve(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
        columns: usize,
        of: impl Fn(&V) -> u64,
    ) -> Vec<f64> {
        let end = minute_of(until).saturating_add(1);
        let first = first_minute(end - 1, range);
        let mut curve = vec![0.0; columns];
        let span = f64::from(end - first) / columns.max(1) as f64;
        let hours = self
            .hours
            .iter()
            .map(|(hour, counts)| (hour * 60, 60, counts));
        let minutes = self
            .minutes
            .iter()
            .map(|(minute, counts)| (*minute, 1, counts));
        for (begin, length, counts) in hours.chain(minutes) {
            let (from, to) = (begin.max(first), (begin + length).min(end));
            let many = of(counts) as f64;
            if from >= to || many == 0.0 {
                continue;
            }
            let at = |minute: i32| f64::from(minute - first) / span;
            spread(
                &mut curve,
                at(from),
                at(to),
                many / f64::from(length) * span,
            );
        }
        curve
    }

    /// Hour by hour, oldest first: the hour since 1970, and what happened in it.
    pub fn by_hour(&self) -> Vec<(i32, V)> {
        let mut hours = self.hours.clone();
        for (minute, counts) in &self.minutes {
            let hour = minute.div_euclid(60);
            match hours.last_mut().filter(|(last, _)| *last == hour) {
                Some((_, sum)) => sum.join(counts.clone()),
                None => hours.push((hour, counts.clone())),
            }
        }
        hours
    }

    /// Whether nothing ever happened.
    pub fn is_empty(&self) -> bool {
        self.minutes.is_empty()
    }
}

/// Adds a density of `each` per column between two places of a curve.
fn spread(curve: &mut [f64], from: f64, to: f64, each: f64) {
    let (first, last) = (from.floor() as usize, to.ceil() as usize);
    for (column, value) in curve.iter_mut().enumerate().take(last).skip(first) {
        let begin = column as f64;
        *value += each * ((begin + 1.0).min(to) - begin.max(from)).max(0.0);
    }
}

impl<V: Join + Default + Clone> Join for Minutes<V> {
    fn join(&mut self, newer: Self) {
        if let Some(newest) = newer.newest() {
            if self.minutes.is_empty() {
                *self = newer;
                return;
            }
            self.advance(newest);
            // The newest first: what is kept of the others depends on it.
            for (minute, counts) in newer.minutes.into_iter().rev() {
                self.put(minute, counts);
            }
            for (hour, counts) in newer.hours {
                self.put_hour(hour, counts);
            }
        }
    }
}

/// The minute since 1970.
pub fn minute_of(time: DateTime<Utc>) -> i32 {
    let minute = minute::minute_of(time);
    minute.clamp(i64::from(i32::MIN / 2), i64::from(i32::MAX / 2)) as i32
}

/// The beginning of that minute since 1970.
pub fn begin(minute: i32) -> Option<DateTime<Utc>> {
    minute::begin(minute.into())
}

fn first_minute(until: i32, range: TimeDelta) -> i32 {
    let many = i32::try_from(range.num_minutes().max(1)).unwrap_or(i32::MAX / 2);
    until.saturating_sub(many - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(29_000_000 + minute)
    }

    fn folded(moments: &[i64]) -> Minutes<u64> {
        let mut minutes = Minutes::default();
        for moment in moments {
            minutes.add(at(*moment), 1);
        }
        minutes
    }

    #[test]
    fn a_span_has_as_many_minutes_as_it_says_and_the_running_one_counts() {
        let minutes = folded(&[0, 1, 2, 2, 10]);
        assert_eq!(minutes.sum(at(2), TimeDelta::minutes(2)), 3);
        assert_eq!(minutes.sum(at(10), TimeDelta::minutes(10)), 4);
        assert_eq!(minutes.sum(at(9), TimeDelta::minutes(3)), 0);
        assert_eq!(minutes.last(at(9)), begin(29_000_002));
        assert_eq!(minutes.last(at(-1)), None);
    }

    #[test]
    fn what_is_old_is_known_by_the_hour_and_what_is_too_old_is_forgotten() {
        let week = i64::from(HOURS) * 60;
        let minutes = folded(&[-week - 120, -700, -701, 0]);
        assert_eq!(minutes.hours.len(), 1);
        assert_eq!(minutes.sum(at(0), TimeDelta::minutes(week)), 3);
        let by_hour = minutes.by_hour();
        assert_eq!(by_hour.len(), 2);
        assert_eq!(by_hour.iter().map(|(_, count)| count).sum::<u64>(), 3);
    }

    #[test]
    fn a_curve_loses_nothing_and_spreads_an_hour() {
        let minutes = folded(&[-1000, 0, -1, -2, -9]);
        let curve = minutes.curve(at(0), TimeDelta::minutes(10), 10, |count| *count);
        assert_eq!(curve.len(), 10);
        assert_eq!(curve.iter().sum::<f64>().round() as u64, 4);
        assert_eq!((curve[0], curve[9]), (1.0, 1.0));
        let long = minutes.curve(at(0), TimeDelta::minutes(1200), 7, |count| *count);
        assert_eq!(long.iter().sum::<f64>().round() as u64, 5);
        let fine = minutes.curve(at(0), TimeDelta::minutes(1200), 1200, |count| *count);
        assert!(fine.iter().filter(|value| **value > 0.0).count() >= 60);
    }

    proptest! {
        #[test]
        fn pieces_join_to_the_whole(
            moments in prop::collection::vec(-15_000i64..15_000, 0..40),
            cut in any::<prop::sample::Index>(),
            second in any::<prop::sample::Index>(),
        ) {
            let mut cuts = [cut.index(moments.len() + 1), second.index(moments.len() + 1)];
            cuts.sort_unstable();
            let [one, two] = cuts;
            let pieces = || [&moments[..one], &moments[one..two], &moments[two..]].map(folded);
            let [mut left, middle, right] = pieces();
            left.join(middle);
            left.join(right);
            let [mut other, mut middle, right] = pieces();
            middle.join(right);
            other.join(middle);
            prop_assert_eq!(&left, &folded(&moments));
            prop_assert_eq!(&other, &folded(&moments));
        }
    }
}
