//! What is made of whole listings piece by piece: what is on the screen meanwhile, and what keys mean.

use crate::fixture::{self, Mail, list, many};
use crate::mails::{full, press};
use crate::paint;
use mailtop::app::App;
use mailtop::app::effect::{Effect, Scope};
use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::reports::text::text_of;
use mailtop::theme::Theme;
use proptest::prelude::*;

const SIZE: (u16, u16) = (120, 36);
/// Enough for several pieces, of all that there is to do.
const MANY: usize = 2_500;

fn app(mails: &[Mail]) -> App {
    full(Theme::default(), SIZE, mails)
}

/// Other messages than those of `many`: the listing after it.
fn others() -> Vec<Mail> {
    let mut mails = many(MANY, 7);
    for mail in &mut mails {
        mail.id = mail.id.replace("4jYg", "4jYh");
        mail.from = String::from("other@shop.example");
    }
    mails
}

/// All frames from here on until nothing is left to do; those that are as the one before are left out.
fn frames(app: &mut App) -> Vec<String> {
    let mut frames: Vec<String> = Vec::new();
    loop {
        let frame = paint::draw_ready(app, SIZE).map(|buffer| text_of(&buffer));
        if let Some(frame) = frame.filter(|frame| frames.last() != Some(frame)) {
            frames.push(frame);
        }
        if !app.work() {
            return frames;
        }
    }
}

#[test]
fn a_listing_takes_the_place_of_the_one_before_all_at_once() {
    for script in ["1", "2", "2/d1", "2<enter>", "2/d1<enter><enter>", "7", "8"] {
        let mut app = app(&many(MANY, 40));
        press(&mut app, script);
        list(&mut app, &others(), true);
        let before = frames(&mut app);
        app.settle();
        let after = paint::text(&mut app, SIZE);
        let queue = matches!(script.as_bytes(), [b'1' | b'2', ..]);
        assert_eq!(
            before.len(),
            if queue { 2 } else { 1 },
            "{script}: {before:#?}"
        );
        assert_eq!(before.last(), Some(&after), "{script}");
    }
}

#[test]
fn a_view_that_was_opened_is_drawn_when_it_shows_what_is_listed() {
    let mut app = app(&many(MANY, 1));
    press(&mut app, "2");
    app.update(Msg::Key(Key::Enter));
    assert!(!app.ready() && app.work(), "nothing is gathered yet");
    assert_eq!(paint::draw_ready(&mut app, SIZE), None);
    let frames = frames(&mut app);
    assert_eq!(frames.len(), 1);
    assert!(frames[0].contains("1 of 2 500"), "{}", frames[0]);
}

#[test]
fn a_filter_is_seen_while_it_is_typed_before_the_rows_follow() {
    let mut app = app(&many(MANY, 40));
    press(&mut app, "2/d1");
    app.update(Msg::Key(Key::Char('3')));
    let frames = frames(&mut app);
    assert_eq!(frames.len(), 2);
    for (frame, domains) in frames.iter().zip([11, 1]) {
        assert!(frame.contains("/ d13"), "{frame}");
        assert!(frame.contains(&format!("1 of {domains} ")), "{frame}");
    }
}

/// At how many messages an action is aimed.
fn aimed_at(effects: &[Effect]) -> Option<usize> {
    effects.iter().find_map(|effect| match effect {
        Effect::Queue(action) => match &action.scope {
            Scope::Messages(targets) => Some(targets.len()),
            Scope::WholeQueue => None,
        },
        _ => None,
    })
}

#[test]
fn keys_typed_ahead_mean_what_the_filter_means_not_what_was_on_the_screen() {
    let mut app = app(&many(MANY, 40));
    press(&mut app, "2");
    for key in Key::of_script("/user13@<enter>*h").unwrap() {
        app.update(Msg::Key(key));
    }
    // The sheet has to be seen before a key confirms it.
    let frame = paint::text(&mut app, SIZE);
    assert!(frame.contains("1 marked"), "{frame}");
    app.drawn();
    assert_eq!(aimed_at(&app.update(Msg::Key(Key::Char('y')))), Some(1));
}

