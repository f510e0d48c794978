//! Headroom: what stops first. Each resource that mail needs, with its limit, its trend and the time until the limit is reached at that
//! trend.
//!
//! In: the model at a moment. Out: [`Resource`]s, the one that stops first at the top. A trend is that of the last half hour or ten minutes; space and
//! inodes have that of a day, since a disk fills by days. It tells of a time to the limit only where a good part is used already. Without enough known
//! there is no trend, and a limit that nobody told is unknown: neither is "stable".

mod mail;
mod plain;
#[cfg(test)]
mod tests;
pub mod trend;

pub use mail::label;

use crate::model::Model;
use crate::model::host::Figure;
use crate::model::thresholds::Threshold;
use crate::numbers;
use crate::safe_text::SafeText;
use chrono::{DateTime, TimeDelta, Utc};
use std::cmp::Ordering;
use trend::Trend;

/// The time that a trend is taken from, its points, and how many times as far ahead it tells: half an hour of five hours.
const RECENT: Past = (TimeDelta::minutes(30), 30, 10.0);
/// For what fills quickly: a climb that just began is none of the half hour.
const QUICK: Past = (TimeDelta::minutes(10), 20, 10.0);
/// For what fills slowly: a day tells of a month.
const DAY: Past = (TimeDelta::hours(24), 48, 30.0);
type Past = (TimeDelta, usize, f64);
/// A share this close to its limit has reached it.
const REACHED: f64 = 0.995;
/// From this share in use on a resource is nearly used up.
pub const NEAR: f64 = 0.9;
/// What is full within this time is as urgent as what is nearly used up.
pub const SOON: TimeDelta = TimeDelta::hours(1);
/// Below this share nothing is on its way to its limit.
const LEAST: f64 = 0.25;

/// What a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Processes of a service.
    Processes,
    /// Time that a disk is busy.
    Disk,
    /// Space of a file system.
    Space,
    /// Inodes of a file system.
    Inodes,
    /// Memory.
    Memory,
    /// CPU time.
    Cpu,
    /// Messages in the active queue.
    Active,
    /// What a network interface carries.
    Network,
}

/// When the limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// It is.
    Now,
    /// At this trend, after so long.
    In(TimeDelta),
    /// It does not grow, or so slowly that it can't be told.
    Stable,
    /// Too little is known yet, or there is no limit to reach.
    Unknown,
}

/// How much is used, in the resource's own words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Used {
    /// So many of so many; `None` is an unknown limit.
    Count(u64, Option<u64>),
    /// A share of the whole.
    Share(f64),
    /// Bits per second.
    Bits(f64),
    /// Not known.
    Unknown,
}

/// One resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// What it is.
    pub kind: Kind,
    /// `smtp processes`, `/var/spool inodes`.
    pub name: SafeText,
    /// How much is used.
    pub used: Used,
    /// Share of the limit, 0.0 to 1.0; `None` when either is unknown.
    pub share: Option<f64>,
    /// Change of that share per second; `None` when too little is known.
    pub per_second: Option<f64>,
    /// When the limit is reached.
    pub full: Full,
    /// Which setting is the limit, or what else explains the figure.
    pub note: SafeText,
    /// Its past, for a chart; `None` for the active queue, whose past is the queue's.
    pub figure: Option<Figure>,
}

impl Resource {
    /// Whether it is nearly used up.
    pub fn is_near(&self) -> bool {
        self.share.is_some_and(|share| share >= NEAR)
    }
}

/// Every resource at a moment: by time to its limit, then by share. What is nearly used up stands before what will be full later than soon.
pub fn headroom(model: &Model, until: DateTime<Utc>) -> Vec<Resource> {
    let at = Moment { model, until };
    let mut all = mail::processes(&at);
    all.extend(mail::active(&at));
    all.extend(plain::resources(&at));
    all.sort_by(sooner);
    all
}

/// The processes that deliveries to other hosts wait for; `None` when they are not known.
pub fn smtp(model: &Model, until: DateTime<Utc>) -> Option<Resource> {
    mail::smtp(&Moment { model, until })
}

/// From where on a resource is marked, and the limits that are known.
pub fn thresholds(model: &Model, until: DateTime<Utc>) -> Vec<Threshold> {
    let mut all = vec![
        Threshold::own(
            "a resource",
            format!(
                "amber from {:.0} % or {} min to its limit, ▲ from {:.1} %",
                NEAR * 100.0,
                SOON.num_minutes(),
                REACHED * 100.0
            ),
        ),
        Threshold::own(
            "its trend",
            format!(
                "of {} min; of space and inodes also of {} h",
                RECENT.0.num_minutes(),
                DAY.0.num_hours()
            ),
        ),
    ];
    let resources = headroom(model, until).into_iter();
    all.extend(resources.filter_map(|resource| match resource.used {
        Used::Count(_, Some(limit)) => Some(Threshold {
            what: resource.name,
            from: SafeText::from(numbers::count(limit)),
            source: resource.note,
        }),
        _ => None,
    }));
    all
}

/// What stops sooner comes first; then what is fuller; what is unknown comes last.
fn sooner(one: &Resource, other: &Resource) -> Ordering {
    let rank = |resource: &Resource| match resource.full {
        Full::Now => (0, TimeDelta::zero()),
        Full::In(time) if time <= SOON => (1, time),
        _ if resource.is_near() => (2, TimeDelta::zero()),
        Full::In(time) => (3, time),
        Full::Stable | Full::Unknown => (4, TimeDelta::zero()),
    };
    let share = |resource: &Resource| resource.share.unwrap_or(-1.0);
    rank(one)
        .cmp(&rank(other))
        .then_with(|| share(other).total_cmp(&share(one)))
}

/// The model as it was at a moment.
struct Moment<'a> {
    model: &'a Model,
    until: DateTime<Utc>,
}

impl Moment<'_> {
    fn value(&self, figure: &Figure) -> Option<f64> {
        self.model.host.value(figure, self.until)
    }

    /// Whether it is the moment of the newest reading: much of that has no past.
    fn is_now(&self) -> bool {
        let at = self.model.host.at();
        at.is_some_and(|at| self.until + TimeDelta::seconds(30) >= at)
    }

    /// Trends of a figure: the recent one; for what fills slowly that of a day, for the rest that of the last minutes as well.
    fn trends(&self, figure: &Figure, slow: bool) -> Vec<Trend> {
        let windows = [RECENT, if slow { DAY } else { QUICK }];
        windows
            .iter()
            .filter_map(|(range, points, times)| {
                let series = self.model.host.series(figure, self.until, *range, *points);
                Trend::of(&series, *range / *points as i32, *times)
            })
            .collect()
    }
}

/// When a share reaches 1.0: by the trend that gets there first.
fn full(share: Option<f64>, trends: &[Trend]) -> Full {
    let Some(share) = share else {
        return Full::Unknown;
    };
    if share >= REACHED {
        return Full::Now;
    }
    if trends.is_empty() {
        return Full::Unknown;
    }
    let soonest = trends
        .iter()
        .filter(|_| share >= LEAST)
        .filter_map(|trend| trend.reaches(1.0 - share))
        .min();
    soonest.map_or(Full::Stable, Full::In)
}
