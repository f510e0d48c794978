//! A panel: a frame with a bold title on the left of its upper edge and a dim note on the right.
//!
//! Title and note never overlap: where there is too little room the note goes first, then the title is cut.

use ratatui::layout::Rect;

use super::{Line, Pen, Spot};
use crate::theme::Role;

/// What stands in the frame.
#[derive(Debug, Clone, Default)]
pub struct Window {
    title: Line,
    note: Line,
    focused: bool,
    panel: Option<usize>,
}

impl Window {
    /// A window with this title; words that are plain text become [`Role::Head`].
    pub fn new(title: impl Into<Line>) -> Self {
        Self {
            title: with_default(title.into(), Role::Head),
            ..Self::default()
        }
    }

    /// A note at the right of the upper edge; words that are plain text become [`Role::Dim`].
    pub fn note(mut self, note: impl Into<Line>) -> Self {
        self.note = with_default(note.into(), Role::Dim);
        self
    }

    /// Whether keys go to this panel; its frame is then in [`Role::Accent`].
    pub fn focused(mut self, focused: bool) -> Self {
        self.focused = focused;
        self
    }

    /// Its number among the panels of the view that take keys; a click upon it gives them to it.
    pub fn panel(mut self, number: usize) -> Self {
        self.panel = Some(number);
        self
    }

    /// Draws the frame; what is inside it is left alone and given back. Areas too small for a frame are given back whole.
    pub fn draw(&self, pen: &mut Pen<'_>, area: Rect) -> Rect {
        let area = area.intersection(pen.area());
        pen.spot(area, Spot::Panel(self.panel, self.focused));
        if area.width < 2 || area.height < 2 {
            return area;
        }
        let role = if self.focused {
            Role::Accent
        } else {
            Role::Frame
        };
        let [top_left, top_right, bottom_left, bottom_right, across, down] = pen.glyphs().border;
        let (right, bottom) = (area.right() - 1, area.bottom() - 1);
        pen.fill(Rect { height: 1, ..area }, across, role);
        pen.fill(
            Rect {
                y: bottom,
                height: 1,
                ..area
            },
            across,
            role,
        );
        pen.fill(Rect { width: 1, ..area }, down, role);
        pen.fill(
            Rect {
                x: right,
                width: 1,
                ..area
            },
            down,
            role,
        );
        pen.sign(area.x, area.y, top_left, role);
        pen.sign(right, area.y, top_right, role);
        pen.sign(area.x, bottom, bottom_left, role);
        pen.sign(right, bottom, bottom_right, role);
        self.draw_words(pen, area);
        Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width - 2,
            height: area.height - 2,
        }
    }

    fn draw_words(&self, pen: &mut Pen<'_>, area: Rect) {
        let spelt = |line: &Line| line.fitted(pen.theme.glyphs, usize::from(u16::MAX));
        let (title, note) = (spelt(&self.title), spelt(&self.note));
        // "╭ title ─ note ─╮": each of them between blanks, a dash between and behind.
        let whole = usize::from(area.width);
        let title_width = if title.is_empty() {
            0
        } else {
            title.width() + 2
        };
        let note_width = if note.is_empty() { 0 } else { note.width() + 2 };
        if note_width > 0 && title_width + note_width + 4 <= whole {
            let x = area.right() - 2 - note_width as u16;
            words(pen, x, area.y, note_width as u16, &note);
        }
        // At least one blank each side and one letter.
        if title_width > 0 && whole >= 5 {
            words(
                pen,
                area.x + 1,
                area.y,
                title_width.min(whole - 2) as u16,
                &title,
            );
        }
    }
}

/// An area of this size in the middle of the screen, no larger than that.
pub fn middle(screen: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(screen.width);
    let height = height.min(screen.height);
    Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    }
}

fn words(pen: &mut Pen<'_>, x: u16, y: u16, width: u16, line: &Line) {
    pen.clear(Rect {
        x,
        y,
        width,
        height: 1,
    });
    pen.line(x + 1, y, width - 2, line);
}

fn with_default(mut line: Line, role: Role) -> Line {
    for span in line.spans.iter_mut().filter(|span| span.role == Role::Text) {
        span.role = role;
    }
    line
}
