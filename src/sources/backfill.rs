//! Back-fill: what was logged before mailtop began to follow, read newest first and folded on all cores while the tail goes on.
//!
//! In come the logs and the span of time; out come what follows each log from where its history ends, and [`Msg::Past`]
//! with what each piece of the history tells, how far it is read, and what could not be read. The rotated files beside
//! each log are its history ([`super::archive`]). Files are opened on the threads of their own, so that a file system that hangs never
//! keeps the screen.
//!
//! One log is read after the other, in the order they are named in.

use crate::app::msg::{Msg, Past};
use crate::knowledge::Knowledge;
use crate::model;
use crate::model::facts::Facts;
use crate::model::span::Between;
use crate::safe_text::SafeText;
use crate::sources::archive::fold::{self, Told};
use crate::sources::archive::{Archive, Remark};
use crate::sources::journal::{self, Journal, Live};
use crate::sources::logs::Logs;
use crate::sources::tail::{self, Begin, Start, Tail};
use chrono::{FixedOffset, Utc};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use tokio::sync::mpsc::Sender;

/// How a history is read.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// What is known of the world.
    pub knowledge: &'static Knowledge,
    /// The offset of stamps that carry none.
    pub zone: FixedOffset,
    /// Only what was logged between these moments.
    pub between: Between,
}

impl Reading {
    fn facts(self) -> Facts {
        Facts::new(self.knowledge, self.zone).within(self.between)
    }

    /// All that a history tells, at once, and what could not be read of it.
    pub fn whole(self, archive: Archive) -> (Facts, Vec<Remark>) {
        self.told(archive, || self.facts())
    }

    /// The same, without what no report prints.
    pub fn sums(self, archive: Archive) -> (Facts, Vec<Remark>) {
        self.told(archive, || self.facts().sums_only())
    }

    fn told(self, archive: Archive, none: impl Fn() -> Facts + Sync) -> (Facts, Vec<Remark>) {
        let whole = fold::whole(
            &archive.within(self.between, self.zone),
            fold::cores(),
            &AtomicBool::new(false),
            none,
            |facts, piece| facts.lines(piece.lines, piece.anchor),
            |mut older, newer| {
                older.join(newer);
                older
            },
        );
        (whole.fold, whole.remarks)
    }
}

/// A history being read; it stops when dropped.
#[derive(Debug)]
pub struct Backfill(Arc<AtomicBool>);

impl Drop for Backfill {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// What follows the logs, until dropped.
#[derive(Debug)]
pub enum Following {
    /// Files.
    Files(Tail),
    /// The journal.
    Journal(Live),
}

/// Follows the logs and reads their history, on threads of their own; the journal is followed in a task of the current tokio runtime.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    logs: Logs,
    reading: Reading,
    sender: &Sender<Msg>,
) -> io::Result<(Following, Backfill)> {
    let stop = Arc::<AtomicBool>::default();
    let (following, histories) = match logs {
        Logs::Files(files) => {
            let (give, histories) = channel();
            let begin = move || {
                let begin = |log: PathBuf| {
                    let (archive, seam) = Archive::before_tail(&log, Utc::now());
                    // Without a place to begin at, the log does not exist or cannot be read yet: the tail says so.
                    let begin = seam.map_or(Begin::At(Start::Beginning), Begin::from);
                    // Nobody waits for it any more when this fails.
                    give.send((log.clone(), archive)).ok();
                    (log, begin)
                };
                files.into_iter().map(begin).collect()
            };
            let tail = tail::spawn_after(begin, sender.clone())?;
            (Following::Files(tail), Histories::Opened(histories))
        }
        Logs::Journal(journal) => {
            let (give, told) = tokio::sync::oneshot::channel();
            let live = journal::spawn_after(journal.clone(), told, sender.clone());
            (Following::Journal(live), Histories::Journal(journal, give))
        }
    };
    let backfill = Backfill(Arc::clone(&stop));
    let sender = sender.clone();
    thread::Builder::new()
        .name(String::from("back-fill"))
        .spawn(move || {
            let read = |log: PathBuf, archive| read(&log, archive, reading, &stop, &sender);
            match histories {
                Histories::Opened(histories) => {
                    for (log, archive) in histories {
                        read(log, archive);
                    }
                }
                Histories::Journal(journal, give) => {
                    let (archive, begin) = Archive::before_journal(&journal, Utc::now());
                    // Nobody waits for it any more when this fails.
                    give.send(begin).ok();
                    read(PathBuf::from("journal"), archive);
                }
            }
            sender.blocking_send(Msg::Past(Past::Read)).ok();
        })?;
    Ok((following, backfill))
}

/// What the back-fill reads, when somebody else has begun to follow it.
enum Histories {
    Opened(Receiver<(PathBuf, Archive)>),
    Journal(Journal, tokio::sync::oneshot::Sender<journal::Begin>),
}

fn read(log: &Path, archive: Archive, reading: Reading, stop: &AtomicBool, sender: &Sender<Msg>) {
    fold::newest_first(
        &archive.within(reading.between, reading.zone),
        fold::cores(),
        stop,
        || reading.facts(),
        |facts, piece| facts.lines(piece.lines, piece.anchor),
        |told| {
            let past = match told {
                Told::Fold(facts) => Past::Told(Box::new(facts)),
                Told::Progress(progress) => Past::Reading(model::Reading {
                    percent: progress.percent(),
                    file: progress.name,
                }),
                Told::Remark(remark) => unread(log, &remark),
            };
            match sender.blocking_send(Msg::Past(past)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            }
        },
    );
}

/// What the screen is told of a file that cannot be read.
pub fn unread(log: &Path, remark: &Remark) -> Past {
    Past::Unread {
        log: SafeText::new(log.as_os_str().as_encoded_bytes())
            .as_str()
            .into(),
        why: remark.to_string().into(),
        lost: remark.lost,
    }
}
