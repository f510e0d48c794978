//! Dovecot's login services: who logged in, who failed to, and who went away before trying.
//!
//! ```text
//! MESSAGE: user=<U>, method=M, rip=IP, lip=IP, mpid=N, TLS, session=<S>
//! ```
//!
//! MESSAGE is `Login` (up to 2.3) or `Logged in` (2.4); everything else ended before a login. A failed authentication is
//! counted in the message (`auth failed, 3 attempts in 9 secs`) or named by a word in the last parentheses (2.4). Scanners and
//! health checks (`no auth attempts`) did not fail. Elements that expand to nothing drop out, and sites change the list.
//!
//! The user is a stranger's text and may hold elements of its own. It ends at the first `>` after which no element comes
//! twice, so the elements that Dovecot wrote always count.
//!
//! Deliberately not here: proxies (`proxy(user): started proxying to …`), which are notices. Specified in `login-common/client-common.c`,
//! `login-common/login-settings.c` (`login_log_format_elements`).

use crate::grammar::{find, number32, split, split_at};
use crate::record::{Event, LoginDetails};

/// The number of places that are tried as the end of the user.
const PLACES: usize = 64;

/// The last parentheses that mean that credentials were refused: the machine words of 2.4, and a proxy's sentence before that.
const REFUSED: [&[u8]; 6] = [
    b"(proxy dest auth failed)",
    b"(auth_failed)",
    b"(authorization_failed)",
    b"(user_disabled)",
    b"(password_expired)",
    b"(proxy_dest_auth_failed)",
];

/// Reads a line of a login service.
pub(super) fn event<'a>(service: &'a [u8], words: &'a [u8]) -> Option<Event<'a>> {
    if words.starts_with(b"proxy(") || words.starts_with(b"ID sent: ") {
        return None;
    }
    let (reason, login) = match split(words, b": user=<") {
        Some((reason, details)) => (reason, details_after_user(service, details)?),
        None => without_user(service, words)?,
    };
    Some(match reason {
        b"Login" | b"Logged in" => Event::Login(login),
        _ => match attempts(reason) {
            Some(attempts) => Event::LoginFailed {
                attempts,
                reason,
                login,
            },
            None => Event::LoginAborted { reason, login },
        },
    })
}

/// The failed attempts that a message counts; one where it only names the failure.
fn attempts(reason: &[u8]) -> Option<u32> {
    if let Some((_, counted)) = split(reason, b"(auth failed, ") {
        let (count, _) = split(counted, b" ")?;
        return number32(count);
    }
    REFUSED
        .iter()
        .any(|word| reason.ends_with(word))
        .then_some(1)
}

/// A site's list of elements, or an old release's, may have no user.
fn without_user<'a>(service: &'a [u8], words: &'a [u8]) -> Option<(&'a [u8], LoginDetails<'a>)> {
    let at = [&b": method="[..], b": rip="]
        .into_iter()
        .filter_map(|mark| find(words, mark))
        .min()?;
    let (reason, rest) = split_at(words, at, b": ".len())?;
    let login = LoginDetails {
        service,
        ..LoginDetails::default()
    };
    Some((reason, elements(rest, login)?))
}

fn details_after_user<'a>(service: &'a [u8], details: &'a [u8]) -> Option<LoginDetails<'a>> {
    memchr::memchr_iter(b'>', details)
        .take(PLACES)
        .find_map(|at| {
            let (user, rest) = split_at(details, at, 1)?;
            let rest = if rest.is_empty() {
                rest
            } else {
                rest.strip_prefix(b", ")?
            };
            elements(
                rest,
                LoginDetails {
                    service,
                    user,
                    ..LoginDetails::default()
                },
            )
        })
}

/// Reads the elements after the user; `None` when one comes twice.
fn elements<'a>(rest: &'a [u8], start: LoginDetails<'a>) -> Option<LoginDetails<'a>> {
    let mut login = start;
    let mut rest = rest;
    while !rest.is_empty() {
        let (element, after) = split(rest, b", ").unwrap_or((rest, b""));
        rest = after;
        if let Some(value) = element.strip_prefix(b"method=") {
            once(&mut login.method, value)?;
        } else if let Some(value) = element.strip_prefix(b"rip=") {
            once(&mut login.rip, value)?;
        } else if let Some(value) = element.strip_prefix(b"lip=") {
            once(&mut login.lip, value)?;
        } else if let Some(value) = element.strip_prefix(b"session=<") {
            once(
                &mut login.session,
                value.strip_suffix(b">").unwrap_or(value),
            )?;
        } else if let Some(value) = element.strip_prefix(b"mpid=") {
            login.mpid = number32(value);
        } else if element == b"secured" {
            login.secured = true;
        } else if is_tls(element) {
            login.secured = true;
            // Where the site's list has `%c` and `%k`, the one with the version says more.
            let more = login.tls.is_none_or(|known| known == b"TLS");
            login.tls = if more { Some(element) } else { login.tls };
        }
    }
    Some(login)
}

fn once<'a>(slot: &mut Option<&'a [u8]>, value: &'a [u8]) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

/// The `%c` and `%k` elements: `TLS`, `TLS: error text`, `TLSv1.3 with cipher …`; a handshake that did not end is none.
fn is_tls(element: &[u8]) -> bool {
    element.strip_prefix(b"TLS").is_some_and(|rest| {
        matches!(rest.first(), None | Some(b':' | b'v')) || rest.starts_with(b" (")
    })
}
