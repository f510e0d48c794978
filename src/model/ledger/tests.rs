//! The ledger's limits. What it makes of each record is in `tests/scenarios`, and of pieces in the law of joining.

use super::*;

fn queued(ledger: &mut Ledger, instance: &str, id: usize) -> Depth {
    let line = format!(
        "2026-11-24T10:00:00+00:00 mx1 {instance}/qmgr[1]: {id:X}: from=<a@b.example>, size=1, nrcpt=1 (queue active)"
    );
    let anchor = chrono::DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap();
    let calendar = mailtop_parsers::Calendar { anchor };
    let record = mailtop_parsers::parse(line.as_bytes(), &calendar);
    ledger
        .on(&record, HostKey::new(record.host), anchor.to_utc())
        .map(|turn| Depth::one(turn.open))
        .unwrap_or_default()
}

#[test]
fn no_more_messages_are_remembered_than_there_is_room_for() {
    let mut ledger = Ledger::default();
    for id in 0..CAPACITY as u64 - 1 {
        ledger.lives.insert(id, Stack::new(Life::born()));
    }
    let opened: Vec<i64> = (0..3)
        .map(|id| queued(&mut ledger, "postfix", 0x1000_0000 + id).deferred)
        .collect();
    assert_eq!((ledger.lives.len(), ledger.left_out()), (CAPACITY, 2));
    assert_eq!(opened, [1, 0, 0]);
}

#[test]
fn who_wrote_a_record_is_told_as_the_record_tells_it() {
    let tags = [
        "postfix/qmgr",
        "postfix",
        "postfix/submission/smtpd",
        "postfix-out/qmgr",
        "postfixer/postsuper",
        "postfix/postsuper",
        "postsuper",
        "other/postsuper",
        "postfix/notpostsuper",
        "post/fix",
        "",
    ];
    let host = HostKey::new(Some(b"mx1"));
    for tag in tags {
        let record = Record {
            time: None,
            host: None,
            program: tag.as_bytes(),
            pid: None,
            severity: None,
            repeated: 1,
            event: Event::Unrecognized {
                kind: mailtop_parsers::Unrecognized::Foreign,
                text: b"",
            },
        };
        assert_eq!(host.of(&record), host.instance(record.instance()), "{tag}");
        assert_eq!(
            is_postsuper(&record),
            record.daemon() == b"postsuper",
            "{tag}"
        );
    }
}
