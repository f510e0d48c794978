//! What lies over a view: the help, the filter line, the sheet before an action, the receipt after it.

mod filter_line;

use crate::app::command::Command;
use crate::app::effect::Action;
use crate::app::extract::Format;
use crate::app::filter::Filter;
use crate::app::key::Key;
use crate::app::keymap::{self, Binding};
use crate::app::looking;
use crate::app::palette::{Order, Palette};
use crate::app::sheet::{Answer, Sheet, word};
use crate::app::sorting::Ordered;
use crate::model::journal::{Receipt, Verb};
use crate::model::thresholds::Threshold;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::widgets::Sort;
use chrono::TimeDelta;
pub use filter_line::FilterLine;

/// What lies over the view.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys of the view.
    Help(Help),
    /// The filter is being edited.
    Filter(Box<FilterLine>),
    /// A command is typed.
    Palette(Box<Palette>),
    /// One of several is chosen.
    Menu(Menu),
    /// What mailtop found on this host.
    Found(Opened),
    /// From where on something is an alarm.
    Thresholds(Thresholds),
    /// About to act.
    Sheet(Box<Sheet>),
    /// What came of an action, when it is more than a line.
    Receipt(Box<Receipt>),
}

/// Why what was found is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It was asked for: any key closes it.
    OnDemand,
    /// It came by itself, as an editor's greeting does. Nobody aimed a key at it, so a key closes it and does what it does without it;
    /// only Enter and Esc, which it names, and the key that opens it do nothing else.
    ByItself,
}

/// What a key did.
#[derive(Debug, Clone)]
pub enum Reaction {
    /// Nothing to do.
    Stay,
    /// The overlay is closed.
    Close,
    /// Closed; the key was meant for what lies below.
    Pass(Key),
    /// The filter's text changed.
    FilterChanged,
    /// The filter is closed and kept.
    FilterKept,
    /// The filter is closed and is what it was before.
    FilterDropped(Filter),
    /// Closed; do this.
    Run(Command),
    /// Closed; this line of the palette was meant.
    Order(String, Box<Order>),
    /// Closed; this was chosen.
    Choose(Choice),
    /// Closed; do this to the queue.
    Act(Action),
    /// It shows something else now, which has to be seen before another key counts.
    Turned,
    /// Closed; this sheet takes its place.
    Sheet(Box<Sheet>),
    /// Closed; nothing was done, and this is why.
    Wrong(SafeText),
}

impl Overlay {
    /// Whether something is typed into it.
    pub fn is_typed(&self) -> bool {
        match self {
            Self::Help(_) | Self::Filter(_) | Self::Palette(_) | Self::Menu(_) => true,
            Self::Sheet(sheet) => sheet.count().is_some(),
            Self::Found(_) | Self::Receipt(_) | Self::Thresholds(_) => false,
        }
    }

