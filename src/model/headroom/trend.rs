//! Whether a figure grows, and how fast: the median of the slopes between all pairs of points (Theil and Sen), which no single burst moves.
//!
//! A growth counts only when it explains the points: its slope is above zero with confidence (Sen 1968: by the rank of the pairs' slopes), it is larger
//! than what the points scatter around it, and no step from one level to another explains them better. And a line is drawn no further than some
//! times as long as it was looked at.

use chrono::TimeDelta;

/// Fewer points tell nothing with confidence.
const FEWEST: usize = 8;
/// Nor do points over a shorter time.
const SHORTEST: f64 = 240.0;
/// Standard deviations that the slope is from zero: 99.9 %.
const CONFIDENCE: f64 = 3.3;
/// A growth is more than so many times the scatter (the median distance from the line).
const BEYOND: f64 = 3.0;

/// How a figure moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trend {
    /// Change per second; 0.0 when the points do not bear it out.
    pub per_second: f64,
    /// Seconds that it tells of.
    pub horizon: f64,
}

impl Trend {
    /// Of a figure that was looked at every `step`, oldest first; it tells of `times` as long as it was looked at. `None` when too little is known.
    pub fn of(series: &[Option<f64>], step: TimeDelta, times: f64) -> Option<Self> {
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
        let slopes = slopes(&points);
        let slope = middle(&slopes)?;
        let mut off: Vec<f64> = points.iter().map(|(x, y)| y - slope * x).collect();
        distances(&mut off);
        let told = least(&slopes, points.len(), slope) > 0.0
            && (slope * over).abs() > BEYOND * middle(&off)?
            && off.iter().sum::<f64>() <= best_step(&points);
        Some(Self {
            per_second: if told { slope } else { 0.0 },
            horizon: times * over,
        })
    }

    /// How long until so much more is used up; `None` when it does not grow, or that is further off than can be told.
    pub fn reaches(self, left: f64) -> Option<TimeDelta> {
        let seconds = left / self.per_second;
        let told = self.per_second > 0.0 && seconds <= self.horizon;
        told.then(|| TimeDelta::seconds(seconds.max(0.0) as i64))
    }
}

/// The slopes between all pairs, ascending.
fn slopes(points: &[(f64, f64)]) -> Vec<f64> {
    let mut slopes = Vec::with_capacity(points.len() * points.len() / 2);
    for (nth, (x, y)) in points.iter().enumerate() {
        let later = points.iter().skip(nth + 1);
        slopes.extend(later.map(|(x2, y2)| (y2 - y) / (x2 - x)));
    }
    slopes.sort_unstable_by(f64::total_cmp);
    slopes
}

/// The slope, whichever its sign, that the true one of so many points is beyond with confidence; not above zero when there is no such.
fn least(slopes: &[f64], points: usize, slope: f64) -> f64 {
    let (n, pairs) = (points as f64, slopes.len() as f64);
    let spread = CONFIDENCE * (n * (n - 1.0) * (2.0 * n + 5.0) / 18.0).sqrt();
    let rank = (pairs - spread) / 2.0;
    if rank < 0.0 {
        return 0.0;
    }
    let bound = if slope > 0.0 {
        slopes.get(rank as usize)
    } else {
        slopes.iter().rev().nth(rank as usize)
    };
    bound.map_or(0.0, |bound| bound * slope.signum())
}

/// How far the points are from two levels in all, when the step between is where it fits best.
fn best_step(points: &[(f64, f64)]) -> f64 {
    let off = |points: &[(f64, f64)]| {
        let mut values: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
        distances(&mut values);
        values.iter().sum::<f64>()
    };
    let steps = (1..points.len()).filter_map(|at| points.split_at_checked(at));
    steps
        .map(|(before, after)| off(before) + off(after))
        .fold(f64::INFINITY, f64::min)
}

/// Values become their distances from the middle one, ascending.
fn distances(values: &mut [f64]) {
    values.sort_unstable_by(f64::total_cmp);
    let level = middle(values).unwrap_or(0.0);
    for value in values.iter_mut() {
        *value = (*value - level).abs();
    }
    values.sort_unstable_by(f64::total_cmp);
}

fn middle(sorted: &[f64]) -> Option<f64> {
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trend(values: impl IntoIterator<Item = f64>) -> Option<Trend> {
        let series: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        Trend::of(&series, TimeDelta::minutes(1), 10.0)
    }

    /// Noise between -1 and 1, the same in every run.
    fn noise(seed: u32) -> impl Iterator<Item = f64> {
        let mut state = seed.wrapping_mul(2_654_435_761).max(1);
        std::iter::repeat_with(move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            f64::from(state) / f64::from(u32::MAX) * 2.0 - 1.0
        })
    }

    /// How many of a hundred half hours of noise upon a line are told to grow.
    fn told(line: impl Fn(f64) -> f64, spread: f64) -> usize {
        let half_hour = |seed: u32| {
            let points = noise(seed).skip(8).take(30).enumerate();
            trend(points.map(|(n, noise)| line(n as f64) + spread * noise)).unwrap()
        };
        let grows = |seed: &u32| half_hour(*seed).reaches(0.5).is_some();
        (1..=100).filter(grows).count()
    }

    #[test]
    fn noise_is_no_growth_and_a_climb_through_noise_is() {
        assert_eq!(told(|_| 0.5, 0.1), 0, "noise");
        assert_eq!(told(|_| 0.5, 0.5), 0, "more of it");
        assert_eq!(told(|n| 0.3 + 0.01 * n, 0.02), 100, "a climb");
        assert!(told(|n| 0.3 + 0.01 * n, 0.05) > 95, "through more");
        assert_eq!(told(|n| 0.8 - 0.01 * n, 0.05), 0, "a descent");
    }

    #[test]
    fn a_step_is_no_growth() {
        for at in (0..30).step_by(2) {
            let step = |n: f64| if n < f64::from(at) { 0.3 } else { 0.6 };
            assert_eq!(told(step, 0.0), 0, "at {at}");
            assert_eq!(told(step, 0.02), 0, "at {at} with noise");
            assert!(told(step, 0.1) <= 1, "at {at} with much noise");
        }
        let over = |n: f64| 0.3 + 0.02 * n.min(15.0);
        assert_eq!(told(over, 0.01), 0, "a climb that is over");
    }

    #[test]
    fn a_rise_is_told_through_bursts_and_gaps() {
        let mut rising: Vec<Option<f64>> =
            (0..30).map(|n| Some(0.4 + 0.01 * f64::from(n))).collect();
        rising[7] = None;
        rising[12] = Some(1.0);
        rising[20] = Some(0.0);
        let trend = Trend::of(&rising, TimeDelta::minutes(1), 10.0).unwrap();
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
            Trend::of(&[Some(0.1); 9], TimeDelta::seconds(10), 10.0),
            None,
            "80 seconds"
        );
        let slow = trend((0..30).map(|n| 0.1 + 1e-6 * f64::from(n))).unwrap();
        assert_eq!(slow.reaches(0.9), None, "in two years, says half an hour");
        assert_eq!(slow.reaches(0.005), None, "nor of 83 hours");
        assert_eq!(slow.reaches(0.000_2).map(|time| time.num_hours()), Some(3));
    }
}
