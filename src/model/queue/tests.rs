//! Listings as they come in, are shown, and leave.

use super::*;

fn line(queue: &str, id: &str, to: &str) -> String {
    format!(
        "{{\"queue_name\": \"{queue}\", \"queue_id\": \"{id}\", \"arrival_time\": 1000, \"message_size\": 10, \
         \"sender\": \"a@b.example\", \"recipients\": [{{\"address\": \"{to}\", \"delay_reason\": \"connect to \
         x[192.0.2.1]:25: Connection refused\"}}]}}\n"
    )
}

fn listed(lines: &str, complete: bool) -> Queue {
    let mut queue = Queue::default();
    list(&mut queue, lines, complete);
    queue
}

fn list(queue: &mut Queue, lines: &str, complete: bool) {
    queue.begin("postfix");
    queue.lines(lines.as_bytes());
    queue.end(
        DateTime::default(),
        Duration::ZERO,
        complete,
        DateTime::default(),
    );
    queue.turn();
}

#[test]
fn a_message_listed_twice_counts_once_and_the_later_mention_wins() {
    let queue = listed(
        &(line("active", "ABCDEF1", "x@y.example") + &line("deferred", "ABCDEF1", "x@y.example")),
        true,
    );
    assert_eq!(
        queue.depth(),
        Depth {
            deferred: 1,
            ..Depth::default()
        }
    );
    assert_eq!(queue.bytes(), 10);
    let key = queue.at(0).unwrap().target.key.clone();
    assert_eq!(queue.message(&key), queue.at(0));
    let other = MessageKey { arrival: 7, ..key };
    assert_eq!(queue.message(&other), None);
}

#[test]
fn what_another_listing_took_the_place_of_is_taken_down_in_pieces_when_nobody_looks_at_it() {
    let many = |from: usize| -> String {
        let ids = from..from + 2 * PIECE;
        ids.map(|n| line("deferred", &format!("{n:08X}"), "x@y.example"))
            .collect()
    };
    let left = |queue: &Queue| -> Vec<usize> {
        let left = queue.leaving.iter();
        left.map(|listing| listing.count()).collect()
    };
    let mut queue = listed(&many(0), true);
    while queue.take_down() {}
    let frozen = queue.clone();
    list(&mut queue, &many(1), true);
    assert!(!queue.take_down(), "somebody still looks at it");
    assert_eq!(left(&queue), [2 * PIECE]);
    list(&mut queue, &many(2), true);
    assert!(queue.take_down());
    assert_eq!(left(&queue), [2 * PIECE, 2 * PIECE - PIECE / 2]);
    drop(frozen);
    assert!(queue.take_down());
    assert_eq!(left(&queue), [2 * PIECE - PIECE / 2, 2 * PIECE - PIECE / 2]);
    while queue.take_down() {}
    assert!(left(&queue).is_empty());
    assert_eq!(queue.count(), 2 * PIECE);
}

#[test]
fn a_listing_is_shown_when_it_is_turned_to() {
    let mut queue = listed(&line("deferred", "ABCDEF1", "x@y.example"), true);
    let mut come = |id: &str| {
        queue.begin("postfix");
        queue.lines(line("hold", id, "x@y.example").as_bytes());
        let (at, took) = (DateTime::default(), Duration::from_secs(1));
        let depth = queue.end(at, took, true, at);
        assert_eq!(depth.map(|depth| depth.hold), Some(1));
    };
    come("ABCDEF2");
    come("ABCDEF3");
    let ids = |listing: &Listing| -> Vec<String> {
        let messages = listing.messages();
        messages
            .map(|message| message.target.key.queue_id.to_string())
            .collect()
    };
    assert_eq!(queue.next().map(ids), Some(vec![String::from("ABCDEF3")]));
    assert_eq!(ids(queue.shown()), ["ABCDEF1"]);
    assert_eq!(
        (queue.depth().hold, queue.listed().took),
        (0, Duration::ZERO)
    );
    assert_eq!(queue.clone().next().map(ids), queue.next().map(ids));
    assert!(queue.turn() && !queue.turn());
    assert_eq!(ids(queue.shown()), ["ABCDEF3"]);
    assert_eq!((queue.depth().hold, queue.listed().took.as_secs()), (1, 1));
}

