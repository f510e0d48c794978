//! The sessions of one host: which are open, and which ends have no known login.
//!
//! Identities come in as hashes. Sessions of one identity lie on a stack: an end is that of the newest, as brackets match, so that it does not
//! matter where a log is cut.

use super::{Protocol, Session};
use crate::model::table::Map;
use chrono::{DateTime, Utc};

/// Sessions, open or open to the left, that are remembered of one host.
const CAPACITY: usize = 200_000;

/// Sessions of one identity: nearly always one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stack {
    pub(super) top: Session,
    pub(super) below: Vec<Session>,
}

/// An end whose login is not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct End {
    pub(super) at: DateTime<Utc>,
    pub(super) protocol: Protocol,
}

/// The sessions of one host.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Host {
    pub(super) open: Map<u64, Stack>,
    /// Open to the left, and ended before Dovecot was seen to start.
    pub(super) ended: Map<u64, Vec<End>>,
    /// When Dovecot was first seen to start.
    pub(super) started: Option<DateTime<Utc>>,
    pub(super) left_out: u64,
}

impl Stack {
    pub(super) fn into_sessions(self) -> impl Iterator<Item = Session> {
        self.below.into_iter().chain([self.top])
    }
}

impl Host {
    pub(super) fn push(&mut self, key: u64, session: Session) {
        let full = self.open.len() >= CAPACITY;
        match self.open.get_mut(&key) {
            Some(stack) => stack.below.push(std::mem::replace(&mut stack.top, session)),
            None if full => self.left_out += 1,
            None => {
                let below = Vec::new();
                self.open.insert(
                    key,
                    Stack {
                        top: session,
                        below,
                    },
                );
            }
        }
    }

    /// The newest session of that identity ends.
    pub(super) fn pop(&mut self, key: u64) -> Option<Session> {
        let stack = self.open.get_mut(&key)?;
        match stack.below.pop() {
            Some(below) => Some(std::mem::replace(&mut stack.top, below)),
            None => self.open.remove(&key).map(|stack| stack.top),
        }
    }

    pub(super) fn remember(&mut self, key: u64, end: End) {
        if self.ended.len() < CAPACITY || self.ended.contains_key(&key) {
            self.ended.entry(key).or_default().push(end);
        }
    }
}
