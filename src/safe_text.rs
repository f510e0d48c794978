//! SafeText: text from outside, escapes made visible; the only text that a screen, file or JSON accepts.
//!
//! In come bytes that anybody on the Internet may have chosen: envelope addresses, replies of remote servers, message ids, names of
//! programs. Out comes text that can be written into a terminal cell, a file or JSON and means nothing but itself: no control
//! characters, no bidirectional controls or right-to-left letters that reorder a row, nothing invisible, nothing whose width terminals
//! disagree about, at most [`MARKS`] combining marks upon one letter. What is not allowed is not dropped but shown as its escape:
//! `\x1b`, `\t`, `\u{202e}`. Making safe text safe again changes nothing.
//!
//! It deliberately does not say whether a text is true: a remote server may still reply "status=sent". And it does not escape a
//! backslash, so an escape cannot be told from the same letters typed by hand; it is for reading, not for reading back.
//!
//! General categories: Unicode Standard Annex 44, table 12. Widths: Unicode Standard Annex 11.

mod private;
mod scalars;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;

use unicode_width::UnicodeWidthChar;

use scalars::{Kind, kind};

/// Combining marks that one base letter keeps; more are escaped.
pub const MARKS: usize = 2;

/// Text that can be written anywhere without harm.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SafeText(Box<str>);

impl SafeText {
    /// Makes any bytes safe. Bytes that are no UTF-8 become `\xNN`, one by one.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(shown(bytes.as_ref()).into())
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True if there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Columns that the text takes in a terminal.
    pub fn width(&self) -> usize {
        columns(&self.0)
    }

    /// At most this many columns; where something had to go, the last column is `…`.
    pub fn cut(&self, columns: usize) -> Self {
        self.cut_with(columns, '…')
    }

    /// [`SafeText::cut`] for terminals without `…`: the last column is `~`.
    pub fn cut_ascii(&self, columns: usize) -> Self {
        self.cut_with(columns, '~')
    }

    fn cut_with(&self, limit: usize, mark: char) -> Self {
        if self.width() <= limit {
            return self.clone();
        }
        let Some(room) = limit.checked_sub(1) else {
            return Self::default();
        };
        let mut text = head(&self.0, room).to_owned();
        text.push(mark);
        Self(text.into())
    }

    /// Blanks added on the right up to this many columns; longer text stays as it is.
    pub fn pad(&self, columns: usize) -> Self {
        Self(format!("{self:<columns$}").into())
    }

    /// Blanks added on the left up to this many columns, for numbers; longer text stays as it is.
    pub fn pad_left(&self, columns: usize) -> Self {
        Self(format!("{self:>columns$}").into())
    }

    /// The same with every scalar outside ASCII escaped, for terminals and files that know nothing else.
    pub fn ascii(&self) -> Self {
        if self.0.is_ascii() {
            return self.clone();
        }
        let mut out = String::with_capacity(self.0.len() * 2);
        for c in self.0.chars() {
            if c.is_ascii() {
                out.push(c);
            } else {
                push_escape(&mut out, c);
            }
        }
        Self(out.into())
    }
}

/// The text of [`SafeText::new`], borrowed where the bytes are safe already: for comparing, where nothing is kept.
pub fn shown(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => escape(text),
        Err(_) => Cow::Owned(escape_bytes(bytes)),
    }
}

/// Columns of text that is safe already: the sum over its scalars, because [`scalars`] lets no scalar pass that changes its neighbour's width.
fn columns(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The longest beginning of at most this many columns; marks stay with their letter.
fn head(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > limit {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

fn escape(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, 0x20..=0x7e)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    escape_into(&mut out, text);
    Cow::Owned(out)
}

fn escape_bytes(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for chunk in bytes.utf8_chunks() {
        escape_into(&mut out, chunk.valid());
        for byte in chunk.invalid() {
            push_byte(&mut out, *byte);
        }
    }
    out
}

fn escape_into(out: &mut String, text: &str) {
    // How many marks the letter before still takes; none at the start, after a blank and after an escape.
    let mut room = 0;
    for c in text.chars() {
        match kind(c) {
            Kind::Blank => {
                out.push(c);
                room = 0;
            }
            Kind::Base => {
                out.push(c);
                room = MARKS;
            }
            Kind::Mark if room > 0 => {
                out.push(c);
                room -= 1;
            }
            Kind::Mark => push_escape(out, c),
            Kind::Forbidden => {
                push_escape(out, c);
                room = 0;
            }
        }
    }
}

fn push_escape(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str("\\t"),
        '\r' => out.push_str("\\r"),
        '\n' => out.push_str("\\n"),
        c if c.is_ascii() => push_byte(out, c as u8),
        c => out.extend(c.escape_unicode()),
    }
}

fn push_byte(out: &mut String, byte: u8) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    out.push_str("\\x");
    out.extend(
        [byte >> 4, byte & 15]
            .iter()
            .filter_map(|nibble| HEX.get(usize::from(*nibble))),
    );
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        Self(escape(text).into())
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        match escape(&text) {
            Cow::Owned(safe) => Self(safe.into()),
            Cow::Borrowed(_) => Self(text.into()),
        }
    }
}

impl From<&SafeText> for SafeText {
    fn from(text: &SafeText) -> Self {
        text.clone()
    }
}

impl From<char> for SafeText {
    fn from(c: char) -> Self {
        Self::from(c.encode_utf8(&mut [0; 4]) as &str)
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for SafeText {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for SafeText {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl serde::Serialize for SafeText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// Width, alignment, fill and precision are counted in columns, not in scalars; precision cuts without a mark.
impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match f.precision() {
            Some(limit) => head(&self.0, limit),
            None => &self.0,
        };
        let missing = f
            .width()
            .map_or(0, |width| width.saturating_sub(columns(text)));
        let before = match f.align() {
            Some(fmt::Alignment::Right) => missing,
            Some(fmt::Alignment::Center) => missing / 2,
            Some(fmt::Alignment::Left) | None => 0,
        };
        let fill = f.fill();
        for _ in 0..before {
            fmt::Write::write_char(f, fill)?;
        }
        f.write_str(text)?;
        for _ in before..missing {
            fmt::Write::write_char(f, fill)?;
        }
        Ok(())
    }
}
