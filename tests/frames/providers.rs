//! Frames of the view Providers, as text and as roles.

use crate::fixture;
use crate::mails::{busy, full};
use crate::paint::{self, frames};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::theme::Theme;
use std::fmt::Write;

/// Provider, a recipient, its relay, delivered per minute, and how slow the slowest are in seconds.
const PROVIDERS: [(&str, &str, u32, f64); 8] = [
    ("ann@gmail.com", "gmail-smtp-in.l.google.com", 31, 6.0),
    (
        "eve@corp.example",
        "corp-example.mail.protection.outlook.com",
        14,
        41.0,
    ),
    ("bob@yahoo.com", "mta5.am0.yahoodns.net", 7, 2_298.0),
    ("dan@icloud.com", "mx01.mail.icloud.com", 3, 3.1),
    ("kim@bank.example", "mx1.bank.pphosted.com", 2, 58.0),
    (
        "lee@firm.example",
        "eu-smtp-inbound-1.mimecast.com",
        2,
        100.0,
    ),
    ("pia@web.de", "mx-ha03.web.de", 1, 1.0),
    ("tom@other.example", "mx.other.example", 6, 7_860.0),
];

const TSS04: &str = "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume or user complaints - 4.16.55.1; see https://postmaster.yahooinc.com/error-codes";

struct Log(String);

impl Log {
    fn say(&mut self, ago: i64, what: &str) {
        let time = (fixture::now() - TimeDelta::seconds(ago)).to_rfc3339();
        let _ = writeln!(self.0, "{time} mx1 postfix/{what}");
    }

    fn attempt(
        &mut self,
        ago: i64,
        n: u32,
        (from, to, relay): (&str, &str, &str),
        delay: f64,
        outcome: &str,
    ) {
        let id = format!("4jYh{n:06}zBGQD");
        self.say(
            ago,
            &format!("qmgr[2]: {id}: from=<{from}>, size=700, nrcpt=1 (queue active)"),
        );
        self.say(ago, &format!(
            "smtp[1]: {id}: to=<{to}>, relay={relay}[203.0.113.9]:25, delay={delay}, delays=0.1/{:.2}/0.3/0.2, {outcome}",
            (delay - 0.6).max(0.0)
        ));
    }
}

