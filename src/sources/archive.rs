//! A log and its rotated files as one history: `mail.log`, `mail.log.1`, `mail.log.2.gz` and so on, oldest first.
//!
//! In come the path of a log, or paths of files; out come [`Segment`]s in the order of time, each of whole lines, which [`fold`] reads on
//! several cores: all of them at once for a report, or the newest first for a dashboard. What they are folded to is the caller's.
//! Files are opened once, at the start, and kept: a rotation meanwhile does not matter. With [`Archive::before_tail`] a
//! follower goes on exactly where the history ends.
//!
//! What cannot be read is a [`Remark`] with the file's name and the reason; the rest is read. What lies before a moment is skipped by
//! [`Archive::within`] as far as the order of a log allows it; who folds drops what is outside its span by the stamps.
//!
//! systemd's journal is such a history too ([`Archive::before_journal`]): a slice of time stands for a file.
//!
//! Deliberately not here: parsing.
//!
//! Rotation: logrotate(8), `logrotate.conf(5)`.

mod cut;
pub mod fold;
mod generation;
mod named;
pub(crate) mod names;
mod reader;
mod segment;
#[cfg(test)]
mod tests;
pub(crate) mod unpack;
mod within;

pub use generation::Generation;
pub(crate) use generation::Marks;
pub use names::Packing;
pub use segment::{Part, Piece, Segment};

use crate::numbers::many;
use crate::safe_text::SafeText;
use crate::sources::journal::{self, Begin, Journal, Said};
use crate::sources::tail::Seam;
use chrono::{DateTime, Utc};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why a file, or a part of it, was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The file, by the path it was opened with.
    pub file: PathBuf,
    /// The reason, without the file's name.
    pub why: SafeText,
    /// Bytes that were there and are lost.
    pub lost: u64,
    /// Nothing of it is missing: it is empty, or named twice.
    pub harmless: bool,
}

impl Remark {
    fn new(file: &Path, why: impl fmt::Display) -> Self {
        Self {
            file: file.to_owned(),
            why: SafeText::from(why.to_string()),
            lost: 0,
            harmless: false,
        }
    }

    fn harmless(file: &Path, why: &str) -> Self {
        Self {
            harmless: true,
            ..Self::new(file, why)
        }
    }

    /// `given`: a part of the file was read.
    fn of_error(file: &Path, error: &io::Error, given: bool) -> Self {
        let rest = if given {
            "the rest of it is not read"
        } else {
            "not read"
        };
        let why = match error.kind() {
            io::ErrorKind::NotFound => String::from("there is no such file; not read"),
            io::ErrorKind::PermissionDenied => String::from(
                "permission denied; not read: add this user to the group of the file, often adm",
            ),
            io::ErrorKind::InvalidInput => {
                String::from("it is a link, a pipe or a device, no file; not read")
            }
            _ if Said::is(error) => error.to_string(),
            _ => format!("{error}; {rest}"),
        };
        let lost = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<reader::Emptied>())
            .map_or(0, |emptied| emptied.lost);
        Self {
            lost,
            ..Self::new(file, why)
        }
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = SafeText::new(self.file.as_os_str().as_encoded_bytes());
        write!(f, "{file}: {}", self.why)
    }
}

/// How far a file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The file's name without its directory.
    pub name: SafeText,
    /// Bytes read, of the packed file where it is packed.
    pub read: u64,
    /// Bytes there are; 0 for a pipe.
    pub size: u64,
}

impl Progress {
    /// Hundredths read, 100 for what has no size.
    pub fn percent(&self) -> u64 {
        (self.read.min(self.size) * 100)
            .checked_div(self.size)
            .unwrap_or(100)
    }
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "reading {} {} %", self.name, self.percent())
    }
}

/// The history of one log, or several files after another.
#[derive(Debug, Default)]
pub struct Archive {
    generations: Vec<Held>,
    /// What could not be opened.
    pub remarks: Vec<Remark>,
}

/// A file, and which part of it is read.
#[derive(Debug, Clone)]
struct Held {
    generation: Arc<Generation>,
    from: u64,
    to: u64,
}

impl Archive {
    /// The rotated files of a log, and the log up to where it ends now.
    pub fn of_log(log: &Path, now: DateTime<Utc>) -> Self {
        // Nobody follows it: the unfinished last lines are read here.
        Self::opened(log, now, true).0
    }

    /// The rotated files of a log, and the log up to where the follower begins that is made with the returned seam.
    pub fn before_tail(log: &Path, now: DateTime<Utc>) -> (Self, Option<Seam>) {
        Self::opened(log, now, false)
    }

    /// The journal's past, in slices, up to where it is followed from by [`journal::spawn`] with the returned beginning.
    /// Asks journalctl(1) for its edges, which may take a moment.
    pub fn before_journal(journal: &Journal, now: DateTime<Utc>) -> (Self, Begin) {
        let mut archive = Self::default();
        let newest = journal.newest();
        let begin = match &newest {
            Ok(Some(newest)) => Begin::After(newest.clone()),
            _ => Begin::Since(now),
        };
        let edges = newest.and_then(|newest| Ok(newest.zip(journal.oldest()?)));
        match edges {
            Ok(Some((newest, oldest))) => {
                for slice in journal::slices(journal, &oldest, &newest) {
                    let generation = Generation::of_slice(slice, now);
                    archive.add(Path::new("the journal"), Ok(Arc::new(generation)), false);
                }
            }
            Ok(None) => {}
            Err(why) => archive
                .remarks
                .push(Remark::new(Path::new("the journal"), why)),
        }
        (archive, begin)
    }

    fn opened(log: &Path, now: DateTime<Utc>, alone: bool) -> (Self, Option<Seam>) {
        let mut archive = Self::default();
        match crate::sources::tail::open_shelf(log, alone) {
            Ok((shelf, seam)) => {
                for opened in shelf.files {
                    let quiet = (opened.marks.is_some() && !alone) || opened.path == log;
                    let path = opened.path.clone();
                    let generation = Generation::new(opened, now).map(Arc::new);
                    archive.add(&path, generation, quiet);
                }
                (archive, Some(seam))
            }
            Err(error) => {
                archive.remarks.push(Remark::of_error(log, &error, false));
                (archive, None)
            }
        }
    }

    fn add(&mut self, path: &Path, opened: io::Result<Arc<Generation>>, may_be_empty: bool) {
        match opened {
            Ok(generation) if generation.is_empty() => {
                if !may_be_empty {
                    self.remarks.push(Remark::harmless(path, "it is empty"));
                }
            }
            Ok(generation) => self.generations.push(Held {
                from: 0,
                to: generation.size(),
                generation,
            }),
            Err(error) => self.remarks.push(Remark::of_error(path, &error, false)),
        }
    }

    /// The files, oldest first.
    pub fn generations(&self) -> impl ExactSizeIterator<Item = &Arc<Generation>> {
        self.generations.iter().map(|held| &held.generation)
    }

    /// What there is to read, in words: `3 logs`, `the journal`.
    pub fn words(&self) -> String {
        if self.generations().any(|one| one.slice().is_some()) {
            return String::from("the journal");
        }
        many(self.generations.len(), "log")
    }

    /// Bytes there are to read, packed as they are.
    pub fn size(&self) -> u64 {
        self.generations
            .iter()
            .map(|held| held.to - held.from)
            .sum()
    }

    /// How far each file is read, oldest first.
    pub fn progress(&self) -> Vec<Progress> {
        self.generations().map(|one| one.progress()).collect()
    }
}
