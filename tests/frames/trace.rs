//! Frames of the view Trace, as text and as roles.

use crate::fixture::{self, Mail, mail};
use crate::lines::{answered, answered_empty, batches, log, looked, unanswered, waiting};
use crate::mails::{full, press};
use crate::paint::{self, frames};
use chrono::TimeDelta;
use mailtop::app::effect::Effect;
use mailtop::app::msg::Msg;
use mailtop::theme::Theme;

fn on(keys: &'static str) -> String {
    frames("", |theme, size| looked(theme, size, keys))
}

screens! {
    nothing_asked: frames("", |theme, size| unanswered(theme, size, "2<enter><space><space>4"));
    searching: frames("", |theme, size| unanswered(theme, size, "4/to:ann@yahoo.com<enter>"));
    nothing_found: frames("", |theme, size| answered_empty(theme, size, "4/to:nobody@nowhere.example<enter>"));
    nothing_to_look_for: frames("", |theme, size| answered_empty(theme, size, "4/age:>2h<enter>"));
    an_address: on("4/to:ann@yahoo.com<enter>");
    a_bounce_of_two: on("4/to:ann@yahoo.com<enter>jj");
    the_timeline: on("4/to:ann@yahoo.com<enter><tab>");
    raw_lines: on("4/to:ann@yahoo.com<enter><enter>");
    a_queued_message: frames("", |theme, size| waiting(theme, size, "2<enter><enter>"));
    a_queued_message_raw: frames("", |theme, size| waiting(theme, size, "2<enter><enter><enter>"));
    one_id: on("4/qid:4jXr1C1BQKz2BDxV<enter>");
}

const SIZE: (u16, u16) = (120, 36);

#[test]
fn what_is_logged_while_it_is_open_is_put_in() {
    let mut app = looked(Theme::default(), SIZE, "4/qid:4jYg7l1WNDz2BGQD<enter>");
    assert!(!paint::text(&mut app, SIZE).contains("placed on hold"));
    let time = fixture::now().to_rfc3339();
    let line = format!("{time} mx1 postfix/postsuper[9]: 4jYg7l1WNDz2BGQD: placed on hold\n");
    fixture::log(&mut app, line.into_bytes());
    app.update(Msg::Tick(fixture::now() + TimeDelta::seconds(1)));
    let screen = paint::text(&mut app, SIZE);
    assert!(
        screen.contains("placed on hold") && screen.contains("‖ hold"),
        "{screen}"
    );
}

#[test]
fn the_same_search_is_asked_once_and_not_while_it_is_typed() {
    let mut app = looked(Theme::default(), SIZE, "4");
    assert_eq!(press(&mut app, "/to:ann@yahoo.com"), []);
    let effects = press(&mut app, "<enter>jj<tab>p");
    assert!(matches!(&effects[..], [Effect::Search(_)]), "{effects:?}");
    // Another range is another question.
    app.update(Msg::Tick(fixture::now() + TimeDelta::minutes(1)));
    let effects = press(&mut app, "ZZZZZZZZZ");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Search(_))),
        "{effects:?}"
    );
}

#[test]
fn an_action_is_aimed_at_a_listed_message_of_the_same_arrival_only() {
    for (age, wanted) in [(2257, true), (90_000, false)] {
        let mail = Mail {
            id: String::from("4jYg7l1WNDz2BGQD"),
            ..mail(0, age, "news@shop.example", "ann@yahoo.com", "")
        };
        let mut app = full(Theme::default(), SIZE, &[mail]);
        answered(&mut app, "4/qid:4jYg7l1WNDz2BGQD<enter>h", &batches(log()));
        let screen = paint::text(&mut app, SIZE);
        assert_eq!(screen.contains("postsuper -h"), wanted, "{age}: {screen}");
    }
}

#[test]
fn a_message_is_opened_in_the_log_and_a_line_in_the_trace() {
    let mut app = looked(Theme::default(), SIZE, "");
    answered(&mut app, "4/qid:4jXr1C1BQKz2BDxV<enter>l", &batches(log()));
    let screen = paint::text(&mut app, SIZE);
    assert!(
        screen.contains("[8 Log]") && screen.contains("qid:4jXr"),
        "{screen}"
    );
    answered(&mut app, "g<enter>", &batches(log()));
    let screen = paint::text(&mut app, SIZE);
    assert!(
        screen.contains("[4 Trace]") && screen.contains("saved to INBOX"),
        "{screen}"
    );
}

#[test]
fn escape_takes_off_the_whole_filter_that_was_typed() {
    let mut app = looked(Theme::default(), SIZE, "4/to:ann@yahoo.com<enter><esc>");
    let screen = paint::text(&mut app, SIZE);
    assert!(!screen.contains("filter:"), "{screen}");
    assert!(screen.contains("What happened to a message?"), "{screen}");
}
