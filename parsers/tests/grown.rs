//! A grown log is the seed again and again: the same lines, later, about other messages.

#[path = "../benches/support/grow.rs"]
mod grow;

use chrono::DateTime;
use mailtop_parsers::{Calendar, Event, Record, parse};
use std::collections::{HashMap, HashSet};
use std::mem::discriminant;

const SEED: &[u8] = include_bytes!("../benches/lab.log");

fn records(log: &[u8]) -> Vec<Record<'_>> {
    let calendar = Calendar {
        anchor: DateTime::UNIX_EPOCH.fixed_offset(),
    };
    let lines = log
        .strip_suffix(b"\n")
        .unwrap_or(log)
        .split(|&byte| byte == b'\n');
    lines.map(|line| parse(line, &calendar)).collect()
}

#[test]
fn copies_are_later_and_about_other_messages() {
    let seed = records(SEED);
    let mut long = Vec::new();
    grow::grow(SEED, 3 * SEED.len() as u64, &mut long).unwrap();
    let grown = records(&long);
    // Ids keep their length and a Message-ID only gets longer, so the third copy reaches the size.
    assert_eq!(grown.len(), 3 * seed.len());

    let (mut renamed, mut ended) = (HashMap::new(), None);
    for (copy, records) in grown.chunks(seed.len()).enumerate() {
        for (old, new) in seed.iter().zip(records) {
            assert_eq!(
                discriminant(&old.event),
                discriminant(&new.event),
                "{new:?}"
            );
            assert_eq!((&old.program, old.pid), (&new.program, new.pid));
            if let (Some(old), Some(new)) = (old.event.queue_id(), new.event.queue_id()) {
                let before = renamed.insert((copy, old), new);
                assert!(
                    before.is_none_or(|before| before == new),
                    "{old} became {before:?} and {new}"
                );
            }
        }
        let times = || records.iter().filter_map(|record| record.time);
        assert!(
            times().min() > ended,
            "copy {copy} begins before the last one ended"
        );
        ended = times().max();
    }
    let ids: HashSet<_> = renamed.values().collect();
    assert_eq!(ids.len(), renamed.len(), "two messages have one id");
    assert!(ids.len() > 300, "{}", ids.len());

    let message_ids: HashSet<_> = grown
        .iter()
        .filter_map(|record| match &record.event {
            Event::Cleanup { message_id, .. } => Some(message_id),
            _ => None,
        })
        .collect();
    assert!(message_ids.len() > 300, "{}", message_ids.len());
}

#[test]
fn both_kinds_of_stamps_and_ids_are_shifted() {
    let seed = b"Jun  5 23:59:59 mail postfix/qmgr[1]: 3pXVnH2HpFz1S9Q: removed\n\
        Jun  6 00:00:09 mail postfix/smtp[2]: ABCDEF1: to=<a@b>, relay=c[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok 3pXVnH2HpFz1S9Q)\n";
    let mut long = Vec::new();
    grow::grow(seed, seed.len() as u64 + 1, &mut long).unwrap();
    let text = String::from_utf8(long).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(
        lines[2].starts_with("Jun  6 00:00:10 mail postfix/qmgr[1]: "),
        "{text}"
    );
    let long_id = lines[2]
        .split_whitespace()
        .nth(5)
        .unwrap()
        .trim_end_matches(':');
    assert_eq!((long_id.len(), &long_id[10..11]), (15, "z"), "{text}");
    assert!(lines[3].ends_with(&format!("ok {long_id})")), "{text}");
}
