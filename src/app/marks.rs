//! Marks: the messages that the operator chose, by identity, so that they survive refreshes, sorting and filtering.

use crate::model::identity::{MessageKey, Target};
use crate::model::queue::Queue;
use std::collections::BTreeMap;

/// The marked messages.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    targets: BTreeMap<MessageKey, Target>,
    number: u64,
}

impl Marks {
    /// How many.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether nothing is marked.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// Whether the message is marked.
    pub fn has(&self, key: &MessageKey) -> bool {
        self.targets.contains_key(key)
    }

    /// The marked messages.
    pub fn targets(&self) -> Vec<Target> {
        self.targets.values().cloned().collect()
    }

    /// The identities of the marked messages.
    pub fn keys(&self) -> impl Iterator<Item = &MessageKey> {
        self.targets.keys()
    }

    /// Another one whenever the marks may have changed.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Marks them.
    pub fn add(&mut self, targets: Vec<Target>) {
        self.number += 1;
        self.targets.extend(
            targets
                .into_iter()
                .map(|target| (target.key.clone(), target)),
        );
    }

    /// Marks them, or takes the marks off when all of them are marked.
    pub fn toggle(&mut self, targets: Vec<Target>) {
        if targets.iter().all(|target| self.has(&target.key)) {
            for target in targets {
                self.targets.remove(&target.key);
            }
            self.number += 1;
        } else {
            self.add(targets);
        }
    }

    /// Takes all marks off.
    pub fn clear(&mut self) {
        self.targets.clear();
        self.number += 1;
    }

    /// Forgets the marks of messages that are no longer listed, and learns in which queue the others are now.
    pub fn keep(&mut self, listed: &Queue) {
        self.targets.retain(|key, target| {
            let message = listed.message(key);
            if let Some(message) = message {
                target.queue = message.target.queue;
            }
            message.is_some()
        });
        self.number += 1;
    }
}
