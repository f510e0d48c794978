//! What is asked of the failures: by source, by user, over time, and where a guess was right.
//!
//! Every question has its span: the minutes up to `until` that `range` has. `first` is the first failure ever known.

use super::{AuthFailures, Failures, Pair, Services, Source};
use crate::model::causes::Span;
use crate::model::minutes::Minutes;
use crate::model::table::{Join, Map};
use crate::model::thresholds::Threshold;
use crate::numbers;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::IpAddr;
use std::sync::Arc;

/// Failures of one source in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFailures {
    /// The address, or the first one of its /64.
    pub source: IpAddr,
    /// Failures in the span.
    pub failures: u64,
    /// Different users tried in the span, as far as lines named them.
    pub users: u64,
    /// The first failure that is known.
    pub first: DateTime<Utc>,
    /// The last failure in the span.
    pub last: DateTime<Utc>,
    /// The services that it tried.
    pub services: Services,
    /// The SASL mechanism that it used last.
    pub method: Option<Box<str>>,
    /// The user that it tried last.
    pub last_user: Option<Arc<str>>,
}

/// Failures to log in as one user, in a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFailures {
    /// The name in lower case.
    pub user: Arc<str>,
    /// Failures in the span.
    pub failures: u64,
    /// Different sources in the span.
    pub sources: u64,
    /// The last failure in the span.
    pub last: DateTime<Utc>,
    /// The last login of that user, up to the span's end, from a source that had failed to log in as that user before.
    pub success: Option<(IpAddr, DateTime<Utc>)>,
}

/// A login from a source that had guessed before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intrusion {
    /// The source.
    pub source: IpAddr,
    /// Who logged in.
    pub user: Arc<str>,
    /// The last time.
    pub at: DateTime<Utc>,
    /// Failures of the source up to then, as any user.
    pub failures: u64,
    /// Different users that it had tried.
    pub users: u64,
    /// Failures of the source as this user.
    pub own: u64,
    /// Different users who ever logged in from there.
    pub insiders: u64,
    /// Whether this user had logged in from there before the source ever failed.
    pub known: bool,
}

/// Failures of one source before a login that make it a guesser, not somebody who mistyped.
const GUESSES: u64 = 10;
/// Failures of one source as one user that do: a telephone with an old password fails often, too.
const OWN: u64 = 30;
/// Users tried from one source that make it one.
const GUESSED: u64 = 3;

/// From where on a login looks like a password that was guessed.
pub fn threshold() -> Threshold {
    Threshold::own(
        "a login after failures",
        format!("{GUESSES} failures as {GUESSED} users from its source, or {OWN} as this user"),
    )
}

impl Intrusion {
    /// Whether it looks like a password that was guessed. Everybody mistypes a password and then gets it right, and a webmail or an office
    /// is a source of many users' failures: from there most of those who fail also log in.
    pub fn is_suspicious(&self) -> bool {
        let many = self.failures >= GUESSES && self.users >= GUESSED;
        !self.known && (self.own >= OWN || many && self.insiders * 3 <= self.users)
    }

    /// `logged in from 203.0.113.9 after 12 failures as 3 users`
    pub fn sentence(&self) -> String {
        format!(
            "logged in from {} after {} as {}",
            self.source,
            numbers::many(self.failures as usize, "failure"),
            numbers::many(self.users as usize, "user")
        )
    }
}

impl AuthFailures {
    /// Failures in the span, from all sources.
    pub fn total(&self, until: DateTime<Utc>, range: TimeDelta) -> u64 {
        self.all.sum(until, range).count()
    }

    /// Failures over the span in so many equal parts, oldest first.
    pub fn curve(&self, until: DateTime<Utc>, range: TimeDelta, columns: usize) -> Vec<f64> {
        // The kinds of lines tell of one failure at different moments: one kind tells the whole curve.
        let sum = self.all.sum(until, range);
        let of: fn(&Failures) -> u64 = match sum.count() {
            most if most == u64::from(sum.refused) => |failures| u64::from(failures.refused),
            most if most == u64::from(sum.answered) => |failures| u64::from(failures.answered),
            _ => |failures| u64::from(failures.pam),
        };
        self.all.curve(until, range, columns, of)
    }

    /// Authentications in the span that failed because there was no server to ask, or not for this mechanism.
    pub fn unserved(&self, until: DateTime<Utc>, range: TimeDelta) -> u64 {
        self.unserved.sum(until, range)
    }

    /// Whether any source or user was forgotten because there were too many.
    pub fn is_cut(&self) -> bool {
        self.sources.gone() + self.users.gone() + self.tried.gone() > 0
    }

    /// Sources that failed in the span, most failures first.
    pub fn sources(&self, until: DateTime<Utc>, range: TimeDelta) -> Vec<SourceFailures> {
        let users = self.pairs(until, range, |pair| pair.source);
        let rows = self.sources.rows().filter_map(|(source, row)| {
            let (failures, last) = in_span(&row.minutes, row.seen, until, range)?;
            Some(SourceFailures {
                source: *source,
                failures,
                users: users.get(source).copied().unwrap_or(0),
                first: row.seen.first.unwrap_or(last),
                last,
                services: row.services,
                method: row.method.clone(),
                last_user: row.user.clone(),
            })
        });
        let mut rows: Vec<_> = rows.collect();
        rows.sort_by(|a, b| (b.failures, b.last, a.source).cmp(&(a.failures, a.last, b.source)));
        rows
    }

