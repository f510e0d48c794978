//! Actions against commands that lie, fail, hang and die, and that write down how they were called. The real Postfix has its
//! turn in `tests/actions.rs`.

use super::child::Limit;
use super::*;
use crate::app::effect::Scope;
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::{Receipt, Verb};
use mailtop_parsers::QueueName;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// For commands that are expected to end by themselves, on a machine that may be busy.
const PATIENT: Limit = Limit {
    silence: Duration::from_secs(30),
    total: Duration::from_secs(30),
    grace: Duration::from_secs(2),
};
/// For commands that hang. Long enough for a busy machine to have started them.
const HURRIED: Limit = Limit {
    silence: Duration::from_millis(1500),
    total: Duration::from_secs(4),
    grace: Duration::from_millis(200),
};
const NONE_HANGS: Limits = Limits {
    listing: PATIENT,
    acting: PATIENT,
};
const LISTING_HANGS: Limits = Limits {
    listing: HURRIED,
    acting: PATIENT,
};
const ACTING_HANGS: Limits = Limits {
    listing: PATIENT,
    acting: HURRIED,
};

/// An installation of commands that a test writes.
struct Fakes {
    at: TempDir,
    tools: Tools,
}

impl Fakes {
    /// `postqueue -j` prints `listing`; every call is noted with its arguments, environment and standard input.
    fn new(listing: &str, postsuper: &str) -> Self {
        let at = tempfile::tempdir().unwrap();
        let path = at.path().display();
        fs::write(at.path().join("listing"), listing).unwrap();
        let note = |name: &str| {
            format!(
                "{{ printf '%s' {name}; printf '|%s' \"$@\"; echo; }} >> {path}/calls\nenv > {path}/env.{name}\n"
            )
        };
        let tools = Tools {
            postqueue: at.path().join("postqueue"),
            postsuper: at.path().join("postsuper"),
            config_dir: None,
        };
        let list = format!(
            "{}case \"$*\" in *-j) cat {path}/listing;; esac\n",
            note("postqueue")
        );
        let act = format!("{}cat > {path}/stdin\n{postsuper}\n", note("postsuper"));
        script(&tools.postqueue, &list);
        script(&tools.postsuper, &act);
        fs::set_permissions(at.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { at, tools }
    }

    fn perform(&self, limits: Limits, verb: Verb, scope: Scope) -> Receipt {
        perform::perform(&self.tools, limits, &Action { verb, scope })
    }

    fn act(&self, verb: Verb, ids: &[&str]) -> Receipt {
        self.perform(NONE_HANGS, verb, targets(ids))
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.at.path().join(name)).unwrap_or_default()
    }
}

/// Makes a command. Another process writes it: while this one holds it open for writing, a child that another test is just
/// starting may hold it as well, and then it can't be run ("Text file busy").
fn script(path: &Path, text: &str) {
    let source = path.with_extension("source");
    fs::write(&source, format!("#!/bin/sh\n{text}")).unwrap();
    let made = Command::new("install")
        .args(["-m", "755"])
        .arg(source)
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
}

fn entry(id: &str, queue: &str) -> String {
    format!(
        "{{\"queue_name\": \"{queue}\", \"queue_id\": \"{id}\", \"arrival_time\": 1000, \"message_size\": 1, \"forced_expire\": false, \"sender\": \"s@x.example\", \"recipients\": []}}\n"
    )
}

fn target(id: &str) -> Target {
    let key = MessageKey {
        instance: "postfix".into(),
        queue_id: id.into(),
        arrival: 1000,
    };
    Target {
        key,
        sender: "s@x.example".into(),
        queue: QueueName::Deferred,
    }
}

fn targets(ids: &[&str]) -> Scope {
    Scope::Messages(ids.iter().map(|id| target(id)).collect())
}

fn reasons(receipt: &Receipt) -> Vec<(&str, &str)> {
    receipt
        .skipped
        .iter()
        .map(|(key, why)| (&*key.queue_id, why.as_str()))
        .collect()
}

fn why(receipt: &Receipt) -> &str {
    receipt.failure.as_ref().map_or("", SafeText::as_str)
}

