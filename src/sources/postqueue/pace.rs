//! When the next listing starts: a multiple of what the last one cost, ever later while listings are all the same, and while they fail.

use super::after;
use chrono::{DateTime, Utc};
use std::time::Duration;

/// From start to start, so many times the last duration: listing takes at most a tenth of the time.
const FACTOR: u32 = 10;
/// The same while nothing changes: at most a hundredth.
const FACTOR_CALM: u32 = 100;
/// On request, so many times the last duration.
const FACTOR_NOW: u32 = 2;
/// A listing this short may be repeated at once on request.
const CHEAP: Duration = Duration::from_millis(250);
/// The longest wait after failures.
const LONGEST: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub(super) struct Pace {
    every: Duration,
    took: Duration,
    failures: u32,
    /// Listings, one after the other, that were as the one before.
    same: u32,
}

impl Pace {
    pub(super) fn new(every: Duration) -> Self {
        Self {
            every,
            took: Duration::ZERO,
            failures: 0,
            same: 0,
        }
    }

    /// `same`: what is listed is what was listed before.
    pub(super) fn succeeded(&mut self, took: Duration, same: bool) {
        self.took = took;
        self.failures = 0;
        self.same = if same { self.same.saturating_add(1) } else { 0 };
    }

    pub(super) fn failed(&mut self, took: Duration) {
        self.took = took;
        self.failures = self.failures.saturating_add(1);
        self.same = 0;
    }

    /// From the end of the last listing to the start of the next.
    pub(super) fn wait(&self) -> Duration {
        let doubled = FACTOR.saturating_mul(2_u32.saturating_pow(self.same));
        self.wait_of(doubled.min(FACTOR_CALM))
    }

    /// The same, when something may have changed since.
    pub(super) fn changed(&self) -> Duration {
        self.wait_of(FACTOR)
    }

    fn wait_of(&self, factor: u32) -> Duration {
        let start_to_start = self.every.max(self.took.saturating_mul(factor));
        let wait = start_to_start.saturating_sub(self.took);
        let doubled = self.failures.checked_sub(1).map_or(Duration::ZERO, |more| {
            self.every
                .saturating_mul(2_u32.saturating_pow(more.min(16)))
                .min(LONGEST)
        });
        wait.max(doubled)
    }

    /// The same, when the operator wants it now.
    pub(super) fn soonest(&self) -> Duration {
        if self.took <= CHEAP {
            Duration::ZERO
        } else {
            self.took.saturating_mul(FACTOR_NOW - 1).min(self.wait())
        }
    }

    pub(super) fn next(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        after(now, self.wait())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_listing_takes_at_most_a_tenth_of_the_time() {
        let mut pace = Pace::new(seconds(2));
        pace.succeeded(Duration::from_millis(100), false);
        assert_eq!(
            (pace.wait(), pace.soonest()),
            (Duration::from_millis(1900), Duration::ZERO)
        );
        pace.succeeded(seconds(53), false);
        assert_eq!((pace.wait(), pace.soonest()), (seconds(477), seconds(53)));
    }

    #[test]
    fn while_nothing_changes_listings_become_rare() {
        let mut pace = Pace::new(seconds(2));
        let waits: Vec<_> = (0..5)
            .map(|nth| {
                pace.succeeded(seconds(2), nth > 0);
                pace.wait().as_secs()
            })
            .collect();
        assert_eq!(waits, [18, 38, 78, 158, 198]);
        assert_eq!((pace.changed(), pace.soonest()), (seconds(18), seconds(2)));
        pace.succeeded(seconds(2), false);
        assert_eq!(pace.wait(), seconds(18), "it changed");
        // Where a listing costs next to nothing it is made as often as before.
        for _ in 0..5 {
            pace.succeeded(Duration::from_millis(15), true);
        }
        assert_eq!(pace.wait(), Duration::from_millis(1985));
    }

    #[test]
    fn failures_are_retried_ever_later() {
        let mut pace = Pace::new(seconds(2));
        let waits: Vec<_> = (0..7)
            .map(|_| {
                pace.failed(Duration::ZERO);
                pace.wait().as_secs()
            })
            .collect();
        assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
        pace.failed(seconds(30));
        assert_eq!(
            pace.wait(),
            seconds(270),
            "a listing that hung has cost its time as well"
        );
        pace.succeeded(Duration::ZERO, false);
        assert_eq!(pace.wait(), seconds(2));
    }
}
