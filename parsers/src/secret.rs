//! Passwords in logs: where they stand, and lines without them.
//!
//! With `auth_debug_passwords` or `auth_verbose_passwords` Dovecot ends a line with `(given password: …)` or
//! `(SHA1 of given password: …)`. The password is a stranger's text and may hold brackets, so everything after the mark is
//! the secret, up to the brackets that end the line. The first mark counts: too much is hidden rather than too little.
//!
//! Comes in: any text. Goes out: where the secret is, the text before it, or a copy with [`MASK`] in its place.
//!
//! Deliberately not here: what other programs may log. Specified in `auth/auth-request.c` (`get_log_prefix`,
//! `auth_request_log_password_mismatch`) and the settings of Dovecot.

use memchr::memmem::Finder;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands in the place of a secret.
pub const MASK: &[u8] = b"***";

const MARK: &[u8] = b"given password: ";

/// Prepared once, because every line of Dovecot is looked through.
static FIND_MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARK));

/// Where the secret of a line or text is, if it has one.
pub fn range(text: &[u8]) -> Option<Range<usize>> {
    let start = FIND_MARK.find(text)? + MARK.len();
    let secret = text.get(start..)?;
    let end = [&b")]"[..], b")"]
        .into_iter()
        .find_map(|close| secret.strip_suffix(close))
        .map_or(text.len(), |secret| start + secret.len());
    Some(start..end)
}

/// The text up to its secret; the whole text when it has none.
pub(crate) fn before(text: &[u8]) -> &[u8] {
    match range(text) {
        Some(secret) => text.get(..secret.start).unwrap_or_default(),
        None => text,
    }
}

/// The line with its secret masked, fit for a screen or a file. Copies only when there is one.
pub fn masked(line: &[u8]) -> Cow<'_, [u8]> {
    let Some(secret) = range(line) else {
        return Cow::Borrowed(line);
    };
    let before = line.get(..secret.start).unwrap_or_default();
    let after = line.get(secret.end..).unwrap_or_default();
    Cow::Owned([before, MASK, after].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_comes_out() {
        let table = [
            (
                "auth: x: Password mismatch (given password: s3cret)",
                "auth: x: Password mismatch (given password: ***)",
            ),
            (
                "x (SHA1 of given password: 1f8ac1)",
                "x (SHA1 of given password: ***)",
            ),
            ("x (given password: a) b (c)", "x (given password: ***)"),
            ("x (given password: cut", "x (given password: ***"),
            (
                "message repeated 2 times: [ x (given password: s3cret)]",
                "message repeated 2 times: [ x (given password: ***)]",
            ),
            (
                "x (given password: given password: y)",
                "x (given password: ***)",
            ),
            ("x (given password: )", "x (given password: ***)"),
            ("no secret", "no secret"),
        ];
        for (line, expected) in table {
            assert_eq!(
                String::from_utf8_lossy(&masked(line.as_bytes())),
                expected,
                "{line}"
            );
        }
        assert_eq!(before(b"x (given password: y)"), b"x (given password: ");
    }
}
