//! Facts that add up: the law that lets a log be read in pieces, and tables with a limit.
//!
//! Whatever is known from logs is [`Join`]: a piece of the log folded alone, joined to the piece before it, knows what both
//! folded in one go would know. Counters add, the newest samples win, tables add row by row. A table that is full counts the
//! rest in one row of its own, so that totals stay true whatever a hostile sender invents.

mod rows;

use hashbrown::hash_map::EntryRef;
use hashbrown::{DefaultHashBuilder, HashMap};
pub use rows::{Name, Table, text};
use std::hash::{BuildHasher, Hash};
use std::sync::LazyLock;

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
    static SEED: LazyLock<DefaultHashBuilder> = LazyLock::new(DefaultHashBuilder::default);
    SEED.hash_one(identity)
}

/// How many different things were seen, at most `MANY` of them told apart.
#[derive(Debug, Clone, Default)]
pub struct Distinct<const MANY: usize> {
    seen: Map<u64, ()>,
    /// The one that was put in last: often it comes again.
    last: Option<u64>,
    full: bool,
}

/// Two are equal when they saw the same, whichever last.
impl<const MANY: usize> PartialEq for Distinct<MANY> {
    fn eq(&self, other: &Self) -> bool {
        self.seen == other.seen && self.full == other.full
    }
}

impl<const MANY: usize> Distinct<MANY> {
    /// This one was seen.
    pub fn add(&mut self, identity: impl Hash) {
        self.put(stand_in(identity));
    }

    /// The one with that [`stand_in`] was seen.
    pub fn put(&mut self, one: u64) {
        if self.last == Some(one) {
            return;
        }
        self.last = Some(one);
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

impl<V> Memo<Box<[u8]>, V> {
    /// The answer to `question` where it is kept, asked only when it is not remembered.
    pub fn kept(&mut self, question: &[u8], answer: impl FnOnce(&[u8]) -> V) -> &mut V {
        if self.0.len() >= REMEMBERED && !self.0.contains_key(question) {
            self.0.clear();
        }
        match self.0.entry_ref(question) {
            EntryRef::Occupied(known) => known.into_mut(),
            EntryRef::Vacant(room) => room.insert_with_key(question.into(), answer(question)),
        }
    }
}

impl<V: Clone> Memo<Box<[u8]>, V> {
    /// The answer to `question`, asked only when it is not remembered.
    pub fn get_or(&mut self, question: &[u8], answer: impl FnOnce(&[u8]) -> V) -> V {
        self.kept(question, answer).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
