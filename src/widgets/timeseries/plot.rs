//! The plot: values to dots, dots to glyphs.

use std::borrow::Cow;

use ratatui::layout::Rect;

use crate::safe_text::SafeText;
use crate::theme::{GlyphSet, Role};
use crate::widgets::{Pen, bars};

/// The bits of a braille cell, by column, from the lowest dot up.
const BRAILLE: [[u8; 4]; 2] = [[0x40, 0x04, 0x02, 0x01], [0x80, 0x20, 0x10, 0x08]];
const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// A rectangle whose upper edge stands for one value and its lower edge for zero.
pub(super) struct Plot {
    area: Rect,
    top: f64,
    reach: (f64, f64),
    glyphs: GlyphSet,
}

/// What one layer draws into one cell.
enum Ink {
    Nothing,
    /// Dots of braille.
    Bits(u8),
    Part(&'static str),
    Full(&'static str),
}

impl Plot {
    /// `reach`: from where to where the values lie, 0 being the left edge and 1 the right one.
    pub(super) fn new(area: Rect, top: f64, reach: (f64, f64), glyphs: GlyphSet) -> Self {
        Self {
            area,
            top,
            reach,
            glyphs,
        }
    }

    pub(super) fn area(&self) -> Rect {
        self.area
    }

    /// Dots in a cell: across, up.
    fn grain(&self) -> (usize, usize) {
        match self.glyphs {
            GlyphSet::Braille => (2, 4),
            GlyphSet::Blocks => (1, 8),
            GlyphSet::Cp437 => (1, 2),
            GlyphSet::Ascii => (1, 3),
        }
    }

    /// Dots from the lower edge for this value; what is more than nothing has at least one.
    fn dots(&self, value: f64) -> usize {
        let all = usize::from(self.area.height) * self.grain().1;
        let dots = (value / self.top * all as f64).round();
        if value > 0.0 {
            (dots as usize).clamp(1, all.max(1))
        } else {
            0
        }
    }

    /// The row of cells that this value is in.
    pub(super) fn row_of(&self, value: f64) -> u16 {
        let cells = self.dots(value).saturating_sub(1) / self.grain().1;
        self.area
            .bottom()
            .saturating_sub(1)
            .saturating_sub(cells as u16)
            .max(self.area.y)
    }

    /// One height for each column of dots: the largest value in it; where there are fewer values than columns, the ones between lie on a straight line.
    fn heights(&self, values: &[Option<f64>]) -> Vec<Option<usize>> {
        let columns = usize::from(self.area.width) * self.grain().0;
        let (from, to) = self.reach;
        let each = values.len() as f64 / (to - from);
        let value_at = |column: usize| {
            let within = bars::within(column, columns, values.len(), self.reach);
            let value = |at: usize| values.get(at).copied().flatten();
            if within.len() != 1 || each >= columns as f64 {
                return within.filter_map(value).reduce(f64::max);
            }
            // Each value stands in the middle of its time.
            let at = ((column as f64 + 0.5) / columns as f64 - from) * each - 0.5;
            let part = at - at.floor();
            let (left, right) = if at < 0.0 {
                (None, value(0))
            } else {
                (value(at as usize), value(at as usize + 1))
            };
            match (left, right) {
                (Some(l), Some(r)) => Some(l + (r - l) * part),
                (l, _) if part < 0.5 => l,
                (_, r) => r,
            }
        };
        (0..columns)
            .map(|column| {
                value_at(column)
                    .filter(|v| v.is_finite())
                    .map(|v| self.dots(v))
            })
            .collect()
    }

    pub(super) fn draw(
        &self,
        pen: &mut Pen<'_>,
        area: (&[Option<f64>], Role),
        line: Option<(&[Option<f64>], Role)>,
    ) {
        let heights = self.heights(area.0);
        let second = line.map(|(values, role)| (self.heights(values), role));
        let (across, _) = self.grain();
        for column in 0..self.area.width {
            let from = usize::from(column) * across;
            let x = self.area.x + column;
            let filled = heights.get(from..from + across).unwrap_or_default();
            if filled.iter().all(Option::is_none) {
                let gap = if self.glyphs == GlyphSet::Ascii {
                    "-"
                } else {
                    pen.glyphs().zero
                };
                pen.sign(x, self.area.bottom() - 1, gap, Role::Dim);
            }
            for row in 0..self.area.height {
                let y = self.area.bottom() - 1 - row;
                let fill = self.fill(filled, usize::from(row));
                let thin = match &second {
                    Some((line, _)) if row > 0 || !covers(filled, line.get(from..)) => {
                        self.thin(line, from, usize::from(row))
                    }
                    // Along the axis it would only colour the area's foot.
                    Some(_) | None => Ink::Nothing,
                };
                let line = second.as_ref().map_or(area.1, |(_, role)| *role);
                let (sign, role) = mixed(fill, thin, (area.1, line), self.crossed());
                if sign != " " {
                    pen.sign(x, y, &sign, role);
                }
            }
        }
    }

    /// The area's ink in the cell of this row, counted from below.
    fn fill(&self, heights: &[Option<usize>], row: usize) -> Ink {
        let (_, up) = self.grain();
        let in_cell = |height: &Option<usize>| height.unwrap_or(0).saturating_sub(row * up).min(up);
        if self.glyphs == GlyphSet::Braille {
            let bits = heights
                .iter()
                .zip(BRAILLE)
                .flat_map(|(height, column)| column.into_iter().take(in_cell(height)));
            return match bits.fold(0, |all, bit| all | bit) {
                0 => Ink::Nothing,
                bits => Ink::Bits(bits),
            };
        }
        let level = heights.first().map_or(0, in_cell);
        let signs: &[&'static str] = match self.glyphs {
            GlyphSet::Braille | GlyphSet::Blocks => &BLOCKS,
            GlyphSet::Cp437 => &["▄", "█"],
            GlyphSet::Ascii => &[".", ":", "#"],
        };
        match level.checked_sub(1).and_then(|at| signs.get(at)) {
            None => Ink::Nothing,
            Some(sign) if level == up => Ink::Full(sign),
            Some(sign) => Ink::Part(sign),
        }
    }

    /// Where the line crosses a cell that the area fills, in glyphs that have no dots to tell them apart.
    fn crossed(&self) -> &'static str {
        match self.glyphs {
            GlyphSet::Braille | GlyphSet::Blocks | GlyphSet::Cp437 => "▓",
            GlyphSet::Ascii => "=",
        }
    }

    /// The thin line's ink in the cell: one dot high, joined to the column before where it jumps; nothing is drawn for zero.
    fn thin(&self, heights: &[Option<usize>], from: usize, row: usize) -> Ink {
        let (across, up) = self.grain();
        let mut bits = 0_u8;
        for dx in 0..across {
            let Some(here) = heights.get(from + dx).copied().flatten() else {
                continue;
            };
            let before = (from + dx)
                .checked_sub(1)
                .and_then(|at| heights.get(at).copied().flatten())
                .unwrap_or(here);
            // The end of the jump that the column before has drawn itself is not drawn twice.
            let dots = if before < here {
                before..here
            } else {
                here.saturating_sub(1)..before.saturating_sub(1).max(here)
            };
            for dy in 0..up {
                if dots.contains(&(row * up + dy)) {
                    bits |= BRAILLE
                        .get(dx)
                        .and_then(|column| column.get(dy.min(3)))
                        .copied()
                        .unwrap_or(0);
                }
            }
        }
        match (bits, self.glyphs) {
            (0, _) => Ink::Nothing,
            (bits, GlyphSet::Braille) => Ink::Bits(bits),
            (_, GlyphSet::Blocks | GlyphSet::Cp437) => Ink::Part("─"),
            (_, GlyphSet::Ascii) => Ink::Part("-"),
        }
    }

    /// Dots across the row of the threshold where nothing is drawn, and its name in the widest free run, else at the left.
    pub(super) fn draw_threshold(&self, pen: &mut Pen<'_>, value: f64, name: &SafeText) {
        if !(value > 0.0 && value <= self.top) || self.area.is_empty() {
            return;
        }
        let y = self.row_of(value);
        let free: Vec<u16> = (self.area.left()..self.area.right())
            .filter(|x| pen.is_blank(*x, y))
            .collect();
        for x in &free {
            let dots = pen.glyphs().dots;
            pen.sign(*x, y, dots, Role::Dim);
        }
        let run = free
            .chunk_by(|a, b| a + 1 == *b)
            .max_by_key(|run| run.len())
            .unwrap_or_default();
        let name = pen.theme.glyphs.spell(name);
        let width = name.width();
        let room = usize::from(self.area.width);
        let start = match run.first().filter(|_| run.len() >= width + 4) {
            Some(start) => start + ((run.len() - width) / 2) as u16 - 1,
            // Where all is above the limit, its name is cut out of the area.
            None if room >= width + 2 => self.area.x,
            None => return,
        };
        if width > 0 {
            pen.text(start, y, width as u16 + 2, format!(" {name} "), Role::Dim);
        }
    }
}

/// Whether the area is at least as high as the line everywhere in these columns.
fn covers(area: &[Option<usize>], line: Option<&[Option<usize>]>) -> bool {
    let mut pairs = area.iter().zip(line.unwrap_or_default());
    pairs.all(|(area, line)| line.unwrap_or(0) <= area.unwrap_or(0))
}

/// The one sign and the one role of a cell that both layers want: the ink of both, in the line's role where its own is.
fn mixed(
    fill: Ink,
    thin: Ink,
    (area, line): (Role, Role),
    crossed: &'static str,
) -> (Cow<'static, str>, Role) {
    match (fill, thin) {
        (Ink::Nothing, Ink::Nothing) => (" ".into(), area),
        (Ink::Bits(bits), Ink::Nothing) => (braille(bits).into(), area),
        (Ink::Part(sign) | Ink::Full(sign), Ink::Nothing) => (sign.into(), area),
        (Ink::Bits(fill), Ink::Bits(thin)) => (braille(fill | thin).into(), line),
        (_, Ink::Bits(thin)) => (braille(thin).into(), line),
        (Ink::Full(_), _) => (crossed.into(), line),
        (Ink::Part(sign), _) | (_, Ink::Part(sign) | Ink::Full(sign)) => (sign.into(), line),
    }
}

/// The sign of these dots; none of them is a blank, not U+2800.
fn braille(bits: u8) -> String {
    let sign = char::from_u32(0x2800 + u32::from(bits)).filter(|_| bits > 0);
    sign.unwrap_or(' ').to_string()
}
