//! Any bytes as a listing of the queue (`postqueue -j`).
//!
//! In: lines. Checked: each is a message or a sentence, never both broken and acted on: the id of a message is a queue id, and what was
//! read is read again from its own JSON.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mailtop_parsers::{QueueId, postqueue};

fuzz_target!(|listing: &[u8]| {
    for line in listing.split(|byte| *byte == b'\n') {
        match postqueue::parse(line) {
            Ok(entry) => {
                assert!(QueueId::new(entry.queue_id.as_bytes()).is_some());
                let again = serde_json::to_vec(&entry).expect("JSON of a message");
                assert_eq!(postqueue::parse(&again), Ok(entry));
            }
            Err(sentence) => assert!(
                sentence.len() < 1000 && !sentence.contains(char::is_control),
                "{sentence:?}"
            ),
        }
    }
});
