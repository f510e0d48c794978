//! Reads a part of a file of the history, from the file itself or, when `copytruncate` emptied it meanwhile, from the copy.
//!
//! In comes a range of bytes, out come its bytes in order, or an [`Emptied`] that says how many are lost.

use super::generation::{Copy, Generation, Store};
use crate::sources::tail::generation::read_at;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;

/// Reads a part of a file that may be emptied meanwhile.
pub(super) struct Reader {
    pub(super) of: Arc<Generation>,
    /// The next byte.
    pub(super) at: u64,
    /// The byte after the last one.
    pub(super) to: u64,
    pub(super) packed_copy: Option<Box<dyn Read + Send>>,
}

impl Reader {
    /// The file itself, for a command that reads it.
    pub(super) fn file(&self) -> io::Result<File> {
        match &self.of.store {
            Store::File { file, .. } => file.try_clone(),
            Store::Stream(_) | Store::Slice(_) => {
                Err(io::Error::other("a pipe is read as text only"))
            }
        }
    }

    fn took(&mut self, read: usize) -> usize {
        self.at += read as u64;
        self.of.pass(read as u64);
        read
    }

    fn emptied(&self) -> io::Error {
        Emptied::error(self.to - self.at)
    }
}

impl Read for Reader {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most =
            usize::try_from(self.to - self.at).map_or(room.len(), |left| left.min(room.len()));
        let room = room.get_mut(..most).unwrap_or_default();
        if room.is_empty() {
            return Ok(0);
        }
        let of = Arc::clone(&self.of);
        let Store::File { file, marks, copy } = &of.store else {
            return Ok(0);
        };
        if copy.get().is_none() {
            let read = read_at(file, room, self.at)?;
            // What was read counts only if the file is still the same afterwards: it may have been emptied in between.
            if read > 0 && marks.stand(file)? {
                return Ok(self.took(read));
            }
        }
        let read = match copy.get_or_init(|| of.copy(marks)) {
            Some(Copy::Plain(file)) => read_at(file, room, self.at)?,
            Some(Copy::Packed(packing, file)) => {
                if self.packed_copy.is_none() {
                    let again = Generation::of(
                        PathBuf::new(),
                        *packing,
                        file.try_clone()?,
                        None,
                        of.modified(),
                    )?;
                    let mut text = Arc::new(again).whole()?;
                    io::copy(&mut text.by_ref().take(self.at), &mut io::sink())?;
                    self.packed_copy = Some(text);
                }
                self.packed_copy
                    .as_mut()
                    .map_or(Ok(0), |text| text.read(room))?
            }
            None => 0,
        };
        match read {
            0 => Err(self.emptied()),
            read => Ok(self.took(read)),
        }
    }
}

/// A file was emptied while it was read.
#[derive(Debug)]
pub(super) struct Emptied {
    /// Bytes that were there and could not be read any more.
    pub(super) lost: u64,
}

impl Emptied {
    fn error(lost: u64) -> io::Error {
        io::Error::other(Self { lost })
    }
}

impl std::fmt::Display for Emptied {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lost = self.lost;
        write!(
            f,
            "it was emptied while it was read, and no copy of it is there: {lost} bytes lost"
        )
    }
}

impl std::error::Error for Emptied {}

/// Where a line begins at or after `at`, `end` when none does.
pub(super) fn line_start(generation: &Arc<Generation>, at: u64, end: u64) -> io::Result<u64> {
    if at == 0 || at >= end {
        return Ok(at.min(end));
    }
    let mut input = Reader {
        of: Arc::clone(generation),
        at: at - 1,
        to: end,
        packed_copy: None,
    };
    let before = generation.read();
    let mut room = [0; 4096];
    let mut pos = at - 1;
    let found = loop {
        let read = input.read(&mut room)?;
        if read == 0 {
            break end;
        }
        if let Some(newline) = memchr::memchr(b'\n', room.get(..read).unwrap_or_default()) {
            break pos + newline as u64 + 1;
        }
        pos += read as u64;
    };
    // Looking around is not progress.
    generation.reset(before);
    Ok(found)
}
