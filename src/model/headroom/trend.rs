//! Whether a figure grows, and how fast: the median of the slopes between all pairs of points (Theil and Sen), which no single burst moves.
//!
//! A growth counts only when it is larger than what the points scatter around it; and a line is drawn no further than [`FURTHEST`] times as
//! long as it was looked at.

use chrono::TimeDelta;

/// Fewer points tell nothing.
const FEWEST: usize = 5;
/// Nor do points over a shorter time.
const SHORTEST: f64 = 240.0;
/// A growth is more than so many times the scatter (the median distance from the line).
const BEYOND: f64 = 3.0;
/// Ten minutes tell of a day and a half, half an hour of four days.
const FURTHEST: f64 = 200.0;

/// How a figure moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per second; 0.0 when it is not more than its scatter.
    pub per_second: f64,
    /// Seconds that were looked at.
    pub over: f64,
}

impl Trend {
    /// Of a figure that was looked at every `step`, oldest first. `None` when too little is known.
    pub fn of(series: &[Option<f64>], step: TimeDelta) -> Option<Self> {
        let seconds = step.num_milliseconds() as f64 / 1000.0;
        let points: Vec<(f64, f64)> = series
            .iter()
            .enumerate()
            .filter_map(|(at, value)| Some((at as f64 * seconds, (*value)?)))
            .collect();
        let over = points.last()?.0 - points.first()?.0;
        if points.len() < FEWEST || over < SHORTEST {
            return None;
        }
        let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
        for (nth, (x, y)) in points.iter().enumerate() {
            slopes.extend(
                points
                    .iter()
                    .skip(nth + 1)
                    .map(|(x2, y2)| (y2 - y) / (x2 - x)),
            );
        }
        let slope = median(&mut slopes)?;
        let mut level: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
        let base = median(&mut level)?;
        let mut scatter: Vec<f64> = level.iter().map(|level| (level - base).abs()).collect();
        let grows = (slope * over).abs() > BEYOND * median(&mut scatter)?;
        Some(Self {
            per_second: if grows { slope } else { 0.0 },
            over,
        })
    }

    /// How long until so much more is used up; `None` when it does not grow, or that is further off than can be told.
    pub fn reaches(self, left: f64) -> Option<TimeDelta> {
        let seconds = left / self.per_second;
        let told = self.per_second > 0.0 && seconds <= FURTHEST * self.over;
        told.then(|| TimeDelta::seconds(seconds.max(0.0) as i64))
    }
}

fn median(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    Some(*value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(values: impl IntoIterator<Item = f64>) -> Option<Trend> {
        let series: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        Trend::of(&series, TimeDelta::minutes(1))
    }

    #[test]
    fn a_rise_is_told_through_bursts_and_gaps() {
        let mut rising: Vec<Option<f64>> =
            (0..30).map(|n| Some(0.4 + 0.01 * f64::from(n))).collect();
        rising[7] = None;
        rising[12] = Some(1.0);
        rising[20] = Some(0.0);
        let trend = Trend::of(&rising, TimeDelta::minutes(1)).unwrap();
        assert!((trend.per_second * 60.0 - 0.01).abs() < 1e-9, "{trend:?}");
        assert_eq!(trend.reaches(0.3), Some(TimeDelta::minutes(30)));
    }

    #[test]
    fn what_only_wavers_does_not_grow() {
        let wavering =
            trend((0..30).map(|n| [0.3, 0.36, 0.31, 0.39, 0.33, 0.37, 0.3][n % 7])).unwrap();
        assert_eq!((wavering.per_second, wavering.reaches(0.1)), (0.0, None));
        let flat = trend([0.5; 30]).unwrap();
        assert_eq!((flat.per_second, flat.reaches(0.5)), (0.0, None));
        let falling = trend((0..30).map(|n| 0.9 - 0.01 * f64::from(n))).unwrap();
        assert!(falling.per_second < 0.0 && falling.reaches(0.4).is_none());
    }

    #[test]
    fn little_knowledge_tells_little() {
        assert_eq!(trend([]), None);
        assert_eq!(trend([0.1]), None);
        assert_eq!(trend([0.1, 0.2, 0.3, 0.4]), None, "four points");
        assert_eq!(
            Trend::of(&[Some(0.1); 9], TimeDelta::seconds(10)),
            None,
            "80 seconds"
        );
        let slow = trend((0..30).map(|n| 0.1 + 1e-6 * f64::from(n))).unwrap();
        assert_eq!(slow.reaches(0.9), None, "in two years, says half an hour");
        assert_eq!(slow.reaches(0.005).map(|time| time.num_hours()), Some(83));
    }
}
