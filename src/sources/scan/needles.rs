//! What is searched for: one text, or many at once.
//!
//! In: texts and how each one must be bounded. Out: the places of a text that hold one of them. One needle is found with memmem, many with
//! an Aho-Corasick automaton. A needle in either case is found by a few bytes of it that are rare in a sample of the log, because an
//! automaton that has to look at every digit and letter is several times slower.

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::memmem;

/// The texts that are searched for.
#[derive(Debug)]
pub struct Needles(Finder);

#[derive(Debug)]
enum Finder {
    One {
        finder: Box<memmem::Finder<'static>>,
        word: bool,
    },
    Many {
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

/// Rare bytes that are looked for: so few that all ways to write them fit one vector search.
const WINDOW: usize = 4;

impl Needles {
    /// Texts as they are, each of which must be bounded by what is no letter or digit where it begins or ends with one.
    ///
    /// `None` when there are none, or more than an automaton can hold.
    pub fn words<T: AsRef<[u8]>>(texts: &[T]) -> Option<Self> {
        match texts {
            [] => None,
            [one] if one.as_ref().is_empty() => None,
            [one] => Some(Self(Finder::One {
                finder: Box::new(memmem::Finder::new(one.as_ref()).into_owned()),
                word: is_word(one.as_ref()),
            })),
            many => {
                let finder = AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostLongest)
                    .build(many.iter().filter(|text| !text.as_ref().is_empty()))
                    .ok()?;
                let words = many.iter().map(AsRef::as_ref);
                let words = words.filter(|text| !text.is_empty()).map(is_word);
                Some(Self(Finder::Many {
                    finder,
                    words: words.collect(),
                }))
            }
        }
    }

    /// One text, with its letters in either case. `sample`: a part of what is searched; it makes no difference to what is found.
    ///
    /// `None` when it is empty.
    pub fn any_case(text: &str, sample: &[u8]) -> Option<Self> {
        let text = text.as_bytes().to_ascii_lowercase();
        let sample = sample.to_ascii_lowercase();
        let width = WINDOW.min(text.len());
        let count = |window: &[u8]| memmem::find_iter(&sample, window).count();
        let windows = text.windows(width.max(1)).enumerate();
        let (at, rarest) = windows.min_by_key(|(_, window)| count(window))?;
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostFirst)
            .build(ways(rarest))
            .ok()?;
        Some(Self(Finder::AnyCase {
            finder,
            at,
            word: is_word(&text),
            text: text.into(),
        }))
    }

    /// The first needle in a text from a place on: where it begins and ends.
    pub(super) fn find(&self, text: &[u8], mut from: usize) -> Option<(usize, usize)> {
        loop {
            let rest = text.get(from..)?;
            let (begin, end, word) = match &self.0 {
                Finder::One { finder, word } => {
                    let at = finder.find(rest)?;
                    (at, at + finder.needle().len(), *word)
                }
                Finder::Many { finder, words } => {
                    let hit = finder.find(rest)?;
                    let word = words.get(hit.pattern().as_usize()).copied();
                    (hit.start(), hit.end(), word.unwrap_or_default())
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
                    let found = begin.map(|begin| (begin, begin + needle.len()));
                    let is_whole = |(begin, end): &(usize, usize)| {
                        let whole = text.get(*begin..*end);
                        whole.is_some_and(|text| text.eq_ignore_ascii_case(needle))
                            && (!*word || is_bounded(text, *begin, *end))
                    };
                    if let Some(found) = found.filter(is_whole) {
                        return Some(found);
                    }
                    from = hit + 1;
                    continue;
                }
            };
            let (begin, end) = (from + begin, from + end);
            if !word || is_bounded(text, begin, end) {
                return Some((begin, end));
            }
            from = begin + 1;
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

/// A queue id must stand alone; other texts may have anything around them that the reader of the line sorts out.
fn is_word(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_alphanumeric)
}

fn is_bounded(text: &[u8], begin: usize, end: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let before = begin.checked_sub(1).and_then(|before| text.get(before));
    !word(before) && !word(text.get(end))
}
