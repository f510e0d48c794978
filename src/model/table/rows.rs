//! Rows by name, with a limit: names as the log has them go in, rows come out, and a name that is kept elsewhere leads back to its row
//! without another look-up, which is most of what taking a line in costs.

use super::Join;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher};
use std::ops::Deref;
use std::sync::Arc;

/// Facts by name, at most `ROWS` names.
#[derive(Debug, Clone)]
pub struct Table<V, const ROWS: usize> {
    /// In the order that the names came in.
    rows: Vec<(Arc<str>, V)>,
    /// Where in `rows` each name is, by the hash of its bytes.
    places: HashTable<u32>,
    hasher: DefaultHashBuilder,
    left_out: V,
}

/// Where a row is, for as long as its table lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(u32);

/// A name that facts elsewhere share with the table, and where its row is, so that it is not looked up again. Two are equal if they read the same.
#[derive(Debug, Clone)]
pub struct Name {
    text: Arc<str>,
    /// A memory: it tells the truth only if the row there has this very `text`.
    place: Place,
}

impl Name {
    /// The text, shared.
    pub fn shared(&self) -> &Arc<str> {
        &self.text
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl<V: Default, const ROWS: usize> Default for Table<V, ROWS> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            places: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            left_out: V::default(),
        }
    }
}

/// Two are equal when they have the same rows, in whatever order.
impl<V: PartialEq, const ROWS: usize> PartialEq for Table<V, ROWS> {
    fn eq(&self, other: &Self) -> bool {
        self.left_out == other.left_out
            && self.rows.len() == other.rows.len()
            && self
                .rows
                .iter()
                .all(|(name, row)| other.get(name) == Some(row))
    }
}

impl<V, const ROWS: usize> Table<V, ROWS> {
    fn hash(hasher: &DefaultHashBuilder, name: &[u8]) -> u64 {
        let mut hasher = hasher.build_hasher();
        hasher.write(name);
        hasher.finish()
    }

    /// Where the row of a name is, if it has one. Names are looked up as they were logged: what is found is spelled as the table spells it, and only a
    /// new name is worth the question how that is.
    pub fn find(&self, name: &[u8]) -> Option<Place> {
        self.find_hashed(Self::hash(&self.hasher, name), name)
    }

    #[inline]
    fn find_hashed(&self, hash: u64, name: &[u8]) -> Option<Place> {
        let is_it = |place: &u32| self.rows[*place as usize].0.as_bytes() == name;
        self.places.find(hash, is_it).copied().map(Place)
    }

    /// The row there.
    pub fn row_at(&mut self, place: Place) -> &mut V {
        &mut self.rows[place.0 as usize].1
    }

    /// The name of the row there, shared.
    pub fn name_at(&self, place: Place) -> Name {
        Name {
            text: Arc::clone(&self.rows[place.0 as usize].0),
            place,
        }
    }

    /// Makes a row for a name that has none. `None` when the table is full.
    fn add(&mut self, hash: u64, name: Arc<str>, row: V) -> Option<Place> {
        if self.is_full() {
            return None;
        }
        let place = self.rows.len() as u32;
        self.rows.push((name, row));
        let (rows, hasher) = (&self.rows, &self.hasher);
        let again = |place: &u32| Self::hash(hasher, rows[*place as usize].0.as_bytes());
        self.places.insert_unique(hash, place, again);
        Some(Place(place))
    }

    /// The row of that name as it is.
    pub fn get(&self, name: &str) -> Option<&V> {
        let place = self.find(name.as_bytes())?;
        Some(&self.rows[place.0 as usize].1)
    }

    /// All rows, in no order.
    pub fn rows(&self) -> impl Iterator<Item = (&Arc<str>, &V)> {
        self.rows.iter().map(|(name, row)| (name, row))
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether names that have no row yet get none any more, but count together.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= ROWS
    }

    /// What was counted for names beyond the limit.
    pub fn left_out(&self) -> &V {
        &self.left_out
    }
}

impl<V: Default, const ROWS: usize> Table<V, ROWS> {
    /// The row of that name; the one for all others when the table is full.
    pub fn row(&mut self, name: &str) -> &mut V {
        self.row_of_bytes(name.as_bytes())
    }

    /// The same for a name as it was logged; what is no UTF-8 in it is replaced.
    pub fn row_of_bytes(&mut self, name: &[u8]) -> &mut V {
        let place = self.place(name);
        self.at(place)
    }

    /// The row of a name that is shared with facts elsewhere.
    #[inline]
    pub fn row_of(&mut self, name: &Name) -> &mut V {
        let known = self.rows.get(name.place.0 as usize);
        if known.is_some_and(|(own, _)| Arc::ptr_eq(own, &name.text)) {
            return self.row_at(name.place);
        }
        self.row_shared(&name.text)
    }

