//! The matrix, its cells and the delays, from log lines.

use super::Code;
use crate::knowledge::{Class, Knowledge};
use crate::model::facts::Facts;
use crate::model::minute::MinuteRange;
use crate::model::providers::cell::{At, Cell, Curve};
use crate::model::providers::delays::Level;
use crate::model::providers::matrix::{Axis, CodeColumn, CodeMatrix, Meant, Who};
use crate::model::providers::onset::Onset;
use chrono::{DateTime, Offset, TimeDelta, Utc};
use std::fmt::Write;

/// `2026-11-24 10:00:00` and so many seconds.
fn at(second: i64) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T10:00:00Z")
        .unwrap()
        .to_utc()
        + TimeDelta::seconds(second)
}

#[derive(Default)]
struct Log(String);

impl Log {
    fn say(&mut self, second: i64, what: &str) {
        let stamp = at(second).to_rfc3339();
        let _ = writeln!(self.0, "{stamp} mx1 postfix/{what}");
    }

    fn queued(&mut self, second: i64, id: usize, from: &str) {
        self.say(
            second,
            &format!("qmgr[2]: 4D1A{id:06X}: from=<{from}>, size=700, nrcpt=1 (queue active)"),
        );
    }

    fn attempt(
        &mut self,
        second: i64,
        id: usize,
        (to, relay): (&str, &str),
        delay: f64,
        outcome: &str,
    ) {
        let (dsn, status) = outcome.split_once(' ').unwrap();
        self.say(second, &format!(
            "smtp[1]: 4D1A{id:06X}: to=<{to}>, relay={relay}, delay={delay}, delays=0.1/{}/0.3/0.2, dsn={dsn}, status={status}",
            delay - 0.6
        ));
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
        facts.lines(self.0.as_bytes(), at(86_400));
        facts
    }
}

const GOOGLE: (&str, &str) = ("ann@gmail.com", "aspmx.l.google.com[192.0.2.9]:25");
const YAHOO: (&str, &str) = ("bob@yahoo.com", "mta5.am0.yahoodns.net[198.51.100.5]:25");
const OK: &str = "2.0.0 sent (250 2.0.0 OK)";
const TSS04: &str = "4.7.0 deferred (host mta5.am0.yahoodns.net[198.51.100.5] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes (in reply to MAIL FROM command))";

