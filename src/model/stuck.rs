//! Stuck domains: the listed messages gathered by recipient domain, with age buckets, reasons and senders.
//!
//! A message with recipients in several domains counts once in each. Buckets are those of qshape(1).
//!
//! Ages change while nothing else does. So each domain keeps when its messages arrived, and an age bucket is what arrived between two moments:
//! looking at the clock again ([`look_again`]) goes through no message. A listing may be gathered piece by piece ([`Gathering`]).

use crate::model::moments::Moments;
use crate::model::queue::Message;
use crate::model::reasons::Reason;
use crate::model::table::Map;
use chrono::{DateTime, Utc};
use mailtop_parsers::QueueName;
use std::sync::Arc;

/// The upper bounds of qshape's age buckets, in minutes; the last bucket has none.
pub const BUCKETS: [i64; 9] = [5, 10, 20, 40, 80, 160, 320, 640, 1280];

/// Messages younger than this, in seconds, count as new in [`Domain::new`].
pub const NEW: i64 = 600;

/// One recipient domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// In lower case.
    pub name: Arc<str>,
    /// Messages.
    pub count: usize,
    /// How many of them are on hold.
    pub held: usize,
    /// How many of them arrived in the last ten minutes and are not on hold.
    pub new: usize,
    /// Bytes.
    pub bytes: u64,
    /// Messages by age bucket.
    pub ages: [usize; 10],
    /// The oldest arrival, seconds since 1970.
    pub oldest: i64,
    /// The reasons by frequency, most frequent first; each with how many recipients it holds up.
    pub reasons: Vec<(Arc<Reason>, usize)>,
    arrivals: Moments,
    /// Of those that are not on hold.
    free: Moments,
}

/// Messages by age bucket, from when they arrived.
pub fn ages(arrivals: &Moments, now: DateTime<Utc>) -> [usize; 10] {
    let mut ages = [0; 10];
    let mut before = 0;
    for (count, minutes) in ages.iter_mut().zip(BUCKETS) {
        let all = younger(arrivals, now, minutes * 60);
        *count = all - before;
        before = all;
    }
    ages[BUCKETS.len()] = arrivals.count() - before;
    ages
}

/// How many are younger than so many seconds; stamps in the future are.
fn younger(arrivals: &Moments, now: DateTime<Utc>, seconds: i64) -> usize {
    let since = now.timestamp().saturating_sub(seconds);
    arrivals.count() - arrivals.until(since)
}

impl Domain {
    /// The reason that holds up most recipients.
    pub fn main_reason(&self) -> Option<&Reason> {
        self.reasons.first().map(|(reason, _)| &**reason)
    }

    fn new(name: Arc<str>) -> Self {
        Self {
            name,
            count: 0,
            held: 0,
            new: 0,
            bytes: 0,
            ages: [0; 10],
            oldest: i64::MAX,
            reasons: Vec::new(),
            arrivals: Moments::default(),
            free: Moments::default(),
        }
    }

    fn look_again(&mut self, now: DateTime<Utc>) {
        self.ages = ages(&self.arrivals, now);
        self.new = younger(&self.free, now, NEW);
    }
}

/// Counts ages once more, at another moment.
pub fn look_again(domains: &mut [Domain], now: DateTime<Utc>) {
    for domain in domains {
        domain.look_again(now);
    }
}

/// Gathers messages by domain, most messages first, then by name.
pub fn domains<'a>(messages: impl Iterator<Item = &'a Message>, now: DateTime<Utc>) -> Vec<Domain> {
    let mut gathering = Gathering::default();
    for message in messages {
        gathering.add(message);
    }
    gathering.end(now)
}

/// Domains while they are gathered, all from one listing.
#[derive(Debug, Default)]
pub struct Gathering {
    names: Places,
    found: Vec<Domain>,
    folds: Places,
    /// Where a fold stands in the reasons of a domain; both by their places.
    reasons: Map<(usize, usize), usize>,
    /// Where the domains of the last message stand; kept for its room.
    counted: Vec<usize>,
    /// How many domains are complete.
    ended: usize,
}

/// Domains that are completed at a time: less than a millisecond.
const SOME: usize = 500;

impl Gathering {
    /// One more message.
    pub fn add(&mut self, message: &Message) {
        self.counted.clear();
        for waiting in &message.recipients {
            let name = &waiting.domain;
            let at = self.names.of(Arc::as_ptr(name).addr(), name);
            if at == self.found.len() {
                self.found.push(Domain::new(Arc::clone(name)));
            }
            let Some(domain) = self.found.get_mut(at) else {
                continue;
            };
            if !self.counted.contains(&at) {
                self.counted.push(at);
                domain.take(message);
            }
            let Some(reason) = &waiting.reason else {
                continue;
            };
            let fold = self.folds.of(Arc::as_ptr(reason).addr(), &reason.fold);
            let next = domain.reasons.len();
            let place = *self.reasons.entry((at, fold)).or_insert(next);
            match domain.reasons.get_mut(place) {
                Some((_, count)) => *count += 1,
                None => domain.reasons.push((Arc::clone(reason), 1)),
            }
        }
    }

