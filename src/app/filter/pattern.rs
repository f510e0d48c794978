//! Patterns for text: globs, exact texts, regular expressions.
//!
//! Letters match both cases unless the pattern has a capital. Regular expressions run on the `regex` crate in linear time and with a
//! bound on their size, so neither a hostile text nor a careless pattern can make them slow.

use regex::{Regex, RegexBuilder};
use std::fmt::Write;
use std::ops::Range;

/// Bytes that a compiled pattern may take.
const LARGEST: usize = 1 << 20;

/// What a text must be like.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// This text, letter for letter.
    Exact(Box<str>),
    /// This text of ASCII, in any case of letters.
    Caseless(Box<str>),
    /// What the expression finds.
    Regex(Regex),
}

impl Pattern {
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Exact(exact) => **exact == *text,
            Self::Caseless(word) => word.eq_ignore_ascii_case(text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// A piece of a glob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// This character.
    Char(char),
    /// `*`: anything.
    Any,
    /// `?`: any one character.
    One,
}

/// The letters of a glob, if it is nothing but letters.
pub(super) fn literal(pieces: &[Piece]) -> Option<String> {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Char(c) => Some(*c),
            Piece::Any | Piece::One => None,
        })
        .collect()
}

/// The pattern of a glob: for the whole text, or for a part of it.
pub(super) fn glob(pieces: &[Piece], whole: bool) -> Result<Pattern, String> {
    let capital = pieces
        .iter()
        .any(|piece| matches!(piece, Piece::Char(c) if c.is_uppercase()));
    if whole && let Some(text) = literal(pieces) {
        if capital {
            return Ok(Pattern::Exact(text.into()));
        }
        if text.is_ascii() {
            return Ok(Pattern::Caseless(text.into()));
        }
    }
    let mut source = String::from(if whole { "^(?:" } else { "" });
    for piece in pieces {
        match piece {
            Piece::Any => source.push_str(".*"),
            Piece::One => source.push('.'),
            Piece::Char(c) => {
                // Writing into a string cannot fail.
                let _ = write!(source, "{}", regex::escape(c.encode_utf8(&mut [0; 4])));
            }
        }
    }
    if whole {
        source.push_str(")$");
    }
    build(&source, capital)
        .map(Pattern::Regex)
        .map_err(|_| String::from("this pattern is too long: a part of it is enough"))
}

/// The pattern of a regular expression; the error has the place in it.
pub(super) fn regex(source: &str) -> Result<Pattern, (Range<usize>, String)> {
    let all = 0..source.len();
    let parsed = regex_syntax::Parser::new().parse(source);
    if let Err(error) = parsed {
        let (span, kind) = match &error {
            regex_syntax::Error::Parse(error) => (error.span(), error.kind().to_string()),
            regex_syntax::Error::Translate(error) => (error.span(), error.kind().to_string()),
            _ => return Err((all, String::from("no regular expression"))),
        };
        return Err((span.start.offset..span.end.offset, kind));
    }
    let capital = source.chars().any(char::is_uppercase);
    build(source, capital)
        .map(Pattern::Regex)
        .map_err(|_| (all, String::from("too large when compiled")))
}

fn build(source: &str, case_matters: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source)
        .case_insensitive(!case_matters)
        .dot_matches_new_line(true)
        .size_limit(LARGEST)
        .build()
}