/// An hour of mail; from 38 minutes ago on Yahoo defers everything.
fn hour() -> Vec<u8> {
    let mut log = Log(String::new());
    let mut n = 0;
    for minute in (0..60).rev() {
        for (to, relay, often, slow) in PROVIDERS {
            for nth in 0..often {
                n += 1;
                let ago = minute * 60 + 59 - i64::from(nth) * 59 / i64::from(often);
                let failing = relay.contains("yahoo") && minute < 38;
                if failing {
                    let to = if n % 12 == 0 { "liz@aol.com" } else { to };
                    let from = if n % 11 == 0 {
                        "noreply@shop.example"
                    } else {
                        "news@shop.example"
                    };
                    let outcome = format!(
                        "dsn=4.7.0, status=deferred (host {relay}[203.0.113.9] said: {TSS04} (in reply to MAIL FROM command))"
                    );
                    log.attempt(ago, n / 3, (from, to, relay), 60.0, &outcome);
                    continue;
                }
                let delay = match n % 20 {
                    0 => slow,
                    tail => 0.8 + f64::from(tail) / 20.0,
                };
                log.attempt(
                    ago,
                    n,
                    ("orders@shop.example", to, relay),
                    delay,
                    "dsn=2.0.0, status=sent (250 2.0.0 OK)",
                );
            }
        }
        n += 1;
        let odd = [
            (
                "ann@gmail.com",
                "gmail-smtp-in.l.google.com",
                "5.1.1, status=bounced (host gmail-smtp-in.l.google.com[203.0.113.9] said: 550 5.1.1 The email account that you tried to reach does not exist (in reply to RCPT TO command))",
            ),
            (
                "ann@gmail.com",
                "gmail-smtp-in.l.google.com",
                "4.7.28, status=deferred (host gmail-smtp-in.l.google.com[203.0.113.9] said: 421 4.7.28 [192.0.2.25      15] Our system has detected an unusual rate of unsolicited mail (in reply to end of DATA command))",
            ),
            (
                "eve@corp.example",
                "corp-example.mail.protection.outlook.com",
                "4.7.500, status=deferred (host corp-example.mail.protection.outlook.com[203.0.113.9] said: 451 4.7.500 Server busy. Please try again later from [192.0.2.25]. (S77719) (in reply to RCPT TO command))",
            ),
            (
                "tom@other.example",
                "mx.other.example",
                "4.2.2, status=deferred (host mx.other.example[203.0.113.9] said: 452 4.2.2 <tom@other.example> The mailbox is full (in reply to RCPT TO command))",
            ),
            (
                "zed@dead.example",
                "none",
                "4.4.1, status=deferred (connect to dead.example[192.0.2.9]:25: Connection timed out)",
            ),
            (
                "eve@corp.example",
                "corp-example.mail.protection.outlook.com",
                "5.7.1, status=bounced (host corp-example.mail.protection.outlook.com[203.0.113.9] said: 550 5.7.1 Service unavailable, Client host [192.0.2.25] blocked using Spamhaus (in reply to RCPT TO command))",
            ),
        ];
        let (to, relay, outcome) = odd[minute as usize % odd.len()];
        let mut outcome = format!("dsn={outcome}");
        if relay == "none" {
            outcome = outcome.replace("[203.0.113.9]:25", "");
        }
        log.attempt(
            minute * 60,
            n,
            ("orders@shop.example", to, relay),
            1.0,
            &outcome,
        );
        for (trust, relay) in [("Trusted", PROVIDERS[0].1), ("Untrusted", PROVIDERS[2].1)] {
            log.say(minute * 60, &format!("smtp[1]: {trust} TLS connection established to {relay}[203.0.113.9]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)"));
        }
    }
    log.0
        .replace("relay=none[203.0.113.9]:25", "relay=none")
        .into_bytes()
}

pub fn incident(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    fixture::list(&mut app, &busy(), true);
    fixture::log(&mut app, hour());
    app
}

/// Very many domains.
fn crowd(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    let mut log = Log(String::new());
    for n in 0..3_000 {
        let to = format!("a@d{n}.example");
        let dsn = format!(
            "dsn=4.{}.{}, status=deferred (host mx.d{n}.example[203.0.113.9] said: 450 busy {n})",
            n % 8,
            n % 20
        );
        log.attempt(
            3_000 - n,
            n as u32,
            ("x@shop.example", &to, "mx.example"),
            1.0,
            &dsn,
        );
    }
    fixture::log(&mut app, log.0.into_bytes());
    app
}

/// One delivery an hour and a half ago.
fn long_ago(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    let mut log = Log(String::new());
    log.attempt(
        5_400,
        1,
        ("x@shop.example", "ann@gmail.com", PROVIDERS[0].1),
        1.0,
        "dsn=2.0.0, status=sent (250 OK)",
    );
    fixture::log(&mut app, log.0.into_bytes());
    app
}

screens! {
    providers: frames("3", incident);
    providers_share: frames("3%", incident);
    providers_delivered: frames("3g<left><left><left><left><left><left>", incident);
    providers_map: frames("3<tab>", incident);
    providers_delays: frames("3<tab><tab>", incident);
    providers_map_alone: frames("3<tab>o", incident);
    providers_bounces: frames("3g<right><right><right>", incident);
    domains: frames("3a", incident);
    senders: frames("3aa", incident);
    filtered: frames("3/code:4.7.* -provider:google<enter>", incident);
    filtered_to_nothing: frames("3/code:4.9.9<enter>", incident);
    domains_many: frames("3aG<right>", crowd);
    nothing_known_providers: frames("3", |theme, size| fixture::app(theme, size, None));
    one_delivery_in_a_longer_range: frames("3ZZ", long_ago);
    no_delivery_in_this_range: frames("3", long_ago);
    providers_of_the_morning: frames("3", |theme, size| full(theme, size, &busy()));
}

