//! Searches the past when a view or an operator asks: lives of messages, or lines that a filter lets through.
//!
//! In: histories and a question. Out: [`Msg::Found`] in parts, newest lines first: what is found, how far each file is read, what could not be
//! read and whether something was left out. A log with its rotated files, compressed or not, the journal and files that are named are
//! one history each ([`Archive`]), read on all cores. Of lives not more than [`Most`] is given, of lines [`MOST`]. A search for a view
//! has a thread of its own and ends when it is dropped.
//!
//! What is searched for is found with a vector search before any line is parsed. Secrets in lines are masked here. Queue ids that are
//! found are text: no action is ever aimed at one.

mod hits;
mod needles;
mod rounds;
#[cfg(test)]
mod tests;

use crate::app::effect::{Search, What};
use crate::app::msg::{Found, LogBatch, Msg, Part};
use crate::model::trace::{LogLine, Question};
use crate::safe_text::SafeText;
use crate::sources::archive::Archive;
use crate::sources::archive::fold::{self, Told};
use crate::sources::logs::Logs;
use chrono::{DateTime, FixedOffset, Offset, Utc};
use hits::{Hits, Kept, Sieve};
use needles::Needles;
use rounds::rounds;
use std::cell::RefCell;
use std::cmp::Reverse;
use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::sync::mpsc::Sender;

/// The most that is given, about; the newest.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// Lines.
    pub lines: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// The most that a view is given.
pub const MOST: Most = Most {
    lines: 20_000,
    bytes: 16 << 20,
};

impl Most {
    fn is_reached(self, lines: usize, bytes: usize) -> bool {
        lines >= self.lines || bytes >= self.bytes
    }
}

/// Lines as they usually are, to know which bytes of a text are rare.
const TYPICAL: &[u8] = b"\
2026-11-24T10:31:07.140213+01:00 mail postfix/submission/smtpd[1]: connect from unknown[192.0.2.25]
2026-11-24T10:31:07.140213+01:00 mail postfix/smtpd[41]: 4jYg7l1WNDz2BGQD: client=mail.example.com[198.51.100.7], sasl_method=PLAIN, sasl_username=news@example.com
2026-11-24T10:31:07.140213+01:00 mail postfix/cleanup[26]: 4jYg7l1WNDz2BGQD: message-id=<20261124103107.81@example.com>
2026-11-24T10:31:07.140213+01:00 mail postfix/qmgr[103]: 4jYg7l1WNDz2BGQD: from=<news@example.com>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:31:07.140213+01:00 mail postfix/smtp[12345]: 4jYg7l1WNDz2BGQD: to=<ann@example.net>, relay=mx1.example.net[203.0.113.4]:25, delay=0.9, delays=0.09/0.01/0.5/0.3, dsn=2.0.0, status=sent (250 2.0.0 OK queued as 12345)
2026-11-24T10:31:07.140213+01:00 mail postfix/qmgr[103]: 4jYg7l1WNDz2BGQD: removed
2026-11-24T10:31:07.140213+01:00 mail dovecot: imap-login: Login: user=<ann@example.com>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=123, TLS, session=<abc>
2026-11-24T10:31:07.140213+01:00 mail dovecot: lmtp(ann@example.com)<54><Fd>: msgid=<1@example.com>: saved mail to INBOX
";

