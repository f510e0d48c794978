//! Failed authentications: who guesses passwords, whose, and whether a guess was right.
//!
//! Records of smtpd(8) and Dovecot go in; out come failures by source and by targeted user over any span ([`AuthFailures::sources`],
//! [`AuthFailures::users`]), their curve, and the successful logins from sources that had failed before. A source is an address of IPv4 or a /64
//! of IPv6, which one customer has whole (RFC 6177). Names of users are compared in lower case, as Dovecot does
//! (`auth_username_format`).
//!
//! One failure may stand in several lines: Dovecot's authentication tells of it at once (with `auth_verbose`), and with PAM twice; smtpd(8) or
//! the login service tells when it has answered or the client has gone. So each kind of line is counted apart ([`Failures`]), and the
//! kind that tells most counts. Where several password databases are asked in turn, each tells, and one failure counts several times.
//!
//! Not counted as guesses: `Connection lost to authentication server` and the like. There nobody's password was wrong; they are
//! [`AuthFailures::unserved`].
//!
//! Formats: `smtpd/smtpd_sasl_glue.c`, and the parsers' `dovecot/login.rs` and `dovecot/auth.rs`.

mod seen;
#[cfg(test)]
mod tests;

use crate::model::causes::Span;
use crate::model::kept::{Kept, Weight};
use crate::model::minutes::Minutes;
use crate::model::table::Join;
use chrono::{DateTime, Utc};
use hashbrown::Equivalent;
use mailtop_parsers::{Event, Record};
pub use seen::{Intrusion, SourceFailures, UserFailures, threshold};
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// Sources that are told apart.
pub const SOURCES: usize = 50_000;
/// Targeted users that are told apart.
pub const USERS: usize = 50_000;
/// Pairs of user and source that are told apart, of those that failed and of those that succeeded.
pub const PAIRS: usize = 100_000;
/// Bytes of a user's name that are kept: what is longer was never an account.
const NAME: usize = 128;

/// How many failures lines of each kind told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    /// smtpd(8), and Dovecot's login services once the client has gone.
    answered: u32,
    /// Dovecot's authentication.
    refused: u32,
    /// PAM.
    pam: u32,
}

impl Failures {
    /// Failures: as many as the kind of line says that tells most.
    pub fn count(self) -> u64 {
        u64::from(self.answered.max(self.refused).max(self.pam))
    }
}

impl Join for Failures {
    fn join(&mut self, newer: Self) {
        self.answered = self.answered.saturating_add(newer.answered);
        self.refused = self.refused.saturating_add(newer.refused);
        self.pam = self.pam.saturating_add(newer.pam);
    }
}

/// The services that were tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Services(u8);

impl Services {
    const NAMES: [(&'static str, &'static [u8]); 7] = [
        ("smtp", b"smtpd"),
        ("imap", b"imap-login"),
        ("pop3", b"pop3-login"),
        ("sieve", b"managesieve-login"),
        ("submission", b"submission-login"),
        // Dovecot's authentication does not say for whom it asks.
        ("auth", b"auth"),
        ("other", b""),
    ];

    fn of(name: &[u8]) -> Self {
        let place = Self::NAMES.iter().position(|(_, known)| *known == name);
        Self(1 << place.unwrap_or(Self::NAMES.len() - 1))
    }

    /// Their names: `smtp`, `imap`, ….
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        // What Dovecot's authentication alone told is not named beside a service that is known.
        let plain = self.0 & !(1 << 5) != 0;
        let names = Self::NAMES.iter().enumerate();
        names
            .filter(move |(place, _)| self.0 & (1 << place) != 0 && !(plain && *place == 5))
            .map(|(_, (name, _))| *name)
    }
}

/// One source.
#[derive(Debug, Clone, PartialEq, Default)]
struct Source {
    minutes: Minutes<Failures>,
    seen: Span,
    services: Services,
    method: Option<Box<str>>,
    user: Option<Arc<str>>,
}

