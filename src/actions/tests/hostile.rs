//! Commands that lie, fail, hang, flood and die.

use super::fakes::{
    ACTING_HANGS, DELETES, Fakes, HOLDS, LISTING_HANGS, PATIENT, entry, reasons, script, targets,
    why,
};
use crate::model::journal::Verb;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

#[test]
fn without_a_whole_listing_nothing_is_run() {
    let fails = "echo 'postqueue: fatal: malformed showq server response' >&2; exit 69";
    for (postqueue, word) in [
        (
            format!("cat $(dirname $0)/listing; {fails}"),
            "malformed showq",
        ),
        (
            String::from("cat $(dirname $0)/listing; kill -9 $$"),
            "signal: 9",
        ),
        (
            String::from("cat $(dirname $0)/listing; exec sleep 60"),
            "was stopped after",
        ),
    ] {
        std::thread::scope(|scope| {
            for (verb, postsuper) in [(Verb::Hold, HOLDS), (Verb::Delete, DELETES)] {
                let postqueue = &postqueue;
                scope.spawn(move || {
                    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), postsuper);
                    script(&fakes.tools.postqueue, postqueue);
                    let receipt = fakes.perform(LISTING_HANGS, verb, targets(&["AAAAAAAAA1"]));
                    assert!(why(&receipt).contains(word), "{receipt:?}");
                    assert_eq!((receipt.matched, receipt.done, receipt.exit), (0, 0, None));
                    assert_eq!(fakes.read("calls"), "");
                });
            }
        });
    }
    let fakes = Fakes::new("", HOLDS);
    fs::remove_file(&fakes.tools.postqueue).unwrap();
    let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    assert!(why(&receipt).contains("No such file"), "{receipt:?}");
}

#[test]
fn a_listing_line_that_cannot_be_read_makes_a_missing_message_not_gone() {
    let fakes = Fakes::new("{\"queue_name\": \"defer\n", HOLDS);
    let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    assert_eq!(
        reasons(&receipt),
        [(
            "AAAAAAAAA1",
            "not found: 1 lines of the fresh listing could not be read"
        )]
    );
}

#[test]
fn a_command_that_lies_fails_or_dies_makes_an_unknown_outcome() {
    let id = "AAAAAAAAA1";
    for (postsuper, word, done) in [
        ("exit 0", "without its total", 0),
        (
            "echo 'postsuper: Placed on hold: 7 messages' >&2",
            "says 7 but named 0",
            0,
        ),
        (
            "echo 'postsuper: AAAAAAAAA1: placed on hold' >&2; kill -9 $$",
            "signal: 9",
            1,
        ),
        (
            "echo 'postsuper: AAAAAAAAA1: geparkt' >&2; echo 'postsuper: Geparkt: 1' >&2",
            "without its total",
            0,
        ),
        (
            "echo 'postsuper: fatal: no' >&2; exit 1",
            "gave up: fatal: no",
            0,
        ),
        (
            "echo 'postsuper: Placed on hold: 0 messages' >&2; exit 3",
            "exit status: 3",
            0,
        ),
    ] {
        let deletes = postsuper
            .replace("placed on hold", "removed")
            .replace("Placed on hold", "Deleted");
        for (verb, postsuper) in [(Verb::Hold, postsuper), (Verb::Delete, &*deletes)] {
            let fakes = Fakes::new(&entry(id, "deferred"), postsuper);
            let receipt = fakes.act(verb, &[id]);
            assert!(why(&receipt).contains(word), "{postsuper}: {receipt:?}");
            assert_eq!((receipt.matched, receipt.done), (1, done), "{postsuper}");
            if done == 0 {
                assert_eq!(
                    reasons(&receipt),
                    [(id, "outcome not known")],
                    "{postsuper}"
                );
            }
        }
    }
}

/// What was said before the end is known, of the rest nothing is.
#[test]
fn a_delete_that_dies_half_way_says_which_are_gone() {
    let ids = ["AAAAAAAAA1", "AAAAAAAAA2", "AAAAAAAAA3"];
    let listing: String = ids.iter().map(|id| entry(id, "deferred")).collect();
    let dies = "echo 'postsuper: AAAAAAAAA2: removed' >&2; kill -9 $$";
    let receipt = Fakes::new(&listing, dies).act(Verb::Delete, &ids);
    assert!(why(&receipt).contains("signal: 9"), "{receipt:?}");
    assert_eq!((receipt.asked, receipt.matched, receipt.done), (3, 3, 1));
    assert_eq!(
        reasons(&receipt),
        [
            ("AAAAAAAAA1", "outcome not known"),
            ("AAAAAAAAA3", "outcome not known"),
        ]
    );
}

