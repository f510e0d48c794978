//! Moments in no order, of which is asked how many lie before one.
//!
//! To sort a hundred thousand of them at once takes several milliseconds. They are sorted in runs instead, each when it is full, and a
//! question is put to every run.

/// Moments in one run.
const RUN: usize = 4_096;

/// Moments, seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moments {
    /// Each [`RUN`] of them in order, also the last, shorter one when it is [ended](Moments::end).
    runs: Vec<i64>,
}

impl FromIterator<i64> for Moments {
    fn from_iter<T: IntoIterator<Item = i64>>(all: T) -> Self {
        let mut moments = Self::default();
        for moment in all {
            moments.add(moment);
        }
        moments.end();
        moments
    }
}

impl Moments {
    /// One more.
    pub fn add(&mut self, moment: i64) {
        self.runs.push(moment);
        if self.runs.len().is_multiple_of(RUN) {
            self.sort_last();
        }
    }

    /// These were all: now they can be asked for.
    pub fn end(&mut self) {
        self.sort_last();
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.runs.len()
    }

    /// How many lie not after this one.
    pub fn until(&self, moment: i64) -> usize {
        let runs = self.runs.chunks(RUN);
        runs.map(|run| run.partition_point(|one| *one <= moment))
            .sum()
    }

    /// The first.
    pub fn first(&self) -> Option<i64> {
        self.runs
            .chunks(RUN)
            .filter_map(<[i64]>::first)
            .min()
            .copied()
    }

    fn sort_last(&mut self) {
        if let Some(run) = self.runs.chunks_mut(RUN).last() {
            run.sort_unstable();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_before_a_moment_does_not_depend_on_the_order() {
        let count = 2 * RUN as i64 + 77;
        // Every number below `count` once, in no order: 7,919 is a prime that does not divide it.
        let mixed: Moments = (0..count).map(|n| n * 7_919 % count).collect();
        for moment in [-1, 0, 1, 4_095, 4_096, count / 2, count - 1, count + 9] {
            let until = (moment + 1).clamp(0, count);
            assert_eq!(mixed.until(moment), until as usize, "{moment}");
        }
        assert_eq!((mixed.count() as i64, mixed.first()), (count, Some(0)));
        assert_eq!(Moments::default().first(), None);
        assert_eq!(Moments::default().until(7), 0);
    }
}
