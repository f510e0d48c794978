//! One file of a log's history, held open: the log itself or a rotated file. Or, in its place, a slice of the journal.
//!
//! A rename or an unlink does not matter to an open file; `copytruncate` does. So the beginning of the file and the last bytes of its history are
//! remembered, and looked at again after every read: when they are not what they were, the rest is read from the copy that
//! logrotate(8) made, found by the same bytes. Without a copy it is an error that says how much was lost.

use super::names::Packing;
use super::reader::Reader;
use super::{Progress, unpack};
use crate::safe_text::SafeText;
use crate::sources::journal::Slice;
use crate::sources::tail::generation::{HEAD, LAST, read_up_to};
use crate::sources::tail::{Opened, siblings};
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// So often a copy is looked for.
const LOOKS: usize = 8;

/// An open file of the history.
pub struct Generation {
    path: PathBuf,
    packing: Packing,
    modified: DateTime<Utc>,
    /// Bytes of the file, packed as it is.
    size: u64,
    read: AtomicU64,
    pub(super) store: Store,
}

pub(super) enum Store {
    File {
        file: File,
        marks: Marks,
        /// What stands for it after it was emptied.
        copy: OnceLock<Option<Copy>>,
    },
    /// Something that can be read only once: a pipe, standard input.
    Stream(Mutex<Option<Box<dyn Read + Send>>>),
    /// A slice of the journal, read when its turn comes.
    Slice(Slice),
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Generation")
            .field("path", &self.path)
            .field("packing", &self.packing)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// What a file is known by.
#[derive(Debug)]
pub(crate) struct Marks {
    /// Its first bytes.
    pub(crate) head: Vec<u8>,
    /// The last bytes of its history.
    pub(crate) last: Vec<u8>,
    /// Where its history ends.
    pub(crate) end: u64,
}

impl Marks {
    fn of(file: &File, end: u64) -> io::Result<Self> {
        let back = end.min(LAST as u64);
        Ok(Self {
            head: read_up_to(file, 0, end.min(HEAD as u64) as usize)?,
            last: read_up_to(file, end - back, back as usize)?,
            end,
        })
    }

    /// Whether a file still holds, or holds as well, what this was taken of.
    pub(super) fn stand(&self, file: &File) -> io::Result<bool> {
        let back = self.last.len() as u64;
        Ok(file.metadata()?.len() >= self.end
            && read_up_to(file, 0, self.head.len())? == self.head
            && read_up_to(file, self.end - back, self.last.len())? == self.last)
    }
}

/// A copy that `copytruncate` made.
pub(super) enum Copy {
    Plain(File),
    Packed(Packing, File),
}

impl Generation {
    /// Takes a file in that was opened with its siblings.
    ///
    /// # Errors
    /// Those of the file.
    pub(super) fn new(opened: Opened, now: DateTime<Utc>) -> io::Result<Self> {
        // Marks that are taken only now may be those of another content: it may have been emptied since it was opened.
        Self::of(opened.path, opened.packing, opened.file?, opened.marks, now)
    }

    /// What can be read only once.
    pub(super) fn stream(path: &Path, input: Box<dyn Read + Send>, now: DateTime<Utc>) -> Self {
        Self {
            path: path.to_owned(),
            packing: Packing::Plain,
            modified: now,
            size: 0,
            read: AtomicU64::new(0),
            store: Store::Stream(Mutex::new(Some(input))),
        }
    }

    /// A slice of the journal; its measure is seconds.
    pub(super) fn of_slice(slice: Slice, now: DateTime<Utc>) -> Self {
        Self {
            path: PathBuf::from(slice.name(now)),
            packing: Packing::Plain,
            modified: slice.ends(),
            size: slice.length(),
            read: AtomicU64::new(0),
            store: Store::Slice(slice),
        }
    }

    /// When its first line was written, where that is known without reading it.
    pub(super) fn begins(&self) -> Option<DateTime<Utc>> {
        self.slice().map(Slice::begins)
    }

