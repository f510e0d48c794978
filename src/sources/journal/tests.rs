//! A journalctl that hangs, dies half-way, is refused or writes nonsense; and the real one, with a real journald.

mod past;
mod real;

use super::*;
use crate::app::msg::Msg;
use crate::model::feeds::{Feed, FeedReport, FeedState, Loss};
use chrono::{FixedOffset, Offset, Utc};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};

const PATIENCE: Duration = Duration::from_secs(30);

fn utc() -> FixedOffset {
    Utc.fix()
}

/// An entry as `-o export` writes it; its cursor is its number.
fn entry(number: i64, text: &str) -> String {
    let moment = 1_795_531_537_000_000 + number;
    format!(
        "__CURSOR=c{number}\n__REALTIME_TIMESTAMP={moment}\n_HOSTNAME=mail\nSYSLOG_IDENTIFIER=postfix/qmgr\nSYSLOG_PID=7\nMESSAGE={text}\n\n"
    )
}

/// A directory with a journalctl that does what a script says.
struct Fake {
    directory: tempfile::TempDir,
    journal: Journal,
}

impl Fake {
    /// The script runs in the directory; `$run` counts its runs from 1, `$begin` is where it was told to begin.
    fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("journalctl");
        let begin = r#"cd "${0%/*}" || exit 99
echo run >> runs; run=$(wc -l < runs); printf '%s\n' "$*" >> calls; env > environment; echo $$ > pid
for word; do case $word in --cursor=*|--since=*) begin=${word#--} ;; esac; done"#;
        // Written by another process: a file that this one has open for writing, perhaps in a child of another test, cannot be run.
        let status = Command::new("/bin/sh")
            .args([
                "-c",
                r#"printf '#!/bin/sh\n%s\n%s\n' "$2" "$3" > "$1" && chmod 755 "$1""#,
                "sh",
            ])
            .arg(&program)
            .args([begin, script])
            .status();
        assert!(status.unwrap().success());
        let journal = Journal {
            program,
            directory: None,
            zone: utc(),
            silence: PATIENCE,
        };
        Self { directory, journal }
    }

    fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    fn follow(&self) -> (Live, Receiver<Msg>) {
        let (sender, receiver) = channel(4);
        let begin = Begin::Since(DateTime::UNIX_EPOCH);
        (spawn(self.journal.clone(), begin, sender), receiver)
    }
}

use chrono::DateTime;

/// What was told.
#[derive(Debug, Default)]
struct Seen {
    lines: String,
    states: Vec<FeedState>,
    remark: Option<String>,
    loss: Loss,
}

impl Seen {
    fn on(&mut self, msg: Msg) {
        match msg {
            Msg::Log(batch) => {
                assert_eq!(&*batch.source, "journal");
                self.lines
                    .push_str(&String::from_utf8(batch.lines).unwrap());
            }
            Msg::Feed(FeedReport::State(Feed::Journal, state)) => self.states.push(state),
            Msg::Feed(FeedReport::Remark(Feed::Journal, remark)) => {
                self.remark = remark.map(|text| text.to_string());
            }
            Msg::Feed(FeedReport::Lost(Feed::Journal, loss)) => {
                self.loss.bytes += loss.bytes;
                self.loss.times += loss.times;
            }
            other => panic!("{other:?}"),
        }
    }

    /// The texts after the tag, one word each.
    fn texts(&self) -> Vec<&str> {
        let text = |line| str::rsplit_once(line, ": ").map_or(line, |(_, text)| text);
        self.lines.lines().map(text).collect()
    }

    fn lost(&self) -> Vec<String> {
        let why = |state: &FeedState| match state {
            FeedState::Lost { why, .. } => Some(why.to_string()),
            _ => None,
        };
        self.states.iter().filter_map(why).collect()
    }
}

