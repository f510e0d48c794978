//! Facts by key of which only the weightiest are kept: addresses that failed to log in, networks of one account.
//!
//! A [`Table`](crate::model::table::Table) keeps whom it met first; that would blind a watch on guessed passwords, for which the newest
//! address matters. Here, when there are too many, the lighter half goes, and how many went is known. What weighs is each fact's own
//! affair: when it was last seen, or how often. What a piece of a log told joins what the piece before it told ([`Join`]), as long as
//! nothing went.

use crate::model::table::{Join, Map};
use hashbrown::Equivalent;
use std::hash::Hash;

/// What is kept rather than another.
pub trait Weight {
    /// The heavier is kept.
    fn weight(&self) -> i64;
}

/// Facts by key, at most `ROOM` keys.
#[derive(Debug, Clone)]
pub struct Kept<K, V, const ROOM: usize> {
    rows: Map<K, V>,
    gone: u64,
}

impl<K, V, const ROOM: usize> Default for Kept<K, V, ROOM> {
    fn default() -> Self {
        Self {
            rows: Map::default(),
            gone: 0,
        }
    }
}

impl<K: Eq + Hash, V: PartialEq, const ROOM: usize> PartialEq for Kept<K, V, ROOM> {
    fn eq(&self, other: &Self) -> bool {
        self.rows == other.rows && self.gone == other.gone
    }
}

impl<K: Eq + Hash, V: Default + Weight, const ROOM: usize> Kept<K, V, ROOM> {
    /// Changes the row of that key; `own` makes the key of a new row. Gives what `change` gives.
    pub fn with<Q: Equivalent<K> + Hash + ?Sized, R>(
        &mut self,
        key: &Q,
        own: impl FnOnce() -> K,
        change: impl FnOnce(&K, &mut V) -> R,
    ) -> R {
        if let Some((key, row)) = self.rows.get_key_value_mut(key) {
            return change(key, row);
        }
        let (key, mut row) = (own(), V::default());
        let given = change(&key, &mut row);
        self.put(key, row);
        given
    }

    fn put(&mut self, key: K, row: V) {
        if self.rows.len() >= ROOM {
            self.lighten();
        }
        self.rows.insert(key, row);
    }

    /// The lighter half goes.
    fn lighten(&mut self) {
        let mut weights: Vec<i64> = self.rows.values().map(Weight::weight).collect();
        weights.sort_unstable();
        let half = weights.len() / 2;
        let Some(limit) = weights.get(half).copied() else {
            return;
        };
        let mut even = weights
            .get(half..)
            .unwrap_or_default()
            .iter()
            .take_while(|weight| **weight == limit)
            .count();
        self.rows.retain(|_, row| {
            let weight = row.weight();
            let stays = weight > limit || weight == limit && even > 0;
            even -= usize::from(stays && weight == limit);
            stays
        });
        self.gone += half as u64;
    }
}

impl<K: Eq + Hash, V, const ROOM: usize> Kept<K, V, ROOM> {
    /// The row of that key as it is.
    pub fn get<Q: Equivalent<K> + Hash + ?Sized>(&self, key: &Q) -> Option<&V> {
        self.rows.get(key)
    }

    /// All rows, in no order.
    pub fn rows(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many rows went because there were too many; one that came again and went again is counted twice.
    pub fn gone(&self) -> u64 {
        self.gone
    }
}

impl<K: Eq + Hash, V: Default + Weight + Join, const ROOM: usize> Join for Kept<K, V, ROOM> {
    fn join(&mut self, newer: Self) {
        self.gone += newer.gone;
        for (key, row) in newer.rows {
            match self.rows.get_mut(&key) {
                Some(known) => known.join(row),
                None => self.put(key, row),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Default)]
    struct Last(i64);

    impl Weight for Last {
        fn weight(&self) -> i64 {
            self.0
        }
    }

    #[test]
    fn the_lighter_half_goes_and_is_counted() {
        let mut kept = Kept::<u32, Last, 4>::default();
        for n in [5, 1, 2, 7, 3] {
            kept.with(&n, || n, |_, last| last.0 = i64::from(n));
        }
        let mut keys: Vec<u32> = kept.rows().map(|(key, _)| *key).collect();
        keys.sort_unstable();
        assert_eq!(keys, [3, 5, 7]);
        assert_eq!((kept.len(), kept.gone()), (3, 2));
    }

    #[test]
    fn equal_weights_leave_half() {
        let mut kept = Kept::<u32, Last, 100>::default();
        for n in 0..1_000 {
            kept.with(&n, || n, |_, _| ());
            assert!((1..=100).contains(&kept.len()));
        }
        assert_eq!(kept.len() as u64 + kept.gone(), 1_000);
        assert!(kept.len() > 49);
    }
}
