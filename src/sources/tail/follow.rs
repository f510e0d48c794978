//! Looks at several logs whenever the doorbell rings, and four times a second in any case.
//!
//! Both faces of it block: [`Follow`] is an iterator for a command that has nothing else to do, [`spawn`] runs it on a thread of its
//! own and sends into the loop's bounded road. When that is full the thread waits, and the log is the buffer.

use super::follower::{Follower, Now};
use super::seam::Begin;
use crate::app::msg::Msg;
use crate::sources::doorbell::{Button, Doorbell, Woken};
use chrono::Utc;
use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;

/// Looks are at least this far apart while the log is written.
const REST: Duration = Duration::from_millis(50);
/// A look happens at least this often.
const POLL: Duration = Duration::from_millis(250);

/// Several logs as one endless stream of messages. Must be used by the thread that made it.
pub struct Follow {
    followers: Vec<Follower>,
    doorbell: Doorbell,
    begin: Instant,
    ready: VecDeque<Msg>,
    more: bool,
}

/// Ends a [`Follow`] from another thread.
#[derive(Debug, Clone)]
pub struct Stopper(Button);

impl Stopper {
    /// Ends it after the message it is at.
    pub fn stop(&self) {
        self.0.stop();
    }
}

impl Follow {
    /// Follows these logs.
    pub fn new(logs: impl IntoIterator<Item = (PathBuf, impl Into<Begin>)>) -> Self {
        Self::until(logs, Arc::default())
    }

    fn until(
        logs: impl IntoIterator<Item = (PathBuf, impl Into<Begin>)>,
        stopped: Arc<AtomicBool>,
    ) -> Self {
        let followers: Vec<_> = logs
            .into_iter()
            .map(|(log, start)| Follower::new(log, start))
            .collect();
        let paths: Vec<_> = followers.iter().map(|one| one.log().to_owned()).collect();
        Self {
            followers,
            doorbell: Doorbell::new(&paths, stopped),
            begin: Instant::now(),
            ready: VecDeque::new(),
            more: true,
        }
    }

    /// For ending it from another thread.
    pub fn stopper(&self) -> Stopper {
        Stopper(self.doorbell.button())
    }

    fn look(&mut self) {
        self.more = false;
        for follower in &mut self.followers {
            let now = Now {
                steady: self.begin.elapsed(),
                wall: Utc::now(),
            };
            let look = follower.look(now);
            self.more |= look.more;
            self.ready.extend(look.messages);
        }
    }
}

impl Iterator for Follow {
    type Item = Msg;

    /// Waits for the next message; `None` only after [`Stopper::stop`].
    fn next(&mut self) -> Option<Msg> {
        loop {
            if self.doorbell.button().stopped() {
                return None;
            }
            if let Some(message) = self.ready.pop_front() {
                return Some(message);
            }
            if !self.more && self.doorbell.wait(REST, POLL) == Woken::Stopped {
                return None;
            }
            self.look();
        }
    }
}

/// Follows logs on a thread of its own until dropped.
#[derive(Debug)]
pub struct Tail {
    stopped: Arc<AtomicBool>,
    sleeper: Thread,
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}

/// Follows these logs on a thread of its own and sends what comes. The thread ends soon after the returned value is dropped, or
/// when the receiver is. Touches no file itself, so it returns at once also when a file system hangs.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    logs: Vec<(PathBuf, impl Into<Begin> + Send + 'static)>,
    sender: Sender<Msg>,
) -> io::Result<Tail> {
    spawn_after(|| logs, sender)
}

/// The same, with logs that are found out on that thread, because it takes files.
///
/// # Errors
/// When no thread can be started.
pub fn spawn_after<B: Into<Begin>>(
    logs: impl FnOnce() -> Vec<(PathBuf, B)> + Send + 'static,
    sender: Sender<Msg>,
) -> io::Result<Tail> {
    let stopped = Arc::<AtomicBool>::default();
    let shared = Arc::clone(&stopped);
    let thread = thread::Builder::new()
        .name(String::from("tail"))
        .spawn(move || {
            for message in Follow::until(logs(), shared) {
                if sender.blocking_send(message).is_err() {
                    break;
                }
            }
        })?;
    Ok(Tail {
        stopped,
        sleeper: thread.thread().clone(),
    })
}
