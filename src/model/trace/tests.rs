//! What is found out about messages from lines as they are really written, and from lines that were written to deceive.

use super::*;
use proptest::prelude::*;

mod deceit;
mod relations;

pub(super) fn lines(text: &str) -> Vec<LogLine> {
    let anchor = DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap();
    let line = |line: &str| LogLine {
        text: line.as_bytes().into(),
        anchor,
    };
    text.lines().map(line).collect()
}

pub(super) fn traced(question: &str, text: &str) -> Traced {
    trace(&Question::new(question).unwrap(), &lines(text))
}

/// Each message as `id fate events`, and each tie as `id kind id`.
pub(super) fn told(traced: &Traced) -> Vec<String> {
    let name = |message: &Message| message.queue_id.as_deref().unwrap_or("-").to_owned();
    let mut told = Vec::new();
    for message in &traced.messages {
        let fate = message.fate().as_str();
        told.push(format!("{} {fate} {}", name(message), message.events.len()));
        for tie in message.related.iter().filter(|tie| !tie.came_of) {
            let kind = match &tie.kind {
                Kind::Notification { whom, about } => [&**about, b" to ", whom]
                    .concat()
                    .escape_ascii()
                    .to_string(),
                kind => format!("{kind:?}"),
            };
            told.push(format!("  {kind}: {}", name(&traced.messages[tie.message])));
        }
    }
    told
}

pub(super) fn wanted(traced: &Traced) -> Vec<String> {
    let wanted = traced.wanted.iter();
    wanted.map(|text| text.escape_ascii().to_string()).collect()
}

pub(super) const DEFERRED: &str = "\
2026-11-24T10:00:00.1+00:00 mx1 postfix/submission/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=news@shop.example
2026-11-24T10:00:00.2+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@shop.example>
2026-11-24T10:00:00.3+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:00:00.4+00:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command)
2026-11-24T10:00:00.5+00:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=mta7.am0.yahoodns.net[203.0.113.6]:25, delay=0.4, delays=0.1/0/0.2/0.1, dsn=4.7.0, status=deferred (host mta7.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))
2026-11-24T10:00:00.6+00:00 mx1 postfix/smtp[5]: 4AAAAAAAA1: to=<bob@gmail.com>, orig_to=<bob@shop.example>, relay=gmail-smtp-in.l.google.com[203.0.113.9]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 OK 1 - gsmtp)
2026-11-24T10:05:00.3+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:05:00.9+00:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=mta6.am0.yahoodns.net[203.0.113.5]:25, delay=300, delays=300/0/0.2/0.1, dsn=2.0.0, status=sent (250 ok dirdel)
2026-11-24T10:05:01.0+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
";

#[test]
fn a_question_is_a_queue_id_or_a_name() {
    let id = |text: &str| Question::QueueId(text.into());
    let name = |text: &str| Question::Name(text.into());
    for (text, question) in [
        ("4D1A22001F", id("4D1A22001F")),
        (" 4bXYtz0zyTzNKqj\n", id("4bXYtz0zyTzNKqj")),
        ("<4D1A22001F>", name("4D1A22001F")),
        ("<1@x.example>", name("1@x.example")),
        ("ann@x.example", name("ann@x.example")),
        ("root", name("root")),
    ] {
        assert_eq!(Question::new(text), Ok(question), "{text}");
    }
    for text in ["", " ", "<>", "a\nb", "\x1b[2J"] {
        assert!(Question::new(text).is_err(), "{text:?}");
    }
}

#[test]
fn deferral_retry_and_delivery_are_one_life() {
    let traced = traced("4AAAAAAAA1", DEFERRED);
    assert_eq!(told(&traced), ["4AAAAAAAA1 sent 9"]);
    let message = &traced.messages[0];
    assert!(message.born);
    assert_eq!(
        (message.size, message.from.as_deref()),
        (Some(6214), Some(&b"news@shop.example"[..]))
    );
    let source = message.source.as_ref().unwrap();
    assert_eq!(
        source.sasl_username.as_deref(),
        Some(&b"news@shop.example"[..])
    );
    let outcomes: Vec<_> = message
        .recipients
        .iter()
        .map(|one| (&*one.to, one.attempts, one.dsn.as_deref()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&b"ann@yahoo.com"[..], 2, Some("2.0.0")),
            (b"bob@gmail.com", 1, Some("2.0.0"))
        ]
    );
    let span = message.ended.unwrap() - message.first.unwrap();
    assert_eq!(span.num_milliseconds(), 300_900);
    assert_eq!(wanted(&traced), ["4AAAAAAAA1", "id=<1@shop.example>"]);
}

