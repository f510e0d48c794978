//! The providers: who answers what, and how fast.

use super::{Facts, View};
use crate::app::command::{Command, Outcome, Root};
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window};
use ratatui::layout::Rect;

/// The view.
#[derive(Debug, Default)]
pub struct Providers {}

impl View for Providers {
    fn root(&self) -> Root {
        Root::Providers
    }

    fn settle(&mut self, _facts: &Facts<'_>) {}

    fn on(&mut self, _command: Command, _facts: &Facts<'_>) -> Outcome {
        Outcome::Ignored
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, _facts: &Facts<'_>) {
        Window::new("Providers").draw(pen, area);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Percent,
            Command::Axis,
            Command::Freeze,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, _facts: &Facts<'_>) -> Line {
        Line::of(" Providers", Role::Head)
    }
}
