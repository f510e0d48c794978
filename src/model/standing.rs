//! What is made of a whole listing for all views: the stuck domains, what the queue manager does next, and whom mail is going to just now.
//!
//! It is gathered piece by piece, because with a hundred thousand messages it takes a long moment; until it is ended, what was made of the
//! listing before stands.

use crate::model::Model;
use crate::model::history::Depth;
use crate::model::outlook::{self, Outlook};
use crate::model::queue::{Listing, Message};
use crate::model::stuck::{self, Domain};
use crate::model::table::{Map, stand_in};
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
    /// How many messages each sender has in the queues, by the [`stand_in`] of its address in lower case.
    senders: Map<u64, Depth>,
    /// Another one whenever it was gathered anew.
    pub number: u64,
    /// The number of the listing.
    pub listing: u64,
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
    /// How many messages these senders have in the queues, whichever way they are written.
    pub fn from<'a>(&self, senders: impl Iterator<Item = &'a str>) -> Depth {
        let mut names: Vec<u64> = senders.map(sender).collect();
        names.sort_unstable();
        names.dedup();
        let mut all = Depth::default();
        for depth in names.iter().filter_map(|name| self.senders.get(name)) {
            all.add(*depth);
        }
        all
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
    /// The number of the listing.
    listing: u64,
    /// How many messages are gone through.
    at: usize,
    stuck: stuck::Gathering,
    outlook: outlook::Gathering,
    active: Map<Arc<str>, usize>,
    all_active: usize,
    senders: Map<u64, Depth>,
}

/// Stands for a sender's address, whichever way it is written.
fn sender(address: &str) -> u64 {
    if address.bytes().any(|byte| byte.is_ascii_uppercase()) {
        stand_in(&*address.to_ascii_lowercase())
    } else {
        stand_in(address)
    }
}

impl Gathering {
    /// Nothing is gathered yet of that listing, with the settings and attempts as they are known now.
    pub fn new(model: &Model, listing: &Listing) -> Self {
        Self {
            listing: listing.number(),
            at: 0,
            stuck: stuck::Gathering::default(),
            outlook: outlook::Gathering::new(model),
            active: Map::default(),
            all_active: 0,
            senders: Map::default(),
        }
    }

    /// The number of the listing that it is of.
    pub fn listing(&self) -> u64 {
        self.listing
    }

    /// Goes through a piece of that listing; whether there is more of it.
    pub fn more(&mut self, model: &Model, listing: &Listing) -> bool {
        if self.at == listing.count() {
            return self.stuck.complete(model.now());
        }
        for (at, message) in listing.piece(self.at) {
            self.at = at + 1;
            self.outlook.add(message, model);
            let of_sender = self.senders.entry(sender(&message.target.sender));
            of_sender.or_default().add(message.depth());
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

    /// All of it, at that moment, under that number.
    pub fn end(self, now: DateTime<Utc>, number: u64) -> Standing {
        let all = self.all_active;
        let most = self
            .active
            .into_iter()
            .max_by(|one, other| one.1.cmp(&other.1).then_with(|| other.0.cmp(&one.0)));
        Standing {
            stuck: self.stuck.end(now),
            outlook: self.outlook.end(now),
            busiest: most.map(|(domain, count)| Busiest { domain, count, all }),
            senders: self.senders,
            number,
            listing: self.listing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use chrono::FixedOffset;
    use std::time::Duration;

    /// Queue, sender, first recipient.
    fn standing(mails: &[(&str, &str, &str)]) -> Standing {
        let mut model = Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).unwrap());
        model.listing_begins("postfix");
        for (n, (queue, from, to)) in mails.iter().enumerate() {
            let line = format!(
                "{{\"queue_name\": \"{queue}\", \"queue_id\": \"ABCDE{n:03}\", \"arrival_time\": 1000, \"message_size\": 10, \
                 \"sender\": \"{from}\", \"recipients\": [{{\"address\": \"{to}\"}}]}}\n"
            );
            model.listing_lines(line.as_bytes());
        }
        model.listing_ends(
            DateTime::default(),
            Duration::ZERO,
            true,
            DateTime::default(),
        );
        model.queue.turn();
        let mut gathering = Gathering::new(&model, model.queue.shown());
        while gathering.more(&model, model.queue.shown()) {}
        gathering.end(model.now(), 1)
    }

    #[test]
    fn a_sender_has_its_messages_whichever_way_it_is_written() {
        let standing = standing(&[
            ("deferred", "News@Shop.example", "a@x.example"),
            ("deferred", "news@shop.example", "a@x.example"),
            ("hold", "news@shop.example", "a@x.example"),
            ("active", "other@shop.example", "a@x.example"),
        ]);
        let news = standing.from(["news@shop.example", "NEWS@shop.example"].into_iter());
        assert_eq!((news.deferred, news.hold, news.active), (2, 1, 0));
        assert_eq!(
            standing.from(["nobody@shop.example"].into_iter()),
            Depth::default()
        );
    }

    #[test]
    fn only_what_waits_is_stuck_and_only_what_is_active_is_busy() {
        let standing = standing(&[
            ("active", "a@x.example", "a@busy.example"),
            ("active", "a@x.example", "b@busy.example"),
            ("active", "a@x.example", "b@idle.example"),
            ("incoming", "a@x.example", "b@new.example"),
            ("hold", "a@x.example", "b@held.example"),
        ]);
        let stuck: Vec<&str> = standing.stuck.iter().map(|domain| &*domain.name).collect();
        assert_eq!(stuck, ["held.example"]);
        let busiest = standing.busiest.unwrap();
        assert_eq!(
            (&*busiest.domain, busiest.count, busiest.all),
            ("busy.example", 2, 3)
        );
    }
}
