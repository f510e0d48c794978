//! A rotation took place: find the generations that came and went since the last look, and the copies of emptied files.
//!
//! The files beside the log and the log itself, oldest first by their names, hold the answer: what is among them, is not held and was
//! not there before, was the log in the meantime (two rotations between two looks) or is a copy of it (`copytruncate`). The unread rest
//! of an emptied file is in the copy that has the same beginning and, at the same offset, the same bytes that were read last.

use super::follower::{Follower, Named, Now};
use super::generation::{Generation, Key, Likeness, Position, key_of, read_up_to};
use super::lines::Lines;
use super::outbox::Outbox;
use super::siblings::{self, Sibling};
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::time::Duration;

/// How much of a new file is compared with the log to see whether it is a copy of what the log still holds.
const COMPARED: usize = 64 * 1024;

/// Files beside the log, opened or why not.
type Opened = HashMap<Key, io::Result<File>>;

impl Follower {
    /// Nothing happened to the log: new files beside it are nobody's generation. The one exception is a log that was empty at the last
    /// look: it may have been written, copied and emptied since, and nothing but the copy tells.
    pub(super) fn pass(
        &mut self,
        listed: &[Sibling],
        blank: &[Key],
        now: Now,
        outbox: &mut Outbox,
    ) {
        self.known.forget_gone(listed, now.steady);
        self.listed = listed.to_vec();
        if self.current.is_some_and(|key| blank.contains(&key))
            && self.listed.iter().any(|one| !self.seen(one.key))
        {
            let mut opened = self.gather(false);
            opened.retain(|_, file| {
                file.as_ref()
                    .is_ok_and(|file| holds_text(file) && !self.still_held(file, blank))
            });
            self.insert_unseen(&mut opened, &mut HashMap::new(), blank, now, outbox);
            if self.unsettled {
                return;
            }
        }
        // Only those that were listed before the log was looked at: what came since may be its next generation.
        for sibling in listed {
            if !self.generations.iter().any(|one| one.key == sibling.key) {
                self.known.add(sibling, now.steady);
            }
        }
    }

    /// The name stands for another file, or a file was emptied. What is listed now was listed after both were seen.
    pub(super) fn adopt(
        &mut self,
        named: Named,
        emptied: &[Key],
        mut blank: Vec<Key>,
        now: Now,
        outbox: &mut Outbox,
    ) -> Named {
        let mut opened = self.gather(!emptied.is_empty());
        self.known.forget_gone(&self.listed, now.steady);
        let mut copies = HashMap::new();
        for &key in emptied {
            if let Some((sibling, position)) = self.emptied_file(key, &opened, &copies, now, outbox)
            {
                copies.insert(sibling, position);
            }
        }
        // What an emptied file holds now is as new as a new file.
        blank.extend(emptied);
        let before = self.current;
        let named = match named {
            Named::New(file, key) => {
                blank.push(key);
                self.current = None;
                self.add_named(file, key, now.steady)
            }
            Named::Held(key) => {
                self.current = Some(key);
                named
            }
            other => {
                self.current = None;
                other
            }
        };
        self.insert_unseen(&mut opened, &mut copies, &blank, now, outbox);
        if self.current != before || self.current.is_none() {
            for generation in &mut self.generations {
                if Some(generation.key) == self.current {
                    generation.replaced_at = None;
                } else {
                    generation.replaced_at.get_or_insert(now.steady);
                }
            }
        }
        named
    }

    /// Lists the files beside the log, and opens those that were not seen before, or `all` that are not held. A listing during which
    /// files were renamed is made anew.
    fn gather(&mut self, all: bool) -> Opened {
        let mut opened = HashMap::new();
        for _ in 0..8 {
            self.listed = siblings::settled(&self.log).unwrap_or_default();
            self.unsettled = false;
            opened.clear();
            for sibling in &self.listed {
                let held = self.generations.iter().any(|one| one.key == sibling.key);
                if held || (!all && self.known.holds(sibling.key)) {
                    continue;
                }
                match siblings::open(&sibling.path) {
                    Ok(file)
                        if !file
                            .metadata()
                            .is_ok_and(|meta| key_of(&meta) == sibling.key) =>
                    {
                        self.unsettled = true;
                    }
                    Err(error) if error.kind() == io::ErrorKind::NotFound => self.unsettled = true,
                    other => {
                        opened.insert(sibling.key, other);
                    }
                }
            }
            if !self.unsettled {
                break;
            }
        }
        opened
    }

