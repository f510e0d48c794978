//! The outlook: what the queue manager will do next with the mail that waits, if nobody does anything. Which messages run out of time,
//! and how many will be tried again soon, and whom they are for.
//!
//! In: the listing, the settings and the next attempts. A message on hold neither expires nor is tried (`postsuper(1)`). A message whose time
//! is over is given up at its next attempt.

use crate::knowledge::Provider;
use crate::model::Model;
use crate::model::attempts::Attempts;
use crate::model::moments::Moments;
use crate::model::queue::Message;
use crate::model::table::Map;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::QueueName;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Minutes ahead in which retries are counted.
pub const SOON: i64 = 15;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outlook {
    /// What expires; `None` when no lifetime is known.
    pub expiring: Option<Expiring>,
    /// What is tried again; `None` when it is not known.
    pub retries: Option<Retries>,
    /// When messages run out of time.
    ends: Moments,
    /// When they are tried again.
    due: Moments,
    /// The same by whom they are for; a message counts once for each provider that it waits for.
    due_by_provider: BTreeMap<Provider, Moments>,
}

/// Messages that run out of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Expiring {
    /// Those that do within an hour, or whose time is over already.
    pub within_hour: usize,
    /// When the first does.
    pub first: Option<DateTime<Utc>>,
}

/// Messages that are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Retries {
    /// Those in the next [`SOON`] minutes.
    pub soon: usize,
    /// The provider that most of these are for, and how many.
    pub most: Option<(Provider, usize)>,
}

impl Outlook {
    /// The same of the same listing, at another moment; goes through no message.
    pub fn look_again(&mut self, now: DateTime<Utc>) {
        if let Some(expiring) = &mut self.expiring {
            let soon = now + TimeDelta::hours(1);
            expiring.within_hour = self.ends.until(soon.timestamp());
            let first = self.ends.first();
            expiring.first = first.and_then(|first| DateTime::from_timestamp(first, 0));
        }
        if let Some(retries) = &mut self.retries {
            let until = (now + TimeDelta::minutes(SOON)).timestamp();
            let by_provider = self.due_by_provider.iter();
            let counts = by_provider.map(|(provider, due)| (*provider, due.until(until)));
            let named =
                counts.filter(|(provider, count)| *provider != Provider::OTHER && *count > 0);
            *retries = Retries {
                soon: self.due.until(until),
                most: named.max_by_key(|(_, count)| *count),
            };
        }
    }
}

/// The outlook while it is gathered, all from one listing, and with the settings and attempts that were known when it began.
#[derive(Debug)]
pub struct Gathering {
    outlook: Outlook,
    /// The provider of each domain.
    providers: Map<Arc<str>, Option<Provider>>,
    /// The providers of the last message; kept for its room.
    counted: Vec<Provider>,
}

impl Gathering {
    /// Nothing is gathered yet.
    pub fn new(model: &Model) -> Self {
        let settings = model.settings.as_ref();
        let known = settings.is_some_and(|settings| settings.lifetime(false).is_some());
        let read = matches!(model.attempts, Some(Attempts::Read(_)));
        Self {
            outlook: Outlook {
                expiring: known.then(Expiring::default),
                retries: read.then(Retries::default),
                ..Outlook::default()
            },
            providers: Map::default(),
            counted: Vec::new(),
        }
    }

    /// One more message.
    pub fn add(&mut self, message: &Message, model: &Model) {
        let outlook = &mut self.outlook;
        if outlook.expiring.is_some()
            && let Some(end) = model.expires(message)
        {
            outlook.ends.add(end.timestamp());
        }
        let Some(due) = model.next_attempt(message).map(|due| due.timestamp()) else {
            return;
        };
        outlook.due.add(due);
        self.counted.clear();
        for waiting in &message.recipients {
            let provider = *self
                .providers
                .entry_ref(&waiting.domain)
                .or_insert_with(|| model.facts.provider_of_domain(&waiting.domain));
            if let Some(provider) = provider.filter(|provider| !self.counted.contains(provider)) {
                self.counted.push(provider);
                outlook
                    .due_by_provider
                    .entry(provider)
                    .or_default()
                    .add(due);
            }
        }
    }

    /// All of it, at that moment.
    pub fn end(self, now: DateTime<Utc>) -> Outlook {
        let mut outlook = self.outlook;
        outlook.ends.end();
        outlook.due.end();
        outlook.due_by_provider.values_mut().for_each(Moments::end);
        outlook.look_again(now);
        outlook
    }
}

impl Model {
    /// When a message runs out of time; `None` when that is not known or when it is on hold.
    pub fn expires(&self, message: &Message) -> Option<DateTime<Utc>> {
        if message.target.queue == QueueName::Hold {
            return None;
        }
        if message.forced_expire {
            return Some(message.arrival());
        }
        let lifetime = self.settings?.lifetime(message.is_bounce())?;
        message.arrival().checked_add_signed(lifetime)
    }

    /// The moment from which on a message of the deferred queue is tried again, by its queue id, as the spool says.
    pub fn due(&self, queue_id: &str) -> Option<DateTime<Utc>> {
        match &self.attempts {
            Some(Attempts::Read(due)) => due.of(queue_id),
            _ => None,
        }
    }

