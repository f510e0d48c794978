//! The contract, member by member, on a real line for every event (`contract.txt`).

use super::*;
use chrono::DateTime;
use mailtop_parsers::Calendar;
use proptest::prelude::*;

fn of(line: &[u8]) -> Value {
    let calendar = Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+00:00").unwrap(),
    };
    object(&mailtop_parsers::parse(line, &calendar))
}

#[test]
fn a_delivery_has_the_members_of_the_contract() {
    let line = b"2026-11-24T10:00:00.5+01:00 mx1 postfix/smtp[12]: 3F0000001: to=<ann@yahoo.com>, \
        relay=mta5.am0.yahoodns.net[203.0.113.4]:25, delay=1.5, delays=1/0.1/0.3/0.1, dsn=4.7.0, status=deferred \
        (host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command))";
    let expected = serde_json::json!({
        "time": "2026-11-24T10:00:00.500000+01:00", "host": "mx1", "program": "postfix/smtp",
        "instance": "postfix", "daemon": "smtp", "pid": 12, "event": "delivery", "queue_id": "3F0000001",
        "to": "ann@yahoo.com", "relay_host": "mta5.am0.yahoodns.net", "relay_ip": "203.0.113.4",
        "relay_port": 25, "delay": 1.5,
        "delays": {"before_qmgr": 1.0, "qmgr": 0.1, "conn_setup": 0.3, "transmission": 0.1},
        "dsn": "4.7.0", "status": "deferred", "smtp_code": 421,
        "reply": "host mta5.am0.yahoodns.net[203.0.113.4] said: 421 4.7.0 [TSS04] no (in reply to MAIL FROM command)",
    });
    assert_eq!(of(line), expected);
}

#[test]
fn no_password_comes_out() {
    for line in [
        &b"Nov 24 10:00:00 mx1 dovecot: auth: sql(ann,192.0.2.9): Password mismatch (given password: hunter2)"[..],
        b"Nov 24 10:00:00 mx1 dovecot: auth: Error: x (SHA1 of given password: hunter2)",
        b"Nov 24 10:00:00 mx1 dovecot: message repeated 2 times: [ auth: x (given password: hunter2)]",
        b"Nov 24 10:00:00 mx1 auth: what (given password: hunter2)",
        b"auth: sql(ann,192.0.2.9): Password mismatch (given password: hunter2)",
    ] {
        let json = of(line).to_string();
        assert!(!json.contains("hunter2"), "{json}");
    }
}

#[test]
fn no_control_character_comes_out() {
    let json = of(b"Nov 24 10:00:00 mx1 postfix/cleanup[9]: 3F0000001: message-id=<a\x1b[2J\xc2\x9b\xe2\x80\xaeb@x>");
    let id = json["message_id"].as_str().unwrap();
    assert!(id.chars().all(|c| c.is_ascii_graphic()), "{id:?}");
}

#[test]
fn what_nobody_knows_is_an_object_too() {
    assert_eq!(of(b"\xff\xfe nonsense")["event"], "unparsed");
}

/// One line of each event after the words `Jun  5 09:00:00 mail `, and under it the members besides those of the envelope.
const CONTRACT: &str = include_str!("contract.txt");

/// Every event of the contract's table.
const EVENTS: [&str; 37] = [
    "connect",
    "disconnect",
    "lost_connection",
    "client",
    "pickup",
    "cleanup",
    "queued",
    "delivery",
    "interim",
    "bounce_notification",
    "expired",
    "removed",
    "hold",
    "released",
    "requeued",
    "reject",
    "filter",
    "discard",
    "redirect",
    "proxy_accept",
    "auth_failed",
    "tls",
    "anvil",
    "postscreen",
    "tlsproxy",
    "dnsbl",
    "login",
    "logout",
    "lmtp_connect",
    "lmtp_disconnect",
    "lmtp_save",
    "lda_save",
    "sieve",
    "warning",
    "other",
    "foreign",
    "unparsed",
];

