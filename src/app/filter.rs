//! The filter: which messages, lines and rows are meant. One small language for `/`, for `:` and for `--where`.
//!
//! Terms are separated by blanks and all must hold. A word is looked for in domains, addresses, ids, codes and reasons; `/regex/` too.
//! `field:` looks at one thing ([`Field`]): `domain:*.example from:news@* code:4.7.* reason:TSS04 ip:192.0.2.0/24 age:>2h
//! size:<=1M rcpts:>100`. `*` stands for anything and `?` for one letter; `"…"` keeps blanks and takes every letter as it is;
//! `field:/regex/` searches one field, and `field:=value` holds for that value only, letter for letter. A `-` before a term
//! negates it. Letters match both cases unless the pattern has a capital.
//!
//! What a field means for a message of the queue stands in [`queued`], for a log line in [`logged`]; other things say it themselves
//! ([`Subject`]). What cannot be read is refused with its place ([`FilterError`]), and so is what can never be found: `queue:defered`.

mod compare;
pub mod complete;
mod error;
mod field;
pub mod logged;
mod narrowed;
mod pattern;
pub mod queued;
mod read;
pub mod subject;
#[cfg(test)]
mod tests;

use crate::safe_text::SafeText;
pub use compare::seconds;
pub use error::FilterError;
pub use field::Field;
pub(super) use field::nearest;
pub use logged::Logged;
pub use narrowed::Narrowed;
pub use queued::{Queued, queue_word};
use read::{Term, Test};
pub use subject::Subject;

/// A filter and the text that it was read from.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    text: String,
    terms: Vec<Term>,
}

/// One term, for the line that shows the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part<'a> {
    /// The term as it is written, the `-` of a negation with it.
    pub text: &'a str,
    /// What it looks at.
    pub field: Field,
    /// Whether it excludes.
    pub negated: bool,
}

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
        Ok(Self {
            terms: read::terms(text)?,
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

    /// Whether what it means of the same listing changes with the time or with the log. The rest stands in the listing.
    pub fn moves(&self) -> bool {
        self.terms.iter().any(|term| {
            matches!(
                term.field,
                Field::Age | Field::User | Field::Ip | Field::Client | Field::Provider
            )
        })
    }

    /// The terms in their order.
    pub fn terms(&self) -> impl ExactSizeIterator<Item = Part<'_>> {
        self.terms.iter().map(|term| Part {
            text: self.text.get(term.place.clone()).unwrap_or_default(),
            field: term.field,
            negated: term.negated,
        })
    }

    /// Whether this is meant: a message, a log line, a row.
    pub fn matches(&self, subject: &(impl Subject + ?Sized)) -> bool {
        self.terms
            .iter()
            .all(|term| term.holds(subject) != term.negated)
    }

    /// The same, and only what has this value: the facet under the cursor. A facet that is there already changes nothing; one that
    /// was excluded is included in its place. A number that is no comparison (`>2h`) changes nothing either.
    #[must_use]
    pub fn with(&self, field: Field, value: &SafeText) -> Self {
        self.faceted(field, value.as_str(), false)
    }

    /// The same without what has this value: [`Filter::with`] negated.
    #[must_use]
    pub fn without(&self, field: Field, value: &SafeText) -> Self {
        self.faceted(field, value.as_str(), true)
    }

    /// The same without its last term.
    #[must_use]
    pub fn shorter(&self) -> Self {
        let mut terms = self.terms.clone();
        terms.pop();
        let end = terms.last().map_or(0, |term| term.place.end);
        Self {
            text: self.text.get(..end).unwrap_or_default().to_owned(),
            terms,
        }
    }

    fn faceted(&self, field: Field, value: &str, negated: bool) -> Self {
        let same = |term: &Term| term.field == field && term.says.as_deref() == Some(value);
        let known = self.terms.iter().position(same);
        if known.is_some_and(|at| {
            self.terms
                .get(at)
                .is_some_and(|term| term.negated == negated)
        }) {
            return self.clone();
        }
        let Some(written) = read::written(field, value) else {
            return self.clone();
        };
        let sign = if negated { "-" } else { "" };
        let facet = format!("{sign}{written}");
        let mut texts: Vec<&str> = self.terms().map(|part| part.text).collect();
        match known.and_then(|at| texts.get_mut(at)) {
            Some(place) => *place = &facet,
            None => texts.push(&facet),
        }
        // What is written here is always read again; should it not be, the filter stays as it is.
        Self::new(&texts.join(" ")).unwrap_or_else(|_| self.clone())
    }
}

impl Term {
    fn holds(&self, subject: &(impl Subject + ?Sized)) -> bool {
        match &self.test {
            Test::Number(order, bound) => subject
                .number(self.field)
                .is_some_and(|value| order.holds(value, *bound)),
            Test::Network(network) => subject.texts(self.field, &mut |text| network.holds(text)),
            Test::Text(pattern) if self.field == Field::Anywhere => subject
                .anywhere()
                .iter()
                .any(|field| subject.texts(*field, &mut |text| pattern.is_match(text))),
            Test::Text(pattern) => subject.texts(self.field, &mut |text| pattern.is_match(text)),
        }
    }
}
