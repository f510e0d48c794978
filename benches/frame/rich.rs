//! A rich day for the bench: everything that a view gathers, as much of it as the model tells apart or a large host has.

use crate::fixture;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop::app::App;
use mailtop::app::msg::Msg;
use mailtop::model::attempts::{Attempts, Due};
use mailtop::model::settings::Settings;
use std::fmt::Write;
use std::sync::Arc;

/// SASL accounts, all of which sent in the last hour: `FRAME_BENCH_ACCOUNTS`, or those of a busy provider.
pub fn accounts() -> usize {
    let asked = std::env::var("FRAME_BENCH_ACCOUNTS").ok();
    asked.and_then(|many| many.parse().ok()).unwrap_or(1_000)
}

/// Users with a session of Dovecot's, and sources that guess passwords, each of one user, in the last hour.
pub fn users() -> usize {
    (accounts() / 5).max(1)
}

/// Minutes in which providers answer.
const DAY: usize = 1_440;

/// Relays of providers: each answers in every minute of the day, some of them with a deferral.
const RELAYS: [(&str, &str); 8] = [
    ("gmail.com", "gmail-smtp-in.l.google.com"),
    ("corp.example", "corp-example.mail.protection.outlook.com"),
    ("icloud.com", "mx01.mail.icloud.com"),
    ("yahoo.com", "mta5.am0.yahoodns.net"),
    ("gmx.net", "mx00.gmx.net"),
    ("web.de", "mx-ha02.web.de"),
    ("shop.example", "mail.shop.example"),
    ("t-online.de", "mx00.t-online.de"),
];

/// The log of a day, in order, in batches as a tail reads them.
pub fn day(app: &mut App) {
    let mut lines = String::new();
    for minute in 0..DAY {
        let time = stamp(fixture::now() - TimeDelta::minutes((DAY - 1 - minute) as i64));
        providers(&mut lines, &time, minute);
        if let Some(last) = minute.checked_sub(DAY - 60) {
            let of = |many: usize| many * last / 60..many * (last + 1) / 60;
            for n in of(accounts()) {
                account(&mut lines, &time, n);
            }
            for n in of(users()) {
                dovecot(&mut lines, &time, n);
            }
        }
        if lines.len() > 1 << 20 || minute + 1 == DAY {
            fixture::log(app, std::mem::take(&mut lines).into_bytes());
        }
    }
}

fn stamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339()
}

fn providers(lines: &mut String, time: &str, minute: usize) {
    for (n, (domain, relay)) in RELAYS.iter().enumerate() {
        let id = format!("4jYd{minute:04}{n}zBGQD");
        let (dsn, status) = if (minute + n).is_multiple_of(5) {
            (
                "4.7.0",
                "deferred (host x[203.0.113.6] said: 421 4.7.0 [TSS04] later (in reply to MAIL FROM command))",
            )
        } else {
            ("2.0.0", "sent (250 2.0.0 OK)")
        };
        let _ = writeln!(
            lines,
            "{time} mx1 postfix/qmgr[3]: {id}: from=<news{n}@shop.example>, size=6214, nrcpt=1 (queue active)\n\
             {time} mx1 postfix/smtp[4]: {id}: to=<u{minute}@{domain}>, relay={relay}[203.0.113.4]:25, delay=0.{}, dsn={dsn}, status={status}",
            minute % 10
        );
    }
}

/// One message of the n-th account.
pub fn account(lines: &mut String, time: &str, n: usize) {
    let (id, (domain, relay)) = (format!("4jYh{n:06}zBGQD"), RELAYS[n % RELAYS.len()]);
    let _ = writeln!(
        lines,
        "{time} mx1 postfix/submission/smtpd[7]: {id}: client=home[198.51.{}.{}], sasl_method=PLAIN, sasl_username=user{n}@shop.example\n\
         {time} mx1 postfix/qmgr[7]: {id}: from=<user{n}@shop.example>, size=1000, nrcpt=1 (queue active)\n\
         {time} mx1 postfix/smtp[7]: {id}: to=<x@{domain}>, relay={relay}[203.0.113.4]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 OK)\n\
         {time} mx1 postfix/qmgr[7]: {id}: removed",
        n / 250 % 250,
        n % 250
    );
}

/// A login of the n-th user, and a guess by the n-th source.
pub fn dovecot(lines: &mut String, time: &str, n: usize) {
    let _ = writeln!(
        lines,
        "{time} mx1 dovecot: imap-login: Login: user=<user{n}@shop.example>, method=PLAIN, rip=198.51.{}.{}, lip=192.0.2.1, mpid={n}, TLS, session=<s{n}>\n\
         {time} mx1 dovecot: imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<guess{n}>, method=PLAIN, rip=203.{}.{}.7, lip=192.0.2.1, TLS, session=<g{n}>",
        n / 250 % 250,
        n % 250,
        n / 250 % 250,
        n % 250
    );
}

/// A line of each kind that changes something on some view.
pub fn moment(n: usize) -> Vec<u8> {
    let mut lines = String::new();
    let time = stamp(fixture::now());
    account(&mut lines, &time, n);
    dovecot(&mut lines, &time, n);
    providers(&mut lines, &time, n);
    lines.into_bytes()
}

/// What Postfix is set to, and when each of the listed messages is tried again.
pub fn schedule(app: &mut App, mails: &[fixture::Mail]) {
    let mut settings = Settings::default();
    settings.set("maximal_queue_lifetime", "5d");
    settings.set("bounce_queue_lifetime", "5d");
    app.update(Msg::Settings(settings));
    let at = fixture::now();
    let due = |(n, mail): (usize, &fixture::Mail)| {
        (mail.id.as_str().into(), at.timestamp() + n as i64 % 4_000)
    };
    let by_id = Arc::new(mails.iter().enumerate().map(due).collect());
    app.update(Msg::Attempts(Attempts::Read(Due { at, by_id })));
}
