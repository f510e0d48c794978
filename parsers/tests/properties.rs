//! Properties: parsing is total, and what Postfix writes is read back whatever strangers put into it.
#![expect(
    clippy::unwrap_used,
    reason = "a test says no by panicking, also outside of the test function"
)]

use chrono::{DateTime, FixedOffset, TimeDelta};
use mailtop_parsers::envelope::{Recent, begin};
use mailtop_parsers::record::{Delays, Delivery, Peer, Relay, Verdict};
use mailtop_parsers::{
    Calendar, EnhancedStatus, Event, QueueEntry, QueueId, QueueName, QueuedRecipient, Status,
};
use mailtop_parsers::{parse, postqueue};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::path::Path;

fn anchor() -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00").unwrap()
}

fn calendar() -> Calendar {
    Calendar { anchor: anchor() }
}

/// All lines of the corpus.
fn corpus() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut logs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
        .collect();
    logs.sort();
    logs.iter()
        .flat_map(|path| {
            let log = std::fs::read(path).unwrap();
            log.split(|&byte| byte == b'\n')
                .map(<[u8]>::to_vec)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// Starts of lines that are alike, so that a memory of the last one is asked and must not lie.
fn alike() -> impl Strategy<Value = Vec<u8>> {
    let stamp = prop_oneof![
        (
            prop::sample::select(vec![
                "2026-06-05T14:09",
                "2026-06-05t14:10",
                "2026-06-05 14:09",
                "2026-12-31T23:59",
                "2026-02-30T14:09"
            ]),
            prop::sample::select(vec![":36", ":59", ":60", ":61", ":6", ":3x"]),
            prop::sample::select(vec!["", ".75", ".750604", ",123456789123", "."]),
            prop::sample::select(vec![
                "+02:00", "-02:00", "+0200", "Z", "", "+02:0", "+99:00", "-00:30"
            ]),
        )
            .prop_map(|(minute, second, fraction, zone)| format!(
                "{minute}{second}{fraction}{zone}"
            )),
        prop::sample::select(vec![
            "Jun  5 14:09:36",
            "Jun 5 14:09:36",
            "Jun 05 14:09:36",
            "Jun 15 14:09:36",
            "Jun  5 14:09:36.5",
            "Jun  5 14:09:60",
            "Jun  5 14:09:3x",
        ])
        .prop_map(String::from),
    ];
    let rest = prop::sample::select(vec![
        " mail postfix/qmgr[12]: 4D1A22001F: removed",
        "  mail  postfix/qmgr[12]: 4D1A22001F: removed",
        " mail2 postfix/qmgr[12]: 4D1A22001F: removed",
        " mail postfix/qmgr[12]:  4D1A22001F: removed",
        " mail postfix/qmgr[12]:4D1A22001F: removed",
        " mail postfix/qmgr[12]:",
        " mail postfix/qmgr[12]",
        " mail postfix/qmgr[123]: 4D1A22001F: removed",
        " mail postfix/qmgr[9999999999]: 4D1A22001F: removed",
        " mail postfix/qmgr[]: 4D1A22001F: removed",
        " mail other/postfix/qmgr[12]: 4D1A22001F: removed",
        " mail postfix/qmgr: 4D1A22001F: removed",
        " mail dovecot: imap(bob)<1><x>: Disconnected: x",
        " mail dovecot: auth: Debug: x",
        " mail dovecot[12]: auth: Debug: x",
        " mail kernel: dovecot: x",
        " mail",
        " mail:",
        " mail: x",
        " INFO postfix/qmgr[12]: 4D1A22001F: removed",
        " Jun  5 14:09:37 mail postfix/qmgr[12]: 4D1A22001F: removed",
        " 2026-06-05T14:09:37+02:00 mail postfix/qmgr[12]: 4D1A22001F: removed",
        " Jun postfix/qmgr[12]: 4D1A22001F: removed",
        " 2026-06-05 postfix/qmgr[12]: 4D1A22001F: removed",
        " 2026-06-05 14:09:37 mail postfix/qmgr[12]: 4D1A22001F: removed",
        " 2026-06-05T14:09:37+02:00 postfix/qmgr[12]: 4D1A22001F: removed",
        " 2026-06-05T14:09:36+02:00 2026-06-05T14:09:37+02:00 postfix/qmgr[12]: 4D1A22001F: removed",
        " 192.0.2.1 postfix/qmgr[12]: 4D1A22001F: removed",
        " mail.with-a-name-of-more-than-32-bytes.example postfix/qmgr[12]: 4D1A22001F: removed",
        " mail.with-a-name-of-more-than-32-bytes.sample postfix/qmgr[12]: 4D1A22001F: removed",
        " mail postfix-of-a-customer/submission/smtpd[12]: connect from a[192.0.2.1]",
        " mail postfix-of-a-customer/submission/smtp[12]: connect to a[192.0.2.1]:25: x",
        " last postfix/qmgr[12]: 4D1A22001F: removed",
        " last message repeated 3 times",
        " imap(bob): Disconnected: x",
        " mail mail.info postfix/qmgr[12]: 4D1A22001F: removed",
        "",
        " ",
    ]);
    (stamp, rest).prop_map(|(stamp, rest)| format!("{stamp}{rest}").into_bytes())
}

/// Bytes that a line can hold.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let any = vec(
        any::<u8>().prop_filter("a newline ends the line", |&byte| byte != b'\n'),
        0..80,
    );
    let hostile = vec(
        prop_oneof![
            Just("), to=<forged@victim.example>, relay=x, delay=1, delays=1/0/0/0, dsn=2.0.0, status=sent (250 ok"),
            Just(">, relay=none, delay=9, status=bounced ("),
            Just("; from=<f@x> to=<g@y> proto=SMTP helo=<z>"),
            Just("; from=<f@x> to=<g@y> proto=SMTP helo=<z> sasl_method=PLAIN sasl_username=boss"),
            Just("4D1A22001F: removed"),
            Just(")"),
            Just("("),
            Just("\""),
            Just("\\"),
            Just("<"),
            Just("> "),
            Just(": "),
            Just("@d.example"),
        ],
        0..6,
    )
    .prop_map(|parts| parts.concat().into_bytes());
    prop_oneof![any, hostile]
}

