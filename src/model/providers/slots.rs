//! Slots of time: the newest minutes one by one, older ones gathered by tens, a day of them.
//!
//! Facts by minute go in, in whatever order; out they come by time, with how many minutes each slot is. A view of the last hour needs minutes, one of
//! the last day has no room for them. Which slot a fact is in depends on nothing but its minute and the newest, so that pieces of a log join to the
//! same slots in any grouping.

use crate::model::minute::MinuteRange;
use crate::model::table::Join;
use std::collections::{BTreeMap, VecDeque};

/// Minutes that are kept one by one: an hour, and some that a log may be ahead of the clock or the time cursor behind it.
pub const MINUTES: i64 = 70;
/// Minutes that are gathered into one.
pub const TEN: i64 = 10;
/// Minutes that are kept at all: a day.
pub const KEPT: i64 = 1_440;

/// Facts by time.
#[derive(Debug, Clone, PartialEq)]
pub struct Slots<V> {
    newest: Option<i64>,
    /// The newest [`MINUTES`], oldest first; those without facts are left out.
    minutes: VecDeque<(i64, V)>,
    /// What is older, by the first minute of the ten.
    tens: BTreeMap<i64, V>,
}

impl<V> Default for Slots<V> {
    fn default() -> Self {
        Self {
            newest: None,
            minutes: VecDeque::new(),
            tens: BTreeMap::new(),
        }
    }
}

impl<V: Join + Default> Slots<V> {
    /// The slot of that minute; `None` when it is no longer kept.
    pub fn at(&mut self, minute: i64) -> Option<&mut V> {
        if self.newest != Some(minute) {
            self.advance(minute);
            let newest = self.newest.unwrap_or(minute);
            if ten_of(minute) <= newest - KEPT {
                return None;
            }
            if minute <= newest - MINUTES {
                return Some(self.tens.entry(ten_of(minute)).or_default());
            }
        }
        let last = self.minutes.len().wrapping_sub(1);
        let place = match self.minutes.back() {
            Some((newest, _)) if *newest == minute => last,
            Some((newest, _)) if *newest > minute => {
                let place = self.minutes.partition_point(|(at, _)| *at < minute);
                if self.minutes.get(place).is_none_or(|(at, _)| *at != minute) {
                    self.minutes.insert(place, (minute, V::default()));
                }
                place
            }
            _ => {
                self.minutes.push_back((minute, V::default()));
                last.wrapping_add(1)
            }
        };
        self.minutes.get_mut(place).map(|(_, slot)| slot)
    }

    /// The slot that holds that minute, if anything is known of it.
    pub fn known(&mut self, minute: i64) -> Option<&mut V> {
        match self.minutes.binary_search_by_key(&minute, |(at, _)| *at) {
            Ok(place) => self.minutes.get_mut(place).map(|(_, slot)| slot),
            Err(_) => self.tens.get_mut(&ten_of(minute)),
        }
    }

    fn advance(&mut self, minute: i64) {
        if self.newest.is_some_and(|newest| newest >= minute) {
            return;
        }
        self.newest = Some(minute);
        let old = |(at, _): &mut (i64, V)| *at <= minute - MINUTES;
        while let Some((at, slot)) = self.minutes.pop_front_if(old) {
            self.tens.entry(ten_of(at)).or_default().join(slot);
        }
        while let Some(oldest) = self.tens.first_entry()
            && *oldest.key() <= minute - KEPT
        {
            oldest.remove();
        }
    }

    /// The slots that any of these minutes lies in, oldest first: the first minute, how many minutes, and what is known of them.
    pub fn between(&self, minutes: MinuteRange) -> impl Iterator<Item = (i64, i64, &V)> {
        let first = self.minutes.partition_point(|(at, _)| *at < minutes.first);
        let tens = (minutes.count() > 0)
            .then(|| self.tens.range(ten_of(minutes.first)..=minutes.last))
            .into_iter()
            .flatten();
        let ones = self.minutes.range(first..);
        tens.map(|(at, slot)| (*at, TEN, slot)).chain(
            ones.take_while(move |(at, _)| *at <= minutes.last)
                .map(|(at, slot)| (*at, 1, slot)),
        )
    }

