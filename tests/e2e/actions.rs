//! Hold, release, requeue, flush and delete by keys: the sheet says what will be done, the queue and the log say that it was, and the
//! screen says what came of it.

use crate::console::Console;
use crate::ground::{LIMIT, WINDOW, id_of, lab, message_to, open, stuck_at_yahoo};
use crate::harness::Lab;
use mailtop_parsers::QueueName;
use std::collections::BTreeSet;

const MARIA: [&str; 3] = ["maria1@yahoo.com", "maria2@yahoo.com", "maria3@yahoo.com"];

fn ready() -> Option<(Lab, Console)> {
    let lab = lab()?;
    stuck_at_yahoo(&lab, &MARIA.map(|to| ("orders@shop.example", to)));
    stuck_at_yahoo(&lab, &[("news@shop.example", "lisa@aol.com")]);
    let mut console = open(&lab, WINDOW);
    console.keys("2");
    console.wait_for("Domain × age");
    console.wait_for("▌  yahoo.com ");
    Some((lab, console))
}

fn queue_of(lab: &Lab, address: &str) -> Option<QueueName> {
    message_to(lab, address).map(|entry| entry.queue_name)
}

/// Waits until exactly these addresses' mail is on hold.
fn held(lab: &Lab, addresses: &[&str]) {
    let expected: BTreeSet<String> = addresses.iter().map(ToString::to_string).collect();
    let as_expected = |lab: &Lab| {
        let held = lab
            .postqueue()
            .into_iter()
            .filter(|entry| entry.queue_name == QueueName::Hold);
        held.map(|entry| entry.recipients[0].address.clone())
            .collect::<BTreeSet<_>>()
            == expected
    };
    lab.wait_until(as_expected, LIMIT, &format!("{addresses:?} on hold"));
}

#[test]
fn hold_and_release_of_one_message_of_marked_ones_and_of_a_domain() {
    let Some((lab, mut console)) = ready() else {
        return;
    };
    // One message; the sheet comes first, and any key but y leaves the queue as it is.
    console.keys("<enter>");
    console.wait_for("Messages to yahoo.com");
    let id = selected_id(&console);
    let of_id = |lab: &Lab| {
        let entry = lab
            .postqueue()
            .into_iter()
            .find(|entry| *entry.queue_id == *id);
        entry.expect("it waits").recipients[0].address.clone()
    };
    let address = of_id(&lab);
    console.keys("h");
    console.wait_for("Hold 1 message?");
    for told in [
        &*format!("this message {id}"),
        "orders@shop.example 1",
        "postsuper -h -   (1 queue id on standard input)",
    ] {
        assert!(
            console.screen().contains(told),
            "{told}:\n{}",
            console.screen()
        );
    }
    console.keys("n");
    console.wait_gone("Hold 1 message?");
    held(&lab, &[]);
    console.keys("h");
    console.wait_for("Hold 1 message?");
    console.keys("y");
    console.wait_for("Held: 1 of 1 message");
    held(&lab, &[&address]);
    console.wait_until("the row to say hold", |screen| {
        screen
            .contents()
            .lines()
            .any(|row| row.contains(&id) && row.contains(" hold "))
    });
    console.keys("H");
    console.wait_for("Release from hold 1 message?");
    console.keys("y");
    console.wait_for("Released: 1 of 1 message");
    held(&lab, &[]);
    let line = format!("{id}: released from hold");
    lab.wait_until(
        |lab| lab.log_text().contains(&line),
        LIMIT,
        "the release in the log",
    );
    console.wait_until("the row to say deferred", |screen| {
        screen
            .contents()
            .lines()
            .any(|row| row.contains(&id) && row.contains(" deferred "))
    });

    // Marked ones.
    console.keys("g<space><space>");
    console.wait_for("2 marked");
    console.keys("h");
    console.wait_for("Hold 2 messages?");
    assert!(console.screen().contains("(2 queue ids on standard input)"));
    console.keys("y");
    console.wait_for("Held: 2 of 2 messages");
    console.wait_gone("2 marked");
    let on_hold = |lab: &Lab| {
        MARIA
            .iter()
            .filter(|to| queue_of(lab, to) == Some(QueueName::Hold))
            .count()
    };
    assert_eq!(on_hold(&lab), 2);

    // The whole domain, and no other.
    console.keys("<esc>");
    console.wait_for("Domain × age");
    console.keys("H");
    console.wait_for("Release from hold 2 messages?");
    console.keys("y");
    console.wait_for("Released: 2 of 2 messages");
    held(&lab, &[]);
    console.keys("h");
    console.wait_for("Hold 3 messages?");
    console.keys("y");
    console.wait_for("Held: 3 of 3 messages");
    held(&lab, &MARIA);
    assert_ne!(queue_of(&lab, "lisa@aol.com"), Some(QueueName::Hold));
}

