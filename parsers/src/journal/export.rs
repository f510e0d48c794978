//! The export format: `KEY=value` lines; a value with control characters as `KEY`, its length (64 bits, little endian) and its
//! bytes; a blank line after each entry.
//!
//! In come pieces of the stream, out go entries. A length beyond what journald stores, bytes that no newline follows, or a name that none can have, break
//! the entry; reading goes on behind the next blank line. Nothing is interpreted here.
//! Specified in `JOURNAL_EXPORT_FORMATS` (systemd.io); the longest value is `DATA_SIZE_MAX` of systemd's `journal-importer.h`.

use super::{Entry, Field, NAME_LIMIT, Name};
use memchr::{memchr, memchr2};

/// Whether a stream is of this format, by its first line: a field of journald's (`__CURSOR=`) or one that entries of mail have. Any other
/// `NAME=value` may be the text of a log.
pub(super) fn begins(start: &[u8]) -> bool {
    let start = start.get(..=NAME_LIMIT).unwrap_or(start);
    let Some((name, _)) = crate::grammar::split(start, b"=") else {
        return false;
    };
    is_name(name) && (name.starts_with(b"__") || Field::named(name).is_some())
}

/// Whether a field can have this name (systemd, `journal_field_valid`).
fn is_name(name: &[u8]) -> bool {
    let inner = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    name.first().is_some_and(|first| !first.is_ascii_digit()) && name.iter().all(inner)
}

/// The longest value that journald stores.
const LONGEST: u64 = 768 << 20;

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Next {
    #[default]
    Name,
    /// The value of a line, up to its newline.
    Text(Option<Field>),
    /// The length of a binary value, of which this much is known: the bytes so far, and how many.
    Length(Option<Field>, u64, u32),
    /// That many bytes.
    Bytes(Option<Field>, u64),
    /// The newline after a binary value.
    Newline,
    /// Nonsense up to a blank line; whether the last byte was a newline.
    Lost(bool),
}

/// The reader of one stream.
#[derive(Debug, Default)]
pub(super) struct Export {
    next: Next,
    name: Name,
}

impl Export {
    pub(super) fn take(
        &mut self,
        mut piece: &[u8],
        entry: &mut Entry,
        on: &mut impl FnMut(&Entry),
    ) {
        while !piece.is_empty() {
            piece = self.step(piece, entry, on);
        }
    }

    pub(super) fn finish(&mut self, entry: &mut Entry, on: &mut impl FnMut(&Entry)) {
        let whole = match self.next {
            Next::Name => self.name.bytes.is_empty(),
            Next::Text(_) | Next::Newline => true,
            _ => false,
        };
        entry.broken |= !whole;
        self.next = Next::Name;
        self.name.bytes.clear();
        entry.give(on);
    }

    /// Reads the next part of a piece that is not empty and returns what is left of it.
    fn step<'a>(
        &mut self,
        piece: &'a [u8],
        entry: &mut Entry,
        on: &mut impl FnMut(&Entry),
    ) -> &'a [u8] {
        match self.next {
            Next::Name => self.read_name(piece, entry, on),
            Next::Text(field) => {
                let end = memchr(b'\n', piece);
                let (text, rest) = cut(piece, end);
                if let Some(field) = field {
                    entry.add(field, text);
                }
                if end.is_some() {
                    self.next = Next::Name;
                }
                rest
            }
            Next::Length(field, so_far, known) => {
                let (byte, rest) = piece.split_first().unwrap_or((&0, b""));
                let length = so_far | u64::from(*byte) << (8 * known);
                self.next = match (known, length) {
                    (7, 0) => Next::Newline,
                    (7, length) if length > LONGEST => lost(entry),
                    (7, length) => Next::Bytes(field, length),
                    _ => Next::Length(field, length, known + 1),
                };
                rest
            }
            Next::Bytes(field, left) => {
                let here = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
                let (bytes, rest) = piece.split_at(here);
                if let Some(field) = field {
                    entry.add(field, bytes);
                }
                let left = left - here as u64;
                self.next = if left == 0 {
                    Next::Newline
                } else {
                    Next::Bytes(field, left)
                };
                rest
            }
            Next::Newline => {
                let (byte, rest) = piece.split_first().unwrap_or((&0, b""));
                self.next = if *byte == b'\n' {
                    Next::Name
                } else {
                    lost(entry)
                };
                rest
            }
            Next::Lost(after_newline) => {
                let end = memchr(b'\n', piece);
                let (skipped, rest) = cut(piece, end);
                let blank = after_newline && skipped.is_empty() && end.is_some();
                self.next = if blank {
                    entry.give(on);
                    Next::Name
                } else {
                    Next::Lost(end.is_some())
                };
                rest
            }
        }
    }

    fn read_name<'a>(
        &mut self,
        piece: &'a [u8],
        entry: &mut Entry,
        on: &mut impl FnMut(&Entry),
    ) -> &'a [u8] {
        let end = memchr2(b'=', b'\n', piece);
        let (name, rest) = cut(piece, end);
        self.name.add(name);
        match end.and_then(|end| piece.get(end)) {
            None => {}
            Some(b'\n') if self.name.bytes.is_empty() => entry.give(on),
            Some(mark) if !is_name(&self.name.bytes) => {
                entry.begun = true;
                entry.broken = true;
                self.name.bytes.clear();
                self.next = Next::Lost(*mark == b'\n');
            }
            Some(mark) => {
                entry.begun = true;
                let field = self.name.field();
                if let Some(field) = field {
                    entry.open(field);
                }
                self.next = if *mark == b'=' {
                    Next::Text(field)
                } else {
                    Next::Length(field, 0, 0)
                };
            }
        }
        rest
    }
}

fn lost(entry: &mut Entry) -> Next {
    entry.broken = true;
    Next::Lost(false)
}

/// What stands before a mark of one byte, and after it; everything, when there is no mark.
fn cut(piece: &[u8], mark: Option<usize>) -> (&[u8], &[u8]) {
    match mark {
        Some(at) => crate::grammar::split_at(piece, at, 1).unwrap_or((piece, b"")),
        None => (piece, b""),
    }
}
