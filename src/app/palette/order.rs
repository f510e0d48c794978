//! Orders: what a line of the palette means, `queue deferred domain:yahoo.com` or `range 6h`. Errors have their place in the line.

use super::names;
use crate::app::command::{Command, QueueScope, Root};
use crate::app::extract::Format;
use crate::app::filter::{self, Filter, FilterError};
use crate::theme::{GlyphSet, Sight, Tone};
use chrono::TimeDelta;
use std::ops::Range;

/// What a line means.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// A command without more.
    Run(Command),
    /// A view, seen through a filter.
    Open(Root, Filter),
    /// These queues, seen through a filter.
    Queue(QueueScope, Filter),
    /// This view, seen through a filter.
    Where(Filter),
    /// This time range.
    Range(TimeDelta),
    /// The order of the rows, by the name that the view has for it.
    Sort(&'static str),
    /// The colours.
    Tone(Tone),
    /// The colours for eyes of this kind.
    Sight(Sight),
    /// The characters to draw with.
    Glyphs(GlyphSet),
    /// Write the table to a file.
    Export(Format),
}

/// What the view that is shown can be told.
#[derive(Debug, Clone, Default)]
pub struct Here {
    /// The names of its orders.
    pub sorts: Vec<&'static str>,
    /// Whether it has a filter.
    pub filtered: bool,
}

/// Words that take something after them, what that is, and what the line does.
pub(super) const WORDS: &[(&str, &str, &str)] = &[
    (
        "where",
        "EXPR",
        "show only what matches here: code:4.7.* age:>2h",
    ),
    (
        "queue",
        "[QUEUE] [EXPR]",
        "the queue, or one of them, through a filter",
    ),
    ("providers", "EXPR", "who answers what, through a filter"),
    (
        "trace",
        "EXPR",
        "what happened to a message: ann@yahoo.com, qid:4jYg*",
    ),
    ("accounts", "EXPR", "who sends what, through a filter"),
    (
        "dovecot",
        "EXPR",
        "logins, sessions, deliveries, through a filter",
    ),
    (
        "log",
        "EXPR",
        "the log lines through a filter: prog:smtp status:deferred",
    ),
    ("range", "TIME", "the time range: 10m, 6h, 2d"),
    ("sort", "ORDER", "the order of the rows"),
    (
        "theme",
        "NAME",
        "the colours: dark, light, standard, colour-blind",
    ),
    ("glyphs", "SET", "the characters to draw with"),
    ("export", "FORMAT", "write the table to a file"),
];

const TONES: [(&str, Tone); 2] = [("dark", Tone::Dark), ("light", Tone::Light)];
const SIGHTS: [(&str, Sight); 2] = [
    ("standard", Sight::Standard),
    ("colour-blind", Sight::ColourBlind),
];
const GLYPHS: [(&str, GlyphSet); 4] = [
    ("braille", GlyphSet::Braille),
    ("blocks", GlyphSet::Blocks),
    ("cp437", GlyphSet::Cp437),
    ("ascii", GlyphSet::Ascii),
];
const SCOPES: [(&str, QueueScope); 6] = [
    ("waiting", QueueScope::Waiting),
    ("deferred", QueueScope::Deferred),
    ("hold", QueueScope::Hold),
    ("active", QueueScope::Active),
    ("incoming", QueueScope::Incoming),
    ("all", QueueScope::All),
];
const RANGES: [&str; 6] = ["10m", "1h", "6h", "24h", "2d", "7d"];
/// Minutes of the longest range.
const LONGEST: i64 = 366 * 1_440;

/// What can follow a word, where that is one of few.
pub(super) fn choices(word: &str, here: &Here) -> Vec<&'static str> {
    match word {
        "range" => RANGES.to_vec(),
        "sort" => here.sorts.clone(),
        "theme" => [TONES.map(|(name, _)| name), SIGHTS.map(|(name, _)| name)].concat(),
        "glyphs" => GLYPHS.map(|(name, _)| name).to_vec(),
        "export" => Format::ALL.map(word_of).to_vec(),
        "queue" => SCOPES.map(|(name, _)| name).to_vec(),
        _ => Vec::new(),
    }
}

/// Whether what follows the word is a filter.
pub(super) fn takes_filter(word: &str) -> bool {
    word == "where" || root(word).is_some()
}

fn word_of(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Json => "json",
        Format::Markdown => "markdown",
    }
}

fn root(word: &str) -> Option<Root> {
    let mut roots = Root::ALL.into_iter();
    roots.find(|root| names::name(Command::View(*root)) == word)
}

/// The word at the beginning of a line with where it stands, and where what follows begins.
pub(super) fn split(line: &str) -> (Range<usize>, usize) {
    let start = line.len() - line.trim_start().len();
    let rest = line.get(start..).unwrap_or_default();
    let end = start + rest.find(char::is_whitespace).unwrap_or(rest.len());
    let after = line.get(end..).unwrap_or_default();
    (start..end, line.len() - after.trim_start().len())
}

