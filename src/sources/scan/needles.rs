//! What is searched for: one text, or many at once.
//!
//! In: texts and how each one must be bounded. Out: the places of a text that hold one of them. One needle is found with memmem, many with
//! an Aho-Corasick automaton.

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
}

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

    /// One text, with its letters in either case.
    ///
    /// `None` when it is empty.
    pub fn any_case(text: &str) -> Option<Self> {
        if text.is_empty() {
            return None;
        }
        let finder = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .build([text])
            .ok()?;
        Some(Self(Finder::Many {
            finder,
            words: vec![is_word(text.as_bytes())],
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
            };
            let (begin, end) = (from + begin, from + end);
            if !word || is_bounded(text, begin, end) {
                return Some((begin, end));
            }
            from = begin + 1;
        }
    }
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
