//! The pen: a buffer and a theme, and the few strokes that all widgets are made of. Every stroke is clipped to the buffer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::{Line, Spot, Spots};
use crate::safe_text::SafeText;
use crate::theme::{Glyphs, Role, Theme};

/// Draws into a buffer in the look of a theme.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    /// The look.
    pub theme: &'a Theme,
    private: bool,
    spots: Option<&'a mut Spots>,
    /// Panels that are to fade when they are drawn.
    fading: Vec<Rect>,
}

impl<'a> Pen<'a> {
    /// A pen for this buffer (`frame.buffer_mut()`).
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self {
            buffer,
            theme,
            private: false,
            spots: None,
            fading: Vec::new(),
        }
    }

    /// Whether all words are drawn without who they name ([`SafeText::private`]).
    pub fn private(mut self, private: bool) -> Self {
        self.private = private;
        self
    }

    /// What is drawn is noted there, for clicks.
    pub fn noting(mut self, spots: &'a mut Spots) -> Self {
        self.spots = Some(spots);
        self
    }

    /// That lies here.
    pub fn spot(&mut self, area: Rect, spot: Spot) {
        let area = area.intersection(self.buffer.area);
        if let Some(spots) = self.spots.as_deref_mut().filter(|_| !area.is_empty()) {
            spots.note(area, spot);
        }
    }

    /// The whole paper.
    pub fn area(&self) -> Rect {
        self.buffer.area
    }

    /// The signs of the theme.
    pub fn glyphs(&self) -> &'static Glyphs {
        self.theme.glyphs()
    }

    /// The line from its left end, at most `width` columns; says how many it took.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &Line) -> u16 {
        let width = self.room(x, y, width);
        let mut at = x;
        let hidden = self.private.then(|| line.private());
        let line = hidden.as_ref().unwrap_or(line);
        for span in line.fitted(self.theme.glyphs, usize::from(width)).spans {
            let style = self.theme.style(span.role);
            (at, _) = self.buffer.set_stringn(
                at,
                y,
                span.text.as_str(),
                usize::from(x + width - at),
                style,
            );
        }
        at - x
    }

    /// The line with its right end at the end of `width` columns; says how many it took.
    pub fn line_right(&mut self, x: u16, y: u16, width: u16, line: &Line) -> u16 {
        let fitted = line.fitted(self.theme.glyphs, usize::from(width));
        let missing = width.saturating_sub(fitted.width() as u16);
        self.line(x.saturating_add(missing), y, width - missing, &fitted)
    }

    /// Words of one role, at most `width` columns; says how many they took.
    pub fn text(
        &mut self,
        x: u16,
        y: u16,
        width: u16,
        text: impl Into<SafeText>,
        role: Role,
    ) -> u16 {
        self.line(x, y, width, &Line::of(text, role))
    }

    /// Lines from top to bottom, as many as the area holds; says how many those were.
    pub fn lines<'l>(&mut self, area: Rect, lines: impl IntoIterator<Item = &'l Line>) -> u16 {
        let mut drawn = 0;
        for (y, line) in (area.top()..area.bottom()).zip(lines) {
            self.line(area.x, y, area.width, line);
            drawn += 1;
        }
        drawn
    }

    /// One sign, one cell.
    pub fn sign(&mut self, x: u16, y: u16, sign: &str, role: Role) {
        let style = self.theme.style(role);
        if let Some(cell) = self.buffer.cell_mut((x, y)) {
            cell.set_symbol(sign)
                .set_style(Style::reset())
                .set_style(style);
        }
    }

    /// The same sign in every cell of the area.
    pub fn fill(&mut self, area: Rect, sign: &str, role: Role) {
        for position in area.intersection(self.buffer.area).positions() {
            self.sign(position.x, position.y, sign, role);
        }
    }

    /// Blanks.
    pub fn clear(&mut self, area: Rect) {
        self.fill(area, " ", Role::Text);
    }

    /// The role's style over what is there, for instance [`Role::Sel`] over a row; words that have a colour of their own keep it.
    pub fn paint(&mut self, area: Rect, role: Role) {
        let style = self.theme.style(role);
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                let own = cell.fg;
                cell.set_style(style);
                if own != Color::Reset {
                    cell.set_fg(own);
                }
            }
        }
    }

    /// The ground of a share upon what is there ([`Theme::shade`]); nothing where the terminal has too few colours. Says whether it was painted.
    pub fn shade(&mut self, area: Rect, role: Role, level: usize) -> bool {
        let Some(style) = self.theme.shade(role, level) else {
            return false;
        };
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                cell.set_style(Style::reset()).set_style(style);
            }
        }
        true
    }

    /// What is there, in [`Role::Dim`]: for a panel whose source is lost. A selected row still is one.
    pub fn fade(&mut self, area: Rect) {
        let (dim, sel) = (self.theme.style(Role::Dim), self.theme.style(Role::Sel));
        for position in area.intersection(self.buffer.area).positions() {
            if let Some(cell) = self.buffer.cell_mut(position) {
                // Where colours are few, a shade may have the same ground.
                let selected = sel.bg.is_none_or(|ground| cell.bg == ground)
                    && cell.modifier.contains(sel.add_modifier);
                cell.set_style(Style::reset())
                    .set_style(if selected { sel } else { dim });
            }
        }
    }

    /// Has the area faded by [`Pen::fade_panels`], when all that belongs there is drawn.
    pub(super) fn fade_later(&mut self, area: Rect) {
        self.fading.push(area);
    }

    /// Fades the panels drawn so far whose source is lost ([`super::Window::old`]).
    pub fn fade_panels(&mut self) {
        for area in std::mem::take(&mut self.fading) {
            self.fade(area);
        }
    }

    /// True if nothing is drawn in this cell; false outside the buffer.
    pub(super) fn is_blank(&self, x: u16, y: u16) -> bool {
        self.buffer
            .cell((x, y))
            .is_some_and(|cell| cell.symbol() == " ")
    }

    /// How many of `width` columns from here are inside the buffer.
    fn room(&self, x: u16, y: u16, width: u16) -> u16 {
        let area = self.buffer.area;
        if x < area.left() || y < area.top() || y >= area.bottom() {
            return 0;
        }
        width.min(area.right().saturating_sub(x))
    }
}
