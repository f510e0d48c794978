//! Passwords in logs: where they stand, and lines without them.
//!
//! With `auth_debug_passwords` or `auth_verbose_passwords` Dovecot ends a line with `(given password: …)` or
//! `(SHA1 of given password: …)`. The password is a stranger's text and may hold brackets, so everything after the mark is
//! the secret, up to the brackets that end the line. The first mark counts: too much is hidden rather than too little.
//!
//! With `auth_debug_passwords` its authentication also writes debug lines with passwords: the exchange with its clients (`resp=`,
//! `pass=`, `CONT`), and what it compared (`PLAIN(given) != 'stored'`). There everything from the mark to the end of the line is the
//! secret. Such marks count in the debug lines of `auth` and `auth-worker` only, since elsewhere they are a stranger's words.
//!
//! Comes in: any text. Goes out: where the secret is, the text before it, or a copy with [`MASK`] in its place.
//!
//! Deliberately not here: what other programs may log. Specified in `auth/auth-request.c` (`get_log_prefix`,
//! `auth_request_log_password_mismatch`, `log_password_failure`), `auth/auth-client-connection.c` and the settings of Dovecot.

use memchr::memmem::{self, Finder};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

/// What stands in the place of a secret.
pub const MASK: &[u8] = b"***";

const MARK: &[u8] = b"given password: ";

const DEBUG: &[u8] = b"Debug: ";

static FIND_DEBUG: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(DEBUG));

/// Prepared once, because every line of Dovecot is looked through.
static FIND_MARK: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(MARK));

/// What stands before a secret in the debug lines of Dovecot's authentication, up to its end. A tab is `#011` behind rsyslog, and
/// `\t` in JSON.
const DEBUG_MARKS: [&[u8]; 9] = [
    b"resp=",
    b"pass=",
    b"password=",
    b"password '",
    b"password: ",
    b"token=",
    b"CONT\t",
    b"CONT#011",
    b"CONT\\t",
];

/// Where the secret of a line or text is, if it has one.
pub fn range(text: &[u8]) -> Option<Range<usize>> {
    match (FIND_MARK.find(text), debug_secret(text)) {
        (Some(given), Some(debug)) if debug < given => Some(debug..text.len()),
        (Some(given), _) => given_password(text, given + MARK.len()),
        (None, debug) => debug.map(|start| start..text.len()),
    }
}

/// Where the secret of a debug line of Dovecot's authentication begins.
fn debug_secret(text: &[u8]) -> Option<usize> {
    let words = FIND_DEBUG.find(text)? + DEBUG.len();
    if !is_auth(text.get(..words - DEBUG.len())?) {
        return None;
    }
    let rest = text.get(words..)?;
    let marked = DEBUG_MARKS
        .into_iter()
        .filter_map(|mark| Some(memmem::find(rest, mark)? + mark.len()));
    marked.chain(compared(rest)).min().map(|at| words + at)
}

/// Where the brackets of `PLAIN(given) != 'stored'` begin: behind the last name of a scheme before the sign.
fn compared(rest: &[u8]) -> Option<usize> {
    let sign = memmem::find(rest, b") != '")?;
    let before = rest.get(..sign)?;
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    memchr::memchr_iter(b'(', before).find_map(|open| {
        let scheme = before.get(..open)?.rsplit(|byte| *byte == b' ').next()?;
        let shaped = !scheme.is_empty()
            && scheme.iter().all(is_scheme)
            && scheme.iter().any(u8::is_ascii_uppercase);
        shaped.then_some(open + 1)
    })
}

/// Whether what stands before a level word ends with the prefix of Dovecot's authentication, and begins so or behind its tag. The
/// user in the prefix is a stranger's text, so only the start is looked at.
fn is_auth(before: &[u8]) -> bool {
    memmem::find_iter(before, b"auth").any(|at| {
        let (envelope, service) = before.split_at_checked(at).unwrap_or_default();
        let service = service
            .strip_prefix(b"auth-worker")
            .unwrap_or(service.get(b"auth".len()..).unwrap_or_default());
        let begins = envelope.is_empty()
            || memmem::find(envelope, b"dovecot").is_some()
            || memmem::find(envelope, b": ").is_none();
        begins
            && matches!(service.first(), Some(b':' | b'(' | b'<'))
            && envelope
                .last()
                .is_none_or(|byte| matches!(byte, b' ' | b'"'))
    })
}

/// From the mark to the brackets that end the line.
fn given_password(text: &[u8], start: usize) -> Option<Range<usize>> {
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
            (
                "auth: Debug: client in: AUTH#0111#011PLAIN#011service=imap#011session=abc#011resp=AGJvYgBzM2NyZXQ= (previous base64 data may contain sensitive data)",
                "auth: Debug: client in: AUTH#0111#011PLAIN#011service=imap#011session=abc#011resp=***",
            ),
            (
                "Jun 05 09:00:00 auth: Debug: client in: CONT\t1\tczNjcmV0",
                "Jun 05 09:00:00 auth: Debug: client in: CONT\t***",
            ),
            (
                "Jun  5 09:00:00 mail dovecot: auth: Debug: client passdb out: OK#0111#011user=bob#011pass=s3cret#011host=x",
                "Jun  5 09:00:00 mail dovecot: auth: Debug: client passdb out: OK#0111#011user=bob#011pass=***",
            ),
            (
                "auth: Debug: master in: PASS#0111#011bob#011password=s3cret",
                "auth: Debug: master in: PASS#0111#011bob#011password=***",
            ),
            (
                "auth-worker(77): Debug: sql(bob,192.0.2.9): PLAIN(s3cret) != 'stored'",
                "auth-worker(77): Debug: sql(bob,192.0.2.9): PLAIN(***",
            ),
            (
                "Jun  5 09:00:00 mail dovecot: auth(bob,192.0.2.9,sasl:plain)<abc>: Debug: sql: CRYPT(a(B) x) != '$6$ab$cd'",
                "Jun  5 09:00:00 mail dovecot: auth(bob,192.0.2.9,sasl:plain)<abc>: Debug: sql: CRYPT(***",
            ),
            (
                "auth: Debug: Generating CRAM-MD5 from user 'bob', password 's3cret'",
                "auth: Debug: Generating CRAM-MD5 from user 'bob', password '***",
            ),
            (
                r#"{"SYSLOG_IDENTIFIER":"dovecot","MESSAGE":"auth: Debug: client in: AUTH\t1\tPLAIN\tresp=AGJv","PRIORITY":"7"}"#,
                r#"{"SYSLOG_IDENTIFIER":"dovecot","MESSAGE":"auth: Debug: client in: AUTH\t1\tPLAIN\tresp=***"#,
            ),
            // Elsewhere these words are no marks.
            (
                "imap(bob)<1><a>: Debug: resp=x pass=y",
                "imap(bob)<1><a>: Debug: resp=x pass=y",
            ),
            ("auth: Error: pass=x", "auth: Error: pass=x"),
            (
                "Jun  5 09:00:00 mail postfix/smtp[12]: x auth: Debug: resp=y",
                "Jun  5 09:00:00 mail postfix/smtp[12]: x auth: Debug: resp=y",
            ),
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