    /// The moment from which on a deferred message is tried again; `None` when it is not known or when it is in another queue.
    pub fn next_attempt(&self, message: &Message) -> Option<DateTime<Utc>> {
        let deferred = message.target.queue == QueueName::Deferred;
        self.due(&message.target.key.queue_id).filter(|_| deferred)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::Knowledge;
    use crate::model::attempts::Due;
    use crate::model::settings::Settings;
    use chrono::FixedOffset;
    use std::time::Duration;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000, 0).unwrap()
    }

    fn outlook(model: &Model) -> Outlook {
        let mut gathering = Gathering::new(model);
        for message in model.queue.messages() {
            gathering.add(message, model);
        }
        gathering.end(model.now())
    }

    /// Queue, sender, seconds ago, recipients, seconds until the next attempt.
    type Mail<'a> = (&'a str, &'a str, i64, &'a [&'a str], i64);

    fn model(mails: &[Mail<'_>], settings: Option<(&str, &str)>) -> Model {
        let mut model = Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).unwrap());
        model.tick(now());
        model.settings = settings.map(|(mail, bounce)| {
            let mut settings = Settings::default();
            settings.set("maximal_queue_lifetime", mail);
            settings.set("bounce_queue_lifetime", bounce);
            settings
        });
        model.listing_begins("postfix");
        let mut due = Due {
            at: now(),
            ..Due::default()
        };
        for (n, (queue, sender, ago, to, next)) in mails.iter().enumerate() {
            let to: Vec<String> = to
                .iter()
                .map(|to| format!("{{\"address\": \"{to}\"}}"))
                .collect();
            let line = format!(
                "{{\"queue_name\": \"{queue}\", \"queue_id\": \"ABCDE{n:03}\", \"arrival_time\": {}, \"message_size\": 10, \
                 \"sender\": \"{sender}\", \"recipients\": [{}]}}\n",
                now().timestamp() - ago,
                to.join(", ")
            );
            model.listing_lines(line.as_bytes());
            Arc::make_mut(&mut due.by_id)
                .insert(format!("ABCDE{n:03}").into(), now().timestamp() + next);
        }
        model.listing_ends(now(), Duration::ZERO, true, now());
        model.queue.turn();
        model.attempts = Some(Attempts::Read(due));
        model
    }

    #[test]
    fn bounces_have_their_own_lifetime_and_held_mail_has_none() {
        let mails: [Mail<'_>; 5] = [
            ("deferred", "a@x.example", 86_400 - 720, &["u@y.example"], 0),
            ("deferred", "a@x.example", 3600, &["u@y.example"], 0),
            (
                "deferred",
                "MAILER-DAEMON",
                7200 - 3000,
                &["u@y.example"],
                0,
            ),
            ("hold", "a@x.example", 90_000, &["u@y.example"], 0),
            ("active", "a@x.example", 90_000, &["u@y.example"], 0),
        ];
        let found = outlook(&model(&mails, Some(("1d", "2h"))))
            .expiring
            .unwrap();
        assert_eq!(found.within_hour, 3);
        assert_eq!(
            found.first,
            Some(now() - TimeDelta::seconds(3600)),
            "its time is over"
        );
        let mut later = model(&mails, Some(("1d", "2h")));
        let mut again = outlook(&later);
        later.tick(now() + TimeDelta::hours(23));
        again.look_again(later.now());
        assert_eq!(again.expiring, outlook(&later).expiring);
        let found = outlook(&model(&mails[..3], Some(("1d", "1d"))))
            .expiring
            .unwrap();
        assert_eq!(
            (found.within_hour, found.first),
            (1, Some(now() + TimeDelta::seconds(720)))
        );
        assert_eq!(outlook(&model(&mails, None)).expiring, None);
        assert_eq!(outlook(&model(&mails, Some(("what", "1d")))).expiring, None);
        assert_eq!(
            outlook(&model(&[], Some(("1d", "1d")))).expiring,
            Some(Expiring::default())
        );
    }

    #[test]
    fn retries_are_counted_by_message_and_provider() {
        let mails: [Mail<'_>; 5] = [
            (
                "deferred",
                "a@x.example",
                9,
                &["u@gmail.com", "v@gmail.com"],
                -5,
            ),
            (
                "deferred",
                "a@x.example",
                9,
                &["u@gmail.com", "v@yahoo.com"],
                900,
            ),
            ("deferred", "a@x.example", 9, &["u@gmail.com"], 901),
            ("active", "a@x.example", 9, &["u@gmail.com"], 60),
            ("deferred", "a@x.example", 9, &["u@nowhere.example"], 60),
        ];
        let mut model = model(&mails, None);
        let found = outlook(&model).retries.unwrap();
        let (provider, count) = found.most.unwrap();
        assert_eq!((found.soon, provider.name(), count), (3, "Google", 2));
        let mut again = outlook(&model);
        for later in [60, 1, -3600, 86_400] {
            model.tick(now() + TimeDelta::seconds(later));
            again.look_again(model.now());
            assert_eq!(again.retries, outlook(&model).retries, "{later}");
        }
        model.tick(now());
        model.attempts = Some(Attempts::Unreadable("no".into()));
        assert_eq!(outlook(&model).retries, None);
    }
}
