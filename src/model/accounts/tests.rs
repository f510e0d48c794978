//! Accounts: what is usual, what is flagged and why, and that pieces of a log join.

use super::judge::{Judgement, Why, usual};
use super::*;
use crate::knowledge::Knowledge;
use crate::model::facts::{Facts, Told};
use crate::model::minutes::minute_of;
use chrono::Offset;
use std::fmt::Write;

const HOUR: TimeDelta = TimeDelta::hours(1);

fn rows(told: &Told, until: DateTime<Utc>, range: TimeDelta) -> Vec<AccountRow> {
    let intrusions = judge::intrusions(&told.auth_failures, until);
    super::rows(told, &intrusions, until, range)
}

fn now() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-24T11:09:31+00:00")
        .unwrap()
        .to_utc()
}

/// Messages of one account: how long ago the queue manager took each, for how many recipients, from where, and what became of them.
struct Mail {
    ago: TimeDelta,
    recipients: u32,
    from: String,
    bounced: bool,
}

fn mail(ago: TimeDelta, recipients: u32) -> Mail {
    Mail {
        ago,
        recipients,
        from: String::from("198.51.100.7"),
        bounced: false,
    }
}

fn log(account: &str, mails: &[Mail]) -> String {
    let mut log = String::new();
    for (n, mail) in mails.iter().enumerate() {
        let stamp = (now() - mail.ago).to_rfc3339();
        let id = format!("4D1A2{n:05X}");
        let from = &mail.from;
        let recipients = mail.recipients;
        writeln!(log, "{stamp} mx1 postfix/submission/smtpd[7]: {id}: client=home[{from}], sasl_method=PLAIN, sasl_username={account}\n\
             {stamp} mx1 postfix/cleanup[7]: {id}: message-id=<{id}@x>\n\
             {stamp} mx1 postfix/qmgr[7]: {id}: from=<{account}>, size=1000, nrcpt={recipients} (queue active)"
).unwrap();
        let outcome = if mail.bounced {
            "dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.9] said: 550 5.1.1 unknown)"
        } else {
            "dsn=2.0.0, status=sent (250 ok)"
        };
        for n in 0..recipients {
            writeln!(log, "{stamp} mx1 postfix/smtp[7]: {id}: to=<u{n}@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=1, {outcome}"
).unwrap();
        }
        writeln!(log, "{stamp} mx1 postfix/qmgr[7]: {id}: removed").unwrap();
    }
    log
}

fn told(log: &str) -> Facts {
    let mut facts = Facts::new(Knowledge::builtin(), Utc.fix());
    facts.lines(log.as_bytes(), now());
    facts
}

fn judged(account: &str, mails: &[Mail]) -> Option<Judgement> {
    let facts = told(&log(account, mails));
    let rows = rows(facts.told(), now(), HOUR);
    let intrusions = judge::intrusions(&facts.told().auth_failures, now());
    let flagged = rows.iter().filter(|row| row.judgement.is_some());
    assert!(flagged.eq(&remarkable(facts.told(), &intrusions, now())));
    rows.into_iter()
        .find(|row| &*row.name == account)
        .and_then(|row| row.judgement)
}

fn sentences(judgement: Option<&Judgement>) -> Vec<String> {
    let whys = judgement.into_iter().flat_map(|judgement| &judgement.whys);
    whys.map(Why::sentence).collect()
}

/// Twelve recipients an hour, for two days before the last two hours.
fn habit() -> Vec<Mail> {
    (2..50)
        .rev()
        .map(|hours| mail(TimeDelta::hours(hours), 12))
        .collect()
}