/// It deleted what it was not asked for, or held what it was to delete: neither counts as done, and both are said.
#[test]
fn what_was_not_asked_for_is_never_counted_as_deleted() {
    for postsuper in [
        "echo 'postsuper: BBBBBBBBB1: removed' >&2; echo 'postsuper: Deleted: 1 message' >&2",
        "echo 'postsuper: AAAAAAAAA1: placed on hold' >&2; echo 'postsuper: Placed on hold: 1 message' >&2",
    ] {
        let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), postsuper);
        let receipt = fakes.act(Verb::Delete, &["AAAAAAAAA1"]);
        assert!(why(&receipt).contains("outcome not known"), "{receipt:?}");
        assert_eq!(receipt.done, 0);
    }
}

#[test]
fn moved_meanwhile_is_known_and_is_no_failure() {
    let fakes = Fakes::new(
        &entry("AAAAAAAAA1", "deferred"),
        "echo 'postsuper: Placed on hold: 0 messages' >&2",
    );
    let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    assert_eq!(receipt.failure, None);
    let why = "postsuper did not find it any more: it moved or left the queue meanwhile";
    assert_eq!(reasons(&receipt), [("AAAAAAAAA1", why)]);
}

#[test]
fn a_command_that_hangs_is_stopped_even_if_it_ignores_term_or_left_a_grandchild() {
    let hanging = [
        "exec sleep 60",
        "trap '' TERM; sleep 60; sleep 60",
        "sleep 60 & echo 'postsuper: AAAAAAAAA1: placed on hold' >&2; wait",
    ];
    std::thread::scope(|scope| {
        for postsuper in hanging {
            scope.spawn(move || assert_stopped(Verb::Hold, postsuper));
        }
        scope.spawn(|| assert_stopped(Verb::Delete, hanging[0]));
    });
}

fn assert_stopped(verb: Verb, postsuper: &str) {
    let postsuper = format!("echo $$ > $(dirname $0)/pid\n{postsuper}");
    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), &postsuper);
    let receipt = fakes.perform(ACTING_HANGS, verb, targets(&["AAAAAAAAA1"]));
    assert!(
        why(&receipt).contains("was stopped after"),
        "{postsuper}: {receipt:?}"
    );
    assert_eq!(receipt.exit, None);
    let group: i32 = fakes.read("pid").trim().parse().unwrap();
    assert_group_ended(group);
}

/// Nothing of the group runs any more; what init has not reaped yet does not count.
fn assert_group_ended(group: i32) {
    let deadline = Instant::now() + Duration::from_secs(10);
    let alive = || {
        procfs::process::all_processes()
            .unwrap()
            .filter_map(|process| process.ok()?.stat().ok())
            .any(|stat| stat.pgrp == group && stat.state != 'Z')
    };
    while alive() {
        assert!(Instant::now() < deadline, "group {group} is still running");
        std::thread::yield_now();
    }
    let child = Path::new("/proc").join(group.to_string());
    assert!(!child.exists(), "the child was not reaped");
}

#[test]
fn a_grandchild_on_the_pipe_does_not_hold_the_receipt_up() {
    let left = format!("sleep 60 &\n{HOLDS}");
    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), &left);
    let start = Instant::now();
    let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    assert_eq!((receipt.done, receipt.failure), (1, None));
    assert!(start.elapsed() < PATIENT.silence);
}

#[test]
fn a_flood_is_bounded_in_time_and_in_what_is_kept() {
    for flood in [
        "exec yes 'postsuper: warning: a flood' >&2",
        "while :; do echo 'postsuper: warning: a flood' >&2; done",
    ] {
        let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), flood);
        let receipt = fakes.perform(ACTING_HANGS, Verb::Hold, targets(&["AAAAAAAAA1"]));
        assert!(why(&receipt).contains("outcome not known"), "{receipt:?}");
        assert!(receipt.stderr.as_str().len() <= 8 * 1024 + 64);
        assert!(receipt.stderr.as_str().contains("a flood"));
    }
    let fakes = Fakes::new("", HOLDS);
    script(&fakes.tools.postqueue, "exec yes '{}'");
    let receipt = fakes.perform(LISTING_HANGS, Verb::Hold, targets(&["AAAAAAAAA1"]));
    assert!(why(&receipt).contains("was stopped after"), "{receipt:?}");
}
