//! The file system of a place that mail is written to, and the disk under it, asked for on a thread of its own: on a dead NFS server
//! `statvfs(3)` never returns.
//!
//! While a question is not answered no second one is asked, and there is no figure. Formats: `statvfs(3)`, `proc_pid_mountinfo(5)`.

use crate::model::host::FileSystem;
use procfs::process::{MountInfo, Process};
use rustix::fs::{major, makedev, minor};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Where mail is written to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ground {
    pub(super) file_system: FileSystem,
    /// The kernel's name of the disk, as diskstats has it.
    pub(super) disk: Option<String>,
}

/// The answer to a question.
#[derive(Debug)]
pub(super) enum Answer {
    Known(Ground),
    Failed(io::Error),
    /// No answer in time.
    Silent,
}

/// Asks again and again, on a thread of its own.
pub(super) struct Asker {
    questions: SyncSender<()>,
    answers: Receiver<io::Result<Ground>>,
    /// A question is not answered yet.
    open: bool,
    patience: Duration,
}

impl Asker {
    /// Starts the thread, which ends with this.
    pub(super) fn new(
        patience: Duration,
        mut ask: impl FnMut() -> io::Result<Ground> + Send + 'static,
    ) -> io::Result<Self> {
        let (questions, heard) = sync_channel::<()>(1);
        let (answer, answers) = sync_channel(1);
        thread::Builder::new()
            .name(String::from("statvfs"))
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
            Ok(Ok(ground)) => Answer::Known(ground),
            Ok(Err(error)) => Answer::Failed(error),
            Err(_) => {
                self.open = true;
                Answer::Silent
            }
        }
    }
}

/// Looks at a place again and again. Where it is mounted is asked once for each device that it is found on: the table of mounts may be long.
pub(super) struct Looker {
    path: PathBuf,
    mounted: Option<(u64, Mounted)>,
}

#[derive(Debug, Clone, Default)]
struct Mounted {
    at: String,
    kind: String,
    disk: Option<String>,
}

impl Looker {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            mounted: None,
        }
    }

    /// Looks. May take for ever.
    pub(super) fn look(&mut self) -> io::Result<Ground> {
        let stat = rustix::fs::statvfs(&self.path)?;
        let device = fs::metadata(&self.path)?.dev();
        let mounted = match &self.mounted {
            Some((at, mounted)) if *at == device => mounted.clone(),
            _ => {
                let mounted = mounted(&self.path, device);
                self.mounted = Some((device, mounted.clone()));
                mounted
            }
        };
        let file_system = FileSystem {
            path: self.path.to_string_lossy().into_owned(),
            total: stat.f_blocks.saturating_mul(stat.f_frsize),
            available: stat.f_bavail.saturating_mul(stat.f_frsize),
            inodes: stat.f_files,
            inodes_available: stat.f_favail,
            mount: mounted.at,
            kind: mounted.kind,
            device,
        };
        Ok(Ground {
            file_system,
            disk: mounted.disk,
        })
    }
}

/// Where and as what the file system of a path is mounted.
fn mounted(path: &Path, device: u64) -> Mounted {
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mounts = Process::myself().and_then(|me| me.mountinfo());
    // Of two that are mounted at one place the later one is seen.
    let mount = mounts.ok().and_then(|mounts| {
        mounts
            .into_iter()
            .filter(|mount| path.starts_with(&mount.mount_point))
            .max_by_key(|mount| mount.mount_point.components().count())
    });
    let disk = disk_of(device).or_else(|| disk_of(source_of(mount.as_ref()?)?));
    mount.map_or_else(
        || Mounted {
            disk: disk.clone(),
            ..Mounted::default()
        },
        |mount| Mounted {
            at: mount.mount_point.to_string_lossy().into_owned(),
            kind: mount.fs_type.clone(),
            disk: disk.clone(),
        },
    )
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

/// The device that is mounted, for file systems that number themselves (btrfs).
fn source_of(mount: &MountInfo) -> Option<u64> {
    let source = mount.mount_source.as_deref().map(Path::new)?;
    let meta = source
        .is_absolute()
        .then(|| fs::metadata(source).ok())
        .flatten()?;
    Some(makedev(major(meta.rdev()), minor(meta.rdev())))
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
                Looker::new("/".into()).look()
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
        let mut looker = Looker::new(directory.path().to_owned());
        let spool = looker.look().unwrap();
        assert_eq!(looker.look().unwrap().disk, spool.disk);
        assert!(Path::new(&spool.file_system.mount).is_absolute() && spool.file_system.device > 0);
        assert!(
            spool.file_system.total > 0 && spool.file_system.available <= spool.file_system.total
        );
        assert!(spool.file_system.inodes_available <= spool.file_system.inodes);
        if let Some(disk) = &spool.disk {
            assert!(
                Path::new("/sys/block").join(disk).exists(),
                "{disk} is a whole disk"
            );
        }
        assert!(Looker::new(directory.path().join("none")).look().is_err(),);
    }
}
