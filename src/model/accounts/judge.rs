//! Why an account is flagged: a stolen password shows in how its owner seems to send.
//!
//! Four things are looked at, each against the account's own past where there is enough of it, and always above a floor, because nobody
//! should be woken for twenty messages:
//!
//! - rate: recipients of the last hour, against the upper quartile of the hours in which it sent anything before ([`usual`]);
//! - networks: /24 and /48 networks of the last hour, most of which it never used before;
//! - bounces: the share of the last hour's ended recipients that bounced, against its share before;
//! - a login from a source that had guessed passwords before ([`Intrusion`]), within a day.
//!
//! An account without a past is judged by the floors alone, which are higher then; its rate only when the log goes back to before it began, because
//! who has sent like this since the log began may always do so. Everything is told with its figures; nothing here says that
//! a password *is* stolen. The judgement depends on the moment only, never on the range that is looked at.

use super::{Account, Sent};
use crate::model::auth_failures::{AuthFailures, Intrusion};
use crate::model::minutes;
use crate::model::parties::network_of;
use crate::model::table::{Join, Map};
use crate::model::thresholds::Threshold;
use crate::numbers;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

/// Hours before the last one in which an account must have sent for its usual rate to be known.
pub const ACTIVE_HOURS: usize = 4;
/// How many times its usual rate is too much.
const TIMES: u64 = 10;
/// Recipients in an hour below which no rate is remarkable.
const RATE: u64 = 100;
/// The same for an account of which too little is known.
const RATE_ALONE: u64 = 500;
/// Networks in an hour below which no number of them is remarkable.
const NETWORKS: usize = 6;
/// The same for an account of which too little is known.
const NETWORKS_ALONE: usize = 12;
/// Recipients that must have ended, delivered or bounced, before their share of bounces says anything.
const ENDED: u64 = 20;
/// The share of bounces that is remarkable.
const BOUNCED: f64 = 0.25;
/// How many times its usual share of bounces is too much.
const BOUNCED_TIMES: f64 = 3.0;
/// Hours for which a login after guesses is told of.
const INTRUSION: i64 = 24;
/// Minutes that the log must go back before it began, to tell that it is new.
const BEFORE: i64 = 15;
/// Minutes of the windows by which the beginning is found.
const WINDOW: i64 = 10;

/// From where on an account is remarkable.
pub fn thresholds() -> [Threshold; 3] {
    [
        Threshold::own(
            "what an account sends",
            format!(
                "{RATE} recipients in an hour and {TIMES} times its usual; {RATE_ALONE} while nothing is usual"
            ),
        ),
        Threshold::own(
            "networks it sends from",
            format!(
                "{NETWORKS} in an hour, most of them new; {NETWORKS_ALONE} while nothing is usual"
            ),
        ),
        Threshold::own(
            "what of it bounces",
            format!(
                "{:.0} % of {ENDED} recipients, and {BOUNCED_TIMES:.0} times its usual share",
                BOUNCED * 100.0
            ),
        ),
    ]
}

/// One reason.
#[derive(Debug, Clone, PartialEq)]
pub enum Why {
    /// It sends far more than it usually does.
    Rate {
        /// Recipients since it began, at most an hour ago.
        recipients: u64,
        /// Minutes since it began.
        minutes: u64,
        /// Recipients of a usual hour; `None` when too little is known.
        usual: Option<u64>,
        /// Where no usual rate is known: recipients and minutes of what the log knows of before it began.
        before: (u64, u64),
    },
    /// It sends from many networks.
    Networks {
        /// Addresses of the last hour.
        addresses: usize,
        /// Their networks.
        networks: usize,
        /// Networks that it used before the last hour.
        before: usize,
        /// Of those of the last hour, never used before.
        new: usize,
    },
    /// Much of its mail bounces.
    Bounces {
        /// Recipients of the last hour that bounced.
        bounced: u64,
        /// Recipients of the last hour that were delivered or bounced.
        ended: u64,
        /// The share before, if enough is known.
        usual: Option<f64>,
    },
    /// It logged in from where passwords had been guessed.
    Intrusion(Intrusion),
}

impl Why {
    /// The reason as a sentence with its figures.
    pub fn sentence(&self) -> String {
        match self {
            Why::Rate {
                recipients,
                minutes,
                usual,
                before: (before, long),
            } => {
                let sent = format!(
                    "{} in {} min",
                    numbers::many(*recipients as usize, "recipient"),
                    minutes
                );
                match usual {
                    Some(usual) => format!(
                        "{sent}, usual {}/h (×{})",
                        numbers::count(*usual),
                        numbers::count(times(*recipients, *usual))
                    ),
                    None => format!(
                        "{sent}, {} in the {long} min before",
                        numbers::count(*before)
                    ),
                }
            }
            Why::Networks {
                addresses,
                networks,
                before,
                new,
            } => {
                let now = format!(
                    "{} in {} within 1 h",
                    numbers::many(*addresses, "source IP"),
                    numbers::many(*networks, "network")
                );
                match before {
                    0 => format!("{now}, and nothing is known of before"),
                    _ => format!("{now}, {new} of them new; {before} before"),
                }
            }
            Why::Bounces {
                bounced,
                ended,
                usual,
            } => {
                let share = format!(
                    "{:.1} % bounced: {} of {}",
                    100.0 * *bounced as f64 / *ended as f64,
                    numbers::count(*bounced),
                    numbers::many(*ended as usize, "recipient")
                );
                match usual {
                    Some(usual) => format!("{share}, usual {:.1} %", 100.0 * usual),
                    None => share,
                }
            }
            Why::Intrusion(found) => found.sentence(),
        }
    }