/// Enter on what is tried again leads to the queue, on what was delivered to the log, each with the cell as filter.
#[test]
fn enter_goes_where_the_mail_is() {
    let size = (120, 36);
    let mut app = incident(Theme::default(), size);
    crate::mails::press(&mut app, "3<enter>");
    let text = paint::text(&mut app, size);
    assert!(text.contains("[2 Queue]"), "{text}");
    assert!(text.contains("provider:Yahoo/AOL code:4.7.0"), "{text}");
    // Esc takes off what was typed here, and then goes back with the filter that led here.
    crate::mails::press(&mut app, "/ nobody<enter><esc>");
    let text = paint::text(&mut app, size);
    assert!(
        text.contains("filter: provider:Yahoo/AOL code:4.7.0\n"),
        "{text}"
    );
    crate::mails::press(&mut app, "<esc>");
    let text = paint::text(&mut app, size);
    assert!(text.contains("[3 Providers]"), "{text}");
    let mut app = incident(Theme::default(), size);
    crate::mails::press(
        &mut app,
        "3<left><left><left><left><left><left><left><enter>",
    );
    let text = paint::text(&mut app, size);
    assert!(text.contains("[8 Log]"), "{text}");
    assert!(text.contains("provider:Yahoo/AOL code:2.0.0"), "{text}");
    // What was deferred once, whether it still waits or not.
    let mut app = incident(Theme::default(), size);
    crate::mails::press(&mut app, "3l");
    let text = paint::text(&mut app, size);
    assert!(text.contains("[8 Log]"), "{text}");
    assert!(text.contains("provider:Yahoo/AOL code:4.7.0"), "{text}");
}

/// `=` adds the row, then the code.
#[test]
fn the_cell_becomes_the_filter() {
    let size = (120, 36);
    let mut app = incident(Theme::default(), size);
    crate::mails::press(&mut app, "3==");
    let text = paint::text(&mut app, size);
    assert!(
        text.contains("provider:") && text.contains("code:"),
        "{text}"
    );
    assert!(!text.contains("Microsoft "), "{text}");
}

/// The panel of the Overview leads to the provider's row.
#[test]
fn the_overview_leads_to_the_provider() {
    let size = (120, 36);
    let mut app = incident(Theme::default(), size);
    crate::mails::press(&mut app, "<tab><tab>jj");
    let text = paint::text(&mut app, size);
    assert!(text.contains("▌▲Yahoo/AOL"), "{text}");
    crate::mails::press(&mut app, "<enter>");
    let text = paint::text(&mut app, size);
    assert!(text.contains("[3 Providers]"), "{text}");
    assert!(text.contains("provider:Yahoo/AOL"), "{text}");
    assert!(!text.contains("Google"), "{text}");
    crate::mails::press(&mut app, "<esc>");
    let text = paint::text(&mut app, size);
    assert!(text.contains("[1 Overview]"), "{text}");
}

#[test]
fn esc_goes_back_from_whatever_a_filter_led_to() {
    let size = (120, 36);
    for (keys, there, back) in [
        ("6<tab><enter>", "[8 Log]", "[6 Dovecot]"),
        ("5<tab><enter>", "", "[5 Accounts]"),
        (
            ":accounts user:carol<enter>",
            "[5 Accounts]",
            "[1 Overview]",
        ),
        (
            ":dovecot ip:192.0.2.1<enter>",
            "[6 Dovecot]",
            "[1 Overview]",
        ),
    ] {
        let mut app = crate::accounts::incident(Theme::default(), size);
        crate::mails::press(&mut app, keys);
        let text = paint::text(&mut app, size);
        assert!(
            text.contains(there) && text.contains("filter: "),
            "{keys}\n{text}"
        );
        crate::mails::press(&mut app, "<esc>");
        let text = paint::text(&mut app, size);
        assert!(text.contains(back), "{keys}\n{text}");
    }
}
