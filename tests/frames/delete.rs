//! Deleting by keys: the sheet at every size, and that nothing but what it asks for deletes mail.

use crate::fixture::{self, Mail, list, mail};
use crate::mails::{self, busy, full, press};
use crate::paint::{self, frames};
use mailtop::app::App;
use mailtop::app::effect::{Action, Effect, Scope};
use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::model::journal::{Receipt, Verb};
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use proptest::prelude::*;
use std::time::Duration;

const SIZE: (u16, u16) = (120, 36);

fn on_busy(keys: &str) -> String {
    frames(keys, |theme, size| full(theme, size, &busy()))
}

screens! {
    many: on_busy("2d");
    many_typed: on_busy("2d31");
    many_half_typed: on_busy("2d3");
    few: on_busy("2<enter>d");
    of_a_message: on_busy("2<enter><enter>d");
    instead_of_it_hold: on_busy("2dh");
    wrong: on_busy("2d30<enter>");
    many_senders: frames("2<enter>*d", |theme, size| full(theme, size, &fixture::many(3904, 3)));
    ordinary_user: frames("2d", |theme, size| {
        let mut app = fixture::app(theme, size, Some("only root can delete mail; run as root"));
        list(&mut app, &busy(), true);
        app
    });
}

fn app(mails: &[Mail]) -> App {
    full(Theme::default(), SIZE, mails)
}

fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// What was asked of the queue, and how many messages it names.
fn acted(effects: &[Effect]) -> Option<(Verb, usize)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Queue(Action {
            verb,
            scope: Scope::Messages(targets),
        }) => Some((*verb, targets.len())),
        _ => None,
    })
}

fn to_one_domain(count: usize) -> Vec<Mail> {
    (0..count)
        .map(|n| {
            let to = format!("u{n}@corp.example");
            mail(n, 100 + n as i64, "s@shop.example", &to, mails::DEAD)
        })
        .collect()
}

#[test]
fn ten_messages_are_deleted_by_y_and_eleven_only_by_their_count() {
    let mut ten = app(&to_one_domain(10));
    press(&mut ten, "2d");
    let sheet = screen(&mut ten);
    assert!(sheet.contains("Delete 10 messages?"), "{sheet}");
    assert!(sheet.contains("[y] yes, do it"), "{sheet}");
    assert_eq!(acted(&press(&mut ten, "y")), Some((Verb::Delete, 10)));

    let mut eleven = app(&to_one_domain(11));
    for cancelled in ["y", "<enter>", "<esc>", "1<esc>", "<backspace><enter>"] {
        press(&mut eleven, "2d");
        let sheet = screen(&mut eleven);
        assert!(sheet.contains("Type the count to delete:  _"), "{sheet}");
        assert!(!sheet.contains("[y]"), "{sheet}");
        assert_eq!(press(&mut eleven, cancelled), [], "{cancelled}");
        assert!(!screen(&mut eleven).contains("Delete 11"), "{cancelled}");
    }
    assert_eq!(acted(&press(&mut eleven, "2d11y")), None);
    assert_eq!(
        acted(&press(&mut eleven, "2d11<enter>")),
        Some((Verb::Delete, 11))
    );
}

#[test]
fn a_wrong_count_does_nothing_and_says_so() {
    let mut app = app(&busy());
    assert_eq!(acted(&press(&mut app, "2d30<enter>")), None);
    let text = screen(&mut app);
    assert!(
        text.contains("Delete: nothing was done, the count is 31 and 30 was typed"),
        "{text}"
    );
    assert!(!text.contains("Type the count"), "{text}");
}

#[test]
fn keys_typed_before_the_sheet_was_drawn_are_no_count_and_no_y() {
    for (count, keys) in [
        (11, "d11<enter>"),
        (3, "dy"),
        (11, ":delete<enter>11<enter>"),
    ] {
        let mut app = app(&to_one_domain(count));
        press(&mut app, "2");
        for key in Key::of_script(keys).unwrap() {
            assert_eq!(app.update(Msg::Key(key)), [], "{keys}");
        }
        let sheet = screen(&mut app);
        assert!(
            sheet.contains(&format!("Delete {count} message")),
            "{sheet}"
        );
        if count > 10 {
            assert!(sheet.contains("Type the count to delete:  _"), "{sheet}");
        }
        // Nor is pasted text.
        assert_eq!(app.update(Msg::Paste(String::from("11\ny"))), []);
        assert_eq!(screen(&mut app), sheet);
    }
}

/// Tab aims at other messages: what was typed behind it was meant for those that were still on the screen.
#[test]
fn keys_typed_before_the_other_messages_were_drawn_confirm_nothing() {
    for (verb, keys) in [("d", "12<enter>"), ("d", "y"), ("h", "y")] {
        let mut app = app(&to_one_domain(12));
        press(&mut app, "2<enter>");
        press(&mut app, verb);
        for key in Key::of_script(&format!("<tab>{keys}")).unwrap() {
            assert_eq!(app.update(Msg::Key(key)), [], "{verb}<tab>{keys}");
        }
        assert!(screen(&mut app).contains("12 messages?"), "{verb}");
    }
}

