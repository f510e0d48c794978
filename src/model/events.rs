//! The newest events: what happened that a person would want to know, equal ones folded to one line with a count.
//!
//! A flood of one kind (every reply of a hostile server differs) never pushes out the last events of another kind.

use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;

/// Events kept.
const KEPT: usize = 200;

/// Events of one kind that are never pushed out by those of others.
const FEW: usize = 20;

/// What kind of thing happened. The order is that of a delivery's life, not of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// What, without the count.
    pub text: SafeText,
    key: SafeText,
}

/// The newest events.
#[derive(Debug, Clone, Default)]
pub struct Events {
    newest_last: VecDeque<Happening>,
}

impl Events {
    /// Something happened at `at`. Events of one kind with equal `key` are one; the newest `text` is shown.
    pub fn add(
        &mut self,
        kind: Kind,
        at: DateTime<Utc>,
        key: impl Into<SafeText>,
        text: impl FnOnce() -> SafeText,
    ) {
        let key = key.into();
        let known = self
            .newest_last
            .iter()
            .rposition(|event| event.kind == kind && event.key == key);
        let event = match known.and_then(|at| self.newest_last.remove(at)) {
            Some(event) => Happening {
                last: event.last.max(at),
                count: event.count + 1,
                text: text(),
                ..event
            },
            None => Happening {
                kind,
                first: at,
                last: at,
                count: 1,
                text: text(),
                key,
            },
        };
        self.newest_last.push_back(event);
        if self.newest_last.len() > KEPT {
            self.forget();
        }
    }

    /// Forgets the oldest event of a kind of which more than [`FEW`] are kept.
    fn forget(&mut self) {
        let many = |kind: Kind| {
            let same = self.newest_last.iter().filter(|event| event.kind == kind);
            same.count() > FEW
        };
        let oldest = self.newest_last.iter().position(|event| many(event.kind));
        self.newest_last.remove(oldest.unwrap_or(0));
    }

    /// The events, newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Happening> {
        self.newest_last.iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_events_are_one_with_a_count() {
        let mut events = Events::default();
        for second in 0..3 {
            let at = DateTime::from_timestamp(second, 0).unwrap();
            events.add(Kind::Deferred, at, "yahoo.com", || {
                SafeText::from("yahoo.com defers")
            });
            events.add(Kind::Bounced, at, "yahoo.com", || {
                SafeText::from("yahoo.com bounces")
            });
        }
        let seen: Vec<_> = events
            .newest()
            .map(|event| (event.text.as_str(), event.count))
            .collect();
        assert_eq!(seen, [("yahoo.com bounces", 3), ("yahoo.com defers", 3)]);
    }

    #[test]
    fn of_equal_events_the_newest_text_is_shown() {
        let mut events = Events::default();
        for user in ["ann", "bob"] {
            events.add(Kind::LoginFailed, DateTime::default(), "192.0.2.1", || {
                SafeText::from(user)
            });
        }
        let seen: Vec<_> = events
            .newest()
            .map(|event| (event.text.as_str(), event.count))
            .collect();
        assert_eq!(seen, [("bob", 2)]);
    }

    #[test]
    fn a_flood_of_one_kind_leaves_the_others() {
        let mut events = Events::default();
        events.add(Kind::Acted, DateTime::default(), "held", || {
            SafeText::from("held")
        });
        for n in 0..10 * KEPT {
            events.add(Kind::Deferred, DateTime::default(), n.to_string(), || {
                SafeText::from("x")
            });
        }
        assert_eq!(events.newest().count(), KEPT);
        assert!(events.newest().any(|event| event.kind == Kind::Acted));
    }

    #[test]
    fn the_oldest_event_goes_first() {
        let mut events = Events::default();
        for n in 0..=KEPT {
            events.add(Kind::Warning, DateTime::default(), n.to_string(), || {
                SafeText::from("x")
            });
        }
        assert_eq!(events.newest().count(), KEPT);
        assert!(events.newest().all(|event| event.key.as_str() != "0"));
    }
}
