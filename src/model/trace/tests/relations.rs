//! Every way in which a message comes of another, with the lines of real programs.

use super::{told, traced, wanted};

/// A message that is filtered, bounces in part, is requeued, and is saved to a mailbox.
pub(super) const EVERYTHING: &str = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@shop.example>
2026-11-24T10:00:00+00:00 mx1 opendkim[85]: 4AAAAAAAA1: DKIM-Signature field added (s=mail, d=shop.example)
2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)
2026-11-24T10:00:01+00:00 mx1 postfix/10025/smtpd[6]: 4AAAAAAAA2: client=localhost[127.0.0.1], orig_queue_id=4AAAAAAAA1, orig_client=app2[198.51.100.7]
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA2: message-id=<1@shop.example>
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA2: from=<news@shop.example>, size=7000, nrcpt=2 (queue active)
2026-11-24T10:00:01+00:00 mx1 amavis[77]: (00077-01) Passed CLEAN {RelayedInternal}, [198.51.100.7] <news@shop.example> -> <zoe@shop.example>, Queue-ID: 4AAAAAAAA1, Message-ID: <1@shop.example>, queued_as: 4AAAAAAAA2, 900 ms
2026-11-24T10:00:01+00:00 mx1 postfix/amavis/smtp[5]: 4AAAAAAAA1: to=<zoe@shop.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4AAAAAAAA2)
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
2026-11-24T10:00:02+00:00 mx1 postfix/lmtp[7]: 4AAAAAAAA2: to=<zoe@shop.example>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=4.2.2, status=deferred (host mx1[private/dovecot-lmtp] said: 452 4.2.2 Quota exceeded (in reply to end of DATA command))
2026-11-24T10:00:02+00:00 mx1 postfix/lmtp[7]: 4AAAAAAAA2: to=<gone@shop.example>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=5.1.1, status=bounced (host mx1[private/dovecot-lmtp] said: 550 5.1.1 User doesn't exist (in reply to RCPT TO command))
2026-11-24T10:00:02+00:00 mx1 postfix/cleanup[2]: 4BBBBBBBB1: message-id=<4BBBBBBBB1@mx1>
2026-11-24T10:00:02+00:00 mx1 postfix/bounce[8]: 4AAAAAAAA2: sender non-delivery notification: 4BBBBBBBB1
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[3]: 4BBBBBBBB1: from=<>, size=9000, nrcpt=1 (queue active)
2026-11-24T10:00:03+00:00 mx1 postfix/smtp[9]: 4BBBBBBBB1: to=<news@shop.example>, relay=app2[198.51.100.7]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 99999999)
2026-11-24T10:00:03+00:00 mx1 postfix/qmgr[3]: 4BBBBBBBB1: removed
2026-11-24T10:04:00+00:00 mx1 postfix/postsuper[10]: 4AAAAAAAA2: requeued
2026-11-24T10:04:05+00:00 mx1 postfix/pickup[11]: 4CCCCCCCC1: uid=0 from=<news@shop.example> orig_id=4AAAAAAAA2
2026-11-24T10:04:05+00:00 mx1 postfix/cleanup[2]: 4CCCCCCCC1: message-id=<1@shop.example>
2026-11-24T10:04:05+00:00 mx1 postfix/qmgr[3]: 4CCCCCCCC1: from=<news@shop.example>, size=7000, nrcpt=1 (queue active)
2026-11-24T10:04:06+00:00 mx1 dovecot: lmtp(zoe@shop.example)<5478><FdCkA3fGBWtmFQAAg+zDdQ>: msgid=<1@shop.example>: saved mail to INBOX
2026-11-24T10:04:06+00:00 mx1 postfix/lmtp[7]: 4CCCCCCCC1: to=<zoe@shop.example>, relay=mx1[private/dovecot-lmtp], delay=245, delays=245/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <zoe@shop.example> FdCkA3fGBWtmFQAAg+zDdQ Saved)
2026-11-24T10:04:06+00:00 mx1 postfix/qmgr[3]: 4CCCCCCCC1: removed
";

