//! Growth from logs: steady traffic, incidents, creeping, recovery, and what a domain is used to.

use super::*;
use crate::knowledge::Knowledge;
use crate::model::Model;
use crate::model::stuck;
use chrono::FixedOffset;
use std::fmt::Write;

const YAHOO: &str = "host mta5.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred (in reply to MAIL FROM command)";
const REFUSED: &str = "connect to mx.example[192.0.2.9]:25: Connection refused";

/// A log, minute by minute before now.
#[derive(Default)]
struct Log {
    lines: Vec<(i64, String)>,
    id: usize,
}

fn now() -> DateTime<Utc> {
    "2026-11-24T14:15:30Z".parse().unwrap()
}

impl Log {
    fn id(&mut self) -> String {
        self.id += 1;
        format!("4jYf{:07}zBGQD", self.id)
    }

    fn line(&mut self, ago: i64, text: &str) {
        let time = (now() - TimeDelta::seconds(ago)).to_rfc3339();
        self.lines
            .push((ago, format!("{time} mx1 postfix/{text}\n")));
    }

    fn born(&mut self, ago: i64) -> String {
        let id = self.id();
        self.line(
            ago,
            &format!("cleanup[2]: {id}: message-id=<{id}@shop.example>"),
        );
        self.line(
            ago,
            &format!("qmgr[3]: {id}: from=<n@shop.example>, size=6214, nrcpt=1 (queue active)"),
        );
        id
    }

    /// One message that is deferred so many seconds ago, and leaves after so many seconds, if at all.
    fn deferred(&mut self, ago: i64, to: &str, why: &str, stays: Option<i64>) {
        let id = self.born(ago);
        self.line(
            ago,
            &format!("smtp[4]: {id}: to=<u@{to}>, relay=none, delay=0.5, dsn=4.0.0, status=deferred ({why})"),
        );
        if let Some(left) = stays.map(|stays| ago - stays).filter(|left| *left >= 0) {
            self.line(
                left,
                &format!("qmgr[3]: {id}: from=<n@shop.example>, size=6214, nrcpt=1 (queue active)"),
            );
            self.line(
                left,
                &format!("smtp[4]: {id}: to=<u@{to}>, relay=x[1.2.3.4]:25, delay=9, dsn=2.0.0, status=sent (250 OK)"),
            );
            self.line(left, &format!("qmgr[3]: {id}: removed"));
        }
    }

    /// So many messages, evenly from `from` to `until` seconds ago.
    fn many(&mut self, count: i64, from: i64, until: i64, to: &str, why: &str, stays: Option<i64>) {
        for n in 0..count {
            self.deferred(from - (from - until) * n / count, to, why, stays);
        }
    }

    fn model(mut self) -> Model {
        let zone = FixedOffset::east_opt(0).unwrap();
        let mut model = Model::new(Knowledge::builtin(), zone);
        model.tick(now());
        self.lines.sort_by_key(|(ago, _)| -ago);
        let all = self.lines.iter().fold(String::new(), |mut all, (_, line)| {
            let _ = write!(all, "{line}");
            all
        });
        model.log(all.as_bytes(), now());
        model
    }

    fn growth(self) -> Growth {
        Growth::of(self.model().told(), &[], now())
    }
}

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-24T{time}:00Z").parse().unwrap()
}

#[test]
fn evenly_busy_traffic_is_no_incident() {
    let mut log = Log::default();
    // Greylisting: one a second is put off for five minutes, with a swing of a tenth every half hour.
    for minute in 0..300 {
        let count = 60 + (minute / 30 % 2) * 6;
        log.many(
            count,
            (300 - minute) * 60,
            (299 - minute) * 60,
            "grey.example",
            "host x[1] said: 450 4.2.0 Greylisted",
            Some(300),
        );
    }
    let growth = log.growth();
    assert!(growth.fresh > Some(600), "{growth:?}");
    assert!(!growth.incident(), "{growth:?}");
}

#[test]
fn a_sudden_incident_is_told_with_its_cause_and_its_beginning() {
    let mut log = Log::default();
    log.many(120, 7200, 0, "other.example", REFUSED, Some(900));
    log.many(1240, 600, 0, "yahoo.com", YAHOO, None);
    let growth = log.growth();
    assert!(growth.incident(), "{growth:?}");
    assert_eq!(growth.span, SPAN);
    assert!((1230..=1250).contains(&growth.grown()), "{growth:?}");
    let cause = growth.cause.unwrap();
    assert_eq!(cause.domain.as_deref(), Some("yahoo.com"));
    assert_eq!(
        cause.reason.as_str(),
        "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred"
    );
    assert!(cause.share > 0.98 && cause.share < 1.0, "{cause:?}");
    assert_eq!(cause.began, Some(at("14:05")));
}