    /// Users as whom somebody failed to log in, most failures first.
    pub fn users(&self, until: DateTime<Utc>, range: TimeDelta) -> Vec<UserFailures> {
        let sources = self.pairs(until, range, |pair| Arc::clone(&pair.user));
        let rows = self.users.rows().filter_map(|(user, row)| {
            let (failures, last) = in_span(&row.minutes, row.seen, until, range)?;
            Some(UserFailures {
                user: Arc::clone(user),
                failures,
                sources: sources.get(user).copied().unwrap_or(0),
                last,
                success: None,
            })
        });
        let mut rows: Vec<_> = rows.collect();
        let successes = self.successes(until);
        for row in &mut rows {
            row.success = successes.get(&row.user).copied();
        }
        rows.sort_by(|a, b| (b.failures, b.last, &a.user).cmp(&(a.failures, a.last, &b.user)));
        rows
    }

    /// How many pairs that failed in the span there are by what `of` tells.
    fn pairs<K: std::hash::Hash + Eq>(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
        of: impl Fn(&Pair) -> K,
    ) -> Map<K, u64> {
        let since = until - range;
        let mut counts = Map::default();
        for (pair, tried) in self.tried.rows() {
            let Span { first, last } = tried.seen;
            if last.is_some_and(|last| last > since) && first.is_some_and(|first| first <= until) {
                *counts.entry(of(pair)).or_default() += 1;
            }
        }
        counts
    }

    /// By user, the last login up to then from a source that had failed before as that user.
    fn successes(&self, until: DateTime<Utc>) -> Map<Arc<str>, (IpAddr, DateTime<Utc>)> {
        let mut successes: Map<Arc<str>, (IpAddr, DateTime<Utc>)> = Map::default();
        for (pair, tried) in self.tried.rows() {
            let success = self.logged_in.get(pair).and_then(|row| up_to(row.0, until));
            let Some(at) = success.filter(|at| tried.seen.first.is_some_and(|first| first < *at))
            else {
                continue;
            };
            let known = successes
                .entry(Arc::clone(&pair.user))
                .or_insert((pair.source, at));
            if at > known.1 {
                *known = (pair.source, at);
            }
        }
        successes
    }

    /// Logins in the span, suspicious or not, from sources that had failed before: newest first.
    pub fn intrusions(&self, until: DateTime<Utc>, range: TimeDelta) -> Vec<Intrusion> {
        if self.sources.is_empty() {
            return Vec::new();
        }
        let since = until - range;
        let logins = self.logged_in.rows().filter_map(|(pair, row)| {
            let source = self.sources.get(&pair.source)?;
            let at = up_to(row.0, until).filter(|at| *at > since)?;
            self.intrusion(pair, source, row.0, at)
        });
        let mut logins: Vec<_> = logins.collect();
        let mut meant: Map<IpAddr, [u64; 2]> = Map::default();
        meant.extend(logins.iter().map(|login| (login.source, [0; 2])));
        let tried = self.tried.rows().map(|(pair, _)| (pair.source, 0));
        let inside = self.logged_in.rows().map(|(pair, _)| (pair.source, 1));
        for (source, kind) in tried.chain(inside) {
            if let Some(count) = meant.get_mut(&source).and_then(|known| known.get_mut(kind)) {
                *count += 1;
            }
        }
        for login in &mut logins {
            [login.users, login.insiders] = meant.get(&login.source).copied().unwrap_or_default();
        }
        logins.sort_by(|a, b| (b.at, &a.user, a.source).cmp(&(a.at, &b.user, b.source)));
        logins
    }

    /// The users of that source are still to be counted.
    fn intrusion(
        &self,
        pair: &Pair,
        source: &Source,
        logins: Span,
        at: DateTime<Utc>,
    ) -> Option<Intrusion> {
        let began = source.seen.first.filter(|first| *first < at)?;
        Some(Intrusion {
            source: pair.source,
            user: Arc::clone(&pair.user),
            at,
            failures: source.minutes.sum(at, TimeDelta::days(3650)).count(),
            own: self
                .tried
                .get(pair)
                .map_or(0, |tried| tried.failures.count()),
            known: logins.first.is_some_and(|first| first < began),
            users: 0,
            insiders: 0,
        })
    }
}

/// The last moment of a span that is not after `until`; where the last one is after it, the first one.
fn up_to(seen: Span, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
    [seen.last, seen.first]
        .into_iter()
        .flatten()
        .find(|moment| *moment <= until)
}

/// Failures in the span, and when the last one was; `None` without any.
fn in_span(
    minutes: &Minutes<Failures>,
    seen: Span,
    until: DateTime<Utc>,
    range: TimeDelta,
) -> Option<(u64, DateTime<Utc>)> {
    let mut sum = Failures::default();
    for (_, failures) in minutes.between(until, range) {
        sum.join(*failures);
    }
    let failures = sum.count();
    let last = seen
        .last
        .filter(|last| *last <= until)
        .or_else(|| minutes.last(until));
    last.filter(|_| failures > 0).map(|last| (failures, last))
}
