//! What a summary tells of a small log: its figures, its order, its text.

use super::text::text;
use super::*;
use crate::knowledge::Knowledge;
use crate::reports::grid::Paper;
use chrono::Offset;
use serde_json::json;

const LOG: &str = "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4D1A220001: client=home[198.51.100.7], sasl_method=PLAIN, sasl_username=bob
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@shop.example>
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<bob@shop.example>, size=1000, nrcpt=3 (queue active)
2026-11-24T10:00:03+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<ann@gmail.com>, relay=gmail-smtp-in.l.google.com[192.0.2.9]:25, delay=2, delays=1/0.1/0.4/0.5, dsn=2.0.0, status=sent (250 2.0.0 OK)
2026-11-24T10:00:03+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<maria@yahoo.com>, relay=mta5.am0.yahoodns.net[192.0.2.5]:25, delay=2, delays=1/0.1/0.4/0.5, dsn=4.7.0, status=deferred (host mta5.am0.yahoodns.net[192.0.2.5] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred (in reply to MAIL FROM command))
2026-11-24T11:00:03+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<no\u{1b}body@yahoo.com>, relay=mta5.am0.yahoodns.net[192.0.2.5]:25, delay=3602, delays=3600/0.1/0.4/0.5, dsn=5.1.1, status=bounced (host mta5.am0.yahoodns.net[192.0.2.5] said: 550 5.1.1 no such user (in reply to RCPT TO command))
2026-11-24T11:01:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from bad[203.0.113.9]: 554 5.7.1 <a@b.example>: Relay access denied; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<bad>
2026-11-24T11:02:00+00:00 mx1 postfix/qmgr[1]: warning: connect to transport private/x: Connection refused
2026-11-24T11:03:00+00:00 mx1 dovecot: imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=7, TLS, session=<x>
";

fn summary(top: Option<usize>) -> Summary {
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    let anchor = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z").unwrap();
    facts.lines(LOG.as_bytes(), anchor.to_utc());
    Summary::of(&facts, top)
}

#[test]
fn the_object_is_that_of_the_contract() {
    let json = serde_json::to_value(summary(None)).unwrap();
    assert_eq!(json["schema"], 1);
    assert_eq!(json["since"], "2026-11-24T10:00:00.000000+00:00");
    assert_eq!(json["hosts"], json!(["mx1"]));
    assert_eq!(json["lines"], 9);
    let messages = json!({
        "received": 1, "delivered": 1, "forwarded": 0, "deferred": 1, "deferrals": 1, "bounced": 1, "rejected": 1,
        "reject_warnings": 0, "held": 0, "discarded": 0, "reinjected": 0, "bytes_received": 1000, "bytes_delivered": 1000, "senders": 1,
        "sender_domains": 1, "recipients": 1, "recipient_domains": 1,
    });
    assert_eq!(json["messages"], messages);
    let hour = json!({
        "hour": "2026-11-24T11:00:00.000000+00:00", "received": 0, "delivered": 0, "deferred": 0, "bounced": 1, "rejected": 1
    });
    assert_eq!(json["hours"][1], hour);
    assert_eq!(json["providers"][0]["provider"], "Yahoo/AOL");
    assert_eq!(json["providers"][0]["codes"][0]["smtp_code"], 421);
    assert_eq!(json["providers"][0]["codes"][0]["status"], "deferred");
    assert_eq!(json["providers"][1]["delay"]["p50"], 2.25);
    assert_eq!(json["domains"][0]["domain"], "yahoo.com");
    assert_eq!(
        json["domains"][0]["oldest"],
        "2026-11-24T10:00:01.000000+00:00"
    );
    let [deferral, bounce] = [&json["reasons"][0], &json["reasons"][1]];
    assert_eq!(
        (&deferral["status"], &deferral["smtp_code"]),
        (&json!("deferred"), &json!(421))
    );
    assert_eq!(
        deferral["domains"],
        json!([{"domain": "yahoo.com", "count": 1}])
    );
    assert_eq!(
        (&bounce["status"], &bounce["text"]),
        (&json!("bounced"), &json!("no such user"))
    );
    let sender = json!({"address": "bob@shop.example", "messages": 1, "recipients": 3, "bytes": 1000, "bounced": 1, "networks": 1});
    assert_eq!(json["senders"], json!([sender]));
    assert_eq!(json["accounts"][0]["user"], "bob");
    assert_eq!(json["clients"][0]["address"], "198.51.100.7");
    assert_eq!(json["rejects"][0]["stage"], "RCPT");
    assert_eq!(json["rejects"][0]["clients"], 1);
    assert_eq!(json["rejects"][0]["reason"], "<addr>: Relay access denied");
    let helps = (
        &deferral["class"],
        &deferral["retry_helps"],
        &deferral["command"],
    );
    assert_eq!(
        helps,
        (
            &json!("rate-limited"),
            &json!("slower"),
            &json!("MAIL FROM")
        )
    );
    assert_eq!(json["queue"].as_array().unwrap().len(), 64);
    assert_eq!(json["queue"][1]["deferred"], 1);
    assert_eq!(json["dovecot"]["logins"], 1);
    let warning = json["warnings"][0]["text"].as_str().unwrap();
    assert!(
        warning.starts_with("qmgr: ")
            && warning.ends_with("connect to transport private/x: Connection refused"),
        "{warning}"
    );
    assert_eq!(json.get("left_out"), None);
}

