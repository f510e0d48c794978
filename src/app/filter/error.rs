//! What is wrong with a filter's text: the place, the reason, and what would work.

use crate::safe_text::SafeText;
use std::fmt;
use std::ops::Range;

/// What is wrong with a filter's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// The byte where the bad part begins; at most the length of the text.
    pub at: usize,
    /// The byte where it ends; equal to `at` where something is missing.
    pub end: usize,
    /// What is wrong, with an example that works.
    pub why: String,
    /// What only has to follow to make it whole, while it is still typed: `"` or `/`.
    pub unfinished: Option<char>,
}

impl FilterError {
    pub(in crate::app) fn new(place: Range<usize>, why: impl Into<String>) -> Self {
        Self {
            at: place.start,
            end: place.end.max(place.start),
            why: why.into(),
            unfinished: None,
        }
    }

    pub(super) fn unfinished(place: Range<usize>, why: impl Into<String>, missing: char) -> Self {
        Self {
            unfinished: Some(missing),
            ..Self::new(place, why)
        }
    }

    /// The same in a text that has so many bytes before this one.
    pub(in crate::app) fn moved(mut self, bytes: usize) -> Self {
        self.at += bytes;
        self.end += bytes;
        self
    }

    /// Columns before the bad part and columns that it takes, at least one, when the text is shown as [`SafeText`].
    pub fn columns(&self, text: &str) -> (usize, usize) {
        let width = |part: Option<&str>| SafeText::from(part.unwrap_or_default()).width();
        let before = width(text.get(..self.at));
        let here = width(text.get(self.at..self.end)).max(1);
        (before, here)
    }

    /// The text in one line and marks under the bad part in the next, for standard error.
    pub fn marked(&self, text: &str) -> String {
        let (before, here) = self.columns(text);
        format!(
            "  {}\n  {}{}",
            SafeText::from(text),
            " ".repeat(before),
            "^".repeat(here)
        )
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for FilterError {}
