//! What the panels show: gathered from the model for the time that is looked at, filtered and sorted, so that drawing only reads.

use super::{By, Sorting};
use crate::app::filter::{Field, Filter, Subject};
use crate::model::auth_failures::SourceFailures;
use crate::model::dovecot::sessions::{Ending, User, clients};
use crate::model::dovecot::who::{Allowed, Connections, Who};
use crate::model::dovecot::{ByProtocol, logins, saves};
use crate::model::feeds::Source;
use crate::model::histogram::Histogram;
use crate::model::minute::minute_of;
use crate::safe_text::SafeText;
use crate::views::{Facts, step_rate};
use chrono::{DateTime, TimeDelta, Utc};
use mailtop_parsers::{Severity, Status};
use std::cmp::Ordering;

/// Seconds after which a list of `doveadm who` is too old to be called now.
const STALE: i64 = 120;

/// Where the sessions are known from.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Origin {
    /// `doveadm who`.
    Doveadm,
    /// The log, because of this where there is a reason.
    #[default]
    Log,
    /// The log; why `doveadm who` tells nothing.
    LogBecause(SafeText),
}

/// A complaint.
#[derive(Debug, Clone)]
pub(super) struct Complaint {
    pub(super) key: Box<str>,
    pub(super) service: SafeText,
    pub(super) text: SafeText,
    pub(super) severity: Option<Severity>,
    pub(super) count: u64,
    pub(super) last: Option<DateTime<Utc>>,
    /// Whether a limit that was reached is what it is about.
    pub(super) limit: bool,
}

/// A limit that was reached.
#[derive(Debug, Clone)]
pub(super) struct Reached {
    pub(super) setting: SafeText,
    pub(super) service: SafeText,
    pub(super) count: u64,
}

/// A user whose mailbox is full.
#[derive(Debug, Clone)]
pub(super) struct Full {
    pub(super) user: Box<str>,
    pub(super) count: u64,
    pub(super) first: Option<DateTime<Utc>>,
    pub(super) last: Option<DateTime<Utc>>,
    pub(super) text: SafeText,
}

/// How many rows there were before the filter.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct All {
    pub(super) users: usize,
    pub(super) full: usize,
    pub(super) complaints: usize,
    pub(super) sources: usize,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// Whether any line of Dovecot, or a list of `doveadm`, is known at all.
    pub(super) known: bool,
    /// Minutes of the range of which something is known.
    pub(super) minutes: f64,
    pub(super) logins: logins::Counts,
    /// Logins and failures of every minute of the chart.
    pub(super) curves: [Vec<Option<f64>>; 2],
    /// Where they lie in the chart.
    pub(super) reach: (f64, f64),
    pub(super) origin: Origin,
    pub(super) open: ByProtocol<u64>,
    pub(super) allowed: Allowed,
    pub(super) users: Vec<User>,
    /// What there was before the filter.
    pub(super) all: All,
    pub(super) peak: Option<(DateTime<Utc>, u64)>,
    pub(super) endings: Vec<(Ending, u64)>,
    pub(super) saves: saves::Counts,
    pub(super) seconds: Histogram,
    pub(super) failures: Vec<(Status, SafeText, u64)>,
    pub(super) full: Vec<Full>,
    pub(super) complaints: Vec<Complaint>,
    pub(super) limits: Vec<Reached>,
    pub(super) sources: Vec<SourceFailures>,
    pub(super) failed: u64,
}

/// The orders of complaints, sources and full mailboxes, and that of users.
type Orders = (Sorting<By>, Sorting<By>);

