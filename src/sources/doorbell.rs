//! Wakes who follows a log when something may have been written. It wakes, it never carries.
//!
//! notify (inotify on Linux) watches the **directories**, so that renames do not end the watch. Any event that may concern a followed
//! log, and any error, overflow or rescan, only rings; who is woken looks for himself. On NFS, on FUSE and on an overlay that is
//! written from outside no event ever comes, so the caller polls as well; where nothing can be watched it only polls.

use notify::event::{AccessKind, AccessMode, EventKind};
use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The button: rings and stops from any thread.
#[derive(Debug, Clone)]
pub struct Button {
    rung: Arc<AtomicBool>,
    stopped: Arc<AtomicBool>,
    sleeper: Thread,
}

impl Button {
    /// Something may have happened.
    pub fn ring(&self) {
        self.rung.store(true, Ordering::Release);
        self.sleeper.unpark();
    }

    /// Ends the sleeper's work.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Release);
        self.sleeper.unpark();
    }

    /// Whether the work is to end.
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Acquire)
    }
}

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The bell rang.
    Rung,
    /// The time was over.
    Polled,
    /// The work is to end.
    Stopped,
}

/// The doorbell of one thread: the one that makes it.
pub struct Doorbell {
    button: Button,
    watcher: Option<RecommendedWatcher>,
    /// The watched directories, each held open from when the watch was set: so its inode number is not used again.
    directories: HashMap<PathBuf, Option<File>>,
}

impl Doorbell {
    /// Watches the directories of these logs as far as they can be watched. Must be made by the thread that waits.
    /// When `stopped` becomes true and the thread is unparked, it waits no more.
    pub fn new(logs: &[PathBuf], stopped: Arc<AtomicBool>) -> Self {
        let button = Button {
            rung: Arc::default(),
            stopped,
            sleeper: thread::current(),
        };
        let names: Vec<OsString> = logs
            .iter()
            .filter_map(|log| log.file_name())
            .map(OsString::from)
            .collect();
        let bell = button.clone();
        let on_event = move |event: notify::Result<Event>| {
            if rings(&event, &names) {
                bell.ring();
            }
        };
        let watcher = RecommendedWatcher::new(on_event, Config::default()).ok();
        let directories = logs
            .iter()
            .filter_map(|log| super::tail::siblings::directory_of(log))
            .map(|one| (one.to_owned(), None))
            .collect();
        let mut doorbell = Self {
            button,
            watcher,
            directories,
        };
        doorbell.watch();
        doorbell
    }

    /// For ringing and stopping from elsewhere.
    pub fn button(&self) -> Button {
        self.button.clone()
    }

    /// Whether all directories are watched; otherwise only the poll finds what is new there.
    pub fn watches(&self) -> bool {
        self.watcher.is_some() && self.directories.values().all(Option::is_some)
    }

    /// Waits until it rings or the time is over; but at least `rest`, so that a busy log costs no look per line.
    pub fn wait(&mut self, rest: Duration, poll: Duration) -> Woken {
        let begin = Instant::now();
        let woken = loop {
            if self.button.stopped() {
                return Woken::Stopped;
            }
            let passed = begin.elapsed();
            if passed >= rest && self.button.rung.swap(false, Ordering::AcqRel) {
                break Woken::Rung;
            }
            if passed >= poll {
                break Woken::Polled;
            }
            let rung = self.button.rung.load(Ordering::Acquire);
            let until = if rung || passed < rest { rest } else { poll };
            thread::park_timeout(until.saturating_sub(passed));
        };
        self.watch();
        woken
    }

    /// Watches what is not watched yet, and anew what was replaced by another directory.
    fn watch(&mut self) {
        let Some(watcher) = &mut self.watcher else {
            return;
        };
        for (directory, watched) in &mut self.directories {
            let there = directory
                .metadata()
                .ok()
                .map(|meta| (meta.dev(), meta.ino()));
            let held = watched.as_ref().and_then(|held| held.metadata().ok());
            if there.is_some() && there == held.map(|meta| (meta.dev(), meta.ino())) {
                continue;
            }
            if watched.take().is_some() {
                // The kernel drops the watch of a deleted directory by itself, then there is nothing to take back.
                drop(watcher.unwatch(directory));
            }
            if let Ok(held) = File::open(directory.as_path())
                && watcher
                    .watch(directory, RecursiveMode::NonRecursive)
                    .is_ok()
            {
                *watched = Some(held);
            }
        }
    }
}

/// Whether an event may concern one of the logs, by its name. Reading is no event: our own looks would ring.
fn rings(event: &notify::Result<Event>, names: &[OsString]) -> bool {
    let Ok(event) = event else {
        return true;
    };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => {}
        EventKind::Access(_) => return false,
        _ => {}
    }
    let concerns = |path: &Path| {
        path.file_name().is_none_or(|name| {
            names
                .iter()
                .any(|log| name.as_bytes().starts_with(log.as_bytes()))
        })
    };
    event.paths.is_empty() || event.need_rescan() || event.paths.iter().any(|path| concerns(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{CreateKind, Flag, ModifyKind};

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn only_what_may_concern_a_log_rings() {
        let names = [OsString::from("mail.log")];
        let event = |kind, path: &str| Ok(Event::new(kind).add_path(path.into()));
        let modified = EventKind::Modify(ModifyKind::Any);
        assert!(rings(&event(modified, "/var/log/mail.log"), &names));
        assert!(rings(
            &event(EventKind::Create(CreateKind::File), "/var/log/mail.log.1"),
            &names
        ));
        assert!(!rings(&event(modified, "/var/log/auth.log"), &names));
        assert!(!rings(
            &event(
                EventKind::Access(AccessKind::Open(AccessMode::Any)),
                "/var/log/mail.log"
            ),
            &names
        ));
        assert!(rings(
            &Err(notify::Error::generic("queue overflow")),
            &names
        ));
        assert!(rings(
            &Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan)),
            &names
        ));
    }

    #[test]
    fn a_write_rings_and_a_replaced_directory_is_watched_again() -> std::io::Result<()> {
        let base = tempfile::tempdir()?;
        let directory = base.path().join("log");
        let log = directory.join("mail.log");
        let mut doorbell = Doorbell::new(std::slice::from_ref(&log), Arc::default());
        assert!(!doorbell.watches(), "the directory does not exist");
        assert_eq!(
            doorbell.wait(Duration::ZERO, Duration::from_millis(1)),
            Woken::Polled
        );
        for _ in 0..2 {
            std::fs::create_dir(&directory)?;
            doorbell.wait(Duration::ZERO, Duration::ZERO);
            assert!(doorbell.watches());
            // What was before rings no more.
            while doorbell.wait(Duration::ZERO, Duration::from_millis(50)) == Woken::Rung {}
            std::fs::write(&log, "line\n")?;
            assert_eq!(doorbell.wait(Duration::ZERO, LONG), Woken::Rung);
            std::fs::remove_dir_all(&directory)?;
        }
        Ok(())
    }

    #[test]
    fn a_stopped_doorbell_returns_at_once() {
        let mut doorbell = Doorbell::new(&[], Arc::default());
        doorbell.button().stop();
        assert_eq!(doorbell.wait(LONG, LONG), Woken::Stopped);
    }
}
