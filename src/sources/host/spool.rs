//! The spool's file system and the disk under it, asked for on a thread of its own: on a dead NFS server `statvfs(3)` never returns.
//!
//! While a question is not answered no second one is asked, and there is no figure.

use crate::model::host::FileSystem;
use procfs::ProcResult;
use rustix::fs::{major, makedev, minor};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// A spool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spool {
    pub(super) file_system: FileSystem,
    /// The kernel's name of the disk, as diskstats has it.
    pub(super) disk: Option<String>,
}

/// The answer to a question.
#[derive(Debug)]
pub(super) enum Answer {
    Known(Spool),
    Failed(io::Error),
    /// No answer in time.
    Silent,
}

/// Asks again and again, on a thread of its own.
pub(super) struct Asker {
    questions: SyncSender<()>,
    answers: Receiver<io::Result<Spool>>,
    /// A question is not answered yet.
    open: bool,
    patience: Duration,
}

impl Asker {
    /// Starts the thread, which ends with this.
    pub(super) fn new(
        patience: Duration,
        ask: impl Fn() -> io::Result<Spool> + Send + 'static,
    ) -> io::Result<Self> {
        let (questions, heard) = sync_channel::<()>(1);
        let (answer, answers) = sync_channel(1);
        thread::Builder::new()
            .name(String::from("spool"))
            .spawn(
                move || {
                    while heard.recv().is_ok() && answer.send(ask()).is_ok() {}
                },
            )?;
        Ok(Self {
            questions,
            answers,
            open: false,
            patience,
        })
    }

    /// Waits for an answer, but not long.
    pub(super) fn ask(&mut self) -> Answer {
        if self.open {
            // An answer that comes this late is old: it only tells that there are answers again.
            if self.answers.try_recv().is_err() {
                return Answer::Silent;
            }
            self.open = false;
        }
        if self.questions.send(()).is_err() {
            return Answer::Silent;
        }
        match self.answers.recv_timeout(self.patience) {
            Ok(Ok(spool)) => Answer::Known(spool),
            Ok(Err(error)) => Answer::Failed(error),
            Err(_) => {
                self.open = true;
                Answer::Silent
            }
        }
    }
}

/// Looks at a spool. May take for ever.
pub(super) fn look(path: &Path) -> io::Result<Spool> {
    let stat = rustix::fs::statvfs(path)?;
    let device = fs::metadata(path)?.dev();
    let file_system = FileSystem {
        path: path.to_string_lossy().into_owned(),
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
        available: stat.f_bavail.saturating_mul(stat.f_frsize),
        inodes: stat.f_files,
        inodes_available: stat.f_favail,
    };
    let disk = disk_of(device).or_else(|| disk_of(source_of(device).ok()??));
    Ok(Spool { file_system, disk })
}

/// The whole disk that a device number stands for: a partition's parent. `None` for what is no block device.
fn disk_of(device: u64) -> Option<String> {
    let link = format!("/sys/dev/block/{}:{}", major(device), minor(device));
    let there = fs::canonicalize(link).ok()?;
    let disk = if there.join("partition").exists() {
        there.parent()?
    } else {
        &there
    };
    Some(disk.file_name()?.to_string_lossy().into_owned())
}

/// The device that is mounted, for file systems that number themselves (btrfs): as mountinfo has it.
fn source_of(device: u64) -> ProcResult<Option<u64>> {
    let number = format!("{}:{}", major(device), minor(device));
    let mounts = procfs::process::Process::myself()?.mountinfo()?;
    let source = mounts
        .into_iter()
        .find(|mount| mount.majmin == number)
        .and_then(|mount| mount.mount_source)
        .map(PathBuf::from);
    Ok(source
        .filter(|source| source.is_absolute())
        .and_then(|source| fs::metadata(source).ok())
        .map(|meta| {
            let device = meta.rdev();
            makedev(major(device), minor(device))
        }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    #[test]
    fn a_file_system_that_hangs_is_asked_once() {
        let gate = Arc::new(Mutex::new(()));
        let times = Arc::new(AtomicUsize::new(0));
        let closed = gate.lock().unwrap();
        let mut asker = Asker::new(Duration::from_millis(10), {
            let (gate, times) = (Arc::clone(&gate), Arc::clone(&times));
            move || {
                times.fetch_add(1, Ordering::SeqCst);
                drop(gate.lock().unwrap());
                look(Path::new("/"))
            }
        })
        .unwrap();
        for _ in 0..5 {
            assert!(matches!(asker.ask(), Answer::Silent));
        }
        assert!(times.load(Ordering::SeqCst) <= 1);
        drop(closed);
        // It answers again, and the answer is a fresh one.
        while !matches!(asker.ask(), Answer::Known(_)) {
            thread::yield_now();
        }
        assert!(times.load(Ordering::SeqCst) >= 2);
    }

    #[test]
    fn a_spool_has_space_and_perhaps_inodes() {
        let directory = tempfile::tempdir().unwrap();
        let spool = look(directory.path()).unwrap();
        assert!(
            spool.file_system.total > 0 && spool.file_system.available <= spool.file_system.total
        );
        assert!(spool.file_system.inodes_available <= spool.file_system.inodes);
        if let Some(disk) = spool.disk {
            assert!(
                Path::new("/sys/block").join(&disk).exists(),
                "{disk} is a whole disk"
            );
        }
        assert!(look(&directory.path().join("none")).is_err());
    }
}
