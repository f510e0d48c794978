//! The real journalctl on the journal of a real journald, which runs in a mount namespace of its own; and on journals of a chosen past,
//! which systemd-journal-remote writes.

#[path = "../../../../tests/support/journald.rs"]
mod journald;

use super::past::whole;
use super::*;
use crate::model::span::Between;
use crate::sources::archive::Archive;
use crate::sources::archive::fold::{self, Told};
use journald::Journald;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Instant;

impl Journald {
    fn begin() -> Self {
        Self::start().unwrap()
    }

    fn journal(&self) -> Journal {
        Journal {
            directory: Some(self.run().join("log/journal")),
            ..Journal::find(utc()).unwrap()
        }
    }

    fn log(&self, number: u32) {
        let line = format!("<22>Nov 24 10:00:00 postfix/qmgr[2011]: {number}");
        self.send(&line).unwrap();
    }

    fn rotate(&self) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-USR2", &pid]).status();
        assert!(status.unwrap().success());
    }

    fn files(&self) -> usize {
        let of_machine = |entry: std::io::Result<fs::DirEntry>| {
            fs::read_dir(entry.unwrap().path()).unwrap().count()
        };
        fs::read_dir(self.run().join("log/journal"))
            .unwrap()
            .map(of_machine)
            .sum()
    }

    /// Rotates and waits until it is done.
    fn rotated(&self) {
        let before = self.files();
        self.rotate();
        let begin = Instant::now();
        while self.files() == before {
            assert!(begin.elapsed() < PATIENCE, "no rotation");
            // waits for: the rotated file
            thread::sleep(Duration::from_millis(2));
        }
    }

    fn vacuum(&self) {
        let status = Command::new("journalctl")
            .args(["--quiet", "--vacuum-files=2", "--directory"])
            .arg(self.journal().directory.unwrap())
            .status();
        assert!(status.unwrap().success());
    }

    /// The journalctl that this process started to follow the journal.
    fn reader(&self) -> Option<PathBuf> {
        let own = std::process::id().to_string();
        let run = self.run();
        let name = run.to_str().unwrap();
        fs::read_dir("/proc").unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            let read = |name: &str| String::from_utf8(fs::read(path.join(name)).ok()?).ok();
            let stat = read("stat")?;
            let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.to_owned();
            let words = read("cmdline")?;
            (parent == own && words.contains("--follow") && words.contains(name)).then_some(path)
        })
    }

    async fn kill_reader(&self) {
        let begin = Instant::now();
        let reader = loop {
            if let Some(reader) = self.reader() {
                break reader;
            }
            assert!(begin.elapsed() < PATIENCE, "no journalctl runs");
            // waits for: journalctl, which a task of this thread starts
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        let pid = reader.file_name().unwrap();
        assert!(
            Command::new("kill")
                .arg("-9")
                .arg(pid)
                .status()
                .unwrap()
                .success()
        );
    }
}

fn numbers(count: u32) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

#[tokio::test]
#[ignore = "needs root and systemd-journald"]
async fn every_entry_once_through_rotations_vacuuming_and_deaths_of_journalctl() {
    let journald = Journald::begin();
    let (sender, mut receiver) = channel(64);
    let live = spawn(journald.journal(), Begin::Since(Utc::now()), sender);
    let mut seen = Seen::default();
    let rounds = 12;
    for round in 0..rounds {
        (round * 500 + 1..=round * 500 + 250).for_each(|number| journald.log(number));
        match round % 4 {
            0 => journald.rotated(),
            1 => {
                let so_far = (round * 500 + 250) as usize;
                until(&mut receiver, &mut seen, |seen| {
                    seen.lines.lines().count() == so_far
                })
                .await;
                journald.vacuum();
            }
            2 => journald.kill_reader().await,
            _ => {
                journald.kill_reader().await;
                journald.rotated();
            }
        }
        (round * 500 + 251..=(round + 1) * 500).for_each(|number| journald.log(number));
    }
    let last = format!(": {}\n", rounds * 500);
    until(&mut receiver, &mut seen, |seen| seen.lines.ends_with(&last)).await;
    assert!(
        seen.texts() == numbers(rounds * 500),
        "{} lines",
        seen.texts().len()
    );
    assert!(
        seen.lost()
            .iter()
            .all(|why| why == "journalctl was ended by signal 9"),
        "{:?}",
        seen.lost()
    );
    assert!(!seen.lost().is_empty());
    assert_eq!((seen.remark, seen.loss), (None, Loss::default()));
    let reader = journald.reader().unwrap();
    drop(live);
    dies(reader.file_name().unwrap().to_str().unwrap()).await;
}

