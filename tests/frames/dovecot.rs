//! Frames of the view Dovecot, as text and as roles: a busy hour with every kind of trouble, a quiet one, and a host without Dovecot.

use crate::fixture::{self, log, now};
use crate::paint::frames;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop::app::App;
use mailtop::app::msg::Msg;
use mailtop::model::dovecot::who::{Allowed, Connections, Who};
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::theme::Theme;
use std::fmt::Write;

/// A line that was written so many seconds ago.
fn line(lines: &mut String, ago: i64, program: &str, text: &str) {
    let time = (now() - TimeDelta::seconds(ago)).to_rfc3339();
    let _ = writeln!(lines, "{time} mx1 {program}: {text}");
}

fn login(lines: &mut String, ago: i64, service: &str, user: &str, ip: &str, session: &str) {
    let text = format!(
        "{service}-login: Login: user=<{user}>, method=PLAIN, rip={ip}, lip=192.0.2.25, mpid=7, TLSv1.3 with cipher X, session=<{session}>"
    );
    line(lines, ago, "dovecot", &text);
}

fn end(lines: &mut String, ago: i64, service: &str, user: &str, session: &str, how: &str) {
    let text = format!("{service}({user})<7><{session}>: Disconnected: {how} in=93 out=1020");
    line(lines, ago, "dovecot", &text);
}

/// An hour of sixty users, guessers, a full mailbox, failing scripts and limits.
pub fn hour() -> String {
    let mut lines = String::new();
    for ago in (0..3600).rev() {
        if ago % 11 == 0 {
            let user = format!("user{}@shop.example", ago % 61);
            let session = format!("s{ago}");
            let service = if ago % 55 == 0 { "pop3" } else { "imap" };
            login(&mut lines, ago, service, &user, "198.51.100.9", &session);
            if ago % 33 > 0 {
                let how = if ago % 2 == 0 {
                    "Logged out"
                } else {
                    "Connection closed (IDLE running for 0.001 + waiting input for 0.301 secs, 2 B in + 10 B out, state=wait-input)"
                };
                end(&mut lines, ago, service, &user, &session, how);
            }
        }
        if ago % 40 == 0 {
            let text = format!(
                "imap-login: Disconnected: Connection closed (auth failed, 2 attempts in 9 secs): user=<info{}@shop.example>, method=PLAIN, rip=203.0.113.200, lip=192.0.2.25, TLS, session=<f{ago}>",
                ago % 31
            );
            line(&mut lines, ago, "dovecot", &text);
        }
        if ago % 25 == 0 {
            line(
                &mut lines,
                ago,
                "dovecot",
                "imap-login: Disconnected: Connection closed (no auth attempts in 0 secs): user=<>, rip=203.0.113.7, lip=192.0.2.25, session=<n>",
            );
        }
        if ago % 9 == 0 {
            let text = format!(
                "lmtp(ann@shop.example)<7><l{ago}>: sieve: msgid=<{ago}@c.example>: {}",
                if ago % 27 == 0 {
                    "fileinto action: stored mail into mailbox 'Lists'"
                } else {
                    "stored mail into mailbox 'INBOX'"
                }
            );
            line(&mut lines, ago, "dovecot", &text);
            let text = format!(
                "4jYf{ago:05}zBGQD: to=<ann@shop.example>, relay=mx1.shop.example[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0.01/0.{:02}, dsn=2.0.0, status=sent (250 2.0.0 <ann@shop.example> {ago} Saved)",
                ago % 37 + 3
            );
            line(&mut lines, ago, "postfix/lmtp[9]", &text);
        }
        if ago % 300 == 7 {
            line(
                &mut lines,
                ago,
                "dovecot",
                "lmtp(full@shop.example)<7><q>: msgid=<q@c.example>: save failed to INBOX: Quota exceeded (mailbox for user is full)",
            );
            line(
                &mut lines,
                ago,
                "postfix/lmtp[9]",
                "4jYf99999zBGQD: to=<full@shop.example>, relay=mx1.shop.example[private/dovecot-lmtp], delay=0.2, delays=0.1/0/0.01/0.1, dsn=5.2.2, status=bounced (host mx1.shop.example[private/dovecot-lmtp] said: 552 5.2.2 <full@shop.example> Quota exceeded (mailbox for user is full) (in reply to end of DATA command))",
            );
            line(
                &mut lines,
                ago,
                "dovecot",
                "imap-login: Disconnected: Maximum number of connections from user+IP exceeded (mail_max_userip_connections=20): user=<ann@shop.example>, method=PLAIN, rip=192.0.2.78, lip=192.0.2.25, TLS, session=<m>",
            );
        }
        if ago % 900 == 11 {
            line(
                &mut lines,
                ago,
                "dovecot",
                "lmtp(bob@shop.example)<7><e>: Error: sieve: msgid=<e@c.example>: redirect action: failed to redirect message to <x@y.example>: no",
            );
            let text = format!(
                "imap(user{ago}@shop.example)<7><s>: Error: Mailbox INBOX: UID={ago}: read(/var/mail/user{ago}/cur/{ago}) failed: No such file or directory"
            );
            line(&mut lines, ago, "dovecot", &text);
        }
        if ago % 180 == 0 {
            let session = format!("a{ago}");
            login(
                &mut lines,
                ago,
                "imap",
                "ann@shop.example",
                "192.0.2.78",
                &session,
            );
        }
        if ago == 1200 {
            line(
                &mut lines,
                ago,
                "dovecot",
                "master: Warning: service(pop3): process_limit (512) reached, client connections are being dropped",
            );
        }
    }
    lines
}