#[test]
fn the_count_to_type_stays_what_it_was_while_messages_leave() {
    let mut app = app(&to_one_domain(12));
    press(&mut app, "2d1");
    list(&mut app, &to_one_domain(11), true);
    let sheet = screen(&mut app);
    assert!(sheet.contains("Delete 12 messages?"), "{sheet}");
    assert!(
        sheet.contains("(12 queue ids on standard input)"),
        "{sheet}"
    );
    assert!(sheet.contains("1 left the queue since"), "{sheet}");
    assert_eq!(
        acted(&press(&mut app, "2<enter>")),
        Some((Verb::Delete, 12)),
        "those that were meant; who left is skipped"
    );
}

#[test]
fn h_opens_the_sheet_that_holds_the_same_messages() {
    let mut app = app(&busy());
    press(&mut app, "2d3h");
    let sheet = screen(&mut app);
    assert!(sheet.contains("Hold 31 messages?"), "{sheet}");
    // It is another sheet: y counts only once it was drawn.
    press(&mut app, "<esc>d");
    for key in [Key::Char('h'), Key::Char('y')] {
        assert_eq!(app.update(Msg::Key(key)), []);
    }
    screen(&mut app);
    assert_eq!(acted(&press(&mut app, "y")), Some((Verb::Hold, 31)));
}

#[test]
fn marked_messages_are_deleted_wherever_their_marks_came_from() {
    let mut app = app(&busy());
    press(&mut app, "2<enter><space><space>1");
    assert_eq!(acted(&press(&mut app, "dy")), Some((Verb::Delete, 2)));
    let receipt = Receipt {
        verb: Verb::Delete,
        asked: 2,
        matched: 2,
        done: 2,
        skipped: Vec::new(),
        command: SafeText::from("postsuper -d -   (2 queue ids on standard input)"),
        exit: Some(0),
        stderr: SafeText::default(),
        took: Duration::from_millis(200),
        failure: None,
    };
    assert_eq!(
        app.update(Msg::Receipt(Box::new(receipt))),
        [Effect::List],
        "the listing takes the rows away"
    );
    let text = screen(&mut app);
    assert!(
        text.contains("Deleted: 2 of 2 messages · postsuper -d -"),
        "{text}"
    );
    assert!(!text.contains("2 marked"), "{text}");
}

#[test]
fn an_ordinary_user_is_told_the_command_and_no_key_deletes() {
    let why = "only root can delete mail; run as root";
    let mut app = fixture::app(Theme::default(), SIZE, Some(why));
    list(&mut app, &to_one_domain(12), true);
    for keys in ["2<enter>dy", "2d12<enter>", "2dhy"] {
        assert_eq!(acted(&press(&mut app, keys)), None, "{keys}");
    }
    press(&mut app, "2<enter>d");
    let sheet = screen(&mut app);
    assert!(
        sheet.contains(why) && sheet.contains("postsuper -d 4jYg7l0000zBGQD"),
        "{sheet}"
    );
    assert!(!sheet.contains("hold them instead"), "{sheet}");
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Act {
    Keys(&'static str),
    Draw,
    Paste,
    List(usize),
}

fn act() -> impl Strategy<Value = Act> {
    const KEYS: &[&str] = &[
        "d",
        "d",
        "d",
        "y",
        "h",
        "2",
        "31",
        "31<enter>",
        "11",
        "1",
        "12<enter>",
        "<enter>",
        "<enter>",
        "<tab>",
        "<esc>",
        "<space>",
        "*",
        "j",
        "5",
        "<backspace>",
        "<delete>",
    ];
    prop_oneof![
        12 => proptest::sample::select(KEYS).prop_map(Act::Keys),
        8 => Just(Act::Draw),
        1 => Just(Act::Paste),
        2 => (0_usize..4).prop_map(Act::List),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever is typed, pasted, drawn and listed: mail is deleted only by what the sheet on the screen asks for, `y` for
    /// up to ten messages, else exactly their count and Enter; and never more than it names.
    #[test]
    fn only_what_the_sheet_on_the_screen_asks_for_deletes(acts in proptest::collection::vec(act(), 1..80)) {
        let mails = busy();
        let mut app = app(&mails);
        press(&mut app, "2");
        let mut shown = screen(&mut app);
        let mut typed = String::new();
        for act in acts {
            match act {
                Act::Draw => shown = screen(&mut app),
                Act::Paste => prop_assert_eq!(acted(&app.update(Msg::Paste(String::from("31\ny11\n")))), None),
                Act::List(from) => list(&mut app, &mails[from..], true),
                Act::Keys(keys) => for key in Key::of_script(keys).unwrap() {
                    let effects = app.update(Msg::Key(key));
                    if let Some((Verb::Delete, count)) = acted(&effects) {
                        let many = if count == 1 { "message" } else { "messages" };
                        prop_assert!(shown.contains(&format!("Delete {count} {many}?")), "{count}\n{shown}");
                        if count > 10 {
                            prop_assert_eq!(key, Key::Enter);
                            prop_assert!(typed.ends_with(&count.to_string()), "{}: {}", count, typed);
                        } else {
                            prop_assert_eq!(key, Key::Char('y'));
                        }
                    }
                    match key {
                        Key::Char(c) => typed.push(c),
                        Key::Backspace => drop(typed.pop()),
                        _ => typed.push('|'),
                    }
                },
            }
        }
    }
}