/// A search that ends when dropped.
#[derive(Debug)]
pub struct Running(Arc<AtomicBool>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Searches on a thread of its own.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(
    logs: Logs,
    zone: FixedOffset,
    search: Search,
    sender: Sender<Msg>,
) -> io::Result<Running> {
    let running = Running(Arc::default());
    let stop = Arc::clone(&running.0);
    thread::Builder::new()
        .name(String::from("search"))
        .spawn(move || {
            let archives = logs.archives(Utc::now());
            answer(archives, zone, search, MOST, &stop, |msg| {
                // Nobody waits for it any more when this fails.
                match sender.blocking_send(msg) {
                    Ok(()) if !stop.load(Ordering::Acquire) => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                }
            });
        })?;
    Ok(running)
}

/// Searches histories, each with the name that it is spoken of by, and tells. `most` is that of lives. What was certainly logged outside of the
/// span is not read. Ends early, without [`Part::End`], when `stop` is set or `tell` breaks.
pub fn answer(
    archives: Vec<(PathBuf, Archive)>,
    zone: FixedOffset,
    search: Search,
    most: Most,
    stop: &AtomicBool,
    tell: impl FnMut(Msg) -> ControlFlow<()>,
) {
    let between = search.between;
    let within = |(log, archive): (PathBuf, Archive)| (log, archive.within(between, zone));
    let history = History {
        archives: archives.into_iter().map(within).collect(),
        zone,
        most,
        stop,
    };
    let search = Arc::new(search);
    let teller = Teller {
        search: Arc::clone(&search),
        tell: RefCell::new(tell),
    };
    let ended = match &search.what {
        What::Lives(question) => history.lives(question, &teller),
        What::Lines(_) => history.lines(&search, &teller),
    };
    if let Some((cut, unread)) = ended
        && !stop.load(Ordering::Acquire)
    {
        // It is over either way.
        let _ = teller.part(Part::End { cut, unread });
    }
}

/// Whether something was left out, and what could not be read.
type Ended = (bool, Vec<SafeText>);

struct Teller<F> {
    search: Arc<Search>,
    tell: RefCell<F>,
}

impl<F: FnMut(Msg) -> ControlFlow<()>> Teller<F> {
    fn part(&self, part: Part) -> ControlFlow<()> {
        let search = Arc::clone(&self.search);
        (self.tell.borrow_mut())(Msg::Found(Found { search, part }))
    }
}

/// What there is to read.
struct History<'a> {
    archives: Vec<(PathBuf, Archive)>,
    zone: FixedOffset,
    most: Most,
    stop: &'a AtomicBool,
}

impl History<'_> {
    fn lives<F: FnMut(Msg) -> ControlFlow<()>>(
        &self,
        question: &Question,
        teller: &Teller<F>,
    ) -> Option<Ended> {
        let (mut cut, mut unread) = (false, Vec::new());
        let mut broken = false;
        let mut scan = |needles: &Needles| {
            let (mut found, mut bytes) = (Vec::new(), 0);
            for (nth, (_, archive)) in self.archives.iter().enumerate() {
                let mut segment = 0;
                fold::newest_first(
                    archive,
                    fold::cores(),
                    self.stop,
                    Hits::default,
                    |hits, piece| hits.take(needles, &piece, self.most),
                    |told| {
                        let hits = match told {
                            Told::Fold(hits) => hits,
                            other => return aside(other, &mut unread, teller),
                        };
                        segment += 1;
                        cut |= hits.cut;
                        for hit in hits.lines {
                            bytes += hit.text.len();
                            let place = (nth, Reverse(segment), hit.offset);
                            let line = line(&hit.text, hit.anchor, self.zone);
                            found.push((place, line));
                        }
                        if self.most.is_reached(found.len(), bytes) {
                            cut = true;
                            return ControlFlow::Break(());
                        }
                        ControlFlow::Continue(())
                    },
                );
            }
            if self.stop.load(Ordering::Acquire) {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(found)
        };
        let told = |lives| broken |= teller.part(Part::Lives(Arc::new(lives))).is_break();
        let ended = rounds(question, &mut scan, told);
        (ended != rounds::Ended::Stopped && !broken)
            .then_some((cut || ended == rounds::Ended::Endless, unread))
    }

    fn lines<F: FnMut(Msg) -> ControlFlow<()>>(
        &self,
        search: &Search,
        teller: &Teller<F>,
    ) -> Option<Ended> {
        let (mut cut, mut unread) = (false, Vec::new());
        let (mut count, mut bytes) = (0, 0);
        let sieve = Sieve::new(search, self.zone, Utc::now());
        for (log, archive) in &self.archives {
            let source = SafeText::new(log.as_os_str().as_encoded_bytes());
            let mut gone = false;
            fold::newest_first(
                archive,
                fold::cores(),
                self.stop,
                Kept::default,
                |kept, piece| {
                    kept.take(&sieve, piece.lines, piece.anchor);
                },
                |told| {
                    let kept = match told {
                        Told::Fold(kept) => kept,
                        other => return aside(other, &mut unread, teller),
                    };
                    cut |= kept.cut;
                    count += kept.count();
                    bytes += kept.bytes();
                    let of = kept.of;
                    let batch = LogBatch {
                        source: source.as_str().into(),
                        anchor: kept.anchor.unwrap_or_default(),
                        lines: kept.into_lines(),
                    };
                    if teller.part(Part::Lines { batch, of }).is_break() {
                        gone = true;
                        return ControlFlow::Break(());
                    }
                    // What is older follows when it is asked for.
                    cut |= MOST.is_reached(count, bytes);
                    if cut {
                        return ControlFlow::Break(());
                    }
                    ControlFlow::Continue(())
                },
            );
            if gone {
                return None;
            }
        }
        Some((cut, unread))
    }
}