fn who(at: DateTime<Utc>) -> Who {
    let allowed = Allowed {
        open: [Some(60), Some(512), None, None, Some(100)],
        userip: Some(20),
    };
    let mut list = String::from("username\tproto\tpid\tip\n");
    for n in 0..19 {
        let _ = writeln!(list, "ann@shop.example\timap\t{n}\t192.0.2.78");
    }
    for n in 0..36 {
        let address = if n % 5 == 0 {
            "192.0.2.77"
        } else {
            "2001:db8:7::1"
        };
        let _ = writeln!(list, "bob{}@shop.example\timap\t{n}\t{address}", n / 6);
    }
    let _ = writeln!(list, "support@shop.example\tpop3\t99\t192.0.2.79");
    Who::Known(Connections::read(&list, at, allowed).unwrap_or_default())
}

fn app(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    let feed = Feed::Log("/var/log/mail.log".into());
    app.update(Msg::Feed(FeedReport::State(feed, FeedState::Up)));
    app
}

pub fn busy(theme: Theme, size: (u16, u16)) -> App {
    let mut app = app(theme, size);
    log(&mut app, hour().into_bytes());
    app.update(Msg::Who(Box::new(who(now()))));
    app
}

fn told(theme: Theme, size: (u16, u16), lines: &str) -> App {
    let mut app = app(theme, size);
    log(&mut app, lines.as_bytes().to_vec());
    app
}

/// One login and nothing else.
fn quiet() -> String {
    let mut lines = String::new();
    login(
        &mut lines,
        90,
        "imap",
        "ann@shop.example",
        "192.0.2.78",
        "a",
    );
    lines
}

/// As much as strangers can write, and of everything more than there is room for.
fn hostile() -> String {
    let mut lines = String::new();
    for n in 0..400 {
        let user = format!(
            "\u{202e}evil\u{1b}[31m{n}\u{4e2d}\u{6587}{}@x.example",
            "y".repeat(90)
        );
        login(
            &mut lines,
            400 - n,
            "imap",
            &user,
            "not-an-address",
            &format!("h{n}"),
        );
        let text = format!(
            "imap({user})<7><h>: Error: {}: \u{1b}]0;title\u{7} word{} {}",
            "z".repeat(300),
            char::from(b'a' + (n % 26) as u8),
            "w".repeat((n % 40) as usize)
        );
        line(&mut lines, 400 - n, "dovecot", &text);
        let text = format!(
            "imap-login: Disconnected (auth failed, 1 attempts in 2 secs): user=<{user}>, method=PLAIN, rip=2001:db8:{n:x}::1, lip=192.0.2.25, TLS, session=<g{n}>"
        );
        line(&mut lines, 400 - n, "dovecot", &text);
    }
    lines
}

screens! {
    dovecot: frames("6", busy);
    dovecot_sources: frames("6<tab>", busy);
    dovecot_logins: frames("6<tab><tab>", busy);
    dovecot_sessions: frames("6<tab><tab><tab>j", busy);
    dovecot_delivery: frames("6<tab><tab><tab><tab>", busy);
    dovecot_past: frames("6<left><left><left>", busy);
    dovecot_from_the_log: frames("6<tab><tab><tab>", |theme, size| {
        let mut app = told(theme, size, &hour());
        app.update(Msg::Who(Box::new(Who::Unknown("doveadm who is for root only".into()))));
        app
    });
    dovecot_quiet: frames("6", |theme, size| told(theme, size, &quiet()));
    dovecot_none: frames("6", |theme, size| told(theme, size, "2026-11-24T11:09:00+01:00 mx1 postfix/qmgr[7]: 4D1A22001F: removed\n"));
    dovecot_nothing_known: frames("6", |theme, size| fixture::app(theme, size, None));
    dovecot_hostile: frames("6", |theme, size| told(theme, size, &hostile()));
    dovecot_filtered: frames("6/user:bob*<enter>", busy);
}
