//! The small words of the grammar that several lines share: marks, fields, decimal numbers.
//!
//! Comes in: the bytes that are left of a line. Goes out: what was read and what is left, in nom's manner. Every rule is
//! anchored at the start of its input; nothing here looks through a line for a key.
//!
//! A field of a log line is a few bytes long, so searches begin with a register's worth of bytes in place ([`find_byte`]) and
//! only then call memchr: the call alone costs as much as most fields take.
//!
//! Deliberately not here: anything that knows what a field means.

use nom::bytes::complete::{tag, take_until};
use nom::{Err, IResult};

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
///
/// Both are looked for at a time, as in [`find_byte`].
#[inline]
pub(crate) fn find_either(one: u8, other: u8, text: &[u8]) -> Option<usize> {
    let (mut from, mut rest) = (0, text);
    while let Some((word, after)) = rest.split_first_chunk() {
        let found = places(one, *word) | places(other, *word);
        if found != 0 {
            return Some(from + first_place(found));
        }
        (from, rest) = (from + 8, after);
    }
    let at = rest.iter().position(|&byte| byte == one || byte == other)?;
    Some(from + at)
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

/// A decimal fraction such as `0.05` or `-3`, the whole field.
pub(crate) fn decimal(field: &[u8]) -> Option<f64> {
    match leading_decimal(field)? {
        (value, b"") => Some(value),
        _ => None,
    }
}

/// The decimal fraction that a text begins with, and what follows it.
#[inline]
pub(crate) fn leading_decimal(text: &[u8]) -> Option<(f64, &[u8])> {
    let digit = |byte: &u8| u32::from(byte & 15);
    // What most delays are, and what follows them.
    match text {
        [a @ b'0'..=b'9', rest @ ..] if ends_delay(rest) => Some((f64::from(digit(a)), rest)),
        [
            a @ b'0'..=b'9',
            b'.',
            b @ b'0'..=b'9',
            c @ b'0'..=b'9',
            rest @ ..,
        ] if ends_delay(rest) => {
            let hundredths = digit(a) * 100 + digit(b) * 10 + digit(c);
            Some((f64::from(hundredths) / 100.0, rest))
        }
        _ => long_leading_decimal(text),
    }
}

#[inline]
fn ends_delay(rest: &[u8]) -> bool {
    matches!(rest, [b'/' | b',', ..])
}

#[inline(never)]
fn long_leading_decimal(text: &[u8]) -> Option<(f64, &[u8])> {
    let goes_on = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'-');
    let end = text.iter().position(|byte| !goes_on(byte));
    let (field, rest) = text.split_at_checked(end.unwrap_or(text.len()))?;
    Some((long_decimal(field)?, rest))
}

/// The quotient of two exact numbers is the nearest one.
fn long_decimal(field: &[u8]) -> Option<f64> {
    const DIGITS: usize = 15;
    const SCALES: [f64; DIGITS] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
    ];
    let (negative, digits) = match field {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > DIGITS + 1 {
        return None;
    }
    let (mut number, mut point) = (0_u64, None);
    for (at, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => number = number * 10 + u64::from(byte & 15),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
    }
    let whole = point.unwrap_or(digits.len());
    let fraction = digits.len() - point.map_or(whole, |at| at + 1);
    if whole == 0 || whole + fraction > DIGITS {
        return None;
    }
    // The sum has no more than 15 digits and so is exact.
    let value = match fraction {
        0 => number as f64,
        places => number as f64 / SCALES.get(places)?,
    };
    Some(if negative { -value } else { value })
}

/// A whole field as an unsigned number.
pub(crate) fn number(field: &[u8]) -> Option<u64> {
    match leading_number(field)? {
        (number, b"") => Some(number),
        _ => None,
    }
}

/// The number that a text begins with, and what follows it; `None` without one, or when it is too large.
#[inline]
pub(crate) fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    match short_number(text) {
        Some((number, digits)) => Some((number, text.get(digits..)?)),
        None => long_number(text),
    }
}

