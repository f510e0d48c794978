//! A log that can be searched again and again: a plain file, a compressed one, or a stream that was put aside.
//!
//! In: a path, `-` being standard input. Out: an opened log. What is no regular file (a pipe) is copied to a temporary file without a name,
//! because more than one scan may be needed; so is what xz(1), zstd(1) or bzip2(1) unpacks.

use super::Needles;
use super::pieces::{ReadAt, search};
use crate::sources::archive::{Packing, unpack};
use crate::sources::tail::siblings;
use chrono::{DateTime, Utc};
use flate2::read::MultiGzDecoder;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// An opened log.
#[derive(Debug)]
pub struct Log {
    /// As it was named.
    pub path: PathBuf,
    /// The newest moment that a stamp without a year can mean.
    pub anchor: DateTime<Utc>,
    file: File,
    length: u64,
    compressed: bool,
}

/// Places that are sampled, and bytes of each.
const SAMPLES: usize = 32;
const SAMPLE: usize = 4096;

impl Log {
    /// Opens a log. `now` is the anchor of what has no modification time.
    ///
    /// # Errors
    /// Those of the file; `InvalidInput` with a sentence for a directory; those of unpacking.
    pub fn open(path: &Path, now: DateTime<Utc>) -> io::Result<Self> {
        let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
        let mut anchor = now;
        let file = if path == Path::new("-") {
            put_aside(io::stdin().lock())?
        } else {
            let file = File::open(path)?;
            let meta = file.metadata()?;
            if meta.is_dir() {
                return Err(invalid(String::from("it is a directory")));
            }
            if meta.is_file() {
                anchor = meta.modified().map_or(now, DateTime::from);
                file
            } else {
                put_aside(file)?
            }
        };
        let mut head = [0; 6];
        let read = file.read_at(&mut head, 0)?;
        let head = head.get(..read).unwrap_or_default();
        let packing = Packing::of_text(head);
        // What a command unpacks is unpacked once.
        let file = match unpack::by_command(packing, file.try_clone()?)? {
            Some(text) => put_aside(text)?,
            None => file,
        };
        Ok(Self {
            path: path.to_owned(),
            anchor,
            length: file.metadata()?.len(),
            compressed: packing == Packing::Gzip,
            file,
        })
    }

    /// Device and inode: the same for two names of one file.
    ///
    /// # Errors
    /// Those of fstat(2).
    pub fn identity(&self) -> io::Result<(u64, u64)> {
        self.file.metadata().map(|meta| (meta.dev(), meta.ino()))
    }

    /// Its first bytes, uncompressed, at most this many: as many as one read gives.
    ///
    /// # Errors
    /// Those of reading and of the decompression.
    pub fn head(&self, most: usize) -> io::Result<Vec<u8>> {
        let mut head = vec![0; most];
        let read = if self.compressed {
            MultiGzDecoder::new(At(&self.file, 0)).read(&mut head)?
        } else {
            self.file.read_at(&mut head, 0)?
        };
        head.truncate(read);
        Ok(head)
    }

    /// Some of its bytes: from all over a plain file, from the beginning of a compressed one. What cannot be read is left out.
    pub fn sample(&self) -> Vec<u8> {
        if self.compressed {
            return self.head(SAMPLES * SAMPLE).unwrap_or_default();
        }
        let mut sample = vec![0; SAMPLES * SAMPLE];
        let mut filled = 0;
        for nth in 0..SAMPLES as u64 {
            let at = (self.length / SAMPLES as u64).saturating_mul(nth);
            let room = sample.get_mut(filled..filled + SAMPLE);
            filled += self.file.read_at(room.unwrap_or_default(), at).unwrap_or(0);
        }
        sample.truncate(filled);
        sample
    }

    /// Bytes, where places in it can be read directly.
    pub(super) fn length(&self) -> Option<u64> {
        (!self.compressed).then_some(self.length)
    }

    /// Gives the lines that begin in `begin..end` and hold a needle.
    ///
    /// # Errors
    /// Those of reading and of the decompression; `UnexpectedEof` when the file is shorter than it was. What was found before
    /// was given.
    pub(super) fn search(
        &self,
        begin: u64,
        end: u64,
        needles: &Needles,
        on: &mut impl FnMut(u64, Vec<u8>),
    ) -> io::Result<()> {
        if self.compressed {
            let input = BufReader::with_capacity(1 << 16, At(&self.file, 0));
            let input = InOrder(MultiGzDecoder::new(input));
            return search(input, begin, end, needles, on).map(drop);
        }
        let reached = search(&self.file, begin, end, needles, on)?;
        if reached < end {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it became shorter while it was read",
            ));
        }
        Ok(())
    }
}

/// A file from a place on. The file's own position is shared by the cores and left alone.
struct At<'a>(&'a File, u64);

impl Read for At<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read_at(room, self.1)?;
        self.1 += read as u64;
        Ok(read)
    }
}

impl ReadAt for &File {
    fn read(&mut self, room: &mut [u8], at: u64) -> io::Result<usize> {
        self.read_at(room, at)
    }
}

/// What can be read only once and in order.
pub(super) struct InOrder<R>(pub(super) R);

impl<R: Read> ReadAt for InOrder<R> {
    fn read(&mut self, room: &mut [u8], _: u64) -> io::Result<usize> {
        self.0.read(room)
    }
}

/// Copies a stream to a file that has no name and is gone when it is closed.
fn put_aside(mut from: impl Read) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let mut file = File::from(rustix::fs::open(std::env::temp_dir(), flags, mode)?);
    io::copy(&mut from, &mut file)?;
    Ok(file)
}

/// The files of a log: the rotated ones, compressed or not, oldest first, and the log itself.
pub fn files(log: &Path) -> Vec<PathBuf> {
    let rotated = siblings::beside(log).unwrap_or_default();
    let paths = rotated.into_iter().map(|one| one.sibling.path);
    paths.chain([log.to_owned()]).collect()
}
