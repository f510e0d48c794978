//! One file that the log's name stood for at some time, held open and read to its end for as long as it grows.
//!
//! The device and inode number name it while it is open. Its first 256 bytes (the head, which extends while the file is shorter)
//! and the last 64 bytes that were read are looked at again on every look: when one of them is not what it was, or the file is shorter than
//! what was read of it, then the file was emptied, also when it has grown past the old position since. Reads are buffered `pread`s,
//! never a mapping: a truncated mapping is a SIGBUS.

use super::lines::Lines;
use crate::model::feeds::Loss;
use chrono::{DateTime, Utc};
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::Duration;

/// How much of the beginning of a file is remembered.
pub(crate) const HEAD: usize = 256;
/// How many of the bytes read last are remembered.
pub(crate) const LAST: usize = 64;

/// Device and inode number.
pub(crate) type Key = (u64, u64);

/// The key of a file by its metadata.
pub(crate) fn key_of(meta: &Metadata) -> Key {
    (meta.dev(), meta.ino())
}

/// One file, open.
#[derive(Debug)]
pub(super) struct Generation {
    pub(super) file: File,
    pub(super) key: Key,
    pub(super) head: Vec<u8>,
    pub(super) pos: u64,
    pub(super) last: Vec<u8>,
    pub(super) lines: Lines,
    /// The largest size seen since the file was last emptied: what lies between the position and here was there.
    pub(super) size: u64,
    pub(super) links: u64,
    pub(super) modified: Option<DateTime<Utc>>,
    /// When it last grew, or was opened.
    pub(super) grew_at: Duration,
    /// Since when the log's name stands for another file; `None` for the file of that name.
    pub(super) replaced_at: Option<Duration>,
    /// A copy that `copytruncate` made: read to its end once and not followed.
    pub(super) copy: bool,
}

/// What one step of reading came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes were read; 0 at the end of the file.
    Read(usize),
    /// The file is not what it was: it was emptied. Nothing was taken.
    Emptied,
}

impl Generation {
    /// A file to be read from `pos`. `lines` says how it continues there.
    pub(super) fn new(file: File, pos: u64, lines: Lines, now: Duration) -> io::Result<Self> {
        let meta = file.metadata()?;
        let mut generation = Self {
            key: key_of(&meta),
            file,
            head: Vec::new(),
            pos,
            last: Vec::new(),
            lines,
            size: 0,
            links: meta.nlink(),
            modified: None,
            grew_at: now,
            replaced_at: None,
            copy: false,
        };
        let back = pos.min(LAST as u64);
        generation.last = read_up_to(&generation.file, pos - back, back as usize)?;
        if !generation.intact(now)? {
            // It was emptied since the place was found: what is in it now begins anew.
            generation.restart(now);
            generation.intact(now)?;
        }
        Ok(generation)
    }

    /// Whether the file still begins, and was read, as remembered. Takes its size, links and time in.
    pub(super) fn intact(&mut self, now: Duration) -> io::Result<bool> {
        let meta = self.file.metadata()?;
        self.links = meta.nlink();
        if meta.len() < self.pos || meta.len() < self.head.len() as u64 {
            return Ok(false);
        }
        let want = meta.len().min(HEAD as u64) as usize;
        let head = read_up_to(&self.file, 0, want)?;
        if !head.starts_with(&self.head) {
            return Ok(false);
        }
        let back = self.pos - self.last.len() as u64;
        let same = if self.pos > HEAD as u64 {
            read_up_to(&self.file, back, self.last.len())? == self.last
        } else {
            // Both are read at different moments when a file is opened.
            head.get(back as usize..self.pos as usize) == Some(&*self.last)
        };
        if !same {
            return Ok(false);
        }
        self.head = head;
        if meta.len() > self.size {
            self.grew_at = now;
        }
        self.size = meta.len();
        self.modified = meta.modified().ok().map(DateTime::from);
        Ok(true)
    }

