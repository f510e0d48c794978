//! A sheet: a dialog in the middle of the screen that says what will happen, and offers choices.
//!
//! It draws only; which choice has the focus and what has been typed are arguments, what a key does is the caller's business.

use ratatui::layout::Rect;

use super::{Line, Pen, Window};
use crate::safe_text::SafeText;
use crate::theme::Role;

/// One thing to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The key that chooses it.
    pub key: SafeText,
    /// What it does.
    pub label: SafeText,
    /// How it is drawn when it has no focus: [`Role::Bounce`] for what cannot be undone.
    pub role: Role,
}

impl Choice {
    /// A harmless choice.
    pub fn new(key: impl Into<SafeText>, label: impl Into<SafeText>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            role: Role::Text,
        }
    }

    /// A choice that cannot be undone.
    pub fn grave(mut self) -> Self {
        self.role = Role::Bounce;
        self
    }
}

/// What stands on the sheet.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    title: Line,
    note: Line,
    lines: Vec<(SafeText, Line)>,
    choices: Vec<Choice>,
    focus: usize,
    input: Option<(SafeText, SafeText)>,
}

impl Sheet {
    /// A sheet with this title.
    pub fn new(title: impl Into<Line>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// A note in the frame, for instance `Esc cancels`.
    pub fn note(mut self, note: impl Into<Line>) -> Self {
        self.note = note.into();
        self
    }

    /// One more line; labels stand in a column of their own. An empty label continues the line above.
    pub fn line(mut self, label: impl Into<SafeText>, words: impl Into<Line>) -> Self {
        self.lines.push((label.into(), words.into()));
        self
    }

    /// An empty line.
    pub fn blank(self) -> Self {
        self.line("", Line::new())
    }

    /// A field to type into, with what has been typed.
    pub fn input(mut self, label: impl Into<SafeText>, typed: impl Into<SafeText>) -> Self {
        self.input = Some((label.into(), typed.into()));
        self
    }

    /// The choices, and which of them has the focus.
    pub fn choices(mut self, choices: Vec<Choice>, focus: usize) -> Self {
        self.choices = choices;
        self.focus = focus;
        self
    }

    /// Draws over the middle of the screen and says where.
    pub fn draw(&self, pen: &mut Pen<'_>, screen: Rect) -> Rect {
        let screen = screen.intersection(pen.area());
        let labels = self
            .lines
            .iter()
            .map(|(label, _)| label.width())
            .max()
            .unwrap_or(0) as u16;
        let indent = if labels > 0 { labels + 2 } else { 0 };
        let buttons = self.buttons();
        let rows = self.lines.len()
            + if self.input.is_some() { 2 } else { 0 }
            + if buttons.is_empty() { 0 } else { 2 };
        let area = super::middle(screen, self.wish(indent, &buttons), rows as u16 + 2);
        pen.clear(area);
        let inner = Window::new(self.title.clone())
            .note(self.note.clone())
            .focused(true)
            .draw(pen, area);
        if inner == area {
            return area;
        }
        let inner = Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        };
        // Choices keep the last row when there is too little room: what can be done is never out of sight.
        let bottom = if buttons.is_empty() {
            inner.bottom()
        } else {
            inner.bottom().saturating_sub(1)
        };
        let mut y = inner.y;
        for (label, words) in &self.lines {
            if y >= bottom {
                break;
            }
            pen.text(inner.x, y, labels.min(inner.width), label, Role::Dim);
            pen.line(
                inner.x.saturating_add(indent),
                y,
                inner.width.saturating_sub(indent),
                words,
            );
            y += 1;
        }
        if let Some((label, typed)) = &self.input {
            let y = (y + 1).min(bottom.saturating_sub(1)).max(inner.y);
            pen.clear(Rect {
                y,
                height: 1,
                ..inner
            });
            let line = Line::from(label)
                .text("  ")
                .add(typed, Role::Accent)
                .add("_", Role::Accent);
            pen.line(inner.x, y, inner.width, &line);
        }
        if bottom < inner.bottom() {
            pen.line(inner.x, bottom, inner.width, &buttons);
        }
        area
    }

    fn buttons(&self) -> Line {
        let mut line = Line::new();
        for (at, choice) in self.choices.iter().enumerate() {
            if at > 0 {
                line = line.text("   ");
            }
            let role = if at == self.focus {
                Role::Sel
            } else {
                choice.role
            };
            let key = if at == self.focus {
                Role::Sel
            } else {
                Role::Accent
            };
            line = line
                .add(format!("[{}]", choice.key), key)
                .add(format!(" {} ", choice.label), role);
        }
        line
    }

    /// Columns that would show everything.
    fn wish(&self, indent: u16, buttons: &Line) -> u16 {
        let lines = self
            .lines
            .iter()
            .map(|(_, words)| words.width() + usize::from(indent));
        let input = self
            .input
            .iter()
            .map(|(label, typed)| label.width() + typed.width() + 3);
        let frame = self.title.width() + self.note.width() + 4;
        let widest = lines
            .chain(input)
            .chain([frame, buttons.width()])
            .max()
            .unwrap_or(0);
        widest.min(usize::from(u16::MAX) - 4) as u16 + 4
    }
}
