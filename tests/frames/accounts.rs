//! Frames of the view Accounts, as text and as roles.

use crate::fixture::{self, list, mail};
use crate::mails::press;
use crate::paint::{frames, text};
use chrono::{DateTime, TimeDelta, Utc};
use mailtop::app::App;
use mailtop::theme::Theme;
use std::fmt::Write;

screens! {
    accounts: on_incident("5");
    accounts_second: on_incident("5j");
    accounts_sources: on_incident("5<tab>");
    accounts_users: on_incident("5<tab><tab>j");
    accounts_anomalies: on_incident("5A");
    accounts_by_recipients: on_incident("5>>");
    accounts_day: on_incident("5ZZZZ");
    accounts_alone: on_incident("5<tab>o");
    accounts_filtered: on_incident("5/user:*o*@shop.example<enter>");
    accounts_no_match: on_incident("5/user:nobody<enter>");
    accounts_nothing_known: frames("5", |theme, size| fixture::app(theme, size, None));
    accounts_none: frames("5", |theme, size| {
        let mut app = fixture::app(theme, size, None);
        crate::mails::morning(&mut app, 12);
        app
    });
    accounts_quiet: frames("5", |theme, size| {
        let mut log = Log::default();
        log.sent(200, "ann@shop.example", "198.51.100.7", 2, true);
        log.sent(60 * 30, "bob@shop.example", "198.51.100.7", 2, true);
        with(theme, size, log)
    });
    accounts_one: frames("5", |theme, size| {
        let mut log = Log::default();
        log.sent(3, "ann@shop.example", "2001:db8:7:1::5", 2, true);
        with(theme, size, log)
    });
    accounts_very_many: frames("5G", |theme, size| {
        let mut log = Log::default();
        for n in 0..400 {
            let account = format!("user{n:04}@customer{}.example", n % 70);
            log.sent(n % 60, &account, &format!("198.51.{}.7", n % 250), 1, n % 9 != 0);
        }
        for n in 0..400 {
            let source = format!("203.0.{}.{}", n / 250, n % 250);
            log.failed(n % 60, &source, &format!("user{n}"));
        }
        with(theme, size, log)
    });
    accounts_hostile: frames("5", |theme, size| {
        let mut log = Log::default();
        let names = ["\u{202e}gpj.exe@shop.example", "日本語の名前@例え.example", "a\u{1b}[31mred@shop.example", "=cmd|' /C calc'!A0", "👩‍👩‍👧@shop.example", "x, sasl_sender=y"];
        for (n, name) in names.into_iter().enumerate() {
            log.sent(n as i64, name, "unknown", 1, false);
            log.failed(n as i64, "2001:db8:1:2::9", name);
        }
        with(theme, size, log)
    });
}

fn on_incident(keys: &str) -> String {
    frames(keys, incident)
}

/// Log lines, in the order in which they are added.
#[derive(Default)]
struct Log {
    lines: String,
    messages: usize,
}

fn ago(minutes: i64) -> DateTime<Utc> {
    fixture::now() - TimeDelta::minutes(minutes)
}

impl Log {
    /// A message of so many recipients.
    fn sent(&mut self, minutes: i64, account: &str, from: &str, recipients: usize, good: bool) {
        self.messages += 1;
        let (time, id) = (
            ago(minutes).to_rfc3339(),
            format!("4jYh{:06}zBGQD", self.messages),
        );
        let _ = writeln!(
            self.lines,
            "{time} mx1 postfix/submission/smtpd[7]: {id}: client=home.example[{from}], sasl_method=PLAIN, sasl_username={account}\n\
             {time} mx1 postfix/cleanup[7]: {id}: message-id=<{id}@x>\n\
             {time} mx1 postfix/qmgr[7]: {id}: from=<{account}>, size=1000, nrcpt={recipients} (queue active)"
        );
        for n in 0..recipients {
            let domain = ["gmail.com", "hotmail.com", "yahoo.com"][(self.messages + n) % 3];
            let outcome = if good {
                "dsn=2.0.0, status=sent (250 2.0.0 OK)"
            } else {
                "dsn=5.1.1, status=bounced (host mx.example[203.0.113.4] said: 550 5.1.1 No such user (in reply to RCPT TO command))"
            };
            let _ = writeln!(
                self.lines,
                "{time} mx1 postfix/smtp[7]: {id}: to=<u{n}@{domain}>, relay=mx.example[203.0.113.4]:25, delay=1, {outcome}"
            );
        }
        let _ = writeln!(self.lines, "{time} mx1 postfix/qmgr[7]: {id}: removed");
    }

