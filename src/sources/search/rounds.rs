//! Finds all lines of the messages that are asked for, in rounds.
//!
//! The first round searches for what was asked; what is found names queue ids and Message-IDs that belong to the answer, and the next
//! round searches for those, until nothing new is named. In: the question and a way to scan for needles; out: the messages and their
//! lines. Where the lines lie, and how they are read, is the caller's.

use super::TYPICAL;
use super::needles::Needles;
use crate::app::msg::Lives;
use crate::model::trace::{self, LogLine, Question};
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// The most rounds. A mail goes through few filters; more is a loop.
const ROUNDS: usize = 12;

/// How a search in rounds ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// Nothing new is named.
    Whole,
    /// After the last round there was still something to search for.
    Endless,
    /// It was stopped.
    Stopped,
}

/// Searches. `scan` gives all lines with a needle, each with its place, which orders the lines and is the same in every round; a break stops
/// the search. `told` takes what is known after each round.
pub(super) fn rounds<P: Ord>(
    question: &Question,
    mut scan: impl FnMut(&Needles) -> ControlFlow<(), Vec<(P, LogLine)>>,
    mut told: impl FnMut(Lives),
) -> Ended {
    let mut found: BTreeMap<P, LogLine> = BTreeMap::new();
    let mut searched = question.searched();
    let mut needles = match question {
        Question::QueueId(id) => Needles::words(&[id.as_bytes()]),
        Question::Name(text) => Needles::any_case(text, TYPICAL),
        Question::Text(text) => Needles::part(text, TYPICAL),
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