/// Says of every id on its standard input that it was held.
const HOLDS: &str = "sed 's/.*/postsuper: &: placed on hold/' $(dirname $0)/stdin >&2\necho \"postsuper: Placed on hold: $(wc -l < $(dirname $0)/stdin) messages\" >&2";

#[test]
fn a_hold_lists_first_then_sends_the_ids_and_believes_the_words() {
    let listing = [
        entry("AAAAAAAAA1", "deferred"),
        entry("AAAAAAAAA2", "active"),
        entry("AAAAAAAAA3", "hold"),
        entry("AAAAAAAAA4", "maildrop"),
    ]
    .concat();
    let fakes = Fakes::new(&listing, HOLDS);
    let ids = [
        "AAAAAAAAA1",
        "AAAAAAAAA2",
        "AAAAAAAAA3",
        "AAAAAAAAA4",
        "AAAAAAAAA5",
        "AAAAAAAAA1",
    ];
    let receipt = fakes.act(Verb::Hold, &ids);
    assert_eq!(fakes.read("calls"), "postqueue|-j\npostsuper|-h|-\n");
    assert_eq!(fakes.read("stdin"), "AAAAAAAAA1\nAAAAAAAAA2\n");
    assert_eq!((receipt.asked, receipt.matched, receipt.done), (6, 4, 2));
    assert_eq!(
        reasons(&receipt),
        [
            ("AAAAAAAAA3", "already on hold"),
            ("AAAAAAAAA4", "in maildrop: can't be held"),
            ("AAAAAAAAA5", "left the queue"),
            ("AAAAAAAAA1", "named twice"),
        ]
    );
    assert_eq!(receipt.failure, None);
    assert_eq!(receipt.exit, Some(0));
    assert_eq!(
        receipt.command.as_str(),
        "postsuper -h -   (2 queue ids on standard input)"
    );
}

#[test]
fn the_environment_is_fixed() {
    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), HOLDS);
    fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    for name in ["env.postqueue", "env.postsuper"] {
        let text = fakes.read(name);
        // The shell that plays the command adds some of its own.
        let own = |line: &&str| {
            !["PWD=", "OLDPWD=", "SHLVL=", "_="]
                .iter()
                .any(|name| line.starts_with(name))
        };
        let mut got: Vec<&str> = text.lines().filter(own).collect();
        got.sort_unstable();
        assert_eq!(
            got,
            ["LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
            "{name}"
        );
    }
}

#[test]
fn a_queue_id_that_names_another_message_by_now_is_left_alone() {
    for (field, other) in [("1000", "1001"), ("s@x.example", "t@x.example")] {
        let listing = entry("AAAAAAAAA1", "deferred").replace(field, other);
        let fakes = Fakes::new(&listing, HOLDS);
        let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
        assert_eq!(
            reasons(&receipt),
            [("AAAAAAAAA1", "the queue id now names another message")]
        );
        assert_eq!(fakes.read("calls"), "postqueue|-j\n");
        // Listed as both: used again while the listing ran. In whichever order.
        for both in [
            entry("AAAAAAAAA1", "active") + &listing,
            listing.clone() + &entry("AAAAAAAAA1", "active"),
        ] {
            let fakes = Fakes::new(&both, HOLDS);
            assert_eq!(fakes.act(Verb::Hold, &["AAAAAAAAA1"]).matched, 0);
            assert_eq!(fakes.read("calls"), "postqueue|-j\n");
        }
    }
}

#[test]
fn a_message_listed_twice_while_it_moves_is_the_same_message() {
    let listing = entry("AAAAAAAAA1", "active") + &entry("AAAAAAAAA1", "hold");
    let fakes = Fakes::new(&listing, HOLDS);
    assert_eq!(
        reasons(&fakes.act(Verb::Hold, &["AAAAAAAAA1"])),
        [("AAAAAAAAA1", "already on hold")]
    );
}

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
        let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), HOLDS);
        script(&fakes.tools.postqueue, &postqueue);
        let receipt = fakes.perform(LISTING_HANGS, Verb::Hold, targets(&["AAAAAAAAA1"]));
        assert!(why(&receipt).contains(word), "{receipt:?}");
        assert_eq!((receipt.matched, receipt.done, receipt.exit), (0, 0, None));
        assert_eq!(fakes.read("calls"), "");
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
        let fakes = Fakes::new(&entry(id, "deferred"), postsuper);
        let receipt = fakes.act(Verb::Hold, &[id]);
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
            scope.spawn(move || assert_stopped(postsuper));
        }
    });
}