#[test]
fn rows_of_a_filter_that_was_given_up_are_never_shown() {
    let expected = {
        let mut app = app(&many(MANY, 40));
        press(&mut app, "2jjj");
        paint::text(&mut app, SIZE)
    };
    for (typed, given_up) in [("/d2", "<esc>"), ("/d2", "<backspace><backspace><enter>")] {
        for pieces in 0..8 {
            let mut app = app(&many(MANY, 40));
            press(&mut app, "2jj");
            press(&mut app, "/");
            for key in Key::of_script(&typed[1..]).unwrap() {
                app.update(Msg::Key(key));
            }
            for _ in 0..pieces {
                app.work();
            }
            let frame = paint::draw_ready(&mut app, SIZE).map(|buffer| text_of(&buffer));
            if !frame.is_some_and(|frame| frame.contains(" of 40 ")) {
                assert!(pieces > 2, "the filter was looked through in pieces");
                break;
            }
            for key in Key::of_script(given_up).unwrap() {
                app.update(Msg::Key(key));
            }
            app.update(Msg::Key(Key::Char('j')));
            assert_eq!(
                paint::text(&mut app, SIZE),
                expected,
                "{given_up} after {pieces}"
            );
        }
    }
}

#[test]
fn a_view_that_comes_back_asks_for_ages_again() {
    let mut app = app(&many(MANY, 40));
    press(&mut app, "2/age:<lt>600<enter>");
    assert!(paint::text(&mut app, SIZE).contains("600 messages"));
    press(&mut app, "1");
    app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::seconds(300)));
    // The Overview has looked at all ages.
    paint::text(&mut app, SIZE);
    // Typed ahead: what is marked is what the filter means now.
    for key in [Key::Char('2'), Key::Char('*')] {
        app.update(Msg::Key(key));
    }
    let frame = paint::text(&mut app, SIZE);
    assert!(frame.contains("300 messages"), "{frame}");
    assert!(frame.contains("300 marked"), "{frame}");
}

#[test]
fn marks_of_messages_that_left_are_told_of_while_frozen() {
    let mut app = app(&many(MANY, 40));
    press(&mut app, "2*p");
    list(&mut app, &others(), true);
    let frames = frames(&mut app);
    let last = frames.last().unwrap();
    assert!(
        last.contains("FROZEN") && !last.contains("marked"),
        "{last}"
    );
}

#[test]
fn a_frozen_screen_keeps_its_listing_while_others_come_and_go() {
    for (view, listed) in [("1", "1 of 7"), ("2", "7 domains")] {
        frozen(view, listed);
    }
}

fn frozen(view: &str, listed: &str) {
    let mut app = app(&many(MANY, 40));
    press(&mut app, &format!("{view}p"));
    let frozen = paint::text(&mut app, SIZE);
    for _ in 0..2 {
        list(&mut app, &others(), true);
        assert_eq!(frames(&mut app), std::slice::from_ref(&frozen));
    }
    app.update(Msg::Key(Key::Char('p')));
    let frames = frames(&mut app);
    assert_eq!(frames.len(), 1, "the frozen rows are of another listing");
    assert!(
        frames[0].contains("LIVE") && frames[0].contains(listed),
        "{}",
        frames[0]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever happens between two pieces, in the end the screen is as if all had been made at once.
    #[test]
    fn pieces_come_to_the_same_as_all_at_once(
        acts in proptest::collection::vec((0_usize..12, 0_usize..9), 1..12),
    ) {
        let mut whole = app(&many(MANY, 40));
        let mut pieces = app(&many(MANY, 40));
        pieces.settle();
        for (act, many_pieces) in acts {
            for app in [&mut whole, &mut pieces] {
                match act {
                    0 => list(app, &others(), true),
                    1 => list(app, &many(MANY, 40), true),
                    2 => list(app, &others()[..10], false),
                    3 => drop(app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::seconds(many_pieces as i64 * 60)))),
                    act => {
                        let keys = ["1", "2", "2>", "2<lt>", "4", "2/d1<enter>", "2/d2<enter>", "2/try<enter>"];
                        for key in Key::of_script(keys[act - 4]).unwrap() {
                            app.update(Msg::Key(key));
                        }
                    }
                }
            }
            whole.settle();
            for _ in 0..many_pieces {
                pieces.work();
                paint::draw_ready(&mut pieces, SIZE);
            }
        }
        prop_assert_eq!(paint::text(&mut whole, SIZE), paint::text(&mut pieces, SIZE));
    }
}
