//! The system: what stops first.

use super::{Facts, View};
use crate::app::command::{Command, Outcome, Root};
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window};
use ratatui::layout::Rect;

/// The view.
#[derive(Debug, Default)]
pub struct System {}

impl View for System {
    fn root(&self) -> Root {
        Root::System
    }

    fn settle(&mut self, _facts: &Facts<'_>) {}

    fn on(&mut self, _command: Command, _facts: &Facts<'_>) -> Outcome {
        Outcome::Ignored
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, _facts: &Facts<'_>) {
        Window::new("System").draw(pen, area);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[Command::Help, Command::Freeze, Command::Quit];
        KEYS
    }

    fn heading(&self, _facts: &Facts<'_>) -> Line {
        Line::of(" System", Role::Head)
    }
}
