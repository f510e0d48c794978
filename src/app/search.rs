//! A search in the logs and its answer: the log is the database, and is read when somebody asks.
//!
//! A view asks with [`crate::app::effect::Effect::Search`]; a source answers with [`crate::app::msg::Msg::Found`] in parts that all name the
//! search, the last one being [`Part::End`]. A newer search ends the one before. No line of an answer holds a password.

use crate::app::filter::Filter;
use crate::app::msg::LogBatch;
use crate::model::span::Between;
use crate::model::trace::{LogLine, Question, Traced};
use crate::safe_text::SafeText;
use mailtop_parsers::Calendar;
use std::sync::Arc;

/// What is asked of the logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// What is looked for.
    pub what: What,
    /// Logged when.
    pub between: Between,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The lives of messages. What was logged outside of the span is given as well where it lies near, or belongs to such a life.
    Lives(Question),
    /// Lines, the newest first.
    Lines(Filter),
}

impl Search {
    /// Whether a line is one that is looked for: of a search for lines only.
    pub fn keeps(&self, line: &[u8], calendar: &Calendar) -> bool {
        let What::Lines(filter) = &self.what else {
            return false;
        };
        let record = mailtop_parsers::parse(line, calendar);
        let in_span = record
            .time
            .is_none_or(|time| self.between.holds(time.to_utc()));
        in_span && filter.is_empty()
    }
}

/// A part of the answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The question.
    pub search: Arc<Search>,
    /// The part.
    pub part: Part,
}

/// What a part of an answer is.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// All that is known so far of the messages: it takes the place of what was given before.
    Lives(Box<Lives>),
    /// Lines that lie before all of that log that were given before.
    Lines {
        /// The lines.
        batch: LogBatch,
        /// How many lines were looked at for these.
        of: u64,
    },
    /// How far a file is read: `reading mail.log.2.gz 68 %`.
    Reading(SafeText),
    /// The search is over.
    End {
        /// Whether lines were left out because there were too many: the oldest ones.
        cut: bool,
        /// What could not be read: sentences.
        unread: Vec<SafeText>,
    },
}

/// Messages and the lines that they were put together from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lives {
    /// The messages.
    pub traced: Traced,
    /// The lines, in the order of the log.
    pub lines: Vec<LogLine>,
}
