//! The deferred queue's files: when each message is tried again. [`Msg::Attempts`].
//!
//! In: the queue directory. The queue manager writes the next attempt as the modification time of the deferred file (`qmgr/qmgr_active.c`),
//! and files lie in directories by the first characters of their names (`hash_queue_depth`). Only names and times are read, no file is
//! opened, so this costs far less than a listing; still it is done on a thread of its own and takes at most a [`FACTOR`]th of a processor.
//!
//! Only root and postfix may read the spool. For others that is said once, and no more is tried.

use crate::app::msg::Msg;
use crate::model::attempts::{Attempts, Due};
use crate::model::table::Map;
use crate::safe_text::SafeText;
use chrono::Utc;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::time::{ClockId, clock_gettime};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// The shortest time between two readings.
const EVERY: Duration = Duration::from_secs(10);
/// The longest: a day's backlog of a million files is still read now and then.
const LONGEST: Duration = Duration::from_mins(30);
/// From start to start, so many times the processor time that the last reading took: 0.17 % of one.
const FACTOR: u32 = 600;
/// The same for the time on the clock: a slow disk is left alone.
const FACTOR_WALL: u32 = 20;
/// How long until a spool that could not be read is tried again.
const RETRY: Duration = Duration::from_mins(1);
/// Directories within directories; `hash_queue_depth` is at most 16 (`global/mail_queue.c`).
const DEEPEST: usize = 16;

/// Reads until dropped.
#[derive(Debug)]
pub struct Spool {
    stop: Arc<AtomicBool>,
    sleeper: Thread,
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}

/// Reads the deferred queue below this queue directory again and again on a thread of its own. The thread ends soon after the returned
/// value is dropped, when the receiver is, or when the spool is not for this user.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(queue_directory: PathBuf, sender: Sender<Msg>) -> io::Result<Spool> {
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    let thread = thread::Builder::new()
        .name(String::from("deferred"))
        .spawn(move || {
            let mut told = None;
            while !stopped.load(Ordering::Acquire) {
                let (begin, used) = (Instant::now(), processor_time());
                let reading = look(&queue_directory);
                let wait = match &reading {
                    Ok(_) => wait(processor_time().saturating_sub(used), begin.elapsed()),
                    Err(_) => RETRY,
                };
                let last = matches!(reading, Err(Errno::ACCESS | Errno::PERM));
                let attempts = attempts(&queue_directory, reading);
                // A failure is told once, a reading each time.
                let news =
                    matches!(attempts, Attempts::Read(_)) || told.as_ref() != Some(&attempts);
                if news
                    && sender
                        .blocking_send(Msg::Attempts(attempts.clone()))
                        .is_err()
                {
                    return;
                }
                if last {
                    return;
                }
                told = Some(attempts);
                while !stopped.load(Ordering::Acquire) && begin.elapsed() < wait {
                    thread::park_timeout(wait.saturating_sub(begin.elapsed()));
                    if sender.is_closed() {
                        return;
                    }
                }
            }
        })?;
    Ok(Spool {
        stop,
        sleeper: thread.thread().clone(),
    })
}

/// When each message below the queue directory is due, by queue id: the modification time, in seconds since 1970.
///
/// # Errors
/// When a directory can't be read; what vanishes meanwhile is no error.
pub fn look(queue_directory: &Path) -> Result<Map<Box<str>, i64>, Errno> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let deferred = rustix::fs::open(queue_directory.join("deferred"), flags, Mode::empty())?;
    let mut due = Map::default();
    gather(&deferred, DEEPEST, &mut due)?;
    Ok(due)
}

