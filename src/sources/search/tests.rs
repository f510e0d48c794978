//! Searches in real files: rotated, compressed, cut, stopped; and in memory, with the same answer.

use super::*;
use crate::app::filter::Filter;
use crate::model::span::Between;
use std::io::Write;
use std::path::Path;

/// A requeue across two rotations, with an id that is part of another.
const PARTS: [&str; 3] = [
    "\
2026-11-22T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=Zoe
2026-11-22T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<Odd.1@shop.example>
2026-11-22T10:00:00+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)
2026-11-22T10:00:00+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1F: from=<other@shop.example>, size=6214, nrcpt=1 (queue active)
",
    "\
2026-11-23T10:00:02+00:00 mx1 postfix/lmtp[7]: 4AAAAAAAA1: to=<bob@shop.example>, relay=mx1[private/dovecot-lmtp], delay=86402, delays=86402/0/0/0, dsn=4.2.2, status=deferred (host mx1[private/dovecot-lmtp] said: 452 4.2.2 Quota exceeded (in reply to end of DATA command))
2026-11-23T10:04:00+00:00 mx1 postfix/postsuper[10]: 4AAAAAAAA1: requeued
",
    "\
2026-11-24T10:04:05+00:00 mx1 postfix/pickup[11]: 4CCCCCCCC1: uid=0 from=<news@shop.example> orig_id=4AAAAAAAA1
2026-11-24T10:04:05+00:00 mx1 postfix/cleanup[2]: 4CCCCCCCC1: message-id=<Odd.1@shop.example>
2026-11-24T10:04:06+00:00 mx1 dovecot: lmtp(bob@shop.example)<5478><FdCk>: msgid=<Odd.1@shop.example>: saved mail to INBOX
2026-11-24T10:04:06+00:00 mx1 postfix/lmtp[7]: 4CCCCCCCC1: to=<bob@shop.example>, relay=mx1[private/dovecot-lmtp], delay=245, delays=245/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <bob@shop.example> FdCk Saved)
2026-11-24T10:04:06+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 550 5.1.1 <zoe@shop.example>: Recipient address rejected: User unknown; from=<spam@bad.example> to=<zoe@shop.example> proto=ESMTP helo=<x>
2026-11-24T10:04:07+00:00 mx1 postfix/qmgr[3]: 4CCCCCCCC1: removed
",
];

fn write(directory: &Path) -> PathBuf {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(PARTS[0].as_bytes()).unwrap();
    std::fs::write(directory.join("mail.log.2.gz"), gz.finish().unwrap()).unwrap();
    std::fs::write(directory.join("mail.log.1"), PARTS[1]).unwrap();
    let log = directory.join("mail.log");
    std::fs::write(&log, PARTS[2]).unwrap();
    log
}

fn lives_of(question: Question) -> Search {
    Search {
        what: What::Lives(question),
        between: Between::default(),
    }
}

fn parts(logs: Vec<PathBuf>, search: &Search) -> Vec<Part> {
    let stop = AtomicBool::new(false);
    let mut parts = Vec::new();
    let archives = Logs::Files(logs).archives(Utc::now());
    answer(archives, Utc.fix(), search.clone(), MOST, &stop, |msg| {
        let Msg::Found(found) = msg else {
            panic!("{msg:?}")
        };
        assert_eq!(*found.search, *search);
        parts.push(found.part);
        ControlFlow::Continue(())
    });
    parts
}

fn in_memory(search: &Search) -> Vec<Part> {
    let batch = |(nth, lines): (usize, &&str)| LogBatch {
        source: "mail.log".into(),
        lines: lines.as_bytes().to_vec(),
        anchor: DateTime::from_timestamp(1_795_514_971 + nth as i64, 0).unwrap(),
    };
    let batches: Vec<LogBatch> = PARTS.iter().enumerate().map(batch).collect();
    let part = |msg| match msg {
        Msg::Found(found) => found.part,
        other => panic!("{other:?}"),
    };
    in_batches(&batches, search.clone())
        .into_iter()
        .map(part)
        .collect()
}

/// `id lines` of each message of the last word on it.
fn told(parts: &[Part]) -> Vec<String> {
    let mut lives = parts.iter().filter_map(|part| match part {
        Part::Lives(lives) => Some(lives),
        _ => None,
    });
    let last = lives.next_back().unwrap();
    let name = |id: &Option<Box<str>>| id.as_deref().unwrap_or("NOQUEUE").to_owned();
    let mut told: Vec<String> = last
        .traced
        .messages
        .iter()
        .map(|one| format!("{} {}", name(&one.queue_id), one.events.len()))
        .collect();
    told.sort();
    told
}

