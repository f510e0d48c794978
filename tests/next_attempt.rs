//! What mailtop takes for a message's next attempt is when the queue manager tries it next.
//!
//! In: the lab with a provider that defers, one message. Checked: the time read from the spool before each of two retries, and the time of
//! the log line of that retry: never earlier, and no later than a queue run allows. Also: that `postconf` is asked for the lab's settings,
//! that a hold takes the next attempt away, and what root and
//! another user are shown.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use harness::{Lab, Options};
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::attempts::{Attempts, Due};
use mailtop::sources::postconf::Postconf;
use mailtop::sources::spool;
use mailtop_parsers::{Calendar, Event};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

const QUEUE_RUN: Duration = Duration::from_secs(4);
const LIMIT: Duration = Duration::from_secs(90);
/// From the queue manager's decision to the line that tells of its outcome, on a busy machine.
const SLACK: Duration = Duration::from_secs(4);

#[test]
#[ignore = "waits for a mail server's own times: make test runs it beside the others"]
fn the_time_that_is_read_is_when_the_queue_manager_tries_next() {
    let options = Options {
        minimal_backoff: Duration::from_secs(6),
        queue_run: QUEUE_RUN,
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    let asked = Postconf::ask(&lab.dir().join("bin"), None).settings;
    assert_eq!(asked.minimal_backoff_time, Some(6), "{asked:?}");
    assert_eq!(asked.queue_run_delay, Some(4), "{asked:?}");
    assert_eq!(asked.maximal_queue_lifetime, Some(5 * 86_400), "{asked:?}");
    lab.mood("yahoo", "incident");
    lab.mail("news@shop.example", "ann@yahoo.com");
    for nth in 1..=2 {
        let tried = |lab: &Lab| deferrals(lab).len() >= nth;
        lab.wait_until(tried, LIMIT, "an attempt");
        let (last, due) = settled(&lab, nth);
        let next = |lab: &Lab| deferrals(lab).len() > nth;
        lab.wait_until(next, LIMIT, "the next attempt");
        let all = deferrals(&lab);
        let next = *all.get(nth).expect("it was waited for");
        assert!(due > last, "due {due} before the attempt at {last}");
        // The file system counts in whole seconds there.
        assert!(next >= due, "due {due}, tried {next}");
        let latest = due + TimeDelta::from_std(QUEUE_RUN + SLACK).expect("seconds");
        assert!(next <= latest, "due {due}, tried {next}");
    }
    let model = model(&lab);
    let message = model.queue.at(0).expect("it waits");
    assert!(model.next_attempt(message).is_some(), "{message:?}");
    assert_eq!(
        model.expires(message),
        Some(message.arrival() + TimeDelta::days(5))
    );
    let shown = frame(&lab, None);
    assert!(
        shown.contains("retries  1 in 15 min, all to Yahoo/AOL"),
        "{shown}"
    );
    assert!(shown.contains("expires  first in 4d 23h"), "{shown}");
    let shown = frame(&lab, Some("nobody"));
    assert!(
        shown.contains("retries  unknown: the spool is for root only"),
        "{shown}"
    );
    lab.postfix("postsuper", &["-h", "ALL"], b"");
    let model = self::model(&lab);
    let message = model.queue.at(0).expect("it is held");
    assert_eq!(
        (model.next_attempt(message), model.expires(message)),
        (None, None)
    );
}

/// When the message's attempts ended, by the log.
fn deferrals(lab: &Lab) -> Vec<DateTime<Utc>> {
    let calendar = Calendar {
        anchor: Utc::now().fixed_offset(),
    };
    let text = lab.log_text();
    let lines = text
        .lines()
        .map(|line| mailtop_parsers::parse(line.as_bytes(), &calendar));
    lines
        .filter(|record| matches!(record.event, Event::Delivery(_)))
        .filter_map(|record| Some(record.time?.to_utc()))
        .collect()
}

/// The last attempt and the next one, once the queue manager has put the message back.
fn settled(lab: &Lab, nth: usize) -> (DateTime<Utc>, DateTime<Utc>) {
    let last = *deferrals(lab).get(nth - 1).expect("it was waited for");
    let due = |lab: &Lab| {
        let due = spool::look(&lab.queue_dir()).expect("root reads the spool");
        let due = due.values().next().copied()?;
        DateTime::from_timestamp(due, 0).filter(|due| *due > last)
    };
    lab.wait_until(|lab| due(lab).is_some(), LIMIT, "the deferred file");
    (last, due(lab).expect("it was waited for"))
}

/// The Overview as text, as that user sees it.
fn frame(lab: &Lab, user: Option<&str>) -> String {
    let mut command = lab.inside(user, env!("CARGO_BIN_EXE_mailtop"));
    let output = command
        .args(["--size", "120x36"])
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn model(lab: &Lab) -> Model {
    let mut model = Model::new(
        Knowledge::builtin(),
        FixedOffset::east_opt(0).expect("an offset"),
    );
    model.tick(Utc::now());
    // Between two queues it is in neither.
    lab.wait_until(
        |lab| {
            lab.postqueue().len() == 1
                && lab
                    .postqueue()
                    .iter()
                    .all(|entry| entry.queue_name != mailtop_parsers::QueueName::Active)
        },
        LIMIT,
        "the message at rest",
    );
    model.listing_begins("postfix");
    model.listing_lines(lab.postfix("postqueue", &["-j"], b"").as_bytes());
    model.listing_ends(Utc::now(), Duration::ZERO, true, Utc::now());
    model.queue.turn();
    model.attempts = Some(Attempts::Read(Due {
        at: Utc::now(),
        by_id: Arc::new(spool::look(&lab.queue_dir()).expect("root reads the spool")),
    }));
    model.settings = Some(Postconf::ask(&lab.dir().join("bin"), None).settings);
    model
}