    fn seen(&self, key: Key) -> bool {
        self.known.holds(key) || self.generations.iter().any(|one| one.key == key)
    }

    /// Starts an emptied file anew. Returns the copy that holds the rest of what it was, or counts the loss.
    fn emptied_file(
        &mut self,
        key: Key,
        opened: &Opened,
        taken: &HashMap<Key, Position>,
        now: Now,
        outbox: &mut Outbox,
    ) -> Option<(Key, Position)> {
        let generation = self.generations.iter_mut().find(|one| one.key == key)?;
        let mut old = generation.restart(now.steady);
        let source_time = generation.modified.unwrap_or(now.wall);
        if let Err(error) = generation.intact(now.steady) {
            self.trouble = Some(error);
        }
        let mut prefix = false;
        for sibling in self.listed.iter().rev() {
            let Some(Ok(file)) = opened
                .get(&sibling.key)
                .filter(|_| !taken.contains_key(&sibling.key))
            else {
                continue;
            };
            match old.compare(file, self.known.holds(sibling.key)) {
                Ok(Likeness::Continues) => return Some((sibling.key, old)),
                // All of it was read already.
                Ok(Likeness::Prefix) => {
                    prefix = true;
                    self.known.add(sibling, now.steady);
                }
                Ok(Likeness::Other) | Err(_) => {}
            }
        }
        old.lines.finish(&mut outbox.lines);
        outbox.seal(&self.source, source_time);
        if !prefix {
            outbox.lose(old.size.saturating_sub(old.pos), 1);
        }
        None
    }

    /// Follows every listed file that is a copy or was not seen before, each at its place in time.
    fn insert_unseen(
        &mut self,
        opened: &mut Opened,
        copies: &mut HashMap<Key, Position>,
        blank: &[Key],
        now: Now,
        outbox: &mut Outbox,
    ) {
        let listed = std::mem::take(&mut self.listed);
        let mut order: Vec<Key> = listed.iter().map(|one| one.key).collect();
        order.extend(self.current.filter(|key| !order.contains(key)));
        for (index, sibling) in listed.iter().enumerate() {
            let position = copies.remove(&sibling.key);
            // The rest of an emptied file comes right before what the file holds now, which may have no name any more.
            let origin = position.as_ref().map(|old| old.of);
            if position.is_none() && self.seen(sibling.key) {
                continue;
            }
            let Some(file) = opened.remove(&sibling.key) else {
                continue;
            };
            match file.and_then(|file| self.generation(file, position, blank, now.steady)) {
                Ok(Some(generation)) => {
                    let later = order.get(index + 1..).unwrap_or_default();
                    let place = self.generations.iter().position(|one| {
                        origin.map_or_else(|| later.contains(&one.key), |key| key == one.key)
                    });
                    self.generations
                        .insert(place.unwrap_or(self.generations.len()), generation);
                }
                Ok(None) => self.known.add(sibling, now.steady),
                Err(_) => {
                    let size = sibling.path.symlink_metadata().map_or(0, |meta| meta.len());
                    outbox.lose(size, 1);
                    self.known.add(sibling, now.steady);
                }
            }
        }
        self.listed = listed;
    }

    /// A listed file as a generation; `None` when it is a copy of what the log still holds.
    fn generation(
        &self,
        file: File,
        position: Option<Position>,
        blank: &[Key],
        now: Duration,
    ) -> io::Result<Option<Generation>> {
        let copy = position.is_some();
        if !copy && self.still_held(&file, blank) {
            return Ok(None);
        }
        let (pos, lines) = position.map_or((0, Lines::default()), |old| (old.pos, old.lines));
        let mut generation = Generation::new(file, pos, lines, now)?;
        generation.copy = copy;
        generation.replaced_at = Some(now);
        Ok(Some(generation))
    }

    /// Whether a file has the same text as a log of which nothing was read yet.
    fn still_held(&self, file: &File, blank: &[Key]) -> bool {
        self.generations
            .iter()
            .filter(|one| blank.contains(&one.key))
            .any(|one| {
                let read = |file| read_up_to(file, 0, COMPARED).unwrap_or_default();
                let (log, other) = (read(&one.file), read(file));
                let common = log.len().min(other.len());
                common > 0 && log.get(..common) == other.get(..common)
            })
    }
}

fn holds_text(file: &File) -> bool {
    file.metadata().is_ok_and(|meta| meta.len() > 0)
}
