//! Queue depth by the minute, as the log tells it.

use super::Stamp;
use super::rows::Minute;
use crate::model::history::{Depth, History, KEPT};
use chrono::{DateTime, FixedOffset, Utc};

/// One entry for each minute from the first of which anything is known to the last line, at most as many as are kept; where nothing
/// happened the depth is that of the minute before.
pub(super) fn minutes(
    history: &History,
    last: Option<DateTime<Utc>>,
    zone: FixedOffset,
) -> Vec<Minute> {
    let mut known: Vec<(i64, Depth)> = Vec::new();
    for (second, depth) in history.curve() {
        let minute = second.div_euclid(60);
        match known.last_mut() {
            Some(last) if last.0 == minute => last.1 = depth,
            _ => known.push((minute, depth)),
        }
    }
    let Some(end) = known.last().map(|(minute, _)| *minute) else {
        return Vec::new();
    };
    let end = last.map_or(end, |last| last.timestamp().div_euclid(60).max(end));
    // A wrong clock may have written a line of 1970.
    let first = end - KEPT as i64 + 1;
    let mut minutes = Vec::new();
    let mut known = known.into_iter().peekable();
    while let Some((minute, depth)) = known.next() {
        let next = known.peek().map_or(end + 1, |(next, _)| *next);
        for minute in minute.max(first)..next {
            let time = DateTime::from_timestamp(minute * 60, 0).unwrap_or_default();
            minutes.push(Minute::of(Stamp(time.with_timezone(&zone)), depth));
        }
    }
    minutes
}
