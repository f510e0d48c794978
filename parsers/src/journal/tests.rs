//! Entries that a real systemd-journald (252) wrote, and nonsense.

use super::*;
use crate::Severity;
use proptest::prelude::*;

const EXPORT: &[u8] = include_bytes!("../../tests/corpus/journal/captured.export");
const JSON: &[u8] = include_bytes!("../../tests/corpus/journal/captured.json");
const JSON_ALL: &[u8] = include_bytes!("../../tests/corpus/journal/captured-all.json");

fn calendar() -> Calendar {
    Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-11-24T12:00:00+01:00").unwrap(),
    }
}

fn entries_in(format: Format, stream: &[u8], piece: usize) -> Vec<Entry> {
    let mut journal = Journal::new(format);
    let mut entries = Vec::new();
    for piece in stream.chunks(piece.max(1)) {
        journal.take(piece, |entry| entries.push(entry.clone()));
    }
    journal.finish(|entry| entries.push(entry.clone()));
    entries
}

fn of(stream: &[u8]) -> Vec<Entry> {
    let format = Format::of(stream).unwrap();
    entries_in(format, stream, usize::MAX)
}

fn with_identifier<'a>(entries: &'a [Entry], program: &str) -> Vec<&'a Entry> {
    entries
        .iter()
        .filter(|entry| entry.field(Field::Identifier) == Some(program.as_bytes()))
        .collect()
}

#[test]
fn the_formats_are_known_by_their_content() {
    assert_eq!(Format::of(EXPORT), Some(Format::Export));
    assert_eq!(Format::of(JSON), Some(Format::Json));
    assert_eq!(Format::of(b"Nov 24 10:00:00 mail postfix/qmgr[1]: x"), None);
    assert_eq!(Format::of(b""), None);
    for export in ["__REALTIME_TIMESTAMP=1\n", "_HOSTNAME=mail", "MESSAGE=x"] {
        assert_eq!(Format::of(export.as_bytes()), Some(Format::Export));
    }
    for text in [
        "PATH=/bin",
        "__CURSOR",
        "a=b",
        "=x",
        "__cursor=x",
        "MESSAGE\n=",
    ] {
        assert_eq!(Format::of(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn both_formats_say_the_same() {
    let (export, json) = (of(EXPORT), of(JSON_ALL));
    assert_eq!((export.len(), json.len()), (11, 11));
    for (one, other) in export.iter().zip(&json) {
        assert!(!one.is_broken());
        assert_eq!(one, other);
        assert_eq!(one.record(&calendar()), other.record(&calendar()));
    }
}

#[test]
fn entries_are_records_as_from_a_file() {
    let entries = of(EXPORT);
    let smtp = with_identifier(&entries, "postfix/smtp");
    let record = smtp[0].record(&calendar());
    let line = [
        &b"2026-11-24T15:45:37.584567+01:00 mail postfix/smtp[2012]: "[..],
        smtp[0].message().unwrap(),
    ]
    .concat();
    assert_eq!(record, crate::parse(&line, &calendar()));
    assert!(matches!(record.event, Event::Delivery(_)));
    let login = with_identifier(&entries, "dovecot")[0].record(&calendar());
    assert!(matches!(login.event, Event::Login(_)));
    let warning = with_identifier(&entries, "postfix/smtpd")[0].record(&calendar());
    assert_eq!(warning.severity, Some(Severity::Warning));
    assert!(matches!(warning.event, Event::SaslFailed { .. }));
    assert_eq!(smtp[0].uid(), Some(0));
    assert!(
        smtp[0]
            .cursor()
            .is_some_and(|cursor| cursor.starts_with(b"s="))
    );
}

#[test]
fn odd_messages() {
    let entries = of(JSON);
    let qmgr = with_identifier(&entries, "postfix/qmgr");
    let two = qmgr.iter().find(|entry| entry.messages() == 2).unwrap();
    assert_eq!(two.message(), Some(&b"4D1A22001F: removed"[..]));
    let newline = qmgr
        .iter()
        .find(|entry| entry.message().unwrap().contains(&b'\n'));
    assert!(
        matches!(
            newline.unwrap().record(&calendar()).event,
            Event::Unrecognized { .. }
        ),
        "a newline in a message forges no second line"
    );
    let cleanup = with_identifier(&entries, "postfix/cleanup");
    let messages: Vec<_> = cleanup.iter().map(|entry| entry.message()).collect();
    assert_eq!(
        messages,
        [
            None,
            None,
            Some(&b"4D1A22001F: message-id=<a\x1b[2J\xff\x85b@x>"[..]),
            Some(&b""[..])
        ],
        "more than 4096 bytes, absent, control characters, empty"
    );
    let long = of(JSON_ALL);
    let long = with_identifier(&long, "postfix/cleanup")[0]
        .message()
        .unwrap();
    assert_eq!(long.len(), 4200 + 30);
}

#[test]
fn pieces_of_any_size_give_the_same_entries() {
    for (format, stream) in [
        (Format::Export, EXPORT),
        (Format::Json, JSON),
        (Format::Json, JSON_ALL),
    ] {
        let whole = entries_in(format, stream, usize::MAX);
        for piece in [1, 2, 3, 7, 64, 1000] {
            assert_eq!(
                entries_in(format, stream, piece),
                whole,
                "{format:?} {piece}"
            );
        }
    }
}

#[test]
fn a_long_message_is_cut_and_counted() {
    let mut stream = b"__CURSOR=x\nMESSAGE\n".to_vec();
    stream.extend(200_000_u64.to_le_bytes());
    stream.extend(vec![b'x'; 200_000]);
    stream.extend(b"\nSYSLOG_IDENTIFIER=a\n\n__CURSOR=y\nMESSAGE=z\n\n");
    let entries = of(&stream);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].message().unwrap().len(), MESSAGE_LIMIT);
    assert_eq!(entries[0].cut(), 200_000 - MESSAGE_LIMIT as u64);
    assert_eq!(entries[1].message(), Some(&b"z"[..]));
    assert_eq!(entries[1].cut(), 0);
}

#[test]
fn after_nonsense_reading_goes_on() {
    let mut stream = b"__CURSOR=x\nMESSAGE\n".to_vec();
    stream.extend(u64::MAX.to_le_bytes());
    stream.extend(b"abc\n\n__CURSOR=y\nMESSAGE=z\n\n");
    let entries = of(&stream);
    let broken: Vec<bool> = entries.iter().map(Entry::is_broken).collect();
    assert_eq!(broken, [true, false]);

    let entries = of(
        b"__CURSOR=x\nMESSAGE=a\nNov 24 10:00:00 mail postfix/smtp[1]: to=<b>\nMESSAGE=c\n\n__CURSOR=y\nno field\n\nMESSAGE=z\n",
    );
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.is_broken(), entry.message()))
        .collect();
    assert_eq!(
        seen,
        [
            (true, Some(&b"a"[..])),
            (true, None),
            (false, Some(&b"z"[..]))
        ],
        "a line of a log is no field"
    );

    let entries =
        of(b"{\"MESSAGE\": \"a\" nonsense}\n{\"MESSAGE\":\"b\"}\nx\n{\"MESSAGE\":\"c\n\n{}\n");
    let seen: Vec<_> = entries
        .iter()
        .map(|entry| (entry.is_broken(), entry.message()))
        .collect();
    assert_eq!(
        seen,
        [
            (true, Some(&b"a"[..])),
            (false, Some(&b"b"[..])),
            (true, None),
            (true, Some(&b"c"[..])),
            (false, None),
        ]
    );
}