impl Shown {
    pub(super) fn gather(facts: &Facts<'_>, filter: &Filter, (order, of_users): Orders) -> Self {
        // Doveadm goes on when the log does not.
        let sessions = facts;
        let facts = &facts.as_told_by(&[Source::Log]);
        let (until, range) = (facts.until, facts.range);
        let told = &facts.model.told().dovecot;
        let begins = told.seen.first.unwrap_or(until).max(until - range);
        let mut shown = Self {
            known: told.seen.first.is_some() || matches!(facts.model.who, Some(Who::Known(_))),
            minutes: ((until - begins).num_seconds() as f64 / 60.0).max(1.0),
            logins: told.logins.minutes.sum(until, range),
            saves: told.saves.minutes.sum(until, range),
            seconds: told.saves.seconds.sum(until, range),
            ..Self::default()
        };
        shown.curves(facts);
        shown.sessions(sessions, filter, of_users);
        shown.failures(facts, filter, order);
        shown.complaints(facts, filter, order);
        shown.sources(facts, filter, order);
        shown
    }

    /// Logins and failures a minute, of the time that charts show.
    fn curves(&mut self, facts: &Facts<'_>) {
        let told = &facts.model.told().dovecot;
        let shown = facts.shown();
        let minutes = shown.minutes();
        self.reach = shown.reach(minutes);
        let known = told.seen.first.map_or(i64::MAX, minute_of);
        let rate = |count: u64, minute: i64| {
            let rate = step_rate(count, minute, 1, facts);
            rate.filter(|_| minute >= known)
        };
        let none = (minutes.first..=minutes.last).map(|minute| rate(0, minute));
        let none: Vec<_> = none.collect();
        self.curves = [none.clone(), none];
        let length = TimeDelta::minutes(minutes.count());
        for (minute, counts) in told.logins.minutes.within(shown.until, length) {
            let counts = [counts.all(), counts.failed];
            for (curve, count) in self.curves.iter_mut().zip(counts) {
                let place = usize::try_from(minute - minutes.first).ok();
                if let Some(slot) = place.and_then(|place| curve.get_mut(place)) {
                    *slot = rate(count, minute);
                }
            }
        }
    }

    fn sessions(&mut self, facts: &Facts<'_>, filter: &Filter, order: Sorting<By>) {
        let told = &facts.model.told().dovecot.sessions;
        let past = facts.until < facts.model.now();
        let fresh = |who: &Connections| (facts.model.now() - who.at).num_seconds() < STALE;
        match &facts.model.who {
            Some(Who::Known(who)) if !past && fresh(who) => {
                self.origin = Origin::Doveadm;
                self.open = who.open;
                // Dovecot lists no LMTP there.
                self.open[4] = told.open_at(facts.until)[4];
                self.users.clone_from(&who.users);
            }
            who => {
                self.open = told.open_at(facts.until);
                if !past {
                    self.users = told.users();
                }
                if let Some(Who::Unknown(why)) = who {
                    self.origin = Origin::LogBecause(SafeText::from(why.as_str()));
                }
            }
        }
        if let Some(Who::Known(who)) = &facts.model.who {
            self.allowed = who.allowed;
        }
        self.peak = told.peak(facts.until, facts.range);
        // What was asked just now may be more than the log knows.
        if clients(self.open) > self.peak.map_or(0, |(_, open)| open) {
            self.peak = Some((facts.until, clients(self.open)));
        }
        self.all.users = self.users.len();
        self.users.retain(|user| filter.matches(&OfUser(user)));
        self.users.sort_by(|a, b| {
            compare(
                order,
                &(a.sessions, None, &*a.name),
                &(b.sessions, None, &*b.name),
            )
        });
        let counts = told.minutes.sum(facts.until, facts.range);
        let endings = Ending::ALL.into_iter().zip(counts.endings);
        self.endings = endings.filter(|(_, count)| *count > 0).collect();
        self.endings
            .sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    }

    fn failures(&mut self, facts: &Facts<'_>, filter: &Filter, order: Sorting<By>) {
        let told = &facts.model.told().dovecot.saves;
        let failures = told.failures_within(facts.until, facts.range).into_iter();
        self.failures = failures
            .map(|(status, reason, count)| (status, reason.line(), count))
            .collect();
        let full = told.over_quota_within(facts.until, facts.range);
        self.all.full = full.len();
        self.full = full
            .into_iter()
            .map(|(user, full, count)| Full {
                user: (&**user).into(),
                count,
                first: full.first(),
                last: full.last(facts.until, facts.range),
                text: full.sample().clone(),
            })
            .filter(|full| filter.matches(full))
            .collect();
        self.full.sort_by(|a, b| {
            compare(
                order,
                &(a.count, a.last, &*a.user),
                &(b.count, b.last, &*b.user),
            )
        });
    }