/// Takes messages until a condition holds.
async fn until(receiver: &mut Receiver<Msg>, seen: &mut Seen, holds: impl Fn(&Seen) -> bool) {
    let wait = async {
        while !holds(seen) {
            seen.on(receiver.recv().await.expect("the source ended"));
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, wait).await.is_ok();
    assert!(in_time, "{seen:?}");
}

#[tokio::test]
async fn a_journalctl_that_dies_in_an_entry_is_started_again_after_the_last_whole_one() {
    let second = entry(2, "two");
    let fake = Fake::new("cat run$run; [ $run = 1 ] && exit 1; exec sleep 1000")
        .with(
            "run1",
            format!("{}{second}{}", entry(1, "one"), &entry(3, "three")[..90]),
        )
        .with("run2", format!("{second}{}", entry(3, "three")));
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| seen.texts().len() == 3).await;
    assert_eq!(seen.texts(), ["one", "two", "three"]);
    assert_eq!(seen.lost(), ["journalctl ended with status 1"]);
    assert!(
        matches!(
            seen.states[..],
            [
                FeedState::Up,
                FeedState::Lost {
                    retry_at: Some(_),
                    ..
                },
                FeedState::Up
            ]
        ),
        "{:?}",
        seen.states
    );
    assert_eq!(seen.remark, None, "nothing is missing");
    let calls = fake.read("calls");
    let begins: Vec<_> = calls
        .lines()
        .map(|call| call.contains("--cursor=c2"))
        .collect();
    assert_eq!(begins, [false, true]);
    assert!(
        calls.starts_with("--no-pager --all --output=export "),
        "{calls}"
    );
    assert!(
        calls.contains("--follow --no-tail --since=@0.000000 SYSLOG_FACILITY=2 + _SYSTEMD_UNIT="),
        "{calls}"
    );
}

#[tokio::test]
async fn entries_that_were_vacuumed_before_they_were_read_are_told() {
    let fake = Fake::new("cat run$run; [ $run = 1 ] && exit 0; exec sleep 1000")
        .with("run1", entry(1, "one"))
        .with("run2", format!("{}{}", entry(8, "eight"), entry(9, "nine")));
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| seen.remark.is_some()).await;
    assert_eq!(seen.texts(), ["one", "eight", "nine"]);
    assert_eq!(
        seen.remark.unwrap(),
        "the journal was vacuumed where it was read last: entries may be missing"
    );
}

#[tokio::test]
async fn a_refusal_says_the_group() {
    let no_files =
        "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1";
    // With files of one's own, journalctl goes on and shows those only.
    let own_only = "echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; exec sleep 1000";
    for script in [no_files, own_only] {
        let fake = Fake::new(script);
        let (_live, mut receiver) = fake.follow();
        let mut seen = Seen::default();
        until(&mut receiver, &mut seen, |seen| !seen.states.is_empty()).await;
        let user = if rustix::process::geteuid().is_root() {
            "root"
        } else {
            ""
        };
        let why = &seen.lost()[0];
        assert!(why.starts_with(&format!("cannot read the journal: permission denied — add this user to group systemd-journal: usermod -aG systemd-journal {user}")), "{why}");
    }
    let fake = Fake::new(no_files);
    let why = fake.journal.newest().unwrap_err().to_string();
    assert!(why.contains("usermod -aG systemd-journal"), "{why}");
}

#[tokio::test]
async fn no_journalctl_says_so_and_is_tried_again() {
    let mut fake = Fake::new("exit 0");
    fake.journal.program = fake.path().join("nothing");
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| seen.lost().len() == 2).await;
    assert!(
        seen.lost()[0].contains("/nothing — name the file that Postfix logs to with --log FILE"),
        "{seen:?}"
    );
}

#[tokio::test]
async fn nonsense_is_counted_and_what_follows_is_read() {
    let mut nonsense = entry(1, "one").into_bytes();
    nonsense.extend(b"\0\xff\xfe garbage \x1b[2J\nmore\n\n");
    nonsense.extend(format!("__CURSOR=c2\nMESSAGE={}\n\n", "no moment").bytes());
    nonsense.extend(entry(3, &"x".repeat(70_000)).bytes());
    nonsense.extend(entry(4, "four").bytes());
    let fake = Fake::new("cat run1; exec sleep 1000").with("run1", nonsense);
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| {
        seen.lines.ends_with(": four\n")
    })
    .await;
    assert_eq!(seen.lines.lines().count(), 3);
    assert!(seen.lines.lines().all(|line| line.len() < LINE_LIMIT));
    // What is between two entries, the entry without a moment, and the long one, of which 64 KiB are kept.
    let bytes = 70_000 - 64 * 1024;
    until(&mut receiver, &mut seen, |seen| {
        seen.loss == Loss { bytes, times: 3 }
    })
    .await;
}

