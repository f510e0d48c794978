//! The keymap: one table of keys, commands and what the help says of them. Footer and help are made from it.

use crate::app::command::{Command, Motion, Root};
use crate::app::key::Key;
use crate::model::journal::Verb;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// The key.
    pub key: Key,
    /// What it means.
    pub command: Command,
    /// For the footer.
    pub label: &'static str,
    /// For the help, a sentence's worth.
    pub help: &'static str,
}

const fn bind(key: Key, command: Command, label: &'static str, help: &'static str) -> Binding {
    Binding {
        key,
        command,
        label,
        help,
    }
}

/// All keys. The first key of a command is the one that footer and help name.
pub const BINDINGS: &[Binding] = &[
    bind(
        Key::Char('?'),
        Command::Help,
        "help",
        "the keys of this view",
    ),
    bind(Key::Enter, Command::Open, "open", "open what is selected"),
    bind(
        Key::Esc,
        Command::Back,
        "back",
        "back to where this was opened from",
    ),
    bind(
        Key::Char('q'),
        Command::Quit,
        "quit",
        "back; at the first view, end",
    ),
    bind(
        Key::Char('Q'),
        Command::QuitLeaving,
        "quit",
        "end and leave this screen standing",
    ),
    bind(
        Key::Ctrl('c'),
        Command::QuitLeaving,
        "quit",
        "end and leave this screen standing",
    ),
    bind(Key::Down, Command::Move(Motion::Down), "down", "one down"),
    bind(
        Key::Char('j'),
        Command::Move(Motion::Down),
        "down",
        "one down",
    ),
    bind(Key::Up, Command::Move(Motion::Up), "up", "one up"),
    bind(Key::Char('k'), Command::Move(Motion::Up), "up", "one up"),
    bind(
        Key::PageDown,
        Command::Move(Motion::PageDown),
        "page down",
        "a page down",
    ),
    bind(
        Key::PageUp,
        Command::Move(Motion::PageUp),
        "page up",
        "a page up",
    ),
    bind(
        Key::Ctrl('d'),
        Command::Move(Motion::HalfDown),
        "half down",
        "half a page down",
    ),
    bind(
        Key::Ctrl('u'),
        Command::Move(Motion::HalfUp),
        "half up",
        "half a page up",
    ),
    bind(
        Key::Char('g'),
        Command::Move(Motion::First),
        "first",
        "to the first",
    ),
    bind(
        Key::Home,
        Command::Move(Motion::First),
        "first",
        "to the first",
    ),
    bind(
        Key::Char('G'),
        Command::Move(Motion::Last),
        "last",
        "to the last",
    ),
    bind(Key::End, Command::Move(Motion::Last), "last", "to the last"),
    bind(Key::Tab, Command::NextPanel, "panel", "the next panel"),
    bind(
        Key::BackTab,
        Command::PreviousPanel,
        "panel",
        "the panel before",
    ),
    bind(Key::Left, Command::Left, "queue", "the queue to the left"),
    bind(
        Key::Right,
        Command::Right,
        "queue",
        "the queue to the right",
    ),
    bind(
        Key::Char('/'),
        Command::Filter,
        "filter",
        "show only what matches: yahoo, code:4.7.*, age:>2h, -from:news@*",
    ),
    bind(
        Key::Char('s'),
        Command::Sort,
        "sort",
        "sort by the next column",
    ),
    bind(
        Key::Char('S'),
        Command::Reverse,
        "reverse",
        "reverse the order",
    ),
    bind(
        Key::Char(' '),
        Command::Mark,
        "mark",
        "mark or unmark what is selected",
    ),
    bind(
        Key::Char('*'),
        Command::MarkAll,
        "mark all",
        "mark everything in the filter",
    ),
    bind(
        Key::Char('u'),
        Command::Unmark,
        "unmark",
        "take all marks off",
    ),
    bind(
        Key::Char('h'),
        Command::Act(Verb::Hold),
        "hold",
        "hold: postsuper -h",
    ),
    bind(
        Key::Char('H'),
        Command::Act(Verb::Release),
        "release",
        "release from hold: postsuper -H",
    ),
    bind(
        Key::Char('r'),
        Command::Act(Verb::Requeue),
        "requeue",
        "queue again with a new queue id: postsuper -r",
    ),
    bind(
        Key::Char('f'),
        Command::Act(Verb::Flush),
        "flush",
        "try now: postqueue -i",
    ),
    bind(
        Key::Char('F'),
        Command::FlushAll,
        "flush all",
        "try the whole queue now: postqueue -f",
    ),
    bind(
        Key::Char('n'),
        Command::NextAlarm,
        "next alarm",
        "the next alarm",
    ),
    bind(
        Key::Char('p'),
        Command::Freeze,
        "freeze",
        "freeze what is shown; everything is still recorded",
    ),
    bind(
        Key::Ctrl('r'),
        Command::List,
        "list now",
        "list the queue as soon as its cost allows",
    ),
    bind(
        Key::Char('1'),
        Command::View(Root::Overview),
        "Overview",
        "the Overview",
    ),
    bind(
        Key::Char('2'),
        Command::View(Root::Queue),
        "Queue",
        "the queue by domain and age",
    ),
    bind(
        Key::Ctrl('l'),
        Command::Redraw,
        "redraw",
        "draw everything anew",
    ),
    bind(
        Key::Ctrl('z'),
        Command::Suspend,
        "suspend",
        "stop; fg goes on",
    ),
];

/// What a key means.
pub fn command(key: Key) -> Option<Command> {
    BINDINGS
        .iter()
        .find(|binding| binding.key == key)
        .map(|binding| binding.command)
}

/// All keys of a command.
pub fn keys(command: Command) -> impl Iterator<Item = Key> {
    BINDINGS
        .iter()
        .filter(move |binding| binding.command == command)
        .map(|binding| binding.key)
}

/// The row that names a command.
pub fn binding(command: Command) -> Option<&'static Binding> {
    BINDINGS.iter().find(|binding| binding.command == command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_key_means_two_things() {
        let keys: HashSet<Key> = BINDINGS.iter().map(|binding| binding.key).collect();
        assert_eq!(keys.len(), BINDINGS.len());
    }

    #[test]
    fn delete_and_backspace_never_touch_mail() {
        assert_eq!(command(Key::Delete), None);
        assert_eq!(command(Key::Backspace), None);
    }

    #[test]
    fn every_row_explains_itself() {
        assert!(
            BINDINGS
                .iter()
                .all(|binding| !binding.label.is_empty() && binding.help.len() > 5)
        );
    }
}
