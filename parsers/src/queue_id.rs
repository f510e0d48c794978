//! Queue ids, short and long, and what is not one (`global/mail_queue.h`).

use std::fmt;

/// A Postfix queue id: 6 to 24 ASCII letters and digits of the short (upper-case hexadecimal) or the long (base 52, no
/// vowels) alphabet. `NOQUEUE` and `ALL` are none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId<'a>(&'a str);

impl<'a> QueueId<'a> {
    /// Reads a whole field as a queue id; `None` when it is not one.
    pub fn new(field: &'a [u8]) -> Option<Self> {
        let all = |known: fn(u8) -> bool| field.iter().copied().all(known);
        let shaped = (SHORTEST..=LONGEST).contains(&field.len()) && (all(is_short) || all(is_long));
        if shaped {
            std::str::from_utf8(field).ok().map(Self)
        } else {
            None
        }
    }

    /// Reads `QID: ` at the start of a text; goes out with what follows.
    pub(crate) fn prefix(text: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let start = text.get(..LONGEST + 1).unwrap_or(text);
        let (id, rest) = text.split_at_checked(memchr::memchr(b':', start)?)?;
        Some((Self::new(id)?, rest.strip_prefix(b": ")?))
    }

    /// The id as text; ASCII letters and digits only.
    pub fn as_str(&self) -> &'a str {
        self.0
    }
}

impl fmt::Debug for QueueId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for QueueId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const SHORTEST: usize = 6;
const LONGEST: usize = 24;

fn is_short(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

/// The alphabet of long ids has no vowels, so that no id is a word.
fn is_long(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() && !b"AEIOUaeiou".contains(&byte)
}

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
}
