//! SafeText: text from outside, escapes made visible; the only text that a screen, file or JSON accepts.

use std::fmt;

/// Text that can be written anywhere without harm.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SafeText(Box<str>);

impl SafeText {
    /// Makes any bytes safe.
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self(String::from_utf8_lossy(bytes.as_ref()).into())
    }

    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
