//! The past of one figure: an hour by ten seconds, a day by the minute.
//!
//! In: a value with its time, in order. Out: means over spans of time; `None` where nothing was known. A clock that is set back is no
//! measurement: what comes before the newest slot is left out.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// Seconds of a slot and slots kept: an hour.
const FINE: (i64, usize) = (10, 360);
/// A day.
const COARSE: (i64, usize) = (60, 1440);

/// The past of one figure.
#[derive(Debug, Clone)]
pub(super) struct Past {
    fine: Ring,
    coarse: Ring,
}

impl Default for Past {
    fn default() -> Self {
        Self {
            fine: Ring::new(FINE),
            coarse: Ring::new(COARSE),
        }
    }
}

impl Past {
    /// Takes in what was so at that time.
    pub(super) fn take(&mut self, at: DateTime<Utc>, value: f64) {
        self.fine.take(at.timestamp(), value);
        self.coarse.take(at.timestamp(), value);
    }

    /// The newest second that something is known of.
    pub(super) fn newest(&self) -> Option<i64> {
        self.fine.end()
    }

    /// What was so around that time.
    pub(super) fn at(&self, at: DateTime<Utc>) -> Option<f64> {
        let second = at.timestamp();
        self.mean(second, second + 1)
    }

    /// The mean in each of `columns` equal spans of the `range` that ends with `until`.
    pub(super) fn series(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
        columns: usize,
    ) -> Vec<Option<f64>> {
        let (end, range) = (until.timestamp_millis(), range.num_milliseconds().max(1));
        let columns = columns as i64;
        let edge = |column: i64| end - range + range * column / columns.max(1);
        (0..columns)
            .map(|column| {
                let from = edge(column).div_euclid(1000);
                // The last second belongs to the last span.
                let to = edge(column + 1).div_euclid(1000) + i64::from(column + 1 == columns);
                self.mean(from, to.max(from + 1))
            })
            .collect()
    }

    /// The mean from a second to another.
    fn mean(&self, from: i64, to: i64) -> Option<f64> {
        let fine = self.fine.begin().filter(|begin| from >= *begin);
        fine.and_then(|_| self.fine.mean(from, to))
            .or_else(|| self.coarse.mean(from, to))
    }
}

/// Means of equal slots, the newest ones.
#[derive(Debug, Clone)]
struct Ring {
    /// Seconds of a slot.
    span: i64,
    kept: usize,
    /// The number of the oldest slot: its time by `span`.
    first: i64,
    /// A slot of which nothing is known is NaN.
    slots: VecDeque<f32>,
    /// Of the newest slot.
    sum: f64,
    count: u32,
}

impl Ring {
    fn new((span, kept): (i64, usize)) -> Self {
        Self {
            span,
            kept,
            first: 0,
            slots: VecDeque::new(),
            sum: 0.0,
            count: 0,
        }
    }

    fn take(&mut self, second: i64, value: f64) {
        let slot = second.div_euclid(self.span);
        if self.slots.is_empty() || slot - self.next() >= self.kept as i64 {
            self.slots.clear();
            self.first = slot;
        }
        if slot >= self.next() {
            while slot > self.next() {
                self.slots.push_back(f32::NAN);
            }
            self.slots.push_back(f32::NAN);
            (self.sum, self.count) = (0.0, 0);
        } else if slot + 1 < self.next() {
            return;
        }
        self.sum += value;
        self.count += 1;
        if let Some(newest) = self.slots.back_mut() {
            *newest = (self.sum / f64::from(self.count)) as f32;
        }
        while self.slots.len() > self.kept {
            self.slots.pop_front();
            self.first += 1;
        }
    }

    /// The number of the slot after the newest.
    fn next(&self) -> i64 {
        self.first + self.slots.len() as i64
    }

    fn begin(&self) -> Option<i64> {
        (!self.slots.is_empty()).then_some(self.first * self.span)
    }

    fn end(&self) -> Option<i64> {
        (!self.slots.is_empty()).then(|| self.next() * self.span - 1)
    }

    /// The mean of the slots that have a part between these seconds.
    fn mean(&self, from: i64, to: i64) -> Option<f64> {
        let from = from.div_euclid(self.span).max(self.first);
        let to = (to - 1).div_euclid(self.span).min(self.next() - 1);
        let (mut sum, mut count) = (0.0, 0_u32);
        for slot in from..=to {
            let value = self.slots.get((slot - self.first) as usize);
            if let Some(value) = value.filter(|value| !value.is_nan()) {
                sum += f64::from(*value);
                count += 1;
            }
        }
        (count > 0).then(|| sum / f64::from(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    #[test]
    fn a_column_is_the_mean_of_what_was_in_it_and_a_gap_stays_a_gap() {
        let mut past = Past::default();
        for second in (0..120).step_by(2) {
            past.take(at(second), if second < 60 { 1.0 } else { 3.0 });
        }
        for second in 300..310 {
            past.take(at(second), 5.0);
        }
        let series = past.series(at(300), TimeDelta::seconds(300), 5);
        assert_eq!(
            (series[0], series[1], series[2], series[3], series[4]),
            (Some(1.0), Some(3.0), None, None, Some(5.0))
        );
        assert_eq!(past.at(at(45)), Some(1.0));
        assert_eq!(past.at(at(200)), None, "between two slots that are known");
        assert_eq!(past.at(at(400)), None, "the future");
        assert_eq!(past.series(at(0), TimeDelta::zero(), 0), []);
    }

    #[test]
    fn before_the_hour_the_minutes_are_left_and_after_a_day_nothing() {
        let mut past = Past::default();
        let day = 25 * 3600;
        for second in (0..=day).step_by(10) {
            past.take(at(second), second as f64);
        }
        assert!(past.fine.slots.len() <= FINE.1 && past.coarse.slots.len() <= COARSE.1);
        let hour = past.series(at(day), TimeDelta::minutes(1), 6);
        assert!((hour[5].unwrap() - day as f64).abs() < 10.0, "{hour:?}");
        let old = past.at(at(day - 12 * 3600)).unwrap();
        assert!((old - (day - 12 * 3600) as f64).abs() < 60.0, "{old}");
        assert_eq!(past.at(at(0)), None);
        let whole = past.series(at(day), TimeDelta::days(2), 2);
        assert!(whole[0].is_none() && whole[1].is_some(), "{whole:?}");
    }

    #[test]
    fn a_clock_that_jumps_does_not_fill_the_memory() {
        let mut past = Past::default();
        past.take(at(0), 1.0);
        past.take(at(100_000_000), 2.0);
        assert_eq!(past.fine.slots.len(), 1);
        past.take(at(50), 9.0);
        assert_eq!(past.at(at(100_000_000)), Some(2.0), "set back: left out");
    }
}
