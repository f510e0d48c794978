//! Bytes of a log become records, whatever kind of log it is.
//!
//! In come pieces of one log in order, out come its records, the same for pieces of any size. A log that begins with a field of the
//! journal is a stream of `journalctl -o export`: one record for each entry. Any other is lines, one record each, of which any may
//! be an entry of `journalctl -o json`. Export is recognized at the start alone: in the middle, a line that a stranger made a daemon
//! write could otherwise turn what follows it into the bytes of one field.
//!
//! Deliberately not here: files, compression. Formats: [`mailtop_parsers::journal`].

use crate::sources::tail::lines::Lines;
use mailtop_parsers::journal::{Format, Journal, Mixed};
use mailtop_parsers::{Calendar, Record};
use std::io;

/// Bytes of the first line that tell what a log is; see [`Format::of`].
const ENOUGH: usize = 65;

/// The reader of one log.
#[derive(Debug, Default)]
pub struct Records {
    kind: Kind,
    lines: Lines,
    mixed: Mixed,
    whole: Vec<u8>,
}

#[derive(Debug)]
enum Kind {
    /// Not known yet; the bytes so far.
    Unknown(Vec<u8>),
    Lines,
    Export(Box<Journal>),
}

impl Default for Kind {
    fn default() -> Self {
        Self::Unknown(Vec::new())
    }
}

impl Records {
    /// Takes the next piece; `on` is called with each record that ends in it.
    ///
    /// # Errors
    /// The first one of `on`, which is not called again then.
    pub fn take(
        &mut self,
        piece: &[u8],
        calendar: &Calendar,
        mut on: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Kind::Unknown(start) = &mut self.kind {
            start.extend_from_slice(piece);
            if start.len() < ENOUGH && !start.contains(&b'\n') {
                return Ok(());
            }
            return self.begin(calendar, on);
        }
        self.go_on(piece, calendar, &mut on)
    }

    /// The log is at its end: what is not closed is given out as it is.
    ///
    /// # Errors
    /// The first one of `on`.
    pub fn finish(
        &mut self,
        calendar: &Calendar,
        mut on: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        self.begin(calendar, &mut on)?;
        let mut result = Ok(());
        if let Kind::Export(journal) = &mut self.kind {
            journal.finish(|entry| result = on(&entry.record(calendar)));
            return result;
        }
        self.lines.finish(&mut self.whole);
        self.give(calendar, &mut on)
    }

    /// Decides what the log is, where that is still open, and reads its start.
    fn begin(
        &mut self,
        calendar: &Calendar,
        mut on: impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let Kind::Unknown(start) = &mut self.kind else {
            return Ok(());
        };
        let start = std::mem::take(start);
        self.kind = match Format::of(&start) {
            Some(Format::Export) => Kind::Export(Box::new(Journal::new(Format::Export))),
            _ => Kind::Lines,
        };
        self.go_on(&start, calendar, &mut on)
    }

    fn go_on(
        &mut self,
        piece: &[u8],
        calendar: &Calendar,
        on: &mut impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        if let Kind::Export(journal) = &mut self.kind {
            let mut result = Ok(());
            journal.take(piece, |entry| {
                if result.is_ok() {
                    result = on(&entry.record(calendar));
                }
            });
            return result;
        }
        self.lines.take(piece, &mut self.whole);
        self.give(calendar, on)
    }

    /// Gives out the lines that are whole.
    fn give(
        &mut self,
        calendar: &Calendar,
        on: &mut impl FnMut(&Record<'_>) -> io::Result<()>,
    ) -> io::Result<()> {
        let result = each(&self.whole, &mut self.mixed, calendar, on);
        self.whole.clear();
        result
    }
}

/// Reads lines, each ended by `\n`, as a followed file gives them.
///
/// # Errors
/// The first one of `on`, which is not called again then.
pub fn each(
    lines: &[u8],
    mixed: &mut Mixed,
    calendar: &Calendar,
    mut on: impl FnMut(&Record<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let Some(lines) = lines.strip_suffix(b"\n") else {
        return Ok(());
    };
    for line in lines.split(|byte| *byte == b'\n') {
        on(&mixed.record(line, calendar))?;
    }
    Ok(())
}