#[test]
fn a_row_tells_what_the_account_did_in_the_span() {
    let mut mails = habit();
    mails.push(Mail {
        bounced: true,
        ..mail(TimeDelta::minutes(20), 2)
    });
    mails.push(Mail {
        from: String::from("203.0.113.80"),
        ..mail(TimeDelta::minutes(10), 4)
    });
    let facts = told(&log("carol@shop.example", &mails));
    let told = facts.told();
    let [row] = &rows(told, now(), HOUR)[..] else {
        panic!("one account");
    };
    assert_eq!((row.messages, row.recipients), (2, 6));
    assert_eq!((row.outcomes.sent, row.outcomes.bounced), (4, 2));
    assert_eq!(row.bounce_share(), Some(2.0 / 6.0));
    assert_eq!((row.addresses, row.networks), (2, 2));
    let last = row.last.clone().unwrap();
    assert_eq!(last.at, now() - TimeDelta::minutes(10));
    assert_eq!(last.address.unwrap().to_string(), "203.0.113.80");
    assert_eq!(last.method.as_deref(), Some("PLAIN"));
    assert_eq!(row.judgement, None);
    let account = told.accounts.get("carol@shop.example").unwrap();
    assert_eq!(account.party.recipients, 48 * 12 + 6);
    assert_eq!(account.first(), Some(now() - TimeDelta::hours(49)));
    let [(domain, outcomes)] = &account.destinations()[..] else {
        panic!("one domain");
    };
    assert_eq!(
        (&***domain, outcomes.sent, outcomes.bounced),
        ("b.example", 48 * 12 + 4, 2)
    );
    assert_eq!(account.senders()[0].1, 50);
    let day = rows(told, now(), TimeDelta::hours(24));
    assert!(day[0].recipients > 6 + 20 * 12);
    let before = rows(told, now() - TimeDelta::minutes(15), HOUR);
    assert_eq!(before[0].recipients, 2);
    assert_eq!(usual(account, now()), Some(12));
}

#[test]
fn a_rate_far_above_the_usual_one_is_flagged_with_when_it_began() {
    let mut mails = habit();
    for minute in (0..11).rev() {
        mails.push(mail(TimeDelta::minutes(minute), 200));
    }
    let found = judged("carol@shop.example", &mails);
    assert_eq!(
        sentences(found.as_ref()),
        ["2 200 recipients in 11 min, usual 12/h (×183)"]
    );
    let found = found.unwrap();
    assert_eq!((found.per_minute, found.times), (200, Some(183)));
    let began = now() - TimeDelta::minutes(10);
    assert_eq!(found.began.map(minute_of), Some(minute_of(began)));
    assert_eq!(found.note(), "×183 usual");
    assert!(found.is_alarming());
}

#[test]
fn what_is_usual_or_little_is_not_flagged() {
    // A newsletter: three hundred recipients in each of its hours.
    let mut mails: Vec<Mail> = (2..50)
        .rev()
        .step_by(6)
        .map(|hours| mail(TimeDelta::hours(hours), 300))
        .collect();
    mails.push(mail(TimeDelta::minutes(5), 400));
    assert_eq!(judged("news@shop.example", &mails), None);
    // An invitation to ninety people.
    let mut mails = habit();
    mails.push(mail(TimeDelta::minutes(5), 90));
    assert_eq!(judged("ann@shop.example", &mails), None);
    assert_eq!(judged("ann@shop.example", &[]), None);
}

#[test]
fn without_a_past_only_the_higher_floors_judge() {
    let few: Vec<Mail> = (0..8)
        .map(|minute| Mail {
            from: format!("203.0.{minute}.5"),
            ..mail(TimeDelta::minutes(minute), 40)
        })
        .collect();
    assert_eq!(judged("new@shop.example", &few), None);
    let many: Vec<Mail> = (0..15)
        .map(|minute| Mail {
            from: format!("203.0.{minute}.5"),
            ..mail(TimeDelta::minutes(minute), 40)
        })
        .collect();
    let found = judged("new@shop.example", &many);
    assert_eq!(
        sentences(found.as_ref()),
        ["15 source IPs in 15 networks within 1 h, and nothing is known of before"],
        "it may have sent like this before the log began"
    );
    let mut known = vec![mail(TimeDelta::minutes(55), 3)];
    known.extend(many);
    let found = judged("new@shop.example", &known);
    assert_eq!(
        sentences(found.as_ref()),
        [
            "600 recipients in 15 min, 3 in the 40 min before",
            "16 source IPs in 16 networks within 1 h, and nothing is known of before",
        ]
    );
    assert_eq!(found.unwrap().times, None);
}

#[test]
fn many_new_networks_are_flagged_and_known_ones_are_not() {
    let roam = |minutes: std::ops::Range<i64>, first: i64| {
        minutes.map(move |minute| Mail {
            from: format!("203.0.{}.5", first + minute % 10),
            ..mail(TimeDelta::minutes(minute), 1)
        })
    };
    let mut mails = habit();
    mails.extend(roam(1..21, 0));
    assert_eq!(
        sentences(judged("carol@shop.example", &mails).as_ref()),
        ["10 source IPs in 10 networks within 1 h, 10 of them new; 1 before"]
    );
    let mut mails: Vec<Mail> = roam(130..150, 0).collect();
    mails.extend(habit());
    mails.extend(roam(1..21, 0));
    assert_eq!(judged("carol@shop.example", &mails), None);
}