    /// A key was pressed.
    pub fn on(&mut self, key: Key) -> Reaction {
        match self {
            Self::Help(help) => help.on(key),
            Self::Filter(line) => line.on(key),
            Self::Palette(palette) => palette.on(key),
            Self::Menu(menu) => menu.on(key),
            Self::Thresholds(thresholds) => thresholds.on(key),
            Self::Found(Opened::ByItself) => match key {
                Key::Enter | Key::Esc | Key::Char('D') => Reaction::Close,
                key => Reaction::Pass(key),
            },
            Self::Receipt(_) | Self::Found(Opened::OnDemand) => Reaction::Close,
            Self::Sheet(sheet) => match sheet.on(key) {
                Answer::Stay => Reaction::Stay,
                Answer::Turned => Reaction::Turned,
                Answer::Cancel => Reaction::Close,
                Answer::Wrong(why) => Reaction::Wrong(why),
                Answer::Instead(sheet) => Reaction::Sheet(Box::new(sheet)),
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
        let here = |binding: &&Binding| binding.everywhere || commands.contains(&binding.command);
        let mut bindings: Vec<&Binding> = keymap::BINDINGS.iter().filter(here).collect();
        // What this view is for comes first, in the order of its footer.
        bindings.sort_by_key(|binding| {
            let own = commands.iter().position(|own| *own == binding.command);
            own.unwrap_or(usize::MAX)
        });
        Self {
            bindings,
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
            // A q begins a word: queue.
            Key::Char('?') if self.search.is_empty() => return Reaction::Close,
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

/// The thresholds as they are now, to be read.
#[derive(Debug, Clone)]
pub struct Thresholds {
    /// All of them.
    pub rows: Vec<Threshold>,
    /// The first one that is shown.
    pub at: usize,
}

impl Thresholds {
    /// From the first one on.
    pub fn new(rows: Vec<Threshold>) -> Self {
        Self { rows, at: 0 }
    }

    fn on(&mut self, key: Key) -> Reaction {
        match key {
            Key::Up | Key::Char('k') => self.at = self.at.saturating_sub(1),
            Key::Down | Key::Char('j') => {
                self.at = (self.at + 1).min(self.rows.len().saturating_sub(1));
            }
            _ => return Reaction::Close,
        }
        Reaction::Stay
    }
}

/// What a menu is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The time range.
    Range(TimeDelta),
    /// How the table is written.
    Format(Format),
    /// What the rows are sorted by.
    Order(&'static str),
}

/// One of several: arrows and letters move, Enter chooses.
#[derive(Debug, Clone)]
pub struct Menu {
    /// What is chosen.
    pub title: &'static str,
    /// The rows: what they say, and what they are.
    pub rows: Vec<(String, Choice)>,
    /// The row that is moved over.
    pub at: usize,
    /// The row that is so now, and the way that it runs.
    pub now: Option<(usize, Sort)>,
}

impl Menu {
    /// The time ranges.
    pub fn ranges() -> Self {
        let row = |minutes: i64| {
            let range = TimeDelta::minutes(minutes);
            (looking::words(range), Choice::Range(range))
        };
        Self {
            title: "Time range",
            rows: looking::RANGES.into_iter().map(row).collect(),
            at: 0,
            now: None,
        }
    }

    /// The formats of an export.
    pub fn formats() -> Self {
        let row = |format: Format| (format.name().to_owned(), Choice::Format(format));
        Self {
            title: "Export as",
            rows: Format::ALL.into_iter().map(row).collect(),
            at: 0,
            now: None,
        }
    }

    /// The orders of a table, from the one that it is in.
    pub fn orders(sorting: &dyn Ordered) -> Self {
        let (names, name) = (sorting.names(), sorting.name());
        let at = names.iter().position(|one| *one == name).unwrap_or(0);
        let row = |name: &&'static str| ((*name).to_owned(), Choice::Order(name));
        Self {
            title: "Sort by",
            rows: names.iter().map(row).collect(),
            at,
            now: Some((at, sorting.runs())),
        }
    }

    /// The next row that begins with the letter, round the end.
    fn begins_with(&self, letter: char) -> Option<usize> {
        let begins = |at: &usize| {
            let words = self.rows.get(*at).map(|(words, _)| words.as_str());
            words.is_some_and(|words| words.to_lowercase().starts_with(letter))
        };
        (self.at + 1..self.rows.len())
            .chain(0..=self.at)
            .find(begins)
    }

    fn on(&mut self, key: Key) -> Reaction {
        let last = self.rows.len().saturating_sub(1);
        match key {
            Key::Enter => {
                let row = self.rows.get(self.at);
                return row.map_or(Reaction::Close, |(_, choice)| Reaction::Choose(*choice));
            }
            Key::Up | Key::Char('k') => self.at = self.at.saturating_sub(1),
            Key::Down | Key::Char('j') => self.at = (self.at + 1).min(last),
            Key::Home | Key::Char('g') => self.at = 0,
            Key::End | Key::Char('G') => self.at = last,
            Key::Char(letter) => match self.begins_with(letter) {
                Some(at) => self.at = at,
                None => return Reaction::Close,
            },
            _ => return Reaction::Close,
        }
        Reaction::Stay
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
        Verb::Delete => "Deleted",
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
