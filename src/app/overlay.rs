//! What lies over a view: the help, the filter line, the sheet before an action, the receipt after it.

use crate::app::command::{Command, Motion};
use crate::app::effect::Action;
use crate::app::filter::{Filter, FilterError};
use crate::app::key::Key;
use crate::app::keymap::{self, Binding};
use crate::app::sheet::{Answer, Sheet, word};
use crate::model::journal::{Receipt, Verb};
use crate::numbers;
use crate::safe_text::SafeText;
use tui_input::{Input, InputRequest};

/// Commands that every view has.
const EVERYWHERE: &[Command] = &[
    Command::Move(Motion::Down),
    Command::Move(Motion::Up),
    Command::Move(Motion::PageDown),
    Command::Move(Motion::PageUp),
    Command::Move(Motion::HalfDown),
    Command::Move(Motion::HalfUp),
    Command::Move(Motion::First),
    Command::Move(Motion::Last),
    Command::Freeze,
    Command::List,
    Command::View(crate::app::command::Root::Overview),
    Command::View(crate::app::command::Root::Queue),
    Command::Redraw,
    Command::Suspend,
    Command::Quit,
    Command::QuitLeaving,
];

/// What lies over the view.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of the view.
    Help(Help),
    /// The filter is being edited.
    Filter(Box<FilterLine>),
    /// About to act.
    Sheet(Box<Sheet>),
    /// What came of an action, when it is more than a line.
    Receipt(Box<Receipt>),
}

/// What a key did.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Nothing to do.
    Stay,
    /// The overlay is closed.
    Close,
    /// The filter's text changed.
    FilterChanged,
    /// The filter is closed and is what it was before.
    FilterDropped(Filter),
    /// Closed; do this.
    Run(Command),
    /// Closed; do this to the queue.
    Act(Action),
}

impl Overlay {
    /// A key was pressed.
    pub fn on(&mut self, key: Key) -> Reaction {
        match self {
            Self::Help(help) => help.on(key),
            Self::Filter(line) => line.on(key),
            Self::Receipt(_) => Reaction::Close,
            Self::Sheet(sheet) => match sheet.on(key) {
                Answer::Stay => Reaction::Stay,
                Answer::Cancel => Reaction::Close,
                Answer::Act(action) => Reaction::Act(action),
            },
        }
    }
}

/// The keys of one view; typing searches, Enter runs.
#[derive(Debug, Clone)]
pub struct Help {
    bindings: Vec<&'static Binding>,
    /// What was typed.
    pub search: String,
    /// The chosen row among [`Help::rows`].
    pub at: usize,
}

impl Help {
    /// The help of a view with these commands.
    pub fn new(commands: &[Command]) -> Self {
        // A command with several keys has one row, that of its first.
        let here = |binding: &&Binding| {
            (commands.contains(&binding.command) || EVERYWHERE.contains(&binding.command))
                && keymap::binding(binding.command).is_some_and(|first| first.key == binding.key)
        };
        Self {
            bindings: keymap::BINDINGS.iter().filter(here).collect(),
            search: String::new(),
            at: 0,
        }
    }

    /// The rows that match what was typed.
    pub fn rows(&self) -> Vec<&'static Binding> {
        let search = self.search.to_lowercase();
        let matches = |binding: &&&Binding| {
            search.is_empty()
                || binding.help.to_lowercase().contains(&search)
                || binding.label.to_lowercase().contains(&search)
        };
        self.bindings.iter().filter(matches).copied().collect()
    }

    fn on(&mut self, key: Key) -> Reaction {
        match key {
            Key::Esc | Key::Ctrl('c') => return Reaction::Close,
            Key::Char('?' | 'q') if self.search.is_empty() => return Reaction::Close,
            Key::Enter => {
                return self
                    .rows()
                    .get(self.at)
                    .map_or(Reaction::Stay, |row| Reaction::Run(row.command));
            }
            Key::Up => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = (self.at + 1).min(self.rows().len().saturating_sub(1)),
            Key::Backspace => {
                self.search.pop();
                self.at = 0;
            }
            Key::Char(c) => {
                self.search.push(c);
                self.at = 0;
            }
            _ => {}
        }
        Reaction::Stay
    }
}

/// The filter being edited; the list follows while it is typed.
#[derive(Debug, Clone)]
pub struct FilterLine {
    before: Filter,
    /// The text and the cursor.
    pub input: Input,
    /// What is wrong with the text.
    pub error: Option<FilterError>,
}

impl FilterLine {
    /// Edits a filter.
    pub fn new(before: Filter) -> Self {
        let input = Input::new(before.text().to_owned());
        Self {
            before,
            input,
            error: None,
        }
    }

    /// The filter that the text means now; `None` while it means none.
    pub fn read(&mut self) -> Option<Filter> {
        match Filter::new(self.input.value()) {
            Ok(filter) => {
                self.error = None;
                Some(filter)
            }
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// Text was pasted; only its first line counts.
    pub fn paste(&mut self, text: &str) {
        for c in text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(500)
        {
            self.input.handle(InputRequest::InsertChar(c));
        }
    }

    fn on(&mut self, key: Key) -> Reaction {
        let request = match key {
            Key::Esc | Key::Ctrl('c') => return Reaction::FilterDropped(self.before.clone()),
            Key::Enter if self.error.is_some() => return Reaction::Stay,
            Key::Enter => return Reaction::Close,
            Key::Char(c) => InputRequest::InsertChar(c),
            Key::Backspace => InputRequest::DeletePrevChar,
            Key::Delete => InputRequest::DeleteNextChar,
            Key::Left => InputRequest::GoToPrevChar,
            Key::Right => InputRequest::GoToNextChar,
            Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
            Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
            Key::Ctrl('w') => InputRequest::DeletePrevWord,
            Key::Ctrl('u') => InputRequest::DeleteLine,
            _ => return Reaction::Stay,
        };
        self.input.handle(request);
        Reaction::FilterChanged
    }
}

/// What came of an action, in one sentence: `Held 36 of 36 messages · postsuper -h - · 0.2 s`.
pub fn sentence(receipt: &Receipt) -> SafeText {
    if let Some(failure) = &receipt.failure {
        return SafeText::from(format!(
            "{}: {failure} · {}",
            word(receipt.verb),
            receipt.command
        ));
    }
    let did = match receipt.verb {
        Verb::Hold => "Held",
        Verb::Release => "Released",
        Verb::Requeue => "Requeued",
        Verb::Flush => "Asked to try now",
    };
    let done = numbers::count(receipt.done as u64);
    let asked = numbers::many(receipt.asked, "message");
    // The whole queue is asked for without a number.
    let what = if receipt.verb == Verb::Flush && receipt.asked == 0 {
        String::from("the whole queue")
    } else {
        format!("{done} of {asked}")
    };
    let took = receipt.took.as_secs_f64();
    SafeText::from(format!("{did}: {what} · {} · {took:.1} s", receipt.command))
}
