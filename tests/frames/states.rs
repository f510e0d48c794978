//! Sources that are lost, slow or silent, filters that match nothing, and the start on a host where something is missing.

use crate::fixture::{self, host, list, log, mail, now};
use crate::mails::{busy, full, lost, press};
use crate::paint::{self, frames};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::msg::{Listing, Msg, Past};
use mailtop::model::Reading;
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::model::span::Between;
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use std::time::Duration;

const SIZE: (u16, u16) = (120, 36);
const LOG: &str = "/var/log/mail.log";

fn app() -> App {
    app_of(Theme::default(), SIZE)
}

fn app_of(theme: Theme, size: (u16, u16)) -> App {
    let mut app = full(theme, size, &busy());
    up(&mut app, Feed::Host);
    app
}

fn up(app: &mut App, feed: Feed) {
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

fn after(app: &mut App, seconds: i64) {
    app.update(Msg::Tick(now() + TimeDelta::seconds(seconds)));
}

/// Everything is lost, and four minutes pass.
fn lose(app: &mut App) {
    for (feed, why) in feeds() {
        lost(app, feed, why);
    }
    after(app, 240);
}

fn screen(app: &mut App) -> String {
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
    welcome: frames("", |theme, size| {
        let mut app = newcomer(theme, size);
        denied(&mut app);
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
    press(&mut app, "3");
    let text = screen(&mut app);
    assert!(text.contains("no line since 11:09"), "{text}");
    log(
        &mut app,
        b"Nov 24 11:14:30 mx1 postfix/qmgr[1]: 4D1A220001: removed\n".to_vec(),
    );
    assert!(!screen(&mut app).contains("no line since"));
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

fn newcomer(theme: Theme, size: (u16, u16)) -> App {
    let why =
        "only root may hold, release or requeue messages — run mailtop as root, or run as root:";
    fixture::app(theme, size, Some(why)).welcoming()
}

/// What a user that may not read the log has.
fn denied(app: &mut App) {
    up(app, Feed::Queue);
    list(app, &busy(), true);
    let why = "cannot read /var/log/mail.log: permission denied — add this user to group adm: usermod -aG adm alice";
    lost(app, Feed::Log(LOG.into()), why);
}

fn greeted(app: &mut App) -> bool {
    screen(app).contains("Welcome to mailtop")
}

#[test]
fn at_the_start_it_is_shown_by_itself_what_is_missing_and_what_mends_it() {
    let mut app = newcomer(Theme::default(), SIZE);
    assert!(!greeted(&mut app));
    denied(&mut app);
    let text = screen(&mut app);
    for words in [
        "Welcome to mailtop",
        "✓ queue",
        "postqueue -j: 50 messages",
        "✗ mail log",
        "fix: add this user to group adm: usermod -aG adm alice",
        "✗ actions",
        "Enter start",
        "q quit",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert_eq!(press(&mut app, "<enter>"), []);
    assert!(!greeted(&mut app));
    lost(&mut app, Feed::Queue, "it failed");
    after(&mut app, 60);
    assert!(!greeted(&mut app), "once is enough");
}

#[test]
fn a_key_that_is_a_command_closes_the_greeting_and_is_obeyed() {
    let opened = || {
        let mut app = newcomer(Theme::default(), SIZE);
        denied(&mut app);
        app
    };
    let mut app = opened();
    press(&mut app, "2");
    let text = screen(&mut app);
    assert!(
        text.contains("[2 Queue]") && !text.contains("Welcome"),
        "{text}"
    );
    let mut app = opened();
    let quit = Effect::Quit {
        leave_screen: false,
    };
    assert_eq!(press(&mut app, "q"), [quit]);
    // Nothing is done by the keys that it names for being closed.
    for keys in ["<enter>", "<esc>", "D"] {
        let mut app = opened();
        assert_eq!(press(&mut app, keys), []);
        let text = screen(&mut app);
        assert!(
            text.contains("[1 Overview]") && !text.contains("found"),
            "{keys}\n{text}"
        );
    }
    // Nobody has seen it yet: the key was meant for the view.
    let mut app = opened();
    app.update(Msg::Key(mailtop::app::key::Key::Char('2')));
    let text = screen(&mut app);
    assert!(text.contains("[2 Queue]"), "{text}");
    // What was asked for is closed by any key, and by nothing else.
    let mut app = app_of(Theme::default(), SIZE);
    press(&mut app, "D2");
    let text = screen(&mut app);
    assert!(
        text.contains("[1 Overview]") && !text.contains("What mailtop found"),
        "{text}"
    );
}

#[test]
fn nobody_is_greeted_where_all_is_well_or_who_works_already() {
    let ready = || newcomer(Theme::default(), SIZE);
    let mut app = ready();
    up(&mut app, Feed::Log(LOG.into()));
    up(&mut app, Feed::Queue);
    list(&mut app, &[], true);
    after(&mut app, 100);
    assert!(!greeted(&mut app));
    lose(&mut app);
    assert!(!greeted(&mut app), "what is lost later is an alarm");
    // A key was pressed before anything was known.
    let mut app = ready();
    press(&mut app, "2");
    denied(&mut app);
    assert!(!greeted(&mut app));
    // It is only for a terminal, and never for a frame that is printed.
    let mut app = fixture::app(Theme::default(), SIZE, None);
    denied(&mut app);
    assert!(!greeted(&mut app));
}

#[test]
fn who_waits_for_anything_at_all_is_greeted_with_how_far_it_is() {
    let mut app = newcomer(Theme::default(), SIZE);
    let why = SafeText::from("the first listing of the queue runs");
    let state = FeedState::Waiting { why };
    app.update(Msg::Feed(FeedReport::State(Feed::Queue, state)));
    after(&mut app, 2);
    assert!(!greeted(&mut app), "a moment is no wait");
    app.update(Msg::Past(Past::Reading(Reading {
        file: SafeText::from("mail.log.2.gz"),
        percent: 68,
    })));
    after(&mut app, 3);
    let text = screen(&mut app);
    assert!(text.contains("Welcome to mailtop"), "{text}");
    assert!(text.contains("· queue"), "it is no fault\n{text}");
    assert!(
        text.contains("Reading mail.log.2.gz  ━━━━━━━━━━━━━━━━───"),
        "{text}"
    );
    assert!(text.contains("68 %  0 lines"), "{text}");
}

/// What a key puts into the clipboard.
fn copied(app: &mut App, keys: &str) -> String {
    let effects = press(app, keys);
    let [Effect::Copy(text)] = effects.as_slice() else {
        unreachable!("{keys}: {effects:?}");
    };
    text.clone()
}

/// What is written to a file as CSV, and its name.
fn exported(app: &mut App) -> (String, String) {
    let effects = press(app, "E<enter>");
    let [Effect::Export { name, text }] = effects.as_slice() else {
        unreachable!("{effects:?}");
    };
    (name.clone(), text.clone())
}

#[test]
fn the_overview_is_copied_and_exported_panel_by_panel() {
    let mut app = app();
    let row = copied(&mut app, "y");
    assert!(
        row.starts_with("yahoo.com  31  1h  4.7.0  [TSS04] Messages"),
        "{row}"
    );
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| Domain | Count | Oldest | DSN | Reason |"),
        "{table}"
    );
    assert!(table.contains("| dead.example | 9 |"), "{table}");
    let (name, csv) = exported(&mut app);
    assert_eq!(name, "mailtop-stuck-domains-20261124-110931.csv");
    assert!(
        csv.starts_with("Domain,Count,Oldest,DSN,Reason\r\n"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 1 + 4, "{csv}");
    let queues = copied(&mut app, "<tab>Y");
    assert!(queues.contains("| deferred | 40 | 19 |"), "{queues}");
    assert_eq!(copied(&mut app, "jy").split("  ").next(), Some("active"));
    let providers = copied(&mut app, "<tab>Y");
    assert!(
        providers.contains("| Provider | Attempts | Sent % |"),
        "{providers}"
    );
    assert!(providers.contains("| Google | "), "{providers}");
    // Privacy is for the clipboard too.
    let hidden = copied(&mut app, "<tab>xY");
    assert!(!hidden.contains("192.0.2.25"), "{hidden}");
}

#[test]
fn the_queue_is_copied_and_exported_with_all_its_buckets_and_as_filtered() {
    let mut app = app();
    press(&mut app, "2");
    let row = copied(&mut app, "y");
    assert!(
        row.starts_with("yahoo.com  31  17  13  0  0  1  0  0  0  0  0  1h  421 4.7.0 [TSS04]"),
        "{row}"
    );
    let (name, csv) = exported(&mut app);
    assert!(name.starts_with("mailtop-queue-"), "{name}");
    assert!(
        csv.starts_with(
            "Domain,Total,<5m,10m,20m,40m,80m,160m,320m,640m,1280m,>21h,Oldest,Main reason\r\n"
        ),
        "{csv}"
    );
    press(&mut app, "/domain:dead.example<enter>");
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| dead.example | 9 |") && !table.contains("yahoo"),
        "{table}"
    );
}

#[test]
fn messages_and_one_message_are_copied_as_shown() {
    let mut app = app();
    press(&mut app, "2<enter>j");
    let row = copied(&mut app, "y");
    assert!(row.starts_with("4jYg7l0001zBGQD  37s  "), "{row}");
    assert!(
        row.contains("news@shop.example  user1@yahoo.com  421 4.7.0"),
        "{row}"
    );
    let table = copied(&mut app, "Y");
    assert!(
        table.contains("| Queue-ID | Age | Next | Size | Queue | From | To | Reason |"),
        "{table}"
    );
    assert_eq!(
        table.lines().filter(|line| line.contains("4jYg7l")).count(),
        31
    );
    press(&mut app, "<enter>");
    let (_, csv) = exported(&mut app);
    assert!(csv.contains("From     news@shop.example"), "{csv}");
    assert!(
        !csv.contains("searching"),
        "what is not known yet is no row\n{csv}"
    );
    assert!(copied(&mut app, "y").starts_with("Queue"));
}

#[test]
fn the_panel_of_logins_is_exported_as_what_it_counts() {
    let mut app = app();
    let (name, csv) = {
        press(&mut app, "6<tab><tab>");
        exported(&mut app)
    };
    assert!(name.starts_with("mailtop-logins-"), "{name}");
    assert!(
        csv.starts_with("What,Count,Per minute\r\nlogins by imap,0,"),
        "{csv}"
    );
    assert!(csv.contains("failures,3,"), "{csv}");
}

#[test]
fn a_moment_that_is_asked_for_is_shown_and_left_with_g() {
    let then = now() - TimeDelta::minutes(4);
    let asked = Between {
        since: Some(then - TimeDelta::hours(4)),
        until: Some(then),
    };
    let mut app = app().looking_at(asked);
    let text = screen(&mut app);
    assert!(text.contains("PAST 11:05:31 -4m"), "{text}");
    assert!(text.contains("last 4 h"), "{text}");
    assert!(text.contains("Deferred then"), "{text}");
    press(&mut app, "G");
    let text = screen(&mut app);
    assert!(text.contains("LIVE 11:09:31"), "{text}");
    assert!(text.contains("last 4 h"), "{text}");
    let now = Between {
        until: None,
        ..asked
    };
    assert!(screen(&mut self::app().looking_at(now)).contains("LIVE"));
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