#[test]
fn json_escapes_are_those_of_the_rfc() {
    let text = |value: &str| {
        let entries = of(format!("{{\"MESSAGE\":{value}}}\n").as_bytes());
        entries[0]
            .message()
            .map(|text| String::from_utf8_lossy(text).into_owned())
    };
    for json in [
        r#""a\"b\\c\/d\n\t\r\b\f""#,
        r#""\u00e9\u20ac\ud83d\ude00""#,
        r#""é€😀 \u0000""#,
        r#""""#,
    ] {
        let expected: String = serde_json::from_str(json).unwrap();
        assert_eq!(text(json), Some(expected), "{json}");
    }
    assert_eq!(
        text(r#""\ud83dx\ude00""#).as_deref(),
        Some("\u{fffd}x\u{fffd}")
    );
    assert_eq!(text("[[97,98],\"x\"]").as_deref(), Some("ab"));
    assert_eq!(text("[ 97, 98 ]").as_deref(), Some("ab"));
    assert_eq!(text("null"), None);
}

proptest! {
    #[test]
    fn any_bytes_in_any_pieces_give_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..400), piece in 1_usize..50, json: bool) {
        let format = if json { Format::Json } else { Format::Export };
        let whole = entries_in(format, &bytes, usize::MAX);
        prop_assert_eq!(&entries_in(format, &bytes, piece), &whole);
        for entry in whole { entry.record(&calendar()); }
    }

    #[test]
    fn a_damaged_capture_never_panics(at in 0_usize..9000, with: u8, cut in 0_usize..9000, piece in 1_usize..99) {
        for (format, stream) in [(Format::Export, EXPORT), (Format::Json, JSON_ALL)] {
            let mut stream = stream.to_vec();
            stream[at] = with;
            stream.truncate(cut.max(at + 1));
            let whole = entries_in(format, &stream, usize::MAX);
            prop_assert_eq!(&entries_in(format, &stream, piece), &whole);
        }
    }

    #[test]
    fn texts_come_through_json(text in ".*") {
        let line = format!("{{\"MESSAGE\":{}}}", serde_json::to_string(&text).unwrap());
        let entries = of(line.as_bytes());
        prop_assert_eq!(entries[0].message(), Some(text.as_bytes()));
    }
}
