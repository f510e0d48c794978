//! The log: the lines themselves.

use super::{Facts, View};
use crate::app::command::{Command, Outcome, Root};
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window};
use ratatui::layout::Rect;

/// The view.
#[derive(Debug, Default)]
pub struct Log {}

impl View for Log {
    fn root(&self) -> Root {
        Root::Log
    }

    fn settle(&mut self, _facts: &Facts<'_>) {}

    fn on(&mut self, _command: Command, _facts: &Facts<'_>) -> Outcome {
        Outcome::Ignored
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, _facts: &Facts<'_>) {
        Window::new("Log").draw(pen, area);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Wrap,
            Command::Next,
            Command::Previous,
            Command::Freeze,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, _facts: &Facts<'_>) -> Line {
        Line::of(" Log", Role::Head)
    }
}
