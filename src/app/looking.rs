//! Which time the operator looks at: how long a range, and up to which moment.
//!
//! Until a range is chosen, charts show what is known, at most a day, and tables the last hour. The moment is now until the time cursor
//! is moved into the past; then every panel shows what was so at that moment.

use chrono::{DateTime, TimeDelta, Utc};

/// Ranges to choose from, in minutes.
pub const RANGES: [i64; 10] = [10, 20, 60, 120, 240, 480, 720, 1_440, 2 * 1_440, 7 * 1_440];
/// What charts show before one is chosen: the shortest of these that holds all that is known.
const LONGEST: i64 = 1_440;
/// What tables count before a range is chosen.
const TABLE: i64 = 60;
/// The time cursor crosses a range in this many steps.
const STEPS: i32 = 60;

/// The time that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Looking {
    range: Option<TimeDelta>,
    until: Option<DateTime<Utc>>,
}

impl Looking {
    /// The time cursor at `until`, and the range before it. None is shorter than the shortest to choose.
    pub fn at(until: DateTime<Utc>, range: TimeDelta) -> Self {
        Self {
            range: Some(range.max(TimeDelta::minutes(RANGES[0]))),
            until: Some(until),
        }
    }

    /// What tables count.
    pub fn range(self) -> TimeDelta {
        self.range.unwrap_or(TimeDelta::minutes(TABLE))
    }

    /// What charts show. `known` is the time since the first thing known.
    pub fn chart_range(self, known: TimeDelta) -> TimeDelta {
        self.range.unwrap_or_else(|| {
            let holds = |minutes: &i64| *minutes >= known.num_minutes() && *minutes <= LONGEST;
            let minutes = RANGES.into_iter().find(holds).unwrap_or(LONGEST);
            TimeDelta::minutes(minutes)
        })
    }

    /// The moment that is looked at.
    pub fn until(self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.until.map_or(now, |until| until.min(now))
    }

    /// Whether that is in the past.
    pub fn is_past(self) -> bool {
        self.until.is_some()
    }

    /// Chooses a range.
    pub fn choose(&mut self, range: TimeDelta) {
        self.range = Some(range);
    }

    /// A shorter or longer range than the one that charts show.
    pub fn zoom(&mut self, longer: bool, shown: TimeDelta) {
        let mut ranges = RANGES.into_iter().map(TimeDelta::minutes);
        let next = if longer {
            ranges.find(|range| *range > shown)
        } else {
            ranges.rfind(|range| *range < shown)
        };
        if let Some(range) = next {
            self.range = Some(range);
        }
    }

    /// Moves the time cursor by a step of what charts show; at now it is live again. Nothing before the first thing known.
    pub fn scrub(&mut self, forward: bool, shown: TimeDelta, now: DateTime<Utc>, known: TimeDelta) {
        let step = (shown / STEPS).max(TimeDelta::seconds(10));
        let until = self.until(now);
        let to = if forward { until + step } else { until - step };
        self.until = (to < now).then_some(to.max(now - known).min(now));
    }

    /// Back to now.
    pub fn live(&mut self) {
        self.until = None;
    }
}

/// A range in words: `10 min`, `6 h`, `7 d`; one that is none of [`RANGES`] too: `34 h 7 min`.
pub fn words(range: TimeDelta) -> String {
    match range.num_minutes() {
        minutes if minutes >= 2_880 && minutes % 1_440 == 0 => format!("{} d", minutes / 1_440),
        minutes if minutes > 60 && minutes % 60 == 0 => format!("{} h", minutes / 60),
        60 => String::from("1 h"),
        minutes if minutes > 60 => format!("{} h {} min", minutes / 60, minutes % 60),
        minutes => format!("{minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_795_514_971, 0).unwrap_or_default()
    }

    #[test]
    fn charts_show_what_is_known_until_a_range_is_chosen() {
        let mut looking = Looking::default();
        let shown = |looking: Looking, minutes| {
            looking
                .chart_range(TimeDelta::minutes(minutes))
                .num_minutes()
        };
        assert_eq!(
            [0, 11, 61, 5_000].map(|known| shown(looking, known)),
            [10, 20, 120, 1_440]
        );
        looking.zoom(true, TimeDelta::minutes(20));
        assert_eq!(shown(looking, 5_000), 60);
        looking.zoom(false, TimeDelta::minutes(10));
        assert_eq!(
            shown(looking, 5_000),
            60,
            "there is none shorter than ten minutes"
        );
    }

    #[test]
    fn the_time_cursor_stays_between_the_first_thing_known_and_now() {
        let (mut looking, hour) = (Looking::default(), TimeDelta::hours(1));
        let known = TimeDelta::seconds(90);
        looking.scrub(true, hour, now(), known);
        assert!(!looking.is_past());
        looking.scrub(false, hour, now(), known);
        assert_eq!(now() - looking.until(now()), TimeDelta::minutes(1));
        looking.scrub(false, hour, now(), known);
        assert_eq!(now() - looking.until(now()), known);
        looking.scrub(true, hour, now(), known);
        looking.scrub(true, hour, now(), known);
        assert!(!looking.is_past());
    }

    #[test]
    fn a_moment_that_is_asked_for_is_as_if_it_had_been_scrubbed_to() {
        let then = now() - TimeDelta::hours(3);
        let mut looking = Looking::at(then, TimeDelta::hours(34));
        assert!(looking.is_past());
        assert_eq!(
            (looking.until(now()), looking.range()),
            (then, TimeDelta::hours(34))
        );
        looking.scrub(true, TimeDelta::hours(1), now(), TimeDelta::hours(40));
        assert_eq!(looking.until(now()), then + TimeDelta::minutes(1));
        looking.live();
        assert_eq!(
            (looking.until(now()), looking.range()),
            (now(), TimeDelta::hours(34))
        );
        let short = Looking::at(then, TimeDelta::seconds(1));
        assert_eq!(short.range(), TimeDelta::minutes(10));
    }

    #[test]
    fn ranges_in_words() {
        let said = RANGES.map(|minutes| words(TimeDelta::minutes(minutes)));
        assert_eq!(
            said,
            [
                "10 min", "20 min", "1 h", "2 h", "4 h", "8 h", "12 h", "24 h", "2 d", "7 d"
            ]
        );
        assert_eq!(words(TimeDelta::minutes(2_047)), "34 h 7 min");
    }
}
