//! The palette: every command by its name, and lines that take something after their word, as in k9s and lnav.
//!
//! What is typed finds commands by the letters of their names or by words of their sentences; Enter runs the chosen one. A line with
//! something after its first word is an [`Order`]: `:queue deferred domain:yahoo.com`, `:range 6h`. Tab completes, the cursor keys choose, and in an
//! empty line go back to what was typed before.

mod fuzzy;
mod names;
mod order;
#[cfg(test)]
mod tests;

use crate::app::command::Command;
use crate::app::filter::{FilterError, complete};
use crate::app::key::Key;
use crate::app::keymap::BINDINGS;
use crate::app::lines::{self, Lines};
use crate::app::overlay::Reaction;
pub use names::name;
pub use order::{Here, Order};
use order::{WORDS, choices, split, takes_filter};
use std::sync::Arc;
use tui_input::Input;

/// One row of the palette.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What is typed for it.
    pub line: String,
    /// What has to follow, for a line that is not whole.
    pub takes: &'static str,
    /// Its key.
    pub key: Option<Key>,
    /// What it does.
    pub help: &'static str,
    /// Whether it does something in this view.
    pub here: bool,
}

/// The palette while it is open.
#[derive(Debug, Clone)]
pub struct Palette {
    /// The text and the cursor.
    pub input: Input,
    /// The chosen row among [`Palette::rows`].
    pub at: usize,
    /// What is wrong with the line.
    pub error: Option<FilterError>,
    entries: Vec<Entry>,
    here: Here,
    domains: Vec<Arc<str>>,
    history: Lines,
    /// Whether the cursor keys walk the history.
    walking: bool,
}

impl Palette {
    /// The palette over a view that knows these commands. `domains` are for completing, the likeliest first.
    pub fn new(commands: &[Command], here: Here, domains: Vec<Arc<str>>, history: Lines) -> Self {
        Self {
            input: Input::default(),
            at: 0,
            error: None,
            entries: entries(commands, &here),
            here,
            domains,
            history,
            walking: false,
        }
    }

    /// The rows that fit what was typed, best first. Where more than a word is typed, what the word takes.
    pub fn rows(&self) -> Vec<&Entry> {
        let line = self.input.value();
        let (place, after) = split(line);
        let word = line.get(place).unwrap_or_default();
        if word.is_empty() {
            return self.entries.iter().collect();
        }
        if after > word.len() && WORDS.iter().any(|(known, ..)| *known == word) {
            let begun = line.trim();
            let choices = self.entries.iter().filter(|entry| {
                entry.line.starts_with(begun) && (entry.line != word || entry.takes.is_empty())
            });
            let whole = self.entries.iter().filter(|entry| entry.line == word);
            return choices.chain(whole).collect();
        }
        let typed: Vec<&str> = line.split_whitespace().collect();
        let mut rows: Vec<(i32, &Entry)> = self
            .entries
            .iter()
            .filter_map(|entry| Some((score(entry, &typed)?, entry)))
            .collect();
        rows.sort_by_key(|(score, _)| -score);
        rows.into_iter().map(|(_, entry)| entry).collect()
    }

    /// Text was pasted.
    pub fn paste(&mut self, text: &str) {
        lines::paste(&mut self.input, text);
        self.typed();
    }

    pub(super) fn on(&mut self, key: Key) -> Reaction {
        match key {
            Key::Esc | Key::Ctrl('c') => return Reaction::Close,
            Key::Backspace if self.input.value().is_empty() => return Reaction::Close,
            Key::Enter => return self.enter(),
            Key::Tab => self.complete(),
            Key::Up if self.walking || (self.at == 0 && self.input.value().is_empty()) => {
                self.walk(true);
            }
            Key::Down if self.walking => self.walk(false),
            Key::Up | Key::BackTab => self.at = self.at.saturating_sub(1),
            Key::Down => self.at = (self.at + 1).min(self.rows().len().saturating_sub(1)),
            key => {
                if let Some(request) = lines::edit(key) {
                    self.input.handle(request);
                    self.typed();
                }
            }
        }
        Reaction::Stay
    }

    fn typed(&mut self) {
        self.at = 0;
        self.walking = false;
        self.history.typing();
        self.check();
    }

    /// What is wrong with a line that has more than a word; one word may still become many.
    fn check(&mut self) {
        let line = self.input.value();
        let (place, after) = split(line);
        let word = line.get(place).unwrap_or_default();
        let more = line.get(after..).is_some_and(|rest| !rest.is_empty());
        let known = WORDS.iter().any(|(known, ..)| *known == word);
        self.error = (more && known)
            .then(|| Order::read(line, &self.here).err())
            .flatten()
            .filter(|error| error.unfinished.is_none());
    }

