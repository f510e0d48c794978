//! The selection: an identity, not a row number, so that rows arriving above do not move the aim.

use crate::app::command::Motion;

/// The selected row of a list whose rows are identified by `I`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor<I> {
    selected: Option<I>,
    at: usize,
}

impl<I> Default for Cursor<I> {
    fn default() -> Self {
        Self {
            selected: None,
            at: 0,
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
        let here = |at: usize, selected: &I| id(at).as_ref() == Some(selected);
        if let Some(selected) = &self.selected {
            if here(self.at, selected) {
                return;
            }
            if let Some(at) = (0..rows).find(|at| here(*at, selected)) {
                self.at = at;
                return;
            }
        }
        self.put(self.at, rows, id);
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
        };
        self.put(to, rows, id);
    }

    /// Selects an identity, wherever it will be found.
    pub fn select(&mut self, id: I) {
        self.selected = Some(id);
    }

    fn put(&mut self, at: usize, rows: usize, id: impl Fn(usize) -> Option<I>) {
        self.at = at.min(rows.saturating_sub(1));
        self.selected = id(self.at);
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
    fn no_motion_leaves_the_list() {
        let mut cursor = Cursor::default();
        for motion in [
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
