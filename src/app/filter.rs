//! The filter: which messages are meant. One small language for `/` and, later, for the command line.
//!
//! Terms are separated by blanks and all must hold: `yahoo` anywhere; `domain:*.example`, `from:news@*`, `to:`, `code:4.7.*`
//! (reply or enhanced status code), `reason:TSS04`, `provider:`, `queue:hold`, `qid:` as globs; `age:>2h`, `size:<1M` as
//! comparisons; `/regex/` anywhere; a `-` before a term negates it; `"…"` keeps blanks. Letters match both cases unless the
//! pattern has a capital. Patterns run on the `regex` crate in linear time, so hostile text can't make them slow.

use crate::model::Model;
use crate::model::queue::Message;
use regex::{Regex, RegexBuilder};
use std::fmt::Write;

/// A filter and the text that it was read from.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// What is wrong with a filter's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The byte where the bad term begins.
    pub at: usize,
    /// What is wrong, with an example that works.
    pub why: String,
}

#[derive(Debug, Clone)]
struct Term {
    negate: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Anywhere(Regex),
    Text(Field, Regex),
    Age(Order, i64),
    Size(Order, i64),
}

/// What a term asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the words of the language")]
pub enum Field {
    Domain,
    From,
    To,
    Code,
    Reason,
    Provider,
    Queue,
    QueueId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Above,
    Below,
}

const FIELDS: &[(&str, Field)] = &[
    ("domain", Field::Domain),
    ("from", Field::From),
    ("to", Field::To),
    ("code", Field::Code),
    ("reason", Field::Reason),
    ("provider", Field::Provider),
    ("queue", Field::Queue),
    ("qid", Field::QueueId),
];

impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// The place of the first bad term and what is wrong with it.
    pub fn new(text: &str) -> Result<Self, FilterError> {
        let terms = words(text)
            .into_iter()
            .map(|(at, word)| term(&word).map_err(|why| FilterError { at, why }));
        Ok(Self {
            terms: terms.collect::<Result<_, _>>()?,
            text: text.to_owned(),
        })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it lets everything through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether the message is meant.
    pub fn matches(&self, message: &Message, model: &Model) -> bool {
        self.terms
            .iter()
            .all(|term| term.test.holds(message, model) != term.negate)
    }
}

impl Test {
    fn holds(&self, message: &Message, model: &Model) -> bool {
        match self {
            Self::Anywhere(pattern) => FIELDS
                .iter()
                .any(|(_, field)| field.is_match(pattern, message, model)),
            Self::Text(field, pattern) => field.is_match(pattern, message, model),
            Self::Age(order, seconds) => order.holds(message.age(model.now()), *seconds),
            Self::Size(order, bytes) => {
                order.holds(i64::try_from(message.size).unwrap_or(i64::MAX), *bytes)
            }
        }
    }
}

impl Order {
    fn holds(self, value: i64, bound: i64) -> bool {
        match self {
            Self::Above => value > bound,
            Self::Below => value < bound,
        }
    }
}

impl Field {
    fn is_match(self, pattern: &Regex, message: &Message, model: &Model) -> bool {
        let reasons = || {
            message
                .recipients
                .iter()
                .filter_map(|waiting| waiting.reason.as_deref())
        };
        match self {
            Self::Domain => message
                .recipients
                .iter()
                .any(|waiting| pattern.is_match(&waiting.domain)),
            Self::From => pattern.is_match(message.sender().as_str()),
            Self::To => message
                .recipients
                .iter()
                .any(|waiting| pattern.is_match(&waiting.address)),
            Self::Code => reasons().any(|reason| {
                let codes = [
                    reason.code.map(|code| code.to_string()),
                    reason.dsn.map(|dsn| dsn.to_string()),
                ];
                codes.iter().flatten().any(|code| pattern.is_match(code))
            }),
            Self::Reason => reasons().any(|reason| pattern.is_match(&reason.verbatim)),
            Self::Provider => message.recipients.iter().any(|waiting| {
                let provider = model.facts.provider_of_domain(&waiting.domain);
                provider.is_some_and(|provider| pattern.is_match(provider.name()))
            }),
            Self::Queue => pattern.is_match(queue_word(message)),
            Self::QueueId => pattern.is_match(&message.target.key.queue_id),
        }
    }
}

/// The queue's name.
pub fn queue_word(message: &Message) -> &'static str {
    use mailtop_parsers::QueueName;
    match message.target.queue {
        QueueName::Maildrop => "maildrop",
        QueueName::Incoming => "incoming",
        QueueName::Active => "active",
        QueueName::Deferred => "deferred",
        QueueName::Hold => "hold",
    }
}

