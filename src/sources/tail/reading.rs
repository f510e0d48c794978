//! Reading on, oldest file first, and closing what is done with.
//!
//! A file that was replaced is followed for as long as it grows: Debian's rsyslog without systemd is never told of a rotation and
//! writes to `mail.log.1` for ever (`/usr/lib/rsyslog/rsyslog-rotate`). That is remarked on.

use super::follower::{Follower, Now};
use super::generation::{Generation, Step};
use super::outbox::Outbox;
use std::time::Duration;

/// One read.
pub(super) const CHUNK: usize = 64 * 1024;
/// The text that one look reads at most.
const BUDGET: usize = 256 * 1024;
/// A chunk of nothing but NUL bytes costs only this of it.
const NUL_COST: usize = 2 * 1024;
/// So many files are held open at most.
const MOST: usize = 16;
/// So many when the oldest ones are not read to their end yet.
const MOST_UNREAD: usize = 64;
/// A deleted file is closed when it has not grown for so long.
const DELETED_IDLE: Duration = Duration::from_mins(1);
/// A replaced file is done with when it has not grown for so long while the new one did.
const QUIET: Duration = Duration::from_mins(10);
/// A logger takes this long at most to open the new file when it is told of a rotation.
const REOPEN: Duration = Duration::from_secs(3);

impl Follower {
    /// Reads on. Returns whether there is more.
    pub(super) fn read(&mut self, now: Now, outbox: &mut Outbox) -> bool {
        let mut budget = BUDGET;
        let alone = self.generations.len() == 1;
        for generation in &mut self.generations {
            // With files after it, only the end of the file itself proves that its rest comes before their lines.
            let done = alone && generation.drained();
            let more = !done
                && read_file(generation, &mut self.room, &mut budget, outbox, now.steady)
                    .unwrap_or_else(|error| {
                        self.trouble = Some(error);
                        false
                    });
            if generation.copy && !more {
                generation.lines.finish(&mut outbox.lines);
            }
            outbox.seal(&self.source, generation.modified.unwrap_or(now.wall));
            if more {
                return true;
            }
        }
        false
    }

    /// Closes copies that are read, deleted files that are idle, and the oldest when there are too many.
    pub(super) fn close(&mut self, now: Now, outbox: &mut Outbox) {
        let grows = self
            .generations
            .iter()
            .any(|one| one.replaced_at.is_none() && one.pos > 0);
        let mut open = Vec::with_capacity(self.generations.len());
        for mut generation in std::mem::take(&mut self.generations) {
            let idle = now.steady.saturating_sub(generation.grew_at);
            let replaced = generation.replaced_at.is_some() && generation.drained();
            if replaced && generation.copy {
                self.known
                    .keep(generation.key, generation.file.into(), now.steady);
                continue;
            }
            let deleted = replaced && generation.links == 0 && idle >= DELETED_IDLE;
            if deleted || (replaced && idle >= QUIET && grows) {
                generation.lines.finish(&mut outbox.lines);
                outbox.seal(&self.source, generation.modified.unwrap_or(now.wall));
            }
            if !deleted {
                open.push(generation);
            }
        }
        self.generations = open;
        while self.generations.len() > MOST {
            let unread = self.generations.first().is_some_and(|one| !one.drained());
            if unread && self.generations.len() <= MOST_UNREAD {
                break;
            }
            let mut oldest = self.generations.remove(0);
            if now.steady.saturating_sub(oldest.grew_at) < QUIET {
                self.closed_early = Some(now.steady + QUIET);
            }
            if unread {
                outbox.lose(oldest.size.saturating_sub(oldest.pos), 1);
            }
            oldest.lines.finish(&mut outbox.lines);
            outbox.seal(&self.source, oldest.modified.unwrap_or(now.wall));
            self.known.keep(oldest.key, oldest.file.into(), now.steady);
        }
    }

    /// What is worth a remark now.
    pub(super) fn remark(&self, now: Duration) -> Option<String> {
        let late = self.generations.iter().rfind(|one| {
            one.replaced_at.is_some_and(|at| one.grew_at >= at + REOPEN)
                && now.saturating_sub(one.grew_at) < QUIET
        });
        if let Some(late) = late {
            let listed = self.listed.iter().find(|one| one.key == late.key);
            let path = listed.map_or(self.log.as_path(), |one| one.path.as_path());
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let deleted = if listed.is_none() { "the deleted " } else { "" };
            return Some(format!(
                "{deleted}{name} is still being written: the logger was not told of the rotation"
            ));
        }
        self.closed_early.filter(|until| now < *until).map(|_| {
            let name = self.log.file_name().unwrap_or_default().to_string_lossy();
            format!("more than {MOST} rotated files of {name} were open: the oldest are no longer followed")
        })
    }
}

/// Reads one file to its end. Returns whether there is more: the budget is used up, or the file was emptied meanwhile.
fn read_file(
    generation: &mut Generation,
    room: &mut [u8],
    budget: &mut usize,
    outbox: &mut Outbox,
    now: Duration,
) -> std::io::Result<bool> {
    loop {
        if *budget == 0 {
            return Ok(true);
        }
        let most = room.len().min(*budget);
        let part = room.get_mut(..most).unwrap_or_default();
        match generation.step(part, &mut outbox.lines, &mut outbox.loss, now)? {
            Step::Emptied => return Ok(true),
            Step::Read(0) => return Ok(false),
            Step::Read(read)
                if part
                    .get(..read)
                    .is_some_and(|piece| piece.iter().all(|&byte| byte == 0)) =>
            {
                generation.leap_hole();
                *budget = budget.saturating_sub(NUL_COST.min(read));
            }
            Step::Read(read) => *budget -= read,
        }
    }
}
