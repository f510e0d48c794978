//! Alarms: the trouble that a person should see first, each as one sentence with its evidence.
//!
//! A check looks at the model and phrases what it found. Growth counts, not size: a large old queue is "largely harmless",
//! a young one that grows is an incident (Postfix, `QSHAPE_README`).

use crate::model::Model;
use crate::model::feeds::{Feed, FeedState};
use crate::model::stuck::Domain;
use crate::numbers;
use crate::safe_text::SafeText;
use std::sync::Arc;

/// New deferred messages of one domain within ten minutes that are worth an alarm.
const GROWTH: usize = 20;
/// Free share of the spool's file system, in space or inodes, under which it is an alarm.
const SPOOL_FREE: f64 = 0.10;
/// Seconds without any log line after which the silence is an alarm.
const SILENCE: i64 = 300;

/// One alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// The sentence.
    pub text: SafeText,
    /// The recipient domain that it is about.
    pub domain: Option<Arc<str>>,
}

/// All alarms, the most urgent first: lost sources (what is shown may be old), growth, the spool, silence.
pub fn alarms(model: &Model, domains: &[Domain]) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> = model
        .feeds
        .states()
        .filter_map(|(feed, state)| lost(feed, state))
        .collect();
    let mut growing: Vec<&Domain> = domains.iter().filter(|domain| grows(domain)).collect();
    growing.sort_by(|a, b| b.new.cmp(&a.new).then_with(|| a.name.cmp(&b.name)));
    alarms.extend(growing.into_iter().map(growth));
    alarms.extend(spool(model));
    alarms.extend(silence(model));
    alarms.extend(
        model
            .feeds
            .remarks()
            .map(|(_, remark)| plain(remark.as_str())),
    );
    alarms
}

/// Whether a domain's deferred mail grows: many new messages, and they are no small part of what waits there.
pub fn grows(domain: &Domain) -> bool {
    domain.new >= GROWTH && domain.new * 5 >= domain.count
}

fn plain(text: impl Into<SafeText>) -> Alarm {
    Alarm {
        text: text.into(),
        domain: None,
    }
}

/// `yahoo.com deferred +3 812 in 10 min · 421 4.7.0 [TSS04] Messages …`
fn growth(domain: &Domain) -> Alarm {
    let reason = domain
        .main_reason()
        .map(|reason| format!(" · {}", reason.line()))
        .unwrap_or_default();
    let text = format!(
        "{} deferred +{} in 10 min{reason}",
        domain.name,
        numbers::count(domain.new as u64)
    );
    Alarm {
        text: text.into(),
        domain: Some(Arc::clone(&domain.name)),
    }
}

fn lost(feed: &Feed, state: &FeedState) -> Option<Alarm> {
    match (feed, state) {
        (_, FeedState::Up) | (Feed::Queue | Feed::Host, FeedState::Waiting { .. }) => None,
        (_, FeedState::Waiting { why } | FeedState::Lost { why, .. }) => Some(plain(why.as_str())),
    }
}

/// `spool /var/spool/postfix: 4 % of space free`
fn spool(model: &Model) -> Option<Alarm> {
    let spool = model.host.newest()?.spool.as_ref()?;
    let share = |free: u64, all: u64| {
        if all == 0 {
            1.0
        } else {
            free as f64 / all as f64
        }
    };
    let space = share(spool.available, spool.total);
    let inodes = share(spool.inodes_available, spool.inodes);
    let (what, free) = if inodes < space {
        ("inodes", inodes)
    } else {
        ("space", space)
    };
    (free < SPOOL_FREE).then(|| {
        plain(format!(
            "spool {}: {:.0} % of {what} free",
            spool.path,
            free * 100.0
        ))
    })
}

/// `no log line for 6 min: is the logger running, was the log rotated?`
fn silence(model: &Model) -> Option<Alarm> {
    let quiet = (model.now() - model.last_line()?).num_seconds();
    (quiet >= SILENCE).then(|| {
        plain(format!(
            "no log line for {} min: is the logger running, was the log rotated?",
            quiet / 60
        ))
    })
}