#[test]
fn whatever_is_asked_the_whole_life_is_found_across_rotations() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    let both = ["4AAAAAAAA1 5", "4CCCCCCCC1 5"].map(String::from);
    let with_reject = ["4AAAAAAAA1 5", "4CCCCCCCC1 5", "NOQUEUE 1"].map(String::from);
    for (question, wanted) in [
        (Question::QueueId("4AAAAAAAA1".into()), &both[..]),
        (Question::Name("BOB@shop.example".into()), &both),
        (Question::Text("odd.1@shop".into()), &both),
        // An account, and a recipient that was refused.
        (Question::Text("zoe".into()), &with_reject),
        (Question::Text("198.51.100.7".into()), &both),
        (Question::Text("203.0.113.99".into()), &with_reject[2..]),
    ] {
        let search = lives_of(question);
        let parts = parts(vec![log.clone()], &search);
        assert_eq!(told(&parts), wanted, "{search:?}");
        assert_eq!(
            parts.last(),
            Some(&Part::End {
                cut: false,
                unread: Vec::new()
            })
        );
        assert_eq!(told(&in_memory(&search)), wanted, "{search:?}");
    }
}

#[test]
fn what_is_nowhere_has_no_messages_and_an_end() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    let search = lives_of(Question::Text("nobody@nowhere.example".into()));
    let parts = parts(vec![log], &search);
    assert_eq!(told(&parts), Vec::<String>::new());
    assert!(matches!(parts.last(), Some(Part::End { cut: false, .. })));
}

#[test]
fn the_newest_lines_come_first_and_no_more_than_are_kept() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    let line = |nth: usize| {
        format!("2026-11-24T11:00:00.{nth:06}+00:00 mx1 postfix/qmgr[3]: 4CCCCCCCC1: removed\n")
    };
    let many: String = (0..=MOST.lines).map(line).collect();
    std::fs::write(&log, many).unwrap();
    let search = Search {
        what: What::Lines(Filter::default()),
        between: Between::default(),
    };
    let parts = parts(vec![log], &search);
    let Part::Lines { batch, of } = parts
        .iter()
        .find(|part| matches!(part, Part::Lines { .. }))
        .unwrap()
    else {
        panic!("{parts:?}")
    };
    assert!(batch.lines.ends_with(line(MOST.lines).as_bytes()));
    assert_eq!(
        (*of, memchr::memchr_iter(b'\n', &batch.lines).count()),
        (MOST.lines as u64 + 1, MOST.lines)
    );
    assert!(matches!(parts.last(), Some(Part::End { cut: true, .. })));
}

/// Longer than two segments, and than any piece of one.
#[test]
fn the_lines_of_a_life_are_in_order_and_no_more_than_are_wanted() {
    let line = |nth: usize| {
        let id = if nth.is_multiple_of(10) {
            "4CCCCCCCC1"
        } else {
            "4DDDDDDDD1"
        };
        let filler = "x".repeat(100);
        format!(
            "2026-11-24T11:00:00.{nth:06}+00:00 mx1 postfix/smtp[3]: {id}: host said: {filler} ({nth})\n"
        )
    };
    let count = 60_000;
    let text: String = (0..count).map(line).collect();
    let directory = tempfile::tempdir().unwrap();
    let (plain, packed) = (
        directory.path().join("a.log"),
        directory.path().join("b.log"),
    );
    std::fs::write(&plain, &text).unwrap();
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(text.as_bytes()).unwrap();
    std::fs::write(&packed, gz.finish().unwrap()).unwrap();
    for (file, lines, wanted) in [
        (&plain, usize::MAX, count / 10..=count / 10),
        // Whole segments are given, of a packed file its newest lines.
        (&plain, 1_000, 1_000..=count / 10 - 1),
        (&packed, 1_000, 1_000..=1_000),
    ] {
        let most = Most {
            lines,
            bytes: usize::MAX,
        };
        let archive = Archive::of_files_kept(std::slice::from_ref(file), Utc::now(), Utc.fix());
        let mut found = (Arc::default(), false);
        let search = lives_of(Question::QueueId("4CCCCCCCC1".into()));
        let (archives, stop) = (vec![(file.clone(), archive)], AtomicBool::new(false));
        answer(archives, Utc.fix(), search, most, &stop, |msg| {
            match msg {
                Msg::Found(Found {
                    part: Part::Lives(lives),
                    ..
                }) => found.0 = lives,
                Msg::Found(Found {
                    part: Part::End { cut, .. },
                    ..
                }) => found.1 = cut,
                _ => {}
            }
            ControlFlow::Continue(())
        });
        let (lives, cut) = found;
        assert!(
            wanted.contains(&lives.lines.len()),
            "{file:?}: {} lines",
            lives.lines.len()
        );
        assert_eq!(cut, lives.lines.len() < count / 10);
        let first = count - 10 * lives.lines.len();
        for (line_found, nth) in lives.lines.iter().zip((first..).step_by(10)) {
            assert_eq!(
                String::from_utf8_lossy(&line_found.text),
                line(nth).trim_end()
            );
        }
    }
}