/// One targeted user.
#[derive(Debug, Clone, PartialEq, Default)]
struct User {
    minutes: Minutes<Failures>,
    seen: Span,
}

/// One user tried from one source.
#[derive(Debug, Clone, PartialEq, Default)]
struct Tried {
    failures: Failures,
    seen: Span,
}

/// One user logged in from one source.
#[derive(Debug, Clone, PartialEq, Default)]
struct LoggedIn(Span);

/// Who, and where from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Pair {
    source: IpAddr,
    user: Arc<str>,
}

/// A pair that is asked for; hashed as a [`Pair`] is.
struct Asked<'a> {
    source: IpAddr,
    user: &'a str,
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
        self.user.hash(state);
    }
}

impl Equivalent<Pair> for Asked<'_> {
    fn equivalent(&self, key: &Pair) -> bool {
        self.source == key.source && *self.user == *key.user
    }
}

/// Failed authentications.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AuthFailures {
    all: Minutes<Failures>,
    unserved: Minutes<u64>,
    sources: Kept<IpAddr, Source, SOURCES>,
    users: Kept<Arc<str>, User, USERS>,
    tried: Kept<Pair, Tried, PAIRS>,
    logged_in: Kept<Pair, LoggedIn, PAIRS>,
}

/// One failure, or several equal ones.
struct Failure<'a> {
    failures: Failures,
    service: &'a [u8],
    source: Option<&'a [u8]>,
    user: Option<&'a [u8]>,
    method: Option<&'a [u8]>,
}

impl AuthFailures {
    /// Takes one event in that was logged at `time` and happened `times` times.
    pub fn on(&mut self, record: &Record<'_>, time: DateTime<Utc>, times: u64) {
        let times = u32::try_from(times).unwrap_or(u32::MAX);
        let failure = match &record.event {
            Event::SaslFailed { reason, .. } if is_unserved(reason) => {
                self.unserved.add(time, u64::from(times));
                return;
            }
            Event::SaslFailed {
                client,
                method,
                username,
                ..
            } => Failure {
                failures: Failures {
                    answered: times,
                    ..Failures::default()
                },
                service: b"smtpd",
                source: Some(client.ip),
                user: *username,
                method: Some(method),
            },
            Event::LoginFailed {
                attempts, login, ..
            } => Failure {
                failures: Failures {
                    answered: times.saturating_mul(*attempts),
                    ..Failures::default()
                },
                service: login.service,
                source: login.rip,
                user: Some(login.user),
                method: login.method,
            },
            Event::AuthFailed {
                user, method, rip, ..
            } => {
                let (refused, pam) = if record.program == b"dovecot" {
                    (times, 0)
                } else {
                    (0, times)
                };
                Failure {
                    failures: Failures {
                        refused,
                        pam,
                        ..Failures::default()
                    },
                    service: b"auth",
                    source: *rip,
                    user: Some(user),
                    method: *method,
                }
            }
            Event::Login(login) => {
                if let Some(address) = login.rip.and_then(address) {
                    self.succeeded(login.user, source_of(address), time);
                }
                return;
            }
            _ => return,
        };
        self.failed(&failure, time);
    }

    fn failed(&mut self, failure: &Failure<'_>, time: DateTime<Utc>) {
        self.all.add(time, failure.failures);
        let source = failure.source.and_then(address).map(source_of);
        let name = failure.user.map(name).filter(|user| !user.is_empty());
        let user = name.as_deref().map(|name| {
            self.users.with(
                name,
                || Arc::from(name),
                |user, row| {
                    row.minutes.add(time, failure.failures);
                    row.seen.add(time);
                    Arc::clone(user)
                },
            )
        });
        let Some(source) = source else { return };
        self.sources.with(
            &source,
            || source,
            |_, row| {
                row.minutes.add(time, failure.failures);
                row.seen.add(time);
                row.services.0 |= Services::of(failure.service).0;
                if let Some(method) = failure.method
                    && row
                        .method
                        .as_deref()
                        .is_none_or(|known| known.as_bytes() != method)
                {
                    row.method = Some(String::from_utf8_lossy(method).into());
                }
                if user.is_some() {
                    row.user.clone_from(&user);
                }
            },
        );
        let Some(user) = user else { return };
        let asked = Asked {
            source,
            user: &user,
        };
        let own = || Pair {
            source,
            user: Arc::clone(&user),
        };
        self.tried.with(&asked, own, |_, tried| {
            tried.failures.join(failure.failures);
            tried.seen.add(time);
        });
    }

