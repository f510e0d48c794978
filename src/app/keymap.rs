//! The keymap: one table of keys, commands and what the help says of them. Footer, help and palette are made from it.
//!
//! The keys are those of the tools that administrators know: less(1) and vi(1) to move, htop(1) to sort and mark, k9s to drill and
//! filter, lazygit for the help.

use crate::app::command::{Command, Motion, Root};
use crate::app::key::Key;
use crate::model::journal::Verb;

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Its keys; the first is the one that footer and help name.
    pub keys: &'static [Key],
    /// What they mean.
    pub command: Command,
    /// For the footer.
    pub label: &'static str,
    /// For the help, a sentence's worth.
    pub help: &'static str,
    /// Whether it works in every view, or only in those that name it.
    pub everywhere: bool,
}

impl Binding {
    /// The key that footer and help name.
    pub fn key(&self) -> Option<Key> {
        self.keys.first().copied()
    }
}

/// Rows of the table; `in every` marks what works in every view.
macro_rules! bindings {
    ($($($key:ident $(($char:literal))?)+ => $command:ident $(($argument:path))?, $label:literal, $help:literal $(in $everywhere:ident)?;)*) => {
        &[$(Binding {
            keys: &[$(Key::$key $(($char))?),+],
            command: Command::$command $(($argument))?,
            label: $label,
            help: $help,
            everywhere: bindings!(@ $($everywhere)?),
        }),*]
    };
    (@ every) => { true };
    (@) => { false };
}

