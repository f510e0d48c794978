//! What a filter can be asked of: anything that has texts and numbers for some of the fields.
//!
//! Texts are what the screen shows of them ([`shown`]), so that what can be read can be found: a right-to-left mark in an
//! address is found as `\u{202e}`.
//!
//! A field that a thing does not have holds for no pattern. So `domain:x` never takes a thing without a domain, and `-domain:x`
//! always does: what is excluded is what was seen there, not what says nothing of it.

use super::Field;
use crate::safe_text;
use std::borrow::Cow;

/// Something that can be filtered.
pub trait Subject {
    /// Puts every text that this has for the field to the test until one passes; whether one did. Texts are given as they are shown.
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool;

    /// The number that this has for [`Field::Age`] (seconds), [`Field::Size`] (bytes), [`Field::Delay`] (milliseconds) or
    /// [`Field::Recipients`].
    fn number(&self, _field: Field) -> Option<i64> {
        None
    }

    /// Where a word or `/regex/` without a field is looked for. The provider, the queue and the host are found by their
    /// fields only: "deferred" stands in many a reason, and "aol" in the name of a provider of far more domains.
    fn anywhere(&self) -> &'static [Field] {
        &[
            Field::Domain,
            Field::From,
            Field::To,
            Field::User,
            Field::Ip,
            Field::Client,
            Field::Relay,
            Field::QueueId,
            Field::MessageId,
            Field::Code,
            Field::Reason,
        ]
    }
}

/// Text as the screen shows it, borrowed where that changes nothing.
pub fn shown(text: &(impl AsRef<[u8]> + ?Sized)) -> Cow<'_, str> {
    safe_text::shown(text.as_ref())
}

/// An address as the screen shows it: the null sender is `<>`.
pub fn address(text: &[u8]) -> Cow<'_, str> {
    if text.is_empty() {
        Cow::Borrowed("<>")
    } else {
        shown(text)
    }
}
