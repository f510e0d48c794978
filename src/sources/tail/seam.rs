//! The seam between what a log says already and what it will say: every line before it is history, every line after it is followed.
//!
//! In comes the log's path. Out come the open files of its history, each with the offset where its history ends, and the [`Seam`], with which
//! a [`super::Follower`] begins: it holds the same files at the same offsets. Whatever logrotate(8) does afterwards, both sides
//! keep the files they have: a line is on one side or on the other. What the log's name stands for is looked at again after everything
//! was opened, and a rotation in between makes it begin anew, so the files that were opened are one moment's.
//!
//! The newest plain rotated file is on both sides too: a logger that was not told of the rotation goes on writing to it. A file that begins
//! like the log itself is the copy that `copytruncate` is making: it is on neither side, the log is.

use super::follower::Start;
use super::generation::{Generation, HEAD, Key, key_of, read_up_to};
use super::lines::Lines;
use super::siblings::{self, Beside};
use super::start;
use crate::sources::archive::Marks;
use crate::sources::archive::names::{Age, Packing};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, SystemTime};

/// So often the files may move while they are opened.
const TRIES: usize = 1_000;

/// So many tries come without a pause.
const AT_ONCE: usize = 8;
/// Between later ones.
const PAUSE: Duration = Duration::from_millis(2);

/// Where a follower begins.
#[derive(Debug)]
pub enum Begin {
    /// At a place of the file that is there at its first look.
    At(Start),
    /// Where a history ends.
    After(Box<Seam>),
}

impl From<Start> for Begin {
    fn from(start: Start) -> Self {
        Self::At(start)
    }
}

impl From<Seam> for Begin {
    fn from(seam: Seam) -> Self {
        Self::After(Box::new(seam))
    }
}

/// The open files of one moment, each at the offset from which it is followed.
#[derive(Debug)]
pub struct Seam {
    /// Oldest first.
    pub(super) generations: Vec<Generation>,
    /// The file that the log's name stood for.
    pub(super) current: Option<Key>,
    /// The rotated files that are history.
    pub(super) known: Vec<(Key, Option<OwnedFd>)>,
}

/// One file of the history.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) path: PathBuf,
    pub(crate) packing: Packing,
    pub(crate) file: io::Result<File>,
    /// What it is known by, when it may be written or emptied still.
    pub(crate) marks: Option<Marks>,
}

/// The files of one history, oldest first, the log itself last. It may be missing.
#[derive(Debug)]
pub(crate) struct Shelf {
    pub(crate) files: Vec<Opened>,
}

/// A rotated file, opened, with what its order is found by.
struct Found {
    beside: Beside,
    file: io::Result<File>,
    modified: Option<SystemTime>,
}

/// Opens the log and its rotated files as they are at one moment. `alone`: nobody follows, so the history ends with the file and not with
/// the last whole line.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn open(log: &Path, alone: bool) -> io::Result<(Shelf, Seam)> {
    for attempt in 1..=TRIES {
        if attempt > AT_ONCE {
            // waits for: the rotation to get on; it takes some milliseconds
            thread::sleep(PAUSE);
        }
        if let Some(opened) = once(log, alone, attempt == TRIES)? {
            return Ok(opened);
        }
    }
    Err(io::ErrorKind::Interrupted.into())
}

/// Opens everything once. `None` when something moved meanwhile, unless that is `accepted`.
fn once(log: &Path, alone: bool, accepted: bool) -> io::Result<Option<(Shelf, Seam)>> {
    let opened = siblings::open(log);
    let mut current = match &opened {
        Ok(file) => Some(at_end(file, alone)?),
        Err(_) => None,
    };
    let listed = siblings::beside(log)?;
    let mut found = Vec::with_capacity(listed.len());
    for beside in &listed {
        if Some(beside.sibling.key) == current.as_ref().map(|one| one.key) {
            // Renamed already, and the log's name stands for nothing or for a newer file.
            if accepted {
                continue;
            }
            return Ok(None);
        }
        let file = siblings::open(&beside.sibling.path);
        let meta = file.as_ref().ok().and_then(|file| file.metadata().ok());
        if meta
            .as_ref()
            .is_some_and(|meta| key_of(meta) != beside.sibling.key)
            || matches!(&file, Err(error) if error.kind() == io::ErrorKind::NotFound)
        {
            if accepted {
                continue;
            }
            return Ok(None);
        }
        found.push(Found {
            modified: meta.and_then(|meta| meta.modified().ok()),
            beside: beside.clone(),
            file,
        });
    }
    let intact = match &mut current {
        Some(one) => {
            let named = log
                .symlink_metadata()
                .is_ok_and(|meta| key_of(&meta) == one.key);
            named && one.intact(Duration::ZERO)?
        }
        None => {
            !log.is_file()
                || opened
                    .as_ref()
                    .is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
        }
    };
    let keys = |list: &[Beside]| -> Vec<_> { list.iter().map(|one| one.sibling.clone()).collect() };
    let moved = !intact || keys(&siblings::beside(log)?) != keys(&listed);
    if moved && !accepted {
        return Ok(None);
    }
    sew(log, alone, found, opened, current).map(Some)
}

