//! What filters see of a line: every daemon's fields, and nothing that the line does not say.

use super::*;
use crate::app::filter::Filter;
use crate::knowledge::Knowledge;
use chrono::Offset;
use mailtop_parsers::Calendar;
use mailtop_parsers::journal::Mixed;

/// A line, filters that hold for it, filters that do not.
const LINES: &[(&str, &[&str], &[&str])] = &[
    (
        "mx1 postfix/smtp[9]: 4jYg7l1WNDz2BGQD: to=<ann@Yahoo.com>, orig_to=<ann@corp.example>, relay=mta5.am0.yahoodns.net[203.0.113.6]:25, delay=2.5, delays=1/0/1/0.5, dsn=4.7.0, status=deferred (host mta5.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to user complaints; see x (in reply to MAIL FROM command))",
        &[
            "prog:smtp",
            "prog:postfix/smtp",
            "host:mx1",
            "qid:4jYg7l1WNDz2BGQD",
            "to:ann@Yahoo.com",
            "to:ann@corp.example",
            "domain:yahoo.com",
            "domain:corp.example",
            "code:4.7.0",
            "code:421",
            "relay:*.yahoodns.net",
            "ip:203.0.113.0/24",
            "status:deferred",
            "reason:TSS04",
            "class:rate-limited",
            "provider:yahoo",
            "delay:>=2500ms",
            "age:=1h",
            "complaints",
            "/TSS\\d+/",
        ],
        &[
            "prog:postfix",
            "from:*",
            "user:*",
            "ip:192.0.2.25",
            "status:sent",
            "size:>0",
            "queue:deferred",
        ],
    ),
    (
        "mx1 postfix/smtp[9]: ABCDEF12: to=<bob@dead.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect to dead.example[192.0.2.9]:25: Connection timed out)",
        &[
            "relay:none",
            "code:4.4.1",
            "class:unreachable",
            "provider:other",
        ],
        &["ip:192.0.2.9", "code:421"],
    ),
    (
        "mx1 postfix/qmgr[3]: ABCDEF12: from=<>, size=6214, nrcpt=3 (queue active)",
        &["from:<>", "size:>6k", "rcpts:=3", "prog:qmgr"],
        &["to:*", "domain:*", "status:*", "delay:>0"],
    ),
    (
        "mx1 postfix/submission/smtpd[4]: ABCDEF12: client=pc.example[2001:db8::5], sasl_method=PLAIN, sasl_username=ann@corp.example",
        &[
            "user:ann@*",
            "client:pc.example",
            "ip:2001:db8::/32",
            "prog:postfix/submission/smtpd",
        ],
        &["relay:*", "from:*"],
    ),
    (
        "mx1 postfix/smtpd[4]: NOQUEUE: reject: RCPT from unknown[192.0.2.7]: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<h>",
        &[
            "status:reject",
            "code:554",
            "code:5.7.1",
            "from:a@b.example",
            "domain:y.example",
            "ip:192.0.2.7",
            "proto:esmtp",
            "reason:\"access denied\"",
        ],
        &["class:*", "provider:*", "qid:*"],
    ),
    (
        "mx1 postfix/cleanup[2]: ABCDEF12: message-id=<1@shop.example>",
        &["msgid:1@shop.example", "msgid:*@shop.example"],
        &["from:*"],
    ),
    (
        "mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<ann>, method=PLAIN, rip=198.51.100.7, lip=192.0.2.1, session=<x>",
        &[
            "user:ann",
            "ip:198.51.100.7",
            "proto:imap",
            "proto:imap-login",
            "prog:dovecot",
            "status:failed",
        ],
        &["ip:192.0.2.1", "domain:*"],
    ),
    (
        "mx1 dovecot: lmtp(ann)<4><s>: msgid=<1@shop.example>: saved mail to INBOX",
        &[
            "user:ann",
            "msgid:1@shop.example",
            "proto:lmtp",
            "status:saved",
        ],
        &["status:failed"],
    ),
    (
        "mx1 postfix/qmgr[3]: ABCDEF12: from=<a@b.example>, status=expired, returned to sender",
        &["status:expired", "from:a@b.example"],
        &["status:bounced"],
    ),
    (
        "mx1 postfix/smtp[9]: something that no grammar knows \u{202e}",
        &["grammar", "/202e/", "prog:smtp"],
        &["reason:grammar"],
    ),
];

#[test]
fn log_lines_are_asked_for_what_they_say() {
    let facts = Facts::new(Knowledge::builtin(), Utc.fix());
    let until = DateTime::parse_from_rfc3339("2026-11-24T11:00:00Z").unwrap();
    let calendar = Calendar { anchor: until };
    for (text, yes, no) in LINES {
        let line = format!("2026-11-24T10:00:00+00:00 {text}");
        let mut mixed = Mixed::default();
        let record = mixed.record(line.as_bytes(), &calendar);
        let logged = Logged {
            record: &record,
            line: line.as_bytes(),
            facts: &facts,
            until: until.into(),
        };
        for text in *yes {
            assert!(
                Filter::new(text).unwrap().matches(&logged),
                "{text}: {record:?}"
            );
        }
        for text in *no {
            assert!(
                !Filter::new(text).unwrap().matches(&logged),
                "{text}: {record:?}"
            );
        }
    }
}
