//! Any bytes as a log: every line gives a record, and what the record holds is what the types promise.
//!
//! In: a log of any number of lines, so that the test corpus is the seed as it stands. Checked for each line: it returns, its queue
//! id is one, its record borrows the line alone, dirt at both ends changes nothing, and no secret is in the text that is kept.

#![no_main]

use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use mailtop_parsers::{Calendar, Event, QueueId, parse, secret};

fuzz_target!(|log: &[u8]| {
    let calendar = Calendar {
        anchor: DateTime::parse_from_rfc3339("2026-06-05T12:00:00+02:00").expect("a moment"),
    };
    for line in log.split(|byte| *byte == b'\n') {
        let record = parse(line, &calendar);
        if let Some(id) = record.event.queue_id() {
            assert_eq!(QueueId::new(id.as_str().as_bytes()), Some(id));
        }
        assert!(record.program.ends_with(record.daemon()));
        assert!(record.program.starts_with(record.instance()));
        assert!(record.repeated > 0);
        match &record.event {
            Event::Delivery(delivery) => {
                assert!(delivery.delay.is_finite());
                if let Some(code) = delivery.reply_code() {
                    assert!((100..1000).contains(&code.0));
                }
            }
            Event::BounceNotification { new_queue_id, .. } => {
                assert!(QueueId::new(new_queue_id.as_str().as_bytes()).is_some());
            }
            Event::Unrecognized { text, .. } => {
                assert!(text.len() <= line.len());
                if let Some(secret) = secret::range(text) {
                    assert!(secret.is_empty());
                }
            }
            _ => {}
        }
        let masked = secret::masked(line);
        assert_eq!(
            secret::masked(&masked),
            masked,
            "masking twice is masking once"
        );
        if !line.starts_with(b"\0") && !line.ends_with(b"\r") {
            let dirty = [b"\0\0", line, b"\r"].concat();
            assert_eq!(parse(&dirty, &calendar), record);
        }
    }
});
