//! Reads segments on several cores and folds their lines.
//!
//! What a segment is folded to, `S`, is the caller's, with three functions: `make` nothing, `take` lines in, `join` an older with a newer
//! neighbour. Folding pieces alone and joining neighbours in any grouping must give what folding all lines in order gives.
//!
//! [`whole`] is for a report: each core folds long runs of neighbours and takes over half of what another has left, so both end
//! together and there is little to join. [`newest_first`] is for a dashboard: segments come one by one, the newest first.

use super::cut::Room;
use super::segment::Piece;
use super::{Archive, Progress, Remark};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The bytes of one segment of [`whole`]: a core goes on with its neighbour without joining.
const BRICK: u64 = 8 << 20;
/// The first segment of [`newest_first`].
pub const FIRST: u64 = 4 << 20;
/// Its largest one.
pub const MOST: u64 = 32 << 20;
/// Progress is told this often.
const TELL: Duration = Duration::from_millis(100);

/// How many cores there are to read on.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// What comes out of [`whole`].
#[derive(Debug)]
pub struct Whole<S> {
    /// The fold of all lines; as `make` made it when there are none.
    pub fold: S,
    /// What could not be read, in the order of time; [`Archive::remarks`] first.
    pub remarks: Vec<Remark>,
    /// How many parts were joined.
    pub parts: usize,
}

/// Folds all of it. Stops early, with a part of it, when `stop` is set.
pub fn whole<S: Send>(
    archive: &Archive,
    workers: usize,
    stop: &AtomicBool,
    make: impl Fn() -> S + Sync,
    take: impl Fn(&mut S, Piece<'_>) + Sync,
    join: impl Fn(S, S) -> S,
) -> Whole<S> {
    let segments = archive.segments(BRICK);
    let runs = Runs::new(segments.len(), workers.max(1));
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut remarks = BTreeMap::new();
    let mut folds = BTreeMap::new();
    thread::scope(|scope| {
        for worker in 0..workers.max(1) {
            let sender = sender.clone();
            let (segments, runs, make, take) = (&segments, &runs, &make, &take);
            scope.spawn(move || {
                let mut room = Room::default();
                let mut run: Option<(usize, usize, S)> = None;
                while let Some(index) = runs.next(worker).filter(|_| !stop.load(Ordering::Relaxed))
                {
                    let Some(segment) = segments.get(index) else {
                        break;
                    };
                    let (first, _, mut fold) = match run.take() {
                        Some((first, next, fold)) if next == index => (first, next, fold),
                        other => {
                            if let Some((first, _, fold)) = other {
                                sender.send((first, Ok(fold))).ok();
                            }
                            (index, index, make())
                        }
                    };
                    let read = segment.read(&mut room, stop, |piece| take(&mut fold, piece));
                    if let Err(remark) = read {
                        sender.send((index, Err(remark))).ok();
                    }
                    run = Some((first, index + 1, fold));
                }
                if let Some((first, _, fold)) = run {
                    sender.send((first, Ok(fold))).ok();
                }
            });
        }
        drop(sender);
        for (index, outcome) in receiver {
            match outcome {
                Ok(fold) => drop(folds.insert(index, fold)),
                Err(remark) => drop(remarks.insert(index, remark)),
            }
        }
    });
    let parts = folds.len();
    Whole {
        fold: folds.into_values().reduce(join).unwrap_or_else(make),
        remarks: archive
            .remarks
            .iter()
            .cloned()
            .chain(remarks.into_values())
            .collect(),
        parts,
    }
}

/// Who folds what: each worker has a run of neighbours, and takes half of the longest other one when its own is done.
pub(super) struct Runs(Mutex<Vec<Range<usize>>>);

impl Runs {
    pub(super) fn new(count: usize, workers: usize) -> Self {
        let at = |worker: usize| count * worker / workers;
        Self(Mutex::new(
            (0..workers)
                .map(|worker| at(worker)..at(worker + 1))
                .collect(),
        ))
    }

    pub(super) fn next(&self, worker: usize) -> Option<usize> {
        let mut runs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = runs.get_mut(worker)?.next() {
            return Some(index);
        }
        let longest = runs.iter_mut().max_by_key(ExactSizeIterator::len)?;
        let middle = longest.start + longest.len() / 2;
        let mut taken = middle..longest.end;
        longest.end = middle;
        let index = taken.next();
        *runs.get_mut(worker)? = taken;
        index
    }
}

/// What [`newest_first`] tells.
#[derive(Debug)]
pub enum Told<S> {
    /// The next segment is folded: it lies right before all that were given so far.
    Fold(S),
    /// A file is being read.
    Progress(Progress),
    /// A file, or a part of it, could not be read.
    Remark(Remark),
}

/// Folds segment after segment, the newest first, and gives each fold to `told` as soon as all newer ones were given. Ends when all is
/// read, when `stop` is set or when `told` breaks. `told` runs on the calling thread.
pub fn newest_first<S: Send>(
    archive: &Archive,
    workers: usize,
    stop: &AtomicBool,
    make: impl Fn() -> S + Sync,
    take: impl Fn(&mut S, Piece<'_>) + Sync,
    mut told: impl FnMut(Told<S>) -> ControlFlow<()>,
) {
    for remark in archive.remarks.iter().cloned() {
        if told(Told::Remark(remark)).is_break() {
            return;
        }
    }
    let segments = archive.newest_first(FIRST, MOST);
    let next = AtomicUsize::new(0);
    let ended = AtomicBool::new(false);
    let over = || stop.load(Ordering::Relaxed) || ended.load(Ordering::Relaxed);
    let workers = workers.max(1);
    // What is folded and not yet given is bounded: a worker waits for the older ones to be taken.
    let (sender, receiver) = sync_channel(workers);
    thread::scope(|scope| {
        for _ in 0..workers {
            let sender = sender.clone();
            let (segments, next, ended, make, take, over) =
                (&segments, &next, &ended, &make, &take, &over);
            scope.spawn(move || {
                let mut room = Room::default();
                while !over() {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(segment) = segments.get(index) else {
                        break;
                    };
                    let mut fold = make();
                    let result = segment.read(&mut room, ended, |piece| {
                        if stop.load(Ordering::Relaxed) {
                            ended.store(true, Ordering::Relaxed);
                        } else {
                            take(&mut fold, piece);
                        }
                    });
                    if sender.send((index, fold, result.err())).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut given = 0;
        let mut tell = || -> ControlFlow<()> {
            let mut last = None;
            loop {
                match receiver.recv_timeout(TELL) {
                    Ok((index, fold, remark)) => drop(waiting.insert(index, (fold, remark))),
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => return ControlFlow::Continue(()),
                }
                if over() {
                    return ControlFlow::Break(());
                }
                while let Some((fold, remark)) = waiting.remove(&given) {
                    given += 1;
                    told(Told::Fold(fold))?;
                    if let Some(remark) = remark {
                        told(Told::Remark(remark))?;
                    }
                }
                let now = segments.get(given).map(|segment| segment.file().progress());
                if let Some(progress) = &now
                    && now != last
                {
                    told(Told::Progress(progress.clone()))?;
                    last = now;
                }
            }
        };
        if tell().is_break() {
            ended.store(true, Ordering::Relaxed);
        }
        drop(receiver);
    });
}
