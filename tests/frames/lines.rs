//! A log for the views Trace and Log, and an app that is given the answers to what it asks for.

use crate::fixture::{self, Mail, mail, now};
use crate::mails::{self, busy, full, press};
use chrono::{SecondsFormat, TimeDelta};
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::key::Key;
use mailtop::app::msg::{LogBatch, Msg};
use mailtop::model::settings::Settings;
use mailtop::sources::search;
use mailtop::theme::Theme;
use std::fmt::Write;

const SAID: &str = "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints";

/// One stamped line, so many seconds and milliseconds ago.
fn line(out: &mut String, ago: i64, milli: u32, text: &str) {
    let time = now() - TimeDelta::seconds(ago) + TimeDelta::milliseconds(i64::from(milli));
    let time =
        time.with_timezone(&chrono::FixedOffset::east_opt(3600).unwrap_or_else(|| unreachable!()));
    let _ = writeln!(
        out,
        "{} mx1 {text}",
        time.to_rfc3339_opts(SecondsFormat::Micros, false)
    );
}

/// Four attempts at Yahoo, one delivery, one bounce with its notification, a refusal, a requeue, a mailbox, a warning and logins.
#[expect(clippy::too_many_lines, reason = "a log is as long as what it tells")]
pub fn log() -> Vec<u8> {
    let mut out = String::new();
    let to = |id: &str, to: &str, relay: &str, how: &str| {
        format!("postfix/smtp[12296]: {id}: to=<{to}>, relay={relay}, {how}")
    };
    // Yesterday: delivered to a mailbox after it was requeued.
    let yesterday = 22 * 3600;
    line(
        &mut out,
        yesterday,
        1,
        "postfix/smtpd[3]: 4jXr0v3DLWz2BDrT: client=mail.shop.example[198.51.100.9]",
    );
    line(
        &mut out,
        yesterday,
        5,
        "postfix/cleanup[4]: 4jXr0v3DLWz2BDrT: message-id=<77.ann@shop.example>",
    );
    line(
        &mut out,
        yesterday,
        9,
        "postfix/qmgr[5]: 4jXr0v3DLWz2BDrT: from=<bob@shop.example>, size=1800, nrcpt=1 (queue active)",
    );
    line(
        &mut out,
        yesterday,
        30,
        &to(
            "4jXr0v3DLWz2BDrT",
            "ann@yahoo.com",
            "mx1[private/dovecot-lmtp]",
            "delay=0.03, delays=0.01/0/0/0.02, dsn=4.2.2, status=deferred (host mx1[private/dovecot-lmtp] said: 452 4.2.2 <ann@yahoo.com> Quota exceeded (in reply to end of DATA command))",
        ),
    );
    line(
        &mut out,
        yesterday - 400,
        0,
        "postfix/postsuper[6]: 4jXr0v3DLWz2BDrT: requeued",
    );
    line(
        &mut out,
        yesterday - 401,
        0,
        "postfix/pickup[7]: 4jXr1C1BQKz2BDxV: uid=0 from=<bob@shop.example> orig_id=4jXr0v3DLWz2BDrT",
    );
    line(
        &mut out,
        yesterday - 401,
        4,
        "postfix/cleanup[4]: 4jXr1C1BQKz2BDxV: message-id=<77.ann@shop.example>",
    );
    line(
        &mut out,
        yesterday - 401,
        8,
        "postfix/qmgr[5]: 4jXr1C1BQKz2BDxV: from=<bob@shop.example>, size=1800, nrcpt=1 (queue active)",
    );
    line(
        &mut out,
        yesterday - 402,
        0,
        "dovecot: lmtp(ann@yahoo.com)<5478><FdCk>: msgid=<77.ann@shop.example>: saved mail to INBOX",
    );
    line(
        &mut out,
        yesterday - 402,
        1,
        &to(
            "4jXr1C1BQKz2BDxV",
            "ann@yahoo.com",
            "mx1[private/dovecot-lmtp]",
            "delay=403, delays=402/0/0/0.9, dsn=2.0.0, status=sent (250 2.0.0 <ann@yahoo.com> FdCk Saved)",
        ),
    );
    line(
        &mut out,
        yesterday - 402,
        2,
        "postfix/qmgr[5]: 4jXr1C1BQKz2BDxV: removed",
    );
    // Two hours ago: delivered at once.
    line(
        &mut out,
        7000,
        1,
        "postfix/submission/smtpd[3]: 4jYd1q4SGMz2BFk7: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=noreply@shop.example",
    );
    line(
        &mut out,
        7000,
        8,
        "postfix/cleanup[4]: 4jYd1q4SGMz2BFk7: message-id=<78@shop.example>",
    );
    line(
        &mut out,
        7000,
        12,
        "postfix/qmgr[5]: 4jYd1q4SGMz2BFk7: from=<noreply@shop.example>, size=3100, nrcpt=1 (queue active)",
    );
    line(
        &mut out,
        6999,
        100,
        &to(
            "4jYd1q4SGMz2BFk7",
            "ann@yahoo.com",
            "mta6.am0.yahoodns.net[203.0.113.5]:25",
            "delay=1.1, delays=0.1/0/0.6/0.4, dsn=2.0.0, status=sent (250 ok dirdel)",
        ),
    );
    line(
        &mut out,
        6999,
        101,
        "postfix/qmgr[5]: 4jYd1q4SGMz2BFk7: removed",
    );
    // A bounce and its notification.
    line(
        &mut out,
        3400,
        1,
        "postfix/smtpd[3]: 4jYc3r0TNPz2BDxS: client=mail.shop.example[198.51.100.9]",
    );
    line(
        &mut out,
        3400,
        5,
        "postfix/cleanup[4]: 4jYc3r0TNPz2BDxS: message-id=<79@shop.example>",
    );
    line(
        &mut out,
        3400,
        9,
        "postfix/qmgr[5]: 4jYc3r0TNPz2BDxS: from=<bob@shop.example>, size=900, nrcpt=2 (queue active)",
    );
    line(
        &mut out,
        3400,
        60,
        &to(
            "4jYc3r0TNPz2BDxS",
            "ann@yahoo.com",
            "mta6.am0.yahoodns.net[203.0.113.5]:25",
            "delay=0.2, delays=0/0/0.1/0.1, dsn=2.0.0, status=sent (250 ok dirdel)",
        ),
    );
    line(
        &mut out,
        3400,
        90,
        &to(
            "4jYc3r0TNPz2BDxS",
            "ann@yaho.example",
            "none",
            "delay=0.2, delays=0/0/0.2/0, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=yaho.example type=A: Host not found)",
        ),
    );
    line(
        &mut out,
        3400,
        95,
        "postfix/cleanup[4]: 4jYc3s2QXNz2BDxZ: message-id=<4jYc3s2QXNz2BDxZ@mx1>",
    );
    line(
        &mut out,
        3400,
        96,
        "postfix/bounce[9]: 4jYc3r0TNPz2BDxS: sender non-delivery notification: 4jYc3s2QXNz2BDxZ",
    );
    line(
        &mut out,
        3400,
        97,
        "postfix/qmgr[5]: 4jYc3s2QXNz2BDxZ: from=<>, size=2900, nrcpt=1 (queue active)",
    );
    line(
        &mut out,
        3400,
        98,
        "postfix/qmgr[5]: 4jYc3r0TNPz2BDxS: removed",
    );
    // Refused at the door.
    line(
        &mut out,
        3000,
        0,
        "postfix/smtpd[3]: NOQUEUE: reject: RCPT from unknown[203.0.113.99]: 554 5.7.1 <ann@yahoo.com>: Relay access denied; from=<spam@bad.example> to=<ann@yahoo.com> proto=ESMTP helo=<x>",
    );
    // Deferred four times.
    let id = "4jYg7l1WNDz2BGQD";
    line(
        &mut out,
        2257,
        112,
        &format!(
            "postfix/submission/smtpd[3]: {id}: client=app2[198.51.100.7], sasl_method=PLAIN, sasl_username=news@shop.example"
        ),
    );
    line(
        &mut out,
        2257,
        140,
        &format!("postfix/cleanup[4]: {id}: message-id=<20261124103107.81@shop.example>"),
    );
    line(
        &mut out,
        2257,
        150,
        &format!("opendkim[85]: {id}: DKIM-Signature field added (s=mail, d=shop.example)"),
    );
    for (ago, delay, host, nth) in [
        (2257, 0.9, "mta5", 4),
        (1956, 301.2, "mta6", 5),
        (1284, 973.4, "mta5", 4),
        (47, 2210.3, "mta7", 6),
    ] {
        line(
            &mut out,
            ago,
            201,
            &format!(
                "postfix/qmgr[5]: {id}: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)"
            ),
        );
        let a = f64::max(0.09, delay - 1.1);
        let how = format!(
            "delay={delay}, delays={a:.2}/0.02/0.5/0.3, dsn=4.7.0, status=deferred (host {host}.am0.yahoodns.net[203.0.113.{nth}] said: {SAID} (in reply to MAIL FROM command))"
        );
        line(
            &mut out,
            ago,
            733,
            &to(
                id,
                "ann@yahoo.com",
                &format!("{host}.am0.yahoodns.net[203.0.113.{nth}]:25"),
                &how,
            ),
        );
    }
    line(
        &mut out,
        40,
        0,
        "postfix/smtpd[3]: warning: hostname bad.example does not resolve to address 203.0.113.99",
    );
    line(
        &mut out,
        39,
        0,
        "dovecot: imap-login: Login: user=<ann@shop.example>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, mpid=123, TLS, session=<abc>",
    );
    line(
        &mut out,
        30,
        0,
        "postfix/smtp[12]: fatal: unsupported dictionary type: \u{1b}[2J\u{202e}evil",
    );
    for nth in 0..24_i64 {
        let id = format!("4jYh{nth:02}5ZRXz2BGQ1");
        let host = ["mta5", "mta6", "mta7"][(nth % 3) as usize];
        let user = ["bob", "cat", "dan", "eve"][(nth % 4) as usize];
        let how = format!(
            "delay=12, delays=11/0.02/0.5/0.3, dsn=4.7.0, status=deferred (host {host}.am0.yahoodns.net[203.0.113.4] said: {SAID} (in reply to MAIL FROM command))"
        );
        line(
            &mut out,
            26 - nth,
            137 * (nth as u32 % 7),
            &to(
                &id,
                &format!("{user}@yahoo.com"),
                &format!("{host}.am0.yahoodns.net[203.0.113.4]:25"),
                &how,
            ),
        );
    }
    out.into_bytes()
}

