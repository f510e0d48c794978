//! A histogram of seconds with fixed logarithmic buckets, four to each doubling, so that two histograms add.
//!
//! From 10 ms (all below is one bucket) to about two months. A quantile is the middle of its bucket: at most an eighth off, which is as
//! exact as the two digits in which Postfix logs delays (`postconf(5)`, `delay_logging_resolution_limit`).

use crate::model::table::Join;

/// The smallest value that is told apart, in seconds.
const FIRST: f64 = 0.01;
/// Bits of an `f64` below the two leading ones of its mantissa.
const BELOW: u32 = 50;
/// The highest bucket.
const LAST: u64 = 120;

/// How often each span of seconds was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Histogram {
    /// The lowest bucket that holds any; 0 without values.
    first: u8,
    /// Of each bucket from there to the highest that holds any. Most values are near each other.
    counts: Vec<u64>,
}

impl Histogram {
    /// One value in seconds. What is no number counts as zero.
    pub fn add(&mut self, seconds: f64) {
        self.put(bucket(seconds), 1);
    }

    #[inline]
    fn put(&mut self, bucket: u8, count: u64) {
        let place = usize::from(bucket).wrapping_sub(self.first.into());
        match self.counts.get_mut(place) {
            Some(known) => *known += count,
            None => self.widen(bucket, count),
        }
    }

    /// Takes in the first values of a bucket below or above all that hold any.
    #[cold]
    fn widen(&mut self, bucket: u8, count: u64) {
        if count == 0 {
            return;
        }
        if self.counts.is_empty() {
            self.first = bucket;
        }
        if let Some(place) = usize::from(bucket).checked_sub(self.first.into()) {
            self.counts.resize(place + 1, 0);
        } else {
            let lower = usize::from(self.first - bucket);
            self.counts.splice(..0, std::iter::repeat_n(0, lower));
            self.first = bucket;
        }
        self.put(bucket, count);
    }

    /// Each bucket and its count, by bucket.
    fn buckets(&self) -> impl Iterator<Item = (u8, u64)> {
        (self.first..).zip(self.counts.iter().copied())
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// How many values lie below each of the edges (seconds, ascending) and above the one before; the last number is of those above all edges.
    /// A bucket belongs where its middle is.
    pub fn spread(&self, edges: &[f64]) -> Vec<u64> {
        let mut counts = vec![0; edges.len() + 1];
        for (bucket, count) in self.buckets() {
            let place = edges.partition_point(|edge| *edge <= middle(bucket));
            if let Some(sum) = counts.get_mut(place) {
                *sum += count;
            }
        }
        counts
    }

    /// The value, in seconds, below which that share (0.0 to 1.0) of the values lies; `None` without values.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.count() as f64).ceil().max(1.0) as u64;
        let mut sum = 0;
        self.buckets()
            .find(|(_, count)| {
                sum += count;
                sum >= wanted
            })
            .map(|(bucket, _)| middle(bucket))
    }
}

impl Join for Histogram {
    fn join(&mut self, newer: Self) {
        for (bucket, count) in newer.buckets() {
            self.put(bucket, count);
        }
    }
}

fn bucket(seconds: f64) -> u8 {
    if seconds >= FIRST {
        let steps = (seconds.to_bits() >> BELOW) - (FIRST.to_bits() >> BELOW);
        (steps + 1).min(LAST) as u8
    } else {
        0
    }
}

fn middle(bucket: u8) -> f64 {
    let edge = |steps: u64| f64::from_bits(((FIRST.to_bits() >> BELOW) + steps) << BELOW);
    match u64::from(bucket) {
        0 => 0.0,
        steps => f64::midpoint(edge(steps - 1), edge(steps)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_at_most_an_eighth_off() {
        let mut seconds = 0.011;
        while seconds < 400_000.0 {
            let mut one = Histogram::default();
            one.add(seconds);
            let off = (one.quantile(0.5).unwrap() - seconds).abs() / seconds;
            assert!(off <= 0.125, "{seconds}: {off}");
            seconds *= 1.07;
        }
    }

    #[test]
    fn quantiles_of_a_thousand_values() {
        let mut all = Histogram::default();
        for n in 1..=1000 {
            all.add(f64::from(n));
        }
        let near =
            |share: f64, value: f64| (all.quantile(share).unwrap() - value).abs() <= value / 7.0;
        assert!(near(0.5, 500.0) && near(0.95, 950.0) && near(0.99, 990.0));
        assert_eq!(all.count(), 1000);
    }

    #[test]
    fn a_spread_counts_every_value_once() {
        let mut all = Histogram::default();
        for seconds in [0.0, 0.2, 0.5, 2.0, 40.0, 4_000.0, 1e9] {
            all.add(seconds);
        }
        assert_eq!(all.spread(&[0.1, 1.0, 10.0, 60.0]), [1, 2, 1, 1, 2]);
        assert_eq!(all.spread(&[]), [7]);
        assert_eq!(Histogram::default().spread(&[1.0]), [0, 0]);
    }

    /// In whatever order values come, and in however many pieces.
    #[test]
    fn buckets_hold_what_was_put_in_them() {
        let orders: [&[u8]; 5] = [
            &[],
            &[0],
            &[9, 9, 3],
            &[3, 120, 0, 9],
            &[120, 60, 61, 0, 60],
        ];
        for one in orders {
            for other in orders {
                let mut expected = std::collections::BTreeMap::<u8, u64>::new();
                let mut whole = Histogram::default();
                let mut pieces = [Histogram::default(), Histogram::default()];
                for (piece, buckets) in pieces.iter_mut().zip([one, other]) {
                    for bucket in buckets {
                        *expected.entry(*bucket).or_default() += 1;
                        whole.put(*bucket, 1);
                        piece.put(*bucket, 1);
                    }
                }
                let [mut joined, newer] = pieces;
                joined.join(newer);
                let held = whole.buckets().filter(|(_, count)| *count > 0).collect();
                assert_eq!((&joined, &expected), (&whole, &held));
            }
        }
    }

    #[test]
    fn odd_values_have_a_bucket() {
        let mut odd = Histogram::default();
        for value in [f64::NAN, -1.0, 0.0, f64::INFINITY, 1e300] {
            odd.add(value);
        }
        assert_eq!(odd.count(), 5);
        assert_eq!(Histogram::default().quantile(0.5), None);
    }
}
