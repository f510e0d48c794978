//! One message's whole life, put together from the lines that mention it.
//!
//! In go log lines in the order of the log and the question that an operator asks; out come the messages that answer it, each with its
//! events in order, what became of it, and how it is related to the others. The lines may be those of any number of other messages: they
//! change nothing. [`Traced::wanted`] names what else the log must be searched for before the answer is whole.
//!
//! A queue id is used again after its message left, so a life ends at `removed` or `requeued`, and what is born later under the same id is
//! another message; host and instance are part of the identity (`postsuper(1)`, BUGS). Lines of other programs are shown and believed in
//! nothing. It deliberately searches no file, and does not guess: two messages are related only where Postfix says so, or where the
//! Message-ID is the same and one was handed to this host as the other was taken from it.

mod choose;
mod lives;
mod message;
mod relations;
mod row;
#[cfg(test)]
mod tests;
pub mod timeline;

pub use message::{Fate, Kind, Message, Recipient, Related, Source};
pub use row::{Mark, Row, mark, row};

use chrono::{DateTime, FixedOffset};
use mailtop_parsers::{Calendar, QueueId, Record};
use std::collections::BTreeSet;

/// The most messages that are given; the newest ones.
pub const MESSAGES: usize = 1_000;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A queue id.
    QueueId(Box<str>),
    /// An envelope address or a Message-ID: nothing in its letters tells one from the other.
    Name(Box<str>),
    /// A text, with its letters in either case: asked for is each message with a line that holds it.
    Text(Box<str>),
}

impl Question {
    /// Reads what the operator typed. Angle brackets around it are taken off, and say that it is no queue id.
    ///
    /// # Errors
    /// A sentence for the operator, when it can be none of the three.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let inner = text
            .strip_prefix('<')
            .and_then(|text| text.strip_suffix('>'));
        let name = inner.unwrap_or(text);
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(String::from(
                "write a queue id, an address or a Message-ID, such as 4D1A22001F or ann@example.com",
            ));
        }
        if inner.is_none() && QueueId::new(name.as_bytes()).is_some() {
            return Ok(Self::QueueId(name.into()));
        }
        Ok(Self::Name(name.into()))
    }

    /// The text to search for.
    pub fn text(&self) -> &str {
        match self {
            Self::QueueId(text) | Self::Name(text) | Self::Text(text) => text,
        }
    }

    /// What [`Traced::wanted`] may name that a search for the text finds too.
    pub fn searched(&self) -> BTreeSet<Box<[u8]>> {
        let text = self.text().as_bytes();
        BTreeSet::from([text.into(), choose::mention(text)])
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The line without its newline.
    pub text: Box<[u8]>,
    /// The newest moment that a stamp without a year can mean.
    pub anchor: DateTime<FixedOffset>,
}

impl LogLine {
    /// What the line says.
    pub fn record(&self) -> Record<'_> {
        let calendar = Calendar {
            anchor: self.anchor,
        };
        mailtop_parsers::parse(&self.text, &calendar)
    }
}

/// The answer, as far as the lines go.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Traced {
    /// The messages; each one is followed by those that came of it, otherwise the oldest is first.
    pub messages: Vec<Message>,
    /// Texts whose lines belong to the answer: queue ids, and Message-IDs with what stands around them.
    pub wanted: BTreeSet<Box<[u8]>>,
    /// Messages that answer the question too but are older than the [`MESSAGES`] that are given.
    pub left_out: usize,
}

impl Traced {
    /// Keeps only these messages, and of their ties those to one another.
    pub fn keep(&mut self, wanted: impl Fn(&Message) -> bool) {
        let mut kept = 0;
        let place = |message: &Message| {
            let place = wanted(message).then_some(kept);
            kept += usize::from(place.is_some());
            place
        };
        let places: Vec<Option<usize>> = self.messages.iter().map(place).collect();
        self.messages.retain(&wanted);
        for message in &mut self.messages {
            message
                .related
                .retain_mut(|tie| match places.get(tie.message) {
                    Some(Some(place)) => {
                        tie.message = *place;
                        true
                    }
                    _ => false,
                });
        }
    }
}

/// Answers the question from these lines.
pub fn trace(question: &Question, lines: &[LogLine]) -> Traced {
    let messages = lives::fold(lines);
    let ties = relations::find(&messages, lines);
    choose::choose(question, messages, lines, &ties)
}