pub fn batches(lines: Vec<u8>) -> Vec<LogBatch> {
    vec![LogBatch {
        source: "mail.log".into(),
        lines,
        anchor: now(),
    }]
}

/// Keys, each seen before the next, with the answers to what the app asks for out of these lines.
pub fn answered(app: &mut App, script: &str, batches: &[LogBatch]) -> Vec<Effect> {
    let mut all = Vec::new();
    for key in Key::of_script(script).unwrap_or_else(|error| unreachable!("{error}")) {
        app.settle();
        app.drawn();
        let mut effects = app.update(Msg::Key(key));
        while let Some(Effect::Search(asked)) = effects
            .iter()
            .find(|effect| matches!(effect, Effect::Search(_)))
            .cloned()
        {
            all.append(&mut effects);
            for part in search::in_batches(batches, asked) {
                effects.extend(app.update(part));
            }
        }
        all.append(&mut effects);
    }
    app.settle();
    app.drawn();
    all
}

/// The busy system with the log of this file, after these keys.
pub fn looked(theme: Theme, size: (u16, u16), keys: &str) -> App {
    let mut app = full(theme, size, &busy());
    settings(&mut app);
    answered(&mut app, keys, &batches(log()));
    app
}

fn settings(app: &mut App) {
    let mut settings = Settings::default();
    for (name, value) in [
        ("maximal_queue_lifetime", "5d"),
        ("bounce_queue_lifetime", "5d"),
        ("minimal_backoff_time", "300s"),
        ("maximal_backoff_time", "4000s"),
    ] {
        settings.set(name, value);
    }
    app.update(Msg::Settings(settings));
}

/// One message waits, whose life is in the log of this file.
pub fn waiting(theme: Theme, size: (u16, u16), keys: &str) -> App {
    let mail = Mail {
        id: String::from("4jYg7l1WNDz2BGQD"),
        ..mail(0, 2257, "news@shop.example", "ann@yahoo.com", mails::YAHOO)
    };
    let mut app = full(theme, size, &[mail]);
    settings(&mut app);
    answered(&mut app, keys, &batches(log()));
    app
}

/// Nothing was answered yet.
pub fn unanswered(theme: Theme, size: (u16, u16), keys: &str) -> App {
    let mut app = full(theme, size, &busy());
    press(&mut app, keys);
    app
}

/// The log holds nothing.
pub fn answered_empty(theme: Theme, size: (u16, u16), keys: &str) -> App {
    let mut app = fixture::app(theme, size, None);
    mails::outlook(&mut app, &[]);
    answered(&mut app, keys, &batches(Vec::new()));
    app
}
