//! Who is counted once, though most of his lines are not looked at for that.

use super::*;
use chrono::Offset;

fn fold(lines: &[String]) -> Facts {
    let now = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z").unwrap();
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    facts.lines(lines.concat().as_bytes(), now.to_utc());
    facts
}

/// A message from the one to the other, delivered, or forwarded by local(8).
fn message(id: usize, from: &str, to: &str, size: u32, forwarded: bool) -> String {
    let (daemon, said) = if forwarded {
        (
            "local",
            "relay=local, delay=1, dsn=2.0.0, status=sent (forwarded as 4D1A22FFFF)",
        )
    } else {
        (
            "smtp",
            "relay=mx.dead.example[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 OK)",
        )
    };
    let line = |daemon: &str, text: &str| {
        format!("2026-11-24T10:00:00+00:00 mx1 postfix/{daemon}[1]: {id:010X}: {text}\n")
    };
    [
        line(
            "smtpd",
            "client=c.example[192.0.2.9], sasl_method=PLAIN, sasl_username=u",
        ),
        line(
            "qmgr",
            &format!("from=<{from}>, size={size}, nrcpt=1 (queue active)"),
        ),
        line(daemon, &format!("to=<{to}>, {said}")),
        line("qmgr", "removed"),
    ]
    .concat()
}

#[test]
fn senders_recipients_and_their_domains_are_counted_once() {
    let mut lines = vec![
        message(1, "a@X.example", "r@one.example", 100, false),
        message(2, "a@x.example", "r@ONE.example", 100, false),
        message(3, "A@x.example", "s@one.example", 100, false),
        message(4, "", "t@fwd.example", 100, true),
        message(5, "", "t@fwd.example", 100, true),
        message(6, "b", "z@zero.example", 0, false),
        message(7, "b", "z@zero.example", 0, false),
        message(8, "b", "t@late.example", 100, true),
        message(9, "b", "t@late.example", 100, false),
    ];
    let count = |facts: &Facts| {
        let traffic = &facts.told().traffic;
        let all = [
            &traffic.senders,
            &traffic.sender_domains,
            &traffic.recipients,
            &traffic.recipient_domains,
        ];
        all.map(crate::model::table::Distinct::count)
    };
    let facts = fold(&lines);
    assert_eq!(count(&facts), [4, 3, 4, 3]);
    // Once more, and in front of it.
    let again = fold(&lines);
    lines.extend(lines.clone());
    assert_eq!(count(&fold(&lines)), [4, 3, 4, 3]);
    let mut joined = facts;
    joined.join(again);
    assert_eq!(count(&joined), [4, 3, 4, 3]);
}

/// Where a table is full, its one row for the others says nothing of any of them.
#[test]
fn who_found_no_room_is_counted_all_the_same() {
    let many = crate::model::parties::PARTIES + 3;
    let lines: Vec<String> = (0..many)
        .map(|n| {
            message(
                n + 1,
                &format!("s{n}@d{n}.example"),
                &format!("r@e{n}.example"),
                9,
                false,
            )
        })
        .collect();
    let facts = fold(&lines);
    let (told, many) = (facts.told(), many as u64);
    assert_eq!(
        (
            told.senders.left_out().messages,
            told.destinations.left_out().sent
        ),
        (3, 3)
    );
    let traffic = &told.traffic;
    assert_eq!(
        (traffic.senders.count(), traffic.sender_domains.count()),
        (many, many)
    );
    assert_eq!(
        (
            traffic.recipients.count(),
            traffic.recipient_domains.count()
        ),
        (many, many)
    );
}
