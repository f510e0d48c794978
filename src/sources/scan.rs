//! Searches whole logs for words, on all cores: the log is the database, and is read when somebody asks.
//!
//! In: opened logs and needles. Out: the lines that hold one, each with its log and its place in it, in order; what could not be read,
//! and whether there was more than fits. A plain file is cut in pieces at line ends; every core takes the newest piece that is left.
//! A compressed file is one piece. Files are read, not mapped: a truncated mapping is a SIGBUS. They stay open between scans, so a rotation
//! or a deletion in between changes nothing.
//!
//! It knows nothing of a line's grammar: what is found may be something else that reads the same.

mod log;
mod many;
mod needles;
mod pieces;
#[cfg(test)]
mod tests;

pub use log::{Log, files};
pub use needles::Needles;

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// The most lines that are given, about; the newest ones.
pub const LINES: usize = 100_000;
/// The most bytes that are given, about; the newest ones.
pub const BYTES: usize = 64 << 20;
/// How much of a plain file one core takes at a time.
const PIECE: u64 = 8 << 20;

/// A line that was found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// The log's place among those that were searched.
    pub log: usize,
    /// Where the line begins in the log, uncompressed.
    pub offset: u64,
    /// The line without its newline.
    pub text: Box<[u8]>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The lines, in the order of the logs and within each.
    pub lines: Vec<Line>,
    /// Logs that were not read to their end, by their place, and why.
    pub troubles: Vec<(usize, io::Error)>,
    /// Whether lines were left out because there were too many: the oldest ones, of a compressed file its newest ones.
    pub cut: bool,
}

/// A part of a log.
#[derive(Debug, Clone, Copy)]
struct Piece {
    log: usize,
    /// Lines that begin from here on …
    begin: u64,
    /// … and before here.
    end: u64,
}

/// Searches the logs, which are in order of age, the newest last.
pub fn scan(logs: &[Log], needles: &Needles) -> Found {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    scan_on(logs, needles, cores, PIECE)
}

fn scan_on(logs: &[Log], needles: &Needles, cores: usize, size: u64) -> Found {
    let pieces = pieces(logs, size);
    let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (bytes, cut) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut found = Found::default();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(piece) = pieces.get(at) else {
                return found;
            };
            // The pieces that are taken reach from the newest back without a gap.
            if count.load(Ordering::Relaxed) >= LINES || bytes.load(Ordering::Relaxed) >= BYTES {
                cut.store(true, Ordering::Relaxed);
                return found;
            }
            let Some(log) = logs.get(piece.log) else {
                return found;
            };
            let before = found.lines.len();
            let mut here = 0;
            let mut on = |offset: u64, text: Vec<u8>| {
                here += text.len();
                // Only a compressed file can hold so much in one piece.
                if here >= BYTES || found.lines.len() - before >= LINES {
                    cut.store(true, Ordering::Relaxed);
                    return;
                }
                bytes.fetch_add(text.len(), Ordering::Relaxed);
                found.lines.push(Line {
                    log: piece.log,
                    offset,
                    text: text.into(),
                });
            };
            let read = log.search(piece.begin, piece.end, needles, &mut on);
            if let Err(error) = read {
                found.troubles.push((piece.log, error));
            }
            count.fetch_add(found.lines.len() - before, Ordering::Relaxed);
        }
    };
    let mut found = Found::default();
    thread::scope(|scope| {
        let others: Vec<_> = (1..cores.min(pieces.len()))
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok())
            .collect();
        let mut all = vec![work()];
        all.extend(others.into_iter().filter_map(|other| other.join().ok()));
        for mut part in all {
            found.lines.append(&mut part.lines);
            found.troubles.append(&mut part.troubles);
        }
    });
    found.cut = cut.into_inner();
    found.lines.sort_unstable();
    // Every piece of a broken file fails.
    found.troubles.sort_by_key(|(log, _)| *log);
    found.troubles.dedup_by_key(|(log, _)| *log);
    found
}

/// The newest piece first.
fn pieces(logs: &[Log], size: u64) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (log, length) in logs.iter().map(Log::length).enumerate() {
        let Some(length) = length else {
            pieces.push(Piece {
                log,
                begin: 0,
                end: u64::MAX,
            });
            continue;
        };
        let mut begin = 0;
        while begin < length {
            let end = (begin + size).min(length);
            pieces.push(Piece { log, begin, end });
            begin = end;
        }
    }
    pieces.reverse();
    pieces
}
