//! Every line once and in order, whatever the cuts, the cores and the names.

use super::*;
use crate::model::span::Between;
use proptest::prelude::*;

/// Reads one segment after another in this order.
fn one_by_one(segments: &[super::super::Segment]) -> Vec<Vec<u8>> {
    let mut room = super::super::cut::Room::default();
    segments
        .iter()
        .map(|segment| {
            let mut lines = Vec::new();
            segment
                .read(&mut room, &AtomicBool::new(false), |piece| {
                    lines.extend_from_slice(piece.lines);
                })
                .unwrap();
            assert!(lines.ends_with(b"\n"), "whole lines");
            lines
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_cut_gives_each_line_once_and_in_order(
        files in proptest::collection::vec(proptest::collection::vec(0_usize..90, 1..60), 1..4),
        size in 1_u64..2_000,
        first in 1_u64..400,
        most in 1_u64..3_000,
        ended in any::<bool>(),
    ) {
        let bed = Bed::new();
        let mut expected = String::new();
        for (age, lengths) in files.iter().enumerate().rev() {
            let lines = lengths.iter().enumerate();
            let mut text = lines
                .map(|(number, length)| format!("{age} {number} {}\n", "x".repeat(*length)))
                .collect::<Vec<_>>()
                .concat();
            expected += &text;
            if !ended {
                text.pop();
            }
            bed.write(&if age == 0 { String::from("mail.log") } else { format!("mail.log.{age}") }, text);
        }
        let archive = Archive::of_log(&bed.log(), now());
        let forwards = one_by_one(&archive.segments(size)).concat();
        prop_assert_eq!(String::from_utf8(forwards).unwrap(), &expected[..]);
        let mut backwards = one_by_one(&archive.newest_first(first, most));
        backwards.reverse();
        prop_assert_eq!(String::from_utf8(backwards.concat()).unwrap(), &expected[..]);
    }

    #[test]
    fn runs_give_every_segment_once_and_to_neighbours(count in 0_usize..200, workers in 1_usize..6, order in proptest::collection::vec(0_usize..6, 0..400)) {
        let runs = fold::Runs::new(count, workers);
        let mut given = Vec::new();
        // First in an arbitrary order of the workers, then until nothing is left.
        for worker in order.into_iter().map(|worker| worker % workers) {
            given.extend(runs.next(worker));
        }
        for worker in 0..workers {
            while let Some(index) = runs.next(worker) {
                given.push(index);
            }
        }
        given.sort_unstable();
        prop_assert_eq!(given, (0..count).collect::<Vec<_>>());
    }
}

/// About 40 MB of numbered lines.
fn long() -> Vec<u8> {
    (0..1_000_000)
        .flat_map(|number| format!("{number:09} some line of the mail log, neither\n").into_bytes())
        .collect()
}

#[test]
fn cores_share_the_work_and_join_few_parts() {
    let bed = Bed::new();
    let text = long();
    bed.write("mail.log", &text);
    let archive = Archive::of_log(&bed.log(), now());
    for workers in 1..5 {
        let whole = whole(&archive, workers);
        assert!(
            whole.fold == text,
            "{workers} workers: the same lines in the same order"
        );
        assert!(whole.remarks.is_empty());
        assert!(
            whole.parts <= 6 && (workers > 1 || whole.parts == 1),
            "{} parts",
            whole.parts
        );
        for progress in archive.progress() {
            assert!(progress.read >= progress.size);
        }
    }
}

#[test]
fn the_newest_come_first_and_soon() {
    let bed = Bed::new();
    let text = long();
    bed.write("mail.log", &text[text.len() / 2..]);
    bed.gzip("mail.log.1.gz", &text[..text.len() / 2]);
    let (folds, remarks) = backwards(&Archive::of_log(&bed.log(), now()));
    assert!(remarks.is_empty());
    assert!(folds[0].len() < 5 << 20, "{} bytes first", folds[0].len());
    assert!(folds.len() > 2);
    let joined: Vec<u8> = folds.into_iter().rev().flatten().collect();
    assert!(joined == text);
}

#[test]
fn who_has_enough_ends_it() {
    let bed = Bed::new();
    bed.write("mail.log", long());
    let archive = Archive::of_log(&bed.log(), now());
    let mut given = 0;
    fold::newest_first(
        &archive,
        2,
        &AtomicBool::new(false),
        || 0,
        |fold, piece| *fold += piece.lines.len(),
        |told| {
            given += usize::from(matches!(told, Told::Fold(_)));
            if given > 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
    );
    assert_eq!(given, 1);
    let stop = AtomicBool::new(true);
    fold::newest_first(
        &archive,
        2,
        &stop,
        || 0,
        |_, _| panic!("stopped"),
        |told| {
            assert!(!matches!(told, Told::Fold(_)), "stopped");
            ControlFlow::Continue(())
        },
    );
    let stopped = fold::whole(
        &archive,
        2,
        &stop,
        || 0,
        |_, _| panic!("stopped"),
        |one, other| one + other,
    );
    assert_eq!(stopped.fold, 0);
}

#[test]
fn every_name_and_packing_is_read_oldest_first() {
    let bed = Bed::new();
    bed.write("mail.log.6.zst", packed("zstd", b"six\n"));
    bed.write("mail.log.5.bz2", packed("bzip2", b"five\n"));
    bed.write("mail.log.4.xz", packed("xz", b"four\n"));
    let members = [gzip(b"three, "), gzip(b"two members\n")].concat();
    bed.write("mail.log.3.gz", members);
    // logrotate is compressing this one.
    bed.write("mail.log.2", "two\n");
    bed.write("mail.log.2.gz", &gzip(b"two\n")[..12]);
    bed.write("mail.log.1", "one");
    bed.write("mail.log", "now\n");
    bed.write("mail.log.bak", "somebody's copy\n");
    bed.write("mail.err", "another log\n");
    let expected = "six\nfive\nfour\nthree, two members\ntwo\none\nnow\n";
    assert_eq!(
        all(&Archive::of_log(&bed.log(), now())),
        (String::from(expected), vec![])
    );
    let (mut folds, _) = backwards(&Archive::of_log(&bed.log(), now()));
    folds.reverse();
    assert_eq!(folds.concat(), expected.as_bytes());
}

#[test]
fn dates_are_an_order_and_other_dates_go_by_modification_time() {
    let dated = Bed::new();
    dated.gzip("mail-20251231.log.gz", b"last year\n");
    dated.write("mail-20261122.log", "before\n");
    dated.write("mail-20261123.log", "yesterday\n");
    dated.write("mail.log", "now\n");
    assert_eq!(
        all(&Archive::of_log(&dated.log(), now())).0,
        "last year\nbefore\nyesterday\nnow\n"
    );
    let odd = Bed::new();
    for (name, days) in [
        ("mail.log-24112026", 3),
        ("mail.log-30102026", 2),
        ("mail.log.7", 1),
    ] {
        odd.write(name, format!("{days}\n"));
        odd.modified(name, days);
    }
    assert_eq!(all(&Archive::of_log(&odd.log(), now())).0, "1\n2\n3\n");
}

#[test]
fn named_files_are_put_in_order_log_by_log() {
    let bed = Bed::new();
    for (name, text) in [
        ("a.log", "a0\n"),
        ("a.log.1", "a1\n"),
        ("a.log.10", "a10\n"),
        ("b.log", "b\n"),
    ] {
        bed.write(name, text);
    }
    bed.gzip("a.log.2.gz", b"a2\n");
    let named = [
        "b.log",
        "a.log",
        "a.log.1",
        "a.log.10",
        "a.log.2.gz",
        "./a.log.1",
    ]
    .map(|name| bed.path(name));
    let (text, remarks) = all(&Archive::of_files(&named, now(), Utc.fix()));
    assert_eq!(text, "b\na10\na2\na1\na0\n");
    assert_eq!(remarks, ["a.log.1: it was named twice; read once"]);
}

#[test]
fn named_logs_are_put_into_the_order_of_time_and_those_without_a_stamp_first() {
    let bed = Bed::new();
    let line = |day: u8| format!("2024-09-{day:02}T10:00:00+00:00 mx postfix/qmgr[1]: {day}\n");
    bed.write("new.log", line(20) + &line(21));
    bed.write("old.log", format!("no stamp\n{}", line(3)));
    bed.gzip("old.log.1.gz", line(1).as_bytes());
    bed.write("middle.log.2.xz", packed("xz", line(10).as_bytes()));
    bed.write("none.log", "no stamp\n");
    let named = [
        "new.log",
        "none.log",
        "middle.log.2.xz",
        "old.log",
        "old.log.1.gz",
    ]
    .map(|name| bed.path(name));
    let wanted = format!(
        "no stamp\n{}no stamp\n{}",
        line(1),
        [3, 10, 20, 21].map(line).concat()
    );
    for archive in [
        Archive::of_files(&named, now(), Utc.fix()),
        Archive::of_files_kept(&named, now(), Utc.fix()),
    ] {
        // Looking for stamps is not progress.
        assert!(archive.progress().iter().all(|one| one.read == 0));
        assert_eq!(all(&archive), (wanted.clone(), vec![]));
    }
}

#[test]
fn what_is_before_the_span_is_skipped_and_no_line_of_it() {
    let bed = Bed::new();
    // A line each ten seconds for four days; every hundredth is a minute late.
    let begin = DateTime::parse_from_rfc3339("2026-11-20T00:00:00Z")
        .unwrap()
        .to_utc();
    let line = |number: i64| {
        let late = if number % 100 == 0 { 60 } else { 0 };
        let stamp = begin + chrono::TimeDelta::seconds(number * 10 - late);
        (
            stamp,
            format!(
                "{} mx postfix/qmgr[1]: 4ABCDEF{number:06}: removed and more text to make it longer\n",
                stamp.format("%Y-%m-%dT%H:%M:%S%:z")
            ),
        )
    };
    let count = 4 * 8640;
    let text = |range: std::ops::Range<i64>| range.map(|number| line(number).1).collect::<String>();
    bed.gzip("mail.log.2.gz", text(0..count / 4).as_bytes());
    bed.write("mail.log.1", text(count / 4..count / 2));
    bed.write("mail.log", text(count / 2..count));
    let day = |day: u64| 20_777 + day;
    bed.modified("mail.log.2.gz", day(1));
    bed.modified("mail.log.1", day(2));
    bed.modified("mail.log", day(4));
    let moment = |hours| begin + chrono::TimeDelta::hours(hours);
    let zone = chrono::FixedOffset::east_opt(0).unwrap();
    for (since, until) in [
        (0, 1),
        (1, 500),
        (20, 22),
        (30, 40),
        (49, 50),
        (60, 90),
        (80, 500),
        (95, 96),
        (200, 500),
    ] {
        let between = Between {
            since: Some(moment(since)),
            until: Some(moment(until)),
        };
        let (given, remarks) = all(&Archive::of_log(&bed.log(), now()).within(between, zone));
        assert!(remarks.is_empty());
        let wanted: Vec<String> = (0..count)
            .map(line)
            .filter(|(stamp, _)| between.holds(*stamp))
            .map(|(_, text)| text)
            .collect();
        let there: std::collections::HashSet<&str> = given.split_inclusive('\n').collect();
        assert_eq!(there.len(), given.lines().count(), "no line twice");
        assert!(
            wanted.iter().all(|line| there.contains(line.as_str())),
            "{since} to {until} h"
        );
        // At both ends two hours of slack, and what the search leaves: 256 KiB.
        let most = wanted.iter().map(String::len).sum::<usize>() + 2 * (730 * 100 + 260 * 1024);
        assert!(
            since < 24 || given.len() <= most,
            "{since} to {until} h: {} bytes",
            given.len()
        );
    }
    // What has no stamp is never skipped.
    bed.write("mail.log", "no stamp\n".repeat(100_000));
    bed.modified("mail.log", day(9));
    let between = Between {
        since: Some(moment(200)),
        until: Some(moment(201)),
    };
    let (given, _) = all(&Archive::of_log(&bed.log(), now()).within(between, zone));
    assert_eq!(given.lines().count(), 100_000);
}
