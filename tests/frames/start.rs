//! The start: what is missing on the host and what mends it, and the moment that was asked for.

use crate::fixture::{self, list, now};
use crate::mails::{busy, lost, press};
use crate::paint::frames;
use crate::states::{LOG, SIZE, after, app, app_of, lose, screen, up};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::msg::{Msg, Past};
use mailtop::model::Reading;
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::model::span::Between;
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;

screens! {
    welcome: frames("", |theme, size| {
        let mut app = newcomer(theme, size);
        denied(&mut app);
        app
    });
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