#[test]
fn the_whole_life_is_found_from_every_end() {
    let whole = [
        "4AAAAAAAA1 sent 7",
        "  Reinjected: 4AAAAAAAA2",
        "4AAAAAAAA2 requeued 8",
        "  non-delivery to sender: 4BBBBBBBB1",
        "  Requeued: 4CCCCCCCC1",
        "4BBBBBBBB1 sent 4",
        "4CCCCCCCC1 sent 6",
    ];
    for question in [
        "4AAAAAAAA1",
        "4AAAAAAAA2",
        "4BBBBBBBB1",
        "4CCCCCCCC1",
        "zoe@shop.example",
        "<1@shop.example>",
        "<4BBBBBBBB1@mx1>",
    ] {
        assert_eq!(told(&traced(question, EVERYTHING)), whole, "{question}");
    }
}

/// The rounds of a search: what each one finds names what the next one must search for.
#[test]
fn each_round_names_what_the_next_one_needs() {
    let with = |needles: &[&str]| -> String {
        let holds = |line: &&str| needles.iter().any(|needle| line.contains(needle));
        EVERYTHING
            .lines()
            .filter(holds)
            .map(|line| format!("{line}\n"))
            .collect::<Vec<String>>()
            .concat()
    };
    let first = traced("4BBBBBBBB1", &with(&["4BBBBBBBB1"]));
    let names = ["4AAAAAAAA2", "4BBBBBBBB1", "id=<4BBBBBBBB1@mx1>"];
    assert_eq!(wanted(&first), names);
    let second = traced("4BBBBBBBB1", &with(&names));
    let names = [
        "4AAAAAAAA1",
        "4AAAAAAAA2",
        "4BBBBBBBB1",
        "4CCCCCCCC1",
        "id=<1@shop.example>",
        "id=<4BBBBBBBB1@mx1>",
    ];
    assert_eq!(wanted(&second), names);
    let third = traced("4BBBBBBBB1", &with(&names));
    assert_eq!(wanted(&third), names);
    assert_eq!(told(&third), told(&traced("4BBBBBBBB1", EVERYTHING)));
}

/// Postfix was stopped in between, and the old id was used again before and after.
#[test]
fn requeued_days_before_it_is_picked_up() {
    let log = "\
2026-11-20T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-20T10:00:01+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
2026-11-21T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-21T10:00:01+00:00 mx1 postfix/postsuper[9]: 4AAAAAAAA1: requeued
2026-11-23T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-23T10:00:01+00:00 mx1 postfix/pickup[4]: 4AAAAAAAA2: uid=0 from=<a@x> orig_id=4AAAAAAAA1
";
    let tied = [
        "4AAAAAAAA1 requeued 2",
        "  Requeued: 4AAAAAAAA2",
        "4AAAAAAAA2 incoming 1",
    ];
    assert_eq!(told(&traced("4AAAAAAAA2", log)), tied);
}

#[test]
fn forwarded_by_local() {
    let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@x>
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA2: message-id=<1@x>
2026-11-24T10:00:01+00:00 mx1 postfix/local[4]: 4AAAAAAAA1: to=<bob@mx1>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (forwarded as 4AAAAAAAA2)
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
";
    let told = told(&traced("4AAAAAAAA2", log));
    assert_eq!(
        told,
        [
            "4AAAAAAAA1 sent 4",
            "  Forwarded: 4AAAAAAAA2",
            "4AAAAAAAA2 incoming 1"
        ]
    );
}

/// A filter behind pipe(8) hands back through sendmail(1): nothing names the other id.
#[test]
fn handed_back_through_sendmail() {
    let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@x>
2026-11-24T10:00:02+00:00 mx1 postfix/pickup[4]: 4AAAAAAAA2: uid=110 from=<news@x>
2026-11-24T10:00:02+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA2: message-id=<1@x>
2026-11-24T10:00:02+00:00 mx1 postfix/pipe[5]: 4AAAAAAAA1: to=<bob@x>, relay=spamassassin, delay=2, delays=0/0/0/2, dsn=2.0.0, status=sent (delivered via spamassassin service)
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
";
    let tied = [
        "4AAAAAAAA1 sent 4",
        "  Reinjected: 4AAAAAAAA2",
        "4AAAAAAAA2 incoming 2",
    ];
    assert_eq!(told(&traced("4AAAAAAAA1", log)), tied);
    assert_eq!(told(&traced("4AAAAAAAA2", log)), tied);
    // Sent an hour later, or to another host, it is another message with the same Message-ID.
    let later = log.replace(
        "T10:00:02+00:00 mx1 postfix/pi",
        "T11:00:02+00:00 mx1 postfix/pi",
    );
    let remote = log.replace("relay=spamassassin", "relay=mx.y[192.0.2.1]:25");
    for log in [
        later.replace("pipe[5]: 4AAAAAAAA1", "pipe[5]: 4AAAAAAAA3"),
        remote,
    ] {
        assert_eq!(told(&traced("4AAAAAAAA2", &log)).len(), 1, "{log}");
    }
}

