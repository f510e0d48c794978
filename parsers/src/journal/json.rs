//! The JSON format: one object a line. A value is a string, an array of the bytes of a text with control characters, an array of values
//! of a field that occurs more than once, or `null` for a long one.
//!
//! In come pieces of the stream, out go entries. It reads byte by byte what the shape of an entry needs and no more JSON than that: an
//! object, its names, strings, numbers, arrays. A newline ends an entry wherever it stands, since journalctl(1) writes none inside.
//! Specified in RFC 8259 and `shared/logs-show.c` of systemd.

use super::{Entry, Field, Name};
use memchr::memchr3;

/// Arrays in arrays beyond this are nobody's entry.
const DEEPEST: u32 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Before the brace.
    #[default]
    Start,
    /// Before a name, or the brace at the end.
    Name,
    /// Before the colon.
    Colon,
    /// Before a value, in so many arrays.
    Value,
    /// In a number or a word.
    Word,
    /// After a value.
    After,
    /// Behind the brace.
    End,
    /// In nonsense, up to the newline.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    #[default]
    No,
    /// After the backslash.
    Began,
    /// After `\u`: the digits so far, and how many.
    Unit(u32, u32),
}

/// The reader of one stream.
#[derive(Debug, Default)]
pub(super) struct Json {
    place: Place,
    /// Whether a string is being read, which is a name or a value as `place` says.
    string: bool,
    escape: Escape,
    /// The first half of a pair of UTF-16 units.
    half: Option<u32>,
    name: Name,
    field: Option<Field>,
    /// Arrays around the value.
    depth: u32,
    /// Whether the array of bytes that is being read has opened the field.
    in_bytes: bool,
    /// The number that is being read; `None` when it is no byte.
    number: Option<u32>,
}

impl Json {
    pub(super) fn take(
        &mut self,
        mut piece: &[u8],
        entry: &mut Entry,
        on: &mut impl FnMut(&Entry),
    ) {
        while let Some((&byte, rest)) = piece.split_first() {
            if self.string && self.escape == Escape::No && self.place != Place::Lost {
                let end = memchr3(b'"', b'\\', b'\n', piece).unwrap_or(piece.len());
                if end > 0 {
                    let (plain, after) = piece.split_at(end);
                    self.text(plain, entry);
                    piece = after;
                    continue;
                }
            } else if self.place == Place::Lost {
                let end = memchr::memchr(b'\n', piece).unwrap_or(piece.len());
                if end > 0 {
                    piece = piece.get(end..).unwrap_or_default();
                    continue;
                }
            }
            piece = rest;
            if byte == b'\n' {
                self.finish(entry, on);
            } else if self.string {
                self.in_string(byte, entry);
            } else {
                self.outside(byte, entry);
            }
        }
    }

    pub(super) fn finish(&mut self, entry: &mut Entry, on: &mut impl FnMut(&Entry)) {
        entry.broken |= !matches!(self.place, Place::End | Place::Start);
        let mut name = std::mem::take(&mut self.name);
        name.bytes.clear();
        *self = Self {
            name,
            ..Self::default()
        };
        entry.give(on);
    }

    /// Whether one object was read, and nothing but it.
    pub(super) fn is_whole(&self) -> bool {
        self.place == Place::End
    }

    fn lost(&mut self, entry: &mut Entry) {
        entry.begun = true;
        self.place = Place::Lost;
        self.string = false;
    }

    fn text(&mut self, bytes: &[u8], entry: &mut Entry) {
        if self.half.take().is_some() {
            self.put("\u{fffd}".as_bytes(), entry);
        }
        self.put(bytes, entry);
    }

    fn put(&mut self, bytes: &[u8], entry: &mut Entry) {
        if self.place == Place::Name {
            self.name.add(bytes);
        } else if let Some(field) = self.field {
            entry.add(field, bytes);
        }
    }

