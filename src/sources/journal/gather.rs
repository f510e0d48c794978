//! Entries become lines, from one edge to another.
//!
//! In come pieces of one run of journalctl(1), out come lines, and what else is to be told: the place of the last entry, what could not be
//! read, what journald says that it left out.

use super::Mark;
use crate::model::feeds::Loss;
use chrono::FixedOffset;
use mailtop_parsers::journal::{self, Entry, Format};

/// What comes of entries.
#[derive(Debug)]
pub(super) struct Gather {
    entries: journal::Journal,
    zone: FixedOffset,
    /// The entry that was the last one before: when it comes first, it is not given out again.
    pub(super) after: Option<Vec<u8>>,
    /// The entry that is the last one to be given out.
    pub(super) until: Option<Vec<u8>>,
    /// Whether that was reached.
    pub(super) over: bool,
    /// Whether the first entry was not the one that was the last before.
    pub(super) gap: bool,
    /// Whole lines.
    pub(super) lines: Vec<u8>,
    /// The first entry.
    pub(super) first: Option<Mark>,
    /// The last entry.
    pub(super) last: Mark,
    /// Broken entries, and bytes cut from long ones.
    pub(super) loss: Loss,
    /// What journald said of entries of mail that it left out.
    pub(super) left_out: Option<Vec<u8>>,
}

impl Gather {
    pub(super) fn new(zone: FixedOffset) -> Self {
        Self {
            entries: journal::Journal::new(Format::Export),
            zone,
            after: None,
            until: None,
            over: false,
            gap: false,
            lines: Vec::new(),
            first: None,
            last: Mark::default(),
            loss: Loss::default(),
            left_out: None,
        }
    }

    /// A new run begins: what is unfinished of the one before is forgotten, and its last entry is known.
    pub(super) fn again(&mut self) {
        self.entries = journal::Journal::new(Format::Export);
        self.first = None;
        self.after = (!self.last.cursor.is_empty()).then(|| self.last.cursor.clone());
    }

    pub(super) fn take(&mut self, piece: &[u8]) {
        let Self {
            entries,
            zone,
            after,
            until,
            over,
            gap,
            lines,
            first,
            last,
            loss,
            left_out,
        } = self;
        entries.take(piece, |entry| {
            if *over {
                return;
            }
            let Some((cursor, received)) = place(entry) else {
                loss.times = loss.times.saturating_add(1);
                return;
            };
            last.cursor.clear();
            last.cursor.extend_from_slice(cursor);
            last.received = received;
            first.get_or_insert_with(|| last.clone());
            *over = until.as_deref() == Some(cursor);
            if let Some(after) = after.take() {
                if after == cursor {
                    return;
                }
                *gap = true;
            }
            if entry.cut() > 0 {
                loss.bytes = loss.bytes.saturating_add(entry.cut());
                loss.times = loss.times.saturating_add(1);
            }
            if is_journald(entry) {
                if let Some(message) = entry.message().filter(|text| is_of_mail(text)) {
                    *left_out = Some(message.to_vec());
                }
            } else {
                entry.write_line(*zone, lines);
            }
        });
    }
}

/// Where an entry stands; `None` when it is none that journald wrote.
fn place(entry: &Entry) -> Option<(&[u8], i64)> {
    let whole = !entry.is_broken();
    whole.then_some((entry.cursor()?, entry.received()?))
}

/// journald speaks of itself. Only root can use that name, unless a user forges it; then the kernel says who it was.
fn is_journald(entry: &Entry) -> bool {
    entry.identifier() == Some(b"systemd-journald") && entry.uid() == Some(0)
}

/// `Suppressed 2345 messages from postfix@-.service` (systemd, journald-server.c).
fn is_of_mail(text: &[u8]) -> bool {
    [&b"postfix"[..], b"dovecot"]
        .iter()
        .any(|name| memchr::memmem::find(text, name).is_some())
}
