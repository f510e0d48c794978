//! Sources that are lost, slow or silent, and filters that match nothing.

use crate::fixture::{self, host, list, log, mail, now};
use crate::mails::{busy, full, lost, morning, press};
use crate::paint::{self, frames};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::msg::{Listing, Msg};
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::theme::Theme;
use std::time::Duration;

pub const SIZE: (u16, u16) = (120, 36);
pub const LOG: &str = "/var/log/mail.log";

/// A busy mail server whose sources are all up.
pub fn app() -> App {
    app_of(Theme::default(), SIZE)
}

pub fn app_of(theme: Theme, size: (u16, u16)) -> App {
    let mut app = full(theme, size, &busy());
    up(&mut app, Feed::Host);
    app
}

/// The source tells again.
pub fn up(app: &mut App, feed: Feed) {
    app.update(Msg::Feed(FeedReport::State(feed, FeedState::Up)));
}

fn feeds() -> [(Feed, &'static str); 3] {
    [
        (Feed::Queue, "postqueue ended with status 69"),
        (
            Feed::Log(LOG.into()),
            "cannot read /var/log/mail.log: permission denied",
        ),
        (Feed::Host, "cannot read /proc/stat"),
    ]
}

/// So many seconds pass.
pub fn after(app: &mut App, seconds: i64) {
    app.update(Msg::Tick(now() + TimeDelta::seconds(seconds)));
}

/// Everything is lost, and four minutes pass.
pub fn lose(app: &mut App) {
    for (feed, why) in feeds() {
        lost(app, feed, why);
    }
    after(app, 240);
}

/// What is on it.
pub fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// The rows of the screen that are inside of the view's panels, as roles.
fn panels(app: &mut App) -> String {
    let roles = paint::roles(&paint::draw(app, SIZE), Theme::default());
    let body = roles.lines().skip(2).take(usize::from(SIZE.1) - 3);
    // Edges with titles are left out.
    let inner = body.filter(|line| !line.contains("...") && !line.contains("kkk"));
    let inner: Vec<&str> = inner.collect();
    assert!(inner.len() > 15, "{roles}");
    inner.join("\n").replace('k', ".")
}

screens! {
    lost_overview: frames("", |theme, size| {
        let mut app = app_of(theme, size);
        lose(&mut app);
        app
    });
    lost_queue: frames("2j", |theme, size| {
        let mut app = app_of(theme, size);
        lose(&mut app);
        app
    });
    lost_providers: frames("3", |theme, size| {
        let mut app = app_of(theme, size);
        lose(&mut app);
        app
    });
    lost_dovecot: frames("6", |theme, size| {
        let mut app = app_of(theme, size);
        lose(&mut app);
        app
    });
    lost_system: frames("7", |theme, size| {
        let mut app = app_of(theme, size);
        lose(&mut app);
        app
    });
    slow_queue: frames("2", |theme, size| {
        let mut app = app_of(theme, size);
        slow(&mut app);
        app
    });
    silent_overview: frames("", |theme, size| {
        let mut app = app_of(theme, size);
        after(&mut app, 400);
        app
    });
}

#[test]
fn in_every_view_what_lives_from_a_lost_source_fades_and_says_its_age() {
    let views = [
        (
            "1",
            &["queue 4 min old", "log 4 min old", "host 4 min old"][..],
        ),
        ("2", &["queue 4 min old"]),
        ("2<enter>", &["queue 4 min old"]),
        ("2<enter><enter>", &["queue 4 min old", "log 4 min old"]),
        ("3", &["log 4 min old"]),
        ("5", &["log 4 min old"]),
        ("6", &["log 4 min old"]),
        ("7", &["host 4 min old"]),
        ("8", &["log 4 min old"]),
    ];
    for (keys, ages) in views {
        let mut app = app();
        press(&mut app, keys);
        let before = screen(&mut app);
        lose(&mut app);
        let text = screen(&mut app);
        for age in ages {
            assert!(!before.contains(age), "{keys}\n{before}");
            assert!(text.contains(age), "{keys}: {age}\n{text}");
        }
        if keys == "1" {
            // The events say themselves when they were.
            assert!(text.contains("▲ cannot read /proc/stat"), "{text}");
        } else {
            let roles = panels(&mut app);
            let colours = roles.chars().filter(|letter| "todbph!".contains(*letter));
            assert_eq!(colours.count(), 0, "{keys}\n{text}{roles}");
        }
        for (feed, _) in feeds() {
            up(&mut app, feed);
        }
        host(&mut app);
        list(&mut app, &busy(), true);
        let text = screen(&mut app);
        assert!(!text.contains("min old"), "{keys}\n{text}");
    }
}

#[test]
fn a_lost_source_keeps_what_it_told_last_also_when_that_is_long_ago() {
    for (keys, known) in [
        ("3", &["Google", "Microsoft"][..]),
        ("6", &["203.0.113.200"]),
        ("7", &["busy", "spool/postfix space"]),
        ("1", &["Google", "19% of 8", "yahoo.com"]),
    ] {
        let mut app = app();
        lose(&mut app);
        after(&mut app, 3 * 3600);
        press(&mut app, keys);
        let text = screen(&mut app);
        for words in known {
            assert!(text.contains(words), "{keys}: {words}\n{text}");
        }
        assert!(text.contains("3 h old"), "{keys}\n{text}");
    }
}

#[test]
fn one_lost_source_fades_its_own_panels_only() {
    let mut app = app();
    lost(&mut app, Feed::Queue, "it failed");
    after(&mut app, 240);
    let text = screen(&mut app);
    assert!(text.contains("queue 4 min old"), "{text}");
    assert!(
        !text.contains("log 4 min old") && !text.contains("host 4 min old"),
        "{text}"
    );
    press(&mut app, "3");
    let text = screen(&mut app);
    assert!(!text.contains("old ─"), "{text}");
    // Of two logs one is enough to go on.
    let mut app = self::app();
    up(&mut app, Feed::Log("/var/log/dovecot.log".into()));
    lost(&mut app, Feed::Log(LOG.into()), "it failed");
    after(&mut app, 240);
    press(&mut app, "3");
    let text = screen(&mut app);
    assert!(!text.contains("log 4 min old"), "{text}");
}

#[test]
fn the_past_is_not_older_for_a_lost_source_and_the_selection_stays_in_sight() {
    let mut app = app();
    press(&mut app, "2j");
    lose(&mut app);
    let roles = paint::roles(&paint::draw(&mut app, SIZE), Theme::default());
    assert!(roles.contains("kT--TTTT"), "{roles}");
    let mut app = self::app();
    press(&mut app, "<left>");
    lose(&mut app);
    let text = screen(&mut app);
    assert!(text.contains("PAST"), "{text}");
    assert!(!text.contains("min old"), "{text}");
}

/// A listing that took nine seconds and ended fourteen seconds ago.
fn slow(app: &mut App) {
    let at = now();
    app.update(Msg::Listing(Listing::Begin {
        at,
        instance: "postfix".into(),
    }));
    let lines = fixture::listing(&busy());
    app.update(Msg::Listing(Listing::Lines(lines)));
    app.update(Msg::Listing(Listing::End {
        at,
        took: Duration::from_secs(9),
        complete: true,
        next: at + TimeDelta::seconds(81),
    }));
    after(app, 14);
}

#[test]
fn a_slow_listing_says_how_old_it_is_and_when_the_next_one_comes() {
    let mut app = app();
    slow(&mut app);
    let text = screen(&mut app);
    assert!(text.contains("queue 14 s old"), "{text}");
    for keys in ["2", "<enter>"] {
        press(&mut app, keys);
        let text = screen(&mut app);
        let words = "queue 14 s old, each read takes 9 s → every 90 s";
        assert!(text.contains(words), "{keys}\n{text}");
        let roles = panels(&mut app);
        assert!(roles.contains('d'), "nothing fades\n{roles}");
    }
}

#[test]
fn silence_of_the_log_is_said_with_its_causes_and_where_to_look() {
    let mut app = app();
    after(&mut app, 299);
    assert!(!screen(&mut app).contains("no line since"));
    after(&mut app, 301);
    let text = screen(&mut app);
    let words = "no line since 11:09 (log rotated? rsyslog stopped?) · D: what was found";
    assert!(text.contains(words), "{text}");
    // The log is followed: it is quiet, and what the panels show is true. Elsewhere that is said beside the heading.
    for keys in ["1", "2", "3", "5", "6", "8"] {
        press(&mut app, keys);
        let text = screen(&mut app);
        let at = text.lines().position(|line| line.contains("no line since"));
        let times = text.matches("no line since 11:09").count();
        assert_eq!((at, times), (Some(1), 1), "{keys}\n{text}");
    }
    press(&mut app, "3");
    let roles = paint::roles(&paint::draw(&mut app, SIZE), Theme::default());
    let heading = roles.lines().nth(1).unwrap_or_default();
    assert!(heading.ends_with(" nn nnnn nnnnn nnnnn"), "{heading}");
    press(&mut app, "/domain:x.example<enter>");
    let text = screen(&mut app);
    assert!(!text.contains("no line since"), "{text}");
    press(&mut app, "<esc>");
    log(
        &mut app,
        b"Nov 24 11:14:30 mx1 postfix/qmgr[1]: 4D1A220001: removed\n".to_vec(),
    );
    assert!(!screen(&mut app).contains("no line since"));
    // Where no log is followed, each panel says it.
    let mut app = fixture::app(Theme::default(), SIZE, None);
    morning(&mut app, 8);
    after(&mut app, 400);
    press(&mut app, "3");
    let text = screen(&mut app);
    let told = text.lines().map(|line| line.contains("no line since"));
    let told: Vec<bool> = told.take(3).collect();
    assert_eq!(told, [false, false, true], "{text}");
    // When it is known that the log is lost, that is said instead.
    let mut app = self::app();
    lost(&mut app, Feed::Log(LOG.into()), "cannot read it");
    after(&mut app, 400);
    let text = screen(&mut app);
    assert!(
        text.contains("cannot read it") && !text.contains("no line since"),
        "{text}"
    );
}

#[test]
fn a_filter_that_matches_nothing_says_of_how_many_and_which_key_drops_it() {
    for (keys, filter, of) in [
        ("2", "domain:nowhere.example", "messages"),
        ("2<enter>", "from:nobody", "messages"),
        ("3", "domain:nowhere.example", "attempts"),
        ("5<tab>", "user:nobody", "failed logins"),
        ("6<tab>", "ip:198.51.100.77", "source"),
    ] {
        let mut app = app();
        press(&mut app, &format!("{keys}/{filter}<enter>"));
        let text = screen(&mut app);
        let line = text.lines().find(|line| line.contains(" match · "));
        let line = line.unwrap_or_else(|| unreachable!("{keys}\n{text}"));
        assert!(line.contains(&format!("{of} match")), "{keys}: {line}");
        assert!(
            line.contains(&format!("match · Backspace drops {}", &filter[..3])),
            "{keys}: {line}"
        );
    }
}

#[test]
fn one_message_needs_no_plural() {
    let mut app = full(
        Theme::default(),
        SIZE,
        &[mail(1, 40, "a@x.example", "b@y.example", "")],
    );
    press(&mut app, "2/nobody<enter>");
    let text = screen(&mut app);
    assert!(text.contains("0 of 1 message match"), "{text}");
}
