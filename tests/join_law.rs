//! The join law: cut a log at any lines into pieces, fold each piece on its own, join neighbours in any grouping, and the facts are those
//! of the whole log folded in order.
//!
//! The logs are made up: messages with lives of their own, interleaved, with lines that were lost, ids that were used again, stamps
//! that step back, two hosts and two instances, and everything else that adds to a table.

use chrono::{DateTime, Offset, TimeDelta, Utc};
use mailtop::knowledge::Knowledge;
use mailtop::model::facts::Facts;
use mailtop::model::providers::matrix::{Axis, Meant};
use mailtop::reports::summary::Summary;
use proptest::prelude::*;
use proptest::sample::select;

/// Half a day before the moment that the lines are read.
fn begin() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_795_500_000)
}

fn fold(lines: &[String]) -> Facts {
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    facts.lines(text.as_bytes(), begin() + TimeDelta::hours(12));
    facts
}

/// Joins the pieces, neighbours first as `order` says, until one is left.
fn join(mut pieces: Vec<Facts>, order: &[usize]) -> Facts {
    let mut order = order.iter().cycle();
    while pieces.len() > 1 {
        let at = order.next().unwrap_or(&0) % (pieces.len() - 1);
        let newer = pieces.remove(at + 1);
        pieces[at].join(newer);
    }
    pieces.remove(0)
}

/// What one daemon says; `QID` stands for the queue id.
#[derive(Debug, Clone)]
struct Said {
    daemon: &'static str,
    text: String,
}

fn said(daemon: &'static str, text: impl Into<String>) -> Said {
    Said {
        daemon,
        text: text.into(),
    }
}

fn recipient() -> impl Strategy<Value = &'static str> {
    select(vec![
        "ann@gmail.com",
        "bob@Yahoo.com",
        "eve@dead.example",
        "postmaster",
        "x@shop.example",
    ])
}

fn sender() -> impl Strategy<Value = &'static str> {
    select(vec!["", "Orders@Shop.Example", "news@shop.example", "root"])
}

fn attempt() -> impl Strategy<Value = Said> {
    let relay = select(vec![
        "none",
        "aspmx.l.google.com[192.0.2.9]:25",
        "mta5.am0.yahoodns.net[192.0.2.5]:25",
        "local",
        "mx[private/dovecot-lmtp]",
    ]);
    let outcome = select(vec![
        ("2.0.0", "sent (250 2.0.0 OK: queued as 4D1A22FFFF)"),
        ("2.0.0", "sent (forwarded as 4D1A22EEEE)"),
        (
            "4.7.0",
            "deferred (host mta5.am0.yahoodns.net[192.0.2.5] said: 421 4.7.0 [TSS04] Messages deferred (in reply to MAIL FROM command))",
        ),
        (
            "4.4.1",
            "deferred (connect to dead.example[192.0.2.7]:25: Connection timed out)",
        ),
        (
            "5.1.1",
            "bounced (host aspmx.l.google.com[192.0.2.9] said: 550 5.1.1 no such user (in reply to RCPT TO command))",
        ),
        ("5.1.1", "SOFTBOUNCE (unknown user: \"x\")"),
        ("2.0.0", "deliverable (delivers to mailbox)"),
    ]);
    (recipient(), relay, outcome, 0u32..5000).prop_map(|(to, relay, (dsn, outcome), delay)| {
        let delay = f64::from(delay) / 10.0;
        said(
            "smtp",
            format!("QID: to=<{to}>, relay={relay}, delay={delay}, delays=0.1/0/{delay}/0.2, dsn={dsn}, status={outcome}"),
        )
    })
}