/// All keys.
pub const BINDINGS: &[Binding] = bindings! {
    Char('?') => Help, "help", "the keys of this view" in every;
    Enter => Open, "open", "open what is selected";
    Esc => Back, "back", "back: to now, without the filter, to where this was opened from" in every;
    Char('q') => Quit, "quit", "back; at the first view, end" in every;
    Char('Q') Ctrl('c') => QuitLeaving, "quit", "end and leave this screen standing" in every;
    Char(':') => Palette, "command", "any command by its name" in every;
    Down Char('j') => Move(Motion::Down), "down", "one down" in every;
    Up Char('k') => Move(Motion::Up), "up", "one up" in every;
    PageDown Ctrl('f') => Move(Motion::PageDown), "page down", "a page down" in every;
    PageUp Ctrl('b') => Move(Motion::PageUp), "page up", "a page up" in every;
    Ctrl('d') => Move(Motion::HalfDown), "half down", "half a page down" in every;
    Ctrl('u') => Move(Motion::HalfUp), "half up", "half a page up" in every;
    Char('g') Home => Move(Motion::First), "first", "to the first" in every;
    Char('G') End => Move(Motion::Last), "last", "to the last; in the past, back to now" in every;
    Tab => NextPanel, "panel", "the next panel";
    BackTab => PreviousPanel, "panel", "the panel before";
    Left => Left, "left", "to the left: the queue, the cell, or back in time" in every;
    Right => Right, "right", "to the right: the queue, the cell, or on in time" in every;
    Char('/') => Filter, "filter", "show only what matches: yahoo, code:4.7.*, age:>2h, -from:news@*";
    Char('=') => Facet, "add", "add the value under the cursor to the filter";
    Char('!') => Exclude, "exclude", "exclude the value under the cursor";
    Backspace => DropTerm, "drop", "take the last term off the filter";
    Char('s') => Sort, "sort", "choose what the rows are sorted by";
    Char('<') => SortBefore, "sort", "sort by the column before";
    Char('>') => SortAfter, "sort", "sort by the next column";
    Char('S') => Reverse, "reverse", "reverse the order";
    Char(' ') => Mark, "mark", "mark or unmark what is selected";
    Char('v') => MarkRange, "range", "mark a range; v or Space keeps it, Esc gives it up";
    Char('*') => MarkAll, "mark all", "mark everything in the filter";
    Char('u') => Unmark, "unmark", "take all marks off";
    Char('h') => Act(Verb::Hold), "hold", "hold: postsuper -h";
    Char('H') => Act(Verb::Release), "release", "release from hold: postsuper -H";
    Char('r') => Act(Verb::Requeue), "requeue", "queue again with a new queue id: postsuper -r";
    Char('f') => Act(Verb::Flush), "flush", "try now: postqueue -i";
    Char('d') => Act(Verb::Delete), "delete", "delete: postsuper -d";
    Char('F') => FlushAll, "flush all", "try the whole queue now: postqueue -f";
    Char('n') => Next, "next", "the next alarm, or the next match";
    Char('N') => Previous, "previous", "the alarm or match before";
    Char('%') => Percent, "share", "shares instead of counts";
    Char('a') => Axis, "axis", "what stands at the other axis";
    Char('A') => Anomalies, "anomalies", "only what is out of the ordinary";
    Char('w') => Wrap, "raw", "raw lines, or columns";
    Char('l') => Lines, "log", "the lines of what is selected, in the log";
    Char('t') => Range, "range", "choose the time range" in every;
    Char('z') => ZoomIn, "zoom", "a shorter time range" in every;
    Char('Z') => ZoomOut, "zoom out", "a longer time range" in every;
    Char('p') => Freeze, "freeze", "freeze what is shown; everything is still recorded" in every;
    Char('o') => Alone, "alone", "the panel that has the keys alone on the screen" in every;
    Char('y') => Copy, "copy", "copy the selected row to the clipboard (OSC 52)" in every;
    Char('Y') => CopyMarkdown, "copy table", "copy the table as Markdown" in every;
    Char('E') => Export, "export", "write the table to a file: CSV, JSON or Markdown" in every;
    Char('x') => Privacy, "privacy", "hide local parts and client addresses, for a picture or a bug report" in every;
    Char('D') => Found, "found", "what mailtop found on this host, and what is missing" in every;
    Char('T') => Thresholds, "thresholds", "from where on something is an alarm, and who says so" in every;
    Ctrl('r') => List, "list now", "list the queue as soon as its cost allows" in every;
    Char('1') => View(Root::Overview), "Overview", "is anything wrong, what, since when" in every;
    Char('2') => View(Root::Queue), "Queue", "the queue by domain and age" in every;
    Char('3') => View(Root::Providers), "Providers", "who answers what, and how fast" in every;
    Char('4') => View(Root::Trace), "Trace", "what happened to a message" in every;
    Char('5') => View(Root::Accounts), "Accounts", "who sends what; stolen passwords" in every;
    Char('6') => View(Root::Dovecot), "Dovecot", "logins, sessions, deliveries, errors" in every;
    Char('7') => View(Root::System), "System", "what stops first" in every;
    Char('8') => View(Root::Log), "Log", "the log lines" in every;
    Char('[') => HistoryBack, "before", "the view before in the history of views" in every;
    Char(']') => HistoryForward, "after", "the view after in the history of views" in every;
    Char('-') => LastView, "last view", "the view that was shown last" in every;
    Char('m') => Mouse, "mouse", "use the mouse, or leave it to the terminal" in every;
    Ctrl('l') => Plain, "plain", "the screen as plain text to select from; twice draws anew" in every;
    Ctrl('z') => Suspend, "suspend", "stop; fg goes on" in every;
};

/// What a key means.
pub fn command(key: Key) -> Option<Command> {
    BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&key))
        .map(|binding| binding.command)
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
    fn no_key_means_two_things_and_no_command_has_two_rows() {
        let all = || BINDINGS.iter().flat_map(|binding| binding.keys);
        assert_eq!(all().collect::<HashSet<_>>().len(), all().count());
        let commands: HashSet<Command> = BINDINGS.iter().map(|binding| binding.command).collect();
        assert_eq!(commands.len(), BINDINGS.len());
    }

    #[test]
    fn delete_and_backspace_never_touch_mail() {
        assert_eq!(command(Key::Delete), None);
        assert_eq!(command(Key::Backspace), Some(Command::DropTerm));
    }

    #[test]
    fn every_row_explains_itself() {
        assert!(BINDINGS.iter().all(|binding| !binding.label.is_empty()
            && binding.help.len() > 5
            && binding.key().is_some()));
    }
}