/// An hour: Google delivers; Yahoo does until 10:31:02, and defers everything from 10:31:07 on.
fn incident() -> Facts {
    let mut log = Log::default();
    for minute in 0..60 {
        let second = minute * 60;
        let id = minute as usize;
        log.queued(second, id, "news@shop.example");
        log.attempt(second + 1, id, GOOGLE, 0.9, OK);
        log.queued(second + 2, 500 + id, "news@shop.example");
        if minute < 31 {
            log.attempt(second + 3, 500 + id, YAHOO, 1.2, OK);
        }
        if minute == 30 {
            log.attempt(31 * 60 + 2, 500 + id, YAHOO, 60.0, OK);
        }
        if minute >= 31 {
            // The same message twice, and another one of somebody else.
            log.attempt(second + 7, 500 + id, YAHOO, 1.0, TSS04);
            log.attempt(second + 8, 500 + id, YAHOO, 1.0, TSS04);
            log.queued(second + 9, 900 + id, "Orders@Shop.Example");
            log.attempt(second + 10, 900 + id, ("eve@aol.com", YAHOO.1), 1.0, TSS04);
        }
    }
    for (nth, dsn) in ["4.7.500", "4.7.512", "4.7.650", "5.1.1", "4.2.2"]
        .into_iter()
        .enumerate()
    {
        let outlook = (
            "o@contoso.example",
            "contoso.mail.protection.outlook.com[192.0.2.40]:25",
        );
        let status = if dsn.starts_with('5') {
            "bounced"
        } else {
            "deferred"
        };
        log.attempt(3_000 + nth as i64, 7_000 + nth, outlook, 2.0, &format!("{dsn} {status} (host contoso.mail.protection.outlook.com[192.0.2.40] said: 451 {dsn} Server busy)"));
    }
    log.say(3_100, "smtp[1]: Trusted TLS connection established to aspmx.l.google.com[192.0.2.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
    log.say(3_100, "smtp[1]: Untrusted TLS connection established to mta5.am0.yahoodns.net[198.51.100.5]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
    log.attempt(3_101, 8_000, ("x@yahoo.com", "none"), 1.0, "4.4.3 deferred (Host or domain name not found. Name service error for name=yahoo.com type=MX: Host not found, try again)");
    log.facts()
}

const UNTIL: i64 = 3_599;

fn hour() -> TimeDelta {
    TimeDelta::hours(1)
}

fn matrix(facts: &Facts, axis: Axis) -> CodeMatrix {
    facts.answers(at(UNTIL), hour(), axis, 20, &Meant::ALL)
}

fn cell(facts: &Facts, axis: Axis, row: &str, column: &str) -> Cell {
    let matrix = matrix(facts, axis);
    let who = matrix
        .rows
        .iter()
        .map(|row| &row.who)
        .find(|who| name(who) == row);
    let column = matrix.columns.iter().find(|one| one.title() == column);
    let at_cell = At {
        who: Some(who.unwrap().clone()),
        column: Some(*column.unwrap()),
    };
    facts.answer_cell(at(UNTIL), hour(), &at_cell, &matrix, &Meant::ALL)
}

fn name(who: &Who) -> String {
    match who {
        Who::Provider(provider) => provider.name().to_owned(),
        Who::Domain(name) | Who::Sender(name) => name.as_deref().unwrap_or("-").to_owned(),
    }
}

fn table(matrix: &CodeMatrix) -> String {
    let titles: Vec<String> = matrix.columns.iter().map(|column| column.title()).collect();
    let mut out = format!("{}\n", titles.join(" "));
    for row in &matrix.rows {
        let _ = writeln!(out, "{} {}: {:?}", name(&row.who), row.attempts, row.cells);
    }
    out
}

#[test]
fn providers_by_code() {
    let facts = incident();
    let matrix = matrix(&facts, Axis::Provider);
    assert_eq!(
        table(&matrix),
        "2.0.0 4.2.2 4.4.3 4.7.0 4.7.5× 4.7.6× 5.1.1\n\
         Yahoo/AOL 120: [32, 0, 1, 87, 0, 0, 0]\n\
         Google 60: [60, 0, 0, 0, 0, 0, 0]\n\
         Microsoft 5: [0, 1, 0, 0, 2, 1, 1]\n"
    );
    assert_eq!(matrix.minutes, 60);
    let total = matrix.total.as_ref().unwrap();
    assert_eq!((total.attempts, total.outcomes.sent), (185, 92));
    assert_eq!((total.outcomes.deferred, total.outcomes.bounced), (92, 1));
    let few = facts.answers(at(UNTIL), hour(), Axis::Provider, 2, &Meant::ALL);
    assert_eq!(
        table(&few),
        "2.0.0 4.7.0 other\nYahoo/AOL 120: [32, 87, 1]\nGoogle 60: [60, 0, 0]\nMicrosoft 5: [0, 0, 5]\n"
    );
}

#[test]
fn domains_and_senders_by_code() {
    let facts = incident();
    let domains = table(&matrix(&facts, Axis::Domain));
    assert!(
        domains.contains("\nyahoo.com 91: [32, 0, 1, 58, 0, 0, 0]\n"),
        "{domains}"
    );
    assert!(
        domains.contains("\naol.com 29: [0, 0, 0, 29, 0, 0, 0]\n"),
        "{domains}"
    );
    let senders = table(&matrix(&facts, Axis::Sender));
    assert!(senders.contains("\nnews@shop.example 58: "), "{senders}");
    assert!(senders.contains("\nOrders@shop.example 29: "), "{senders}");
    assert!(
        senders.ends_with("\n- 6: [1, 1, 0, 2, 1, 1]\n"),
        "who sent is not known of six: {senders}"
    );
}

#[test]
fn the_range_is_what_is_counted() {
    let facts = incident();
    let early = facts.answers(
        at(600),
        TimeDelta::minutes(10),
        Axis::Provider,
        20,
        &Meant::ALL,
    );
    assert_eq!(
        table(&early),
        "2.0.0\nGoogle 10: [10]\nYahoo/AOL 10: [10]\n"
    );
    assert_eq!(early.minutes, 10);
    let before = facts.answers(at(-60), hour(), Axis::Provider, 20, &Meant::ALL);
    assert!(before.rows.is_empty() && before.total.is_none());
    // Of a day only the hour is known.
    let day = facts.answers(
        at(UNTIL),
        TimeDelta::days(1),
        Axis::Provider,
        20,
        &Meant::ALL,
    );
    assert_eq!((day.rows.len(), day.minutes), (3, 60));
}

#[test]
fn a_cell_tells_the_words_whose_mail_and_since_when() {
    let facts = incident();
    let cell = cell(&facts, Axis::Provider, "Yahoo/AOL", "4.7.0");
    assert_eq!((cell.attempts, cell.messages), (87, (58, false)));
    assert_eq!(cell.seen.first, Some(at(31 * 60 + 7)));
    assert_eq!(cell.seen.last, Some(at(59 * 60 + 10)));
    let senders: Vec<(&str, u64)> = cell
        .senders
        .iter()
        .map(|(name, count)| (&**name, *count))
        .collect();
    assert_eq!(
        senders,
        [("news@shop.example", 58), ("Orders@shop.example", 29)]
    );
    let domains: Vec<_> = cell
        .domains
        .iter()
        .map(|(name, count)| (name.as_deref(), *count))
        .collect();
    assert_eq!(domains, [(Some("yahoo.com"), 58), (Some("aol.com"), 29)]);
    let [wording] = &cell.wordings[..] else {
        panic!("{:?}", cell.wordings);
    };
    let reason = wording.sample.as_ref().unwrap();
    assert!(
        reason
            .line()
            .as_str()
            .starts_with("421 4.7.0 [TSS04] Messages from 192.0.2.25 temp")
    );
    assert_eq!(reason.class(Knowledge::builtin()), Class::RateLimited);
    assert_eq!(
        cell.own_addresses(),
        ["192.0.2.25".parse::<std::net::IpAddr>().unwrap()]
    );
    assert_eq!(
        cell.onset,
        Some(Onset::Since {
            began: at(31 * 60 + 7),
            delivered: Some(at(31 * 60 + 2)),
        })
    );
    let minutes = MinuteRange::new(at(UNTIL), hour() + TimeDelta::minutes(5));
    let curve = Curve::of(&cell, minutes, Some(at(0)));
    assert_eq!((curve.minutes(), curve.step), (minutes, 1));
    let counts = curve.counts;
    let head = [None, None, None, None, None, Some(0), Some(0)];
    assert_eq!((counts.len(), &counts[..7]), (65, &head[..]));
    assert_eq!(counts[34..38], [Some(0), Some(0), Some(3), Some(3)]);
}

#[test]
fn a_domain_without_a_relay_belongs_to_the_provider_it_was_seen_to_use() {
    let facts = incident();
    let cell = cell(&facts, Axis::Provider, "Yahoo/AOL", "4.4.3");
    assert_eq!((cell.attempts, cell.messages), (1, (1, false)));
}

#[test]
fn where_some_is_delivered_the_curve_tells_the_onset() {
    let mut log = Log::default();
    for minute in 0..60 {
        for nth in 0..10 {
            let outcome = if minute >= 40 && nth > 0 { TSS04 } else { OK };
            log.attempt(minute * 60 + nth, nth as usize, YAHOO, 1.0, outcome);
        }
    }
    log.attempt(UNTIL, 1, YAHOO, 1.0, OK);
    let facts = log.facts();
    let mostly = Onset::Mostly {
        began: Some(at(2_400)),
        others: 21,
    };
    let cell = cell(&facts, Axis::Provider, "Yahoo/AOL", "4.7.0");
    assert_eq!(cell.onset, Some(mostly));
}

#[test]
fn delays_and_tls_by_provider() {
    let facts = incident();
    let delays = facts.delays(at(UNTIL), hour());
    let of = |name: &str| {
        delays
            .iter()
            .find(|(provider, _)| provider.name() == name)
            .unwrap()
            .1
    };
    let yahoo = of("Yahoo/AOL");
    assert_eq!(yahoo.total.count(), 32);
    let near = |value: Option<f64>, wanted: f64| {
        value.is_some_and(|value| (value - wanted).abs() <= wanted / 7.0)
    };
    assert!(near(yahoo.total.quantile(0.5), 1.2) && near(yahoo.total.quantile(0.99), 60.0));
    let [before, queue, connect, send] = yahoo.means().unwrap();
    assert!(near(Some(before), 0.1) && near(Some(connect), 0.3) && near(Some(send), 0.2));
    assert!(near(Some(queue), (31.0 * 0.6 + 59.4) / 32.0), "{queue}");
    assert!(near(Some(yahoo.worst()[1]), 59.4));
    assert_eq!((yahoo.level(Level::Untrusted), yahoo.sessions()), (1, 1));
    assert_eq!(of("Google").level(Level::Trusted), 1);
    // Deferred attempts say how old a message is, not how long a delivery took.
    assert!(
        !delays
            .iter()
            .any(|(provider, delays)| provider.name() == "Microsoft" && delays.total.count() > 0)
    );
}

#[test]
fn a_heat_map_has_gaps_where_nothing_was_delivered() {
    let facts = incident();
    let yahoo = facts
        .delays(at(UNTIL), hour())
        .into_keys()
        .find(|one| one.name() == "Yahoo/AOL");
    let minutes = MinuteRange::new(at(UNTIL), hour());
    let (map, step) = facts.delay_map(minutes, yahoo, &[1.0, 10.0]);
    assert_eq!((map.len(), step), (32, 1));
    assert_eq!(
        map.last(),
        Some(&(MinuteRange::new(at(1_860), hour()).last, vec![0, 0, 1]))
    );
    let (all, _) = facts.delay_map(minutes, None, &[1.0, 10.0]);
    assert_eq!((all.len(), all[0].1.clone()), (60, vec![1, 1, 0]));
}

#[test]
fn rows_without_end_are_bounded_and_counts_by_provider_stay_true() {
    let mut log = Log::default();
    let all = 6_000;
    for n in 0..all {
        let to = format!("a@d{n}.example");
        let reply = format!(
            "4.{}.{} deferred (host aspmx.l.google.com[192.0.2.9] said: 4{:02} 4.0.0 word{n})",
            n % 9,
            n % 997,
            n % 100
        );
        log.attempt(1, n, (&to, GOOGLE.1), 1.0, &reply);
        log.attempt(1, n, (&to, GOOGLE.1), 1.0, OK);
    }
    let facts = log.facts();
    let slots = &facts.told().providers.answers.slots;
    for (.., slot) in slots.between(MinuteRange::new(at(UNTIL), hour())) {
        assert!(
            slot.sent.len() < 1_300 && slot.failed.len() < 1_000,
            "{} {}",
            slot.sent.len(),
            slot.failed.len()
        );
    }
    let matrix = matrix(&facts, Axis::Provider);
    let [google] = &matrix.rows[..] else {
        panic!("{}", table(&matrix));
    };
    assert_eq!(
        (google.outcomes.sent, google.outcomes.deferred),
        (all as u64, all as u64)
    );
    assert_eq!(matrix.columns.len(), 21);
    let domains = facts.answers(at(UNTIL), hour(), Axis::Domain, 20, &Meant::ALL);
    let counted: u64 = domains.rows.iter().map(|row| row.attempts).sum();
    assert_eq!(counted, 2 * all as u64);
}

#[test]
fn columns_are_titled_and_found() {
    let of = |text: &str| {
        CodeColumn::of(Code {
            reply: None,
            dsn: mailtop_parsers::EnhancedStatus::new(text.as_bytes()),
        })
    };
    assert_eq!(
        (of("4.7.512").title(), of("4.7.512").pattern()),
        ("4.7.5×".into(), Some("4.7.5??".into()))
    );
    assert_eq!(
        (of("4.7.26").title(), of("4.7.26").class()),
        ("4.7.26".into(), Some(4))
    );
    assert_eq!((of("").title(), of("").pattern()), ("other".into(), None));
}

#[test]
fn only_the_attempts_that_are_meant_are_counted() {
    let facts = incident();
    let of_orders = Meant {
        holds: &|answered| answered.sender == Some("Orders@shop.example"),
        by_sender: true,
    };
    let matrix = facts.answers(at(UNTIL), hour(), Axis::Domain, 20, &of_orders);
    assert_eq!(table(&matrix), "4.7.0\naol.com 29: [29]\n");
    let at_cell = At {
        who: Some(matrix.rows[0].who.clone()),
        column: Some(matrix.columns[0]),
    };
    let cell = facts.answer_cell(at(UNTIL), hour(), &at_cell, &matrix, &of_orders);
    assert_eq!(cell.attempts, 29);
    let google = Meant {
        holds: &|answered| answered.provider.name() == "Google" && answered.outcome.is_none(),
        by_sender: false,
    };
    let matrix = facts.answers(at(UNTIL), hour(), Axis::Provider, 20, &google);
    assert_eq!(table(&matrix), "2.0.0\nGoogle 60: [60]\n");
}
