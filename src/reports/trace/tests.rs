//! What a traced message looks like as text and as JSON.

use super::*;
use crate::model::trace::{LogLine, Question, Traced, trace};
use chrono::DateTime;

const LOG: &str = "\
2026-11-24T10:00:00.107+01:00 mx1 postfix/submission/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=news@shop.example
2026-11-24T10:00:00.140+01:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@shop.example>
2026-11-24T10:00:00.150+01:00 mx1 opendkim[85]: 4AAAAAAAA1: DKIM-Signature field added (s=mail, d=shop.example)
2026-11-24T10:00:00.201+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-24T10:00:00.733+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command)
2026-11-24T10:00:01.012+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=mta7.am0.yahoodns.net[203.0.113.6]:25, delay=0.9, delays=0.1/0/0.6/0.2, dsn=4.7.0, status=deferred (host mta7.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))
2026-11-24T10:00:01.020+01:00 mx1 dovecot: lmtp(bob@shop.example)<5478><FdCk>: msgid=<1@shop.example>: saved mail to INBOX
2026-11-24T10:00:01.030+01:00 mx1 postfix/lmtp[5]: 4AAAAAAAA1: to=<bob@shop.example>, orig_to=<info@shop.example>, relay=mx1[private/dovecot-lmtp], delay=0.9, delays=0.1/0/0.6/0.2, dsn=2.0.0, status=sent (250 2.0.0 <bob@shop.example> FdCk Saved)
2026-11-25T00:10:01.300+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=2 (queue active)
2026-11-25T00:10:01.900+01:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<ann@yahoo.com>, relay=none, delay=51001, delays=51000/0/1/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=yahoo.com type=MX: Host not found)
2026-11-25T00:10:01.910+01:00 mx1 postfix/cleanup[2]: 4BBBBBBBB1: message-id=<4BBBBBBBB1@mx1>
2026-11-25T00:10:01.920+01:00 mx1 postfix/bounce[8]: 4AAAAAAAA1: sender non-delivery notification: 4BBBBBBBB1
2026-11-25T00:10:01.930+01:00 mx1 postfix/qmgr[3]: 4BBBBBBBB1: from=<>, size=9000, nrcpt=1 (queue active)
2026-11-25T00:10:01.940+01:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
2026-11-25T00:11:00+01:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 550 5.1.1 <ann@yahoo.com>: Recipient address rejected: Relay access denied; from=<spam@bad.example> to=<ann@yahoo.com> proto=ESMTP helo=<x>
";

fn lines(text: &str) -> Vec<LogLine> {
    let anchor = DateTime::parse_from_rfc3339("2026-11-25T12:00:00+01:00").unwrap();
    let line = |line: &str| LogLine {
        text: line.as_bytes().into(),
        anchor,
    };
    text.lines().map(line).collect()
}

fn traced(question: &str, lines: &[LogLine]) -> Traced {
    trace(&Question::new(question).unwrap(), lines)
}

#[test]
fn the_life_as_text() {
    let lines = lines(LOG);
    insta::assert_snapshot!(text(&traced("ann@yahoo.com", &lines), &lines, false));
}

#[test]
fn the_life_as_ascii() {
    let lines = lines(&LOG.replace("Relay access denied", "Zugriff für „Relays“ verweigert"));
    let text = text(&traced("ann@yahoo.com", &lines), &lines, true);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn the_life_as_json() {
    let lines = lines(LOG);
    let traced = traced("4AAAAAAAA1", &lines);
    let objects: Vec<_> = traced
        .messages
        .iter()
        .map(|message| object(message, &traced, &lines))
        .collect();
    let (message, notification) = (&objects[0], &objects[1]);
    let events = message["events"].as_array().unwrap();
    assert_eq!(events.len(), 12);
    assert_eq!(events[2]["event"], "foreign");
    assert_eq!(
        events[5],
        crate::reports::json::object(&lines[5].record()),
        "an event is what `mailtop parse` prints"
    );
    let mut without = message.clone();
    without.as_object_mut().unwrap().remove("events");
    let expected = serde_json::json!({
        "schema": 1, "queue_id": "4AAAAAAAA1", "host": "mx1", "instance": "postfix",
        "message_id": "1@shop.example", "from": "news@shop.example",
        "to": ["ann@yahoo.com", "bob@shop.example"],
        "recipients": [
            {
                "to": "ann@yahoo.com", "status": "bounced", "dsn": "5.4.4", "relay": "none", "attempts": 2,
                "reply": "Host or domain name not found. Name service error for name=yahoo.com type=MX: Host not found",
                "time": "2026-11-25T00:10:01.900000+01:00",
            },
            {
                "to": "bob@shop.example", "orig_to": "info@shop.example", "status": "sent", "dsn": "2.0.0",
                "relay": "mx1[private/dovecot-lmtp]", "attempts": 1,
                "reply": "250 2.0.0 <bob@shop.example> FdCk Saved",
                "time": "2026-11-24T10:00:01.030000+01:00",
            },
        ],
        "size": 6214, "nrcpt": 2, "client_host": "app2", "client_ip": "198.51.100.7",
        "sasl_method": "PLAIN", "sasl_username": "news@shop.example", "status": "sent in part",
        "born": "2026-11-24T10:00:00.107000+01:00", "ended": "2026-11-25T00:10:01.940000+01:00",
        "related": [{
            "kind": "notification", "whom": "sender", "about": "non-delivery", "direction": "to",
            "queue_id": "4BBBBBBBB1", "host": "mx1", "instance": "postfix",
        }],
    });
    assert_eq!(without, expected);
    // The null sender is empty, not absent; what is not known is absent.
    assert_eq!(notification["from"], "");
    assert_eq!(notification["status"], "active");
    assert!(notification.get("ended").is_none());
    assert_eq!(notification["related"][0]["direction"], "from");
}

/// Whatever strangers write into a log, nothing that a terminal would obey comes out.
#[test]
fn nothing_comes_out_raw() {
    let evil = "\u{1b}[2J\u{9b}1m\u{202e}\r\u{7}";
    let log: String = LOG
        .lines()
        .map(|line| {
            format!(
                "{}\n",
                line.replace("shop.example", &format!("{evil}shop.example"))
            )
        })
        .collect::<Vec<String>>()
        .concat()
        .replace("no (in", &format!("{evil} (in"))
        .replace("DKIM-S", &format!("{evil}S"))
        .replace("opendkim[85]", &format!("open{evil}dkim[85]"));
    let lines = lines(&log);
    let traced = traced("4AAAAAAAA1", &lines);
    assert_eq!(traced.messages.len(), 2);
    let text = text(&traced, &lines, false);
    assert!(text.contains("\\x1b[2J"), "{text}");
    let mut out = text;
    for message in &traced.messages {
        out += &object(message, &traced, &lines).to_string();
    }
    let raw: Vec<char> = out
        .chars()
        .filter(|letter| *letter != '\n' && (letter.is_control() || *letter == '\u{202e}'))
        .collect();
    assert!(raw.is_empty(), "{raw:?}");
}

/// Passwords that Dovecot was told to log are in none of its texts.
#[test]
fn no_password_comes_out() {
    let log = format!(
        "{LOG}2026-11-24T10:00:00.150+01:00 mx1 auth: 4AAAAAAAA1 x (given password: hunter2)\n"
    );
    let lines = lines(&log);
    let traced = traced("4AAAAAAAA1", &lines);
    assert_eq!(traced.messages[0].events.len(), 13);
    let json = object(&traced.messages[0], &traced, &lines).to_string();
    assert!(!json.contains("hunter2") && !text(&traced, &lines, false).contains("hunter2"));
}