fn assert_stopped(postsuper: &str) {
    let postsuper = format!("echo $$ > $(dirname $0)/pid\n{postsuper}");
    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), &postsuper);
    let receipt = fakes.perform(ACTING_HANGS, Verb::Hold, targets(&["AAAAAAAAA1"]));
    assert!(
        why(&receipt).contains("was stopped after 1 s"),
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

#[test]
fn a_flush_asks_for_one_message_at_a_time_and_stops_at_the_first_failure() {
    let listing = [
        entry("AAAAAAAAA1", "deferred"),
        entry("AAAAAAAAA2", "hold"),
        entry("AAAAAAAAA3", "deferred"),
        entry("AAAAAAAAA4", "deferred"),
    ]
    .concat();
    let ids = ["AAAAAAAAA1", "AAAAAAAAA2", "AAAAAAAAA3", "AAAAAAAAA4"];
    let fakes = Fakes::new(&listing, "");
    let receipt = fakes.act(Verb::Flush, &ids);
    let calls =
        "postqueue|-j\npostqueue|-i|AAAAAAAAA1\npostqueue|-i|AAAAAAAAA3\npostqueue|-i|AAAAAAAAA4\n";
    assert_eq!(fakes.read("calls"), calls);
    assert_eq!(
        (receipt.matched, receipt.done, receipt.failure),
        (4, 3, None)
    );
    assert_eq!(receipt.skipped.len(), 1);

    let refuses = "case \"$*\" in *-j) cat $(dirname $0)/listing;; *A3) echo 'postqueue: fatal: mail system is down' >&2; exit 69;; esac";
    script(&fakes.tools.postqueue, refuses);
    let receipt = fakes.act(Verb::Flush, &ids);
    assert!(why(&receipt).contains("mail system is down"), "{receipt:?}");
    assert_eq!(receipt.done, 1);
    assert_eq!(receipt.skipped.len(), 3);
}

#[test]
fn more_flushes_than_the_cap_are_left_out_with_the_reason() {
    let ids: Vec<String> = (0..perform::MOST_FLUSHES + 5)
        .map(|n| format!("{n:010X}"))
        .collect();
    let listing: String = ids.iter().map(|id| entry(id, "deferred")).collect();
    let fakes = Fakes::new(&listing, "");
    // Without notes: a thousand shells are slow enough.
    script(
        &fakes.tools.postqueue,
        "case \"$*\" in *-j) exec cat ${0%/*}/listing;; esac",
    );
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let receipt = fakes.act(Verb::Flush, &ids);
    assert_eq!((receipt.matched, receipt.done), (1005, 1000));
    assert_eq!(receipt.skipped.len(), 5);
    assert!(
        reasons(&receipt)
            .iter()
            .all(|(_, why)| why.contains("1,000"))
    );
}

#[test]
fn the_whole_queue_can_only_be_flushed() {
    let fakes = Fakes::new("", "");
    let receipt = fakes.perform(NONE_HANGS, Verb::Flush, Scope::WholeQueue);
    assert_eq!(receipt.failure, None);
    assert_eq!(fakes.read("calls"), "postqueue|-f\n");
    for verb in [Verb::Hold, Verb::Release, Verb::Requeue] {
        let receipt = fakes.perform(NONE_HANGS, verb, Scope::WholeQueue);
        assert!(why(&receipt).contains("only flush"), "{receipt:?}");
    }
    assert_eq!(fakes.read("calls"), "postqueue|-f\n");
}

#[test]
fn a_command_that_others_may_write_is_not_run_by_root() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let fakes = Fakes::new(&entry("AAAAAAAAA1", "deferred"), HOLDS);
    fs::set_permissions(&fakes.tools.postsuper, fs::Permissions::from_mode(0o775)).unwrap();
    let receipt = fakes.act(Verb::Hold, &["AAAAAAAAA1"]);
    assert!(
        why(&receipt).contains("can be written by others"),
        "{receipt:?}"
    );
    assert_eq!(fakes.read("calls"), "");
}

