//! The newest events: what happened that a person would want to know, equal ones folded to one line with a count.
//!
//! Events of one kind with equal meaning within [`TOGETHER`] seconds are one; each kind keeps its newest [`KEPT`], so a flood of one
//! kind (every reply of a hostile server differs) never pushes out those of another. When two of the same ten minutes compete for
//! the last room, it does not matter which stays, but it must be the same one however the log was cut ([`Join`]).

use crate::model::reasons::Reason;
use crate::model::table::{Join, stand_in};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::hash::Hash;
use std::sync::Arc;

/// Events kept of each kind.
const KEPT: usize = 100;

/// Seconds of the spans in which equal events are one.
const TOGETHER: i64 = 600;

/// What kind of thing happened. The order is that of a delivery's life, not of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A domain's mail was deferred.
    Deferred,
    /// A message bounced or expired.
    Bounced,
    /// Someone acted on the queue.
    Acted,
    /// A login failed.
    LoginFailed,
    /// A daemon warned or failed.
    Warning,
    /// A source was lost, or found again.
    Source,
}

/// One event, or many equal ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// What kind.
    pub kind: Kind,
    /// The first time.
    pub first: DateTime<Utc>,
    /// The last time.
    pub last: DateTime<Utc>,
    /// How often.
    pub count: u64,
    /// What, without the count; the newest wording.
    pub text: SafeText,
}

/// One event as it is kept.
#[derive(Debug, Clone, PartialEq)]
struct Kept {
    first: DateTime<Utc>,
    last: DateTime<Utc>,
    count: u64,
    words: Words,
}

/// What is said of an event. An attempt that failed is put into words only when somebody asks: nearly all are said again before.
#[derive(Debug, Clone, PartialEq)]
enum Words {
    Said(SafeText),
    Failed(Arc<str>, Arc<Reason>),
}

impl Words {
    fn text(&self, kind: Kind) -> SafeText {
        match self {
            Self::Said(text) => text.clone(),
            Self::Failed(domain, reason) => {
                let verb = if kind == Kind::Bounced {
                    "bounced"
                } else {
                    "deferred"
                };
                SafeText::from(format!("{domain} {verb} {}", reason.line()))
            }
        }
    }
}

impl Join for Kept {
    fn join(&mut self, newer: Self) {
        if newer.last >= self.last {
            self.words = newer.words;
        }
        self.first = self.first.min(newer.first);
        self.last = self.last.max(newer.last);
        self.count += newer.count;
    }
}

impl Kept {
    /// It happened again; `words` are asked for when they are the newest.
    fn again(&mut self, at: DateTime<Utc>, count: u64, words: impl FnOnce(&mut Words)) {
        if at >= self.last {
            words(&mut self.words);
            self.last = at;
        }
        self.first = self.first.min(at);
        self.count += count;
    }
}

/// The newest events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Events {
    /// By kind, then by span and meaning.
    kinds: BTreeMap<Kind, BTreeMap<(i64, u64), Kept>>,
}

impl Events {
    /// Something happened at `at`, `count` times. Events of one kind with equal `meaning` are one; the newest `text` is shown.
    pub fn add(
        &mut self,
        kind: Kind,
        at: DateTime<Utc>,
        count: u64,
        meaning: impl Hash,
        text: impl FnOnce() -> SafeText,
    ) {
        self.put(kind, at, count, meaning, |words| {
            let text = Words::Said(text());
            match words {
                Some(words) => *words = text,
                None => return Some(text),
            }
            None
        });
    }

    /// Attempts to that domain failed at `at`, deferred or bounced as `kind` says. Equal ones are those with equal causes.
    pub fn failed(&mut self, kind: Kind, at: DateTime<Utc>, domain: &str, reason: &Arc<Reason>) {
        self.put(kind, at, 1, (domain, &reason.fold), |words| match words {
            // The domain is the same: it is part of the meaning.
            Some(Words::Failed(_, known)) => {
                if !Arc::ptr_eq(known, reason) {
                    *known = Arc::clone(reason);
                }
                None
            }
            Some(Words::Said(_)) => None,
            None => Some(Words::Failed(Arc::from(domain), Arc::clone(reason))),
        });
    }

