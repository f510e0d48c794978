//! Actions against the real Postfix: a private instance of the machine's own binaries, in a directory of its own, with a
//! destination that nobody answers. Every receipt is compared with what the queue truly looks like afterwards.
//!
//! Needs root (Postfix does) and Postfix's commands in /usr/sbin, and fails without; `LIVE=0` skips, and says so.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

use mailtop::actions::{Performer, Postfix, Tools};
use mailtop::app::effect::{Action, Scope};
use mailtop::app::msg::Msg;
use mailtop::model::identity::Target;
use mailtop::model::journal::{Receipt, Verb};
use mailtop_parsers::{QueueEntry, QueueName, postqueue};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Nothing here listens on the network: mail comes in by sendmail(1) and goes nowhere.
const MASTER: &str = "\
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
";

/// A running instance.
struct Lab {
    at: TempDir,
    postfix: Postfix,
}

impl Lab {
    /// Starts one; `None` when `LIVE=0` asks to skip live tests.
    fn start() -> Option<Self> {
        if std::env::var("LIVE").is_ok_and(|live| live == "0") {
            // Not eprintln!, which the test harness hides when the test passes.
            let name = std::thread::current()
                .name()
                .unwrap_or("a live test")
                .to_owned();
            writeln!(
                std::io::stderr(),
                "\nSKIPPED: {name} did not run against a real Postfix, because LIVE=0"
            )
            .unwrap();
            return None;
        }
        assert!(
            rustix::process::geteuid().is_root(),
            "a live test needs root, because Postfix does; LIVE=0 skips it"
        );
        assert!(
            Path::new("/usr/sbin/postsuper").exists(),
            "there is no Postfix in /usr/sbin: install the package postfix; LIVE=0 skips"
        );
        let at = tempfile::tempdir().unwrap();
        fs::set_permissions(at.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for name in ["config", "queue", "own"] {
            fs::create_dir(at.path().join(name)).unwrap();
            fs::set_permissions(at.path().join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        let path = at.path().display();
        // Port 1 of loopback answers nobody: every message is deferred, and none is ever bounced.
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {path}/queue\ndata_directory = {path}/own\n\
             command_directory = /usr/sbin\ndaemon_directory = {}\nmail_owner = postfix\nsetgid_group = postdrop\n\
             myhostname = lab.example\nmydestination =\nmynetworks = 127.0.0.0/8\ninet_interfaces = loopback-only\n\
             inet_protocols = ipv4\ndefault_transport = smtp:[127.0.0.1]:1\nalias_maps =\nalias_database =\n\
             maillog_file = {path}/mail.log\nmaillog_file_prefixes = {path}\nsyslog_name = postfix-lab\nqueue_run_delay = 1h\n",
            daemons().display()
        );
        fs::write(at.path().join("config/main.cf"), main).unwrap();
        fs::write(at.path().join("config/master.cf"), MASTER).unwrap();
        let chown = Command::new("chown")
            .arg("postfix")
            .arg(at.path().join("own"))
            .status()
            .unwrap();
        assert!(chown.success());
        let tools = Tools::find(Some(at.path().join("config"))).unwrap();
        let lab = Self {
            at,
            postfix: Postfix::new(tools).unwrap(),
        };
        assert!(lab.control("start"), "{}", lab.log());
        Some(lab)
    }

    fn config(&self) -> PathBuf {
        self.at.path().join("config")
    }

    fn log(&self) -> String {
        fs::read_to_string(self.at.path().join("mail.log")).unwrap_or_default()
    }

    fn control(&self, order: &str) -> bool {
        let done = Command::new("/usr/sbin/postfix")
            .arg("-c")
            .arg(self.config())
            .arg(order)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        done.is_ok_and(|status| status.success())
    }

    /// Sends a message from `sender` and waits until it is deferred.
    fn send(&self, sender: &str) -> Target {
        let mut sendmail = Command::new("/usr/sbin/sendmail")
            .arg("-C")
            .arg(self.config())
            .args(["-f", sender, "r@far.example"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        sendmail
            .stdin
            .take()
            .unwrap()
            .write_all(b"Subject: x\n\nx\n")
            .unwrap();
        assert!(sendmail.wait().unwrap().success());
        self.until(&format!("{sender} in deferred"), |queue| {
            let entry = queue.values().find(|entry| entry.sender == sender)?;
            (entry.queue_name == QueueName::Deferred).then(|| Target::of("postfix-lab", entry))
        })
    }

    /// What Postfix itself says is in the queue, by queue id.
    fn queue(&self) -> BTreeMap<String, QueueEntry> {
        listed(&self.config())
    }

    /// Polls the queue until `seen` finds what it wants in it.
    fn until<T>(&self, what: &str, seen: impl Fn(&BTreeMap<String, QueueEntry>) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let queue = self.queue();
            if let Some(found) = seen(&queue) {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "waited for {what}: {queue:?}\n{}",
                self.log()
            );
            // waits for: what Postfix does by itself
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn act(&mut self, verb: Verb, targets: &[&Target]) -> Receipt {
        let targets = targets.iter().map(|target| (*target).clone()).collect();
        self.perform(verb, Scope::Messages(targets))
    }

    fn perform(&mut self, verb: Verb, scope: Scope) -> Receipt {
        let (reply, mut road) = mpsc::channel(1);
        self.postfix.perform(Action { verb, scope }, reply);
        match road.blocking_recv() {
            Some(Msg::Receipt(receipt)) => *receipt,
            other => panic!("{other:?}"),
        }
    }

    fn queue_of(&self, target: &Target) -> Option<QueueName> {
        self.queue()
            .get(&*target.key.queue_id)
            .map(|entry| entry.queue_name)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.control("abort");
        // The master goes on for a moment; the directory must not be taken from under it.
        let pid =
            fs::read_to_string(self.at.path().join("queue/pid/master.pid")).unwrap_or_default();
        let proc = Path::new("/proc").join(pid.trim());
        let deadline = Instant::now() + Duration::from_secs(10);
        while !pid.is_empty() && proc.exists() && Instant::now() < deadline {
            // waits for: the master to end
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// What Postfix itself says is in the queue of the instance configured here, by queue id.
fn listed(config: &Path) -> BTreeMap<String, QueueEntry> {
    let listed = Command::new("/usr/sbin/postqueue")
        .arg("-c")
        .arg(config)
        .arg("-j")
        .output()
        .unwrap();
    let lines = listed
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    lines
        .map(|line| postqueue::parse(line).unwrap())
        .map(|entry| (entry.queue_id.clone(), entry))
        .collect()
}

fn daemons() -> PathBuf {
    let known = [
        "/usr/lib/postfix/sbin",
        "/usr/libexec/postfix",
        "/usr/lib/postfix",
    ];
    let found = known
        .iter()
        .map(Path::new)
        .find(|path| path.join("master").exists());
    found.unwrap().to_path_buf()
}

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
    for verb in [Verb::Hold, Verb::Release, Verb::Requeue, Verb::Flush] {
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
        for verb in [Verb::Hold, Verb::Release, Verb::Requeue, Verb::Flush] {
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