impl Order {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(line: &str, here: &Here) -> Result<Self, FilterError> {
        let (place, at) = split(line);
        let word = line.get(place.clone()).unwrap_or_default();
        let rest = line.get(at..).unwrap_or_default().trim_end();
        if rest.is_empty() {
            return names::command(word).map(Self::Run).ok_or_else(|| {
                let takes = WORDS.iter().find(|(known, ..)| *known == word);
                match takes {
                    Some((_, what, help)) => {
                        FilterError::new(line.len()..line.len(), format!("{word} {what}: {help}"))
                    }
                    None => unknown(word, place),
                }
            });
        }
        Arguments {
            text: rest,
            at,
            here,
        }
        .read(word, place)
    }
}

fn unknown(word: &str, place: Range<usize>) -> FilterError {
    let words = WORDS.iter().map(|(word, ..)| *word);
    let commands = crate::app::keymap::BINDINGS
        .iter()
        .map(|row| names::name(row.command));
    let why = match filter::nearest(word, words.chain(commands)) {
        Some(near) => format!("no command {word}: did you mean {near}?"),
        None => format!("no command {word}: type a part of what it does, or ? for the keys"),
    };
    FilterError::new(place, why)
}

/// What stands behind the word.
struct Arguments<'a> {
    text: &'a str,
    at: usize,
    here: &'a Here,
}

impl Arguments<'_> {
    fn read(&self, word: &str, place: Range<usize>) -> Result<Order, FilterError> {
        match word {
            "where" if !self.here.filtered => {
                Err(FilterError::new(place, "this view has no filter"))
            }
            "where" => self.filter(0).map(Order::Where),
            "queue" => self.queue(),
            "range" => self.range(),
            "sort" if self.here.sorts.is_empty() => Err(FilterError::new(
                place,
                "the rows of this view have one order only",
            )),
            "sort" => self.one_of(
                self.here
                    .sorts
                    .iter()
                    .map(|name| (*name, Order::Sort(name))),
            ),
            "theme" => {
                let tones = TONES.map(|(name, tone)| (name, Order::Tone(tone)));
                let sights = SIGHTS.map(|(name, sight)| (name, Order::Sight(sight)));
                self.one_of(tones.into_iter().chain(sights))
            }
            "glyphs" => self.one_of(GLYPHS.map(|(name, set)| (name, Order::Glyphs(set)))),
            "export" => {
                self.one_of(Format::ALL.map(|format| (word_of(format), Order::Export(format))))
            }
            _ => match root(word) {
                Some(root) => self.open(root, place),
                None if names::command(word).is_some() => {
                    let why = format!("{word} takes nothing after it");
                    Err(FilterError::new(self.place(), why))
                }
                None => Err(unknown(word, place)),
            },
        }
    }

    fn place(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// The filter from a byte of the text on.
    fn filter(&self, from: usize) -> Result<Filter, FilterError> {
        Filter::new(self.text.get(from..).unwrap_or_default())
            .map_err(|error| error.moved(self.at + from))
    }

    fn open(&self, root: Root, place: Range<usize>) -> Result<Order, FilterError> {
        let filter = self.filter(0)?;
        if crate::views::root(root).filter().is_none() {
            let why = format!("{} has no filter", root.name());
            return Err(FilterError::new(place, why));
        }
        Ok(Order::Open(root, filter))
    }

    fn queue(&self) -> Result<Order, FilterError> {
        let (first, rest) = split(self.text);
        let word = self.text.get(first).unwrap_or_default();
        match SCOPES.iter().find(|(name, _)| *name == word) {
            Some((_, scope)) => Ok(Order::Queue(*scope, self.filter(rest)?)),
            None => Ok(Order::Open(Root::Queue, self.filter(0)?)),
        }
    }

    fn range(&self) -> Result<Order, FilterError> {
        filter::seconds(self.text)
            .map(|seconds| seconds / 60)
            .filter(|minutes| (1..=LONGEST).contains(minutes))
            .map(|minutes| Order::Range(TimeDelta::minutes(minutes)))
            .ok_or_else(|| {
                let why = "range wants a time from 1m to 366d, such as range 6h";
                FilterError::new(self.place(), why)
            })
    }

    /// One of few words; its beginning is enough where it is that of one only.
    fn one_of(
        &self,
        choices: impl IntoIterator<Item = (&'static str, Order)>,
    ) -> Result<Order, FilterError> {
        let choices: Vec<(&str, Order)> = choices.into_iter().collect();
        let exact = choices.iter().find(|(name, _)| *name == self.text);
        let mut begun = choices
            .iter()
            .filter(|(name, _)| name.starts_with(self.text));
        let only = match (begun.next(), begun.next()) {
            (Some(one), None) => Some(one),
            _ => None,
        };
        exact
            .or(only)
            .map(|(_, order)| order.clone())
            .ok_or_else(|| {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                let why = format!("no {}: there are {}", self.text, names.join(", "));
                FilterError::new(self.place(), why)
            })
    }
}
