//! The small queues that the tests look at, and keys pressed one after the other.

use crate::fixture::{Mail, app, host, list, log, mail, now};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::model::attempts::{Attempts, Due};
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::model::settings::Settings;
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use std::fmt::Write;
use std::sync::Arc;

pub const YAHOO: &str = "host mta5.am0.yahoodns.net[203.0.113.6] said: 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily \
                         deferred due to unexpected volume or user complaints; see postmaster.yahooinc.com (in reply to MAIL FROM command)";
pub const DEAD: &str = "connect to dead.example[192.0.2.9]:25: Connection timed out";
pub const FULL: &str = "host mx.full.example[192.0.2.10] said: 452 4.2.2 <bob@full.example> The mailbox is full (in reply to RCPT TO command)";

/// Seven domains: one grows, one is dead, one is full; some mail is held, some is active.
pub fn busy() -> Vec<Mail> {
    let mut mails = Vec::new();
    for n in 0..30 {
        let to = format!("user{n}@yahoo.com");
        mails.push(mail(n, 20 + 17 * n as i64, "news@shop.example", &to, YAHOO));
    }
    for n in 30..36 {
        let to = format!("user{n}@aol.com");
        let held = Mail {
            queue: "hold",
            ..mail(n, 900, "news@shop.example", &to, "")
        };
        mails.push(held);
    }
    for n in 36..45 {
        let to = format!("ops{n}@dead.example");
        mails.push(mail(n, 300 << (n - 36), "bob@shop.example", &to, DEAD));
    }
    let bounce = mail(45, 350_000, "MAILER-DAEMON", "bob@full.example", FULL);
    mails.push(bounce);
    let many = Mail {
        to: vec![
            "ann@full.example".into(),
            "ann@yahoo.com".into(),
            "bob@yahoo.com".into(),
        ],
        size: 12_345_678,
        ..mail(46, 4000, "orders@shop.example", "", FULL)
    };
    mails.push(many);
    for n in 47..50 {
        let active = Mail {
            queue: "active",
            ..mail(n, 2, "orders@shop.example", "eve@corp.example", "")
        };
        mails.push(active);
    }
    mails
}

/// Text that tries to leave its place: controls, bidi, zero width, wide, combining, very long.
pub fn hostile() -> Vec<Mail> {
    let text = [
        "\u{202e}evil\u{2066}@\u{200b}rtl.example",
        "日本語のメールアドレス@全角.example",
        "e\u{301}\u{301}\u{301}\u{301}\u{327}@combining.example",
        "👩\u{200d}👩\u{200d}👧@family.example",
        "\u{1b}[2J\u{7}\r@escape.example",
        "a\u{ad}\u{feff}\u{fe0f}b@invisible.example",
    ];
    let mut mails: Vec<Mail> = text
        .iter()
        .enumerate()
        .map(|(n, to)| {
            let reason = format!("host {to}[192.0.2.1] said: 450 4.2.0 {to} \u{9b}31m no");
            mail(n, 60 * n as i64, to, to, &reason)
        })
        .collect();
    let long = format!("{}@{}.example", "x".repeat(300), "y".repeat(300));
    mails.push(mail(6, 10, &long, &long, &long));
    mails
}

/// The log, the queue and the host, all up.
pub fn full(theme: Theme, size: (u16, u16), mails: &[Mail]) -> App {
    let mut app = app(theme, size, None);
    up(&mut app, Feed::Queue);
    up(&mut app, Feed::Log("/var/log/mail.log".into()));
    morning(&mut app, 8);
    host(&mut app);
    list(&mut app, mails, true);
    outlook(&mut app, mails);
    app
}

