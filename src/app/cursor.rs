//! The selection: an identity, not a row number, so that rows arriving above do not move the aim. The same for the other end of a range.
//!
//! Until it is moved or used for anything, it is the first row, whichever that is.

use crate::app::command::Motion;
use std::ops::RangeInclusive;

/// The selected row of a list whose rows are identified by `I`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<I> {
    selected: Option<I>,
    at: usize,
    /// Whether it stays with its identity.
    held: bool,
    /// Where the range begins that is being marked, and the row of that.
    anchor: Option<(I, usize)>,
}

impl<I> Default for Cursor<I> {
    fn default() -> Self {
        Self {
            selected: None,
            at: 0,
            held: false,
            anchor: None,
        }
    }
}

impl<I: PartialEq> Cursor<I> {
    /// The selected identity.
    pub fn selected(&self) -> Option<&I> {
        self.selected.as_ref()
    }

    /// The row of the selection, as of the last [`Cursor::settle`] or [`Cursor::go`].
    pub fn at(&self) -> usize {
        self.at
    }

    /// The rows changed. Finds the selection again; when it is gone, the row that took its place is selected.
    pub fn settle(&mut self, rows: usize, id: impl Fn(usize) -> Option<I>) {
        self.settle_by(
            rows,
            |wanted| (0..rows).find(|at| id(*at).as_ref() == Some(wanted)),
            &id,
        );
    }

    /// The same, with a quick way to find the row of an identity.
    pub fn settle_by(
        &mut self,
        rows: usize,
        row: impl Fn(&I) -> Option<usize>,
        id: impl Fn(usize) -> Option<I>,
    ) {
        let find = |at: usize, wanted: &I| {
            // Mostly it is where it was.
            let here = id(at).as_ref() == Some(wanted);
            if here { Some(at) } else { row(wanted) }
        };
        if let Some((anchor, at)) = self.anchor.take() {
            self.anchor = if let Some(at) = find(at, &anchor) {
                Some((anchor, at))
            } else {
                let at = at.min(rows.saturating_sub(1));
                id(at).map(|anchor| (anchor, at))
            };
        }
        let wanted = self.selected.as_ref().filter(|_| self.held);
        match wanted.and_then(|wanted| find(self.at, wanted)) {
            Some(at) => self.at = at,
            None => self.put(self.at, rows, id),
        }
    }

    /// Moves the selection; `page` is the height of the list in rows.
    pub fn go(
        &mut self,
        motion: Motion,
        rows: usize,
        page: usize,
        id: impl Fn(usize) -> Option<I>,
    ) {
        let (page, at) = (page.max(2), self.at);
        let to = match motion {
            Motion::Up => at.saturating_sub(1),
            Motion::Down => at + 1,
            Motion::PageUp => at.saturating_sub(page - 1),
            Motion::PageDown => at + page - 1,
            Motion::HalfUp => at.saturating_sub(page / 2),
            Motion::HalfDown => at + page / 2,
            Motion::First => 0,
            Motion::Last => rows,
            Motion::To(at) => at,
        };
        self.put(to, rows, id);
        self.hold();
    }

    /// Selects an identity, wherever it will be found.
    pub fn select(&mut self, id: I) {
        self.selected = Some(id);
        self.held = true;
    }

    /// The row that is selected, if any, is meant: the selection stays with it from now on.
    pub fn hold(&mut self) {
        self.held |= self.selected.is_some();
    }

    fn put(&mut self, at: usize, rows: usize, id: impl Fn(usize) -> Option<I>) {
        self.at = at.min(rows.saturating_sub(1));
        self.selected = id(self.at);
    }
}

/// A selection at which a range of rows can begin, whatever the rows are.
pub trait Aim {
    /// The row that is selected is meant: the selection stays with it from now on.
    fn hold(&mut self);

    /// A range begins at the selected row; whether there is such a row.
    fn begin(&mut self) -> bool;

    /// The rows between where it began and the selected one, both included, in the order shown; `None` when none began.
    fn range(&self) -> Option<RangeInclusive<usize>>;

    /// It is over.
    fn end(&mut self);
}

impl<I: PartialEq + Clone> Aim for Cursor<I> {
    fn hold(&mut self) {
        Self::hold(self);
    }

    fn begin(&mut self) -> bool {
        self.anchor = self.selected.clone().map(|selected| (selected, self.at));
        self.hold();
        self.anchor.is_some()
    }