    fn in_string(&mut self, byte: u8, entry: &mut Entry) {
        match (self.escape, byte) {
            (Escape::No, b'"') => {
                self.text(b"", entry);
                self.string = false;
                if self.place == Place::Name {
                    self.field = self.name.field();
                    self.place = Place::Colon;
                } else {
                    self.place = Place::After;
                }
            }
            (Escape::No, b'\\') => self.escape = Escape::Began,
            (Escape::No, byte) => self.text(&[byte], entry),
            (Escape::Began, b'u') => self.escape = Escape::Unit(0, 0),
            (Escape::Began, byte) => {
                self.escape = Escape::No;
                let byte = match byte {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'b' => 8,
                    b'f' => 12,
                    b'"' | b'\\' | b'/' => byte,
                    _ => return self.lost(entry),
                };
                self.text(&[byte], entry);
            }
            (Escape::Unit(unit, known), byte) => {
                let Some(digit) = char::from(byte).to_digit(16) else {
                    return self.lost(entry);
                };
                let unit = unit << 4 | digit;
                if known < 3 {
                    self.escape = Escape::Unit(unit, known + 1);
                } else {
                    self.escape = Escape::No;
                    self.unit(unit, entry);
                }
            }
        }
    }

    /// One UTF-16 unit; a half without its other half becomes U+FFFD.
    fn unit(&mut self, unit: u32, entry: &mut Entry) {
        let scalar = match (self.half, unit) {
            (Some(high), 0xdc00..=0xdfff) => {
                self.half = None;
                0x1_0000 + ((high - 0xd800) << 10) + (unit - 0xdc00)
            }
            (_, 0xd800..=0xdbff) => {
                self.text(b"", entry);
                self.half = Some(unit);
                return;
            }
            (_, unit) => unit,
        };
        let scalar = char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.text(scalar.encode_utf8(&mut [0; 4]).as_bytes(), entry);
    }

    fn outside(&mut self, byte: u8, entry: &mut Entry) {
        if matches!(byte, b' ' | b'\t' | b'\r') {
            if self.place == Place::Word {
                self.word_ends(entry);
            }
            return;
        }
        match (self.place, byte) {
            (Place::Start, b'{') => {
                entry.begun = true;
                self.place = Place::Name;
            }
            (Place::Start, 0) | (Place::Lost, _) => {}
            (Place::Name, b'"') => self.string = true,
            (Place::Name, b'}') => self.place = Place::End,
            (Place::Colon, b':') => {
                self.depth = 0;
                self.place = Place::Value;
            }
            (Place::Value, b'"') if !self.in_bytes => {
                self.string = true;
                self.open(entry);
            }
            (Place::Value, b'[') if self.depth < DEEPEST && !self.in_bytes => self.depth += 1,
            (Place::Value, b'0'..=b'9' | b'a'..=b'z' | b'-') => {
                self.place = Place::Word;
                self.number = Some(0);
                self.word(byte);
            }
            (Place::Word, b'0'..=b'9' | b'a'..=b'z' | b'-' | b'+' | b'.' | b'E') => self.word(byte),
            (Place::Word, _) => {
                self.word_ends(entry);
                self.outside(byte, entry);
            }
            (Place::After, b',') => {
                self.place = if self.depth > 0 {
                    Place::Value
                } else {
                    Place::Name
                };
            }
            (Place::Value | Place::After, b']') if self.depth > 0 => self.array_ends(),
            (Place::After, b'}') if self.depth == 0 => self.place = Place::End,
            _ => self.lost(entry),
        }
    }

    fn array_ends(&mut self) {
        self.in_bytes = false;
        self.depth -= 1;
        self.place = Place::After;
    }

    fn open(&mut self, entry: &mut Entry) {
        if let Some(field) = self.field {
            entry.open(field);
        }
    }

    fn word(&mut self, byte: u8) {
        self.number = self.number.filter(|_| byte.is_ascii_digit()).and_then(|n| {
            let n = n * 10 + u32::from(byte & 15);
            (n < 256).then_some(n)
        });
    }

    /// A number in an array is a byte of the value; any other word, such as `null`, is none.
    fn word_ends(&mut self, entry: &mut Entry) {
        self.place = Place::After;
        let Some(byte) = self.number.and_then(|number| u8::try_from(number).ok()) else {
            return;
        };
        if self.depth == 0 {
            return;
        }
        if !self.in_bytes {
            self.in_bytes = true;
            self.open(entry);
        }
        self.put(&[byte], entry);
    }
}
