//! Which columns fit, and where they stand.

use ratatui::layout::Rect;

use super::{Column, Width};

/// Blank columns between two columns.
const GAP: u16 = 1;

/// Where one column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index of the column.
    pub(super) index: usize,
    /// Its left end.
    pub(super) x: u16,
    /// Columns that it takes.
    pub(super) width: u16,
}

/// The least width: what it asks for, and never less than its title with the sort mark.
fn least(column: &Column) -> u16 {
    let (Width::Fixed(asked) | Width::Flex(asked)) = column.width;
    let title = column.title.width() as u16 + u16::from(column.sort.is_some());
    asked.max(title)
}

/// Columns that fit into the area behind the gutter; the one with the cursor is among them.
pub(super) fn places(
    columns: &[Column],
    area: Rect,
    gutter: u16,
    cursor: Option<usize>,
) -> Vec<Place> {
    let gutter = gutter.min(area.width);
    let margin = u16::from(gutter > 0 && area.width > gutter);
    let room = area.width - gutter - margin;
    let mut kept: Vec<(usize, &Column, u16)> = columns
        .iter()
        .enumerate()
        .map(|(i, c)| (i, c, least(c)))
        .collect();
    while kept.len() > 1 && total(&kept) > u32::from(room) {
        let victim = kept
            .iter()
            .enumerate()
            .max_by_key(|(at, (index, column, _))| (Some(*index) != cursor, column.drop, *at))
            .map(|(at, _)| at);
        kept.remove(victim.unwrap_or(0));
    }
    let flexible = kept
        .iter()
        .filter(|(_, column, _)| matches!(column.width, Width::Flex(_)))
        .count() as u16;
    let mut extra = u32::from(room).saturating_sub(total(&kept)) as u16;
    let mut left = flexible;
    let mut x = area.x + gutter;
    let mut out = Vec::with_capacity(kept.len());
    for (index, column, mut width) in kept {
        if matches!(column.width, Width::Flex(_)) {
            let share = extra / left.max(1);
            width += share;
            extra -= share;
            left -= 1;
        }
        let width = width.min(area.right().saturating_sub(x.saturating_add(margin)));
        out.push(Place { index, x, width });
        x = x.saturating_add(width).saturating_add(GAP);
    }
    out
}

fn total(kept: &[(usize, &Column, u16)]) -> u32 {
    let gaps = u32::from(GAP) * kept.len().saturating_sub(1) as u32;
    kept.iter()
        .map(|(_, _, width)| u32::from(*width))
        .sum::<u32>()
        + gaps
}