/// From birth to the end, with retries; some go on hold or are queued anew.
fn life() -> impl Strategy<Value = Vec<Said>> {
    let birth = select(vec![
        vec![said("smtpd", "QID: client=mx.example[192.0.2.1]")],
        vec![said(
            "submission/smtpd",
            "QID: client=home[198.51.100.7], sasl_method=PLAIN, sasl_username=bob",
        )],
        vec![said(
            "submission/smtpd",
            "QID: client=roaming[2001:db8:7::5], sasl_method=LOGIN, sasl_username=bob",
        )],
        vec![said("pickup", "QID: uid=0 from=<root>")],
        vec![said(
            "smtpd",
            "QID: client=localhost[127.0.0.1], orig_queue_id=4D1A22FFFF, orig_client=mx.example[192.0.2.1]",
        )],
        // bounce(8) and local(8) make messages without telling.
        vec![],
    ]);
    let queued = (sender(), 1u32..9000, 1u32..4).prop_map(|(from, size, nrcpt)| {
        said(
            "qmgr",
            format!("QID: from=<{from}>, size={size}, nrcpt={nrcpt} (queue active)"),
        )
    });
    let acts = select(vec![
        vec![],
        vec![
            said("postsuper", "QID: placed on hold"),
            said("postsuper", "QID: released from hold"),
        ],
        vec![said("postsuper", "QID: placed on hold")],
    ]);
    let end = select(vec![
        vec![said("qmgr", "QID: removed")],
        vec![said("postsuper", "QID: removed")],
        vec![said("postsuper", "QID: requeued")],
        vec![
            said("qmgr", "QID: from=<>, status=expired, returned to sender"),
            said("qmgr", "QID: removed"),
        ],
        vec![],
    ]);
    let tries = prop::collection::vec((prop::collection::vec(attempt(), 0..4), acts), 0..4);
    (birth, queued, tries, end).prop_map(|(birth, queued, tries, end)| {
        let mut life = birth;
        life.push(said("cleanup", "QID: message-id=<1@shop.example>"));
        for (attempts, acts) in tries {
            life.push(queued.clone());
            life.extend(attempts);
            life.extend(acts);
        }
        life.extend(end);
        life
    })
}

/// Lines that are about no message.
fn beside() -> impl Strategy<Value = Said> {
    select(vec![
        said(
            "smtpd",
            "NOQUEUE: reject: RCPT from bad[203.0.113.9]: 554 5.7.1 <a@b.example>: Relay access denied; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<bad>",
        ),
        said(
            "cleanup",
            "4D1A22ABCD: milter-reject: END-OF-MESSAGE from bad[203.0.113.9]: 5.7.1 spam; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<bad>",
        ),
        said(
            "cleanup",
            "4D1A22ABCE: hold: header Subject: x from bad[203.0.113.9]; from=<c@d.example> to=<a@b.example> proto=ESMTP helo=<bad>",
        ),
        said(
            "smtp",
            "Trusted TLS connection established to aspmx.l.google.com[192.0.2.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
        ),
        said(
            "smtpd",
            "warning: bad[203.0.113.9]: SASL LOGIN authentication failed: authentication failure",
        ),
        said(
            "submission/smtpd",
            "warning: home[198.51.100.7]: SASL PLAIN authentication failed: authentication failure, sasl_username=Bob",
        ),
        said(
            "submission/smtpd",
            "warning: home[198.51.100.7]: SASL PLAIN authentication failed: Connection lost to authentication server, sasl_username=bob",
        ),
        said(
            "dovecot",
            "auth: passwd-file(ann,192.0.2.1,<x>): Password mismatch",
        ),
        said(
            "qmgr",
            "warning: connect to transport private/x: Connection refused",
        ),
        said(
            "smtpd",
            "warning: Connection rate limit exceeded: 61 from bad[203.0.113.9] for service smtpd",
        ),
        said("smtpd", "connect from mx.example[192.0.2.1]"),
        said("smtpd", "a text that no grammar knows"),
        said(
            "dovecot",
            "imap-login: Login: user=<ann>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=7, TLS, session=<x>",
        ),
        said(
            "dovecot",
            "imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<bob>, method=PLAIN, rip=203.0.113.7, lip=192.0.2.2, TLS, session=<y>",
        ),
        said(
            "dovecot",
            "lmtp(ann)<7><x>: msgid=<1@shop.example>: saved mail to INBOX",
        ),
        said(
            "dovecot",
            "master: Warning: service(imap-login): process_limit (100) reached, client connections are being dropped",
        ),
        said(
            "dovecot",
            "imap-login: Disconnected: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=3): user=<ann>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, TLS, session=<z>",
        ),
        said(
            "dovecot",
            "imap-login: Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=192.0.2.1, lip=192.0.2.2, session=<z>",
        ),
        said(
            "dovecot",
            "lmtp(ann)<7><x>: msgid=<1@shop.example>: save failed to INBOX: Quota exceeded (mailbox for user is full)",
        ),
        said(
            "dovecot",
            "lmtp(ann)<7><x>: Error: sieve: msgid=<1@shop.example>: redirect action: failed to redirect message to <x@y.example>: no",
        ),
        said(
            "dovecot",
            "lmtp(ann)<7><x>: sieve: msgid=<1@shop.example>: redirect action: forwarded to <x@y.example>",
        ),
    ])
}

