//! Actions against the real Postfix: a private instance of the machine's own binaries, in a directory of its own, with a
//! destination that nobody answers. Every receipt is compared with what the queue truly looks like afterwards.
//!
//! Needs root (Postfix does) and Postfix's commands in /usr/sbin; and fails without; `LIVE=0` skips, and says so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod lab;

use lab::{Lab, listed};
use mailtop::actions::{Performer, Postfix, Tools};
use mailtop::app::effect::{Action, Scope};
use mailtop::model::identity::Target;
use mailtop::model::journal::{Receipt, Verb};
use mailtop_parsers::{QueueEntry, QueueName};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tokio::sync::mpsc;

const VERBS: [Verb; 5] = [
    Verb::Hold,
    Verb::Release,
    Verb::Requeue,
    Verb::Flush,
    Verb::Delete,
];

/// asked, matched, done.
fn counts(receipt: &Receipt) -> (usize, usize, usize) {
    (receipt.asked, receipt.matched, receipt.done)
}

fn reasons(receipt: &Receipt) -> Vec<&str> {
    receipt
        .skipped
        .iter()
        .map(|(_, why)| why.as_str())
        .collect()
}

#[test]
fn what_a_receipt_says_is_what_the_queue_is() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let [a, b, c] = ["a@x.example", "b@x.example", "c@x.example"].map(|sender| lab.send(sender));

    let receipt = lab.act(Verb::Hold, &[&a, &b]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 2, 2), None),
        "{receipt:?}"
    );
    let queues = [&a, &b, &c].map(|target| lab.queue_of(target));
    assert_eq!(
        queues,
        [QueueName::Hold, QueueName::Hold, QueueName::Deferred].map(Some)
    );

    let receipt = lab.act(Verb::Hold, &[&a, &c]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 2, 1), None),
        "{receipt:?}"
    );
    assert_eq!(reasons(&receipt), ["already on hold"]);
    assert_eq!(lab.queue_of(&c), Some(QueueName::Hold));

    let receipt = lab.act(Verb::Release, &[&a, &c]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 2, 2), None),
        "{receipt:?}"
    );
    let queues = [&a, &b, &c].map(|target| lab.queue_of(target));
    assert_eq!(
        queues,
        [QueueName::Deferred, QueueName::Hold, QueueName::Deferred].map(Some)
    );

    let receipt = lab.act(Verb::Release, &[&a]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((1, 1, 0), None),
        "{receipt:?}"
    );
    assert_eq!(reasons(&receipt), ["is not on hold"]);

    // Queued again under a new id, held ones too.
    let receipt = lab.act(Verb::Requeue, &[&a, &b]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 2, 2), None),
        "{receipt:?}"
    );
    for old in [&a, &b] {
        let new = lab.until("the new id in deferred", |queue| {
            let entry = queue.values().find(|entry| *entry.sender == *old.sender)?;
            (entry.queue_name == QueueName::Deferred).then(|| entry.queue_id.clone())
        });
        assert_ne!(new, *old.key.queue_id);
    }

    // The old ids are gone; each verb says so and touches nothing.
    let before = lab.queue();
    for verb in VERBS {
        let receipt = lab.act(verb, &[&a, &b]);
        assert_eq!(
            (counts(&receipt), receipt.failure.clone()),
            ((2, 0, 0), None),
            "{receipt:?}"
        );
        assert_eq!(reasons(&receipt), ["left the queue", "left the queue"]);
    }
    assert_eq!(lab.queue(), before);
}

