//! What a listing becomes: objects, groups and tables.

use super::*;
use crate::app::filter::Filter;
use crate::reports::grid::Paper;
use chrono::Offset;

fn listing() -> Listing {
    let lines = [
        r#"{"queue_name": "deferred", "queue_id": "4D1A220001", "arrival_time": 1000, "message_size": 2000, "forced_expire": false, "sender": "a@shop.example", "recipients": [{"address": "x@yahoo.com", "delay_reason": "host mta5.am0.yahoodns.net[192.0.2.5] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 deferred (in reply to MAIL FROM command)"}, {"address": "y@aliased.example", "delay_reason": "host mx-aol.mail.gm0.yahoodns.net[192.0.2.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.26 deferred (in reply to MAIL FROM command)"}]}"#,
        r#"{"queue_name": "active", "queue_id": "4D1A220002", "arrival_time": 4500, "message_size": 100, "sender": "MAILER-DAEMON", "recipients": [{"address": "b@gmail.com"}]}"#,
        r#"{"queue_name": "active", "queue_id": "4D1A220001", "arrival_time": 1000, "message_size": 2000, "sender": "first mention", "recipients": []}"#,
        "no JSON",
    ];
    let at = DateTime::from_timestamp(4600, 0).unwrap();
    let mut listing = Listing::new(Knowledge::builtin(), at, Utc.fix());
    listing.instance = Some(SafeText::from("postfix"));
    for line in [lines[2], lines[0], lines[1], lines[3]] {
        listing.lines(format!("{line}\n").as_bytes());
    }
    listing
}

#[test]
fn a_message_is_what_postqueue_says_and_more() {
    let listing = listing();
    assert_eq!((listing.entries().len(), listing.bad_lines()), (2, 1));
    let one = listing.object(&listing.entries()[0]);
    assert_eq!(one["queue_name"], "deferred");
    assert_eq!(one["arrival_time"], 1000);
    assert_eq!(one["arrival"], "1970-01-01T00:16:40.000000+00:00");
    assert_eq!(
        (&one["provider"], &one["dsn"]),
        (&json!("Yahoo/AOL"), &json!("4.7.0"))
    );
    assert_eq!(one["class"], "rate-limited");
    assert_eq!(one.get("domain"), None, "the recipients have two");
    assert_eq!(one["recipients"][1]["domain"], "aliased.example");
    let other = listing.object(&listing.entries()[1]);
    assert_eq!(
        (&other["sender"], &other["domain"]),
        (&json!(""), &json!("gmail.com"))
    );
    assert_eq!(other.get("dsn"), None);
}

#[test]
fn groups_of_every_kind() {
    let listing = listing();
    let keys = |by| {
        let groups = listing.groups(by).into_iter();
        groups
            .map(|group| (group.key, group.messages, group.recipients))
            .collect::<Vec<_>>()
    };
    let row = |key: &str, messages, recipients| (key.to_owned(), messages, recipients);
    assert_eq!(
        keys(By::Domain),
        [
            row("aliased.example", 1, 1),
            row("gmail.com", 1, 1),
            row("yahoo.com", 1, 1)
        ]
    );
    assert_eq!(
        keys(By::Sender),
        [row("", 1, 1), row("a@shop.example", 1, 2)]
    );
    assert_eq!(
        keys(By::Provider),
        [row("Google", 1, 1), row("Yahoo/AOL", 1, 2)]
    );
    assert_eq!(
        keys(By::Age),
        [row("< 5 min", 1, 1), row("40 - 80 min", 1, 2)]
    );
    let reasons = keys(By::Reason);
    assert_eq!(reasons.len(), 2);
    assert!(reasons[1].0.starts_with("421 4.7.0 [TSS"), "{reasons:?}");
    let group = listing.group(&listing.groups(By::Provider)[1], By::Provider);
    assert_eq!(group["buckets"], json!([0, 0, 0, 0, 1, 0, 0, 0, 0, 0]));
    assert_eq!(
        (&group["provider"], &group["bytes"]),
        (&json!("Yahoo/AOL"), &json!(2000))
    );
    assert_eq!(group["newest"], "1970-01-01T00:16:40.000000+00:00");
}

#[test]
fn tables_keep_to_the_paper() {
    let listing = listing();
    for width in [80, 140] {
        let paper = Paper::new(width, false, 20);
        let mut tables = vec![text::messages(&listing, paper)];
        for by in [By::Domain, By::Sender, By::Provider, By::Reason, By::Age] {
            tables.push(text::groups(&listing, by, paper));
        }
        for table in tables {
            assert!(
                table.lines().all(|line| line.chars().count() <= width),
                "{table}"
            );
            assert!(
                table.ends_with("\n2 messages, 3 recipients, 2.1 KiB\n"),
                "{table}"
            );
        }
    }
    let empty = Listing::new(Knowledge::builtin(), DateTime::default(), Utc.fix());
    assert_eq!(
        text::messages(&empty, Paper::new(80, false, 20)),
        "The queue is empty.\n"
    );
}

#[test]
fn a_filter_keeps_what_it_means() {
    let (yahoo, gmail) = ("4D1A220001", "4D1A220002");
    for (text, kept) in [
        ("", &[yahoo, gmail][..]),
        ("domain:yahoo.com", &[yahoo]),
        ("-domain:yahoo.com", &[gmail]),
        ("from:<>", &[gmail]),
        ("to:y@*", &[yahoo]),
        ("code:4.7.0 code:421", &[yahoo]),
        ("reason:TSS04 class:rate-limited", &[yahoo]),
        ("relay:*.yahoodns.net", &[yahoo]),
        ("provider:google", &[gmail]),
        ("queue:active", &[gmail]),
        ("age:>=1h", &[yahoo]),
        ("size:<1k rcpts:=1", &[gmail]),
        ("qid:*1", &[yahoo]),
        ("b@gmail", &[gmail]),
        ("user:ann", &[]),
        ("host:mx1", &[yahoo, gmail]),
    ] {
        let mut listing = listing();
        listing.host = Some(SafeText::from("mx1"));
        assert_eq!(listing.keep(&Filter::new(text).unwrap()), 2);
        let ids: Vec<&str> = listing
            .entries()
            .iter()
            .map(|entry| &*entry.queue_id)
            .collect();
        assert_eq!(ids, kept, "{text}");
    }
}

#[test]
fn what_is_listed_later_still_finds_its_place_after_a_filter() {
    let mut listing = listing();
    listing.keep(&Filter::new("from:<>").unwrap());
    listing.lines(br#"{"queue_name": "hold", "queue_id": "4D1A220002", "arrival_time": 4500, "message_size": 100, "sender": "x", "recipients": []}"#);
    assert_eq!(
        (listing.entries().len(), &*listing.entries()[0].sender),
        (1, "x")
    );
}