#[test]
fn a_reason_that_was_listed_before_is_not_read_again() {
    let mut queue = listed(&line("deferred", "ABCDEF1", "x@y.example"), true);
    let reason = |queue: &Queue| queue.at(0).unwrap().recipients[0].reason.clone().unwrap();
    let before = reason(&queue);
    list(
        &mut queue,
        &line("deferred", "ABCDEF2", "x@y.example"),
        true,
    );
    assert!(Arc::ptr_eq(&before, &reason(&queue)));
}

#[test]
fn a_listing_that_broke_off_replaces_nothing() {
    let mut queue = listed(
        &(line("deferred", "ABCDEF1", "x@Y.Example") + &line("deferred", "ABCDEF2", "x@y.example")),
        true,
    );
    list(
        &mut queue,
        &line("deferred", "ABCDEF1", "x@y.example"),
        false,
    );
    assert_eq!(queue.depth().deferred, 2);
    assert_eq!(queue.listed().broke_off, Some(1));
}

#[test]
fn a_broken_line_is_counted_and_the_rest_is_read() {
    let queue = listed(
        &(String::from("{\"queue_name\": \n") + &line("hold", "ABCDEF1", "x@y.example")),
        true,
    );
    assert_eq!((queue.listed().bad_lines, queue.depth().hold), (1, 1));
}

#[test]
fn equal_domains_and_reasons_are_kept_once() {
    let queue = listed(
        &(line("deferred", "ABCDEF1", "x@Y.Example") + &line("deferred", "ABCDEF2", "z@y.example")),
        true,
    );
    let waiting: Vec<_> = queue
        .messages()
        .flat_map(|message| &message.recipients)
        .collect();
    assert!(Arc::ptr_eq(&waiting[0].domain, &waiting[1].domain));
    assert!(Arc::ptr_eq(
        waiting[0].reason.as_ref().unwrap(),
        waiting[1].reason.as_ref().unwrap()
    ));
}

#[test]
fn a_message_that_is_listed_with_the_same_line_again_is_not_read_again() {
    let mut queue = listed(
        &(line("deferred", "ABCDEF1", "x@y.example") + &line("deferred", "ABCDEF2", "x@y.example")),
        true,
    );
    let at = |queue: &Queue, place| std::ptr::from_ref(queue.at(place).unwrap());
    let before = [at(&queue, 0), at(&queue, 1)];
    list(
        &mut queue,
        &(line("hold", "ABCDEF2", "x@y.example") + &line("deferred", "ABCDEF1", "x@y.example")),
        true,
    );
    assert_eq!(at(&queue, 1), before[0]);
    assert_ne!(at(&queue, 0), before[1]);
    assert_eq!(queue.depth().hold, 1);
    // The same line of another instance is another message.
    queue.begin("postfix-out");
    queue.lines(line("deferred", "ABCDEF1", "x@y.example").as_bytes());
    queue.end(
        DateTime::default(),
        Duration::ZERO,
        true,
        DateTime::default(),
    );
    queue.turn();
    assert_eq!(&*queue.at(0).unwrap().target.key.instance, "postfix-out");
}

#[test]
fn a_line_that_a_later_one_corrected_tells_again_what_it_says() {
    let twice =
        line("active", "ABCDEF1", "x@y.example") + &line("deferred", "ABCDEF1", "x@y.example");
    let mut queue = listed(&twice, true);
    list(&mut queue, &line("active", "ABCDEF1", "x@y.example"), true);
    assert_eq!((queue.depth().active, queue.depth().deferred), (1, 0));
}
