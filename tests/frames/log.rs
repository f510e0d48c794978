//! Frames of the view Log, as text and as roles.

use crate::fixture;
use crate::lines::{answered, answered_empty, batches, log, looked, unanswered};
use crate::paint::{self, frames};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::{Effect, What};
use mailtop::app::msg::{Found, LogBatch, Msg, Part};
use mailtop::theme::Theme;
use std::sync::Arc;

fn on(keys: &'static str) -> String {
    frames("", |theme, size| looked(theme, size, keys))
}

screens! {
    searching: frames("", |theme, size| unanswered(theme, size, "8"));
    nothing_logged: frames("", |theme, size| answered_empty(theme, size, "8"));
    all_lines: on("8");
    filtered: on("8/status:deferred domain:yahoo.com<enter>");
    no_match: on("8/to:nobody@nowhere.example<enter>");
    raw: on("8w");
    scrolled_back_and_marked: on("8kkkk<space>k<right><right>");
    facets: on("8/status:deferred<enter><tab>j<right>");
}

const SIZE: (u16, u16) = (120, 36);

fn line(second: i64, id: usize) -> String {
    let time = (fixture::now() + TimeDelta::seconds(second)).to_rfc3339();
    format!("{time} mx1 postfix/qmgr[9]: 4jZz{id:05}zBGQD: removed\n")
}

fn heading(app: &mut App) -> String {
    let screen = paint::text(app, SIZE);
    screen.lines().nth(1).unwrap_or_default().trim().to_owned()
}

#[test]
fn what_is_logged_is_followed_until_the_operator_scrolls_back() {
    let mut app = looked(Theme::default(), SIZE, "8");
    fixture::log(&mut app, line(0, 1).into_bytes());
    assert!(paint::text(&mut app, SIZE).contains("▌  11:09:31.000 qmgr    4jZz00001zBGQD"));
    answered(&mut app, "k", &batches(log()));
    fixture::log(&mut app, line(0, 2).into_bytes());
    let screen = paint::text(&mut app, SIZE);
    assert!(screen.contains("▌  11:09:28.274"), "{screen}");
    answered(&mut app, "G", &batches(log()));
    assert!(paint::text(&mut app, SIZE).contains("▌  11:09:31.000 qmgr    4jZz00002zBGQD"));
}

#[test]
fn a_line_that_is_found_and_logged_is_one_line() {
    let mut app = unanswered(Theme::default(), SIZE, "");
    let effects = app.update(Msg::Key(mailtop::app::key::Key::Char('8')));
    let [Effect::Search(search)] = &effects[..] else {
        panic!("{effects:?}")
    };
    let logged = [line(0, 1), line(0, 2), line(0, 3)].concat();
    fixture::log(&mut app, logged.into_bytes());
    // The search reads the log up to the second of them.
    let lines = [line(-9, 0), line(0, 1), line(0, 2)].concat().into_bytes();
    let batch = LogBatch {
        source: "mail.log".into(),
        lines,
        anchor: fixture::now(),
    };
    let search = Arc::new(search.clone());
    let part = Part::Lines { batch, of: 3 };
    app.update(Msg::Found(Found { search, part }));
    assert!(
        heading(&mut app).contains("4 of 4 lines"),
        "{}",
        heading(&mut app)
    );
}

#[test]
fn frozen_it_stays_at_that_moment() {
    let mut app = looked(Theme::default(), SIZE, "8p");
    app.update(Msg::Tick(fixture::now() + TimeDelta::seconds(5)));
    fixture::log(&mut app, line(4, 1).into_bytes());
    let screen = paint::text(&mut app, SIZE);
    assert!(
        !screen.contains("4jZz00001zBGQD") && screen.contains("paused"),
        "{screen}"
    );
    answered(&mut app, "p", &batches(log()));
    assert!(paint::text(&mut app, SIZE).contains("4jZz00001zBGQD"));
}

#[test]
fn the_cell_under_the_cursor_becomes_a_term() {
    let mut app = looked(Theme::default(), SIZE, "8<right><right>");
    let effects = answered(&mut app, "=", &batches(log()));
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Search(search) => Some(&search.what),
        _ => None,
    });
    assert!(
        matches!(asked, Some(What::Lines(filter)) if filter.text() == "to:eve@yahoo.com"),
        "{asked:?}"
    );
    assert!(
        heading(&mut app).contains("6 of 64 lines"),
        "{}",
        heading(&mut app)
    );
}

#[test]
fn next_goes_to_marks_or_else_to_trouble() {
    let mut app = looked(Theme::default(), SIZE, "8g");
    // The first line of the hour is no trouble, the first bounce is.
    answered(&mut app, "n", &batches(log()));
    assert!(paint::text(&mut app, SIZE).contains("▌  10:12:51.090"));
    answered(&mut app, "g<space>Gg", &batches(log()));
    answered(&mut app, "GN", &batches(log()));
    let screen = paint::text(&mut app, SIZE);
    assert!(screen.contains("▌● 10:12:51.001"), "{screen}");
}

#[test]
fn what_waited_too_long_is_searched_for_again() {
    let mut app = looked(Theme::default(), SIZE, "8");
    answered(&mut app, "1", &batches(log()));
    let many: String = (0..120_000).map(|nth| line(0, nth)).collect();
    fixture::log(&mut app, many.into_bytes());
    let effects = app.update(Msg::Key(mailtop::app::key::Key::Char('8')));
    assert!(matches!(&effects[..], [Effect::Search(_)]), "{effects:?}");
}
