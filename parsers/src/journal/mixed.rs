//! Lines of which any may be an entry of the journal as JSON, as a file is that journalctl(1) and a syslog daemon both wrote to.
//!
//! In comes one line at a time, out goes its record. A line is an entry when it is one whole JSON object and has a moment of journald's or
//! a program; any other is a line of a log, so the JSON of another program, or an entry that was cut, is `Unparsed` with its text.
//! No line changes what the next one means.

use super::json::Json;
use super::{Entry, Field, Format};
use crate::Calendar;
use crate::envelope::{Begun, Recent, begin_anew, begin_as_before};
use crate::record::Record;

/// The reader of lines; it keeps the room for an entry, and what neighbouring lines have in common.
#[derive(Debug, Default)]
pub struct Mixed {
    json: Json,
    entry: Entry,
    recent: Recent,
}

/// A line of which what comes first has been read.
#[derive(Debug)]
pub enum Beginning<'a> {
    /// A line of a log.
    Line(Begun<'a>),
    /// An entry of the journal, which is not read in parts.
    Entry(&'a Entry, Calendar),
}

impl<'a> Beginning<'a> {
    /// The second since 1970 of [`Record::time`], cheaper than from there.
    pub fn second(&self) -> Option<i64> {
        match self {
            Self::Line(line) => line.second(),
            Self::Entry(entry, _) => entry.instant().map(|time| time.timestamp()),
        }
    }

    /// All of it.
    pub fn record(self) -> Record<'a> {
        match self {
            Self::Line(line) => line.record(),
            Self::Entry(entry, calendar) => entry.record(&calendar),
        }
    }
}

impl Mixed {
    /// Reads one line, without its newline. Never fails, like [`crate::parse`].
    pub fn record<'a>(&'a mut self, line: &'a [u8], calendar: &Calendar) -> Record<'a> {
        self.begin(line, calendar).record()
    }

    /// Reads the head of one line, without its newline, for whoever may not need the rest.
    #[inline]
    pub fn begin<'a>(&'a mut self, line: &'a [u8], calendar: &Calendar) -> Beginning<'a> {
        if let Some(begun) = begin_as_before(line, calendar, &self.recent) {
            return Beginning::Line(begun);
        }
        self.begin_anew(line, calendar)
    }

    #[inline(never)]
    fn begin_anew<'a>(&'a mut self, line: &'a [u8], calendar: &Calendar) -> Beginning<'a> {
        if may_be_json(line) && Format::of(line) == Some(Format::Json) && self.is_entry(line) {
            Beginning::Entry(&self.entry, *calendar)
        } else {
            Beginning::Line(begin_anew(line, calendar, Some(&mut self.recent)))
        }
    }

    fn is_entry(&mut self, line: &[u8]) -> bool {
        self.json.finish(&mut self.entry, &mut |_: &Entry| {});
        self.json.take(line, &mut self.entry, &mut |_: &Entry| {});
        let has = |field| self.entry.field(field).is_some();
        self.json.is_whole() && (has(Field::Realtime) || has(Field::Identifier))
    }
}

/// Whether a line begins with a bracket, or with dirt that may stand before one. A log's line begins with a digit or a letter, and so is
/// spared the exact look.
fn may_be_json(line: &[u8]) -> bool {
    line.first()
        .is_some_and(|first| !first.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Event, Unrecognized};
    use chrono::DateTime;

    #[test]
    fn each_line_is_read_for_itself() {
        let calendar = Calendar {
            anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+01:00").unwrap(),
        };
        let entry = br#"{"SYSLOG_IDENTIFIER":"postfix/qmgr","__REALTIME_TIMESTAMP":"1780000000000000","MESSAGE":"4D1A22001F: removed"}"#;
        let line = b"Nov 24 10:00:00 mail postfix/qmgr[1]: 4D1A22001F: removed";
        let cut = entry.get(..90).unwrap();
        let other = br#"{"level":"info","msg":"4D1A22001F: removed"}"#;
        let bare = br#"{"MESSAGE":"4D1A22001F: removed"}"#;
        let mut mixed = Mixed::default();
        for _ in 0..2 {
            for removed in [&entry[..], line, b"\0\0{ \"SYSLOG_IDENTIFIER\" : \"postfix/qmgr\" , \"MESSAGE\":[52,68,49,65,50,50,48,48,49,70,58,32,114,101,109,111,118,101,100]}\r"] {
                let begun = mixed.begin(removed, &calendar);
                let second = begun.second();
                let record = begun.record();
                assert_eq!(second, record.time.map(|time| time.timestamp()));
                assert!(matches!(record.event, Event::Removed { .. }), "{record:?}");
            }
            for text in [cut, &other[..], bare, b"{\"", b"{", b""] {
                let kind = Unrecognized::Unparsed;
                let event = mixed.record(text, &calendar).event;
                assert_eq!(event, Event::Unrecognized { kind, text });
            }
        }
    }
}
