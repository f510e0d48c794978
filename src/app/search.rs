//! A search in the logs and its answer: the log is the database, and is read when somebody asks.
//!
//! A view asks with [`crate::app::effect::Effect::Search`]; a source answers with [`crate::app::msg::Msg::Found`] in parts that all name the
//! search, the last one being [`Part::End`]. A newer search ends the one before. No line of an answer holds a password.

use crate::app::filter::{Field, Filter, Logged};
use crate::app::msg::LogBatch;
use crate::model::facts::Facts;
use crate::model::span::Between;
use crate::model::trace::{LogLine, Question, Traced};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
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
    /// Whether a line is one that is looked for: of a search for lines only. `facts` know who runs which domain.
    pub fn keeps(
        &self,
        line: &[u8],
        calendar: &Calendar,
        facts: &Facts,
        now: DateTime<Utc>,
    ) -> bool {
        let What::Lines(filter) = &self.what else {
            return false;
        };
        let record = &mailtop_parsers::parse(line, calendar);
        let in_span = record
            .time
            .is_none_or(|time| self.between.holds(time.to_utc()));
        let until = self.between.until.unwrap_or(now);
        in_span
            && filter.matches(&Logged {
                record,
                line,
                facts,
                until,
            })
    }

    /// A text that every line holds that is looked for, in letters of either case; `None` when there is no such text.
    pub fn literal(&self) -> Option<String> {
        match &self.what {
            What::Lines(filter) => literal(filter),
            What::Lives(_) => None,
        }
    }
}

/// The most telling text that stands in a line of whatever the filter lets through; `None` when it says nothing that a line must hold.
pub fn literal(filter: &Filter) -> Option<String> {
    let terms = filter.terms().filter(|term| !term.negated);
    let texts = terms.filter_map(|term| {
        let text = plain(term.field, term.text)?;
        Some((weight(term.field), text.len(), text))
    });
    texts.max().map(|(.., text)| text)
}

/// How much a field tells: what names one message comes before what thousands have in common.
fn weight(field: Field) -> u8 {
    match field {
        Field::QueueId | Field::MessageId => 6,
        Field::From | Field::To | Field::User | Field::Ip | Field::Client => 5,
        Field::Anywhere => 4,
        Field::Domain | Field::Reason | Field::Relay => 3,
        Field::Code => 2,
        _ => 1,
    }
}

/// The longest run of letters in a term that a line must hold as they are.
fn plain(field: Field, term: &str) -> Option<String> {
    let value = match field {
        Field::Anywhere => term,
        Field::Domain
        | Field::From
        | Field::To
        | Field::User
        | Field::Client
        | Field::Ip
        | Field::Host
        | Field::QueueId
        | Field::MessageId
        | Field::Reason
        | Field::Relay
        | Field::Code
        | Field::Program
        | Field::Status => term.split_once(':')?.1,
        // What is not in the line itself: classes, providers, queues, numbers.
        _ => return None,
    };
    let exact = value.strip_prefix('=').unwrap_or(value);
    let quoted = exact
        .strip_prefix('"')
        .map(|rest| rest.strip_suffix('"').unwrap_or(rest));
    if exact.starts_with('/') || field == Field::Ip && exact.contains('/') {
        return None;
    }
    let runs: Vec<&str> = match quoted {
        Some(text) => vec![text],
        None => exact.split(['*', '?']).collect(),
    };
    let text = runs.into_iter().max_by_key(|run| run.len())?;
    let words = ["sent", "deferred", "bounced", "expired", "reject"];
    let is_said = field != Field::Status || words.contains(&text);
    // An escape stands on the screen for something else in the line.
    let is_plain = |letter: char| (letter.is_ascii_graphic() || letter == ' ') && letter != '\\';
    (text.len() >= 3 && is_said && !text.contains('"') && text.chars().all(is_plain))
        .then(|| text.to_owned())
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
    Lives(Arc<Lives>),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_telling_text_is_what_a_line_must_hold() {
        for (filter, wanted) in [
            ("to:ann@yahoo.com status:deferred", Some("ann@yahoo.com")),
            ("prog:smtp status:deferred", Some("deferred")),
            ("from:*news@*.example", Some(".example")),
            ("qid:4jYg7l* to:someone@somewhere.example", Some("4jYg7l")),
            ("-to:ann@yahoo.com", None),
            ("ip:192.0.2.0/24", None),
            ("ip:192.0.2.7", Some("192.0.2.7")),
            ("/yahoo/", None),
            ("to:/yahoo/", None),
            ("yahoo", Some("yahoo")),
            ("\"a b\"", Some("a b")),
            ("class:greylisted", None),
            ("provider:google age:>2h", None),
            ("status:removed", None),
            ("code:4.7.*", Some("4.7.")),
            ("x\\x1b", None),
            ("", None),
        ] {
            let read = Filter::new(filter).unwrap();
            assert_eq!(literal(&read).as_deref(), wanted, "{filter}");
        }
    }
}
