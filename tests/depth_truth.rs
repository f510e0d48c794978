//! The queue depth that is reconstructed from a log is the depth that was there.
//!
//! In: the lab under traffic with deferrals, retries, holds, releases, requeues, deletions and expiry, and a rotation in the middle;
//! beside it `postqueue -j`, counted every second. Checked: at the end of every minute the curve that is folded from the logs alone is within
//! 1 % of the maximum of the counted one, in the deferred queue and in all queues together; and so is the curve of a
//! mailtop that reads only the log since the rotation and one listing at the end.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::{DateTime, Local, Offset, TimeDelta, Utc};
use harness::{Lab, Options};
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::history::Depth;
use mailtop_parsers::{QueueEntry, QueueName};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long the traffic lasts: two whole minutes are in it whenever it begins.
const TRAFFIC: &str = "150";
/// How often the queue is counted.
const SECOND: Duration = Duration::from_secs(1);
const LIMIT: Duration = Duration::from_mins(1);

#[test]
#[ignore = "takes three minutes: make test runs it beside the others"]
fn the_reconstructed_depth_is_what_was_counted() {
    let options = Options {
        minimal_backoff: Duration::from_secs(20),
        queue_run: Duration::from_secs(5),
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    lab.mood("yahoo", "incident");
    let done = AtomicBool::new(false);
    let counts = thread::scope(|scope| {
        let counting = scope.spawn(|| count_until(&lab, &done));
        scope.spawn(|| act(&lab));
        lab.traffic(&["1500", "--seconds", TRAFFIC, "--mix", "shop"]);
        done.store(true, Ordering::Release);
        counting.join().expect("counting does not fail")
    });
    let old = fs::read(lab.log().with_extension("log.1")).expect("the old log is kept");
    let new = fs::read(lab.log()).expect("the lab has a log");
    let (last, listing) = (
        counts.last().expect("it was counted").0,
        lab.postfix("postqueue", &["-j"], b""),
    );
    let from_logs = model(&[old, new.clone()].concat(), None);
    let from_the_rest = model(&new, Some((Utc::now(), &listing)));
    compare("from all logs", &from_logs, &counts);
    let begin = from_the_rest
        .told()
        .history
        .begins()
        .expect("the new log says something");
    let since: Vec<_> = counts
        .iter()
        .copied()
        .filter(|(at, _)| *at > begin)
        .collect();
    assert!(
        since.first().expect("counted since").0 < last,
        "the rotation came too late"
    );
    compare(
        "from the log since the rotation and one listing",
        &from_the_rest,
        &since,
    );
}

/// Counts the queue every second.
fn count_until(lab: &Lab, done: &AtomicBool) -> Vec<(DateTime<Utc>, Depth)> {
    let mut counts = Vec::new();
    let mut next = Instant::now();
    while !done.load(Ordering::Acquire) {
        let begin = Utc::now();
        let listing = lab.postfix("postqueue", &["-j"], b"");
        // A listing is no snapshot; the middle of its time is as good as any.
        let at = begin + (Utc::now() - begin) / 2;
        counts.push((at, model(b"", Some((at, &listing))).queue.depth()));
        next += SECOND;
        // waits for: the next second of a measurement
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    counts
}

/// What administrators do: each verb on a tenth of the deferred messages, and a rotation.
fn act(lab: &Lab) {
    let some = |verbs: &[&str]| {
        lab.wait_until(
            |lab| deferred(lab).len() >= 40,
            LIMIT,
            "forty deferred messages",
        );
        let ids = deferred(lab);
        let ids = ids.get(..ids.len() / 10).unwrap_or_default().join("\n") + "\n";
        for verb in verbs {
            lab.postfix("postsuper", &[verb, "-"], ids.as_bytes());
        }
        ids
    };
    some(&["-h"]);
    some(&["-h", "-H"]);
    some(&["-r"]);
    some(&["-e"]);
    lab.rotate_log();
    some(&["-d"]);
    some(&["-h"]);
    lab.postfix("postqueue", &["-f"], b"");
}

fn deferred(lab: &Lab) -> Vec<String> {
    let waits = |entry: &QueueEntry| entry.queue_name == QueueName::Deferred;
    lab.postqueue()
        .into_iter()
        .filter(waits)
        .map(|entry| entry.queue_id)
        .collect()
}

/// What a log, and one listing, tell.
fn model(log: &[u8], listing: Option<(DateTime<Utc>, &str)>) -> Model {
    let mut model = Model::new(Knowledge::builtin(), Local::now().offset().fix());
    model.tick(Utc::now());
    model.log(log, Utc::now());
    if let Some((at, lines)) = listing {
        model.listing_begins("postfix");
        model.listing_lines(lines.as_bytes());
        model.listing_ends(at, SECOND, true, at);
        model.queue.turn();
    }
    model
}

fn all(depth: Depth) -> i64 {
    depth.incoming + depth.active + depth.deferred + depth.hold
}

/// Prints the difference of every second, and fails when that at the end of a minute is too large.
fn compare(what: &str, model: &Model, counts: &[(DateTime<Utc>, Depth)]) {
    for (queues, of) in [
        ("deferred", (|depth| depth.deferred) as fn(Depth) -> i64),
        ("hold", |depth| depth.hold),
        ("all", all),
    ] {
        let most = counts
            .iter()
            .map(|(_, depth)| of(*depth))
            .max()
            .unwrap_or_default();
        let mut differences = Vec::new();
        let mut minutes = Vec::new();
        for pair in counts.windows(2) {
            let [(before, _), (at, counted)] = pair else {
                continue;
            };
            let told = model
                .told()
                .history
                .depths(*at - TimeDelta::seconds(1), *at, 1);
            let told = told.first().copied().flatten().unwrap_or_default();
            let difference = of(told) - of(*counted);
            differences.push(difference.abs());
            if before.timestamp() / 60 != at.timestamp() / 60 {
                minutes.push(difference);
            }
        }
        let sum: i64 = differences.iter().sum();
        println!(
            "{what}, {queues}: at most {most} messages; off by at most {} and on average {:.2} of {} seconds; at the minutes {minutes:?}",
            differences.iter().max().expect("there were seconds"),
            sum as f64 / differences.len() as f64,
            differences.len(),
        );
        assert!(
            !minutes.is_empty() && most > 0,
            "the measurement was too short, or nothing was queued"
        );
        let allowed = (most + 99) / 100;
        assert!(
            minutes.iter().all(|difference| difference.abs() <= allowed),
            "{what}, {queues}: at the minutes off by {minutes:?}, allowed {allowed}"
        );
    }
}