    pub(super) fn of(
        path: PathBuf,
        packing: Packing,
        file: File,
        marks: Option<Marks>,
        now: DateTime<Utc>,
    ) -> io::Result<Self> {
        let meta = file.metadata()?;
        let marks = match marks {
            Some(marks) => marks,
            None => Marks::of(&file, meta.len())?,
        };
        let size = marks.end;
        Ok(Self {
            path,
            packing,
            modified: meta.modified().map_or(now, DateTime::from),
            size,
            read: AtomicU64::new(0),
            store: Store::File {
                marks,
                file,
                copy: OnceLock::new(),
            },
        })
    }

    /// The path by which it was opened; it may have been renamed since.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The last part of the path.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or(self.path.as_os_str());
        name.to_string_lossy().into_owned()
    }

    /// When it was last written: the newest moment that its lines can have.
    pub fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    /// Bytes of the file, packed as it is; 0 for a pipe; of the journal, seconds.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Bytes of it that were read so far.
    pub fn read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    pub(super) fn progress(&self) -> Progress {
        Progress {
            name: SafeText::from(self.name()),
            read: self.read(),
            size: self.size,
        }
    }

    /// Looking around is not progress.
    pub(super) fn reset(&self, read: u64) {
        self.read.store(read, Ordering::Relaxed);
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.size == 0 && matches!(self.store, Store::File { .. })
    }

    /// Whether it can be read more than once.
    pub(super) fn is_kept(&self) -> bool {
        !matches!(self.store, Store::Stream(_))
    }

    /// Whether it can be read from anywhere.
    pub(super) fn is_plain_file(&self) -> bool {
        self.packing == Packing::Plain && matches!(self.store, Store::File { .. })
    }

    /// Says that so many bytes need not be read.
    pub(super) fn pass(&self, bytes: u64) {
        self.read.fetch_add(bytes, Ordering::Relaxed);
    }

    /// A part of a plain file.
    pub(super) fn range(self: &Arc<Self>, from: u64, to: u64) -> Reader {
        Reader {
            of: Arc::clone(self),
            at: from,
            to,
            packed_copy: None,
        }
    }

    /// All of it, unpacked.
    pub(super) fn whole(self: &Arc<Self>) -> io::Result<Box<dyn Read + Send>> {
        match &self.store {
            Store::File { .. } => unpack::open(self.packing, self.range(0, self.size)),
            Store::Stream(input) => {
                let mut input = input.lock().unwrap_or_else(PoisonError::into_inner);
                let once = || io::Error::other("it can be read only once");
                input.take().ok_or_else(once)
            }
            Store::Slice(_) => Err(io::Error::other("a slice of the journal is no file")),
        }
    }

    /// The slice of the journal that this stands for.
    pub(super) fn slice(&self) -> Option<&Slice> {
        match &self.store {
            Store::Slice(slice) => Some(slice),
            _ => None,
        }
    }

    /// Finds the copy that `copytruncate` made among the files beside the log. They may be renamed meanwhile: it looks several times.
    pub(super) fn copy(&self, marks: &Marks) -> Option<Copy> {
        (0..LOOKS).find_map(|_| self.find_copy(marks))
    }

    fn find_copy(&self, marks: &Marks) -> Option<Copy> {
        let found = siblings::beside(&self.path).ok()?;
        let plain = |packing| packing == Packing::Plain;
        let mut files: Vec<_> = found
            .into_iter()
            .rev()
            .filter_map(|one| Some((one.rotated.packing, siblings::open(&one.sibling.path).ok()?)))
            .collect();
        if let Some(at) = files
            .iter()
            .position(|(packing, file)| plain(*packing) && marks.stand(file).unwrap_or(false))
        {
            return Some(Copy::Plain(files.swap_remove(at).1));
        }
        files
            .into_iter()
            .find(|(packing, file)| {
                let begins = || {
                    let mut head = vec![0; marks.head.len()];
                    let opened = Self::of(
                        PathBuf::new(),
                        *packing,
                        file.try_clone().ok()?,
                        None,
                        self.modified,
                    )
                    .ok()?;
                    Arc::new(opened).whole().ok()?.read_exact(&mut head).ok()?;
                    Some(head == marks.head)
                };
                !plain(*packing) && begins() == Some(true)
            })
            .map(|(packing, file)| Copy::Packed(packing, file))
    }
}