#[test]
fn an_incident_that_goes_on_stays_one() {
    let mut log = Log::default();
    log.many(90, 10_800, 0, "other.example", REFUSED, Some(900));
    log.many(5000, 3600, 0, "yahoo.com", YAHOO, None);
    let growth = log.growth();
    assert!(growth.incident(), "{growth:?}");
    assert_eq!(growth.cause.unwrap().began, Some(at("13:15")));
    assert!(
        growth.usual.is_some_and(|usual| usual < 20),
        "what came before it is usual"
    );
}

#[test]
fn a_slow_creep_is_no_incident_but_grows() {
    let mut log = Log::default();
    log.many(360, 6 * 3600, 0, "dead.example", REFUSED, None);
    let growth = log.growth();
    assert!(!growth.incident(), "{growth:?}");
    assert!(
        growth
            .per_minute()
            .is_some_and(|slope| slope > 0.8 && slope < 1.2),
        "{growth:?}"
    );
    assert_eq!(growth.drains_in, None);
    assert_eq!(growth.cause.unwrap().began, None, "it never was quiet");
}

#[test]
fn a_queue_that_shrinks_evenly_has_a_drain_time() {
    let mut log = Log::default();
    // Six thousand came an hour ago and leave over fifty minutes.
    for n in 0..6000 {
        log.deferred(3600, "yahoo.com", YAHOO, Some(2400 + n * 2400 / 6000));
    }
    let growth = log.growth();
    assert!(!growth.incident());
    assert!(
        growth
            .per_minute()
            .is_some_and(|slope| (-155.0..-145.0).contains(&slope)),
        "{growth:?}"
    );
    let left = growth.drains_in.unwrap().as_secs();
    assert!(
        (1100..1300).contains(&left),
        "{left} seconds: half of it is left after twenty minutes"
    );
}

#[test]
fn what_left_all_at_once_tells_no_drain_time() {
    let mut log = Log::default();
    for n in 0..100 {
        log.deferred(3600, "yahoo.com", YAHOO, (n < 50).then_some(3001 + n));
    }
    let growth = log.growth();
    assert_eq!((growth.change, growth.drains_in), (-50, None));
}

#[test]
fn of_two_causes_at_once_the_larger_one_is_named() {
    let mut log = Log::default();
    log.many(10, 7200, 900, "other.example", REFUSED, Some(60));
    log.many(60, 540, 0, "yahoo.com", YAHOO, None);
    log.many(
        40,
        240,
        0,
        "gmail.com",
        "host g[1] said: 452 4.2.2 Over quota (in reply to RCPT TO command)",
        None,
    );
    let growth = log.growth();
    let cause = growth.cause.clone().unwrap();
    assert_eq!(
        (cause.domain.as_deref(), cause.share),
        (Some("yahoo.com"), 0.6)
    );
    assert_eq!(cause.began, Some(at("14:06")));
    assert!(growth.incident());
}

#[test]
fn a_reason_that_many_domains_share_names_none() {
    let mut log = Log::default();
    for n in 0..90 {
        log.deferred(500 - n * 5, &format!("d{n}.example"), "Host or domain name not found. Name service error for name=x.example type=MX: Host not found, try again", None);
    }
    let growth = log.growth();
    let cause = growth.cause.unwrap();
    assert_eq!((cause.domain.as_deref(), cause.domains), (None, 90));
    assert!(cause.share > 0.99);
}

#[test]
fn with_less_than_ten_minutes_known_the_span_says_so() {
    let mut log = Log::default();
    log.many(60, 300, 0, "yahoo.com", YAHOO, None);
    let growth = log.growth();
    assert!((280..=300).contains(&growth.span), "{growth:?}");
    assert_eq!(growth.usual, None);
    assert!(growth.incident(), "{growth:?}");
    assert_eq!(
        growth.cause.unwrap().began,
        None,
        "nobody knows what was before"
    );
    let mut log = Log::default();
    log.many(60, 30, 0, "yahoo.com", YAHOO, None);
    let short = log.growth();
    assert_eq!(
        (short.per_minute(), short.incident()),
        (None, false),
        "half a minute tells nothing"
    );
    assert_eq!(
        Growth::of(
            Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).unwrap()).told(),
            &[],
            now()
        ),
        Growth {
            limit: 0,
            ..Growth::default()
        }
    );
}