fn gather(directory: &OwnedFd, deepest: usize, due: &mut Map<Box<str>, i64>) -> Result<(), Errno> {
    let entries = Dir::read_from(directory.as_fd())?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let Ok(text) = name.to_str() else { continue };
        // One character is a directory of the hashed queue; everything else that is no queue id was put there by somebody else.
        let hashed = text.len() == 1 && deepest > 0 && text != ".";
        let queue_id = text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if hashed && matches!(entry.file_type(), FileType::Directory | FileType::Unknown) {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            match rustix::fs::openat(directory.as_fd(), name, flags, Mode::empty()) {
                Ok(below) => gather(&below, deepest - 1, due)?,
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                Err(error) => return Err(error),
            }
        } else if queue_id && matches!(entry.file_type(), FileType::RegularFile | FileType::Unknown)
        {
            match rustix::fs::statat(directory.as_fd(), name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {
                    due.insert(text.into(), stat.st_mtime);
                }
                Ok(_) | Err(Errno::NOENT) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn attempts(queue_directory: &Path, reading: Result<Map<Box<str>, i64>, Errno>) -> Attempts {
    match reading {
        Ok(by_id) => Attempts::Read(Due {
            at: Utc::now(),
            by_id: Arc::new(by_id),
        }),
        Err(Errno::ACCESS | Errno::PERM) => {
            Attempts::Unreadable(SafeText::from("the spool is for root only"))
        }
        Err(error) => Attempts::Unreadable(SafeText::from(format!(
            "cannot read {}: {}",
            queue_directory.join("deferred").display(),
            io::Error::from(error)
        ))),
    }
}

/// From the start of a reading to the start of the next.
fn wait(processor: Duration, wall: Duration) -> Duration {
    let dear = processor
        .saturating_mul(FACTOR)
        .max(wall.saturating_mul(FACTOR_WALL));
    dear.clamp(EVERY, LONGEST)
}

/// Processor time that this thread has used.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::symlink;
    use std::time::SystemTime;

    fn queued(directory: &Path, name: &str, due: u64) {
        fs::create_dir_all(directory).unwrap();
        let file = File::create(directory.join(name)).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(due))
            .unwrap();
    }

    fn known(root: &Path) -> Vec<(String, i64)> {
        let due = look(root).unwrap();
        let mut due: Vec<_> = due.iter().map(|(id, due)| (id.to_string(), *due)).collect();
        due.sort();
        due
    }

    #[test]
    fn files_are_found_at_every_depth_of_hashing() {
        let root = tempfile::tempdir().unwrap();
        let deferred = root.path().join("deferred");
        queued(&deferred, "3F00001AB", 4_000_000_001);
        queued(&deferred.join("4"), "4jYf0000001zBGQD", 4_000_000_002);
        queued(&deferred.join("A").join("B"), "AB12345678", 3);
        assert_eq!(
            known(root.path()),
            [
                (String::from("3F00001AB"), 4_000_000_001),
                (String::from("4jYf0000001zBGQD"), 4_000_000_002),
                (String::from("AB12345678"), 3),
            ]
        );
    }

    #[test]
    fn what_is_no_queue_file_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let deferred = root.path().join("deferred");
        queued(&deferred, "3F00001AB.tmp", 1);
        queued(&deferred, "core", 1);
        queued(&deferred.join("lost+found"), "3F00001AC", 1);
        queued(&root.path().join("elsewhere"), "3F00001AD", 1);
        symlink(root.path().join("elsewhere"), deferred.join("E")).unwrap();
        symlink("/etc/passwd", deferred.join("3F00001AE")).unwrap();
        fs::create_dir(deferred.join("3F00001AF")).unwrap();
        assert_eq!(known(root.path()), []);
    }

    #[test]
    fn a_spool_that_is_missing_is_told_in_a_sentence() {
        let why = attempts(Path::new("/none/such"), look(Path::new("/none/such")));
        let Attempts::Unreadable(why) = why else {
            panic!("{why:?}")
        };
        assert_eq!(
            why.as_str(),
            "cannot read /none/such/deferred: No such file or directory (os error 2)"
        );
        assert_eq!(
            attempts(Path::new("/x"), Err(Errno::ACCESS)),
            Attempts::Unreadable(SafeText::from("the spool is for root only"))
        );
    }

    #[test]
    fn it_reads_at_most_a_small_part_of_the_time() {
        let milliseconds = Duration::from_millis;
        assert_eq!(wait(milliseconds(1), milliseconds(2)), EVERY);
        assert_eq!(
            wait(milliseconds(100), milliseconds(150)),
            Duration::from_mins(1)
        );
        assert_eq!(
            wait(milliseconds(10), Duration::from_secs(3)),
            Duration::from_mins(1),
            "a slow disk"
        );
        assert_eq!(
            wait(Duration::from_secs(5), Duration::from_secs(5)),
            LONGEST
        );
    }

    #[test]
    fn it_reads_until_it_is_dropped() {
        let root = tempfile::tempdir().unwrap();
        queued(&root.path().join("deferred"), "3F00001AB", 7);
        let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
        let spool = spawn(root.path().to_owned(), sender).unwrap();
        let Some(Msg::Attempts(Attempts::Read(due))) = receiver.blocking_recv() else {
            panic!("no reading")
        };
        assert_eq!(due.of("3F00001AB").map(|due| due.timestamp()), Some(7));
        assert_eq!(due.of("3F00001AC"), None);
        drop(spool);
        assert_eq!(receiver.blocking_recv(), None);
    }
}