    /// A user logged in from that source, or smtpd(8) took a message of that account.
    pub fn succeeded(&mut self, user: &[u8], source: IpAddr, time: DateTime<Utc>) {
        let user = &*name(user);
        let own = || Pair {
            source,
            user: Arc::from(user),
        };
        self.logged_in
            .with(&Asked { source, user }, own, |_, row| row.0.add(time));
    }
}

/// Whether nobody's password was looked at: the authentication server was not there or does not know the mechanism.
fn is_unserved(reason: &[u8]) -> bool {
    [
        &b"Connection lost to authentication server"[..],
        b"Temporary authentication failure",
        b"Invalid authentication mechanism",
    ]
    .iter()
    .any(|words| reason.starts_with(words))
}

/// An address as logged; `None` for what is none, `unknown` for example.
pub fn address(text: &[u8]) -> Option<IpAddr> {
    let address = std::str::from_utf8(text).ok()?.parse::<IpAddr>().ok()?;
    Some(address.to_canonical())
}

/// The source that an address belongs to: itself, or the /64 of IPv6.
pub fn source_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        four @ IpAddr::V4(_) => four,
    }
}

/// The name that a user is known by here: in lower case, and cut where no account's name goes on.
fn name(user: &[u8]) -> Cow<'_, str> {
    let user = user.get(..user.len().min(NAME)).unwrap_or_default();
    match std::str::from_utf8(user) {
        Ok(plain) if !plain.bytes().any(|byte| byte.is_ascii_uppercase()) => Cow::Borrowed(plain),
        _ => Cow::Owned(String::from_utf8_lossy(user).to_ascii_lowercase()),
    }
}

fn weight(seen: Span) -> i64 {
    seen.last.map_or(i64::MIN, |last| last.timestamp())
}

impl Weight for Source {
    fn weight(&self) -> i64 {
        weight(self.seen)
    }
}

impl Weight for User {
    fn weight(&self) -> i64 {
        weight(self.seen)
    }
}

impl Weight for Tried {
    fn weight(&self) -> i64 {
        weight(self.seen)
    }
}

impl Weight for LoggedIn {
    fn weight(&self) -> i64 {
        weight(self.0)
    }
}

impl Join for Source {
    fn join(&mut self, newer: Self) {
        self.minutes.join(newer.minutes);
        self.seen.join(newer.seen);
        self.services.0 |= newer.services.0;
        self.method = newer.method.or(self.method.take());
        self.user = newer.user.or(self.user.take());
    }
}

impl Join for User {
    fn join(&mut self, newer: Self) {
        self.minutes.join(newer.minutes);
        self.seen.join(newer.seen);
    }
}

impl Join for Tried {
    fn join(&mut self, newer: Self) {
        self.failures.join(newer.failures);
        self.seen.join(newer.seen);
    }
}

impl Join for LoggedIn {
    fn join(&mut self, newer: Self) {
        self.0.join(newer.0);
    }
}

impl Join for AuthFailures {
    fn join(&mut self, newer: Self) {
        self.all.join(newer.all);
        self.unserved.join(newer.unserved);
        self.sources.join(newer.sources);
        self.users.join(newer.users);
        self.tried.join(newer.tried);
        self.logged_in.join(newer.logged_in);
    }
}