    fn failed(&mut self, minutes: i64, from: &str, user: &str) {
        let time = ago(minutes).to_rfc3339();
        let _ = writeln!(
            self.lines,
            "{time} mx1 postfix/submission/smtpd[7]: warning: unknown[{from}]: SASL LOGIN authentication failed: authentication failure, sasl_username={user}"
        );
    }
}

fn with(theme: Theme, size: (u16, u16), log: Log) -> App {
    let mut app = fixture::app(theme, size, None);
    fixture::log(&mut app, log.lines.into_bytes());
    let mails: Vec<_> = (0..40)
        .map(|n| {
            mail(
                n,
                300,
                "carol@shop.example",
                "x@gmail.com",
                "host mx.example[203.0.113.4] said: 421 4.7.0 slow down",
            )
        })
        .collect();
    list(&mut app, &mails, true);
    app
}

/// carol's password was guessed: for eleven minutes her account sends two hundred a minute from forty networks.
pub fn incident(theme: Theme, size: (u16, u16)) -> App {
    let mut log = Log::default();
    let usual = [
        ("carol@shop.example", 12, 60),
        ("news@shop.example", 70, 1),
        ("orders@shop.example", 10, 6),
        ("noreply@shop.example", 7, 7),
        ("bob@shop.example", 2, 40),
        ("ann@shop.example", 1, 25),
    ];
    for (account, recipients, every) in usual {
        for minutes in (60..600).rev().step_by(every.max(4) as usize) {
            log.sent(
                minutes,
                account,
                "198.51.100.7",
                recipients,
                minutes % 90 != 0,
            );
        }
        for minutes in (0..60).rev().step_by(every as usize) {
            log.sent(
                minutes,
                account,
                "198.51.100.7",
                recipients,
                minutes % 50 != 0,
            );
        }
    }
    for n in 0..60 {
        log.failed(
            70 - n,
            "203.0.113.200",
            [
                "info@shop.example",
                "admin@shop.example",
                "carol@shop.example",
                "root",
            ][n as usize % 4],
        );
        if n % 3 == 0 {
            log.failed(70 - n, "203.0.113.201", "info@shop.example");
        }
    }
    let _ = writeln!(
        log.lines,
        "{} mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<ann@shop.example>, method=PLAIN, rip=192.0.2.77, lip=192.0.2.1, TLS, session=<b>\n\
         {0} mx1 dovecot: imap-login: Login: user=<ann@shop.example>, method=PLAIN, rip=192.0.2.77, lip=192.0.2.1, mpid=7, TLS, session=<c>",
        ago(71).to_rfc3339()
    );
    for minutes in (0..11).rev() {
        for n in 0..40 {
            let from = if n == 0 {
                String::from("203.0.113.200")
            } else {
                format!("203.0.{n}.80")
            };
            log.sent(minutes, "carol@shop.example", &from, 5, n % 5 < 2);
        }
    }
    let _ = writeln!(
        log.lines,
        "{} mx1 postfix/submission/smtpd[7]: NOQUEUE: reject: RCPT from unknown[203.0.113.200]: 553 5.7.1 <boss@shop.example>: Sender address rejected: not owned by user carol@shop.example; from=<boss@shop.example> to=<a@b.example> proto=ESMTP helo=<x>",
        ago(5).to_rfc3339()
    );
    with(theme, size, log)
}

#[test]
fn enter_goes_to_the_messages_of_the_account_and_to_the_lines_of_a_source() {
    let size = (120, 36);
    let mut app = incident(Theme::default(), size);
    text(&mut app, size);
    press(&mut app, "5");
    text(&mut app, size);
    press(&mut app, "<enter>");
    let shown = text(&mut app, size);
    assert!(
        shown.contains("[4 Trace]") && shown.contains("user:carol@shop.example"),
        "{shown}"
    );
    press(&mut app, "<esc>");
    text(&mut app, size);
    press(&mut app, "5<tab><enter>");
    let shown = text(&mut app, size);
    assert!(
        shown.contains("[8 Log]") && shown.contains("ip:203.0.113.200"),
        "{shown}"
    );
}

#[test]
fn the_next_flagged_account_is_selected_and_its_queued_mail_can_be_held() {
    let size = (120, 36);
    let mut app = incident(Theme::default(), size);
    text(&mut app, size);
    press(&mut app, "5>>>>>>");
    text(&mut app, size);
    press(&mut app, "n");
    let shown = text(&mut app, size);
    let selected = shown
        .lines()
        .find(|line| line.contains('▌'))
        .unwrap_or_default();
    assert!(selected.contains("carol@shop.example"), "{shown}");
    press(&mut app, "h");
    let sheet = text(&mut app, size);
    assert!(
        sheet.contains("mail from senders of carol@shop.example"),
        "{sheet}"
    );
    assert!(sheet.contains("40"), "{sheet}");
}