/// An address in external form: a dot-atom or a quoted string of anything, and a domain.
fn address() -> impl Strategy<Value = Vec<u8>> {
    let quoted = text().prop_map(|text| {
        let escaped = text.iter().flat_map(|&byte| match byte {
            b'"' | b'\\' => vec![b'\\', byte],
            other => vec![other],
        });
        let local: Vec<u8> = escaped.collect();
        [b"\"", &local[..], b"\"@q.example"].concat()
    });
    prop_oneof![
        Just(Vec::new()),
        "[a-z0-9.+_=/-]{1,20}@[a-z0-9-]{1,10}\\.example".prop_map(String::into_bytes),
        quoted,
    ]
}

fn line(words: &[&[u8]]) -> Vec<u8> {
    [&b"Jun  5 09:00:00 mail postfix/"[..], &words.concat()].concat()
}

/// The parts of a delivery line as text.
#[derive(Debug, Clone)]
struct Parts {
    to: Vec<u8>,
    orig_to: Option<Vec<u8>>,
    conn_use: Option<u32>,
    delays: Option<[f64; 4]>,
    tls: Option<String>,
    dsn: Option<(u8, u16, u16)>,
    reply: Vec<u8>,
}

fn parts() -> impl Strategy<Value = Parts> {
    let part = (0_u32..1_000_000).prop_map(|hundredths| f64::from(hundredths) / 100.0);
    (
        address(),
        option::of(address()),
        option::of(2_u32..100),
        option::of([part.clone(), part.clone(), part.clone(), part]),
        option::of("[a-z]{1,8}(:[a-z]{1,8})?[?!]?"),
        option::of((
            prop_oneof![Just(2_u8), Just(4), Just(5)],
            0_u16..1000,
            0_u16..1000,
        )),
        text(),
    )
        .prop_map(|(to, orig_to, conn_use, delays, tls, dsn, reply)| Parts {
            to,
            orig_to,
            conn_use,
            delays,
            tls,
            dsn,
            reply,
        })
}