#[test]
fn rows_beyond_the_top_are_counted() {
    let json = serde_json::to_value(summary(Some(1))).unwrap();
    assert_eq!(json["domains"].as_array().unwrap().len(), 1);
    assert_eq!(json["not_shown"], json!({"domains": 1, "reasons": 1}));
}

#[test]
fn the_text_holds_every_section_within_its_width() {
    for (ascii, width) in [(false, 80), (true, 80), (false, 132)] {
        let text = text(&summary(None), Paper::new(width, ascii, 1));
        for section in [
            "Mail of mx1, 2026-11-24 10:00:00 to 2026-11-24 11:03:00 (1h 03m)",
            "\nHours\n",
            "\nQueue\n",
            "\nProviders",
            "\nBounces by",
            "\nDeferrals by",
            "\nDomains with deferrals\n",
            "\nDomains (",
            "\nWhy attempts",
            "\nWhy recipients",
            "\nRefused",
            "\nSenders\n",
            "\nAccounts",
            "\nClients\n",
            "\nWarnings\n",
            "\nDovecot",
        ] {
            assert!(text.contains(section), "{section}:\n{text}");
        }
        assert!(
            text.lines().all(|line| line.chars().count() <= width),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
        assert!(!ascii || text.is_ascii(), "{text}");
    }
}

/// The same log gives the same report, whatever the order of the tables in memory.
#[test]
fn a_report_is_always_the_same() {
    let once = serde_json::to_string(&summary(None)).unwrap();
    for _ in 0..10 {
        assert_eq!(serde_json::to_string(&summary(None)).unwrap(), once);
    }
}

#[test]
fn sums_alone_tell_all_that_a_report_prints() {
    let lab = include_bytes!("../../../parsers/benches/lab.log");
    let lines: Vec<&[u8]> = lab
        .split_inclusive(|byte| *byte == b'\n')
        .chain(LOG.as_bytes().split_inclusive(|byte| *byte == b'\n'))
        .collect();
    let now = DateTime::parse_from_rfc3339("2026-11-25T12:00:00Z").unwrap();
    let report = |new: fn() -> Facts| {
        // Two seams, so that what is put right at them is compared too.
        let mut pieces = lines.chunks(lines.len() / 3 + 1).map(|piece| {
            let mut facts = new();
            facts.lines(&piece.concat(), now.to_utc());
            facts
        });
        let mut all = pieces.next().unwrap();
        pieces.for_each(|piece| all.join(piece));
        serde_json::to_value(Summary::of(&all, None)).unwrap()
    };
    let whole = report(|| Facts::new(Knowledge::builtin(), Utc.fix()));
    let sums = report(|| Facts::new(Knowledge::builtin(), Utc.fix()).sums_only());
    assert_eq!(whole, sums);
    assert!(whole["lines"].as_u64() > Some(1_000));
}
