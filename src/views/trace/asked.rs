//! What is to be searched for, from a filter.
//!
//! In: the filter and the time that is looked at. Out: the search, when the filter holds a text that the lines of a message must hold. What
//! it asks beyond that text is looked at when the messages are put together ([`super::subject`]).

use super::Facts;
use crate::app::filter::{Field, Filter};
use crate::app::search::{Search, What, literal};
use crate::model::span::Between;
use crate::model::trace::Question;
use chrono::TimeDelta;
use mailtop_parsers::QueueId;

/// A message is looked for at least this far back.
const BACK: TimeDelta = TimeDelta::hours(24);

/// How far back is searched.
pub(super) fn back(facts: &Facts<'_>) -> TimeDelta {
    facts.range.max(BACK)
}

/// The search for what the filter means; `None` when it names nothing to look for.
pub(super) fn search(filter: &Filter, facts: &Facts<'_>) -> Option<Search> {
    let text = literal(filter)?;
    let whole = filter.terms().any(|term| {
        let id = term.field == Field::QueueId && !term.negated;
        id && term.text.rsplit([':', '=']).next() == Some(text.as_str())
    });
    let question = if whole && QueueId::new(text.as_bytes()).is_some() {
        Question::QueueId(text.into())
    } else {
        Question::Text(text.into())
    };
    let between = Between {
        since: facts.model.now().checked_sub_signed(back(facts)),
        // What becomes of it is part of a life, also where an earlier moment is looked at.
        until: None,
    };
    let what = What::Lives(question);
    Some(Search { what, between })
}

/// Whether two searches are the same, though the clock went on.
pub(super) fn same(one: Option<&Search>, other: Option<&Search>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return one.is_none() && other.is_none();
    };
    let begin = |search: &Search| search.between.since;
    let near = match (begin(one), begin(other)) {
        // To be left open for hours is no reason to search anew; another range is.
        (Some(one), Some(other)) => (one - other).abs() < BACK / 2,
        (one, other) => one == other,
    };
    one.what == other.what && near
}