    /// `words` puts the newest words in the place of those there are, or makes them where there are none.
    fn put(
        &mut self,
        kind: Kind,
        at: DateTime<Utc>,
        count: u64,
        meaning: impl Hash,
        words: impl FnOnce(Option<&mut Words>) -> Option<Words>,
    ) {
        let events = self.kinds.entry(kind).or_default();
        let place = (at.timestamp().div_euclid(TOGETHER), stand_in(meaning));
        let full = events.len() >= KEPT;
        let too_old = full && events.keys().next().is_some_and(|first| place < *first);
        match events.get_mut(&place) {
            Some(event) => event.again(at, count, |known| drop(words(Some(known)))),
            None if too_old => {}
            None => {
                if let Some(words) = words(None) {
                    let (first, last) = (at, at);
                    let event = Kept {
                        first,
                        last,
                        count,
                        words,
                    };
                    events.insert(place, event);
                    trim(events);
                }
            }
        }
    }

    /// The events, newest first; equal ones of different spans as one.
    pub fn newest(&self) -> Vec<Happening> {
        let mut newest: BTreeMap<(Kind, u64), Kept> = BTreeMap::new();
        for (kind, events) in &self.kinds {
            for ((_, meaning), event) in events {
                newest
                    .entry((*kind, *meaning))
                    .and_modify(|known| known.join(event.clone()))
                    .or_insert_with(|| event.clone());
            }
        }
        let mut newest: Vec<_> = newest
            .into_iter()
            .map(|((kind, _), event)| Happening {
                kind,
                first: event.first,
                last: event.last,
                count: event.count,
                text: event.words.text(kind),
            })
            .collect();
        newest.sort_by(|a, b| b.last.cmp(&a.last).then_with(|| a.text.cmp(&b.text)));
        newest
    }
}

impl Join for Events {
    fn join(&mut self, newer: Self) {
        for (kind, events) in newer.kinds {
            let known = self.kinds.entry(kind).or_default();
            for (place, event) in events {
                match known.get_mut(&place) {
                    Some(older) => older.join(event),
                    None => {
                        known.insert(place, event);
                    }
                }
            }
            trim(known);
        }
    }
}

fn trim(events: &mut BTreeMap<(i64, u64), Kept>) {
    while events.len() > KEPT {
        events.pop_first();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn equal_events_are_one_with_a_count_and_the_newest_text() {
        let mut events = Events::default();
        for (second, user) in [(0, "ann"), (1, "bob"), (5_000, "eve")] {
            events.add(Kind::LoginFailed, at(second), 1, "192.0.2.1", || {
                user.into()
            });
            events.add(Kind::Bounced, at(second), 2, "192.0.2.1", || {
                "bounces".into()
            });
        }
        let seen: Vec<_> = events
            .newest()
            .into_iter()
            .map(|event| (String::from(event.text.as_str()), event.count))
            .collect();
        assert_eq!(seen, [("bounces".into(), 6), ("eve".into(), 3)]);
    }

    #[test]
    fn a_flood_of_one_kind_leaves_the_others_and_its_own_newest() {
        let mut events = Events::default();
        events.add(Kind::Acted, at(0), 1, "held", || "held".into());
        for n in 0..10 * KEPT as i64 {
            events.add(Kind::Deferred, at(n * TOGETHER), 1, n, || {
                n.to_string().into()
            });
        }
        let newest = events.newest();
        assert_eq!(newest.len(), KEPT + 1);
        assert_eq!(newest[0].text.as_str(), (10 * KEPT - 1).to_string());
        assert!(newest.iter().any(|event| event.kind == Kind::Acted));
    }
}