#[tokio::test]
#[ignore = "needs root and systemd-journald"]
async fn past_and_present_meet_while_the_journal_is_written_and_rotated() {
    let journald = Journald::begin();
    (1..=500).for_each(|number| journald.log(number));
    let journal = journald.journal();
    let begin = Instant::now();
    while journal.newest().unwrap().is_none() {
        assert!(begin.elapsed() < PATIENCE);
    }
    let count = 6_000;
    let writer = thread::spawn(move || {
        for number in 501..=count {
            journald.log(number);
            if number % 1_000 == 0 {
                journald.rotate();
            }
        }
        journald
    });
    let (archive, begin) = Archive::before_journal(&journal, Utc::now());
    let (sender, mut receiver) = channel(64);
    let _live = spawn(journal, begin, sender);
    let (past, remarks) = tokio::task::spawn_blocking(move || whole(&archive))
        .await
        .unwrap();
    assert_eq!(remarks, [""; 0]);
    let mut seen = Seen::default();
    let last = format!(": {count}\n");
    until(&mut receiver, &mut seen, |seen| seen.lines.ends_with(&last)).await;
    let _journald = writer.join().unwrap();
    assert!(!past.is_empty());
    seen.lines.insert_str(0, &past);
    assert!(
        seen.texts() == numbers(count),
        "{} lines",
        seen.texts().len()
    );
}

#[test]
#[ignore = "needs root and systemd-journald"]
fn only_mail_and_every_line_as_in_a_file() {
    let journald = Journald::begin();
    journald
        .send("<22>Nov 24 10:00:00 postfix/smtpd[12]: connect from mx.example.com[192.0.2.1]")
        .unwrap();
    journald
        .send("<30>Nov 24 10:00:00 cron[13]: not mail")
        .unwrap();
    journald.send("<20>Nov 24 10:00:00 postfix/smtpd[12]: warning: two\nNov 24 10:00:00 mail postfix/smtp[1]: lines").unwrap();
    journald
        .send("<22>Nov 24 10:00:00 dovecot: imap-login: Login: user=<bob>")
        .unwrap();
    let (archive, _) = {
        let begin = Instant::now();
        loop {
            let both = Archive::before_journal(&journald.journal(), Utc::now());
            if whole(&both.0).0.contains("dovecot") {
                break both;
            }
            assert!(begin.elapsed() < PATIENCE);
        }
    };
    let (lines, _) = whole(&archive);
    let without_stamps: Vec<_> = lines
        .lines()
        .map(|line| line.splitn(3, ' ').nth(2).unwrap())
        .collect();
    assert_eq!(
        without_stamps,
        [
            "postfix/smtpd[12]: connect from mx.example.com[192.0.2.1]".to_owned(),
            "postfix/smtpd[12]: warning: two#012Nov 24 10:00:00 mail postfix/smtp[1]: lines"
                .to_owned(),
            // The sender gave no pid: the kernel's.
            format!(
                "dovecot[{}]: imap-login: Login: user=<bob>",
                std::process::id()
            ),
        ]
    );
}

/// A journal of entries at these moments (microseconds since 1970), numbered from 1.
fn journal_of(moments: &[i64]) -> (tempfile::TempDir, Journal) {
    let directory = tempfile::tempdir().unwrap();
    let program = "/usr/lib/systemd/systemd-journal-remote";
    let mut child = Command::new(program)
        .arg("-o")
        .arg(directory.path().join("system.journal"))
        .arg("-")
        .stdin(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} (package systemd-journal-remote): {error}"));
    let first = moments.iter().min().copied().unwrap_or_default();
    let texts: Vec<String> = (1..).zip(moments).map(|(number, moment)| {
        let since = moment - first + 1;
        format!("__REALTIME_TIMESTAMP={moment}\n__MONOTONIC_TIMESTAMP={since}\n_BOOT_ID=8032c05362944856b74c8d05b4e59023\n_HOSTNAME=mail\nSYSLOG_FACILITY=2\nSYSLOG_IDENTIFIER=postfix/qmgr\nSYSLOG_PID=7\nMESSAGE={number}\n\n")
    }).collect();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(texts.concat().as_bytes())
        .unwrap();
    assert!(child.wait().unwrap().success());
    let journal = Journal {
        directory: Some(directory.path().to_owned()),
        ..Journal::find(utc()).unwrap()
    };
    (directory, journal)
}

