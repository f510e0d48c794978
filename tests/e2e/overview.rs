//! mailtop opens on the Overview, which says what is in the queues, what is stuck, for how long and why, and who does it.

use crate::console::Console;
use crate::ground::{LIMIT, WINDOW, lab, open, stuck_at_yahoo};
use crate::harness::Lab;
use mailtop_parsers::QueueName;
use regex::Regex;

/// Words of a row after its name, as a table has them.
fn row(console: &Console, name: &str) -> Vec<String> {
    let row = console.row_with(name);
    let (_, words) = row.split_once(name).unwrap_or_default();
    words.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn it_opens_on_what_is_stuck_since_when_and_why() {
    let Some(lab) = lab() else { return };
    lab.mood("yahoo", "incident");
    lab.traffic(&["19", "--mix", "each"]);
    stuck_at_yahoo(
        &lab,
        &[
            ("orders@shop.example", "maria1@yahoo.com"),
            ("orders@shop.example", "maria2@yahoo.com"),
            ("news@shop.example", "maria3@yahoo.com"),
        ],
    );
    // What takes its time, such as the provider that hangs, is deferred too.
    let calm = |lab: &Lab| {
        lab.postqueue()
            .iter()
            .all(|entry| entry.queue_name == QueueName::Deferred)
    };
    lab.wait_until(calm, LIMIT, "an empty active queue");
    let deferred = lab.postqueue().len();
    let held = lab.postfix("postsuper", &["-h", "-"], held_id(&lab).as_bytes());
    assert!(held.contains("1 message"), "{held}");

    let mut console = open(&lab, WINDOW);
    // The last rows of the frame that are looked at.
    for row in ["full.example ", "Newest events", "q quit"] {
        console.wait_for(row);
    }
    assert!(console.screen().contains("[1 Overview]"));

    // Counts by queue, and the oldest.
    for (queue, count) in [("deferred", deferred - 1), ("active", 0), ("hold", 1)] {
        let row = row(&console, &format!("│ {queue} "));
        assert_eq!(row[0], count.to_string(), "{queue}");
    }
    let oldest = row(&console, "│ oldest ");
    assert_age(&oldest[0]);
    assert_eq!(oldest[1], "size");

    // Stuck domains: how many, since when, the enhanced status and the server's own words.
    let yahoo = row(&console, "▌  yahoo.com");
    assert_eq!(yahoo[0], "4", "one of the mix and three more");
    assert_age(&yahoo[1]);
    assert_eq!(yahoo[2], "4.7.0");
    assert_eq!(yahoo[3..5], ["[TSS04]", "Messages"]);
    let full = row(&console, "full.example ");
    assert_eq!((&*full[0], &*full[2]), ("1", "4.2.2"));

    // Providers: what they took and what they refused, with their codes.
    let by_provider = Regex::new(r"Yahoo/AOL\s+[■▒x]+\s+\S+\s+(\S+)\s+(\S+)").unwrap();
    let screen = console.screen();
    let found = by_provider.captures(&screen).expect("Yahoo's row");
    // aol.com is Yahoo's as well.
    let rates = (&found[1], &found[2]);
    assert_eq!(
        rates,
        ("0.5", "100.0"),
        "five in ten minutes, all deferred:\n{screen}"
    );
    for provider in ["Google", "Outlook", "Apple"] {
        assert!(screen.contains(provider), "{provider}:\n{screen}");
    }

    // The newest events, and the host.
    assert!(screen.contains("Newest events"), "{screen}");
    for of_host in [
        "CPU",
        "PSI",
        "Disk",
        "Spool",
        "% space",
        "% inodes",
        "smtp processes",
    ] {
        console.wait_for(of_host);
    }
    let limit = Regex::new(r"\d+/100").unwrap();
    console.wait_until("smtp's limit", |screen| limit.is_match(&screen.contents()));
    lab.mail("orders@shop.example", "bob1@aol.com");
    let event = Regex::new(r"\d\d:\d\d:\d\d .*aol\.com deferred 421 4\.7\.0 \[TSS04\]").unwrap();
    console.wait_until("the new event", |screen| event.is_match(&screen.contents()));
}

/// `aol.com` is held: it is not one of the domains whose rows are read.
fn held_id(lab: &Lab) -> String {
    let mut aol = lab.postqueue().into_iter().filter(|entry| {
        entry
            .recipients
            .iter()
            .any(|to| to.address.ends_with("@aol.com"))
    });
    format!("{}\n", aol.next().expect("mail to aol.com waits").queue_id)
}

fn assert_age(text: &str) {
    let age = Regex::new(r"^\d+(s|m)$").expect("a pattern");
    assert!(
        age.is_match(text),
        "{text} is no age of some seconds or minutes"
    );
}