#[test]
fn a_flush_asks_postfix_to_try_again_and_leaves_held_mail_alone() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let [a, b, c] = ["a@x.example", "b@x.example", "c@x.example"].map(|sender| lab.send(sender));
    lab.act(Verb::Hold, &[&b]);
    let tries = |lab: &Lab, target: &Target| {
        let marks = format!("{}: to=<r@far.example>", target.key.queue_id);
        lab.log()
            .lines()
            .filter(|line| line.contains(&marks))
            .count()
    };
    let before = [&a, &b, &c].map(|target| tries(&lab, target));

    let receipt = lab.act(Verb::Flush, &[&a, &b]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 2, 1), None),
        "{receipt:?}"
    );
    assert_eq!(reasons(&receipt), ["is on hold: release it first"]);
    lab.until("another try of a", |_| {
        (tries(&lab, &a) > before[0]).then_some(())
    });
    assert_eq!(
        [&b, &c].map(|target| tries(&lab, target)),
        [before[1], before[2]]
    );

    lab.until("a in deferred", |queue| {
        let entry = queue.get(&*a.key.queue_id)?;
        (entry.queue_name == QueueName::Deferred).then_some(())
    });
    let receipt = lab.perform(Verb::Flush, Scope::WholeQueue);
    assert_eq!(
        (receipt.failure.clone(), receipt.exit),
        (None, Some(0)),
        "{receipt:?}"
    );
    lab.until("another try of c", |_| {
        (tries(&lab, &c) > before[2]).then_some(())
    });
    assert_eq!(tries(&lab, &b), before[1]);
}

#[test]
fn exactly_the_messages_that_were_meant_are_deleted() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let [a, b, c, d] =
        ["a@x.example", "b@x.example", "c@x.example", "d@x.example"].map(|sender| lab.send(sender));
    lab.act(Verb::Hold, &[&b]);
    let others = |lab: &Lab| {
        let mut queue = lab.queue();
        queue.retain(|id, _| {
            ![&a, &b, &c]
                .iter()
                .any(|target| *target.key.queue_id == **id)
        });
        queue
    };
    let before = others(&lab);
    assert_eq!(before.len(), 1);

    // Deferred or on hold.
    let receipt = lab.act(Verb::Delete, &[&a, &b]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone(), receipt.exit),
        ((2, 2, 2), None, Some(0)),
        "{receipt:?}"
    );
    assert_eq!(
        [&a, &b, &c, &d].map(|target| lab.queue_of(target).is_some()),
        [false, false, true, true]
    );
    for gone in [&a, &b] {
        let line = format!("{}: removed", gone.key.queue_id);
        lab.until("postsuper's line in the log", |_| {
            let log = lab.log();
            let of_postsuper = |text: &str| text.contains("postsuper[") && text.ends_with(&line);
            log.lines().any(of_postsuper).then_some(())
        });
    }

    // What is gone already is not counted, and the rest is done.
    let receipt = lab.act(Verb::Delete, &[&a, &c]);
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((2, 1, 1), None),
        "{receipt:?}"
    );
    assert_eq!(reasons(&receipt), ["left the queue"]);
    assert_eq!(lab.queue(), before);
    assert_eq!(lab.queue_of(&d), Some(QueueName::Deferred));

    // The whole queue is no aim.
    let receipt = lab.perform(Verb::Delete, Scope::WholeQueue);
    assert!(receipt.failure.is_some(), "{receipt:?}");
    assert_eq!(lab.queue(), before);
}

#[test]
fn a_queue_id_that_was_used_again_is_not_acted_on() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let seen = lab.send("a@x.example");
    // What a reused id looks like to us: the same queue id, and another arrival time or sender.
    let mut earlier = seen.clone();
    earlier.key.arrival -= 60;
    let mut stranger = seen.clone();
    stranger.sender = "z@x.example".into();
    let before = lab.queue();
    for stale in [&earlier, &stranger] {
        for verb in VERBS {
            let receipt = lab.act(verb, &[stale]);
            assert_eq!(
                (counts(&receipt), receipt.failure.clone()),
                ((1, 0, 0), None),
                "{receipt:?}"
            );
            assert_eq!(
                reasons(&receipt),
                ["the queue id now names another message"]
            );
        }
    }
    assert_eq!(lab.queue(), before);
}

