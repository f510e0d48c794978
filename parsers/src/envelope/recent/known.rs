//! A text at the start of lines that lines before had too, compared in registers: a call of memcmp costs as much as reading a host.

use std::num::NonZeroUsize;

/// The bytes that are compared at a time.
const WIDTH: usize = 32;
/// The longest text that is remembered.
pub(super) const LONGEST: usize = 64;

type Words = [u64; WIDTH / 8];

/// A text that is known to begin lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    text: [u8; LONGEST],
    length: NonZeroUsize,
    /// The first bytes of the text, and the bits that count of as many bytes of a line.
    start: Words,
    mask: Words,
}

impl Known {
    /// `None` for a text that is empty or too long.
    pub(super) fn new(text: &[u8]) -> Option<Self> {
        let length = NonZeroUsize::new(text.len())?;
        let (mut room, mut ones) = ([0; LONGEST], [0; LONGEST]);
        room.get_mut(..text.len())?.copy_from_slice(text);
        ones.get_mut(..text.len())?.fill(0xff);
        Some(Self {
            text: room,
            length,
            start: words(&room)?,
            mask: words(&ones)?,
        })
    }

    /// Splits a line behind the text, if it begins with it.
    #[inline]
    pub(super) fn split<'a>(&self, line: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let length = self.length.get();
        let same = match words(line) {
            Some(line) if length <= WIDTH => is_same(line, self.start, self.mask),
            _ => line.starts_with(self.text.get(..length)?),
        };
        if same {
            line.split_at_checked(length)
        } else {
            None
        }
    }
}

#[inline]
fn words(text: &[u8]) -> Option<Words> {
    let (words, _) = text.first_chunk::<WIDTH>()?.as_chunks();
    let words: &[[u8; 8]; WIDTH / 8] = words.try_into().ok()?;
    Some(words.map(u64::from_le_bytes))
}

#[inline]
fn is_same(line: Words, text: Words, mask: Words) -> bool {
    let mut differs = 0;
    for ((line, text), mask) in line.into_iter().zip(text).zip(mask) {
        differs |= (line ^ text) & mask;
    }
    differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_as_without_registers() {
        let line: Vec<u8> = (0..100).collect();
        for length in 0..=LONGEST + 1 {
            let text = &line[..length];
            let Some(known) = Known::new(text) else {
                assert!(length == 0 || length > LONGEST);
                continue;
            };
            for end in 0..line.len() {
                let line = &line[..end];
                assert_eq!(
                    known.split(line),
                    line.strip_prefix(text).map(|rest| (text, rest))
                );
            }
            for at in 0..line.len() {
                for bit in 0..8 {
                    let mut line = line.clone();
                    line[at] ^= 1 << bit;
                    assert_eq!(known.split(&line).is_some(), at >= length, "{length} {at}");
                }
            }
        }
    }
}