/// Dovecot's sessions: from login to end, or a part of that; few ids, so that they are used again, and some without one.
fn session() -> impl Strategy<Value = Vec<Said>> {
    let service = select(vec![("imap", "imap-login"), ("pop3", "pop3-login")]);
    let user = select(vec!["ann@shop.example", "bob", ""]);
    let id = select(vec!["", "s1", "s2", "s3"]);
    let lines = select(vec![
        vec!["login", "end"],
        vec!["login"],
        vec!["end"],
        vec!["connect", "disconnect"],
        vec!["disconnect", "connect"],
        vec!["login", "start"],
        vec!["start", "end"],
    ]);
    (service, user, id, lines).prop_map(|((mail, login), user, id, lines)| {
        let (session, prefix) = match id {
            "" => (String::new(), format!("{mail}({user})")),
            id => (
                format!(", session=<{id}>"),
                format!("{mail}({user})<7><{id}>"),
            ),
        };
        let line = |what: &str| match what {
            "login" => format!(
                "{login}: Login: user=<{user}>, method=PLAIN, rip=192.0.2.1, lip=192.0.2.2, mpid=7, TLSv1.3 with cipher X{session}"
            ),
            "end" => format!("{prefix}: Disconnected: Logged out in=93 out=1020"),
            "connect" => "lmtp(9610): Connect from local".into(),
            "disconnect" => "lmtp(9610): Disconnect from local: Logged out (state=READY)".into(),
            _ => "master: Dovecot v2.3.19.1 (9b53102964) starting up for imap (core dumps disabled)"
                .into(),
        };
        lines
            .into_iter()
            .map(|what| said("dovecot", line(what)))
            .collect()
    })
}

/// A whole log, and where it is cut.
fn log() -> impl Strategy<Value = Vec<String>> {
    let lives = prop::collection::vec((life(), 0usize..4, 0usize..2, any::<bool>()), 0..8);
    let beside = prop::collection::vec(beside(), 0..12);
    let sessions = prop::collection::vec((session(), 0usize..2), 0..8);
    (lives, beside, sessions, any::<u64>(), 1i64..400, 0usize..10).prop_map(
        |(lives, beside, sessions, seed, pace, lost)| {
            let mut seed = seed;
            let mut random = move |below: usize| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 33) as usize % below.max(1)
            };
            // Ids are few, so that they are used again; each life goes on in order, while others do.
            let mut threads: Vec<Vec<(String, Said)>> = lives
                .into_iter()
                .map(|(life, id, host, other)| {
                    let head = format!(
                        "mx{host} {}/",
                        if other { "postfix-out" } else { "postfix" }
                    );
                    let id = format!("4D1A22001{id}");
                    life.into_iter()
                        .map(|said| {
                            let text = said.text.replace("QID", &id);
                            (head.clone(), Said { text, ..said })
                        })
                        .rev()
                        .collect()
                })
                .collect();
            threads.push(
                beside
                    .into_iter()
                    .map(|said| (String::from("mx0 postfix/"), said))
                    .collect(),
            );
            threads.extend(sessions.into_iter().map(|(session, host)| {
                let said = session.into_iter().rev();
                said.map(|said| (format!("mx{host} "), said)).collect()
            }));
            let mut log = Vec::new();
            let mut time = begin();
            while !threads.is_empty() {
                let nth = random(threads.len());
                let Some((head, said)) = threads[nth].pop() else {
                    threads.remove(nth);
                    continue;
                };
                if lost > 0 && random(100) < lost {
                    continue;
                }
                time += TimeDelta::milliseconds(random(pace as usize * 2_000) as i64 - pace * 100);
                let stamp = time.to_rfc3339_opts(chrono::SecondsFormat::Micros, false);
                let tag = if said.daemon == "dovecot" {
                    let host = head.split(' ').next().unwrap_or_default();
                    format!("{host} dovecot")
                } else {
                    format!("{head}{}[7]", said.daemon)
                };
                log.push(match random(50) {
                    0 => format!("{}: {}", said.daemon, said.text),
                    _ => format!("{stamp} {tag}: {}", said.text),
                });
            }
            log
        },
    )
}