/// The words of a filter with where they begin; quotes keep blanks and are taken off, slashes keep them too.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut start, mut quoted, mut slashed) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            ' ' if !quoted && !slashed => {
                if !word.is_empty() {
                    words.push((start, std::mem::take(&mut word)));
                }
                continue;
            }
            '"' if !slashed => {
                quoted = !quoted;
                continue;
            }
            '/' if !quoted && (slashed || word.is_empty() || word == "-") => slashed = !slashed,
            _ => {}
        }
        if word.is_empty() {
            start = at;
        }
        word.push(c);
    }
    if !word.is_empty() {
        words.push((start, word));
    }
    words
}

fn term(word: &str) -> Result<Term, String> {
    let (negate, word) = match word.strip_prefix('-') {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, word),
    };
    Ok(Term {
        negate,
        test: test(word)?,
    })
}

fn test(word: &str) -> Result<Test, String> {
    if let Some(pattern) = word.strip_prefix('/') {
        return regex(pattern.strip_suffix('/').unwrap_or(pattern)).map(Test::Anywhere);
    }
    let Some((key, value)) = word.split_once(':') else {
        return glob(word, false).map(Test::Anywhere);
    };
    if let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == key) {
        // A reason is a sentence and a provider a name: part of it is enough.
        let whole = !matches!(field, Field::Reason | Field::Provider);
        if value.is_empty() {
            return Err(format!(
                "{key}: wants a pattern, such as {key}:{}",
                example(*field)
            ));
        }
        // Domains are kept in lower case, and have no other.
        let lower = value.to_lowercase();
        let value = if *field == Field::Domain {
            &lower
        } else {
            value
        };
        return glob(value, whole).map(|pattern| Test::Text(*field, pattern));
    }
    match key {
        "age" => ordered(value).and_then(|(order, rest)| Some(Test::Age(order, seconds(rest)?))),
        "size" => ordered(value).and_then(|(order, rest)| Some(Test::Size(order, bytes(rest)?))),
        _ => return Err(format!("no field {key}: try domain: from: to: code: reason: provider: queue: qid: age: size:")),
    }
    .ok_or_else(|| format!("{key}: wants a comparison, such as {key}:>{}", if key == "age" { "2h" } else { "1M" }))
}

/// A pattern that works for the field.
fn example(field: Field) -> &'static str {
    match field {
        Field::Domain => "*.example",
        Field::From => "news@*",
        Field::To => "ann@*",
        Field::Code => "4.7.*",
        Field::Reason => "TSS04",
        Field::Provider => "google",
        Field::Queue => "hold",
        Field::QueueId => "4jYg*",
    }
}

fn ordered(value: &str) -> Option<(Order, &str)> {
    let above = value.strip_prefix('>').map(|rest| (Order::Above, rest));
    above.or_else(|| value.strip_prefix('<').map(|rest| (Order::Below, rest)))
}

/// `90s`, `5m`, `2h`, `3d`, or seconds.
fn seconds(text: &str) -> Option<i64> {
    unit(text, &[("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)])
}

/// `10k`, `5M`, `1G`, or bytes.
fn bytes(text: &str) -> Option<i64> {
    unit(
        text,
        &[
            ("k", 1 << 10),
            ("K", 1 << 10),
            ("M", 1 << 20),
            ("G", 1 << 30),
        ],
    )
}

fn unit(text: &str, units: &[(&str, i64)]) -> Option<i64> {
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number, *factor)))
        .unwrap_or((text, 1));
    number.parse::<i64>().ok()?.checked_mul(factor)
}

fn glob(pattern: &str, whole: bool) -> Result<Regex, String> {
    let mut source = String::from(if whole { "^(?:" } else { "" });
    for c in pattern.chars() {
        match c {
            '*' => source.push_str(".*"),
            '?' => source.push('.'),
            c => {
                let _ = write!(source, "{}", regex::escape(c.encode_utf8(&mut [0; 4])));
            }
        }
    }
    if whole {
        source.push_str(")$");
    }
    build(&source, pattern)
}

fn regex(pattern: &str) -> Result<Regex, String> {
    build(pattern, pattern)
}

fn build(source: &str, pattern: &str) -> Result<Regex, String> {
    RegexBuilder::new(source)
        .case_insensitive(!pattern.chars().any(char::is_uppercase))
        .dot_matches_new_line(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            format!("/{pattern}/ is no regular expression: {error}").replace('\n', " ")
        })
}
