//! Which of the targets are acted on: what a fresh listing leaves of them.

use super::fakes::{DELETES, Fakes, HOLDS, entry, reasons, script, why};
use crate::model::journal::Verb;

#[test]
fn a_hold_lists_first_then_sends_the_ids_and_believes_the_words() {
    let listing = [
        entry("AAAAAAAAA1", "deferred"),
        entry("AAAAAAAAA2", "active"),
        entry("AAAAAAAAA3", "hold"),
        entry("AAAAAAAAA4", "maildrop"),
    ]
    .concat();
    let fakes = Fakes::new(&listing, HOLDS);
    let ids = [
        "AAAAAAAAA1",
        "AAAAAAAAA2",
        "AAAAAAAAA3",
        "AAAAAAAAA4",
        "AAAAAAAAA5",
        "AAAAAAAAA1",
    ];
    let receipt = fakes.act(Verb::Hold, &ids);
    assert_eq!(fakes.read("calls"), "postqueue|-j\npostsuper|-h|-\n");
    assert_eq!(fakes.read("stdin"), "AAAAAAAAA1\nAAAAAAAAA2\n");
    assert_eq!((receipt.asked, receipt.matched, receipt.done), (6, 4, 2));
    assert_eq!(
        reasons(&receipt),
        [
            ("AAAAAAAAA3", "already on hold"),
            ("AAAAAAAAA4", "in maildrop: can't be held"),
            ("AAAAAAAAA5", "left the queue"),
            ("AAAAAAAAA1", "named twice"),
        ]
    );
    assert_eq!(receipt.failure, None);
    assert_eq!(receipt.exit, Some(0));
    assert_eq!(
        receipt.command.as_str(),
        "postsuper -h -   (2 queue ids on standard input)"
    );
}

#[test]
fn a_delete_sends_only_what_is_still_there_as_it_was_seen() {
    let listing = [
        entry("AAAAAAAAA1", "deferred"),
        entry("AAAAAAAAA2", "hold"),
        entry("AAAAAAAAA3", "maildrop"),
        entry("AAAAAAAAA4", "active").replace("1000", "1001"),
        entry("AAAAAAAAA6", "active"),
        entry("AAAAAAAAA7", "deferred"),
    ]
    .concat();
    let fakes = Fakes::new(&listing, DELETES);
    let ids = [
        "AAAAAAAAA1",
        "AAAAAAAAA2",
        "AAAAAAAAA3",
        "AAAAAAAAA4",
        "AAAAAAAAA5",
        "AAAAAAAAA6",
        "AAAAAAAAA1",
        "ALL",
    ];
    let receipt = fakes.act(Verb::Delete, &ids);
    assert_eq!(fakes.read("calls"), "postqueue|-j\npostsuper|-d|-\n");
    assert_eq!(fakes.read("stdin"), "AAAAAAAAA1\nAAAAAAAAA2\nAAAAAAAAA6\n");
    assert_eq!((receipt.asked, receipt.matched, receipt.done), (8, 4, 3));
    assert_eq!(
        reasons(&receipt),
        [
            (
                "AAAAAAAAA3",
                "in maildrop: is about to be queued, delete it then"
            ),
            ("AAAAAAAAA4", "the queue id now names another message"),
            ("AAAAAAAAA5", "left the queue"),
            ("AAAAAAAAA1", "named twice"),
            ("ALL", "that is no queue id"),
        ]
    );
    assert_eq!((receipt.failure, receipt.exit), (None, Some(0)));
    assert_eq!(
        receipt.command.as_str(),
        "postsuper -d -   (3 queue ids on standard input)"
    );
}

#[test]
fn a_queue_id_that_names_another_message_by_now_is_left_alone() {
    for (field, other) in [("1000", "1001"), ("s@x.example", "t@x.example")] {
        for (verb, postsuper) in [(Verb::Hold, HOLDS), (Verb::Delete, DELETES)] {
            let listing = entry("AAAAAAAAA1", "deferred").replace(field, other);
            let fakes = Fakes::new(&listing, postsuper);
            let receipt = fakes.act(verb, &["AAAAAAAAA1"]);
            assert_eq!(
                reasons(&receipt),
                [("AAAAAAAAA1", "the queue id now names another message")]
            );
            assert_eq!(fakes.read("calls"), "postqueue|-j\n");
            // Listed as both: used again while the listing ran. In whichever order.
            for both in [
                entry("AAAAAAAAA1", "active") + &listing,
                listing.clone() + &entry("AAAAAAAAA1", "active"),
            ] {
                let fakes = Fakes::new(&both, postsuper);
                assert_eq!(fakes.act(verb, &["AAAAAAAAA1"]).matched, 0);
                assert_eq!(fakes.read("calls"), "postqueue|-j\n");
            }
        }
    }
}

#[test]
fn a_message_listed_twice_while_it_moves_is_the_same_message() {
    let listing = entry("AAAAAAAAA1", "active") + &entry("AAAAAAAAA1", "hold");
    let fakes = Fakes::new(&listing, HOLDS);
    assert_eq!(
        reasons(&fakes.act(Verb::Hold, &["AAAAAAAAA1"])),
        [("AAAAAAAAA1", "already on hold")]
    );
}

#[test]
fn a_flush_asks_for_one_message_at_a_time_and_stops_at_the_first_failure() {
    let listing = [
        entry("AAAAAAAAA1", "deferred"),
        entry("AAAAAAAAA2", "hold"),
        entry("AAAAAAAAA3", "deferred"),
        entry("AAAAAAAAA4", "deferred"),
    ]
    .concat();
    let ids = ["AAAAAAAAA1", "AAAAAAAAA2", "AAAAAAAAA3", "AAAAAAAAA4"];
    let fakes = Fakes::new(&listing, "");
    let receipt = fakes.act(Verb::Flush, &ids);
    let calls =
        "postqueue|-j\npostqueue|-i|AAAAAAAAA1\npostqueue|-i|AAAAAAAAA3\npostqueue|-i|AAAAAAAAA4\n";
    assert_eq!(fakes.read("calls"), calls);
    assert_eq!(
        (receipt.matched, receipt.done, receipt.failure),
        (4, 3, None)
    );
    assert_eq!(receipt.skipped.len(), 1);

    let refuses = "case \"$*\" in *-j) cat $(dirname $0)/listing;; *A3) echo 'postqueue: fatal: mail system is down' >&2; exit 69;; esac";
    script(&fakes.tools.postqueue, refuses);
    let receipt = fakes.act(Verb::Flush, &ids);
    assert!(why(&receipt).contains("mail system is down"), "{receipt:?}");
    assert_eq!(receipt.done, 1);
    assert_eq!(receipt.skipped.len(), 3);
}
