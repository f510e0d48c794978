//! systemd's journal: entries of `journalctl -o export` and `-o json` become records like the lines of a file.
//!
//! In come bytes in pieces of any size; out come whole entries, one at a time and each in the same room: of a MESSAGE at most
//! [`MESSAGE_LIMIT`] bytes are kept, of any other field [`FIELD_LIMIT`], so memory is constant whatever is written. Reading is
//! total: what is no entry comes out as a broken one, and reading goes on behind the next blank line (export) or newline (JSON).
//!
//! Fields are kept as they first occur; a process may send a field more than once. Those whose names begin with `_` come
//! from journald and cannot be forged by the sender, those without can. The severity is that of the text's word, as in files: `PRIORITY`
//! says less (2 is both fatal and panic).
//!
//! Deliberately not here: running journalctl(1), deciding whom to trust, the binary files of the journal.
//! Specified in `JOURNAL_EXPORT_FORMATS` (systemd.io) and systemd.journal-fields(7).

mod export;
mod json;
mod line;
mod mixed;

pub use line::LINE_LIMIT;
pub use mixed::{Beginning, Mixed};

use crate::record::{Event, Record, Unrecognized};
use crate::{Calendar, grammar};
use chrono::{DateTime, FixedOffset, Utc};

/// Bytes of a MESSAGE that are kept.
pub const MESSAGE_LIMIT: usize = 64 * 1024;
/// Bytes of any other field that are kept.
pub const FIELD_LIMIT: usize = 1024;
/// The longest name of a field (systemd, `journal-file.c`); longer ones are nobody's.
const NAME_LIMIT: usize = 64;

/// How journalctl(1) writes entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `-o export`: `KEY=value` lines, binary values with their length, a blank line after each entry.
    Export,
    /// `-o json`: one object a line.
    Json,
}

impl Format {
    /// Which of them a stream is, by its first line or its first 65 bytes; a log file is none.
    pub fn of(start: &[u8]) -> Option<Self> {
        let text = crate::envelope::clean(start).trim_ascii_start();
        if export::begins(start) {
            Some(Self::Export)
        } else if text
            .strip_prefix(b"{")
            .is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\""))
        {
            Some(Self::Json)
        } else {
            None
        }
    }
}

/// A stream of entries.
#[derive(Debug)]
pub struct Journal {
    reader: Reader,
    entry: Entry,
}

#[derive(Debug)]
enum Reader {
    Export(export::Export),
    Json(json::Json),
}

impl Journal {
    /// The start of a stream.
    pub fn new(format: Format) -> Self {
        Self {
            reader: match format {
                Format::Export => Reader::Export(export::Export::default()),
                Format::Json => Reader::Json(json::Json::default()),
            },
            entry: Entry::default(),
        }
    }

    /// Takes the next piece of the stream; `on` is called with each entry that ends in it.
    pub fn take(&mut self, piece: &[u8], mut on: impl FnMut(&Entry)) {
        match &mut self.reader {
            Reader::Export(export) => export.take(piece, &mut self.entry, &mut on),
            Reader::Json(json) => json.take(piece, &mut self.entry, &mut on),
        }
    }

    /// The stream is at its end: an entry that is not closed is given out as it is.
    pub fn finish(&mut self, mut on: impl FnMut(&Entry)) {
        match &mut self.reader {
            Reader::Export(export) => export.finish(&mut self.entry, &mut on),
            Reader::Json(json) => json.finish(&mut self.entry, &mut on),
        }
    }
}

/// The fields that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Cursor,
    Realtime,
    Source,
    Host,
    Identifier,
    SyslogPid,
    Pid,
    Uid,
    Unit,
    Message,
}

/// How many fields there are in [`Field`].
const FIELDS: usize = 10;

impl Field {
    fn named(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"__CURSOR" => Self::Cursor,
            b"__REALTIME_TIMESTAMP" => Self::Realtime,
            b"_SOURCE_REALTIME_TIMESTAMP" => Self::Source,
            b"_HOSTNAME" => Self::Host,
            b"SYSLOG_IDENTIFIER" => Self::Identifier,
            b"SYSLOG_PID" => Self::SyslogPid,
            b"_PID" => Self::Pid,
            b"_UID" => Self::Uid,
            b"_SYSTEMD_UNIT" => Self::Unit,
            b"MESSAGE" => Self::Message,
            _ => return None,
        })
    }
}

/// What is kept of one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    /// How often the field occurred.
    times: usize,
    value: Vec<u8>,
    /// Bytes of the value that were not kept.
    cut: u64,
}

/// One entry of the journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    kept: [Kept; FIELDS],
    /// Whether anything was read for it.
    begun: bool,
    broken: bool,
}

impl Entry {
    /// When: `_SOURCE_REALTIME_TIMESTAMP`, else `__REALTIME_TIMESTAMP`, in the calendar's zone. The source's stamp is the one that the
    /// kernel put on the datagram when the program wrote it; journald's own is later by as much as journald was behind.
    pub fn time(&self, calendar: &Calendar) -> Option<DateTime<FixedOffset>> {
        Some(self.instant()?.with_timezone(calendar.anchor.offset()))
    }

