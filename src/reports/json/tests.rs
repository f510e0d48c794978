//! The contract, member by member.

use super::*;
use chrono::DateTime;
use mailtop_parsers::Calendar;

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
