//! The order of a table's rows: one of a few, each the other way round as well. A view holds a [`Sorting`] for each of its tables; menu, keys,
//! palette and clicks change it as an [`Ordered`], whatever the rows are.

use crate::widgets::{Column, Sort};
use std::cmp::Ordering;

/// One order: what it is for the view, its name for the operator, and how it runs unless it is reversed.
pub type Order<B> = (B, &'static str, Sort);

/// Which of its orders a table has.
#[derive(Debug, Clone, Copy)]
pub struct Sorting<B: 'static> {
    orders: &'static [Order<B>],
    by: B,
    reverse: bool,
}

impl<B: Copy + PartialEq> Sorting<B> {
    /// A table with these orders, in this one of them.
    pub const fn new(orders: &'static [Order<B>], by: B) -> Self {
        Self {
            orders,
            by,
            reverse: false,
        }
    }

    /// What the rows are sorted by.
    pub fn by(&self) -> B {
        self.by
    }

    /// Whether they run the other way round.
    pub fn is_reversed(&self) -> bool {
        self.reverse
    }

    /// How two rows stand to each other, the other way round when it is reversed.
    pub fn run(&self, by: Ordering) -> Ordering {
        if self.reverse { by.reverse() } else { by }
    }

    /// The column of this order: its head has the mark while the rows are in it, and stands for it.
    pub fn head(&self, column: Column, by: B) -> Column {
        let Some((_, name, _)) = self.orders.iter().find(|order| order.0 == by) else {
            return column;
        };
        let sort = self.sort().filter(|_| self.by == by);
        column.sorted(sort).order(name)
    }

    fn at(&self) -> usize {
        let here = |order: &Order<B>| order.0 == self.by;
        self.orders.iter().position(here).unwrap_or(0)
    }

    fn sort(&self) -> Option<Sort> {
        let (.., first) = self.orders.get(self.at())?;
        Some(match (first, self.reverse) {
            (Sort::Down, false) | (Sort::Up, true) => Sort::Down,
            (Sort::Up, false) | (Sort::Down, true) => Sort::Up,
        })
    }
}

/// The order of a table, whatever its rows are.
pub trait Ordered {
    /// The names of all orders.
    fn names(&self) -> Vec<&'static str>;

    /// The name of the one that the rows are in.
    fn name(&self) -> &'static str;

    /// Which way they run.
    fn runs(&self) -> Sort;

    /// Puts the rows into the order of that name, the way it runs of itself; an unknown name changes nothing.
    fn choose(&mut self, name: &str);

    /// The order before this one, or the one after, round the end.
    fn step(&mut self, back: bool);

    /// The other way round.
    fn reverse(&mut self);
}

impl<B: Copy + PartialEq> Ordered for Sorting<B> {
    fn names(&self) -> Vec<&'static str> {
        self.orders.iter().map(|(_, name, _)| *name).collect()
    }

    fn name(&self) -> &'static str {
        self.orders.get(self.at()).map_or("", |(_, name, _)| name)
    }

    fn runs(&self) -> Sort {
        self.sort().unwrap_or(Sort::Down)
    }

    fn choose(&mut self, name: &str) {
        if let Some((by, ..)) = self.orders.iter().find(|(_, known, _)| *known == name) {
            (self.by, self.reverse) = (*by, false);
        }
    }

    fn step(&mut self, back: bool) {
        let many = self.orders.len().max(1);
        let step = if back { many - 1 } else { 1 };
        if let Some((by, ..)) = self.orders.get((self.at() + step) % many) {
            self.by = *by;
        }
    }

    fn reverse(&mut self) {
        self.reverse = !self.reverse;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &[Order<u8>] = &[
        (b'c', "count", Sort::Down),
        (b'n', "name", Sort::Up),
        (b'a', "age", Sort::Down),
    ];

    #[test]
    fn an_order_runs_its_own_way_when_it_is_chosen_and_the_other_when_reversed() {
        let mut sorting = Sorting::new(ORDERS, b'c');
        assert_eq!((sorting.name(), sorting.runs()), ("count", Sort::Down));
        sorting.reverse();
        assert_eq!((sorting.runs(), sorting.is_reversed()), (Sort::Up, true));
        sorting.choose("name");
        assert_eq!((sorting.by(), sorting.runs()), (b'n', Sort::Up));
        sorting.reverse();
        assert_eq!(sorting.runs(), Sort::Down);
        sorting.choose("size");
        assert_eq!((sorting.name(), sorting.is_reversed()), ("name", true));
    }

    #[test]
    fn steps_go_round_the_end() {
        let mut sorting = Sorting::new(ORDERS, b'c');
        sorting.step(true);
        assert_eq!(sorting.name(), "age");
        sorting.step(false);
        sorting.step(false);
        assert_eq!(sorting.name(), "name");
    }
}