/// Members of the envelope.
const ENVELOPE: [&str; 6] = ["time", "host", "program", "instance", "daemon", "pid"];

#[test]
fn every_event_has_the_members_of_the_contract_and_no_others() {
    let unparsed = of(b"no stamp at all");
    assert_eq!(
        unparsed,
        serde_json::json!({"event": "unparsed", "text": "no stamp at all"})
    );
    let mut events = vec![String::from("unparsed")];
    let mut lines = CONTRACT.lines();
    while let (Some(line), Some(expected)) = (lines.next(), lines.next()) {
        let mut object = of(format!("Jun  5 09:00:00 mail {line}").as_bytes());
        let members = object.as_object_mut().unwrap();
        assert_eq!(members["time"], "2026-06-05T09:00:00.000000+00:00");
        assert_eq!(members["host"], "mail");
        let program = members["program"].as_str().unwrap();
        assert!(line.starts_with(program));
        assert_eq!(members["daemon"], program.rsplit('/').next().unwrap());
        assert_eq!(members["instance"], program.split('/').next().unwrap());
        for name in ENVELOPE {
            members.remove(name);
        }
        let expected: Value = serde_json::from_str(expected).unwrap();
        assert_eq!(object, expected, "{line}");
        events.push(object["event"].as_str().unwrap().to_owned());
    }
    events.sort();
    events.dedup();
    let mut all = EVENTS;
    all.sort_unstable();
    assert_eq!(events, all);
}

#[test]
fn nothing_is_null_and_nothing_empty_but_the_null_sender() {
    fn check(name: &str, value: &Value, line: &[u8]) {
        match value {
            Value::Null => panic!("{name} of {}", line.escape_ascii()),
            Value::String(text) => assert!(
                !text.is_empty() || name == "from",
                "{name} of {}",
                line.escape_ascii()
            ),
            Value::Object(members) => {
                for (name, value) in members {
                    check(name, value, line);
                }
            }
            _ => {}
        }
    }
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/parsers/tests/corpus");
    let mut seen = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        for line in std::fs::read(path).unwrap().split(|byte| *byte == b'\n') {
            check("line", &of(line), line);
            seen += 1;
        }
    }
    assert!(seen > 500);
}

#[test]
fn a_time_keeps_the_offset_of_its_line() {
    for (stamp, time) in [
        ("2026-06-05T09:00:00Z", "2026-06-05T09:00:00.000000+00:00"),
        (
            "2026-06-05T09:00:00.5-03:30",
            "2026-06-05T09:00:00.500000-03:30",
        ),
        (
            "2026-06-05T09:00:00.123456789+02:00",
            "2026-06-05T09:00:00.123456+02:00",
        ),
    ] {
        let line = format!("{stamp} mail postfix/qmgr[1]: 4D1A22001F: removed");
        assert_eq!(of(line.as_bytes())["time"], time);
    }
}

proptest! {
    #[test]
    fn any_bytes_give_one_object_of_clean_json(line in proptest::collection::vec(any::<u8>(), 0..200), tag in prop::sample::select(vec![
        "", "Jun  5 09:00:00 mail ", "Jun  5 09:00:00 mail postfix/smtp[1]: 4D1A22001F: to=<", "Jun  5 09:00:00 mail dovecot: ",
        "Jun  5 09:00:00 mail postfix/smtpd[1]: disconnect from a[1.2.3.4] x=", "Jun  5 09:00:00 mail postfix/smtpd[1]: NOQUEUE: reject: RCPT from ",
    ])) {
        let json = of(&[tag.as_bytes(), &line].concat()).to_string();
        prop_assert!(json.bytes().all(|byte| byte >= b' ' && byte != 0x7f), "{}", json);
        let read: Value = serde_json::from_str(&json).unwrap();
        prop_assert!(read["event"].is_string());
    }
}
