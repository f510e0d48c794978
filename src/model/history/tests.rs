//! What steps and counts make of the curve.

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000 + second, 0).unwrap()
}

fn deferred(count: i64) -> Depth {
    Depth {
        deferred: count,
        ..Depth::default()
    }
}

fn curve(history: &History, until: i64, columns: usize) -> Vec<Option<i64>> {
    let depths = history.depths(at(0), at(until), columns);
    depths
        .into_iter()
        .map(|depth| depth.map(|depth| depth.deferred))
        .collect()
}

#[test]
fn a_listing_reaches_back_to_the_time_before_it() {
    let mut history = History::default();
    history.correct(at(5), deferred(2), 0);
    history.correct(at(15), deferred(3), 0);
    history.count(at(25), deferred(105));
    history.correct(at(26), deferred(-1), 0);
    assert_eq!(curve(&history, 30, 3), [Some(102), Some(105), Some(104)]);
}

#[test]
fn the_last_listing_wins_over_the_steps() {
    let mut history = History::default();
    history.count(at(5), deferred(10));
    history.correct(at(15), deferred(1), 0);
    history.count(at(25), deferred(40));
    assert_eq!(curve(&history, 30, 3), [Some(10), Some(11), Some(40)]);
}

/// A log line is read a moment after what it tells: a listing in between has counted it already.
#[test]
fn a_step_that_is_read_after_the_listing_that_counted_it_counts_once() {
    let mut history = History::default();
    history.count(at(27), deferred(62));
    history.correct(at(26), deferred(62), 0);
    history.correct(at(28), deferred(-2), 0);
    assert_eq!(curve(&history, 30, 3), [None, None, Some(60)]);
}

#[test]
fn without_a_listing_no_depth_is_below_zero() {
    let mut history = History::default();
    history.correct(at(5), deferred(-4), 0);
    history.correct(at(15), deferred(1), 0);
    assert_eq!(curve(&history, 20, 2), [Some(0), Some(1)]);
}

#[test]
fn nothing_is_known_before_the_first_fact() {
    let mut history = History::default();
    history.count(at(25), deferred(7));
    assert_eq!(curve(&history, 40, 4), [None, None, Some(7), Some(7)]);
}

#[test]
fn the_newest_minutes_are_known_by_the_second_and_the_rest_by_the_minute() {
    let mut history = History::default();
    for second in 0..SECONDS * 60 + 60 {
        history.correct(at(second), deferred(1), 0);
    }
    let known: Vec<i64> = history.curve().map(|(begin, _)| begin).collect();
    let steps: Vec<i64> = known.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(
        steps.iter().take(1).all(|step| *step <= 60) && steps.iter().skip(2).all(|step| *step == 1)
    );
    assert!(known.len() <= SECONDS as usize * 60 + 2);
    let end = at(SECONDS * 60 + 60);
    let all = history.depths(end - chrono::TimeDelta::seconds(1), end, 1);
    assert_eq!(all, [Some(deferred(SECONDS * 60 + 60))]);
}

#[test]
fn only_so_many_minutes_are_kept_and_what_is_forgotten_still_counts() {
    let mut history = History::default();
    history.was_there_before(deferred(2));
    let minutes = KEPT as i64 + 100;
    for minute in 0..minutes {
        history.correct(at(minute * 60), deferred(1), 0);
    }
    assert!(history.minutes.len() <= KEPT);
    let end = minutes * 60;
    let depths = history.depths(at(end - 60), at(end), 1);
    assert_eq!(depths, [Some(deferred(minutes + 2))]);
}

#[test]
fn pieces_join_to_the_whole() {
    let mut whole = History::default();
    let (mut older, mut newer) = (History::default(), History::default());
    for second in (0..3_000).step_by(7) {
        whole.correct(at(second), deferred(second % 3 - 1), 0);
        let piece = if second < 1_700 {
            &mut older
        } else {
            &mut newer
        };
        piece.correct(at(second), deferred(second % 3 - 1), 0);
    }
    newer.count(at(2_999), deferred(40));
    whole.count(at(2_999), deferred(40));
    older.join(newer);
    assert_eq!(older, whole);
}