/// Puts the opened files on one side or the other, or on both.
fn sew(
    log: &Path,
    alone: bool,
    mut found: Vec<Found>,
    opened: io::Result<File>,
    current: Option<Generation>,
) -> io::Result<(Shelf, Seam)> {
    in_order(&mut found);
    let mut seam = Seam {
        generations: Vec::new(),
        current: current.as_ref().map(|one| one.key),
        known: Vec::new(),
    };
    if let Some(current) = &current {
        found.retain(|one| !in_the_making(one, current));
    }
    let newest = found
        .iter()
        .rposition(|one| one.beside.rotated.packing == Packing::Plain && is_rotated(one))
        .filter(|at| found.iter().skip(at + 1).all(|one| !is_rotated(one)));
    let mut shelf = Shelf { files: Vec::new() };
    for (at, one) in found.into_iter().enumerate() {
        let plain = one.beside.rotated.packing == Packing::Plain;
        let rotated = is_rotated(&one);
        let mut marks = None;
        if let (Some(true), Ok(file)) = (plain.then_some(newest == Some(at)), &one.file) {
            let mut generation = at_end(file, alone)?;
            generation.replaced_at = Some(Duration::ZERO);
            marks = Some(marks_of(&generation));
            seam.generations.push(generation);
        } else if plain {
            let pin = one
                .file
                .as_ref()
                .ok()
                .and_then(|file| file.try_clone().ok());
            seam.known
                .push((one.beside.sibling.key, pin.map(OwnedFd::from)));
        }
        if rotated {
            shelf.files.push(Opened {
                path: one.beside.sibling.path,
                packing: one.beside.rotated.packing,
                file: one.file,
                marks,
            });
        }
    }
    drop_doubles(&mut shelf.files);
    let missing = matches!(&opened, Err(error) if error.kind() == io::ErrorKind::NotFound);
    if !missing {
        shelf.files.push(Opened {
            path: log.to_owned(),
            packing: Packing::Plain,
            file: opened,
            marks: current.as_ref().map(marks_of),
        });
    }
    seam.generations.extend(current);
    Ok((shelf, seam))
}

/// The end of the history of a file.
fn at_end(file: &File, alone: bool) -> io::Result<Generation> {
    let file = file.try_clone()?;
    if alone {
        let size = file.metadata()?.len();
        Generation::new(file, size, Lines::default(), Duration::ZERO)
    } else {
        start::open(file, Start::End, Duration::ZERO)
    }
}

fn marks_of(generation: &Generation) -> Marks {
    Marks {
        head: generation.head.clone(),
        last: generation.last.clone(),
        end: generation.pos,
    }
}

fn is_rotated(one: &Found) -> bool {
    !matches!(one.beside.rotated.age, Age::Unknown(_))
}

/// Whether this is a copy of the log that is being made, or an empty file that may become one.
fn in_the_making(one: &Found, current: &Generation) -> bool {
    let Ok(file) = &one.file else { return false };
    if one.beside.rotated.packing != Packing::Plain {
        return false;
    }
    // Not read anew: the log may have been emptied since.
    let log = &current.head;
    let other = read_up_to(file, 0, HEAD).unwrap_or_default();
    let common = log.len().min(other.len());
    other.is_empty() || (common > 0 && log.get(..common) == other.get(..common))
}

/// Oldest first: by number or by date where all have the same kind of name, otherwise by modification time.
fn in_order(found: &mut [Found]) {
    let kind = |one: &Found| match one.beside.rotated.age {
        Age::Number(_) => 2,
        Age::Date(_) => 1,
        Age::Odd(_) | Age::Unknown(_) => 0,
    };
    let mut kinds: Vec<_> = found
        .iter()
        .filter(|one| is_rotated(one))
        .map(kind)
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() > 1 || kinds == [0] {
        found.sort_by_key(|one| one.modified);
    }
}

/// A file and what it is being compressed to are one: the one that is whole stays.
fn drop_doubles(files: &mut Vec<Opened>) {
    let stem = |one: &Opened| {
        let name = one.path.as_os_str().as_encoded_bytes();
        Packing::of_name(name).0.to_vec()
    };
    let mut best: std::collections::HashMap<Vec<u8>, Packing> = std::collections::HashMap::new();
    for one in files.iter() {
        let entry = best.entry(stem(one)).or_insert(one.packing);
        *entry = one.packing.min(*entry);
    }
    files.retain(|one| best.get(&stem(one)) == Some(&one.packing));
}
