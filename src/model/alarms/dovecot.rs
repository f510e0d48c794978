//! Limits of Dovecot's that were reached in the last ten minutes: clients are turned away, or mail waits, until somebody raises the setting.

use crate::model::Model;
use crate::model::dovecot::limits::Limit;
use crate::model::thresholds::Threshold;
use crate::numbers;
use crate::safe_text::SafeText;
use chrono::TimeDelta;

/// Minutes that an alarm stays after the limit was last reached.
const MINUTES: i64 = 10;
/// Limits that are named each in an alarm of its own.
const NAMED: usize = 2;

/// `dovecot imap: process_limit 1 024 reached 12 times in 10 min, last 11:02`
pub(super) fn limits(model: &Model) -> Vec<String> {
    let complaints = &model.told().dovecot.complaints;
    let reached = complaints.limits_within(model.now(), TimeDelta::minutes(MINUTES));
    let named = reached.iter().take(NAMED);
    let mut sentences: Vec<String> = named
        .map(|(limit, times)| sentence(model, limit, *times))
        .collect();
    let more = reached.len().saturating_sub(NAMED);
    if more > 0 {
        sentences.push(format!(
            "dovecot: {} reached (view 6)",
            numbers::many(more, "more limit")
        ));
    }
    sentences
}

/// From when on, and how long, a limit of Dovecot's is told of.
pub(super) fn threshold() -> Threshold {
    Threshold {
        what: SafeText::from("a limit of Dovecot"),
        from: SafeText::from(format!("reached once in {MINUTES} min")),
        source: SafeText::from("Dovecot's log"),
    }
}

fn sentence(model: &Model, limit: &Limit, times: u64) -> String {
    let value = limit
        .value
        .map_or_else(String::new, |value| format!(" {}", numbers::count(value)));
    let last = limit.repeated.seen.last.map_or_else(String::new, |last| {
        let last = last.with_timezone(&model.zone());
        format!(", last {}", last.format("%H:%M"))
    });
    format!(
        "dovecot {}: {}{value} reached {} in {MINUTES} min{last}",
        limit.service,
        limit.setting,
        numbers::many(usize::try_from(times).unwrap_or(usize::MAX), "time")
    )
}