    fn walk(&mut self, back: bool) {
        if let Some(line) = self.history.walk(back, self.input.value()) {
            self.walking = !line.is_empty();
            self.input = Input::new(line);
            self.at = 0;
            self.check();
        }
    }

    /// A whole line is an order; one that is only begun is put into the line; else the chosen row is meant.
    fn enter(&mut self) -> Reaction {
        let line = self.input.value().trim().to_owned();
        let (place, after) = split(&line);
        let word = line.get(place).unwrap_or_default();
        let more = line.get(after..).is_some_and(|rest| !rest.is_empty());
        let known = WORDS.iter().any(|(known, ..)| *known == word);
        let row = self.rows().get(self.at).map(|entry| (*entry).clone());
        let exact = self.at == 0 && Order::read(&line, &self.here).is_ok();
        let line = match row {
            _ if exact || (more && known) => line,
            Some(entry) if !entry.takes.is_empty() && names::command(&entry.line).is_none() => {
                self.put(&format!("{} ", entry.line));
                return Reaction::Stay;
            }
            Some(entry) => entry.line,
            None => line,
        };
        match Order::read(&line, &self.here) {
            Ok(order) => Reaction::Order(line, Box::new(order)),
            Err(error) => {
                self.put(&line);
                self.error = Some(error);
                Reaction::Stay
            }
        }
    }

    fn put(&mut self, line: &str) {
        self.input = Input::new(line.to_owned());
        self.typed();
    }

    /// Completes the word before the end: a command's name, one of few words, or a term of a filter.
    fn complete(&mut self) {
        let line = self.input.value().to_owned();
        let (place, after) = split(&line);
        let word = line.get(place.clone()).unwrap_or_default();
        if after == line.len() && !line.ends_with(char::is_whitespace) {
            let Some(entry) = self.rows().get(self.at).map(|entry| (*entry).clone()) else {
                return;
            };
            let blank = if entry.takes.is_empty() { "" } else { " " };
            self.put(&format!("{}{blank}", entry.line));
            return;
        }
        let begin = line
            .rfind(char::is_whitespace)
            .map_or(line.len(), |at| at + 1);
        let last = line.get(begin..).unwrap_or_default();
        let mut words: Vec<String> = Vec::new();
        if begin == after {
            let choices = choices(word, &self.here).into_iter();
            words.extend(
                choices
                    .filter(|choice| choice.starts_with(last))
                    .map(str::to_owned),
            );
        }
        if takes_filter(word) && words.is_empty() {
            words = complete::words(last, &self.domains);
        }
        if let Some(more) = complete::common(&words) {
            let line = format!("{}{more}", line.get(..begin).unwrap_or_default());
            self.put(&line);
        }
    }
}

/// How well an entry fits what was typed: every word by the letters of the line, or as it stands in the sentence.
fn score(entry: &Entry, typed: &[&str]) -> Option<i32> {
    const NAME: i32 = 1_000;
    let mut sum = if entry.here { 4 } else { 0 };
    for word in typed {
        sum += match fuzzy::score(word, &entry.line) {
            Some(score) => NAME + score,
            None => says(entry.help, word).then_some(0)?,
        };
    }
    Some(sum)
}

/// Whether the sentence has the word; two letters are a part of every sentence, so they must be a whole word.
fn says(sentence: &str, word: &str) -> bool {
    let (sentence, word) = (sentence.to_lowercase(), word.to_lowercase());
    if word.chars().count() < 3 {
        return sentence.split_whitespace().any(|known| known == word);
    }
    sentence.contains(&word)
}

/// All rows: the commands of this view, those that work everywhere, the lines that take more, the commands of other views.
fn entries(commands: &[Command], here: &Here) -> Vec<Entry> {
    let row = |binding: &'static crate::app::keymap::Binding| Entry {
        line: name(binding.command).to_owned(),
        takes: WORDS
            .iter()
            .find(|(word, ..)| *word == name(binding.command))
            .map_or("", |(_, takes, _)| takes),
        key: binding.key(),
        help: binding.help,
        here: binding.everywhere || commands.contains(&binding.command),
    };
    let position = |entry: &Entry| {
        let own = commands
            .iter()
            .position(|command| name(*command) == entry.line);
        (!entry.here, own.unwrap_or(usize::MAX))
    };
    let mut entries: Vec<Entry> = BINDINGS.iter().map(row).collect();
    entries.sort_by_key(position);
    for (word, takes, help) in WORDS {
        let usable = match *word {
            "where" => here.filtered,
            "sort" => !here.sorts.is_empty(),
            _ => true,
        };
        let line = |line: String, takes: &'static str| Entry {
            line,
            takes,
            key: None,
            help,
            here: usable,
        };
        if names::command(word).is_none() {
            entries.push(line((*word).to_owned(), takes));
        }
        for choice in choices(word, here) {
            entries.push(line(format!("{word} {choice}"), ""));
        }
    }
    entries
}
