//! A panel: a frame with a bold title on the left of its upper edge and a dim note on the right.
//!
//! Title and note never overlap: where there is too little room the note goes first, then the title is cut. That what is inside is old
//! ([`Old`]) stands behind the note, and when its source is lost it is the last to go.

use ratatui::layout::Rect;

use super::{Line, Pen, Spot};
use crate::safe_text::SafeText;
use crate::theme::Role;

/// That what a panel shows is old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Old {
    /// How old: `queue 14 s old, each read takes 9 s → every 90 s`.
    pub words: SafeText,
    /// The same where there is little room: `queue 14 s old`.
    pub short: SafeText,
    /// Whether its source is lost: then the panel is faded as well.
    pub lost: bool,
}

impl Old {
    /// For what is drawn already and has no frame: fades it when its source is lost, and then says so at the right end of its first line.
    pub fn over(&self, pen: &mut Pen<'_>, area: Rect) {
        if self.lost {
            pen.fade(area);
            let words = Line::of(" ", Role::Text).add(&self.short, Role::Defer);
            pen.line_right(area.x, area.y, area.width, &words);
        }
    }

    fn line(&self, words: &SafeText) -> Line {
        let role = if self.lost { Role::Defer } else { Role::Dim };
        Line::of(words, role)
    }
}

/// Columns of a title, blanks and all, that a note leaves at the least.
const LEAST: usize = 6;

/// What stands in the frame.
#[derive(Debug, Clone, Default)]
pub struct Window {
    title: Line,
    note: Line,
    focused: bool,
    panel: Option<usize>,
    old: Option<Old>,
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

    /// How old what is inside is, when that is worth saying.
    pub fn old(mut self, old: Option<Old>) -> Self {
        self.old = old;
        self
    }

    /// Draws the frame; what is inside it is left alone and given back; when its source is lost, [`Pen::fade_panels`] fades it. Areas too small for a frame are given back whole.
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
        let inner = Rect {
            x: area.x + 1,
            y: area.y + 1,
            width: area.width - 2,
            height: area.height - 2,
        };
        if self.old.as_ref().is_some_and(|old| old.lost) {
            pen.fade_later(inner);
        }
        inner
    }

    /// The notes that may stand there, the best first.
    fn notes(&self) -> Vec<Line> {
        let note = || self.note.clone();
        let Some(old) = &self.old else {
            return vec![note()];
        };
        let both = |words| {
            if self.note.is_empty() {
                old.line(words)
            } else {
                note().add(" · ", Role::Dim).then(old.line(words))
            }
        };
        let mut notes = vec![both(&old.words), both(&old.short)];
        if old.lost {
            notes.extend([old.line(&old.words), old.line(&old.short)]);
        } else {
            notes.push(note());
        }
        notes
    }

    fn draw_words(&self, pen: &mut Pen<'_>, area: Rect) {
        let spelt = |line: &Line| line.fitted(pen.theme.glyphs, usize::from(u16::MAX));
        let title = spelt(&self.title);
        // "╭ title ─ note ─╮": each of them between blanks, a dash between and behind.
        let framed = |line: &Line| if line.is_empty() { 0 } else { line.width() + 2 };
        let whole = usize::from(area.width);
        let mut title_width = framed(&title);
        let notes: Vec<Line> = self.notes().iter().map(spelt).collect();
        let fits = |note: &&Line| title_width + framed(note) + 4 <= whole;
        let lost = self.old.as_ref().is_some_and(|old| old.lost);
        let note = notes.iter().find(fits).or_else(|| {
            // That a panel shows no news must not be lost with the note: the title makes room.
            let last = notes.last().filter(|_| lost)?;
            title_width = whole
                .checked_sub(framed(last) + 4)
                .filter(|room| *room >= LEAST)?;
            Some(last)
        });
        if let Some(note) = note.filter(|note| !note.is_empty()) {
            let width = framed(note) as u16;
            words(pen, area.right() - 2 - width, area.y, width, note);
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
