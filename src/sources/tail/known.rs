//! The rotated files that need no reading: they were there before, or were read to their end.
//!
//! Their inodes are held open without reading them, so that a number is not used again for a new file between two looks.

use super::generation::Key;
use super::siblings::{Sibling, pin};
use std::collections::HashMap;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

/// More than this many are known by number only.
const PINS: usize = 64;
/// A file that was moved elsewhere is forgotten after this long.
const GONE: Duration = Duration::from_mins(1);

#[derive(Debug)]
struct Entry {
    pin: Option<OwnedFd>,
    seen_at: Duration,
}

/// Rotated files that need no reading.
#[derive(Debug, Default)]
pub(super) struct Known {
    files: HashMap<Key, Entry>,
}

impl Known {
    pub(super) fn holds(&self, key: Key) -> bool {
        self.files.contains_key(&key)
    }

    /// Adds a file that was held open for reading.
    pub(super) fn keep(&mut self, key: Key, held: OwnedFd, now: Duration) {
        let pin = (self.files.len() < PINS).then_some(held);
        self.files.insert(key, Entry { pin, seen_at: now });
    }

    /// Adds a file, by its number alone when it could not be opened.
    pub(super) fn keep_or_number(&mut self, key: Key, held: Option<OwnedFd>, now: Duration) {
        match held {
            Some(held) => self.keep(key, held, now),
            None => {
                self.files.insert(
                    key,
                    Entry {
                        pin: None,
                        seen_at: now,
                    },
                );
            }
        }
    }

    /// Adds a file by its name, unless the name stands for another one by now.
    pub(super) fn add(&mut self, sibling: &Sibling, now: Duration) {
        if let Some(entry) = self.files.get_mut(&sibling.key) {
            entry.seen_at = now;
            return;
        }
        match pin(&sibling.path) {
            Ok(held) => {
                if rustix::fs::fstat(&held)
                    .is_ok_and(|stat| (stat.st_dev, stat.st_ino) == sibling.key)
                {
                    self.keep(sibling.key, held, now);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            // Without a file descriptor to spare it is known by its number all the same.
            Err(_) => {
                self.files.insert(
                    sibling.key,
                    Entry {
                        pin: None,
                        seen_at: now,
                    },
                );
            }
        }
    }

    /// Lets go of files that are deleted or moved elsewhere. `there`: the files that are listed now.
    pub(super) fn forget_gone(&mut self, there: &[Sibling], now: Duration) {
        for sibling in there {
            if let Some(entry) = self.files.get_mut(&sibling.key) {
                entry.seen_at = now;
            }
        }
        // A listing during a rotation may miss a file, so only a link count of 0 is proof that it is gone.
        self.files.retain(|_, entry| {
            let deleted = entry
                .pin
                .as_ref()
                .is_some_and(|pin| rustix::fs::fstat(pin).is_ok_and(|stat| stat.st_nlink == 0));
            !deleted && now.saturating_sub(entry.seen_at) < GONE
        });
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }
}
