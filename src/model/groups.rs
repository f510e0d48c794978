//! A listing in groups: what is queued by recipient domain, sender, provider, reason or age, with the buckets of qshape(1).
//!
//! Listed messages come in with the names of the groups that each recipient belongs to; out come the groups. A message with recipients in
//! several groups counts once in each of them, with its bytes; a recipient counts once. qshape(1) counts recipients, and calls them
//! messages. Ages are those of arrival, not of the next attempt.

use crate::model::stuck::BUCKETS;
use mailtop_parsers::QueueEntry;
use std::collections::HashMap;

/// Messages that have something in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub key: String,
    /// Messages.
    pub messages: u64,
    /// Their recipients in this group.
    pub recipients: u64,
    /// Bytes of the messages.
    pub bytes: u64,
    /// The oldest arrival, seconds since 1970.
    pub oldest: i64,
    /// The newest arrival, seconds since 1970.
    pub newest: i64,
    /// Messages by age bucket.
    pub ages: [u64; 10],
}

/// The bucket of an age in seconds.
pub fn bucket(age: i64) -> usize {
    BUCKETS
        .iter()
        .position(|minutes| age < minutes * 60)
        .unwrap_or(BUCKETS.len())
}

/// Gathers messages by what `keys` gives for each: one key for each recipient. Most messages first, then by key.
pub fn groups<'a>(
    entries: impl Iterator<Item = &'a QueueEntry>,
    now: i64,
    keys: impl Fn(&QueueEntry) -> Vec<String>,
) -> Vec<Group> {
    let mut groups: HashMap<String, Group> = HashMap::new();
    for entry in entries {
        let mut keys = keys(entry);
        keys.sort_unstable();
        for same in keys.chunk_by(|one, other| one == other) {
            let Some(key) = same.first() else { continue };
            let group = groups.entry(key.clone()).or_insert_with(|| Group {
                key: key.clone(),
                messages: 0,
                recipients: 0,
                bytes: 0,
                oldest: i64::MAX,
                newest: i64::MIN,
                ages: [0; 10],
            });
            group.messages += 1;
            // A message without recipients is in a group as well.
            group.recipients += same.len().min(entry.recipients.len()) as u64;
            let bytes = entry.message_size.max(0).unsigned_abs();
            group.bytes = group.bytes.saturating_add(bytes);
            group.oldest = group.oldest.min(entry.arrival_time);
            group.newest = group.newest.max(entry.arrival_time);
            if let Some(count) = group
                .ages
                .get_mut(bucket(now.saturating_sub(entry.arrival_time)))
            {
                *count += 1;
            }
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.key.cmp(&b.key)));
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailtop_parsers::{QueueName, QueuedRecipient};

    fn entry(arrival_time: i64, to: &[&str]) -> QueueEntry {
        let recipients = to.iter().map(|address| QueuedRecipient {
            address: (*address).to_owned(),
            ..QueuedRecipient::default()
        });
        QueueEntry {
            queue_name: QueueName::Deferred,
            queue_id: String::from("4D1A220001"),
            arrival_time,
            message_size: 100,
            forced_expire: false,
            sender: String::from("a@b.example"),
            recipients: recipients.collect(),
        }
    }

    #[test]
    fn a_message_counts_once_in_each_group_and_a_recipient_once() {
        let entries = [entry(1000, &["x@a", "y@a", "z@b"]), entry(400, &["x@a"])];
        let keys = |entry: &QueueEntry| {
            let to = entry.recipients.iter();
            to.map(|to| to.address[2..].to_owned()).collect()
        };
        let groups = groups(entries.iter(), 1000, keys);
        let [a, b] = groups.as_slice() else {
            panic!("{groups:?}")
        };
        assert_eq!(
            (&*a.key, a.messages, a.recipients, a.bytes),
            ("a", 2, 3, 200)
        );
        assert_eq!(
            (a.oldest, a.newest, a.ages[0], a.ages[2]),
            (400, 1000, 1, 1)
        );
        assert_eq!(
            (&*b.key, b.messages, b.recipients, b.bytes),
            ("b", 1, 1, 100)
        );
    }

    #[test]
    fn the_buckets_are_those_of_qshape() {
        for (age, expected) in [
            (-5, 0),
            (0, 0),
            (299, 0),
            (300, 1),
            (599, 1),
            (600, 2),
            (76_799, 8),
            (76_800, 9),
            (i64::MAX, 9),
        ] {
            assert_eq!(bucket(age), expected, "{age}");
        }
    }
}