#[test]
fn a_requeued_message_is_listed_with_its_new_queue_id() {
    let Some((lab, mut console)) = ready() else {
        return;
    };
    let old = id_of(&lab, "lisa@aol.com");
    console.keys("j");
    console.wait_for("▌  aol.com ");
    console.keys("<enter>");
    console.wait_for("Messages to aol.com");
    console.wait_for(&old);
    console.keys("r");
    console.wait_for("Requeue 1 message?");
    assert!(
        console
            .screen()
            .contains("postsuper -r -   (1 queue id on standard input)")
    );
    console.keys("y");
    console.wait_for("Requeued: 1 of 1 message");
    let has_new =
        |lab: &Lab| message_to(lab, "lisa@aol.com").is_some_and(|entry| *entry.queue_id != *old);
    lab.wait_until(has_new, LIMIT, "a new queue id");
    let requeued = format!("{old}: requeued");
    assert!(lab.log_text().contains(&requeued), "{requeued}");
    // Not before it is deferred again: this view shows what waits.
    let new = id_of(&lab, "lisa@aol.com");
    console.wait_for(&new);
    console.wait_gone(&old);
}

#[test]
fn a_flushed_message_is_tried_again_at_once() {
    let Some((lab, mut console)) = ready() else {
        return;
    };
    let id = id_of(&lab, "lisa@aol.com");
    let attempts = |lab: &Lab| {
        let log = lab.log_text();
        let mark = format!("{id}: to=<lisa@aol.com>");
        log.lines().filter(|line| line.contains(&mark)).count()
    };
    let before = attempts(&lab);
    assert!(before > 0);
    console.keys("j");
    console.wait_for("▌  aol.com ");
    console.keys("f");
    console.wait_for("Flush 1 message?");
    assert!(console.screen().contains("postqueue -i ID   (once)"));
    console.keys("y");
    console.wait_for("Asked to try now: 1 of 1 message");
    lab.wait_until(|lab| attempts(lab) > before, LIMIT, "another attempt");

    // Once Yahoo takes mail again, flushing the domain empties it, and the row goes.
    lab.mood("yahoo", "healthy");
    console.keys("k");
    console.wait_for("▌  yahoo.com ");
    console.keys("f");
    console.wait_for("Flush 3 messages?");
    console.keys("y");
    console.wait_for("Asked to try now: 3 of 3 messages");
    let delivered = |lab: &Lab| MARIA.iter().all(|to| queue_of(lab, to).is_none());
    lab.wait_until(delivered, LIMIT, "the mail to yahoo.com to be delivered");
    console.wait_until("the domain to leave the table", |screen| {
        !screen
            .contents()
            .lines()
            .any(|row| row.contains("yahoo.com   "))
    });
}

/// The queue ids of all that waits.
fn waiting(lab: &Lab) -> BTreeSet<String> {
    let entries = lab.postqueue().into_iter();
    entries.map(|entry| entry.queue_id).collect()
}

