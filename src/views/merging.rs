//! Rows sorted piece by piece: to put a hundred thousand messages in order by their sender takes a long moment, and no frame waits for it.

use std::cmp::Ordering;

/// Rows that are sorted at once.
const RUN: usize = 1_000;
/// Rows that are gone through at a time: about a millisecond.
const PIECE: usize = 4 * RUN;

/// Rows while they are sorted: first in runs, then each two neighbouring runs are merged into one, until there is only one.
#[derive(Debug)]
pub(super) struct Merging {
    rows: Vec<usize>,
    /// Rows in a run of those.
    run: usize,
    /// The same rows in runs of twice as many, as far as they are merged.
    merged: Vec<usize>,
    /// The next row of each of the two runs that are being merged, and where these end.
    left: usize,
    right: usize,
    ends: (usize, usize),
}

impl Merging {
    /// Rows in any order.
    pub(super) fn new(rows: Vec<usize>) -> Self {
        Self {
            rows,
            run: 0,
            merged: Vec::new(),
            left: 0,
            right: 0,
            ends: (0, 0),
        }
    }

    /// Goes through a piece; whether there is more to do. Always with the same order, in which no two rows are equal.
    pub(super) fn more(&mut self, order: impl Fn(usize, usize) -> Ordering) -> bool {
        if self.run == 0 {
            return self.sort_runs(order);
        }
        for _ in 0..PIECE {
            if self.merged.len() == self.rows.len() {
                std::mem::swap(&mut self.rows, &mut self.merged);
                self.run *= 2;
                self.merged.clear();
                self.begin_merge(0);
            }
            if self.run >= self.rows.len() {
                return false;
            }
            self.merge_one(&order);
        }
        true
    }

    /// The sorted rows, as soon as nothing is left to do.
    pub(super) fn end(self) -> Vec<usize> {
        self.rows
    }

    fn sort_runs(&mut self, order: impl Fn(usize, usize) -> Ordering) -> bool {
        // Until all of them are sorted `left` is how many are.
        let rest = self.rows.get_mut(self.left..).unwrap_or_default();
        for run in rest.chunks_mut(RUN).take(PIECE / RUN) {
            run.sort_unstable_by(|a, b| order(*a, *b));
            self.left += run.len();
        }
        if self.left == self.rows.len() {
            self.run = RUN;
            self.merged.reserve(self.rows.len());
            self.begin_merge(0);
            return self.run < self.rows.len();
        }
        true
    }

    fn begin_merge(&mut self, at: usize) {
        let end = |at: usize| (at + self.run).min(self.rows.len());
        (self.left, self.right) = (at, end(at));
        self.ends = (self.right, end(self.right));
    }

    /// The lesser of the first rows of two runs.
    fn merge_one(&mut self, order: impl Fn(usize, usize) -> Ordering) {
        if (self.left, self.right) == self.ends {
            self.begin_merge(self.right);
        }
        let first = |at: usize, end: usize| self.rows.get(at).copied().filter(|_| at < end);
        let (left, right) = (
            first(self.left, self.ends.0),
            first(self.right, self.ends.1),
        );
        let next = match (left, right) {
            (Some(left), Some(right)) if order(right, left).is_lt() => Err(right),
            (Some(left), _) => Ok(left),
            (None, Some(right)) => Err(right),
            (None, None) => return,
        };
        match next {
            Ok(_) => self.left += 1,
            Err(_) => self.right += 1,
        }
        self.merged.push(next.unwrap_or_else(|right| right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sorted(rows: Vec<usize>) -> (Vec<usize>, usize) {
        let mut merging = Merging::new(rows);
        let mut pieces = 1;
        while merging.more(|a, b| b.cmp(&a)) {
            pieces += 1;
        }
        (merging.end(), pieces)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn pieces_make_the_order_of_one_sort(count in 0_usize..9 * RUN, seed in 1_usize..1_000) {
            // Every row once, in an order of its own for each seed.
            let mut rows: Vec<usize> = (0..count).collect();
            rows.sort_by_key(|row| row.wrapping_mul(seed * 2_654_435_761) % 1_000_003);
            let expected: Vec<usize> = (0..count).rev().collect();
            prop_assert_eq!(sorted(rows).0, expected);
        }
    }

    #[test]
    fn no_piece_goes_through_more_than_a_few_thousand() {
        let count = 25 * PIECE;
        let (rows, pieces) = sorted((0..count).collect());
        assert_eq!((rows.len(), rows.first()), (count, Some(&(count - 1))));
        // Merging runs, and then seven rounds of merging.
        assert!((200..=201).contains(&pieces), "{pieces}");
    }
}