#[test]
fn sieve_redirects_and_the_mailbox_says_what_came_of_it() {
    let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@x>
2026-11-24T10:00:02+00:00 mx1 postfix/pickup[4]: 4AAAAAAAA2: uid=110 from=<news@x>
2026-11-24T10:00:02+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA2: message-id=<1@x>
2026-11-24T10:00:02+00:00 mx1 dovecot: lmtp(bob@x)<5478><FdCk>: sieve: msgid=<1@x>: redirect action: forwarded to <bob@y>
2026-11-24T10:00:02+00:00 mx1 postfix/lmtp[7]: 4AAAAAAAA1: to=<bob@x>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <bob@x> FdCk Saved)
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
2026-11-24T11:30:00+00:00 mx1 dovecot: imap(bob@x)<5479><FdCl>: delete: box=INBOX, uid=7, msgid=<1@x>, size=99
";
    let tied = [
        "4AAAAAAAA1 sent 6",
        "  Reinjected: 4AAAAAAAA2",
        "4AAAAAAAA2 incoming 2",
    ];
    assert_eq!(told(&traced("4AAAAAAAA1", log)), tied);
}

#[test]
fn two_hosts_in_one_file() {
    let log = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4AAAAAAAA1: client=app2[198.51.100.7]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: 4AAAAAAAA1: message-id=<1@x>
2026-11-24T10:00:01+00:00 mx2 postfix/smtpd[1]: 4AAAAAAAA2: client=mx1[192.0.2.1]
2026-11-24T10:00:01+00:00 mx2 postfix/cleanup[2]: 4AAAAAAAA2: message-id=<1@x>
2026-11-24T10:00:01+00:00 mx1 postfix/smtp[4]: 4AAAAAAAA1: to=<bob@x>, relay=mx2[192.0.2.2]:25, delay=2, delays=0/0/0/2, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4AAAAAAAA2)
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[3]: 4AAAAAAAA1: removed
";
    let tied = [
        "4AAAAAAAA1 sent 4",
        "  Relayed: 4AAAAAAAA2",
        "4AAAAAAAA2 incoming 2",
    ];
    assert_eq!(told(&traced("4AAAAAAAA2", log)), tied);
}

#[test]
fn a_mailbox_without_a_queue() {
    let log = "2026-11-24T10:00:00+00:00 mb1 dovecot: lmtp(bob@x)<5478><FdCk>: msgid=<1@x>: saved mail to INBOX";
    let traced = traced("<1@x>", &format!("{log}\n{log}"));
    assert_eq!(told(&traced), ["- unknown 2"]);
    assert_eq!(&*traced.messages[0].instance, b"dovecot");
}

/// One text to many subscribers has one Message-ID: each mailbox line goes to the message for its user.
#[test]
fn a_mailing_list_is_told_apart_by_the_recipient() {
    let mut log = Vec::new();
    for (id, user) in [("4AAAAAAAA1", "ann@x"), ("4AAAAAAAA2", "bob@x")] {
        log.push(format!("\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: {id}: client=localhost[127.0.0.1]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[2]: {id}: message-id=<1@list>
2026-11-24T10:00:01+00:00 mx1 dovecot: lmtp({user})<5478><FdCk>: msgid=<1@list>: saved mail to INBOX
2026-11-24T10:00:01+00:00 mx1 postfix/lmtp[7]: {id}: to=<{user}>, relay=mx1[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <{user}> FdCk Saved)
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[3]: {id}: removed
"));
    }
    let log = log.concat();
    let user = |id: &str| {
        let traced = traced(id, &log);
        let message = traced
            .messages
            .iter()
            .find(|one| one.queue_id.as_deref() == Some(id));
        let lines: Vec<&str> = log.lines().collect();
        let saved = message
            .unwrap()
            .events
            .iter()
            .find_map(|at| lines[*at].contains("saved").then(|| lines[*at]));
        saved.unwrap().contains(if id == "4AAAAAAAA1" {
            "(ann@x)"
        } else {
            "(bob@x)"
        })
    };
    assert!(user("4AAAAAAAA1") && user("4AAAAAAAA2"));
}