#[test]
fn every_name_of_a_message_finds_it() {
    for question in [
        "ann@yahoo.com",
        "ANN@Yahoo.COM",
        "bob@gmail.com",
        "bob@shop.example",
        "news@shop.example",
        "<1@shop.example>",
    ] {
        assert_eq!(
            told(&traced(question, DEFERRED)),
            ["4AAAAAAAA1 sent 9"],
            "{question}"
        );
    }
    for question in [
        "yahoo.com",
        "nn@yahoo.com",
        "ann@yahoo.co",
        "<2@shop.example>",
        "4AAAAAAAA2",
    ] {
        assert!(traced(question, DEFERRED).messages.is_empty(), "{question}");
    }
}

#[test]
fn the_fate_is_what_the_last_lines_say() {
    let line = |n: usize| DEFERRED.lines().nth(n).unwrap();
    let fate = |log: &[&str]| traced("4AAAAAAAA1", &log.join("\n")).messages[0].fate();
    let (client, cleanup, active, deferred, sent) = (line(0), line(1), line(2), line(4), line(5));
    assert_eq!(fate(&[client, cleanup]), Fate::Incoming);
    assert_eq!(fate(&[client, cleanup, active]), Fate::Active);
    assert_eq!(fate(&[client, cleanup, active, sent]), Fate::Active);
    assert_eq!(fate(&[client, cleanup, active, deferred]), Fate::Deferred);
    assert_eq!(fate(&[active]), Fate::Active);
    assert_eq!(fate(&[sent, line(8)]), Fate::Sent);
    assert_eq!(fate(&[line(8)]), Fate::Gone);
    let say = |text: &str| format!("2026-11-24T10:06:00+00:00 mx1 postfix/{text}");
    let hold = say("postsuper[9]: 4AAAAAAAA1: placed on hold");
    let release = say("postsuper[9]: 4AAAAAAAA1: released from hold");
    let delete = say("postsuper[9]: 4AAAAAAAA1: removed");
    let bounced = deferred.replace("status=deferred", "status=bounced");
    let expired =
        say("qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, status=expired, returned to sender");
    let log = [client, cleanup, active, deferred];
    let with = |more: &[&str]| fate(&[&log[..], more].concat());
    assert_eq!(with(&[&hold]), Fate::Hold);
    assert_eq!(with(&[&hold, &release]), Fate::Deferred);
    assert_eq!(with(&[&delete]), Fate::Deleted);
    assert_eq!(with(&[&expired, line(8)]), Fate::Expired);
    assert_eq!(with(&[&bounced, line(8)]), Fate::Bounced);
    assert_eq!(with(&[&bounced, sent, line(8)]), Fate::SentInPart);
    let milter = "2026-11-24T10:00:00.2+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: milter-reject: END-OF-MESSAGE from app2[198.51.100.7]: 5.7.1 Spam; from=<news@shop.example> to=<ann@yahoo.com> proto=ESMTP helo=<x>";
    assert_eq!(fate(&[client, cleanup, milter]), Fate::Rejected);
}

#[test]
fn an_id_that_is_used_again_is_another_message() {
    // Seconds later, and for a bounce, which begins with cleanup's line.
    let again = "\
2026-11-24T10:05:01.5+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<2@mx1>
2026-11-24T10:05:01.6+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<>, size=99, nrcpt=1 (queue active)
2026-11-24T10:05:01.7+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
2026-11-24T10:05:01.8+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:05:01.9+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<3@shop.example>
";
    let log = format!("{DEFERRED}{again}");
    let all = [
        "4AAAAAAAA1 sent 9",
        "4AAAAAAAA1 gone 3",
        "4AAAAAAAA1 incoming 2",
    ];
    assert_eq!(told(&traced("4AAAAAAAA1", &log)), all);
    assert_eq!(told(&traced("<3@shop.example>", &log)), all[2..]);
    // The end of the first was lost: a new birth tells.
    let lost: String = log
        .lines()
        .filter(|line| !line.contains("5:01.0"))
        .map(|line| format!("{line}\n"))
        .collect::<Vec<String>>()
        .concat();
    assert_eq!(
        told(&traced("4AAAAAAAA1", &lost)),
        [
            "4AAAAAAAA1 sent 8",
            "4AAAAAAAA1 gone 3",
            "4AAAAAAAA1 incoming 2"
        ]
        .map(|told| told.replace("sent 8", "active 8"))
    );
}