    /// Minutes that one step of a curve over these minutes has to be, so that no slot is cut.
    pub fn step(&self, minutes: MinuteRange) -> i64 {
        let by_minute = self
            .newest
            .is_none_or(|newest| minutes.first > newest - MINUTES);
        if by_minute { 1 } else { TEN }
    }
}

impl<V: Join + Default> Join for Slots<V> {
    fn join(&mut self, newer: Self) {
        if let Some(newest) = newer.newest {
            self.advance(newest);
        }
        for (at, slot) in newer.tens.into_iter().chain(newer.minutes) {
            if let Some(own) = self.at(at) {
                own.join(slot);
            }
        }
    }
}

/// The first minute of the ten that a minute is in.
pub fn ten_of(minute: i64) -> i64 {
    minute.div_euclid(TEN) * TEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::minute::begin;
    use chrono::TimeDelta;

    fn of(minutes: impl IntoIterator<Item = i64>) -> Slots<u64> {
        let mut slots = Slots::default();
        for minute in minutes {
            if let Some(slot) = slots.at(minute) {
                *slot += 1;
            }
        }
        slots
    }

    fn all(slots: &Slots<u64>) -> Vec<(i64, i64, u64)> {
        let ever = MinuteRange {
            first: 0,
            last: 1 << 40,
        };
        slots
            .between(ever)
            .map(|(at, minutes, count)| (at, minutes, *count))
            .collect()
    }

    #[test]
    fn the_newest_minutes_are_kept_apart_and_a_day_in_tens() {
        let slots = of(10_000..12_000);
        let all = all(&slots);
        let tens = all.iter().filter(|(_, minutes, _)| *minutes == TEN).count() as i64;
        let ones = all.iter().filter(|(_, minutes, _)| *minutes == 1).count() as i64;
        assert_eq!(ones, MINUTES);
        assert_eq!(tens, (KEPT - MINUTES) / TEN);
        let count: u64 = all.iter().map(|(_, _, count)| count).sum();
        assert_eq!(count as i64, KEPT);
    }

    #[test]
    fn the_order_does_not_matter() {
        let forward = of((10_000..12_000).step_by(7));
        let backward = of((0..286).rev().map(|nth| 10_000 + nth * 7));
        assert_eq!(forward, backward);
        for cut in [1, 3, 100, 280] {
            let minutes: Vec<i64> = (10_000..12_000).step_by(7).collect();
            let (older, newer) = minutes.split_at(cut);
            let mut joined = of(older.iter().copied());
            joined.join(of(newer.iter().copied()));
            assert_eq!(joined, forward, "cut at {cut}");
            let mut odd = of(newer.iter().copied());
            odd.join(of(older.iter().copied()));
            assert_eq!(odd, forward, "stamps that step back, cut at {cut}");
        }
    }

    #[test]
    fn a_range_is_asked_by_minutes() {
        let slots = of(10_000..10_300);
        let until = begin(10_299).unwrap();
        let hour = MinuteRange::new(until, TimeDelta::hours(1));
        assert_eq!((hour.count(), slots.step(hour)), (60, 1));
        assert_eq!(
            slots.between(hour).map(|(.., count)| count).sum::<u64>(),
            60
        );
        let all = MinuteRange::new(until, TimeDelta::hours(5));
        assert_eq!((all.count(), slots.step(all)), (300, TEN));
        assert_eq!(
            slots.between(all).map(|(.., count)| count).sum::<u64>(),
            300
        );
        let before = MinuteRange::new(begin(9_000).unwrap(), TimeDelta::hours(1));
        assert_eq!(slots.between(before).count(), 0);
        let none = MinuteRange { first: 5, last: 3 };
        assert_eq!(slots.between(none).count(), 0);
    }
}