    /// Reads on by at most the length of `room`; whole lines are added to `out`.
    pub(super) fn step(
        &mut self,
        room: &mut [u8],
        out: &mut Vec<u8>,
        cut: &mut Loss,
        now: Duration,
    ) -> io::Result<Step> {
        let read = read_at(&self.file, room, self.pos)?;
        // What was read counts only if the file is still the same afterwards: it may have been emptied in between.
        if !self.intact(now)? {
            return Ok(Step::Emptied);
        }
        let piece = room.get(..read).unwrap_or_default();
        let loss = self.lines.take(piece, out);
        cut.bytes = cut.bytes.saturating_add(loss.bytes);
        cut.times = cut.times.saturating_add(loss.times);
        self.pos = self.pos.saturating_add(read as u64);
        if piece.len() >= LAST {
            self.last.clear();
        }
        self.last.extend_from_slice(
            piece
                .get(piece.len().saturating_sub(LAST)..)
                .unwrap_or_default(),
        );
        let over = self.last.len().saturating_sub(LAST);
        self.last.drain(..over);
        Ok(Step::Read(read))
    }

    /// After a piece of nothing but NUL bytes: goes on behind the hole that the file system knows of, if it does.
    pub(super) fn leap_hole(&mut self) -> u64 {
        let Ok(there) = rustix::fs::seek(&self.file, rustix::fs::SeekFrom::Data(self.pos)) else {
            return 0;
        };
        let leapt = there.saturating_sub(self.pos);
        if leapt > 0 {
            self.pos = there;
            self.last = vec![0; LAST.min(there as usize)];
        }
        leapt
    }

    /// Whether all that is there was read.
    pub(super) fn drained(&self) -> bool {
        self.pos >= self.size
    }

    /// Begins anew at the start of the file, which was emptied. Gives back what led the old content on.
    pub(super) fn restart(&mut self, now: Duration) -> Position {
        let old = Position {
            of: self.key,
            head: std::mem::take(&mut self.head),
            pos: std::mem::take(&mut self.pos),
            last: std::mem::take(&mut self.last),
            lines: std::mem::take(&mut self.lines),
            size: std::mem::take(&mut self.size),
        };
        self.grew_at = now;
        old
    }
}

/// How far a content that is gone was read, to find it again in a copy.
#[derive(Debug)]
pub(super) struct Position {
    /// The emptied file.
    pub(super) of: Key,
    pub(super) head: Vec<u8>,
    pub(super) pos: u64,
    pub(super) last: Vec<u8>,
    pub(super) lines: Lines,
    pub(super) size: u64,
}

/// What a file is to a content that is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// It holds what was read and perhaps more.
    Continues,
    /// It holds a beginning of what was read.
    Prefix,
    /// It is something else.
    Other,
}

impl Position {
    /// Compares a file with the content that is gone. `certain`: take no file whose end was not compared byte by byte.
    pub(super) fn compare(&self, file: &File, certain: bool) -> io::Result<Likeness> {
        let size = file.metadata()?.len();
        let head = read_up_to(file, 0, self.head.len())?;
        if size == 0 || !self.head.starts_with(&head) {
            return Ok(Likeness::Other);
        }
        if size >= self.pos {
            let back = self.last.len() as u64;
            let there = read_up_to(file, self.pos - back, self.last.len())?;
            let same = there == self.last && head.len() == self.head.len();
            return Ok(if same {
                Likeness::Continues
            } else {
                Likeness::Other
            });
        }
        // Shorter than what was read: compare the part of the last bytes that it still has.
        let begin = self.pos - self.last.len() as u64;
        if size <= begin {
            return Ok(if certain {
                Likeness::Other
            } else {
                Likeness::Prefix
            });
        }
        let there = read_up_to(file, begin, (size - begin) as usize)?;
        Ok(if self.last.starts_with(&there) {
            Likeness::Prefix
        } else {
            Likeness::Other
        })
    }
}

pub(crate) fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<usize> {
    loop {
        match file.read_at(room, at) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// Reads `count` bytes at an offset, fewer at the end of the file.
pub(crate) fn read_up_to(file: &File, at: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    let mut filled = 0;
    while let Some(room) = bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
        match read_at(file, room, at + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_that_was_emptied_while_it_was_opened_begins_anew() {
        let mut file = tempfile::tempfile().unwrap();
        let place = 12;
        file.write_all(b"new\n").unwrap();
        let mut opened = Generation::new(
            file.try_clone().unwrap(),
            place,
            Lines::skip_to_newline(),
            Duration::ZERO,
        )
        .unwrap();
        assert_eq!(opened.pos, 0);
        // And so it stays when it has grown to the old size again.
        file.write_all(b"and newer\n").unwrap();
        let (mut room, mut out) = ([0; 64], Vec::new());
        let read = opened.step(&mut room, &mut out, &mut Loss::default(), Duration::ZERO);
        assert_eq!(read.unwrap(), Step::Read(14));
        assert_eq!(out, b"new\nand newer\n");
    }
}
