//! The main cause of new deferrals: a domain with a reason, a reason that many domains share, or a domain with many reasons.
//!
//! A reason that holds up mail to many domains is trouble near this host (its name server, its line, its address on a list), so no
//! domain is named then.

use crate::model::facts::Told;
use crate::model::onsets::{self, What};
use crate::safe_text::SafeText;
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Minutes in a row with less than a [`QUIET_SHARE`]th of its present rate after which a cause has not begun yet.
const QUIET: usize = 5;
/// So many are enough where no more is known.
const QUIET_END: usize = 3;
const QUIET_SHARE: f64 = 4.0;
/// Minutes, the running one included, whose rate is the present one.
const PRESENT: usize = 11;

/// What holds up most of the messages that were deferred for the first time.
#[derive(Debug, Clone, PartialEq)]
pub struct MainCause {
    /// The recipient domain; `None` when the reason is the same for many.
    pub domain: Option<Arc<str>>,
    /// How many domains it is about.
    pub domains: usize,
    /// The folded reason.
    pub fold: Arc<str>,
    /// The reason as it was first logged, without its frame.
    pub reason: SafeText,
    /// Its share of the new messages, above 0.0 to 1.0.
    pub share: f64,
    /// The minute it began in; `None` when it has been going on for as long as is known.
    pub began: Option<DateTime<Utc>>,
}

impl MainCause {
    /// Of `fresh` new messages, by domain and reason, most first.
    pub(super) fn of(
        told: &Told,
        now: DateTime<Utc>,
        fresh: u64,
        causes: &[(What, u64)],
    ) -> Option<Self> {
        let ((domain, fold), count) = causes.first()?;
        let half = |count: u64| count * 2 >= fresh;
        let by_reason = most(causes, |(_, fold)| fold);
        let by_domain = most(causes, |(domain, _)| domain);
        let (domain, fold, count) = match (by_reason, by_domain) {
            _ if half(*count) => (Some(domain), Some(fold), *count),
            // Unless one domain has most of it, the reason alone is the cause.
            (Some((shared, all)), _) if half(all) && !(fold == shared && count * 2 >= all) => {
                (None, Some(shared), all)
            }
            (Some((_, all)), _) if half(all) => (Some(domain), Some(fold), *count),
            (_, Some((domain, count))) if half(count) => (Some(domain), None, count),
            _ => (Some(domain), Some(fold), *count),
        };
        let meant = |what: &What| {
            domain.is_none_or(|domain| what.0 == *domain) && fold.is_none_or(|fold| what.1 == *fold)
        };
        // Of several reasons the most frequent one is shown.
        let shown = causes.iter().find(|(what, _)| meant(what))?;
        let domains: HashSet<&Arc<str>> = causes
            .iter()
            .filter(|(what, _)| meant(what))
            .map(|((domain, _), _)| domain)
            .collect();
        let counts = told.onsets.by_minute(now, meant);
        let counts = counts.get(..known_minutes(told, now)).unwrap_or(&counts);
        let began = began(counts).and_then(|minute| onsets::minute_before(now, minute));
        let fold = &shown.0.1;
        let sample = told
            .deferrals
            .get(fold)
            .and_then(|cause| cause.sample.as_ref());
        Some(Self {
            domain: domain.map(Arc::clone),
            domains: domains.len(),
            fold: Arc::clone(fold),
            reason: sample.map_or_else(|| SafeText::from(&**fold), |(_, reason)| reason.line()),
            share: count as f64 / fresh.max(1) as f64,
            began,
        })
    }
}

fn most<'a>(
    causes: &'a [(What, u64)],
    name: impl Fn(&'a What) -> &'a Arc<str>,
) -> Option<(&'a Arc<str>, u64)> {
    let mut sums: HashMap<&Arc<str>, u64> = HashMap::new();
    for (what, count) in causes {
        *sums.entry(name(what)).or_default() += count;
    }
    sums.into_iter()
        .max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(a.0)))
}

/// How many minutes before now, the running one included, the log tells of, as far as onsets are kept.
pub(super) fn known_minutes(told: &Told, now: DateTime<Utc>) -> usize {
    let first = told.seen.first.unwrap_or(now).timestamp().div_euclid(60);
    let minutes = now.timestamp().div_euclid(60) - first + 1;
    minutes.clamp(0, onsets::KEPT) as usize
}

/// How many minutes ago it began: back from the newest busy minute to the first of [`QUIET`] quiet ones. The counts are by minute, newest
/// first. `None` when it never was quiet.
pub(super) fn began(counts: &[u64]) -> Option<usize> {
    let present = counts.get(..PRESENT).unwrap_or(counts);
    let rate = present.iter().sum::<u64>() as f64 / present.len().max(1) as f64;
    let busy = |count: u64| count > 0 && count as f64 >= rate / QUIET_SHARE;
    let mut first = present.iter().position(|count| *count as f64 >= rate)?;
    if rate <= 0.0 {
        return None;
    }
    for at in first + 1..counts.len() {
        if counts.get(at - 1).copied().is_some_and(busy) {
            first = at - 1;
        }
        let rest = counts.get(at..).unwrap_or_default();
        let window = rest.get(..QUIET).unwrap_or(rest);
        let sum = window.iter().sum::<u64>() as f64;
        let quiet = sum < window.len() as f64 * rate / QUIET_SHARE;
        if window.len() >= QUIET_END && quiet && !window.first().copied().is_some_and(busy) {
            return Some(first);
        }
    }
    None
}