#[test]
#[ignore = "needs the package systemd-journal-remote"]
fn slices_of_days_hold_every_entry_once_and_come_newest_first() {
    let newest = 1_795_531_537_588_272_i64;
    // Three days, closer and closer, with entries on both sides of full minutes.
    let mut moments: Vec<i64> = (0..5_000)
        .map(|step: i64| newest - step * step * 10_000)
        .collect();
    for minutes in [7, 30, 300, 700] {
        let edge = (newest - minutes * 60_000_000) / 60_000_000 * 60_000_000;
        moments.extend([edge - 1, edge, edge + 1]);
    }
    moments.sort_unstable();
    let (_directory, journal) = journal_of(&moments);
    let (archive, begin) = Archive::before_journal(&journal, Utc::now());
    let Begin::After(mark) = begin else {
        panic!("{begin:?}")
    };
    assert_eq!(mark.received, newest);
    let texts = |lines: &str| {
        lines
            .lines()
            .map(|line| line.rsplit_once(": ").unwrap().1.to_owned())
            .collect::<Vec<_>>()
    };
    let (lines, remarks) = whole(&archive);
    assert_eq!(remarks, [""; 0]);
    assert!(
        texts(&lines) == numbers(moments.len() as u32),
        "{} lines",
        lines.lines().count()
    );
    let mut folds = Vec::new();
    fold::newest_first(
        &archive,
        2,
        &AtomicBool::new(false),
        Vec::new,
        |lines: &mut Vec<u8>, piece| lines.extend_from_slice(piece.lines),
        |told| {
            match told {
                Told::Fold(fold) => folds.push(String::from_utf8(fold).unwrap()),
                Told::Progress(_) => {}
                Told::Remark(remark) => panic!("{remark}"),
            }
            ControlFlow::Continue(())
        },
    );
    assert!(folds.len() > 20 && texts(&folds[0]).last().unwrap() == &moments.len().to_string());
    folds.reverse();
    assert!(folds.concat() == lines);
    // A span leaves out slices that are certainly outside.
    let (archive, _) = Archive::before_journal(&journal, Utc::now());
    let since = DateTime::from_timestamp_micros(newest - 6 * 3_600_000_000);
    let until = DateTime::from_timestamp_micros(newest - 5 * 3_600_000_000);
    let slices = archive.generations().count();
    let archive = archive.within(Between { since, until }, utc());
    assert!(archive.generations().count() < slices / 3);
    let (some, _) = whole(&archive);
    let inside = |text: &str| {
        let time = DateTime::parse_from_rfc3339(text.split_once(' ').unwrap().0).unwrap();
        since.is_some_and(|since| time >= since) && until.is_some_and(|until| time <= until)
    };
    let wanted: Vec<_> = lines.lines().filter(|line| inside(line)).collect();
    assert!(wanted.len() > 50);
    assert_eq!(
        some.lines().filter(|line| inside(line)).collect::<Vec<_>>(),
        wanted
    );
}

/// As the dashboard does: the past folded, what comes then as lines, and each entry on one side.
#[tokio::test]
#[ignore = "needs root and systemd-journald"]
async fn the_back_fill_and_the_follower_share_the_journal() {
    let journald = Journald::begin();
    let journal = journald.journal();
    for number in 0..500 {
        journald.log(number);
    }
    let begin = Instant::now();
    let written = || whole(&Archive::before_journal(&journal, Utc::now()).0).0;
    while written().lines().count() < 500 {
        assert!(begin.elapsed() < PATIENCE, "journald writes nothing");
        // waits for: journald has written what was sent
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (sender, mut road) = tokio::sync::mpsc::channel(64);
    let reading = crate::sources::backfill::Reading {
        knowledge: crate::knowledge::Knowledge::builtin(),
        zone: utc(),
        between: Between::default(),
    };
    let logs = crate::sources::logs::Logs::Journal(journal);
    let _both = crate::sources::backfill::spawn(logs, reading, &sender).unwrap();
    let (mut past, mut lines, mut sent) = (0, 0, 500);
    while past + lines < 600 {
        let wait = tokio::time::timeout(PATIENCE, road.recv()).await;
        match wait.expect("the rest of the entries").unwrap() {
            Msg::Past(crate::app::msg::Past::Told(facts)) => past += facts.told().lines.read,
            Msg::Past(crate::app::msg::Past::Read) => {
                while sent < 600 {
                    journald.log(sent);
                    sent += 1;
                }
            }
            Msg::Log(batch) => {
                lines += memchr::memchr_iter(b'\n', &batch.lines).count() as u64;
            }
            _ => {}
        }
    }
    assert_eq!((past, lines), (500, 100));
}