    fn instant(&self) -> Option<DateTime<Utc>> {
        let stamp = |field| {
            let micros = i64::try_from(grammar::number(self.field(field)?)?).ok()?;
            DateTime::from_timestamp_micros(micros)
        };
        stamp(Field::Source).or_else(|| stamp(Field::Realtime))
    }

    fn pid(&self) -> Option<u32> {
        let pid = |field| self.field(field).and_then(grammar::number32);
        pid(Field::SyslogPid).or_else(|| pid(Field::Pid))
    }

    /// The record, as if the entry were a line of a file.
    pub fn record<'a>(&'a self, calendar: &Calendar) -> Record<'a> {
        let program = self.field(Field::Identifier).unwrap_or_default();
        let text = crate::envelope::clean(self.message().unwrap_or_default());
        let (severity, event) = if self.broken {
            let kind = Unrecognized::Unparsed;
            (None, Event::Unrecognized { kind, text })
        } else {
            crate::parse_text(program, text)
        };
        Record {
            time: self.time(calendar),
            host: self.field(Field::Host),
            program,
            pid: self.pid(),
            severity,
            repeated: 1,
            event,
        }
    }

    /// MESSAGE, at most [`MESSAGE_LIMIT`] bytes of the first one; `None` when the entry has none, or when journalctl(1) left it out because
    /// it is longer than 4096 bytes and `--all` was not given.
    pub fn message(&self) -> Option<&[u8]> {
        self.field(Field::Message)
    }

    /// How many MESSAGE fields the entry had.
    pub fn messages(&self) -> usize {
        self.kept(Field::Message).times
    }

    /// Bytes of the first MESSAGE that were not kept.
    pub fn cut(&self) -> u64 {
        self.kept(Field::Message).cut
    }

    /// `SYSLOG_IDENTIFIER`: the program, by its own word: `postfix/smtpd`.
    pub fn identifier(&self) -> Option<&[u8]> {
        self.field(Field::Identifier)
    }

    /// Where the entry stands in the journal, for `--after-cursor`.
    pub fn cursor(&self) -> Option<&[u8]> {
        self.field(Field::Cursor)
    }

    /// `_UID`: the user that wrote it, as the kernel says.
    pub fn uid(&self) -> Option<u32> {
        self.field(Field::Uid).and_then(grammar::number32)
    }

    /// `_SYSTEMD_UNIT`: the unit that wrote it, as the kernel says: `postfix@-.service`.
    pub fn unit(&self) -> Option<&[u8]> {
        self.field(Field::Unit)
    }

    /// Whether the stream had no whole entry here.
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    fn kept(&self, field: Field) -> &Kept {
        static NOTHING: Kept = Kept {
            times: 0,
            value: Vec::new(),
            cut: 0,
        };
        self.kept.get(field as usize).unwrap_or(&NOTHING)
    }

    fn field(&self, field: Field) -> Option<&[u8]> {
        let kept = self.kept(field);
        (kept.times > 0).then_some(kept.value.as_slice())
    }

    /// A field's value begins.
    fn open(&mut self, field: Field) {
        if let Some(kept) = self.kept.get_mut(field as usize) {
            kept.times += 1;
        }
    }

    /// More of the value of the field that was opened last.
    fn add(&mut self, field: Field, bytes: &[u8]) {
        let limit = match field {
            Field::Message => MESSAGE_LIMIT,
            _ => FIELD_LIMIT,
        };
        let Some(kept) = self.kept.get_mut(field as usize) else {
            return;
        };
        if kept.times > 1 {
            return;
        }
        let room = limit.saturating_sub(kept.value.len());
        let (now, over) = bytes.split_at(bytes.len().min(room));
        kept.value.extend_from_slice(now);
        kept.cut = kept.cut.saturating_add(over.len() as u64);
    }

    /// Gives itself out, when there is anything, and is empty again.
    fn give(&mut self, on: &mut impl FnMut(&Entry)) {
        if self.begun {
            on(self);
        }
        for kept in &mut self.kept {
            kept.times = 0;
            kept.value.clear();
            kept.cut = 0;
        }
        self.begun = false;
        self.broken = false;
    }
}

/// Adds to the name of a field; a name that is too long is emptied by [`Name::field`].
#[derive(Debug, Default)]
struct Name {
    bytes: Vec<u8>,
}

impl Name {
    fn add(&mut self, bytes: &[u8]) {
        let room = (NAME_LIMIT + 1).saturating_sub(self.bytes.len());
        self.bytes
            .extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// The field of this name, which is forgotten.
    fn field(&mut self) -> Option<Field> {
        let field = Field::named(&self.bytes);
        self.bytes.clear();
        field
    }
}

#[cfg(test)]
mod tests;
