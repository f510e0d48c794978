//! What is made of a whole listing for all views: the stuck domains, what the queue manager does next, and whom mail is going to just now.
//!
//! It is gathered piece by piece, because with a hundred thousand messages it takes a long moment; until it is ended, what was made of the
//! listing before stands.

use crate::model::Model;
use crate::model::outlook::{self, Outlook};
use crate::model::queue::{Listing, Message};
use crate::model::stuck::{self, Domain};
use crate::model::table::Map;
use chrono::{DateTime, Utc};
use mailtop_parsers::QueueName;
use std::sync::Arc;

/// What is known of a listing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Standing {
    /// Waiting mail by domain: deferred or on hold.
    pub stuck: Vec<Domain>,
    /// What comes next.
    pub outlook: Outlook,
    /// The domain that most active messages are for.
    pub busiest: Option<Busiest>,
    /// Another one whenever it was gathered anew.
    pub number: u64,
}

/// A domain that mail is going to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Busiest {
    /// Its name.
    pub domain: Arc<str>,
    /// Active messages whose first recipient is there.
    pub count: usize,
    /// All active messages.
    pub all: usize,
}

impl Standing {
    /// Of the listing that is shown, at the model's time.
    pub fn of(model: &Model) -> Self {
        let mut gathering = Gathering::new(model);
        while gathering.more(model, model.queue.shown()) {}
        gathering.end(model.now())
    }

    /// The same of the same listing, at another moment; goes through no message.
    pub fn look_again(&mut self, now: DateTime<Utc>) {
        stuck::look_again(&mut self.stuck, now);
        self.outlook.look_again(now);
    }
}

/// What is known of a listing while it is gathered.
#[derive(Debug)]
pub struct Gathering {
    /// How many messages are gone through.
    at: usize,
    stuck: stuck::Gathering,
    outlook: outlook::Gathering,
    active: Map<Arc<str>, usize>,
    all_active: usize,
}

impl Gathering {
    /// Nothing is gathered yet, with the settings and attempts as they are known now.
    pub fn new(model: &Model) -> Self {
        Self {
            at: 0,
            stuck: stuck::Gathering::default(),
            outlook: outlook::Gathering::new(model),
            active: Map::default(),
            all_active: 0,
        }
    }

    /// Goes through a piece of the listing, always the same one; whether there is more of it.
    pub fn more(&mut self, model: &Model, listing: &Listing) -> bool {
        if self.at == listing.count() {
            return self.stuck.complete(model.now());
        }
        for (at, message) in listing.piece(self.at) {
            self.at = at + 1;
            self.outlook.add(message, model);
            match message.target.queue {
                QueueName::Deferred | QueueName::Hold => self.stuck.add(message),
                QueueName::Active => self.active(message),
                QueueName::Maildrop | QueueName::Incoming => {}
            }
        }
        true
    }

    fn active(&mut self, message: &Message) {
        self.all_active += 1;
        if let Some(first) = message.recipients.first() {
            *self.active.entry_ref(&first.domain).or_default() += 1;
        }
    }

    /// All of it, at that moment.
    pub fn end(self, now: DateTime<Utc>) -> Standing {
        let all = self.all_active;
        let most = self
            .active
            .into_iter()
            .max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0)));
        Standing {
            stuck: self.stuck.end(now),
            outlook: self.outlook.end(now),
            busiest: most.map(|(domain, count)| Busiest { domain, count, all }),
            number: 0,
        }
    }
}