/// The number of up to seven digits that a text begins with, and how many they are: what process ids and sizes are. `None` for any other,
/// and for one within the last bytes of a text.
///
/// All digits are added up in one register: pairs of them, then pairs of pairs.
#[inline]
fn short_number(text: &[u8]) -> Option<(u64, usize)> {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    const SIXES: u64 = u64::from_le_bytes([6; 8]);
    const TENS: u64 = u64::from_le_bytes([0xf0; 8]);
    let values = u64::from_le_bytes(*text.first_chunk()?) ^ ZEROS;
    // Digits became 0 to 9, and six more than that still fits half a byte. What is carried reaches only what stands behind the number.
    let others = (values | values.wrapping_add(SIXES)) & TENS;
    let bits = others.trailing_zeros() & !7;
    if bits == 0 || bits == u64::BITS {
        return None;
    }
    // With zeros in front.
    let digits = values << (u64::BITS - bits);
    let twos = (digits.wrapping_mul(10).wrapping_add(digits >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (twos.wrapping_mul(100).wrapping_add(twos >> 16)) & 0x0000_ffff_0000_ffff;
    let number = (fours.wrapping_mul(10_000).wrapping_add(fours >> 32)) & 0xffff_ffff;
    Some((number, (bits / 8) as usize))
}

fn long_number(text: &[u8]) -> Option<(u64, &[u8])> {
    /// So many digits always fit.
    const FIT: usize = 19;
    let mut number = 0_u64;
    for (at, &byte) in text.iter().enumerate() {
        if !byte.is_ascii_digit() {
            let (digits, rest) = text.split_at_checked(at)?;
            return (!digits.is_empty()).then_some((number, rest));
        }
        let digit = u64::from(byte & 15);
        number = if at < FIT {
            number.wrapping_mul(10).wrapping_add(digit)
        } else {
            number.checked_mul(10)?.checked_add(digit)?
        };
    }
    (!text.is_empty()).then_some((number, b""))
}

/// A whole field as a number of 32 bits.
pub(crate) fn number32(field: &[u8]) -> Option<u32> {
    number(field).and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use memchr::memmem;

    #[test]
    fn decimals_are_the_nearest_numbers() {
        let short = (0..1000).flat_map(|n| {
            let [a, b, c] = [n / 100, n / 10 % 10, n % 10];
            [format!("{a}"), format!("{a}.{b}"), format!("{a}.{b}{c}")]
        });
        let others = ["53", "-3", "4000.25", "10.1", "0.001"].map(String::from);
        for text in short.chain(others) {
            assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in ["", "-", ".5", "1e3", "1.2.3", "nan", "1234567890123456"] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn numbers_do_not_overflow() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number32(b"4294967296"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"1 "), None);
    }

    #[test]
    fn short_decimals_are_read_as_long_ones() {
        let bytes = b"0179.-/, x";
        let texts = (0..bytes.len().pow(5)).map(|number| {
            let byte = |place: u32| bytes[number / bytes.len().pow(place) % bytes.len()];
            [0, 1, 2, 3, 4].map(byte)
        });
        for text in texts {
            assert_eq!(
                leading_decimal(&text),
                long_leading_decimal(&text),
                "{}",
                text.escape_ascii()
            );
        }
        assert_eq!(leading_decimal(b"0.05/0"), Some((0.05, &b"/0"[..])));
        assert_eq!(leading_decimal(b"3, x"), Some((3.0, &b", x"[..])));
    }

    #[test]
    fn a_leading_number_ends_at_the_first_other_byte() {
        assert_eq!(leading_number(b"12, x"), Some((12, &b", x"[..])));
        assert_eq!(leading_number(b"007"), Some((7, &b""[..])));
        for text in ["", "x1", "-1", "18446744073709551616"] {
            assert_eq!(leading_number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn short_numbers_are_read_as_long_ones() {
        for digits in 0..=8 {
            for other in 0..=u8::MAX {
                for pattern in [b"12345678", b"00090000", b"99999999"] {
                    let mut text = pattern[..digits].to_vec();
                    text.extend([other, b'7', 0xff, other, b'0', b':', 0xfa, b'9']);
                    let short = short_number(&text);
                    let number = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    assert_eq!(short.is_some(), (1..8).contains(&number));
                    assert_eq!(
                        leading_number(&text),
                        long_number(&text),
                        "{}",
                        text.escape_ascii()
                    );
                }
            }
        }
    }

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
        for length in [0, 1, 7, 8, 9, 40] {
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