#[test]
fn with_postfix_stopped_root_can_still_hold_and_is_told_of_a_flush_that_fails() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let a = lab.send("a@x.example");
    assert!(lab.control("stop"), "{}", lab.log());
    let receipt = lab.act(Verb::Flush, &[&a]);
    assert_eq!(receipt.done, 0, "{receipt:?}");
    assert!(receipt.failure.is_some(), "{receipt:?}");
    // With maillog_file and without postlogd(8), postsuper does the work and then falls over its own log: "fatal: open
    // logfile: Permission denied", status 1. The receipt has to say both.
    let receipt = lab.act(Verb::Hold, &[&a]);
    assert_eq!(counts(&receipt), (1, 1, 1), "{receipt:?}");
    assert_eq!(
        receipt.failure.is_some(),
        receipt.exit != Some(0),
        "{receipt:?}"
    );
    assert_eq!(lab.queue_of(&a), Some(QueueName::Hold));
}

#[test]
fn a_hundred_messages_at_once() {
    let Some(mut lab) = Lab::start() else {
        return;
    };
    let targets: Vec<Target> = (0..100)
        .map(|n| lab.send(&format!("s{n}@x.example")))
        .collect();
    let receipt = lab.perform(Verb::Hold, Scope::Messages(targets.clone()));
    assert_eq!(
        (counts(&receipt), receipt.failure.clone()),
        ((100, 100, 100), None),
        "{receipt:?}"
    );
    let held = lab
        .queue()
        .values()
        .filter(|entry| entry.queue_name == QueueName::Hold)
        .count();
    assert_eq!(held, 100);
}

/// What the next test runs in a process of its own, to be killed.
#[test]
#[ignore = "a part of a_batch_goes_on_when_mailtop_is_killed, which runs it"]
fn act_until_killed() {
    let Ok(at) = std::env::var("LAB") else {
        return;
    };
    let at = Path::new(&at);
    let tools = Tools {
        postqueue: "/usr/sbin/postqueue".into(),
        postsuper: at.join("postsuper"),
        config_dir: Some(at.join("config")),
    };
    let config = at.join("config");
    let targets = listed(&config)
        .values()
        .map(|entry| Target::of("postfix-lab", entry))
        .collect();
    let (reply, mut road) = mpsc::channel(1);
    let scope = Scope::Messages(targets);
    let verb = Verb::Hold;
    Postfix::new(tools)
        .unwrap()
        .perform(Action { verb, scope }, reply);
    panic!("it was not killed: {:?}", road.blocking_recv());
}

#[test]
fn a_batch_goes_on_when_mailtop_is_killed() {
    let Some(lab) = Lab::start() else {
        return;
    };
    for n in 0..5 {
        lab.send(&format!("s{n}@x.example"));
    }
    // The real one, slow: it waits for a sign after the first message.
    let path = lab.at.path().display();
    let slow = format!(
        "#!/bin/sh\nfirst=1\nwhile read id; do\n  echo $id | /usr/sbin/postsuper -c {path}/config -h - || exit\n  \
         while [ ! -e {path}/go ]; do sleep 0.02; done\ndone\n"
    );
    fs::write(lab.at.path().join("slow"), slow).unwrap();
    let mut install = Command::new("install");
    let made = install
        .args(["-m", "755"])
        .arg(lab.at.path().join("slow"))
        .arg(lab.at.path().join("postsuper"));
    assert!(made.status().unwrap().success());
    let mut acting = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "act_until_killed", "--ignored", "--nocapture"])
        .env("LAB", lab.at.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let held = |queue: &BTreeMap<String, QueueEntry>| {
        queue
            .values()
            .filter(|entry| entry.queue_name == QueueName::Hold)
            .count()
    };
    lab.until("the first on hold", |queue| {
        (held(queue) == 1).then_some(())
    });
    acting.kill().unwrap();
    acting.wait().unwrap();
    assert_eq!(held(&lab.queue()), 1);
    fs::write(lab.at.path().join("go"), "").unwrap();
    lab.until("all on hold", |queue| (held(queue) == 5).then_some(()));
}