#[test]
fn actions_run_one_after_another_and_each_is_answered() {
    let busy = "mkdir $(dirname $0)/busy || echo overlap >> $(dirname $0)/overlaps\n";
    let fakes = Fakes::new(
        &entry("AAAAAAAAA1", "deferred"),
        &format!("{busy}{HOLDS}\nrmdir $(dirname $0)/busy"),
    );
    let mut postfix = Postfix::with_limits(fakes.tools.clone(), NONE_HANGS).unwrap();
    let (reply, mut road) = mpsc::channel(1);
    for _ in 0..3 {
        let scope = targets(&["AAAAAAAAA1"]);
        let verb = Verb::Hold;
        postfix.perform(Action { verb, scope }, reply.clone());
    }
    assert!(postfix.outstanding() > 0);
    drop(reply);
    let mut answers = 0;
    while let Some(msg) = road.blocking_recv() {
        let Msg::Receipt(receipt) = msg else {
            panic!("{msg:?}");
        };
        assert_eq!((receipt.done, receipt.failure), (1, None));
        answers += 1;
    }
    assert_eq!(answers, 3);
    assert_eq!(fakes.read("overlaps"), "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    /// Whatever the targets are called, what would be run is one of the fixed vectors; an id on the command line is of the
    /// alphabet of queue ids.
    #[test]
    fn every_command_is_one_of_the_fixed_vectors(text in prop_oneof!["[0-9A-F]{6,12}", ".{0,12}", "-[a-zA-Z]", Just(String::from("ALL"))]) {
        let tools = Tools { postqueue: "/p/postqueue".into(), postsuper: "/p/postsuper".into(), config_dir: None };
        let mut vectors = vec![vector::Vector::List, vector::Vector::FlushAll, vector::Vector::Hold, vector::Vector::Release, vector::Vector::Requeue];
        vectors.extend(mailtop_parsers::QueueId::new(text.as_bytes()).map(vector::Vector::Flush));
        for vector in vectors {
            let command = vector.command(&tools);
            let program = command.get_program().to_str().unwrap();
            let args: Vec<&str> = command.get_args().map(|arg| arg.to_str().unwrap()).collect();
            match (program, args.as_slice()) {
                ("/p/postqueue", ["-j" | "-f"]) | ("/p/postsuper", ["-h" | "-H" | "-r", "-"]) => {}
                ("/p/postqueue", ["-i", id]) => prop_assert!(id.len() >= 6 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())),
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// The same from the outside: what the commands were really called with, over targets with any text as queue id.
    #[test]
    fn whatever_the_targets_are_the_calls_are_fixed(
        ids in prop::collection::vec(prop_oneof!["[0-9A-F]{6,12}", "\\PC{0,12}", "-[a-zA-Z]", Just(String::from("ALL")), "[A-F0-9]{6}\n-d"], 1..6),
        verb in prop::sample::select(vec![Verb::Hold, Verb::Release, Verb::Requeue, Verb::Flush]),
        queue in prop::sample::select(vec!["deferred", "hold"]),
    ) {
        let listing: String = ids.iter().map(|id| {
            let id = serde_json::to_string(id).unwrap();
            entry("@", queue).replace("\"@\"", &id)
        }).collect();
        let fakes = Fakes::new(&listing, HOLDS);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let receipt = fakes.act(verb, &ids);
        prop_assert_eq!(receipt.asked, ids.len());
        for call in fakes.read("calls").lines() {
            let fixed = ["postqueue|-j", "postsuper|-h|-", "postsuper|-H|-", "postsuper|-r|-"].contains(&call);
            let flush = call.strip_prefix("postqueue|-i|").is_some_and(|id| mailtop_parsers::QueueId::new(id.as_bytes()).is_some());
            prop_assert!(fixed || flush, "{}", call);
        }
        for line in fakes.read("stdin").lines() {
            prop_assert!(mailtop_parsers::QueueId::new(line.as_bytes()).is_some(), "{}", line);
        }
    }
}
