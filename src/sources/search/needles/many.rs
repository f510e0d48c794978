//! Many texts at once, by Wu and Manber: a search that looks at every few bytes only.
//!
//! In: texts of at least [`SHORTEST`] bytes. Out: the first place where one of them stands. The queue ids of a thousand messages are looked
//! for in this way: four bytes of a log line are seldom part of one, so nearly all of the log is stepped over; an automaton would look at
//! each byte. Sun Wu, Udi Manber: *A fast algorithm for multi-pattern searching*, TR-94-17, University of Arizona, 1994.

/// The shortest text that can be searched for.
pub(super) const SHORTEST: usize = 6;
/// Bytes that are looked at together.
const BLOCK: usize = 4;
const BITS: u32 = 15;

/// The texts, prepared.
#[derive(Debug)]
pub(super) struct Many {
    texts: Vec<Box<[u8]>>,
    /// The length that all texts have at least: only so much of each is used to find it.
    width: usize,
    /// How far the end of the window can move when these bytes are the last ones in it.
    steps: Vec<u8>,
    /// The texts whose first `width` bytes end with these bytes, by hash.
    ending: Vec<(usize, usize)>,
}

impl Many {
    /// `None` when there is no text, or one is too short.
    pub(super) fn new<T: AsRef<[u8]>>(texts: &[T]) -> Option<Self> {
        let texts: Vec<Box<[u8]>> = texts.iter().map(|text| text.as_ref().into()).collect();
        let shortest = texts.iter().map(|text| text.len()).min()?;
        if shortest < SHORTEST {
            return None;
        }
        let width = shortest.min(usize::from(u8::MAX));
        let mut steps = vec![(width - BLOCK + 1) as u8; 1 << BITS];
        let mut ending = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            for end in BLOCK..=width {
                let hash = hash(text.get(end - BLOCK..end)?);
                if let Some(step) = steps.get_mut(hash) {
                    *step = (*step).min((width - end) as u8);
                }
                if end == width {
                    ending.push((hash, index));
                }
            }
        }
        // Where one text begins with another, the longer one is found first.
        ending.sort_by_key(|(hash, index)| {
            (
                *hash,
                std::cmp::Reverse(texts.get(*index).map(|text| text.len())),
            )
        });
        Some(Self {
            texts,
            width,
            steps,
            ending,
        })
    }

    /// The first place where one of the texts stands and `accepts` agrees: where it begins and ends, and which one it is.
    pub(super) fn find(
        &self,
        text: &[u8],
        accepts: impl Fn(usize, usize, usize) -> bool,
    ) -> Option<(usize, usize)> {
        let mut end = self.width;
        while let Some(block) = text.get(end - BLOCK..end) {
            let hash = hash(block);
            let step = self.steps.get(hash).copied().unwrap_or(1);
            if step > 0 {
                end += usize::from(step);
                continue;
            }
            let begin = end - self.width;
            let first = self.ending.partition_point(|(other, _)| *other < hash);
            let same = self.ending.get(first..).unwrap_or_default().iter();
            for (_, index) in same.take_while(|(other, _)| *other == hash) {
                let Some(whole) = self.texts.get(*index) else {
                    continue;
                };
                let stands = text
                    .get(begin..)
                    .is_some_and(|rest| rest.starts_with(whole));
                if stands && accepts(*index, begin, begin + whole.len()) {
                    return Some((begin, begin + whole.len()));
                }
            }
            end += 1;
        }
        None
    }
}

/// Of [`BLOCK`] bytes.
fn hash(block: &[u8]) -> usize {
    let word = block.try_into().map_or(0, u32::from_le_bytes);
    (word.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}