/// Writes the line as `global/log_adhoc.c` does.
fn written(parts: &Parts) -> Vec<u8> {
    let mut words: Vec<Vec<u8>> = vec![
        b"smtp[12]: 4D1A22001F: to=<".to_vec(),
        parts.to.clone(),
        b">".to_vec(),
    ];
    if let Some(orig_to) = &parts.orig_to {
        words.extend([b", orig_to=<".to_vec(), orig_to.clone(), b">".to_vec()]);
    }
    words.push(b", relay=mx.example[192.0.2.25]:25".to_vec());
    words.extend(
        parts
            .conn_use
            .map(|times| format!(", conn_use={times}").into_bytes()),
    );
    words.push(b", delay=1.5".to_vec());
    words.extend(
        parts
            .delays
            .map(|[a, b, c, d]| format!(", delays={a}/{b}/{c}/{d}").into_bytes()),
    );
    words.extend(
        parts
            .tls
            .as_ref()
            .map(|tls| format!(", tls={tls}").into_bytes()),
    );
    words.extend(
        parts.dsn.map(|(class, subject, detail)| {
            format!(", dsn={class}.{subject}.{detail}").into_bytes()
        }),
    );
    words.extend([
        b", status=deferred (".to_vec(),
        parts.reply.clone(),
        b")".to_vec(),
    ]);
    let words: Vec<&[u8]> = words.iter().map(Vec::as_slice).collect();
    line(&words)
}

fn expected(parts: &Parts) -> Delivery<'_> {
    Delivery {
        queue_id: QueueId::new(b"4D1A22001F").unwrap(),
        to: &parts.to,
        orig_to: parts.orig_to.as_deref(),
        relay: Relay::Host(Peer {
            host: b"mx.example",
            ip: b"192.0.2.25",
            port: Some(25),
        }),
        conn_use: parts.conn_use,
        delay: 1.5,
        delays: parts
            .delays
            .map(|[before_qmgr, qmgr, conn_setup, transmission]| Delays {
                before_qmgr,
                qmgr,
                conn_setup,
                transmission,
            }),
        tls: parts.tls.as_deref().map(str::as_bytes),
        dsn: parts.dsn.map(|(class, subject, detail)| EnhancedStatus {
            class,
            subject,
            detail,
        }),
        status: Status::Deferred,
        reply: &parts.reply,
    }
}

fn queue_entry() -> impl Strategy<Value = QueueEntry> {
    let recipient = (
        option::of(any::<String>()),
        any::<String>(),
        option::of(any::<String>()),
        option::of(any::<String>()),
        option::of(any::<String>()),
    )
        .prop_map(
            |(orig_address, address, delay_reason, bounce_reason, other_reason)| QueuedRecipient {
                orig_address,
                address,
                delay_reason,
                bounce_reason,
                other_reason,
            },
        );
    let queue = prop_oneof![
        Just(QueueName::Maildrop),
        Just(QueueName::Incoming),
        Just(QueueName::Active),
        Just(QueueName::Deferred),
        Just(QueueName::Hold)
    ];
    (
        queue,
        "[0-9A-F]{9,12}",
        any::<i64>(),
        any::<i64>(),
        any::<bool>(),
        any::<String>(),
        vec(recipient, 0..4),
    )
        .prop_map(
            |(
                queue_name,
                queue_id,
                arrival_time,
                message_size,
                forced_expire,
                sender,
                recipients,
            )| QueueEntry {
                queue_name,
                queue_id,
                arrival_time,
                message_size,
                forced_expire,
                sender,
                recipients,
            },
        )
}