use crate::sources::tail::LINE_LIMIT;

#[tokio::test]
async fn what_journald_left_out_is_told() {
    let said = |who: u32, unit: &str| {
        format!(
            "__CURSOR=c{who}\n__REALTIME_TIMESTAMP=1795531537000000\n_UID={who}\nSYSLOG_IDENTIFIER=systemd-journald\nMESSAGE=Suppressed 2345 messages from {unit}\n\n"
        )
    };
    let text = [
        said(0, "nginx.service"),
        said(0, "postfix@-.service"),
        entry(5, "five"),
    ]
    .concat();
    let fake = Fake::new("cat run1; exec sleep 1000").with("run1", text);
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| seen.remark.is_some()).await;
    assert_eq!(seen.texts(), ["five"]);
    assert_eq!(
        seen.remark.unwrap(),
        "journald left out entries, so figures are too low: Suppressed 2345 messages from postfix@-.service — raise RateLimitBurst= in journald.conf"
    );
    let fake = Fake::new("cat run1; exec sleep 1000")
        .with("run1", said(1000, "postfix@-.service") + &entry(6, "six"));
    let (_live, mut receiver) = fake.follow();
    let mut seen = Seen::default();
    until(&mut receiver, &mut seen, |seen| !seen.lines.is_empty()).await;
    assert_eq!(
        seen.texts().len(),
        2,
        "another user's word is a line like any"
    );
}

/// Whether a process is there, and no zombie.
fn lives(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{}/stat", pid.trim()))
        .is_ok_and(|stat| !stat.contains(") Z "))
}

async fn dies(pid: &str) {
    let wait = async {
        while lives(pid) {
            // waits for: the end of the process
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, wait).await.is_ok();
    assert!(in_time, "journalctl {pid} lives on");
}

#[tokio::test]
async fn it_is_killed_when_nobody_wants_it_and_sees_no_environment() {
    for drop_receiver in [false, true] {
        let fake = Fake::new("cat run1; exec sleep 1000").with("run1", entry(1, "one"));
        let (live, mut receiver) = fake.follow();
        let mut seen = Seen::default();
        until(&mut receiver, &mut seen, |seen| !seen.lines.is_empty()).await;
        let pid = fake.read("pid");
        assert!(lives(&pid));
        let _kept = if drop_receiver {
            drop(receiver);
            (Some(live), None)
        } else {
            drop(live);
            (None, Some(receiver))
        };
        dies(&pid).await;
        let mut names: Vec<String> = fake
            .read("environment")
            .lines()
            .filter_map(|line| Some(line.split_once('=')?.0.to_owned()))
            .collect();
        // The shell's own.
        names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(&name.as_str()));
        names.sort();
        assert_eq!(names, ["LC_ALL", "PATH"]);
    }
}

#[tokio::test]
async fn a_full_road_stops_journalctl_and_nothing_is_lost() {
    let count = 40_000;
    let entries: String = (1..=count)
        .map(|number| entry(number, &number.to_string()))
        .collect();
    let fake = Fake::new("cat run1; : > written; exec sleep 1000").with("run1", &entries);
    let (_live, mut receiver) = fake.follow();
    let full = async {
        while receiver.len() < receiver.max_capacity() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, full).await.unwrap();
    // What is written is much more than the road and the pipe hold.
    assert!(entries.len() > 4 << 20 && !fake.path().join("written").exists());
    let mut seen = Seen::default();
    let last = format!(": {count}\n");
    until(&mut receiver, &mut seen, |seen| seen.lines.ends_with(&last)).await;
    let texts: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
    assert!(seen.texts() == texts, "{} lines", seen.texts().len());
}
