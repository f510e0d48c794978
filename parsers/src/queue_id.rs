//! Queue ids, short and long, and what is not one (`global/mail_queue.h`).

use crate::grammar::first_in;
use std::fmt;

/// A Postfix queue id: 6 to 24 ASCII letters and digits of the short (upper-case hexadecimal) or the long (base 52, no
/// vowels) alphabet. `NOQUEUE` and `ALL` are none.
// Kept as bytes: whoever reads a log compares ids, and few are ever shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId<'a>(&'a [u8]);

impl<'a> QueueId<'a> {
    /// Reads a whole field as a queue id; `None` when it is not one.
    pub fn new(field: &'a [u8]) -> Option<Self> {
        if !(SHORTEST..=LONGEST).contains(&field.len()) {
            return None;
        }
        let kinds = field
            .iter()
            .fold(SHORT | LONG, |kinds, &byte| kinds & kinds_of(byte));
        (kinds != 0).then_some(Self(field))
    }

    /// Reads `QID: ` at the start of a text; goes out with what follows.
    #[inline]
    pub(crate) fn prefix(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        Self::short_prefix(text).or_else(|| Self::any_prefix(text))
    }

    /// The same for a short id of up to 15 digits, which are told from others sixteen bytes at a time.
    #[inline]
    fn short_prefix(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let end = first_in(
            text.first_chunk()?,
            |byte| !matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        )?;
        let (id, rest) = text.split_at_checked(end)?;
        let [b':', b' ', rest @ ..] = rest else {
            return None;
        };
        (id.len() >= SHORTEST).then_some((Self(id), rest))
    }

    fn any_prefix(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        // One pass instead of three: most lines begin with an id, and the others are left at their first vowel or blank.
        let mut kinds = SHORT | LONG;
        for (at, &byte) in text.iter().take(LONGEST + 1).enumerate() {
            if byte == b':' {
                let (id, rest) = text.split_at_checked(at)?;
                return (at >= SHORTEST).then_some((Self(id), rest.strip_prefix(b": ")?));
            }
            kinds &= kinds_of(byte);
            if kinds == 0 {
                break;
            }
        }
        None
    }

    /// The id as text; ASCII letters and digits only.
    pub fn as_str(&self) -> &'a str {
        // Never empty: every byte is ASCII.
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// The id as bytes, for comparing.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

impl fmt::Debug for QueueId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for QueueId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

const SHORTEST: usize = 6;
const LONGEST: usize = 24;

/// The kinds of id that a byte may stand in.
type Kinds = u8;
/// Upper-case hexadecimal.
const SHORT: Kinds = 1;
/// The alphabet of long ids has no vowels, so that no id is a word.
const LONG: Kinds = 2;

fn kinds_of(byte: u8) -> Kinds {
    KINDS.get(usize::from(byte)).copied().unwrap_or_default()
}

#[expect(
    clippy::indexing_slicing,
    reason = "in a constant, where an index out of range does not compile"
)]
static KINDS: [Kinds; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        let vowel = matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u');
        if matches!(byte, b'0'..=b'9' | b'A'..=b'F') {
            kinds[byte as usize] |= SHORT;
        }
        if byte.is_ascii_alphanumeric() && !vowel {
            kinds[byte as usize] |= LONG;
        }
        byte += 1;
    }
    kinds
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_what_is_none() {
        for id in [
            "4D1A22001F",
            "A1B2C3",
            "3pXVnH2HpFz1S9Q",
            "4bXYtz0zyTzNKqj",
            "DEADBEEF",
        ] {
            assert!(QueueId::new(id.as_bytes()).is_some(), "{id}");
        }
        for word in [
            "NOQUEUE",
            "ALL",
            "ABCDE",
            "",
            "warning",
            "4d1a22001e",
            "4D1A2200 1F",
            "AAAAAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert!(QueueId::new(word.as_bytes()).is_none(), "{word}");
        }
    }

    #[test]
    fn a_prefix_ends_with_colon_and_blank() {
        assert_eq!(
            QueueId::prefix(b"4D1A22001F: removed").map(|(id, rest)| (id.as_str(), rest)),
            Some(("4D1A22001F", &b"removed"[..]))
        );
        assert_eq!(QueueId::prefix(b"4D1A22001F:removed"), None);
        assert_eq!(QueueId::prefix(b"4D1A22001F"), None);
        assert_eq!(QueueId::prefix(b""), None);
    }

    #[test]
    fn short_ids_are_read_as_any() {
        let digits = b"0123456789ABCDEF0123456789ABCDEF";
        for length in 0..digits.len() {
            for other in 0..=u8::MAX {
                for at in 0..=length {
                    let mut text = [&digits[..length], b": client=mx.example[192.0.2.1]"].concat();
                    text[at] = other;
                    assert_eq!(
                        QueueId::prefix(&text),
                        QueueId::any_prefix(&text),
                        "{}",
                        text.escape_ascii()
                    );
                    let is_short = matches!(other, b'0'..=b'9' | b'A'..=b'F')
                        && at < length
                        && (SHORTEST..16).contains(&length);
                    assert!(!is_short || QueueId::short_prefix(&text).is_some());
                }
            }
        }
    }
}