    /// How much it tells against the account.
    fn weight(&self) -> u64 {
        match self {
            Why::Intrusion(_) => 4,
            Why::Rate { usual: Some(_), .. } | Why::Networks { .. } => 3,
            Why::Bounces { .. } => 2,
            Why::Rate { usual: None, .. } => 1,
        }
    }
}

/// What is remarkable about one account at a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The reasons, in the order of the table above; never empty.
    pub whys: Vec<Why>,
    /// When its last hour's mail began to be remarkable, as far as the minutes tell.
    pub began: Option<DateTime<Utc>>,
    /// Recipients per minute since then.
    pub per_minute: u64,
    /// How many times its usual rate that is, when it is too much.
    pub times: Option<u64>,
}

impl Judgement {
    /// How much tells against the account; more is worse.
    pub fn weight(&self) -> u64 {
        self.whys.iter().map(Why::weight).sum()
    }

    /// Whether a person should be told at once: a rate without a past alone is not enough, nor are bounces alone.
    pub fn is_alarming(&self) -> bool {
        self.weight() >= 3
    }

    /// A few words for a narrow column: `×180 usual`, `38 networks`, `61 % bounced`.
    pub fn note(&self) -> String {
        if let Some(times) = self.times {
            return format!("×{} usual", numbers::count(times));
        }
        match self.whys.first() {
            Some(Why::Intrusion(_)) => String::from("login after guesses"),
            Some(Why::Networks { networks, .. }) => format!("{networks} networks"),
            Some(Why::Bounces { bounced, ended, .. }) => {
                format!("{:.0} % bounced", 100.0 * *bounced as f64 / *ended as f64)
            }
            _ => format!("{}/min", numbers::count(self.per_minute)),
        }
    }
}

fn times(now: u64, usual: u64) -> u64 {
    now / usual.max(1)
}

/// Suspicious logins by user in lower case.
pub type Intrusions = Map<Arc<str>, Intrusion>;

/// Those of the last day, once for all accounts.
pub fn intrusions(failures: &AuthFailures, until: DateTime<Utc>) -> Intrusions {
    let mut found = Map::default();
    for intrusion in failures.intrusions(until, TimeDelta::hours(INTRUSION)) {
        if intrusion.is_suspicious() {
            found
                .entry(Arc::clone(&intrusion.user))
                .or_insert(intrusion);
        }
    }
    found
}

/// Recipients of a usual hour before the last one: the upper quartile of the hours in which the account sent anything; `None` before it
/// is known in [`ACTIVE_HOURS`] of them. Hours count by the clock, and those that the last hour touches do not.
pub fn usual(account: &Account, until: DateTime<Utc>) -> Option<u64> {
    let mut hours: Vec<u64> = past(account, until)
        .map(|sent| u64::from(sent.recipients))
        .filter(|recipients| *recipients > 0)
        .collect();
    hours.sort_unstable();
    let at = hours.len() * 3 / 4;
    hours
        .get(at)
        .copied()
        .filter(|_| hours.len() >= ACTIVE_HOURS)
}

/// The hours by the clock that ended before the last hour began.
fn past(account: &Account, until: DateTime<Utc>) -> impl Iterator<Item = Sent> {
    let last = minutes::minute_of(until).div_euclid(60) - 1;
    let hours = account.minutes.by_hour().into_iter();
    hours
        .take_while(move |(hour, _)| *hour < last)
        .map(|(_, sent)| sent)
}

