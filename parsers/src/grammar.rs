//! The small words of the grammar that several lines share: marks, fields, decimal numbers.
//!
//! Comes in: the bytes that are left of a line. Goes out: what was read and what is left, in nom's manner. Every rule is
//! anchored at the start of its input; nothing here looks through a line for a key.
//!
//! Deliberately not here: anything that knows what a field means.

use memchr::memmem;
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

/// The text before and after the first occurrence of a mark.
pub(crate) fn split<'a>(text: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    split_at(text, memmem::find(text, mark)?, mark.len())
}

/// The text before a position and the text after a mark of some length that stands there.
pub(crate) fn split_at(text: &[u8], at: usize, mark: usize) -> Option<(&[u8], &[u8])> {
    let (before, from) = text.split_at_checked(at)?;
    Some((before, from.get(mark..)?))
}

/// A decimal fraction such as `0.05` or `-3`, the whole field. The quotient of two exact numbers is the nearest one.
pub(crate) fn decimal(field: &[u8]) -> Option<f64> {
    let (negative, digits) = match field {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let (whole, fraction) = split(digits, b".").unwrap_or((digits, b""));
    if whole.is_empty() || whole.len() + fraction.len() > 15 {
        return None;
    }
    let number = whole.iter().chain(fraction).try_fold(0_u64, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u64::from(byte & 15))
    })?;
    let scale = (0..fraction.len()).fold(1.0, |scale, _| scale * 10.0);
    let value = number as f64 / scale;
    Some(if negative { -value } else { value })
}

/// A whole field as an unsigned number.
pub(crate) fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0_u64, |sum, byte| {
        if !byte.is_ascii_digit() {
            return None;
        }
        sum.checked_mul(10)?.checked_add(u64::from(byte & 15))
    })
}

/// A whole field as a number of 32 bits.
pub(crate) fn number32(field: &[u8]) -> Option<u32> {
    number(field).and_then(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_the_nearest_numbers() {
        for text in ["0", "0.05", "1.1", "53", "-3", "4000.25", "0.01"] {
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
    fn a_mark_splits_at_its_first_place() {
        assert_eq!(split(b"a, b, c", b", "), Some((&b"a"[..], &b"b, c"[..])));
        assert_eq!(split(b"a", b", "), None);
        assert_eq!(up_to("; ")(b"x; y"), Ok((&b"y"[..], &b"x"[..])));
    }
}