    /// After the last message: completes some of the domains; whether there were any left.
    pub fn complete(&mut self, now: DateTime<Utc>) -> bool {
        let rest = self.found.iter_mut().skip(self.ended);
        for domain in rest.take(SOME) {
            self.ended += 1;
            domain.arrivals.end();
            domain.free.end();
            domain.look_again(now);
            domain
                .reasons
                .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.fold.cmp(&b.0.fold)));
        }
        self.ended < self.found.len()
    }

    /// All domains, as [`domains`] gives them.
    pub fn end(mut self, now: DateTime<Utc>) -> Vec<Domain> {
        while self.complete(now) {}
        let mut domains = self.found;
        domains.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        domains
    }
}

/// Where each text stands in a list. A listing keeps equal texts once, so nearly always the address in memory tells, and the text need not be
/// read.
#[derive(Debug, Default)]
struct Places {
    by_address: Map<usize, usize>,
    by_text: Map<String, usize>,
}

impl Places {
    /// The place of this text; a new one stands behind all others.
    fn of(&mut self, address: usize, text: &str) -> usize {
        *self.by_address.entry(address).or_insert_with(|| {
            let next = self.by_text.len();
            *self.by_text.entry_ref(text).or_insert(next)
        })
    }
}

impl Domain {
    fn take(&mut self, message: &Message) {
        let arrival = message.target.key.arrival;
        self.count += 1;
        self.arrivals.add(arrival);
        if message.target.queue == QueueName::Hold {
            self.held += 1;
        } else {
            self.free.add(arrival);
        }
        self.bytes = self.bytes.saturating_add(message.size);
        self.oldest = self.oldest.min(arrival);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::queue::Queue;
    use std::time::Duration;

    fn queue(entries: &[(&str, i64, &[&str])]) -> Queue {
        let mut queue = Queue::default();
        queue.begin("postfix");
        for (id, arrival, recipients) in entries {
            let recipients: Vec<String> = recipients
                .iter()
                .map(|to| format!("{{\"address\": \"{to}\", \"delay_reason\": \"host x[1] said: 450 4.2.{} no\"}}", to.len()))
                .collect();
            let line = format!(
                "{{\"queue_name\": \"deferred\", \"queue_id\": \"{id}\", \"arrival_time\": {arrival}, \
                 \"message_size\": 7, \"sender\": \"s@x.example\", \"recipients\": [{}]}}\n",
                recipients.join(", ")
            );
            queue.lines(line.as_bytes());
        }
        queue.end(
            DateTime::default(),
            Duration::ZERO,
            true,
            DateTime::default(),
        );
        queue.turn();
        queue
    }

    #[test]
    fn a_message_counts_once_in_each_of_its_domains() {
        let queue = queue(&[("AAAAAA1", 0, &["a@x.example", "b@y.example", "c@x.example"])]);
        let now = DateTime::from_timestamp(60, 0).unwrap();
        let domains = domains(queue.messages(), now);
        let counts: Vec<_> = domains
            .iter()
            .map(|domain| (&*domain.name, domain.count, domain.bytes))
            .collect();
        assert_eq!(counts, [("x.example", 1, 7), ("y.example", 1, 7)]);
    }

    #[test]
    fn buckets_are_those_of_qshape() {
        let minute = |minutes: i64| -minutes * 60;
        let queue = queue(&[
            ("AAAAAA1", minute(0), &["a@x.example"]),
            ("AAAAAA2", minute(5), &["a@x.example"]),
            ("AAAAAA3", minute(1279), &["a@x.example"]),
            ("AAAAAA4", minute(1280), &["a@x.example"]),
            ("AAAAAA5", minute(-90), &["a@x.example"]),
        ]);
        let now = DateTime::from_timestamp(0, 0).unwrap();
        let domain = domains(queue.messages(), now).remove(0);
        assert_eq!(domain.ages, [2, 1, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!((domain.oldest, domain.new), (minute(1280), 3));
    }

    #[test]
    fn ages_looked_at_again_are_those_of_a_new_look() {
        let entries: Vec<(String, i64)> = (0..400)
            .map(|n| (format!("AAAAA{n:03}"), n * n % 90_000 - 600))
            .collect();
        let entries: Vec<(&str, i64, &[&str])> = entries
            .iter()
            .enumerate()
            .map(|(n, (id, arrival))| {
                let to: &[&str] = if n % 3 == 0 {
                    &["a@x.example"]
                } else {
                    &["a@y.example"]
                };
                (&**id, *arrival, to)
            })
            .collect();
        let queue = queue(&entries);
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let mut known = domains(queue.messages(), at(0));
        // Also back: a clock may be set.
        for second in [1, 599, 600, 5_000, 100_000, 300, -1_000] {
            look_again(&mut known, at(second));
            assert_eq!(known, domains(queue.messages(), at(second)), "{second}");
        }
    }

    #[test]
    fn the_most_frequent_reason_stands_first() {
        let queue = queue(&[
            ("AAAAAA1", 0, &["aaa@x.example"]),
            ("AAAAAA2", 0, &["b@x.example"]),
            ("AAAAAA3", 0, &["c@x.example"]),
        ]);
        let domain = domains(queue.messages(), DateTime::default()).remove(0);
        assert_eq!(
            domain
                .main_reason()
                .map(|reason| reason.line().to_string())
                .as_deref(),
            Some("450 4.2.11 no")
        );
        assert_eq!(
            domain
                .reasons
                .iter()
                .map(|(_, count)| count)
                .collect::<Vec<_>>(),
            [&2, &1]
        );
    }
}
