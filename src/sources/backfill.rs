//! Back-fill: what was logged before mailtop began to follow, read newest first and folded on all cores while the tail goes on.
//!
//! In come the logs and the span of time; out come a [`Tail`] that follows each log from where its history ends, and [`Msg::Past`]
//! with what each piece of the history tells, how far it is read, and what could not be read. The rotated files beside
//! each log are its history ([`super::archive`]). Files are opened on the threads of their own, so that a file system that hangs never
//! keeps the screen.
//!
//! One log is read after the other, in the order they are named in.

use crate::app::msg::{Msg, Past};
use crate::knowledge::Knowledge;
use crate::model::facts::Facts;
use crate::model::span::Between;
use crate::safe_text::SafeText;
use crate::sources::archive::fold::{self, Told};
use crate::sources::archive::{Archive, Remark};
use crate::sources::journal::{self, Journal, Live};
use crate::sources::tail::{self, Begin, Start, Tail};
use chrono::{FixedOffset, Utc};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
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
        let whole = fold::whole(
            &archive.within(self.between, self.zone),
            fold::cores(),
            &AtomicBool::new(false),
            || self.facts(),
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

/// Follows these logs and reads their histories, on threads of their own.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    logs: Vec<PathBuf>,
    reading: Reading,
    sender: &Sender<Msg>,
) -> io::Result<(Tail, Backfill)> {
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
        logs.into_iter().map(begin).collect()
    };
    let tail = tail::spawn_after(begin, sender.clone())?;
    let stop = Arc::<AtomicBool>::default();
    let backfill = Backfill(Arc::clone(&stop));
    let sender = sender.clone();
    thread::Builder::new()
        .name(String::from("back-fill"))
        .spawn(move || {
            for (log, archive) in histories {
                read(&log, archive, reading, &stop, &sender);
            }
            sender.blocking_send(Msg::Past(Past::Read)).ok();
        })?;
    Ok((tail, backfill))
}

/// Follows the journal in a task of the current tokio runtime and reads its past on a thread of its own.
///
/// # Errors
/// When no thread can be started.
pub fn spawn_journal(
    journal: Journal,
    reading: Reading,
    sender: &Sender<Msg>,
) -> io::Result<(Live, Backfill)> {
    let (give, told) = tokio::sync::oneshot::channel();
    let live = journal::spawn_after(journal.clone(), told, sender.clone());
    let stop = Arc::<AtomicBool>::default();
    let backfill = Backfill(Arc::clone(&stop));
    let sender = sender.clone();
    thread::Builder::new()
        .name(String::from("back-fill"))
        .spawn(move || {
            let (archive, begin) = Archive::before_journal(&journal, Utc::now());
            // Nobody waits for it any more when this fails.
            give.send(begin).ok();
            read(Path::new("journal"), archive, reading, &stop, &sender);
            sender.blocking_send(Msg::Past(Past::Read)).ok();
        })?;
    Ok((live, backfill))
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
                Told::Progress(progress) => Past::Reading(progress.to_string().into()),
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
