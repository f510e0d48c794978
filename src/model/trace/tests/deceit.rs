//! Lines that look like something else: ids within ids, words that look like ids, and what strangers write into a log.

use super::{DEFERRED, told, traced, wanted};

#[test]
fn an_id_within_another_id_is_not_that_message() {
    let longer = DEFERRED.replace("4AAAAAAAA1", "4AAAAAAAA1F");
    let log = format!("{DEFERRED}{longer}");
    assert_eq!(told(&traced("4AAAAAAAA1", &log)), ["4AAAAAAAA1 sent 9"]);
    assert_eq!(told(&traced("4AAAAAAAA1F", &log)), ["4AAAAAAAA1F sent 9"]);
}

#[test]
fn other_programs_are_shown_and_believed_in_nothing() {
    let log = format!(
        "{DEFERRED}\
2026-11-24T10:00:02+00:00 mx1 opendkim[7]: 4AAAAAAAA1: removed
2026-11-24T10:00:03+00:00 mx1 sshd[7]: Invalid user postfix/qmgr[12]: 4AAAAAAAA1: removed from 192.0.2.9
2026-11-24T10:00:04+00:00 mx1 rspamd[9]: <a1b2c3>; task; rspamd_task_write_log: id: <1@shop.example>, qid: <4AAAAAAAA1>, ip: 198.51.100.7, (default: F (no action): [1.20/15.00])
2026-11-24T10:00:05+00:00 mx2 opendkim[7]: 4AAAAAAAA1: on another host
2026-11-24T11:30:00+00:00 mx1 cron[7]: 4AAAAAAAA1: long after its life
2026-11-24T10:00:06+00:00 mx1 opendkim[7]: x4AAAAAAAA1: another word
"
    );
    let traced = traced("4AAAAAAAA1", &log);
    assert_eq!(told(&traced), ["4AAAAAAAA1 sent 12"]);
    assert_eq!(
        traced.messages[0].events,
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    );
}

/// A remote server may name any id in its reply.
#[test]
fn a_reply_ties_no_strange_message() {
    let stranger = DEFERRED
        .replace("4AAAAAAAA1", "4BBBBBBBB1")
        .replace("<1@", "<2@")
        .replace("news@", "boss@");
    let reply = DEFERRED.replace(
        "250 ok dirdel",
        "250 ok queued as 4BBBBBBBB1 forwarded as 4BBBBBBBB1",
    );
    let traced = traced("4AAAAAAAA1", &format!("{reply}{stranger}"));
    assert_eq!(told(&traced), ["4AAAAAAAA1 sent 9"]);
    assert!(!wanted(&traced).contains(&String::from("4BBBBBBBB1")));
}

#[test]
fn words_in_a_message_id_make_no_event() {
    let log = DEFERRED.replace(
        "<1@shop.example>",
        "<x id=ALL: sender non-delivery notification: 4BBBBBBBB1 orig_id=4CCCCCCCC1>",
    );
    let traced = traced("4AAAAAAAA1", &log);
    assert_eq!(told(&traced), ["4AAAAAAAA1 sent 9"]);
    assert_eq!(traced.wanted.len(), 2);
}

/// A sender may choose a Message-ID that stands in every line.
#[test]
fn a_message_id_is_searched_for_where_one_stands() {
    for (id, needle) in [
        ("<1>", "id=<1>"),
        ("<postfix>", "id=<postfix>"),
        ("<a@b> <c@d>", "id=<a@b> <c@d>"),
    ] {
        let log = DEFERRED.replace("<1@shop.example>", id);
        assert_eq!(wanted(&traced("4AAAAAAAA1", &log)), ["4AAAAAAAA1", needle]);
    }
}

#[test]
fn an_empty_message_id_ties_nothing() {
    let twin = DEFERRED.replace("4AAAAAAAA1", "4BBBBBBBB1");
    let log = format!("{DEFERRED}{twin}").replace("<1@shop.example>", "<>");
    assert_eq!(told(&traced("4AAAAAAAA1", &log)), ["4AAAAAAAA1 sent 9"]);
    assert_eq!(wanted(&traced("4AAAAAAAA1", &log)), ["4AAAAAAAA1"]);
}

/// Two messages that name each other as their origin.
#[test]
fn a_circle_has_an_end() {
    let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/pickup[1]: 4AAAAAAAA1: uid=0 from=<a@x> orig_id=4BBBBBBBB1
2026-11-24T10:00:01+00:00 mx1 postfix/pickup[1]: 4BBBBBBBB1: uid=0 from=<a@x> orig_id=4AAAAAAAA1
2026-11-24T10:00:02+00:00 mx1 postfix/pickup[1]: 4CCCCCCCC1: uid=0 from=<a@x> orig_id=4CCCCCCCC1
";
    assert_eq!(traced("4AAAAAAAA1", log).messages.len(), 2);
    assert_eq!(told(&traced("4CCCCCCCC1", log)), ["4CCCCCCCC1 incoming 1"]);
}

#[test]
fn lines_without_stamp_host_or_sense() {
    let bare = "4AAAAAAAA1: removed\npostfix/qmgr[3]: 4AAAAAAAA1: removed\n\u{0}\n4AAAAAAAA1\n";
    let traced = traced("4AAAAAAAA1", &format!("{bare}{DEFERRED}{bare}"));
    assert!(traced.messages.iter().any(|one| one.events.len() >= 9));
}

/// A mail for a program that speaks of a queue id, as the daemon's own warning.
#[test]
fn a_warning_that_names_the_message_is_part_of_its_life() {
    let warning = "2026-11-24T10:00:00.45+00:00 mx1 postfix/smtp[4]: warning: 4AAAAAAAA1: queue file size limit exceeded\n";
    let other =
        "2026-11-24T10:00:00.46+00:00 mx1 postfix/smtp[4]: warning: mail for 4AAAAAAAA1: loops\n";
    let log = format!("{DEFERRED}{warning}{other}");
    assert_eq!(told(&traced("4AAAAAAAA1", &log)), ["4AAAAAAAA1 sent 10"]);
}
