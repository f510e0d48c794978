//! The accounts: who sends what; stolen passwords.

use super::{Facts, View};
use crate::app::command::{Command, Outcome, Root};
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window};
use ratatui::layout::Rect;

/// The view.
#[derive(Debug, Default)]
pub struct Accounts {}

impl View for Accounts {
    fn root(&self) -> Root {
        Root::Accounts
    }

    fn settle(&mut self, _facts: &Facts<'_>) {}

    fn on(&mut self, _command: Command, _facts: &Facts<'_>) -> Outcome {
        Outcome::Ignored
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, _facts: &Facts<'_>) {
        Window::new("Accounts").draw(pen, area);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Anomalies,
            Command::Freeze,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, _facts: &Facts<'_>) -> Line {
        Line::of(" Accounts", Role::Head)
    }
}