/// The queue id in the selected row of a list of messages.
fn selected_id(console: &Console) -> String {
    let row = console.selected();
    let mut words = row.split_whitespace();
    words.nth(1).expect("a row with a queue id").to_owned()
}

#[test]
fn only_the_marked_messages_are_deleted_and_one_that_left_meanwhile_is_skipped() {
    let Some((lab, mut console)) = ready() else {
        return;
    };
    console.keys("<enter>");
    console.wait_for("Messages to yahoo.com");
    let first = selected_id(&console);
    console.keys("<space>");
    console.wait_for("1 marked");
    let second = selected_id(&console);
    console.keys("<space>");
    console.wait_for("2 marked");
    assert_ne!(first, second);
    let before = waiting(&lab);
    assert!(before.contains(&first) && before.contains(&second));

    // The sheet comes first, and any key but y leaves the queue as it is.
    for key in ["n", "<enter>", "<delete>"] {
        console.keys("d");
        console.wait_for("Delete 2 messages?");
        console.wait_for("postsuper -d -   (2 queue ids on standard input)");
        console.wait_for("This cannot be undone.");
        console.keys(key);
        console.wait_gone("Delete 2 messages?");
    }
    assert_eq!(waiting(&lab), before);

    // Somebody else was faster with one of them.
    console.keys("d");
    console.wait_for("Delete 2 messages?");
    lab.postfix("postsuper", &["-d", "-"], second.as_bytes());
    console.keys("y");
    console.wait_for("Deleted: 1 of 2 messages");
    console.wait_for(&format!("{second}: left the queue"));
    let mut expected = before;
    expected.retain(|id| *id != first && *id != second);
    assert_eq!(expected.len(), 2);
    assert_eq!(waiting(&lab), expected);
    let line = format!("{first}: removed");
    lab.wait_until(
        |lab| {
            let log = lab.log_text();
            let of_postsuper = |text: &str| text.contains("postsuper[") && text.ends_with(&line);
            log.lines().any(of_postsuper)
        },
        LIMIT,
        "the deletion in the log",
    );
    console.keys("<esc>");
    console.wait_gone("what came of it");
    console.wait_gone(&first);
    console.wait_gone("2 marked");
}

#[test]
fn a_whole_domain_is_deleted_by_its_count_or_held_instead() {
    let Some(lab) = lab() else { return };
    let to: Vec<String> = (0..11).map(|n| format!("maria{n}@yahoo.com")).collect();
    let mail: Vec<(&str, &str)> = to.iter().map(|to| ("orders@shop.example", &**to)).collect();
    stuck_at_yahoo(&lab, &mail);
    stuck_at_yahoo(&lab, &[("news@shop.example", "lisa@aol.com")]);
    let lisa = id_of(&lab, "lisa@aol.com");
    let mut console = open(&lab, WINDOW);
    console.keys("2");
    console.wait_for("▌  yahoo.com ");
    let before = waiting(&lab);
    assert_eq!(before.len(), 12);

    console.keys("d");
    console.wait_for("Delete 11 messages?");
    console.keys("12<enter>");
    console.wait_for("nothing was done, the count is 11 and 12 was typed");
    assert_eq!(waiting(&lab), before);

    // Held instead, and deleted from there.
    console.keys("d");
    console.wait_for("Delete 11 messages?");
    console.keys("h");
    console.wait_for("Hold 11 messages?");
    console.keys("y");
    console.wait_for("Held: 11 of 11 messages");
    let addresses: Vec<&str> = to.iter().map(String::as_str).collect();
    held(&lab, &addresses);

    console.keys("d");
    console.wait_for("Type the count to delete:");
    console.keys("11");
    console.wait_for("Type the count to delete:  11_");
    console.keys("<enter>");
    console.wait_for("Deleted: 11 of 11 messages");
    assert_eq!(waiting(&lab), BTreeSet::from([lisa]));
    console.wait_until("the domain to leave the table", |screen| {
        let text = screen.contents();
        !text.lines().any(|row| row.contains("yahoo.com   "))
    });
}
