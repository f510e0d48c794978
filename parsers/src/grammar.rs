//! The small words of the grammar that several lines share: marks, fields, decimal numbers.
//!
//! Comes in: the bytes that are left of a line. Goes out: what was read and what is left, in nom's manner. Every rule is
//! anchored at the start of its input; nothing here looks through a line for a key.
//!
//! A field of a log line is a few bytes long, so searches begin with a register's worth of bytes in place ([`find_byte`]) and
//! only then call memchr: the call alone costs as much as most fields take.
//!
//! Deliberately not here: anything that knows what a field means.

mod numbers;

use nom::bytes::complete::{tag, take_until};
use nom::{Err, IResult};
pub(crate) use numbers::{decimal, leading_decimal, leading_number, number, number32};

/// What a rule returns: the input that is left, and what was read. No reason for a failure: the next rule is tried.
pub(crate) type Read<'a, T> = IResult<&'a [u8], T, ()>;

/// The failure of a rule.
pub(crate) const NO: Err<()> = Err::Error(());

/// A mark.
pub(crate) fn mark<'a>(text: &'static str) -> impl Fn(&'a [u8]) -> Read<'a, &'a [u8]> {
    tag(text)
}

/// The text before a mark, which is left.
pub(crate) fn before<'a>(mark: &'static str) -> impl Fn(&'a [u8]) -> Read<'a, &'a [u8]> {
    move |input| take_until(mark)(input)
}

/// The text up to a mark, which is read too.
pub(crate) fn up_to<'a>(mark: &'static str) -> impl Fn(&'a [u8]) -> Read<'a, &'a [u8]> {
    move |input| {
        let (rest, text) = before(mark)(input)?;
        let (rest, _) = self::mark(mark)(rest)?;
        Ok((rest, text))
    }
}

/// Where a byte first stands.
///
/// The first 64 bytes are looked at eight at a time.
#[inline]
pub(crate) fn find_byte(byte: u8, text: &[u8]) -> Option<usize> {
    const NEAR: usize = 64;
    let (mut from, mut rest) = (0, text);
    while let Some((word, after)) = rest.split_first_chunk() {
        let found = places(byte, *word);
        if found != 0 {
            return Some(from + first_place(found));
        }
        (from, rest) = (from + 8, after);
        if from == NEAR {
            return memchr::memchr(byte, rest).map(|at| NEAR + at);
        }
    }
    let at = rest.iter().position(|&other| other == byte)?;
    Some(from + at)
}

/// Where a byte first stands, if a certain other one does not stand before it.
#[inline]
pub(crate) fn find_byte_before(byte: u8, other: u8, text: &[u8]) -> Option<usize> {
    let at = find_either(byte, other, text)?;
    (text.get(at) == Some(&byte)).then_some(at)
}

/// Where the first of two bytes stands.
#[inline]
pub(crate) fn find_either(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    let is_wanted = |byte: u8| byte == one || byte == other;
    let (mut from, mut rest) = (0, text);
    while let Some((chunk, after)) = rest.split_first_chunk() {
        if let Some(at) = first_in(chunk, is_wanted) {
            return Some(from + at);
        }
        (from, rest) = (from + 16, after);
    }
    if let Some((word, after)) = rest.split_first_chunk() {
        let found = places(one, *word) | places(other, *word);
        if found != 0 {
            return Some(from + first_place(found));
        }
        (from, rest) = (from + 8, after);
    }
    let at = rest.iter().position(|&byte| is_wanted(byte))?;
    Some(from + at)
}

/// Where the first wanted one of sixteen bytes stands. Written so that all are compared at a time.
#[inline]
pub(crate) fn first_in(chunk: &[u8; 16], is_wanted: impl Fn(u8) -> bool) -> Option<usize> {
    let none = !chunk.iter().fold(false, |any, &byte| any | is_wanted(byte));
    if none {
        return None;
    }
    let marks = chunk.map(|byte| if is_wanted(byte) { 0xff } else { 0 });
    Some((u128::from_le_bytes(marks).trailing_zeros() / 8) as usize)
}

/// Where a byte stands in a word: the lowest high bit is that of the first place.
///
/// In the difference to the byte repeated, the lowest byte whose high bit survives `(d - 1) & !d` is the lowest zero (Hacker's Delight,
/// section 6-1).
#[inline]
fn places(byte: u8, word: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let difference = u64::from_le_bytes(word) ^ (ONES * u64::from(byte));
    difference.wrapping_sub(ONES) & !difference & HIGH
}

