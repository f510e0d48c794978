//! How the commands are called: arguments, environment, order.

use super::fakes::{Fakes, HOLDS, NONE_HANGS, entry, reasons, script, targets, why};
use crate::actions::{Performer, Postfix, Tools, perform, vector};
use crate::app::effect::{Action, Scope};
use crate::app::msg::Msg;
use crate::model::journal::Verb;
use proptest::prelude::*;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use tokio::sync::mpsc;

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
    for verb in [Verb::Hold, Verb::Release, Verb::Requeue, Verb::Delete] {
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
        let mut vectors = vec![vector::Vector::List, vector::Vector::FlushAll, vector::Vector::Hold, vector::Vector::Release, vector::Vector::Requeue, vector::Vector::Delete];
        vectors.extend(mailtop_parsers::QueueId::new(text.as_bytes()).map(vector::Vector::Flush));
        for vector in vectors {
            let command = vector.command(&tools);
            let program = command.get_program().to_str().unwrap();
            let args: Vec<&str> = command.get_args().map(|arg| arg.to_str().unwrap()).collect();
            match (program, args.as_slice()) {
                ("/p/postqueue", ["-j" | "-f"]) | ("/p/postsuper", ["-h" | "-H" | "-r" | "-d", "-"]) => {}
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
        verb in prop::sample::select(vec![Verb::Hold, Verb::Release, Verb::Requeue, Verb::Flush, Verb::Delete]),
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
            let fixed = ["postqueue|-j", "postsuper|-h|-", "postsuper|-H|-", "postsuper|-r|-", "postsuper|-d|-"].contains(&call);
            let flush = call.strip_prefix("postqueue|-i|").is_some_and(|id| mailtop_parsers::QueueId::new(id.as_bytes()).is_some());
            prop_assert!(fixed || flush, "{}", call);
        }
        for line in fakes.read("stdin").lines() {
            prop_assert!(mailtop_parsers::QueueId::new(line.as_bytes()).is_some(), "{}", line);
        }
    }
}
