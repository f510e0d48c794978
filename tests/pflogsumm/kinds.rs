//! Short logs that pflogsumm and mailtop are compared on: those that both count alike, and those that they count otherwise.
//!
//! In: nothing. Out: constants. `about` is the heading under which `docs/report.md` explains a difference.

/// A log that the two count differently.
pub struct Kind {
    /// The heading in the docs.
    pub about: &'static str,
    /// The lines.
    pub log: &'static str,
    /// Which totals differ: the name, ours, pflogsumm's.
    pub differ: &'static [(&'static str, u64, u64)],
}

/// What is counted alike although it looks odd: the name and the lines.
pub const ALIKE: [(&str, &str); 6] = [
    (
        "postscreen's rejects",
        "2026-11-24T10:00:00+00:00 mx1 postfix/postscreen[1]: NOQUEUE: reject: RCPT from [203.0.113.9]:4711: 550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.example; from=<a@b.example>, to=<c@d.example>, proto=ESMTP, helo=<bad>\n",
    ),
    (
        "milters at the end of a message",
        "\
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220001: milter-reject: END-OF-MESSAGE from bad[203.0.113.9]: 5.7.1 spam; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<bad>
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220002: milter-hold: END-OF-MESSAGE from bad[203.0.113.9]: milter triggers HOLD action; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<bad>
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220003: milter-discard: END-OF-MESSAGE from bad[203.0.113.9]: milter triggers DISCARD action; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<bad>
",
    ),
    (
        "a message through a content filter counts twice",
        "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: 4D1A220001: client=mx.example[192.0.2.1]
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<a@b.example>, size=1000, nrcpt=1 (queue active)
2026-11-24T10:00:01+00:00 mx1 postfix/smtpd[2]: 4D1A220002: client=localhost[127.0.0.1], orig_queue_id=4D1A220001, orig_client=mx.example[192.0.2.1]
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[2]: 4D1A220002: message-id=<1@x.example>
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[1]: 4D1A220002: from=<a@b.example>, size=1400, nrcpt=1 (queue active)
2026-11-24T10:00:01+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4D1A220002)
2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[1]: 4D1A220001: removed
2026-11-24T10:00:02+00:00 mx1 postfix/lmtp[1]: 4D1A220002: to=<c@d.example>, relay=d.example[private/dovecot-lmtp], delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <c@d.example> Saved)
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220002: removed
",
    ),
    (
        "probes of addresses are no mail",
        "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=deliverable (250 2.1.5 Ok)
2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220002: to=<e@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=5.1.1, status=undeliverable (550 5.1.1 no)
2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220003: to=<e@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=5.1.1, status=bounced (550 5.1.1 no)
",
    ),
    (
        "a message that came before the log has no size",
        "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 Ok)
2026-11-24T10:05:00+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<a@b.example>, size=1000, nrcpt=2 (queue active)
2026-11-24T10:05:01+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<e@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 Ok)
",
    ),
    (
        "stamps of old syslog",
        "\
Nov 24 10:00:00 mx1 postfix/smtps/smtpd[1]: 4D1A220001: client=home[192.0.2.1], sasl_method=PLAIN, sasl_username=bob
Nov 24 10:00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
Nov 24 10:00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<Bob@B.example>, size=1000, nrcpt=1 (queue active)
Nov 24 11:00:00 mx1 postfix/relay/smtp[1]: 4D1A220001: to=<c@d.example>, orig_to=<x@y.example>, relay=mx.d.example[192.0.2.9]:25, conn_use=3, delay=1, delays=0.1/0/0/0.9, dsn=4.2.2, status=deferred (host mx.d.example[192.0.2.9] said: 452 4.2.2 full (in reply to RCPT TO command))
",
    ),
];

