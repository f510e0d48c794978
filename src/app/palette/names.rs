//! The names of commands, as the palette knows them: one word for each, so that every command can be typed.

use crate::app::command::{Command, Motion, Root};
use crate::app::keymap::BINDINGS;
use crate::model::journal::Verb;

/// The command's name.
pub fn name(command: Command) -> &'static str {
    match command {
        Command::Open => "open",
        Command::Back => "back",
        Command::Quit => "quit",
        Command::QuitLeaving => "quit-leaving",
        Command::Move(motion) => moved(motion),
        Command::NextPanel => "panel",
        Command::PreviousPanel => "panel-before",
        Command::Focus(_) => "focus",
        Command::Left => "left",
        Command::Right => "right",
        Command::Column(_) => "column",
        Command::Filter => "filter",
        Command::Facet => "add",
        Command::Exclude => "exclude",
        Command::DropTerm => "drop",
        Command::Sort => "sort",
        Command::SortBefore => "sort-before",
        Command::SortAfter => "sort-after",
        Command::Reverse => "reverse",
        Command::Mark => "mark",
        Command::MarkRange => "mark-range",
        Command::MarkAll => "mark-all",
        Command::Unmark => "unmark",
        Command::Freeze => "freeze",
        Command::Help => "help",
        Command::View(root) => match root {
            Root::Overview => "overview",
            Root::Queue => "queue",
            Root::Providers => "providers",
            Root::Trace => "trace",
            Root::Accounts => "accounts",
            Root::Dovecot => "dovecot",
            Root::System => "system",
            Root::Log => "log",
        },
        Command::HistoryBack => "view-before",
        Command::HistoryForward => "view-after",
        Command::LastView => "last-view",
        Command::Palette => "command",
        Command::Next => "next",
        Command::Previous => "previous",
        Command::Range => "range",
        Command::ZoomIn => "zoom-in",
        Command::ZoomOut => "zoom-out",
        Command::Alone => "alone",
        Command::Percent => "percent",
        Command::Axis => "axis",
        Command::Anomalies => "anomalies",
        Command::Wrap => "raw",
        Command::Lines => "lines",
        Command::Copy => "copy",
        Command::CopyMarkdown => "copy-table",
        Command::Export => "export",
        Command::Privacy => "privacy",
        Command::Found => "found",
        Command::Thresholds => "thresholds",
        Command::Mouse => "mouse",
        Command::Plain => "plain",
        Command::Act(verb) => match verb {
            Verb::Hold => "hold",
            Verb::Release => "release",
            Verb::Requeue => "requeue",
            Verb::Flush => "flush",
            Verb::Delete => "delete",
        },
        Command::FlushAll => "flush-all",
        Command::List => "list",
        Command::Suspend => "suspend",
    }
}

fn moved(motion: Motion) -> &'static str {
    match motion {
        Motion::Up => "up",
        Motion::Down => "down",
        Motion::PageUp => "page-up",
        Motion::PageDown => "page-down",
        Motion::HalfUp => "half-up",
        Motion::HalfDown => "half-down",
        Motion::First => "first",
        Motion::Last => "last",
        Motion::To(_) => "to",
    }
}

/// The command of a name.
pub(super) fn command(word: &str) -> Option<Command> {
    let mut commands = BINDINGS.iter().map(|binding| binding.command);
    commands.find(|command| name(*command) == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    /// That every command has a name is for the compiler to see.
    #[test]
    fn a_name_is_one_word_and_means_one_command() {
        let names: HashSet<&str> = BINDINGS.iter().map(|row| name(row.command)).collect();
        assert_eq!(names.len(), BINDINGS.len());
        for binding in BINDINGS {
            let word = name(binding.command);
            assert!(!word.is_empty());
            assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
            assert_eq!(command(word), Some(binding.command));
        }
    }
}