#[inline]
fn first_place(places: u64) -> usize {
    (places.trailing_zeros() / 8) as usize
}

/// Where a mark first stands. Most of the places of its first byte that is no blank are places of the mark, so nothing is
/// prepared, as memmem would do at every call.
#[inline]
pub(crate) fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    let anchor = mark.iter().position(|&byte| byte != b' ').unwrap_or(0);
    let byte = *mark.get(anchor)?;
    // No place of the mark begins before the text.
    let mut from = anchor;
    loop {
        let at = from + find_byte(byte, text.get(from..)?)?;
        let start = at - anchor;
        if text.get(start..)?.starts_with(mark) {
            return Some(start);
        }
        from = at + 1;
    }
}

/// Where a mark last stands.
pub(crate) fn rfind(text: &[u8], mark: &[u8]) -> Option<usize> {
    rfind_iter(text, mark).next()
}

/// The places of a mark, the last one first, also where they overlap.
pub(crate) fn rfind_iter<'a>(text: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let anchor = mark.iter().rposition(|&byte| byte != b' ').unwrap_or(0);
    let byte = mark.get(anchor).copied().unwrap_or_default();
    memchr::memrchr_iter(byte, text).filter_map(move |at| {
        let start = at.checked_sub(anchor)?;
        text.get(start..)?.starts_with(mark).then_some(start)
    })
}

/// The text before and after the first occurrence of a mark.
#[inline]
pub(crate) fn split<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    split_at(text, find(text, mark)?, mark.len())
}

/// The text before and after the first occurrence of a byte.
#[inline]
pub(crate) fn split_byte(text: &[u8], byte: u8) -> Option<(&[u8], &[u8])> {
    split_at(text, find_byte(byte, text)?, 1)
}

/// The text before a position and the text after a mark of some length that stands there.
pub(crate) fn split_at(text: &[u8], at: usize, mark: usize) -> Option<(&[u8], &[u8])> {
    let (before, from) = text.split_at_checked(at)?;
    Some((before, from.get(mark..)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;

    #[test]
    fn bytes_and_marks_are_found_at_every_place() {
        // Bytes that differ from the wanted one by the carry of its neighbour, and lengths around the steps of the search.
        for filler in [b'.', b';', b'9', 0xff, 0] {
            for length in [0, 1, 7, 8, 9, 63, 64, 65, 200] {
                let mut text = vec![filler; length];
                assert_eq!(find_byte(b':', &text), None);
                for at in 0..length {
                    text[at] = b':';
                    assert_eq!(find_byte(b':', &text), Some(at), "{length}");
                    text[at] = filler;
                }
            }
        }
        for length in [0, 1, 7, 8, 9, 15, 16, 17, 24, 31, 33, 40] {
            let mut text = vec![b'.'; length];
            assert_eq!(find_byte_before(b'[', b' ', &text), None);
            for (at, other) in (0..length).flat_map(|at| (0..length).map(move |other| (at, other)))
            {
                (text[other], text[at]) = (b' ', b'[');
                let expected = (at <= other).then_some(at);
                assert_eq!(find_byte_before(b'[', b' ', &text), expected, "{length}");
                assert_eq!(find_either(b'[', b' ', &text), Some(at.min(other)));
                (text[other], text[at]) = (b'.', b'.');
            }
        }
        let text = b" (a (b) from x, from y  (";
        for mark in [
            &b" ("[..],
            b"(",
            b") ",
            b" from ",
            b"from",
            b"  (",
            b"y  ",
            b"z",
            b" z",
        ] {
            assert_eq!(
                find(text, mark),
                memmem::find(text, mark),
                "{}",
                mark.escape_ascii()
            );
            assert_eq!(
                rfind(text, mark),
                memmem::rfind(text, mark),
                "{}",
                mark.escape_ascii()
            );
        }
        assert_eq!(find(b"(", b" ("), None);
        assert_eq!(rfind(b"(", b" ("), None);
        assert_eq!(find(b"", b" ("), None);
    }

    #[test]
    fn a_mark_splits_at_its_first_place() {
        assert_eq!(split(b"a, b, c", b", "), Some((&b"a"[..], &b"b, c"[..])));
        assert_eq!(split(b"a", b", "), None);
        assert_eq!(up_to("; ")(b"x; y"), Ok((&b"y"[..], &b"x"[..])));
    }
}