/// What is counted otherwise.
pub const DIFFERENT: [Kind; 11] = [
    Kind {
        about: "`NOQUEUE: client=` is no message yet",
        log: "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: client=mx.example[192.0.2.1]
2026-11-24T10:00:01+00:00 mx1 postfix/smtpd[2]: 4D1A220001: client=localhost[127.0.0.1], orig_client=mx.example[192.0.2.1]
",
        differ: &[("received", 1, 2)],
    },
    Kind {
        about: "Services with a `syslog_name` of their own",
        log: "\
2026-11-24T10:00:00+00:00 mx1 postfix/submissions/smtpd[1]: 4D1A220001: client=home[198.51.100.7], sasl_method=PLAIN, sasl_username=bob
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<bob@b.example>, size=1000, nrcpt=1 (queue active)
2026-11-24T10:00:00+00:00 mx1 postfix/submissions/smtpd[1]: NOQUEUE: reject: RCPT from home[198.51.100.7]: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<home>
",
        differ: &[("bytes_received", 1000, 0), ("received", 1, 0), ("rejected", 1, 0)],
    },
    Kind {
        about: "Several instances in one log",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix-out/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n",
        differ: &[("delivered", 1, 0)],
    },
    Kind {
        about: "Milters that refuse before the end of the message",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: milter-reject: RCPT from bad[203.0.113.9]: 451 4.7.1 Try again later; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<bad>\n",
        differ: &[("rejected", 1, 0)],
    },
    Kind {
        about: "Before-queue filters that refuse",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: proxy-reject: END-OF-MESSAGE: 550 5.7.1 spam; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<bad>\n",
        differ: &[("rejected", 1, 0)],
    },
    Kind {
        about: "Quoted addresses",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<\"odd>local\"@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n",
        differ: &[("delivered", 1, 0)],
    },
    Kind {
        about: "Queue ids that are used again",
        log: "\
2026-11-24T10:00:00+00:00 mx1 postfix/pickup[1]: 4D1A220001: uid=0 from=<root>
2026-11-24T10:00:00+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<root@x.example>, size=1000, nrcpt=1 (queue active)
2026-11-24T10:00:01+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=none, delay=1, delays=0.1/0/0/0.9, dsn=4.4.1, status=deferred (connect to d.example[192.0.2.9]:25: Connection refused)
2026-11-24T10:00:02+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok)
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220001: removed
2026-11-24T10:00:03+00:00 mx1 postfix/pickup[1]: 4D1A220001: uid=0 from=<root>
2026-11-24T10:00:03+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<2@x.example>
2026-11-24T10:00:03+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<root@x.example>, size=2000, nrcpt=1 (queue active)
2026-11-24T10:00:04+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=none, delay=1, delays=0.1/0/0/0.9, dsn=4.4.1, status=deferred (connect to d.example[192.0.2.9]:25: Connection refused)
2026-11-24T10:00:05+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok)
",
        differ: &[("bytes_delivered", 3000, 2000), ("bytes_received", 3000, 1000), ("deferred", 2, 1)],
    },
    Kind {
        about: "Two hosts in one log",
        log: "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=none, delay=1, delays=0.1/0/0/0.9, dsn=4.4.1, status=deferred (connect to d.example[192.0.2.9]:25: Connection refused)
2026-11-24T10:00:00+00:00 mx2 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=none, delay=1, delays=0.1/0/0/0.9, dsn=4.4.1, status=deferred (connect to d.example[192.0.2.9]:25: Connection refused)
",
        differ: &[("deferred", 2, 1)],
    },
    Kind {
        about: "A remote server that says `forwarded as`",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 Ok: forwarded as 17)\n",
        differ: &[("delivered", 1, 0), ("forwarded", 0, 1)],
    },
    Kind {
        about: "`soft_bounce = yes`",
        log: "2026-11-24T10:00:00+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=mx.d.example[192.0.2.9]:25, delay=1, delays=0.1/0/0/0.9, dsn=5.1.1, status=SOFTBOUNCE (host mx.d.example[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))\n",
        differ: &[("deferrals", 1, 0), ("deferred", 1, 0)],
    },
    Kind {
        about: "Repeated messages that rsyslog sums up",
        log: "\
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from bad[203.0.113.9]: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<bad>
2026-11-24T10:00:00+00:00 mx1 postfix/smtpd[1]: message repeated 3 times: [ NOQUEUE: reject: RCPT from bad[203.0.113.9]: 554 5.7.1 <x@y.example>: Relay access denied; from=<a@b.example> to=<x@y.example> proto=ESMTP helo=<bad>]
",
        differ: &[("rejected", 4, 1)],
    },
];