    /// The same for a name of which nothing else is known.
    pub fn row_shared(&mut self, name: &Arc<str>) -> &mut V {
        let hash = Self::hash(&self.hasher, name.as_bytes());
        let place = self
            .find_hashed(hash, name.as_bytes())
            .or_else(|| self.add(hash, Arc::clone(name), V::default()));
        self.at(place)
    }

    /// The row of a name as [`Table::row_of_bytes`] gives it, and the table's own copy of the name.
    pub fn named(&mut self, name: &[u8]) -> (Name, &mut V) {
        match self.place(name) {
            Some(place) => (self.name_at(place), self.row_at(place)),
            None => (Self::unknown(&text(name)), &mut self.left_out),
        }
    }

    /// The table's own copy of a name as it was logged, if it has a row, so that facts elsewhere can share it.
    pub fn name(&self, name: &[u8]) -> Name {
        if let Some(place) = self.find(name) {
            return self.name_at(place);
        }
        let name = text(name);
        match self.find(name.as_bytes()) {
            Some(place) => self.name_at(place),
            None => Self::unknown(&name),
        }
    }

    fn unknown(name: &str) -> Name {
        Name {
            text: Arc::from(name),
            place: Place(u32::MAX),
        }
    }

    /// Where the row of that name is, a new one if need be.
    fn place(&mut self, name: &[u8]) -> Option<Place> {
        let hash = Self::hash(&self.hasher, name);
        if let Some(place) = self.find_hashed(hash, name) {
            return Some(place);
        }
        match text(name) {
            Cow::Borrowed(name) => self.add(hash, Arc::from(name), V::default()),
            Cow::Owned(name) => self.place(name.as_bytes()),
        }
    }

    fn at(&mut self, place: Option<Place>) -> &mut V {
        match place {
            Some(place) => self.row_at(place),
            None => &mut self.left_out,
        }
    }
}

impl<V: Join + Default, const ROWS: usize> Join for Table<V, ROWS> {
    fn join(&mut self, newer: Self) {
        for (name, value) in newer.rows {
            let hash = Self::hash(&self.hasher, name.as_bytes());
            match self.find_hashed(hash, name.as_bytes()) {
                Some(place) => self.row_at(place).join(value),
                None if self.is_full() => self.left_out.join(value),
                None => {
                    self.add(hash, name, value);
                }
            }
        }
        self.left_out.join(newer.left_out);
    }
}

/// The text, what is no UTF-8 in it replaced. Nearly all of it is short and valid, which `from_utf8` sees sooner than `from_utf8_lossy`.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
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
    fn a_name_leads_to_its_row_wherever_it_is() {
        let mut table = Table::<u64, 3>::default();
        let early = table.name(b"a");
        let (late, row) = table.named(b"a");
        *row += 1;
        *table.row_of(&early) += 1;
        *table.row_of(&late) += 1;
        assert_eq!((table.get("a"), &early), (Some(&3), &late));
        // In another table the same place is another name's.
        let mut older = Table::<u64, 3>::default();
        *older.row("b") += 1;
        *older.row_of(&late) += 1;
        assert_eq!((older.get("b"), older.get("a")), (Some(&1), Some(&1)));
        older.join(table);
        *older.row_of(&late) += 1;
        assert_eq!(older.get("a"), Some(&5));
        // One without a row counts with the others.
        *older.row("c") += 1;
        let (other, _) = older.named(b"d");
        *older.row_of(&other) += 1;
        assert_eq!((older.len(), *older.left_out()), (3, 1));
    }

    #[test]
    fn what_is_no_utf8_is_one_name_however_it_is_asked_for() {
        let mut table = Table::<u64, 9>::default();
        let (name, row) = table.named(b"a\xff");
        *row += 1;
        *table.row_of_bytes(b"a\xff") += 1;
        *table.row(&name) += 1;
        *table.row_of(&table.name(b"a\xff")) += 1;
        assert_eq!(
            (&*name, table.len(), table.get("a\u{fffd}")),
            ("a\u{fffd}", 1, Some(&4))
        );
    }

    #[test]
    fn tables_are_equal_in_whatever_order_their_names_came() {
        let fold = |names: &[&str]| {
            let mut table = Table::<u64, 3>::default();
            for name in names {
                *table.row(name) += 1;
            }
            table
        };
        assert_eq!(fold(&["a", "b", "b"]), fold(&["b", "a", "b"]));
        assert_ne!(fold(&["a", "b", "b"]), fold(&["a", "a", "b"]));
        assert_ne!(fold(&["a"]), fold(&["a", "b"]));
    }
}
