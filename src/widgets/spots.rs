//! What lies where. Widgets note it with the [`Pen`](super::Pen) while they draw, so that a click means what is on the screen there.

use ratatui::layout::{Position, Rect};

/// What can lie somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// A panel: its number among those of the view, `None` when it takes no keys; and whether it has them.
    Panel(Option<usize>, bool),
    /// A row by its number, and whether it is selected.
    Row(usize, bool),
    /// A column that the cursor can be in by its number, and whether it is there.
    Column(usize, bool),
    /// The head of a column, with the name of the order that it stands for.
    Head(&'static str),
}

/// What lies at one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The panel.
    pub panel: usize,
    /// Whether it has the keys.
    pub focused: bool,
    /// The row of it, and whether that is selected.
    pub row: Option<(usize, bool)>,
    /// The column of it, and whether the cursor is there.
    pub column: Option<(usize, bool)>,
    /// The order that the column's head there stands for.
    pub head: Option<&'static str>,
}

impl Hit {
    /// Whether a click there changes nothing, because it is selected and has the keys already.
    pub fn is_selected(&self) -> bool {
        let column = self.column.is_none_or(|(_, selected)| selected);
        self.focused && self.row.is_some_and(|(_, selected)| selected) && column
    }
}

/// All that lies on a screen, in the order in which it was drawn.
#[derive(Debug, Clone, Default)]
pub struct Spots(Vec<(Rect, Spot)>);

impl Spots {
    pub(super) fn note(&mut self, area: Rect, spot: Spot) {
        self.0.push((area, spot));
    }

    /// What was drawn last at this place; `None` where no panel is that takes keys.
    pub fn hit(&self, column: u16, row: u16) -> Option<Hit> {
        let mut hit = None;
        let here = self.0.iter();
        for (_, spot) in here.filter(|(area, _)| area.contains(Position::new(column, row))) {
            if let Spot::Panel(number, focused) = *spot {
                hit = number.map(|panel| Hit {
                    panel,
                    focused,
                    row: None,
                    column: None,
                    head: None,
                });
            } else if let Some(hit) = &mut hit {
                match *spot {
                    Spot::Row(at, selected) => hit.row = Some((at, selected)),
                    Spot::Column(at, selected) => hit.column = Some((at, selected)),
                    Spot::Head(order) => hit.head = Some(order),
                    Spot::Panel(..) => {}
                }
            }
        }
        hit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_last_is_hit_and_a_panel_without_keys_hides_what_is_below_it() {
        let at = |x, y, width, height| Rect::new(x, y, width, height);
        let mut spots = Spots::default();
        spots.note(at(0, 0, 10, 5), Spot::Panel(Some(2), true));
        spots.note(at(1, 1, 8, 1), Spot::Head("size"));
        spots.note(at(1, 2, 8, 1), Spot::Row(7, true));
        spots.note(at(1, 3, 8, 1), Spot::Row(8, false));
        let hit = spots.hit(1, 2).unwrap();
        assert_eq!((hit.panel, hit.row, hit.head), (2, Some((7, true)), None));
        assert!(hit.is_selected() && !spots.hit(1, 3).unwrap().is_selected());
        assert_eq!(spots.hit(8, 1).unwrap().head, Some("size"));
        assert_eq!(spots.hit(9, 4).unwrap().row, None);
        assert_eq!(spots.hit(10, 4), None);
        spots.note(at(0, 2, 10, 1), Spot::Panel(None, false));
        assert_eq!(spots.hit(1, 2), None);
        assert!(spots.hit(1, 3).is_some());
    }

    #[test]
    fn of_cells_both_row_and_column_must_be_selected() {
        let mut spots = Spots::default();
        let all = Rect::new(0, 0, 9, 1);
        spots.note(all, Spot::Panel(Some(0), true));
        spots.note(all, Spot::Row(0, true));
        spots.note(Rect::new(0, 0, 4, 1), Spot::Column(0, false));
        spots.note(Rect::new(4, 0, 5, 1), Spot::Column(1, true));
        assert!(!spots.hit(0, 0).unwrap().is_selected());
        assert!(spots.hit(4, 0).unwrap().is_selected());
    }
}