#[test]
fn many_bounces_are_flagged_unless_they_are_usual() {
    let bounces = |hours: i64, recipients| Mail {
        bounced: true,
        ..mail(TimeDelta::hours(hours), recipients)
    };
    let mut mails = habit();
    mails.push(bounces(0, 19));
    assert_eq!(judged("carol@shop.example", &mails), None, "too few");
    mails.push(bounces(0, 2));
    assert_eq!(
        sentences(judged("carol@shop.example", &mails).as_ref()),
        ["100.0 % bounced: 21 of 21 recipients, usual 0.0 %"]
    );
    // A list that nobody cleans.
    let mut mails = habit();
    mails.extend((3..40).map(|hours| bounces(hours, 6)));
    mails.push(bounces(0, 10));
    mails.push(mail(TimeDelta::minutes(3), 15));
    assert_eq!(judged("list@shop.example", &mails), None);
}

#[test]
fn a_login_after_guesses_is_flagged() {
    let mut log = log("Carol@shop.example", &habit());
    for n in 0..12 {
        let stamp = (now() - TimeDelta::minutes(60 - n)).to_rfc3339();
        let user = [
            "carol@shop.example",
            "info@shop.example",
            "admin@shop.example",
        ][n as usize % 3];
        writeln!(log, "{stamp} mx1 postfix/smtpd[7]: warning: bad[203.0.113.9]: SASL LOGIN authentication failed: x, sasl_username={user}"
).unwrap();
    }
    let quiet = told(&log);
    assert_eq!(rows(quiet.told(), now(), HOUR), []);
    let stamp = (now() - TimeDelta::minutes(5)).to_rfc3339();
    writeln!(log, "{stamp} mx1 postfix/submission/smtpd[7]: 4D1A2FFFFF: client=bad[203.0.113.9], sasl_method=LOGIN, sasl_username=Carol@shop.example\n\
         {stamp} mx1 postfix/qmgr[7]: 4D1A2FFFFF: from=<carol@shop.example>, size=1000, nrcpt=1 (queue active)"
).unwrap();
    let facts = told(&log);
    let found = rows(facts.told(), now(), HOUR).remove(0).judgement;
    assert_eq!(
        sentences(found.as_ref()),
        ["logged in from 203.0.113.9 after 12 failures as 3 users"]
    );
    assert!(found.unwrap().is_alarming());
}

#[test]
fn the_worst_accounts_are_alarms() {
    let mut text = String::new();
    for name in ["carol", "dave", "erin", "frank"] {
        let mut mails = habit();
        for minute in (0..11).rev() {
            mails.push(mail(
                TimeDelta::minutes(minute),
                if name == "carol" { 200 } else { 20 },
            ));
        }
        text += &log(&format!("{name}@shop.example"), &mails);
    }
    let mut model = crate::model::Model::new(Knowledge::builtin(), Utc.fix());
    model.tick(now());
    model.log(text.as_bytes(), now());
    let alarms =
        crate::model::alarms::alarms(&model, &[], &crate::model::growth::Growth::default());
    let texts: Vec<&str> = alarms.iter().map(|alarm| alarm.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "account carol@shop.example sends 200/min, 183 times its usual, began 10:59",
            "account dave@shop.example sends 20/min, 18 times its usual, began 10:59",
            "account erin@shop.example sends 20/min, 18 times its usual, began 10:59",
            "1 more account out of the ordinary (view 5)",
        ]
    );
}

#[test]
fn an_alarm_without_a_usual_rate_tells_the_first_reason() {
    let mails: Vec<Mail> = (0..15)
        .map(|minute| Mail {
            from: format!("203.0.{minute}.5"),
            ..mail(TimeDelta::minutes(minute), 40)
        })
        .collect();
    let mut model = crate::model::Model::new(Knowledge::builtin(), Utc.fix());
    model.tick(now());
    model.log(log("new@shop.example", &mails).as_bytes(), now());
    let growth = crate::model::growth::Growth::default();
    let alarms = crate::model::alarms::alarms(&model, &[], &growth);
    let texts: Vec<&str> = alarms.iter().map(|alarm| alarm.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "account new@shop.example: 15 source IPs in 15 networks within 1 h, and nothing is known of before"
        ]
    );
}
