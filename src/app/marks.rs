//! Marks: the messages that the operator chose, by identity, so that they survive refreshes, sorting and filtering.

use crate::model::identity::{MessageKey, Target};
use crate::model::queue::Message;
use std::collections::{BTreeMap, HashSet};

/// The marked messages.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    targets: BTreeMap<MessageKey, Target>,
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

    /// Marks them.
    pub fn add(&mut self, targets: Vec<Target>) {
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
        } else {
            self.add(targets);
        }
    }

    /// Takes all marks off.
    pub fn clear(&mut self) {
        self.targets.clear();
    }

    /// Forgets the marks of messages that are no longer listed, and learns in which queue the others are now.
    pub fn keep(&mut self, listed: &[Message]) {
        if self.targets.is_empty() {
            return;
        }
        let mut seen = HashSet::new();
        for message in listed {
            if let Some(target) = self.targets.get_mut(&message.target.key) {
                target.queue = message.target.queue;
                seen.insert(message.target.key.clone());
            }
        }
        self.targets.retain(|key, _| seen.contains(key));
    }
}
