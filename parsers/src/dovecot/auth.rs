//! Refused credentials, as Dovecot's auth and auth-worker log them, and PAM under their name.
//!
//! ```text
//! auth: db(user,ip[,master][,<session>]): REASON                                          (2.2, 2.3)
//! auth-worker(pid): [conn unix:auth-worker (pid=N,uid=N): auth-worker<N>: ]db(user,ip,<session>): REASON
//! auth(user,ip,sasl:mech)<session>: db: REASON                                            (2.4)
//! auth-worker(user,ip)<pid><session>: request [N]: db: REASON                             (2.4)
//! pam_unix(dovecot:auth): authentication failure; … rhost=IP  user=U                      (program `auth`)
//! ```
//!
//! The user is a stranger's text and may have commas, so the items are taken from the right. The place of the db may hold the
//! mechanism, when the exchange itself failed. A password is cut off before this ([`crate::secret`]); its mark is taken off here.
//!
//! Deliberately not here: the audit of successes. Specified in `auth/auth-request.c` (`get_log_identifier`).

use crate::grammar::{find, split, split_at};
use crate::record::{Event, MailUser};
use core::net::IpAddr;

/// How a refusal begins.
const REFUSALS: [&[u8]; 20] = [
    b"unknown user",
    b"Unknown user",
    b"User unknown",
    b"Password mismatch",
    b"password mismatch",
    b"pam_authenticate() failed",
    b"invalid credentials",
    b"Invalid credentials",
    b"Password authentication aborted",
    b"user is disabled",
    b"User is disabled",
    b"Account is disabled",
    b"password expired",
    b"Password expired",
    b"policy server refusal",
    b"Authentication failure due to policy server refusal",
    b"Username character disallowed",
    b"Empty username",
    b"Requested login user",
    b"Master user lookup failed",
];

/// Who tried, and from where.
#[derive(Default)]
struct Client<'a> {
    user: &'a [u8],
    rip: Option<&'a [u8]>,
    method: Option<&'a [u8]>,
    session: Option<&'a [u8]>,
}

/// Reads a line of auth or auth-worker.
pub(super) fn event<'a>(who: MailUser<'a>, words: &'a [u8]) -> Option<Event<'a>> {
    let words = after_worker(words);
    let (client, reason) = if memchr::memchr(b',', who.user).is_some() {
        let (_, reason) = split(words, b": ")?;
        let client = Client {
            session: who.session,
            ..client(who.user)
        };
        (client, reason)
    } else {
        let (db, rest) = split(words, b"(")?;
        if !db.iter().all(|byte| is_name(*byte)) {
            return None;
        }
        let (inner, reason) = split(rest, b"): ")?;
        let client = client(inner);
        let method = client.method.or(is_mechanism(db).then_some(db));
        (Client { method, ..client }, reason)
    };
    if !REFUSALS.iter().any(|start| reason.starts_with(start)) {
        return None;
    }
    Some(Event::AuthFailed {
        user: if client.user == b"?" {
            b""
        } else {
            client.user
        },
        method: client.method,
        rip: client.rip,
        session: client.session,
        reason: without_mark(reason),
    })
}

/// Reads PAM's refusal, which the program of Dovecot's authentication logs under its own name.
pub(crate) fn pam<'a>(program: &[u8], text: &'a [u8]) -> Option<Event<'a>> {
    if !text.starts_with(b"pam_") || !matches!(program, b"auth" | b"dovecot-auth" | b"dovecot") {
        return None;
    }
    let (_, rest) = split(text, b"(dovecot:auth): ")?;
    let (reason, items) = split(rest, b";")?;
    let item = |key: &[u8]| {
        let (_, value) = split(items, key)?;
        let value = value.split(|byte| *byte == b' ').next()?;
        (!value.is_empty()).then_some(value)
    };
    (reason == b"authentication failure").then(|| Event::AuthFailed {
        user: item(b" user=").or(item(b" ruser=")).unwrap_or_default(),
        method: None,
        rip: item(b" rhost="),
        session: None,
        reason,
    })
}

/// Steps over what a worker puts in front: its connection (2.3) or the request's number (2.4).
fn after_worker(words: &[u8]) -> &[u8] {
    let rest = match words.strip_prefix(b"conn unix:") {
        Some(_) => split(words, b">: ").map(|(_, rest)| rest),
        None => words
            .strip_prefix(b"request [")
            .and_then(|rest| split(rest, b"]: "))
            .map(|(_, rest)| rest),
    };
    rest.unwrap_or(words)
}

/// Reads `user[,ip][,master][,sasl:mech][,<session>]` from the right. Without an address, all of it is the user.
fn client(items: &[u8]) -> Client<'_> {
    let mut client = Client {
        user: items,
        ..Client::default()
    };
    let mut end = items;
    while let Some((before, item)) = memchr::memrchr(b',', end).and_then(|at| split_at(end, at, 1))
    {
        if let Some(session) = item
            .strip_prefix(b"<")
            .and_then(|item| item.strip_suffix(b">"))
        {
            client.session = Some(session);
        } else if let Some(method) = item.strip_prefix(b"sasl:") {
            client.method = Some(method);
        } else if is_address(item) {
            client.rip = Some(item);
            client.user = before;
            break;
        }
        end = before;
    }
    client
}

fn is_address(item: &[u8]) -> bool {
    std::str::from_utf8(item).is_ok_and(|item| item.parse::<IpAddr>().is_ok())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_mechanism(word: &[u8]) -> bool {
    const NAMES: [&[u8]; 12] = [
        b"plain",
        b"login",
        b"cram-md5",
        b"digest-md5",
        b"scram-sha-1",
        b"scram-sha-256",
        b"external",
        b"gssapi",
        b"ntlm",
        b"apop",
        b"xoauth2",
        b"oauthbearer",
    ];
    NAMES.contains(&word)
}

/// The reason without the mark of a password.
fn without_mark(reason: &[u8]) -> &[u8] {
    let marks: [&[u8]; 2] = [b" (given password: ", b" (SHA1 of given password: "];
    let end = marks
        .into_iter()
        .filter_map(|mark| find(reason, mark))
        .min();
    reason.get(..end.unwrap_or(reason.len())).unwrap_or(reason)
}
