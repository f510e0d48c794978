//! The past, by journalctls that fail.

use super::*;
use crate::sources::archive::Archive;
use crate::sources::archive::fold::{self, Told};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

const HOUR: i64 = 3_600_000_000;

fn mark(cursor: &str, received: i64) -> Mark {
    Mark {
        cursor: cursor.into(),
        received,
    }
}

/// The lines of an archive, and its remarks.
pub(super) fn whole(archive: &Archive) -> (String, Vec<String>) {
    let whole = fold::whole(
        archive,
        2,
        &AtomicBool::new(false),
        Vec::new,
        |lines: &mut Vec<u8>, piece| lines.extend_from_slice(piece.lines),
        |older, newer| [older, newer].concat(),
    );
    let remarks = whole.remarks.iter().map(ToString::to_string).collect();
    (String::from_utf8(whole.fold).unwrap(), remarks)
}

#[test]
fn slices_are_exact_short_at_the_end_and_cover_all() {
    let journal = Fake::new("").journal;
    let newest = 1_795_531_537_588_272;
    let oldest = newest - 30 * HOUR;
    let slices = slices(&journal, &mark("a", oldest), &mark("z", newest));
    let edges: Vec<_> = slices
        .iter()
        .map(|slice| (slice.begins(), slice.ends()))
        .collect();
    assert_eq!(edges.last().unwrap().1, mark("", newest).time());
    assert!(edges.first().unwrap().0 <= mark("", oldest).time());
    for two in edges.windows(2) {
        assert_eq!(two[0].1 + chrono::TimeDelta::microseconds(1), two[1].0);
    }
    let lengths: Vec<_> = edges
        .iter()
        .rev()
        .map(|(from, to)| (*to - *from).num_minutes())
        .collect();
    assert!((5..7).contains(&lengths[0]), "{lengths:?}");
    assert_eq!(*lengths.iter().max().unwrap(), 240);
    assert!(lengths.len() < 15, "{lengths:?}");
    let now = mark("", newest).time();
    assert_eq!(slices.last().unwrap().name(now), "the journal 14:40-14:45");
    assert_eq!(
        slices[slices.len() - 2].name(now),
        "the journal 14:29-14:40"
    );
    assert!(
        slices[0].name(now).starts_with("the journal Nov 23 "),
        "{}",
        slices[0].name(now)
    );
}

/// A journal of one slice with three entries. Runs 1 and 2 ask for the edges.
fn three(rest: &str) -> Fake {
    let all = [entry(1, "one"), entry(2, "two"), entry(3, "three")].concat();
    Fake::new(&format!(
        "case $run in 1) cat last ;; 2) cat all ;; *) {rest} ;; esac"
    ))
    .with("all", &all)
    .with("last", entry(3, "three"))
    .with("half", &all[..all.len() - 60])
    .with("half2", entry(2, "two") + &entry(3, "three")[..60])
    .with(
        "from2",
        [entry(2, "two"), entry(3, "three"), entry(4, "four")].concat(),
    )
}

#[test]
fn a_slice_ends_with_the_last_entry_and_the_follower_begins_after_it() {
    let fake = three("cat from2");
    let (archive, begin) = Archive::before_journal(&fake.journal, Utc::now());
    let (lines, remarks) = whole(&archive);
    let (two, rest) = lines.split_once('\n').unwrap();
    assert!(
        two.ends_with(": two") && rest.ends_with(": three\n"),
        "{lines}"
    );
    assert_eq!(remarks, [""; 0]);
    let Begin::After(mark) = begin else {
        panic!("{begin:?}")
    };
    assert_eq!(mark.cursor, b"c3");
    let calls = fake.read("calls");
    let slice = calls.lines().nth(2).unwrap();
    assert!(
        slice
            .contains(" --since=@1795531200.000000 --until=@1795531537.000003 SYSLOG_FACILITY=2 +"),
        "{slice}"
    );
}

#[test]
fn a_slice_goes_on_where_journalctl_died() {
    let fake = three("if [ $run = 3 ]; then cat half; kill -9 $$; else cat from2; fi");
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    let (lines, remarks) = whole(&archive);
    let texts: Vec<_> = lines
        .lines()
        .map(|line| line.rsplit_once(": ").unwrap().1)
        .collect();
    assert_eq!((texts, remarks), (vec!["one", "two", "three"], vec![]));
    assert!(
        fake.read("calls")
            .lines()
            .nth(3)
            .unwrap()
            .contains("--cursor=c2 --until=@")
    );
}

#[test]
fn a_slice_that_always_fails_is_a_remark_and_what_was_read_stays() {
    let fake = three(
        "if [ $run = 3 ]; then cat half; else cat half2; fi; echo 'Failed to iterate through journal: Bad message' >&2; exit 1",
    );
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    let (lines, remarks) = whole(&archive);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert_eq!(remarks.len(), 1);
    assert!(remarks[0].starts_with("the journal ") && remarks[0].ends_with(
        ": journalctl ended with status 1: Failed to iterate through journal: Bad message; the rest of it is not read"), "{remarks:?}");
}

#[test]
fn a_journalctl_that_hangs_is_ended_and_said() {
    let mut fake = three("cat half; exec sleep 1000");
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    drop(archive);
    fake.journal.silence = Duration::from_millis(300);
    fs::remove_file(fake.path().join("runs")).unwrap();
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    let (lines, remarks) = whole(&archive);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(
        remarks[0].ends_with(
            ": journalctl said nothing for too long and was ended; the rest of it is not read"
        ),
        "{remarks:?}"
    );
    assert!(!lives(&fake.read("pid")));
}

#[test]
fn stopping_does_not_wait_for_a_journalctl_that_hangs() {
    let fake = three("cat half; exec sleep 1000");
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    let stop = AtomicBool::new(false);
    let begin = std::time::Instant::now();
    fold::newest_first(
        &archive,
        2,
        &stop,
        || 0,
        |lines, piece| *lines += piece.lines.len(),
        |told| {
            if let Told::Progress(progress) = told {
                assert!(
                    progress.to_string().starts_with("reading the journal "),
                    "{progress}"
                );
                stop.store(true, Ordering::Relaxed);
            }
            ControlFlow::Continue(())
        },
    );
    assert!(begin.elapsed() < PATIENCE, "{:?}", begin.elapsed());
    assert!(!lives(&fake.read("pid")));
}

#[test]
fn a_journal_without_mail_has_no_history_and_is_followed_from_now_on() {
    let fake = Fake::new("exit 0");
    let now = Utc::now();
    let (archive, begin) = Archive::before_journal(&fake.journal, now);
    assert_eq!(
        (archive.generations().count(), archive.remarks.len()),
        (0, 0)
    );
    assert_eq!(begin, Begin::Since(now));
}

#[test]
fn a_refusal_is_a_remark() {
    let fake = Fake::new(
        "echo 'No journal files were opened due to insufficient permissions.' >&2; exit 1",
    );
    let (archive, _) = Archive::before_journal(&fake.journal, Utc::now());
    let remark = archive.remarks[0].to_string();
    assert!(
        remark.starts_with("the journal: cannot read the journal: permission denied"),
        "{remark}"
    );
}