/// What is remarkable at that moment; `None` for an account that sends as it should. `intrusion` is its suspicious login, if any; `log` is when the
/// log began.
pub fn judge(
    account: &Account,
    intrusion: Option<&Intrusion>,
    log: Option<DateTime<Utc>>,
    until: DateTime<Utc>,
) -> Option<Judgement> {
    let hour = TimeDelta::hours(1);
    let now = account.sent(until, hour);
    let recipients = u64::from(now.recipients);
    // Nearly all accounts are below all floors, and their past need not be asked.
    let busy = recipients >= RATE || now.reached.outcomes().attempts() >= ENDED;
    if !busy && account.addresses.len() < NETWORKS && intrusion.is_none() {
        return None;
    }
    let usual_rate = usual(account, until);
    let began = began(account, until, usual_rate);
    let minutes = began.map_or(60, |began| ((until - began).num_minutes() + 1).max(1)) as u64;
    let mut whys: Vec<Why> = intrusion.cloned().map(Why::Intrusion).into_iter().collect();
    let before = log
        .zip(began)
        .and_then(|(log, began)| before(account, log, began));
    let since = match began {
        Some(_) => account
            .sent(until, TimeDelta::minutes(minutes as i64))
            .recipients
            .into(),
        None => recipients,
    };
    let rate = rate(since, minutes, usual_rate, before);
    if rate {
        whys.push(Why::Rate {
            recipients: since,
            minutes,
            usual: usual_rate,
            before: before.unwrap_or_default(),
        });
    }
    whys.extend(networks(account, until));
    whys.extend(bounces(account, now, until));
    (!whys.is_empty()).then(|| Judgement {
        whys,
        began,
        per_minute: since.div_ceil(minutes),
        times: usual_rate.filter(|_| rate).map(|usual| times(since, usual)),
    })
}

/// Whether that many recipients in so many minutes are too many. Without a usual rate, what was before tells, if it is long enough: who has sent
/// like this since the log began may always do so.
fn rate(recipients: u64, minutes: u64, usual: Option<u64>, before: Option<(u64, u64)>) -> bool {
    match (usual, before) {
        (Some(usual), _) => recipients >= RATE && recipients >= usual.saturating_mul(TIMES),
        (None, Some((sent, long))) => {
            let much = recipients.saturating_mul(long) >= sent.saturating_mul(minutes * TIMES);
            recipients >= RATE_ALONE && much
        }
        (None, None) => false,
    }
}

/// Recipients and minutes before something began, as far as the log goes back; `None` when that is not far.
fn before(account: &Account, log: DateTime<Utc>, began: DateTime<Utc>) -> Option<(u64, u64)> {
    let long = began - log;
    let sent = account.sent(began - TimeDelta::minutes(1), long + TimeDelta::minutes(1));
    (long.num_minutes() >= BEFORE).then(|| (sent.recipients.into(), long.num_minutes() as u64))
}

/// The beginning of the first of the windows, without a gap up to now, in each of which it sent more than is usual and than is nothing.
fn began(account: &Account, until: DateTime<Utc>, usual: Option<u64>) -> Option<DateTime<Utc>> {
    let floor = (RATE as i64 * WINDOW / 60) as u64;
    let limit = usual.map_or(floor, |usual| (usual * WINDOW as u64 / 20).max(floor));
    let window = TimeDelta::minutes(WINDOW);
    let mut first = None;
    for back in 0..6 {
        let end = until - window * back;
        if u64::from(account.sent(end, window).recipients) < limit {
            break;
        }
        let active = account.minutes.between(end, window);
        let mut active = active.filter(|(_, sent)| sent.recipients > 0);
        first = active
            .next()
            .and_then(|(minute, _)| minutes::begin(minute))
            .or(first);
    }
    first
}

fn networks(account: &Account, until: DateTime<Utc>) -> Option<Why> {
    let since = until - TimeDelta::hours(1);
    let (mut now, mut before) = (BTreeSet::<IpAddr>::new(), BTreeSet::<IpAddr>::new());
    let mut addresses = 0;
    for (address, used) in account.addresses() {
        let network = network_of(*address);
        if used.seen.first.is_some_and(|first| first <= since) {
            before.insert(network);
        }
        if used_between(used.seen.first, used.seen.last, since, until) {
            addresses += 1;
            now.insert(network);
        }
    }
    let new = now.difference(&before).count();
    let known = before.len() > 1 || usual(account, until).is_some();
    let floor = if known { NETWORKS } else { NETWORKS_ALONE };
    (now.len() >= floor && new * 2 > now.len()).then_some(Why::Networks {
        addresses,
        networks: now.len(),
        before: before.len(),
        new,
    })
}

/// Whether something was used in a span, as far as the first and the last time tell.
pub(super) fn used_between(
    first: Option<DateTime<Utc>>,
    last: Option<DateTime<Utc>>,
    since: DateTime<Utc>,
    until: DateTime<Utc>,
) -> bool {
    first.is_some_and(|first| first <= until) && last.is_some_and(|last| last > since)
}

fn bounces(account: &Account, now: Sent, until: DateTime<Utc>) -> Option<Why> {
    let share = |sent: Sent| {
        let outcomes = sent.reached.outcomes();
        let ended = outcomes.sent + outcomes.bounced;
        (ended >= ENDED).then(|| {
            (
                outcomes.bounced as f64 / ended as f64,
                outcomes.bounced,
                ended,
            )
        })
    };
    let (now, bounced, ended) = share(now)?;
    let mut before = Sent::default();
    for sent in past(account, until) {
        before.join(sent);
    }
    let usual = share(before).map(|(share, ..)| share);
    let limit = usual.map_or(BOUNCED, |usual| (usual * BOUNCED_TIMES).max(BOUNCED));
    (now >= limit).then_some(Why::Bounces {
        bounced,
        ended,
        usual,
    })
}
