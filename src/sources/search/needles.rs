//! What is searched for: one text, or many at once.
//!
//! In: texts. Out: the places of a text that hold one of them. What is all letters and digits, as a queue id is, must stand as a word;
//! around other texts may be anything, which the reader of the line sorts out. A few needles are found with memmem, many by
//! [`many`] or, should one be very short, with an Aho-Corasick automaton. A needle in either case is found by a few bytes of it
//! that are rare in a sample of the log, because an automaton that has to look at every digit and letter is several times slower.

mod many;
#[cfg(test)]
mod tests;

use aho_corasick::{AhoCorasick, MatchKind};
use many::Many;
use memchr::{memchr, memmem, memrchr};

/// The texts that are searched for.
#[derive(Debug)]
pub struct Needles(Finder);

#[derive(Debug)]
enum Finder {
    Few(Vec<(memmem::Finder<'static>, bool)>),
    Many {
        finder: Many,
        words: Vec<bool>,
    },
    Short {
        finder: AhoCorasick,
        words: Vec<bool>,
    },
    AnyCase {
        /// All ways to write the rarest bytes.
        finder: AhoCorasick,
        /// Where they are in the text.
        at: usize,
        text: Box<[u8]>,
        word: bool,
    },
}

/// So many needles are found one after the other sooner than together.
const FEW: usize = 8;
/// Rare bytes that are looked for: so few that all ways to write them fit one vector search.
const WINDOW: usize = 4;

impl Needles {
    /// Texts as they are.
    ///
    /// `None` when there are none, or more than an automaton can hold.
    pub fn words<T: AsRef<[u8]>>(texts: &[T]) -> Option<Self> {
        let texts = texts.iter().map(AsRef::as_ref);
        let texts: Vec<&[u8]> = texts.filter(|text| !text.is_empty()).collect();
        if texts.is_empty() {
            return None;
        }
        if texts.len() <= FEW {
            let finder = |text: &&[u8]| (memmem::Finder::new(text).into_owned(), is_word(text));
            return Some(Self(Finder::Few(texts.iter().map(finder).collect())));
        }
        let words = texts.iter().map(|text| is_word(text)).collect();
        if let Some(finder) = Many::new(&texts) {
            return Some(Self(Finder::Many { finder, words }));
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(&texts)
            .ok()?;
        Some(Self(Finder::Short { finder, words }))
    }

    /// One text, with its letters in either case. `sample`: a part of what is searched; it makes no difference to what is found.
    ///
    /// `None` when it is empty.
    pub fn any_case(text: &str, sample: &[u8]) -> Option<Self> {
        Self::in_any_case(text, sample, is_word(text.as_bytes()))
    }

    /// The same, also where it is a part of a longer word.
    pub fn part(text: &str, sample: &[u8]) -> Option<Self> {
        Self::in_any_case(text, sample, false)
    }

    fn in_any_case(text: &str, sample: &[u8], word: bool) -> Option<Self> {
        let text = text.as_bytes().to_ascii_lowercase();
        let sample = sample.to_ascii_lowercase();
        let width = WINDOW.min(text.len());
        let mut bytes = [0_usize; 256];
        for byte in &sample {
            bytes[usize::from(*byte)] += 1;
        }
        let count = |window: &[u8]| {
            let whole = memmem::find_iter(&sample, window).count();
            let single: usize = window.iter().map(|byte| bytes[usize::from(*byte)]).sum();
            (whole, single)
        };
        let windows = text.windows(width.max(1)).enumerate();
        let (at, rarest) = windows.min_by_key(|(_, window)| count(window))?;
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(ways(rarest))
            .ok()?;
        Some(Self(Finder::AnyCase {
            finder,
            at,
            word,
            text: text.into(),
        }))
    }

    /// The places of a text where needles stand, by where they begin.
    fn all(&self, text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let Finder::Few(finders) = &self.0 else {
            let mut from = 0;
            while let Some((begin, end)) = self.find(text, from) {
                found.push((begin, end));
                // One is enough to know the line.
                from = memchr(b'\n', text.get(end..).unwrap_or_default())
                    .map_or(text.len(), |newline| end + newline);
            }
            return found;
        };
        for (finder, word) in finders {
            let hits = finder
                .find_iter(text)
                .map(|begin| (begin, begin + finder.needle().len()));
            found.extend(hits.filter(|(begin, end)| !word || is_bounded(text, *begin, *end)));
        }
        if finders.len() > 1 {
            found.sort_unstable();
        }
        found
    }

    /// Gives every line of a text that holds a needle, without its newline, and where it begins.
    pub fn lines<'a>(&self, text: &'a [u8], mut on: impl FnMut(usize, &'a [u8])) {
        let mut from = 0;
        for (hit, after) in self.all(text) {
            // Another needle in the same line.
            if hit < from {
                continue;
            }
            let before = text.get(..hit).unwrap_or_default();
            let begin = memrchr(b'\n', before).map_or(0, |newline| newline + 1);
            let rest = text.get(after..).unwrap_or_default();
            let end = memchr(b'\n', rest).map_or(text.len(), |newline| after + newline);
            on(begin, text.get(begin..end).unwrap_or_default());
            from = end;
        }
    }

    /// The first of many needles in a text from a place on: where it begins and ends.
    fn find(&self, text: &[u8], mut from: usize) -> Option<(usize, usize)> {
        let bounded = |word: bool, begin, end| !word || is_bounded(text, begin, end);
        loop {
            let rest = text.get(from..)?;
            let found = match &self.0 {
                Finder::Few(_) => return None,
                Finder::Many { finder, words } => {
                    let is_word = |index| words.get(index).copied().unwrap_or_default();
                    let accepts =
                        |index, begin, end| bounded(is_word(index), from + begin, from + end);
                    let (begin, end) = finder.find(rest, accepts)?;
                    (from + begin, from + end, true)
                }
                Finder::Short { finder, words } => {
                    let hit = finder.find(rest)?;
                    let word = words.get(hit.pattern().as_usize()).copied();
                    let (begin, end) = (from + hit.start(), from + hit.end());
                    (begin, end, bounded(word.unwrap_or_default(), begin, end))
                }
                Finder::AnyCase {
                    finder,
                    at,
                    text: needle,
                    word,
                } => {
                    let hit = from + finder.find(rest)?.start();
                    // The needle may begin before the place from where its rare bytes are looked for.
                    let begin = hit.checked_sub(*at);
                    let whole = begin.and_then(|begin| text.get(begin..begin + needle.len()));
                    let is_whole = whole.is_some_and(|text| text.eq_ignore_ascii_case(needle));
                    match begin {
                        Some(begin) if is_whole && bounded(*word, begin, begin + needle.len()) => {
                            (begin, begin + needle.len(), true)
                        }
                        _ => (hit, hit, false),
                    }
                }
            };
            match found {
                (begin, end, true) => return Some((begin, end)),
                (begin, ..) => from = begin + 1,
            }
        }
    }
}

/// All ways to write a text of a few lower-case letters.
fn ways(text: &[u8]) -> Vec<Vec<u8>> {
    let mut ways = vec![Vec::new()];
    for byte in text {
        let upper = byte.to_ascii_uppercase();
        let mut more = ways.clone();
        for way in &mut ways {
            way.push(*byte);
        }
        if upper != *byte {
            for way in &mut more {
                way.push(upper);
            }
            ways.append(&mut more);
        }
    }
    ways
}

fn is_word(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

fn is_bounded(text: &[u8], begin: usize, end: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = begin.checked_sub(1).and_then(|before| text.get(before));
    !word(before) && !word(text.get(end))
}