#[test]
fn while_nothing_is_usual_much_mail_may_leave_some_behind() {
    let mut log = Log::default();
    log.many(30, 580, 0, "yahoo.com", YAHOO, None);
    log.many(
        2000,
        590,
        0,
        "fast.example",
        "host x[1] said: 450 4.2.0 Greylisted",
        Some(1),
    );
    let growth = log.growth();
    assert!(growth.grown() >= FLOOR && !growth.incident(), "{growth:?}");
}

#[test]
fn released_mail_is_no_incident() {
    let mut log = Log::default();
    log.many(200, 7200, 3600, "other.example", REFUSED, Some(600));
    for n in 0..300 {
        let id = log.born(7000);
        log.line(6999, &format!("smtp[4]: {id}: to=<u@y.example>, relay=none, delay=0.5, dsn=4.0.0, status=deferred ({REFUSED})"));
        log.line(6000, &format!("postsuper[5]: {id}: placed on hold"));
        log.line(
            300 - n / 100,
            &format!("postsuper[5]: {id}: released from hold"),
        );
    }
    let growth = log.growth();
    assert_eq!(
        (growth.change, growth.grown(), growth.incident()),
        (300, 0, false)
    );
}

fn waits(model: &mut Model, domain: &str, count: usize) -> Domain {
    model.listing_begins("postfix");
    let mut lines = String::new();
    for n in 0..count {
        let _ = writeln!(
            lines,
            "{{\"queue_name\": \"deferred\", \"queue_id\": \"B{n:06}\", \"arrival_time\": {}, \"message_size\": 10, \
             \"sender\": \"a@b.example\", \"recipients\": [{{\"address\": \"u@{domain}\"}}]}}",
            now().timestamp() - 60
        );
    }
    model.listing_lines(lines.as_bytes());
    model.listing_ends(now(), Duration::ZERO, true, now());
    model.queue.turn();
    stuck::domains(model.queue.messages(), now()).remove(0)
}

#[test]
fn a_domain_that_always_has_new_deferrals_does_not_grow() {
    let grey = "host x[1] said: 450 4.2.0 Greylisted";
    let mut log = Log::default();
    log.many(3000, 300 * 60, 0, "grey.example", grey, Some(300));
    let mut model = log.model();
    let domain = waits(&mut model, "grey.example", 50);
    let growth = Growth::of(model.told(), std::slice::from_ref(&domain), now());
    assert!(!growth.grows(&domain), "{growth:?}");
    let mut log = Log::default();
    log.many(100, 300 * 60, 0, "grey.example", grey, Some(300));
    log.many(50, 480, 0, "grey.example", grey, None);
    let mut model = log.model();
    let domain = waits(&mut model, "grey.example", 50);
    let growth = Growth::of(model.told(), std::slice::from_ref(&domain), now());
    assert!(growth.grows(&domain), "{growth:?}");
    assert_eq!(growth.began(&domain), Some(at("14:07")));
}

#[test]
fn what_a_domain_is_used_to_is_known_after_a_few_minutes() {
    assert_eq!(usual_onsets(&[5, 6, 5, 4], None), Some(45));
    assert_eq!(usual_onsets(&[5, 6], None), None);
    assert_eq!(usual_onsets(&[], None), None);
    assert_eq!(
        usual_onsets(&[9, 9, 0, 0, 1], Some(1)),
        Some(4),
        "what was before it began"
    );
    assert_eq!(usual_onsets(&[3; 360], None), Some(30));
    let mut mornings = vec![0; 10];
    mornings.extend([[8; 10], [0; 10], [0; 10], [0; 10], [1; 10], [2; 10]].concat());
    assert_eq!(
        usual_onsets(&mornings, None),
        Some(20),
        "the upper quartile"
    );
}

#[test]
fn a_cause_begins_after_quiet_minutes() {
    assert_eq!(cause::began(&[3, 5, 4, 0, 0, 0, 0, 0, 7]), Some(2));
    assert_eq!(
        cause::began(&[0, 0, 90, 80, 1, 0, 0, 0, 0, 0]),
        Some(3),
        "one in a quiet minute is no beginning"
    );
    assert_eq!(cause::began(&[3, 5, 4]), None);
    assert_eq!(
        cause::began(&[3, 5, 4, 0, 0]),
        None,
        "too little is known of what was before"
    );
    assert_eq!(cause::began(&[3, 5, 4, 0, 0, 0]), Some(2));
    assert_eq!(cause::began(&[5; 360]), None);
    assert_eq!(cause::began(&[0; 360]), None);
    assert_eq!(cause::began(&[]), None);
    let mut surge = vec![40; 8];
    surge.extend([5; 300]);
    assert_eq!(
        cause::began(&surge),
        Some(7),
        "it had been there before, but not like this"
    );
}
