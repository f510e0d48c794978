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
use super::generation::{Generation, Key, key_of, read_up_to};
use super::siblings::{self, Beside};
use super::start;
use crate::sources::archive::names::{Age, Packing};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// So often the files may move while they are opened.
const TRIES: usize = 16;
/// How much of a rotated file is compared with the log to see whether it is a copy in the making.
const COMPARED: usize = 64 * 1024;

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
    /// Where its history ends, when it is followed from there.
    pub(crate) end: Option<u64>,
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

/// Opens the log and its rotated files as they are at one moment.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn open(log: &Path) -> io::Result<(Shelf, Seam)> {
    let mut last = false;
    for attempt in 0..TRIES {
        last |= attempt + 1 == TRIES;
        if let Some(opened) = once(log, last)? {
            return Ok(opened);
        }
    }
    Err(io::ErrorKind::Interrupted.into())
}

/// Opens everything once. `None` when something moved meanwhile, unless that is `accepted`.
fn once(log: &Path, accepted: bool) -> io::Result<Option<(Shelf, Seam)>> {
    let opened = siblings::open(log);
    let mut current = match &opened {
        Ok(file) => Some(start::open(file.try_clone()?, Start::End, Duration::ZERO)?),
        Err(_) => None,
    };
    let listed = siblings::beside(log)?;
    let mut found = Vec::with_capacity(listed.len());
    for beside in &listed {
        if Some(beside.sibling.key) == current.as_ref().map(|one| one.key) {
            // Renamed already, and the log's name stands for nothing or for a newer file.
            return moved(accepted, log, found, opened, current);
        }
        let file = siblings::open(&beside.sibling.path);
        let meta = file.as_ref().ok().and_then(|file| file.metadata().ok());
        if meta
            .as_ref()
            .is_some_and(|meta| key_of(meta) != beside.sibling.key)
            || matches!(&file, Err(error) if error.kind() == io::ErrorKind::NotFound)
        {
            return moved(accepted, log, found, opened, current);
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
    let keys = |list: &[Beside]| {
        list.iter()
            .map(|one| one.sibling.clone())
            .collect::<Vec<_>>()
    };
    if !intact || keys(&siblings::beside(log)?) != keys(&listed) {
        return moved(accepted, log, found, opened, current);
    }
    sew(log, found, opened, current).map(Some)
}

fn moved(
    accepted: bool,
    log: &Path,
    found: Vec<Found>,
    opened: io::Result<File>,
    current: Option<Generation>,
) -> io::Result<Option<(Shelf, Seam)>> {
    if accepted {
        sew(log, found, opened, current).map(Some)
    } else {
        Ok(None)
    }
}

/// Puts the opened files on one side or the other, or on both.
fn sew(
    log: &Path,
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
        let mut end = None;
        if let (Some(true), Ok(file)) = (plain.then_some(newest == Some(at)), &one.file) {
            let mut generation = start::open(file.try_clone()?, Start::End, Duration::ZERO)?;
            generation.replaced_at = Some(Duration::ZERO);
            end = Some(generation.pos);
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
                end,
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
            end: current.as_ref().map(|one| one.pos),
        });
    }
    seam.generations.extend(current);
    Ok((shelf, seam))
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
    let read = |file| read_up_to(file, 0, COMPARED).unwrap_or_default();
    let (log, other) = (read(&current.file), read(file));
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
