//! Histories with real files.

mod bad;
mod live;
mod reading;
mod rotation;

use super::fold::{self, Told};
use super::{Archive, Remark};
use chrono::{DateTime, Offset, Utc};
use std::fs::File;
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000)
}

/// A directory with files.
struct Bed(tempfile::TempDir);

impl Bed {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("mail.log")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.path(name))
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn gzip(&self, name: &str, text: &[u8]) {
        self.write(name, gzip(text));
    }

    fn rename(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// Days since 1970 as the modification time.
    fn modified(&self, name: &str, days: u64) {
        let file = File::options().append(true).open(self.path(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_hours(24 * days))
            .unwrap();
    }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text).unwrap();
    gz.finish().unwrap()
}

/// Packs by a command of the system.
fn packed(command: &str, text: &[u8]) -> Vec<u8> {
    let mut child = Command::new(command)
        .arg("-c")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|_| panic!("apt-get install xz-utils zstd bzip2: {command}"));
    child.stdin.take().unwrap().write_all(text).unwrap();
    let mut packed = Vec::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_end(&mut packed)
        .unwrap();
    assert!(child.wait().unwrap().success());
    packed
}

/// Everything in the order of time, by all cores at once.
fn all(archive: &Archive) -> (String, Vec<String>) {
    let whole = whole(archive, 2);
    (String::from_utf8(whole.fold).unwrap(), said(&whole.remarks))
}

fn whole(archive: &Archive, workers: usize) -> fold::Whole<Vec<u8>> {
    fold::whole(
        archive,
        workers,
        &AtomicBool::new(false),
        Vec::new,
        |fold, piece| fold.extend_from_slice(piece.lines),
        |mut older, newer| {
            older.extend(newer);
            older
        },
    )
}

/// Everything, segment by segment, the newest first.
fn backwards(archive: &Archive) -> (Vec<Vec<u8>>, Vec<String>) {
    let (mut folds, mut remarks) = (Vec::new(), Vec::new());
    fold::newest_first(
        archive,
        2,
        &AtomicBool::new(false),
        Vec::new,
        |fold, piece| fold.extend_from_slice(piece.lines),
        |told| {
            match told {
                Told::Fold(fold) => folds.push(fold),
                Told::Remark(remark) => remarks.push(remark),
                Told::Progress(_) => {}
            }
            ControlFlow::Continue(())
        },
    );
    (folds, said(&remarks))
}

/// Remarks without the directory.
fn said(remarks: &[Remark]) -> Vec<String> {
    let name = |path: &Path| {
        path.file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned()
    };
    remarks
        .iter()
        .map(|remark| format!("{}: {}", name(&remark.file), remark.why))
        .collect()
}