#[test]
fn the_same_id_on_another_host_or_instance_is_another_message() {
    let host = DEFERRED.replace(" mx1 ", " mx2 ");
    let instance = DEFERRED.replace(" postfix/", " postfix-out/");
    let interleaved: String = DEFERRED
        .lines()
        .zip(host.lines())
        .zip(instance.lines())
        .map(|((one, two), three)| format!("{one}\n{two}\n{three}\n"))
        .collect::<Vec<String>>()
        .concat();
    assert_eq!(
        told(&traced("4AAAAAAAA1", &interleaved)),
        ["4AAAAAAAA1 sent 9"; 3]
    );
}

#[test]
fn lines_out_of_order_by_seconds_are_still_of_the_life() {
    let mut order: Vec<&str> = DEFERRED.lines().collect();
    order.swap(0, 1);
    order.swap(7, 8);
    assert_eq!(
        told(&traced("4AAAAAAAA1", &order.join("\n"))),
        ["4AAAAAAAA1 sent 9"]
    );
    order.swap(2, 0);
    assert_eq!(
        told(&traced("4AAAAAAAA1", &order.join("\n"))),
        ["4AAAAAAAA1 sent 9"]
    );
}

#[test]
fn a_refusal_at_the_door_is_a_message_of_its_own() {
    let refusal = "2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 550 5.1.1 <ann@shop.example>: Recipient address rejected: User unknown; from=<spam@bad.example> to=<ann@shop.example> proto=ESMTP helo=<x>";
    for question in ["ann@shop.example", "spam@bad.example"] {
        let traced = traced(question, &format!("{refusal}\n{refusal}\n{DEFERRED}"));
        assert_eq!(told(&traced), ["- rejected 1", "- rejected 1"]);
        assert_eq!(
            &*traced.messages[0].source.as_ref().unwrap().ip,
            b"203.0.113.99"
        );
    }
    // Without an address nobody can ask for it.
    let client = "2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: CONNECT from ann@shop.example[203.0.113.99]: 554 5.7.1 no; proto=SMTP";
    assert!(traced("ann@shop.example", client).messages.is_empty());
}

#[test]
fn no_more_messages_than_there_is_room_for_and_the_newest() {
    let log: String = (0..MESSAGES + 3)
        .map(|n| format!("2026-11-24T10:{:02}:{:02}+00:00 mx1 postfix/qmgr[3]: 4A{n:08X}: from=<a@x>, size=1, nrcpt=1 (queue active)\n", n / 60, n % 60))
        .collect::<Vec<String>>().concat();
    let traced = traced("a@x", &log);
    assert_eq!((traced.messages.len(), traced.left_out), (MESSAGES, 3));
    assert_eq!(traced.messages[0].queue_id.as_deref(), Some("4A00000003"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever other messages stand in between, in whatever order: the answer is the same.
    #[test]
    fn other_messages_change_nothing(places in prop::collection::vec((0usize..60, 0usize..40), 0..40)) {
        let (own, other) = (relations::EVERYTHING, others());
        let mut rows: Vec<(usize, &str)> = own.lines().enumerate().collect();
        let other: Vec<&str> = other.lines().collect();
        for (place, which) in places {
            let place = place.min(rows.len());
            rows.insert(place, (usize::MAX, other[which % other.len()]));
        }
        let question = Question::new("4AAAAAAAA1").unwrap();
        let alone = trace(&question, &lines(own));
        let text: Vec<&str> = rows.iter().map(|(_, line)| *line).collect();
        let mut among = trace(&question, &lines(&text.join("\n")));
        for message in &mut among.messages {
            for event in &mut message.events {
                *event = rows[*event].0;
            }
        }
        prop_assert_eq!(alone, among);
    }
}

/// The same traffic under other names.
fn others() -> String {
    let mut text = relations::EVERYTHING.to_owned();
    for (from, to) in [
        ("4AAAAAAAA", "4AAAAAAAA1"),
        ("4BBBBBBBB", "4BBBBBBBB1"),
        ("4CCCCCCCC", "4CCCCCCCC1"),
        ("@shop.example>", "@shop.example.org>"),
    ] {
        text = text.replace(from, to);
    }
    text
}

#[test]
fn what_has_no_words_of_its_own_is_told_in_the_logs() {
    let line = LogLine {
        text: Box::from(
            &b"2026-11-24T10:00:00+00:00 mail postfix/smtpd[7]: connect from unknown[192.0.2.1]"[..],
        ),
        anchor: DateTime::default(),
    };
    let row = row::row(&line.record(), &line.text);
    assert_eq!(row.words, b"connect from unknown[192.0.2.1]");
}
