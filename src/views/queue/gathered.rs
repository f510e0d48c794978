//! What is made of a listing for this view, piece by piece: the messages that are meant, and their domains.

use super::Queue;
use super::detail::Explaining;
use crate::app::command::QueueScope;
use crate::app::filter::{Filter, Queued};
use crate::model::moments::Moments;
use crate::model::queue::{Listing, Message};
use crate::model::stuck::{self, Domain};
use crate::views::Facts;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What rows are made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Of {
    /// The listing's number.
    pub(super) listing: u64,
    pub(super) scope: QueueScope,
    pub(super) filter: Filter,
}

/// Rows while they are gathered.
pub(super) struct Gathering {
    pub(super) of: Of,
    /// How many messages are gone through.
    at: usize,
    messages: Vec<usize>,
    domains: stuck::Gathering,
    arrivals: Moments,
}

/// Rows that are complete, and what is said of the one that is to be selected.
pub(super) struct Gathered {
    pub(super) of: Of,
    /// Places in the listing of the messages that are meant.
    pub(super) messages: Vec<usize>,
    pub(super) rows: Vec<Domain>,
    pub(super) arrivals: Moments,
    pub(super) explaining: Explaining,
}

impl Gathering {
    pub(super) fn new(of: Of) -> Self {
        Self {
            of,
            at: 0,
            messages: Vec::new(),
            domains: stuck::Gathering::default(),
            arrivals: Moments::default(),
        }
    }

    /// Goes through a piece of the listing; whether there is more to do.
    pub(super) fn more(
        &mut self,
        listing: &Listing,
        now: DateTime<Utc>,
        meant: impl Fn(&Message) -> bool,
    ) -> bool {
        if self.at == listing.count() {
            return self.domains.complete(now);
        }
        for (at, message) in listing.piece(self.at) {
            self.at = at + 1;
            if meant(message) {
                self.messages.push(at);
                self.domains.add(message);
                self.arrivals.add(message.target.key.arrival);
            }
        }
        true
    }
}

impl Queue {
    /// What the rows of that listing are to be made of.
    pub(super) fn wanted(&self, listing: &Listing) -> Of {
        Of {
            listing: listing.number(),
            scope: self.scope,
            filter: Filter::clone(&self.filter),
        }
    }

    pub(super) fn meant(&self, message: &Message, facts: &Facts<'_>) -> bool {
        self.scope.shows(message.target.queue)
            && self.filter.matches(&Queued::new(message, facts.model))
    }

    /// Goes through a piece of a listing for rows, and then for what is said of the selected one; whether there is more to do.
    pub(super) fn gather_rows(&mut self, of: Of, listing: &Listing, facts: &Facts<'_>) -> bool {
        if let Some(mut gathered) = self.gathered.take().filter(|gathered| gathered.of == of) {
            let more = gathered.explaining.more(&gathered.messages, listing, facts);
            self.gathered = Some(gathered);
            return more;
        }
        let begun = self.gathering.take().filter(|begun| begun.of == of);
        let mut gathering = begun.unwrap_or_else(|| Gathering::new(of));
        let now = facts.model.now();
        if gathering.more(listing, now, |message| self.meant(message, facts)) {
            self.gathering = Some(gathering);
        } else {
            self.gathered = Some(self.complete(gathering, now));
        }
        true
    }

    fn complete(&self, mut gathering: Gathering, now: DateTime<Utc>) -> Gathered {
        let mut rows = gathering.domains.end(now);
        self.sort(&mut rows);
        let mut cursor = self.cursor.clone();
        let name = |at: usize| rows.get(at).map(|domain| Arc::clone(&domain.name));
        cursor.settle(rows.len(), name);
        gathering.arrivals.end();
        Gathered {
            of: gathering.of,
            messages: gathering.messages,
            explaining: Explaining::new(name(cursor.at())),
            rows,
            arrivals: gathering.arrivals,
        }
    }
}
