//! Finds all lines of the messages that are asked for, in rounds.
//!
//! The first round searches for what was asked; what is found names queue ids and Message-IDs that belong to the answer, and the next
//! round searches for those, until nothing new is named. In: the question and a way to scan for needles; out: the messages and their
//! lines. Where the lines lie, and how they are read, is the caller's.

use crate::app::msg::Lives;
use crate::model::trace::{self, LogLine, Question};
use crate::sources::scan::Needles;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The most rounds. A mail goes through few filters; more is a loop.
const ROUNDS: usize = 12;

/// How a search in rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing new is named.
    Whole,
    /// After the last round there was still something to search for.
    Endless,
    /// It was stopped.
    Stopped,
}

/// Searches. `sample`: a part of what is searched, which makes a difference only to the speed. `scan` gives all lines with a needle, each with
/// its place, which orders the lines and is the same in every round; a break stops the search. `told` takes what is known after each round.
pub fn rounds<P: Ord>(
    question: &Question,
    sample: &[u8],
    mut scan: impl FnMut(&Needles) -> ControlFlow<(), Vec<(P, LogLine)>>,
    mut told: impl FnMut(Lives),
) -> Ended {
    let mut found: BTreeMap<P, LogLine> = BTreeMap::new();
    let mut searched = question.searched();
    let mut needles = match question {
        Question::QueueId(id) => Needles::words(&[id.as_bytes()]),
        Question::Name(text) => Needles::any_case(text, sample),
        Question::Text(text) => Needles::part(text, sample),
    };
    for round in 0..=ROUNDS {
        let Some(these) = needles else {
            return Ended::Whole;
        };
        if round == ROUNDS {
            return Ended::Endless;
        }
        let ControlFlow::Continue(hits) = scan(&these) else {
            return Ended::Stopped;
        };
        let before = found.len();
        for (place, line) in hits {
            found.entry(place).or_insert(line);
        }
        if round > 0 && found.len() == before {
            return Ended::Whole;
        }
        let lines: Vec<LogLine> = found.values().cloned().collect();
        let traced = trace::trace(question, &lines);
        let new: Vec<Box<[u8]>> = traced.wanted.difference(&searched).cloned().collect();
        told(Lives { traced, lines });
        needles = Needles::words(&new);
        searched.extend(new);
    }
    Ended::Whole
}