proptest! {
    #[test]
    fn a_line_of_the_corpus_reads_the_same_whatever_was_read_before(lines in vec(prop::sample::select(corpus()), 1..200)) {
        let mut recent = Recent::default();
        for line in &lines {
            prop_assert_eq!(begin(line, &calendar(), Some(&mut recent)).record(), parse(line, &calendar()));
        }
    }

    #[test]
    fn a_line_reads_the_same_whatever_was_read_before(lines in vec(prop_oneof![9 => alike(), 1 => text()], 1..30)) {
        let others = [calendar(), Calendar { anchor: anchor() - TimeDelta::days(300) }];
        let mut recent = Recent::default();
        for (number, line) in lines.iter().enumerate() {
            let calendar = &others[usize::from(number % 7 == 6)];
            let begun = begin(line, calendar, Some(&mut recent));
            prop_assert_eq!(begun.second(), begun.time().map(|time| time.timestamp()));
            prop_assert_eq!(begun.record(), parse(line, calendar));
        }
    }

    #[test]
    fn a_visit_is_told_by_its_beginning(lines in vec(prop_oneof![prop::sample::select(corpus()), alike()], 1..50)) {
        let mut recent = Recent::default();
        for line in &lines {
            let begun = begin(line, &calendar(), Some(&mut recent));
            let record = begun.record();
            prop_assert_eq!((begun.time(), begun.host()), (record.time, record.host));
            let visit = matches!(record.event, Event::Connect { .. } | Event::Disconnect { .. });
            let unknown = matches!(record.event, Event::Unrecognized { .. });
            // What was folded is read as a whole.
            if record.daemon() == b"smtpd" && record.repeated == 1 && record.severity.is_none() {
                prop_assert!(begun.is_visit() == visit || unknown, "{}", line.escape_ascii());
            } else {
                prop_assert!(!begun.is_visit(), "{}", line.escape_ascii());
            }
        }
    }

    #[test]
    fn any_bytes_give_a_record(bytes in vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, &calendar());
        let _ = postqueue::parse(&bytes);
    }

    #[test]
    fn any_text_of_a_known_daemon_gives_a_record_with_its_head(
        daemon in prop_oneof![
            Just("smtpd"), Just("smtp"), Just("cleanup"), Just("qmgr"), Just("pickup"), Just("bounce"), Just("postsuper"),
        ],
        start in prop_oneof![
            Just(""), Just("4D1A22001F: "), Just("NOQUEUE: "), Just("warning: "), Just("4D1A22001F: to=<"),
            Just("4D1A22001F: from=<"), Just("4D1A22001F: client="), Just("NOQUEUE: reject: RCPT from a[b]: "),
            Just("4D1A22001F: reject: header "), Just("connect from "), Just("4D1A22001F: uid=1 from=<"),
        ],
        text in text(),
    ) {
        let line = line(&[daemon.as_bytes(), b"[12]: ", start.as_bytes(), &text]);
        let record = parse(&line, &calendar());
        prop_assert_eq!(record.daemon(), daemon.as_bytes());
        prop_assert_eq!(record.pid, Some(12));
        prop_assert!(record.time.is_some());
    }

    #[test]
    fn any_text_of_dovecot_gives_a_record(
        start in prop_oneof![
            Just(""), Just("imap-login: Login: user=<"), Just("imap-login: Disconnected (auth failed, 1 attempts): user=<"),
            Just("lmtp(u)<1><s>: msgid="), Just("lmtp(1, u): s: sieve: msgid="), Just("imap("), Just("imap(u)<"),
        ],
        text in text(),
    ) {
        let line = [&b"Jun  5 09:00:00 mail dovecot: "[..], start.as_bytes(), &text].concat();
        prop_assert_eq!(parse(&line, &calendar()).program, b"dovecot");
    }

    #[test]
    fn deliveries_are_read_back(parts in parts()) {
        let line = written(&parts);
        let record = parse(&line, &calendar());
        prop_assert_eq!(record.event, Event::Delivery(expected(&parts)));
    }

    #[test]
    fn a_remote_reply_without_recipient_is_never_a_delivery(reply in text()) {
        let line = line(&[b"smtp[12]: 4D1A22001F: host mx.example[192.0.2.25] said: ", &reply]);
        let record = parse(&line, &calendar());
        prop_assert!(matches!(record.event, Event::Interim { .. }), "{:?}", record.event);
    }

    #[test]
    fn rejects_are_read_back(from in address(), to in address(), helo in "[ -~]{0,30}") {
        let line = line(&[
            b"smtpd[12]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 <", &to, b">: User unknown; from=<",
            &from, b"> to=<", &to, b"> proto=ESMTP helo=<", helo.as_bytes(), b">",
        ]);
        let record = parse(&line, &calendar());
        let Event::Verdict(Verdict { from: read_from, to: read_to, helo: read_helo, client, .. }) = record.event else {
            panic!("{:?}", record.event);
        };
        prop_assert_eq!(client.ip, b"192.0.2.9");
        prop_assert_eq!(read_from, Some(&from[..]));
        prop_assert_eq!(read_to, Some(&to[..]));
        prop_assert_eq!(read_helo, Some(helo.as_bytes()));
    }

    #[test]
    fn senders_are_read_back(from in address(), size in any::<u64>()) {
        let size_text = size.to_string();
        let line = line(&[b"qmgr[12]: 4D1A22001F: from=<", &from, b">, size=", size_text.as_bytes(), b", nrcpt=1 (queue active)"]);
        let queue_id = QueueId::new(b"4D1A22001F").unwrap();
        prop_assert_eq!(parse(&line, &calendar()).event, Event::Queued { queue_id, from: &from, size, nrcpt: 1 });
    }

    #[test]
    fn a_message_id_is_only_a_message_id(id in text()) {
        let line = line(&[b"cleanup[12]: 4D1A22001F: message-id=", &id]);
        let event = parse(&line, &calendar()).event;
        prop_assert!(matches!(event, Event::Cleanup { .. }), "{:?}", event);
    }

    #[test]
    fn cut_and_bent_corpus_lines_give_records(index in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let corpus = corpus();
        let mut line = index.get(&corpus).clone();
        if !line.is_empty() {
            let at = cut.index(line.len());
            let _ = parse(&line[..at], &calendar());
            line[at] = byte;
            let _ = parse(&line, &calendar());
        }
    }

    #[test]
    fn entries_are_read_back(entry in queue_entry()) {
        let line = serde_json::to_vec(&entry).unwrap();
        prop_assert_eq!(postqueue::parse(&line), Ok(entry));
    }

    #[test]
    fn a_broken_byte_in_a_listing_breaks_only_its_text(before in "[ -!#-\\[\\]-~]{0,10}", byte in any::<u8>()) {
        prop_assume!(byte != b'"' && byte != b'\\' && byte != b'\n');
        let line = [
            br#"{"queue_name": "active", "queue_id": "4D1A22001F", "arrival_time": 1, "message_size": 2, "sender": ""#,
            before.as_bytes(),
            &[byte],
            br#"", "recipients": []}"#,
        ]
        .concat();
        let entry = postqueue::parse(&line);
        prop_assert_eq!(entry.as_ref().map(|entry| entry.sender.starts_with(&before)), Ok(true), "{:?}", entry);
    }

    #[test]
    fn a_year_of_stamps_without_year_is_placed(seconds in 0_i64..364 * 86_400, anchor in 0_i64..4_000_000_000) {
        let anchor = DateTime::from_timestamp(anchor, 0).unwrap().fixed_offset();
        let moment = anchor - TimeDelta::seconds(seconds);
        for pattern in ["%b %e %H:%M:%S", "%b %d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%dT%H:%M:%S.%6fZ"] {
            let line = format!("{} mail postfix/qmgr[12]: 4D1A22001F: removed", moment.format(pattern));
            prop_assert_eq!(parse(line.as_bytes(), &Calendar { anchor }).time, Some(moment), "{}", line);
        }
    }
}

#[test]
fn dirt_at_both_ends_changes_no_record() {
    for line in corpus() {
        let dirty = [b"\0\0", &line[..], b"\r"].concat();
        assert_eq!(parse(&dirty, &calendar()), parse(&line, &calendar()));
    }
}

#[test]
fn a_name_is_read_twice_and_both_are_kept() {
    // The same short id for two messages: nothing here remembers the first.
    let first = line(&[b"qmgr[12]: 4D1A22001F: removed"]);
    let second = line(&[b"smtpd[12]: 4D1A22001F: client=mx.example[192.0.2.1]"]);
    let ids = [&first, &second].map(|line| {
        parse(line, &calendar())
            .event
            .queue_id()
            .map(|id| id.to_string())
    });
    assert_eq!(ids, [Some("4D1A22001F".into()), Some("4D1A22001F".into())]);
}
