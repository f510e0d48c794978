//! Queue ids, short and long, and what is not one (`global/mail_queue.h`).

use std::fmt;

/// A Postfix queue id: 6 to 24 ASCII letters and digits of the short (upper-case hexadecimal) or the long (base 52, no
/// vowels) alphabet. `NOQUEUE` and `ALL` are none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueueId<'a>(&'a str);

impl<'a> QueueId<'a> {
    /// Reads a whole field as a queue id; `None` when it is not one.
    pub fn new(field: &'a [u8]) -> Option<Self> {
        let all = |known: fn(&u8) -> bool| field.iter().all(known);
        let shaped = (6..=24).contains(&field.len()) && (all(is_short) || all(is_long));
        if shaped {
            std::str::from_utf8(field).ok().map(Self)
        } else {
            None
        }
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

fn is_short(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

/// The alphabet of long ids has no vowels, so that no id is a word.
fn is_long(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() && !b"AEIOUaeiou".contains(byte)
}