/// What is told beside what is found.
fn aside<S, F: FnMut(Msg) -> ControlFlow<()>>(
    told: Told<S>,
    unread: &mut Vec<SafeText>,
    teller: &Teller<F>,
) -> ControlFlow<()> {
    match told {
        Told::Progress(progress) => {
            teller.part(Part::Reading(SafeText::from(progress.to_string())))
        }
        Told::Remark(remark) => {
            let why = SafeText::from(remark.to_string());
            if !remark.harmless && !unread.contains(&why) {
                unread.push(why);
            }
            ControlFlow::Continue(())
        }
        Told::Fold(_) => ControlFlow::Continue(()),
    }
}

/// Searches lines that are in memory already, oldest first, and gives all parts of the answer.
pub fn in_batches(batches: &[LogBatch], search: Search) -> Vec<Msg> {
    let search = Arc::new(search);
    let (mut parts, mut cut) = (Vec::new(), false);
    let zone = Utc.fix();
    match &search.what {
        What::Lives(question) => {
            let scan = |needles: &Needles| {
                let mut found = Vec::new();
                for (nth, batch) in batches.iter().enumerate() {
                    needles.lines(&batch.lines, |at, text| {
                        found.push(((nth, at), line(text, batch.anchor, zone)));
                    });
                }
                let over = found.len().saturating_sub(MOST.lines);
                cut |= over > 0;
                found.drain(..over);
                ControlFlow::Continue(found)
            };
            rounds(question, scan, |lives| {
                parts.push(Part::Lives(Arc::new(lives)));
            });
        }
        What::Lines(_) => {
            let now = batches.last().map(|batch| batch.anchor);
            let sieve = Sieve::new(&search, zone, now.unwrap_or_default());
            let mut count = 0;
            for batch in batches.iter().rev() {
                let mut kept = Kept::default();
                kept.take(&sieve, &batch.lines, batch.anchor);
                count += kept.count();
                cut |= kept.cut || count >= MOST.lines;
                let of = kept.of;
                let batch = LogBatch {
                    source: batch.source.clone(),
                    anchor: batch.anchor,
                    lines: kept.into_lines(),
                };
                parts.push(Part::Lines { batch, of });
                if cut {
                    break;
                }
            }
        }
    }
    let unread = Vec::new();
    parts.push(Part::End { cut, unread });
    let found = |part| {
        Msg::Found(Found {
            search: Arc::clone(&search),
            part,
        })
    };
    parts.into_iter().map(found).collect()
}

/// A line, without the secrets in it.
fn line(text: &[u8], anchor: DateTime<Utc>, zone: FixedOffset) -> LogLine {
    LogLine {
        text: mailtop_parsers::secret::masked(text).into_owned().into(),
        anchor: anchor.with_timezone(&zone),
    }
}
