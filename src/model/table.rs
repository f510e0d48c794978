//! Facts that add up: the law that lets a log be read in pieces, and tables with a limit.
//!
//! Whatever is known from logs is [`Join`]: a piece of the log folded alone, joined to the piece before it, knows what both
//! folded in one go would know. Counters add, the newest samples win, tables add row by row. A table that is full counts the
//! rest in one row of its own, so that totals stay true whatever a hostile sender invents.

use hashbrown::HashMap;
use hashbrown::hash_map::EntryRef;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, LazyLock};

/// A map by the hash that the model uses everywhere; seeded anew in each process, because strangers choose the keys.
pub type Map<K, V> = HashMap<K, V>;

/// What can be joined to what was known before it.
pub trait Join {
    /// Takes in what the next piece of the log told.
    fn join(&mut self, newer: Self);
}

impl Join for u64 {
    fn join(&mut self, newer: Self) {
        *self += newer;
    }
}

/// A 64-bit stand-in for an identity: equal within one process. Two different ones are equal once in 2⁶⁴.
pub fn stand_in(identity: impl Hash) -> u64 {
    static SEED: LazyLock<hashbrown::DefaultHashBuilder> =
        LazyLock::new(hashbrown::DefaultHashBuilder::default);
    SEED.hash_one(identity)
}

/// Facts by name, at most `ROWS` names.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<V, const ROWS: usize> {
    rows: Map<Arc<str>, V>,
    left_out: V,
}

impl<V: Default, const ROWS: usize> Default for Table<V, ROWS> {
    fn default() -> Self {
        Self {
            rows: Map::default(),
            left_out: V::default(),
        }
    }
}

impl<V: Default, const ROWS: usize> Table<V, ROWS> {
    /// The row of that name; the one for all others when the table is full.
    pub fn row(&mut self, name: &str) -> &mut V {
        if self.rows.len() < ROWS || self.rows.contains_key(name) {
            match self.rows.entry_ref(name) {
                EntryRef::Occupied(row) => row.into_mut(),
                EntryRef::Vacant(room) => room.insert_with_key(Arc::from(name), V::default()),
            }
        } else {
            &mut self.left_out
        }
    }

    /// The row of that name as [`Table::row`] gives it, and the table's own copy of the name.
    pub fn named(&mut self, name: &str) -> (Arc<str>, &mut V) {
        if self.rows.len() < ROWS || self.rows.contains_key(name) {
            match self.rows.entry_ref(name) {
                EntryRef::Occupied(row) => (Arc::clone(row.key()), row.into_mut()),
                EntryRef::Vacant(room) => {
                    let name = Arc::from(name);
                    (Arc::clone(&name), room.insert_with_key(name, V::default()))
                }
            }
        } else {
            (Arc::from(name), &mut self.left_out)
        }
    }

    /// The row of a name that is shared with facts elsewhere.
    pub fn row_shared(&mut self, name: &Arc<str>) -> &mut V {
        if self.rows.len() < ROWS || self.rows.contains_key(name) {
            self.rows.entry(Arc::clone(name)).or_default()
        } else {
            &mut self.left_out
        }
    }

    /// The row of that name as it is.
    pub fn get(&self, name: &str) -> Option<&V> {
        self.rows.get(name)
    }

    /// The table's own copy of a name that has a row, so that facts elsewhere can share it.
    pub fn shared(&self, name: &str) -> Arc<str> {
        self.rows
            .get_key_value(name)
            .map_or_else(|| Arc::from(name), |(name, _)| Arc::clone(name))
    }

    /// All rows, in no order.
    pub fn rows(&self) -> impl Iterator<Item = (&Arc<str>, &V)> {
        self.rows.iter()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What was counted for names beyond the limit.
    pub fn left_out(&self) -> &V {
        &self.left_out
    }
}

impl<V: Join + Default, const ROWS: usize> Join for Table<V, ROWS> {
    fn join(&mut self, newer: Self) {
        for (name, value) in newer.rows {
            let full = self.rows.len() >= ROWS;
            match self.rows.get_mut(&name) {
                Some(row) => row.join(value),
                None if full => self.left_out.join(value),
                None => {
                    self.rows.insert(name, value);
                }
            }
        }
        self.left_out.join(newer.left_out);
    }
}

/// How many different things were seen, at most `MANY` of them told apart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distinct<const MANY: usize> {
    seen: Map<u64, ()>,
    full: bool,
}

impl<const MANY: usize> Distinct<MANY> {
    /// This one was seen.
    pub fn add(&mut self, identity: impl Hash) {
        self.put(stand_in(identity));
    }

    /// The one with that [`stand_in`] was seen.
    pub fn put(&mut self, one: u64) {
        if self.seen.len() < MANY {
            self.seen.insert(one, ());
        } else if !self.seen.contains_key(&one) {
            self.full = true;
        }
    }

    /// All that another one saw.
    pub fn include<const OTHERS: usize>(&mut self, other: &Distinct<OTHERS>) {
        for one in other.seen.keys() {
            self.put(*one);
        }
        self.full |= other.full;
    }

    /// How many; at least so many when [`Distinct::is_full`].
    pub fn count(&self) -> u64 {
        self.seen.len() as u64
    }

    /// Whether there were more than can be told apart.
    pub fn is_full(&self) -> bool {
        self.full
    }
}

impl<const MANY: usize> Join for Distinct<MANY> {
    fn join(&mut self, newer: Self) {
        for one in newer.seen.into_keys() {
            self.put(one);
        }
        self.full |= newer.full;
    }
}

/// Answers that are the same whenever asked, remembered; no fact, so two are always equal and nothing is joined.
#[derive(Debug, Clone)]
pub struct Memo<K, V>(Map<K, V>);

/// Answers remembered; the memory is emptied when it is full.
const REMEMBERED: usize = 10_000;

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self(Map::default())
    }
}

impl<K, V> PartialEq for Memo<K, V> {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<V: Clone> Memo<Box<[u8]>, V> {
    /// The answer to `question`, asked only when it is not remembered.
    pub fn get_or(&mut self, question: &[u8], answer: impl FnOnce(&[u8]) -> V) -> V {
        if let Some(known) = self.0.get(question) {
            return known.clone();
        }
        let found = answer(question);
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(question.into(), found.clone());
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_counts_the_rest_together() {
        let mut table = Table::<u64, 2>::default();
        for name in ["a", "b", "c", "a", "d"] {
            *table.row(name) += 1;
        }
        assert_eq!((table.len(), *table.left_out()), (2, 2));
        assert_eq!(table.get("a"), Some(&2));
        let mut older = Table::<u64, 2>::default();
        *older.row("x") += 1;
        older.join(table);
        let all: u64 = older.rows().map(|(_, count)| count).sum();
        assert_eq!((older.len(), all + older.left_out()), (2, 6));
    }

    #[test]
    fn distinct_things_count_once_and_say_when_there_are_too_many() {
        let mut few = Distinct::<2>::default();
        few.add("a");
        few.add("a");
        assert_eq!((few.count(), few.is_full()), (1, false));
        let mut newer = Distinct::<2>::default();
        newer.add("b");
        newer.add("c");
        few.join(newer);
        assert_eq!((few.count(), few.is_full()), (2, true));
    }
}