/// What Postfix is set to, and when it tries the deferred messages again: the first ones at the next queue run.
pub fn outlook(app: &mut App, mails: &[Mail]) {
    let mut settings = Settings::default();
    for (name, value) in [
        ("maximal_queue_lifetime", "5d"),
        ("bounce_queue_lifetime", "5d"),
    ] {
        settings.set(name, value);
    }
    app.update(Msg::Settings(settings));
    let deferred = mails.iter().filter(|mail| mail.queue == "deferred");
    let due = deferred.enumerate().map(|(n, mail)| {
        (
            mail.id.as_str().into(),
            now().timestamp() - 20 + 31 * n as i64,
        )
    });
    app.update(Msg::Attempts(Attempts::Read(Due {
        at: now(),
        by_id: Arc::new(due.collect()),
    })));
}

fn up(app: &mut App, feed: Feed) {
    app.update(Msg::Feed(FeedReport::State(feed, FeedState::Up)));
}

/// A source is lost.
pub fn lost(app: &mut App, feed: Feed, why: &str) {
    let state = FeedState::Lost {
        why: SafeText::from(why),
        retry_at: None,
    };
    app.update(Msg::Feed(FeedReport::State(feed, state)));
}

/// Keys of a script, each seen on the screen before the next.
pub fn press(app: &mut App, script: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in Key::of_script(script).unwrap_or_else(|error| unreachable!("{error}")) {
        app.settle();
        app.drawn();
        effects.extend(app.update(Msg::Key(key)));
    }
    app.settle();
    app.drawn();
    effects
}

/// What the log told in the last `minutes`: delivered mail every five seconds; in the last 200 seconds deferrals as well.
pub fn morning(app: &mut App, minutes: i64) {
    let mut lines = String::new();
    for second in 0..minutes * 60 {
        let time = (now() - TimeDelta::seconds(minutes * 60 - second)).to_rfc3339();
        let id = format!("4jYf{second:05}zBGQD");
        let born = |lines: &mut String| {
            let _ = writeln!(
                lines,
                "{time} mx1 postfix/cleanup[2]: {id}: message-id=<{second}@shop.example>\n\
                 {time} mx1 postfix/qmgr[3]: {id}: from=<news@shop.example>, size=6214, nrcpt=1 (queue active)"
            );
        };
        if second % 5 == 0 {
            born(&mut lines);
            let (to, relay) = [
                ("ann@gmail.com", "gmail-smtp-in.l.google.com"),
                (
                    "eve@corp.example",
                    "corp-example.mail.protection.outlook.com",
                ),
                ("dan@icloud.com", "mx01.mail.icloud.com"),
            ][second as usize / 5 % 3];
            let _ = writeln!(
                lines,
                "{time} mx1 postfix/smtp[4]: {id}: to=<{to}>, relay={relay}[203.0.113.4]:25, delay=0.5, dsn=2.0.0, \
                 status=sent (250 2.0.0 OK)\n{time} mx1 postfix/qmgr[3]: {id}: removed"
            );
        } else if second % 8 == 1 && second > minutes * 60 - 200 {
            born(&mut lines);
            let _ = writeln!(
                lines,
                "{time} mx1 postfix/smtp[4]: {id}: to=<user{second}@yahoo.com>, relay=mta5.am0.yahoodns.net[203.0.113.6]:25, \
                 delay=0.5, dsn=4.7.0, status=deferred (host mta5.am0.yahoodns.net[203.0.113.6] said: \
                 421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred (in reply to MAIL FROM command))"
            );
        }
    }
    let end = now().to_rfc3339();
    let _ = writeln!(
        lines,
        "{end} mx1 postfix/smtp[4]: 4jYfXXXXXzBGQD: to=<nobody@gmail.com>, relay=aspmx.l.google.com[203.0.113.4]:25, delay=0.5, \
         dsn=5.1.1, status=bounced (host aspmx.l.google.com[203.0.113.4] said: 550 5.1.1 No such user (in reply to RCPT TO command))\n\
         {end} mx1 dovecot: imap-login: Disconnected (auth failed, 3 attempts in 9 secs): user=<info@shop.example>, method=PLAIN, \
         rip=203.0.113.200, lip=192.0.2.1, TLS, session=<b>\n\
         {end} mx1 postfix/postsuper[5]: 4jYg7l0030zBGQD: placed on hold"
    );
    log(app, lines.into_bytes());
}
