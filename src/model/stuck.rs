//! Stuck domains: the listed messages gathered by recipient domain, with age buckets, reasons and senders.
//!
//! A message with recipients in several domains counts once in each. Buckets are those of qshape(1).

use crate::model::queue::Message;
use crate::model::reasons::Reason;
use chrono::{DateTime, Utc};
use mailtop_parsers::QueueName;
use std::collections::HashMap;
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
        }
    }
}

/// Gathers messages by domain, most messages first, then by name.
pub fn domains<'a>(messages: impl Iterator<Item = &'a Message>, now: DateTime<Utc>) -> Vec<Domain> {
    let mut found: HashMap<&str, Gathered<'_>> = HashMap::new();
    let mut counted: Vec<&str> = Vec::new();
    for message in messages {
        counted.clear();
        for waiting in &message.recipients {
            let gathered = found
                .entry(&waiting.domain)
                .or_insert_with(|| Gathered::new(&waiting.domain));
            if !counted.contains(&&*waiting.domain) {
                counted.push(&waiting.domain);
                gathered.domain.take(message, now);
            }
            if let Some(reason) = &waiting.reason {
                gathered.reason(reason);
            }
        }
    }
    let mut domains: Vec<Domain> = found
        .into_values()
        .map(|gathered| gathered.domain)
        .collect();
    for domain in &mut domains {
        domain
            .reasons
            .sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.fold.cmp(&b.0.fold)));
    }
    domains.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    domains
}

/// A domain while it is gathered, with where each folded reason stands in its list.
struct Gathered<'a> {
    domain: Domain,
    folds: HashMap<&'a str, usize>,
}

impl<'a> Gathered<'a> {
    fn new(name: &Arc<str>) -> Self {
        Self {
            domain: Domain::new(Arc::clone(name)),
            folds: HashMap::new(),
        }
    }

    fn reason(&mut self, reason: &'a Arc<Reason>) {
        let at = *self
            .folds
            .entry(&reason.fold)
            .or_insert(self.domain.reasons.len());
        match self.domain.reasons.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => self.domain.reasons.push((Arc::clone(reason), 1)),
        }
    }
}

impl Domain {
    fn take(&mut self, message: &Message, now: DateTime<Utc>) {
        let age = message.age(now);
        self.count += 1;
        self.held += usize::from(message.target.queue == QueueName::Hold);
        self.new += usize::from(age < NEW && message.target.queue != QueueName::Hold);
        self.bytes = self.bytes.saturating_add(message.size);
        self.oldest = self.oldest.min(message.target.key.arrival);
        if let Some(count) = self.ages.get_mut(bucket(age)) {
            *count += 1;
        }
    }
}

/// Which of the ten age buckets a message of that age, in seconds, is in.
pub fn bucket(age: i64) -> usize {
    BUCKETS
        .iter()
        .position(|minutes| age < minutes * 60)
        .unwrap_or(BUCKETS.len())
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