    fn complaints(&mut self, facts: &Facts<'_>, filter: &Filter, order: Sorting<By>) {
        let told = &facts.model.told().dovecot.complaints;
        let limits = told.limits_within(facts.until, facts.range).into_iter();
        self.limits = limits
            .map(|(limit, count)| Reached {
                setting: SafeText::from(&*limit.setting),
                service: SafeText::from(&*limit.service),
                count,
            })
            .collect();
        let rows = told.within(facts.until, facts.range);
        self.all.complaints = rows.len();
        self.complaints = rows
            .into_iter()
            .map(|(key, complaint, count)| Complaint {
                key: (&**key).into(),
                service: SafeText::from(&*complaint.service),
                text: SafeText::from(&*complaint.text),
                severity: complaint.severity,
                count,
                last: complaint.repeated.last(facts.until, facts.range),
                limit: complaint.limit,
            })
            .filter(|complaint| filter.matches(complaint))
            .collect();
        self.complaints.sort_by(|a, b| {
            compare(
                order,
                &(a.count, a.last, a.key.as_ref()),
                &(b.count, b.last, b.key.as_ref()),
            )
        });
    }

    fn sources(&mut self, facts: &Facts<'_>, filter: &Filter, order: Sorting<By>) {
        let told = &facts.model.told().auth_failures;
        self.failed = told.total(facts.until, facts.range);
        self.sources = told.sources(facts.until, facts.range);
        self.all.sources = self.sources.len();
        self.sources
            .retain(|source| filter.matches(&OfSource(source)));
        self.sources.sort_by(|a, b| {
            compare(
                order,
                &(a.failures, Some(a.last), a.source),
                &(b.failures, Some(b.last), b.source),
            )
        });
    }
}

/// By count or last time, the largest first, or by name; equal ones by name.
fn compare<N: Ord>(
    order: Sorting<By>,
    a: &(u64, Option<DateTime<Utc>>, N),
    b: &(u64, Option<DateTime<Utc>>, N),
) -> Ordering {
    let by = match order.by() {
        By::Count => b.0.cmp(&a.0),
        By::Last => b.1.cmp(&a.1),
        By::Name => a.2.cmp(&b.2),
    };
    let by = order.run(by);
    by.then_with(|| a.2.cmp(&b.2))
}

/// A user with sessions, as a filter sees it.
struct OfUser<'a>(&'a User);

impl Subject for OfUser<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::User => test(&self.0.name),
            Field::Ip => {
                let mut addresses = self.0.addresses.iter();
                addresses.any(|(address, _)| test(&address.to_string()))
            }
            _ => false,
        }
    }
}

impl Subject for Full {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::User | Field::To => test(&self.user),
            Field::Reason => test(self.text.as_str()),
            Field::Protocol => test("lmtp"),
            _ => false,
        }
    }
}

impl Subject for Complaint {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Reason => test(self.text.as_str()),
            Field::Protocol => test(self.service.as_str()),
            _ => false,
        }
    }
}

/// A source of failures, as a filter sees it.
struct OfSource<'a>(&'a SourceFailures);

impl Subject for OfSource<'_> {
    fn texts(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        match field {
            Field::Ip => test(&self.0.source.to_string()),
            Field::User => self.0.last_user.as_ref().is_some_and(|user| test(user)),
            Field::Protocol => self.0.services.names().any(test),
            _ => false,
        }
    }
}

/// How many a minute, over the minutes that are known.
pub(super) fn per_minute(count: u64, shown: &Shown) -> f64 {
    count as f64 / shown.minutes
}
