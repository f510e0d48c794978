//! Decimal numbers and fractions: process ids, sizes, delays.
//!
//! Comes in: a whole field, or a text that begins with a number. Goes out: the number, and what is left.

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
}
