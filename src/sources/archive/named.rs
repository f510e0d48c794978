//! Files that are named: each is opened once, and all are put into the order of time.
//!
//! In come paths, `-` being standard input; out comes one history. What a file is, is told by its content too. What can be read only once, a pipe,
//! is a stream; for who reads more than once it is copied to a file without a name, which is gone when it is closed.

use super::generation::Generation;
use super::names::{self, Packing};
use super::within::first_stamp;
use super::{Archive, Remark};
use crate::sources::tail::generation::{key_of, read_up_to};
use chrono::{DateTime, FixedOffset, Utc};
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a copy is made, unless `TMPDIR` says otherwise: `/tmp` is often memory (file-hierarchy(7)).
const ASIDE: &str = "/var/tmp";

impl Archive {
    /// These files and no others, `-` being standard input, to be read once. Logs are put into the order of their first stamps, whatever
    /// the order they are named in, those without one first; the files of one log into the order of their names. `zone`: of stamps
    /// without one.
    pub fn of_files(files: &[PathBuf], now: DateTime<Utc>, zone: FixedOffset) -> Self {
        Self::named(files, zone, |path| {
            Ok(match open(path)? {
                Input::File(file) => plain_or_packed(path, file, now)?,
                Input::Stream(input) => Generation::stream(path, sniffed(input)?, now),
            })
        })
    }

    /// The same, to be read again and again.
    pub fn of_files_kept(files: &[PathBuf], now: DateTime<Utc>, zone: FixedOffset) -> Self {
        Self::named(files, zone, |path| {
            let file = match open(path)? {
                Input::File(file) => file,
                Input::Stream(input) => put_aside(input)?,
            };
            plain_or_packed(path, file, now)
        })
    }

    fn named(
        files: &[PathBuf],
        zone: FixedOffset,
        open: impl Fn(&Path) -> io::Result<Generation>,
    ) -> Self {
        let mut archive = Self::default();
        let mut logs: Vec<(PathBuf, Option<DateTime<Utc>>)> = Vec::new();
        let mut placed: Vec<(usize, Option<names::Age>, &PathBuf, _)> = Vec::new();
        for file in files {
            if placed
                .iter()
                .any(|(_, _, other, _)| *other == file || same(other, file))
            {
                archive
                    .remarks
                    .push(Remark::harmless(file, "it was named twice; read once"));
                continue;
            }
            let opened = open(file).map(Arc::new);
            let begins = opened.as_ref().ok().and_then(|one| first_stamp(one, zone));
            let name = file.file_name().map(OsString::from).unwrap_or_default();
            let base = names::base(&name);
            let log = file.with_file_name(base.as_ref().unwrap_or(&name));
            let age = base
                .and_then(|base| names::rotated(&base, &name))
                .map(|one| one.age);
            let known = logs.iter().position(|(other, _)| *other == log);
            let at = known.unwrap_or_else(|| {
                logs.push((log, begins));
                logs.len() - 1
            });
            if let Some((_, earliest)) = logs.get_mut(at) {
                *earliest = [*earliest, begins].into_iter().flatten().min();
            }
            placed.push((at, age, file, opened));
        }
        let begins = |at: usize| logs.get(at).and_then(|(_, begins)| *begins);
        // The log itself has no age and is the newest.
        placed.sort_by(|left, right| {
            let newest = |age: &Option<names::Age>| age.is_none();
            (begins(left.0).cmp(&begins(right.0)))
                .then_with(|| left.0.cmp(&right.0))
                .then_with(|| newest(&left.1).cmp(&newest(&right.1)))
                .then_with(|| left.1.cmp(&right.1))
        });
        for (_, _, file, opened) in placed {
            archive.add(file, opened, false);
        }
        archive
    }
}

enum Input {
    File(File),
    Stream(Box<dyn Read + Send>),
}

fn open(path: &Path) -> io::Result<Input> {
    if path == Path::new("-") {
        return Ok(Input::Stream(Box::new(io::stdin())));
    }
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if meta.is_dir() {
        return Err(io::Error::other("it is a directory"));
    }
    Ok(if meta.is_file() {
        Input::File(file)
    } else {
        Input::Stream(Box::new(file))
    })
}

fn plain_or_packed(path: &Path, file: File, now: DateTime<Utc>) -> io::Result<Generation> {
    let (_, packing) = Packing::of_name(path.as_os_str().as_encoded_bytes());
    let packing = match packing {
        Packing::Plain => Packing::of_text(&read_up_to(&file, 0, 6)?),
        named => named,
    };
    Generation::of(path.to_owned(), packing, file, None, now)
}

/// Looks at how a stream begins: it may be packed.
fn sniffed(mut input: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
    let mut begin = Vec::with_capacity(6);
    input.by_ref().take(6).read_to_end(&mut begin)?;
    let packing = Packing::of_text(&begin);
    let input = io::Cursor::new(begin).chain(input);
    match packing {
        Packing::Gzip => Ok(Box::new(flate2::read::MultiGzDecoder::new(input))),
        Packing::Plain => Ok(Box::new(input)),
        _ => Err(io::Error::other(
            "a pipe is read as text or gzip only: unpack it before",
        )),
    }
}

/// Copies a stream.
fn put_aside(mut from: impl Read) -> io::Result<File> {
    let directory = std::env::var_os("TMPDIR").map_or_else(|| ASIDE.into(), PathBuf::from);
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let mode = Mode::RUSR | Mode::WUSR;
    let mut copied = || {
        let mut file = File::from(rustix::fs::open(&directory, flags, mode)?);
        io::copy(&mut from, &mut file)?;
        io::Result::Ok(file)
    };
    copied().map_err(|error| {
        io::Error::other(format!(
            "it can be read only once, and was not copied to {}: {error} (TMPDIR names another directory)",
            directory.display()
        ))
    })
}

/// Whether two files are one.
fn same(one: &Path, other: &Path) -> bool {
    let key = |path: &Path| path.metadata().map(|meta| key_of(&meta));
    matches!((key(one), key(other)), (Ok(one), Ok(other)) if one == other)
}