#[test]
fn only_lines_that_the_filter_lets_through_and_how_many_were_looked_at() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    for (filter, wanted) in [
        ("status:deferred prog:lmtp", 1),
        ("-status:deferred prog:postfix/lmtp", 1),
        ("domain:shop.example", 3),
        ("user:zoe", 1),
        ("qid:4AAAAAAAA1*", 7),
        ("qid:4AAAAAAAA1", 6),
        ("/4[AC]{8}1:/", 9),
        ("nothing", 0),
    ] {
        let search = Search {
            what: What::Lines(Filter::new(filter).unwrap()),
            between: Between::default(),
        };
        for parts in [parts(vec![log.clone()], &search), in_memory(&search)] {
            let (mut lines, mut looked) = (0, 0);
            for part in &parts {
                if let Part::Lines { batch, of } = part {
                    lines += memchr::memchr_iter(b'\n', &batch.lines).count();
                    looked += of;
                }
            }
            assert_eq!((lines, looked), (wanted, 12), "{filter}");
        }
    }
}

#[test]
fn a_span_leaves_out_what_was_logged_outside_of_it() {
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    let search = Search {
        what: What::Lines(Filter::default()),
        between: Between {
            since: Some(at("2026-11-23T10:00:02Z")),
            until: Some(at("2026-11-24T10:04:06Z")),
        },
    };
    for parts in [parts(vec![log], &search), in_memory(&search)] {
        let lines: usize = parts
            .iter()
            .map(|part| match part {
                Part::Lines { batch, .. } => memchr::memchr_iter(b'\n', &batch.lines).count(),
                _ => 0,
            })
            .sum();
        assert_eq!(lines, 4, "{parts:?}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    std::fs::write(
        directory.path().join("mail.log.2.gz"),
        b"\x1f\x8b\x08\0broken",
    )
    .unwrap();
    let search = lives_of(Question::QueueId("4CCCCCCCC1".into()));
    let parts = parts(vec![log], &search);
    let Some(Part::End { unread, .. }) = parts.last() else {
        panic!("{parts:?}")
    };
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert!(unread[0].as_str().contains("mail.log.2.gz"), "{unread:?}");
}

#[test]
fn no_password_is_given() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("mail.log");
    let line =
        "2026-11-24T10:00:00+00:00 mx1 dovecot: auth: 4CCCCCCCC1 x (given password: hunter2)\n";
    std::fs::write(&log, line).unwrap();
    for what in [
        What::Lives(Question::Text("4CCCCCCCC1 x".into())),
        What::Lines(Filter::default()),
    ] {
        let between = Between::default();
        let parts = parts(vec![log.clone()], &Search { what, between });
        let mut bytes = Vec::new();
        for part in &parts {
            match part {
                Part::Lines { batch, .. } => bytes.extend_from_slice(&batch.lines),
                Part::Lives(lives) => lives
                    .lines
                    .iter()
                    .for_each(|line| bytes.extend_from_slice(&line.text)),
                _ => {}
            }
        }
        let text = String::from_utf8(bytes).unwrap();
        assert!(
            text.contains("given password") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn a_dropped_search_comes_to_no_end() {
    let directory = tempfile::tempdir().unwrap();
    let log = write(directory.path());
    let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
    let search = lives_of(Question::QueueId("4AAAAAAAA1".into()));
    let running = spawn(
        Logs::Files(vec![log.clone()]),
        Utc.fix(),
        search.clone(),
        sender,
    )
    .unwrap();
    drop(running);
    while let Some(msg) = receiver.blocking_recv() {
        let ends = matches!(
            msg,
            Msg::Found(Found {
                part: Part::End { .. },
                ..
            })
        );
        // It may have been over before it was dropped, but for the last part: the road holds one.
        assert!(!ends, "{msg:?}");
    }
    let (sender, mut receiver) = tokio::sync::mpsc::channel(64);
    let _running = spawn(Logs::Files(vec![log]), Utc.fix(), search, sender).unwrap();
    let mut last = None;
    while let Some(msg) = receiver.blocking_recv() {
        last = Some(msg);
    }
    assert!(matches!(
        last,
        Some(Msg::Found(Found {
            part: Part::End { .. },
            ..
        }))
    ));
}
