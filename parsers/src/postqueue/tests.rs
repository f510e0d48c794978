//! Lines of `postqueue -j`, whole, broken and hostile.

use super::*;

const PLAIN: &str = r#"{"queue_name": "deferred", "queue_id": "4D1A22001F", "arrival_time": 1780000000, "message_size": 2345, "forced_expire": false, "sender": "a@b.example", "recipients": [{"address": "c@d.example", "delay_reason": "connect to d.example[192.0.2.1]:25: Connection refused"}]}"#;

fn entry(line: &[u8]) -> QueueEntry {
    parse(line).unwrap_or_else(|error| panic!("{}: {error}", line.escape_ascii()))
}

/// An entry with this sender, in the words of the oldest release.
fn with_sender(sender: &[u8]) -> Vec<u8> {
    let before = br#"{"queue_name": "active", "queue_id": "4D1A22001F", "arrival_time": 1, "message_size": 2, "sender": ""#;
    let after = br#"", "recipients": []}"#;
    [&before[..], sender, after].concat()
}

#[test]
fn every_release_is_read() {
    let plain = entry(PLAIN.as_bytes());
    assert_eq!(plain.queue_name, QueueName::Deferred);
    assert_eq!(
        plain.recipients[0].reason(),
        Some("connect to d.example[192.0.2.1]:25: Connection refused")
    );

    let oldest = entry(&with_sender(b"MAILER-DAEMON"));
    assert_eq!(
        (
            oldest.forced_expire,
            oldest.sender.as_str(),
            oldest.recipients.len()
        ),
        (false, "MAILER-DAEMON", 0)
    );

    let newest = entry(br#"{"queue_name": "hold", "queue_id": "4bXYtz0zyTzNKqj", "arrival_time": 1, "message_size": 2, "forced_expire": true, "sender": "x", "recipients": [{"orig_address": "", "address": "y", "bounce_reason": "gone"}, {"address": "z", "other_reason": "odd", "future": [1, {"a": null}]}], "future_member": {"b": "c"}}"#);
    assert!(newest.forced_expire);
    assert_eq!(newest.recipients[0].orig_address.as_deref(), Some(""));
    assert_eq!(newest.recipients[0].reason(), Some("gone"));
    assert_eq!(newest.recipients[1].reason(), Some("odd"));
}

#[test]
fn every_queue_has_its_name() {
    let names = [
        ("maildrop", QueueName::Maildrop),
        ("incoming", QueueName::Incoming),
        ("active", QueueName::Active),
        ("deferred", QueueName::Deferred),
        ("hold", QueueName::Hold),
    ];
    for (name, queue) in names {
        assert_eq!(
            entry(PLAIN.replace("deferred", name).as_bytes()).queue_name,
            queue
        );
    }
}

#[test]
fn newline_and_carriage_return_do_no_harm() {
    assert_eq!(
        entry(format!("{PLAIN}\r\n").as_bytes()),
        entry(PLAIN.as_bytes())
    );
}

#[test]
fn broken_escapes_and_bytes_are_repaired() {
    let table: [(&[u8], &str); 10] = [
        (br"a\u0001b", "a\u{1}b"),
        (br"a\0001b", "a\u{1}b"),
        (br"a\007Fb", "a\u{7f}b"),
        (br"a\xb", "a\\xb"),
        (br"a\x\beef", "a\\x\u{8}eef"),
        (br"a\u12", "a\\u12"),
        (br#"a\"b\\c\/d\ne"#, "a\"b\\c/d\ne"),
        (br#"\"a\\b\".\001F@c"#, "\"a\\b\".\u{1f}@c"),
        (b"a\x01\tb", "a\u{1}\tb"),
        (b"caf\xe9@x", "caf\u{fffd}@x"),
    ];
    for (sender, expected) in table {
        assert_eq!(
            entry(&with_sender(sender)).sender,
            expected,
            "{}",
            sender.escape_ascii()
        );
    }
}

#[test]
fn what_cannot_be_read_is_a_sentence() {
    let cut = PLAIN.get(..90).unwrap();
    let corrupt = PLAIN.replace("deferred", "corrupt");
    let bad_id = PLAIN.replace("4D1A22001F", "ALL");
    for line in [
        "",
        "{",
        "[]",
        "null",
        "Mail queue is empty",
        cut,
        &corrupt,
        &bad_id,
    ] {
        let error = parse(line.as_bytes()).unwrap_err();
        assert!(
            error.starts_with("postqueue ") && error.len() < 200,
            "{error}"
        );
    }
}

#[test]
fn no_strangers_text_makes_a_sentence_long_or_breaks_it() {
    let strange = format!("i\\n\\u001b[2J{}", "x".repeat(5000));
    let error = parse(PLAIN.replace("deferred", &strange).as_bytes()).unwrap_err();
    assert!(error.len() < 400, "{error}");
    assert!(!error.contains(char::is_control), "{error:?}");
}
