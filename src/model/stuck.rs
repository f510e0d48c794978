//! Stuck domains: the listed messages gathered by recipient domain, with age buckets, reasons and senders.
//!
//! A message with recipients in several domains counts once in each. Buckets are those of qshape(1).
//!
//! Ages change while nothing else does. So each domain keeps when its messages arrived, in order, and an age bucket is what lies between two
//! places of that order ([`Arrivals`]): looking at the clock again ([`look_again`]) goes through no message.

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
    arrivals: Arrivals,
    /// Of those that are not on hold.
    free: Arrivals,
}

/// When messages arrived, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Arrivals(Vec<i64>);

impl FromIterator<i64> for Arrivals {
    /// From arrivals in any order, seconds since 1970.
    fn from_iter<T: IntoIterator<Item = i64>>(arrivals: T) -> Self {
        let mut all = Self(arrivals.into_iter().collect());
        all.sort();
        all
    }
}

impl Arrivals {
    /// How many messages.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Messages by age bucket.
    pub fn ages(&self, now: DateTime<Utc>) -> [usize; 10] {
        let mut ages = [0; 10];
        let mut younger = 0;
        for (count, minutes) in ages.iter_mut().zip(BUCKETS) {
            let all = self.younger(now, minutes * 60);
            *count = all - younger;
            younger = all;
        }
        ages[BUCKETS.len()] = self.count() - younger;
        ages
    }

    /// How many are younger than so many seconds; stamps in the future are.
    fn younger(&self, now: DateTime<Utc>, seconds: i64) -> usize {
        let since = now.timestamp().saturating_sub(seconds);
        self.count() - self.0.partition_point(|arrival| *arrival <= since)
    }

    fn sort(&mut self) {
        self.0.sort_unstable();
    }
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
            arrivals: Arrivals::default(),
            free: Arrivals::default(),
        }
    }

    fn look_again(&mut self, now: DateTime<Utc>) {
        self.ages = self.arrivals.ages(now);
        self.new = self.free.younger(now, NEW);
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
    let mut names = Places::default();
    let mut found: Vec<Gathered<'_>> = Vec::new();
    let mut counted: Vec<usize> = Vec::new();
    for message in messages {
        counted.clear();
        for waiting in &message.recipients {
            let domain = &waiting.domain;
            let at = names.of(Arc::as_ptr(domain).addr(), domain);
            if at == found.len() {
                found.push(Gathered::new(domain));
            }
            let Some(gathered) = found.get_mut(at) else {
                continue;
            };
            if !counted.contains(&at) {
                counted.push(at);
                gathered.domain.take(message);
            }
            if let Some(reason) = &waiting.reason {
                gathered.reason(reason);
            }
        }
    }
    let mut domains: Vec<Domain> = found.into_iter().map(|gathered| gathered.domain).collect();
    for domain in &mut domains {
        domain.arrivals.sort();
        domain.free.sort();
        domain.look_again(now);
        domain
            .reasons
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.fold.cmp(&b.0.fold)));
    }
    domains.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    domains
}

/// Where each text stands in a list. A listing keeps equal texts once, so nearly always the address in memory tells, and the text need not be
/// read.
#[derive(Default)]
struct Places<'a> {
    by_address: Map<usize, usize>,
    by_text: Map<&'a str, usize>,
}

impl<'a> Places<'a> {
    /// The place of this text; a new one stands behind all others.
    fn of(&mut self, address: usize, text: &'a str) -> usize {
        *self.by_address.entry(address).or_insert_with(|| {
            let next = self.by_text.len();
            *self.by_text.entry(text).or_insert(next)
        })
    }
}

/// A domain while it is gathered, with where each folded reason stands in its list.
struct Gathered<'a> {
    domain: Domain,
    folds: Places<'a>,
}

impl<'a> Gathered<'a> {
    fn new(name: &Arc<str>) -> Self {
        Self {
            domain: Domain::new(Arc::clone(name)),
            folds: Places::default(),
        }
    }

    fn reason(&mut self, reason: &'a Arc<Reason>) {
        let at = self.folds.of(Arc::as_ptr(reason).addr(), &reason.fold);
        match self.domain.reasons.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => self.domain.reasons.push((Arc::clone(reason), 1)),
        }
    }
}

impl Domain {
    fn take(&mut self, message: &Message) {
        let arrival = message.target.key.arrival;
        self.count += 1;
        self.arrivals.0.push(arrival);
        if message.target.queue == QueueName::Hold {
            self.held += 1;
        } else {
            self.free.0.push(arrival);
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
        queue
    }

    #[test]
    fn a_message_counts_once_in_each_of_its_domains() {
        let queue = queue(&[("AAAAAA1", 0, &["a@x.example", "b@y.example", "c@x.example"])]);
        let now = DateTime::from_timestamp(60, 0).unwrap();
        let domains = domains(queue.messages().iter(), now);
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
        let domain = domains(queue.messages().iter(), now).remove(0);
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
        let mut known = domains(queue.messages().iter(), at(0));
        // Also back: a clock may be set.
        for second in [1, 599, 600, 5_000, 100_000, 300, -1_000] {
            look_again(&mut known, at(second));
            assert_eq!(
                known,
                domains(queue.messages().iter(), at(second)),
                "{second}"
            );
        }
    }

    #[test]
    fn the_most_frequent_reason_stands_first() {
        let queue = queue(&[
            ("AAAAAA1", 0, &["aaa@x.example"]),
            ("AAAAAA2", 0, &["b@x.example"]),
            ("AAAAAA3", 0, &["c@x.example"]),
        ]);
        let domain = domains(queue.messages().iter(), DateTime::default()).remove(0);
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