/// The facts that differ; only to be read by whoever mends it.
fn difference(joined: &Facts, whole: &Facts) -> String {
    let mut differ = Vec::new();
    macro_rules! compare {
        ($($fact:ident)*) => {$(
            let (one, other) = (&joined.told().$fact, &whole.told().$fact);
            if one != other {
                differ.push(format!("{}\njoined {one:?}\nwhole  {other:?}", stringify!($fact)));
            }
        )*};
    }
    compare!(lines seen hosts history traffic providers destinations deferrals bounces onsets);
    compare!(senders accounts clients refusals door warnings events dovecot auth_failures);
    let (one, other) = (joined.ledger(), whole.ledger());
    if one != other {
        differ.push(format!("ledger\njoined {one:?}\nwhole  {other:?}"));
    }
    differ.join("\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn pieces_join_to_the_whole_in_any_grouping(
        lines in log(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        order in prop::collection::vec(0usize..8, 1..8),
    ) {
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(lines.len() + 1)).collect();
        cuts.extend([0, lines.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| fold(&lines[cut[0]..cut[1]])).collect();
        let (joined, whole) = (join(pieces, &order), fold(&lines));
        prop_assert!(joined == whole, "{}", difference(&joined, &whole));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What neighbouring lines have in common is remembered, which must not show.
    #[test]
    fn lines_one_by_one_are_the_lines_at_once(lines in log()) {
        let mut single = fold(&[]);
        for line in &lines {
            single.lines(format!("{line}\n").as_bytes(), begin() + TimeDelta::hours(12));
        }
        let whole = fold(&lines);
        prop_assert!(single == whole, "{}", difference(&single, &whole));
    }

    /// A report leaves out what it does not print, and prints the same.
    #[test]
    fn sums_of_pieces_are_the_report_of_the_whole(lines in log(), cut in any::<prop::sample::Index>()) {
        let cut = cut.index(lines.len() + 1);
        let piece = |lines: &[String]| {
            let mut facts = Facts::new(Knowledge::builtin(), Utc.fix()).sums_only();
            let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
            facts.lines(text.as_bytes(), begin() + TimeDelta::hours(12));
            facts
        };
        let sums = join(vec![piece(&lines[..cut]), piece(&lines[cut..])], &[]);
        let report = |facts: &Facts| serde_json::to_value(Summary::of(facts, None)).unwrap();
        prop_assert_eq!(report(&sums), report(&fold(&lines)));
    }
}

/// The law says nothing if nothing is folded: a generated log fills every table.
#[test]
fn the_logs_fill_every_table() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut all = Vec::new();
    for _ in 0..200 {
        all.extend(log().new_tree(&mut runner).unwrap().current());
    }
    let facts = fold(&all);
    let told = facts.told();
    let total = told.traffic.total;
    let day = TimeDelta::days(30);
    let logins = told.dovecot.logins.minutes.all();
    let saves = told.dovecot.saves.minutes.all();
    // Where the last line is Dovecot's start, nobody is logged in at the end.
    let sessions = &told.dovecot.sessions;
    let peak = sessions.peak(begin() + TimeDelta::days(1), TimeDelta::days(2));
    let far = told.seen.last.unwrap();
    let answered = |axis| {
        facts
            .answers(far, TimeDelta::days(1), axis, 9, &Meant::ALL)
            .rows
            .len() as u64
    };
    let counts = [
        total.received,
        total.delivered,
        total.deferrals,
        total.bounced,
        total.rejected,
        told.traffic.forwarded,
        told.traffic.deferred,
        told.traffic.held,
        told.traffic.reinjected,
        told.traffic.bytes_received,
        told.traffic.bytes_delivered,
        told.traffic.senders.count(),
        told.traffic.recipients.count(),
        told.destinations.len() as u64,
        told.deferrals.len() as u64,
        told.bounces.len() as u64,
        told.accounts.len() as u64,
        told.clients.len() as u64,
        told.refusals.len() as u64,
        told.warnings.len() as u64,
        told.accounts
            .get("bob")
            .map_or(0, |bob| bob.destinations().len() as u64),
        told.auth_failures.total(begin() + day, day),
        told.door.turned(begin() + day, day).over_limit.into(),
        told.auth_failures.unserved(begin() + day, day),
        told.auth_failures.users(begin() + day, day).len() as u64,
        told.auth_failures.intrusions(begin() + day, day).len() as u64,
        logins.all(),
        logins.failed,
        logins.untried,
        logins.aborted,
        logins.versions[3],
        peak.map_or(0, |(_, open)| open),
        told.dovecot.sessions.seconds.count(),
        saves.saved,
        saves.not_saved,
        saves.redirected,
        saves.sieve_errors,
        saves.sent,
        saves.deferred,
        saves.bounced,
        told.dovecot.saves.seconds.all().count(),
        told.dovecot.saves.failures.len() as u64,
        told.dovecot.saves.over_quota.len() as u64,
        told.dovecot.complaints.kinds.len() as u64,
        told.dovecot.complaints.limits.len() as u64,
        told.lines.other,
        told.lines.unparsed,
        told.hosts.len() as u64,
        facts.ledger().depth().deferred as u64,
        told.events.newest().len() as u64,
        told.onsets.since(begin()).0,
        facts.providers().len() as u64,
        answered(Axis::Provider),
        answered(Axis::Domain),
        answered(Axis::Sender),
        facts
            .delays(far, day)
            .values()
            .map(|delays| delays.sessions() * delays.total.count())
            .sum(),
    ];
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