    fn range(&self) -> Option<RangeInclusive<usize>> {
        let (_, anchor) = self.anchor.as_ref()?;
        Some(self.at.min(*anchor)..=self.at.max(*anchor))
    }

    fn end(&mut self) {
        self.anchor = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(rows: &'static [u8]) -> impl Fn(usize) -> Option<u8> {
        |at| rows.get(at).copied()
    }

    #[test]
    fn rows_arriving_above_do_not_move_the_aim() {
        let mut cursor = Cursor::default();
        cursor.settle(3, id(b"abc"));
        cursor.go(Motion::Down, 3, 10, id(b"abc"));
        cursor.settle(5, id(b"xyabc"));
        assert_eq!((cursor.selected(), cursor.at()), (Some(&b'b'), 3));
    }

    #[test]
    fn until_it_is_moved_or_held_it_is_the_first_row() {
        type Use = fn(&mut Cursor<u8>);
        let settled = |rows: &'static [u8]| {
            let mut cursor = Cursor::default();
            cursor.settle(rows.len(), id(rows));
            cursor
        };
        let mut cursor = settled(b"abc");
        cursor.settle(3, id(b"bac"));
        assert_eq!((cursor.selected(), cursor.at()), (Some(&b'b'), 0));
        let uses: [Use; 4] = [
            |cursor| cursor.go(Motion::First, 3, 10, id(b"abc")),
            |cursor| cursor.select(b'a'),
            |cursor| cursor.hold(),
            |cursor| assert!(cursor.begin()),
        ];
        for (nth, used) in uses.into_iter().enumerate() {
            let mut cursor = settled(b"abc");
            used(&mut cursor);
            cursor.settle(3, id(b"bac"));
            let here = (cursor.selected(), cursor.at());
            assert_eq!(here, (Some(&b'a'), 1), "{nth}");
        }
        // There was nothing to hold.
        let mut cursor = settled(b"");
        cursor.hold();
        cursor.settle(1, id(b"a"));
        cursor.settle(2, id(b"ba"));
        assert_eq!(cursor.selected(), Some(&b'b'));
    }

    #[test]
    fn when_the_row_is_gone_its_place_is_selected() {
        let mut cursor = Cursor::default();
        cursor.select(b'b');
        cursor.settle(3, id(b"abc"));
        cursor.settle(2, id(b"ac"));
        assert_eq!(cursor.selected(), Some(&b'c'));
        cursor.settle(0, id(b""));
        assert_eq!(cursor.selected(), None);
    }

    #[test]
    fn a_range_is_what_lies_between_its_ends_wherever_they_are_now() {
        let mut cursor = Cursor::default();
        cursor.settle(0, id(b""));
        assert!(!cursor.begin(), "there is nothing to begin at");
        cursor.settle(5, id(b"abcde"));
        cursor.go(Motion::To(3), 5, 10, id(b"abcde"));
        assert!(cursor.begin());
        cursor.go(Motion::Up, 5, 10, id(b"abcde"));
        assert_eq!(cursor.range(), Some(2..=3));
        // A row between the ends belongs to it, one above does not.
        cursor.settle(7, id(b"xabcyde"));
        assert_eq!(cursor.range(), Some(3..=5));
        // Another order: what lies between is another.
        cursor.settle(7, id(b"edyxcba"));
        assert_eq!(cursor.range(), Some(1..=4));
        // The row at the end has left: the one that took its place is the end.
        cursor.settle(6, id(b"eyxcba"));
        assert_eq!(cursor.range(), Some(1..=3));
        cursor.end();
        assert_eq!(cursor.range(), None);
        cursor.begin();
        cursor.settle(0, id(b""));
        assert_eq!(cursor.range(), None);
    }

    #[test]
    fn no_motion_leaves_the_list() {
        let mut cursor = Cursor::default();
        for motion in [
            Motion::To(9),
            Motion::PageDown,
            Motion::Down,
            Motion::Last,
            Motion::HalfDown,
        ] {
            cursor.go(motion, 2, 0, id(b"ab"));
            assert_eq!(cursor.selected(), Some(&b'b'));
        }
        for motion in [Motion::PageUp, Motion::Up, Motion::First, Motion::HalfUp] {
            cursor.go(motion, 2, 0, id(b"ab"));
            assert_eq!(cursor.selected(), Some(&b'a'));
        }
    }
}
