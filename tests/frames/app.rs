//! `update(Msg)` → effects and facts: what keys, listings, receipts and pasted text do, and above all what they don't.

use crate::fixture::{self, Mail, list, log, mail};
use crate::mails::{self, busy, full, press};
use crate::paint;
use mailtop::app::App;
use mailtop::app::command::{Command, Place, QueueScope, Root};
use mailtop::app::effect::{Effect, Scope, Search, What};
use mailtop::app::filter::{Filter, Queued};
use mailtop::app::key::Key;
use mailtop::app::keymap::{self, BINDINGS};
use mailtop::app::msg::{Found, Lives, LogBatch, Msg, Part};
use mailtop::model::identity::MessageKey;
use mailtop::model::journal::{Receipt, Verb};
use mailtop::model::span::Between;
use mailtop::model::trace::{LogLine, Question, trace};
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use mailtop::views;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

const SIZE: (u16, u16) = (120, 36);

fn app(mails: &[Mail]) -> App {
    full(Theme::default(), SIZE, mails)
}

fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// What was asked of the queue, with the queue ids in order.
fn acted(effects: &[Effect]) -> Option<(Verb, Vec<String>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Queue(action) => Some(match &action.scope {
            Scope::WholeQueue => (action.verb, vec![String::from("whole queue")]),
            Scope::Messages(targets) => {
                let mut ids: Vec<String> = targets
                    .iter()
                    .map(|target| target.key.queue_id.to_string())
                    .collect();
                ids.sort();
                (action.verb, ids)
            }
        }),
        _ => None,
    })
}

fn ids(effects: &[Effect]) -> Vec<String> {
    acted(effects).map(|(_, ids)| ids).unwrap_or_default()
}

fn receipt(done: usize, failure: Option<&str>) -> Msg {
    Msg::Receipt(Box::new(Receipt {
        verb: Verb::Hold,
        asked: 2,
        matched: 2,
        done,
        skipped: Vec::new(),
        command: SafeText::from("postsuper -h -   (2 queue ids on standard input)"),
        exit: Some(i32::from(failure.is_some())),
        stderr: SafeText::default(),
        took: Duration::from_millis(200),
        failure: failure.map(SafeText::from),
    }))
}

fn three() -> Vec<Mail> {
    (0..3)
        .map(|n| {
            mail(
                n,
                100 * (n as i64 + 1),
                "s@shop.example",
                &format!("u{n}@corp.example"),
                mails::DEAD,
            )
        })
        .collect()
}

#[test]
fn every_command_has_a_key_a_help_line_and_a_view() {
    let place = |place| views::open(&place);
    let key = MessageKey {
        instance: "postfix".into(),
        queue_id: "ABCDEF1".into(),
        arrival: 0,
    };
    let mut views: Vec<_> = Root::ALL.into_iter().map(views::root).collect();
    views.extend([
        place(Place::Messages(
            QueueScope::All,
            "x.example".into(),
            Filter::default(),
        )),
        place(Place::Message(key)),
    ]);
    let mut listed = HashSet::new();
    for view in &views {
        for command in view.commands() {
            let binding = keymap::binding(*command);
            assert!(binding.is_some_and(|row| row.help.len() > 5), "{command:?}");
            listed.insert(*command);
        }
        let help = mailtop::app::overlay::Help::new(view.commands()).rows();
        listed.extend(help.iter().map(|row| row.command));
        let commands: HashSet<Command> = help.iter().map(|row| row.command).collect();
        assert_eq!(commands.len(), help.len(), "each command has one row");
    }
    for binding in BINDINGS {
        assert!(
            listed.contains(&binding.command),
            "{:?} is in no help",
            binding.command
        );
    }
}

#[test]
fn keys_typed_before_the_sheet_was_drawn_confirm_nothing() {
    let mut app = app(&three());
    press(&mut app, "2<enter>");
    for key in ["h", "y", "y"] {
        let key = Key::of_script(key).unwrap()[0];
        assert_eq!(acted(&app.update(Msg::Key(key))), None);
    }
    assert!(screen(&mut app).contains("Hold 1 message?"));
    let effects = app.update(Msg::Key(Key::Char('y')));
    assert_eq!(
        acted(&effects),
        Some((Verb::Hold, vec!["4jYg7l0000zBGQD".to_owned()]))
    );
}

#[test]
fn any_key_but_y_cancels() {
    for key in [
        "n", "h", "Y", "<enter>", "<esc>", "<space>", "<delete>", "q", "<ctrl-c>", "<down>",
        "<ctrl-y>",
    ] {
        let mut app = app(&three());
        press(&mut app, "2<enter>h");
        assert!(screen(&mut app).contains("Hold 1 message?"), "{key}");
        assert_eq!(press(&mut app, key), [], "{key}");
        assert!(!screen(&mut app).contains("Hold 1 message?"), "{key}");
        assert_eq!(
            acted(&press(&mut app, "y")),
            None,
            "{key}: y acts on nothing without a sheet"
        );
    }
}

#[test]
fn after_a_refresh_the_action_names_the_message_that_was_selected() {
    let mut app = app(&three());
    press(&mut app, "2<enter>j");
    let mut mails = three();
    for n in 10..20 {
        mails.insert(0, mail(n, 1, "new@shop.example", "new@corp.example", ""));
    }
    list(&mut app, &mails, true);
    assert_eq!(ids(&press(&mut app, "hy")), ["4jYg7l0001zBGQD"]);
    press(&mut app, ">>S");
    assert_eq!(ids(&press(&mut app, "hy")), ["4jYg7l0001zBGQD"]);
}

#[test]
fn a_sheet_keeps_its_aim_when_the_rows_move_or_vanish_under_it() {
    let mut app = app(&three());
    press(&mut app, "2<enter>jh");
    let mut mails = three();
    mails.remove(1);
    list(&mut app, &mails, true);
    assert_eq!(
        ids(&press(&mut app, "y")),
        ["4jYg7l0001zBGQD"],
        "never the neighbour"
    );
}

#[test]
fn a_queue_id_that_was_used_again_is_another_message() {
    let mut app = app(&three());
    press(&mut app, "2<enter><space>");
    let mut mails = three();
    mails[0].age = 7;
    list(&mut app, &mails, true);
    assert!(!screen(&mut app).contains("1 marked"));
}

#[test]
fn marks_survive_refresh_sort_and_filter_and_end_with_their_message() {
    let mut app = app(&three());
    press(&mut app, "2<enter><space><space>");
    assert!(screen(&mut app).contains("2 marked"));
    list(&mut app, &three(), true);
    press(&mut app, ">S/u2@<enter>");
    let text = screen(&mut app);
    assert!(
        text.contains("2 marked") && text.contains("1 of 1 "),
        "{text}"
    );
    assert_eq!(
        ids(&press(&mut app, "hy")),
        ["4jYg7l0000zBGQD", "4jYg7l0001zBGQD"]
    );
    list(&mut app, &three()[1..], true);
    assert!(screen(&mut app).contains("1 marked"));
    list(&mut app, &[], false);
    assert!(
        screen(&mut app).contains("1 marked"),
        "a listing that broke off proves nothing"
    );
}

#[test]
fn marks_end_with_the_action_that_they_were_for_and_with_no_other() {
    let mut app = app(&three());
    press(&mut app, "2<enter><space>");
    assert_eq!(ids(&press(&mut app, "h<tab>y")), ["4jYg7l0001zBGQD"]);
    app.update(receipt(1, None));
    assert!(
        screen(&mut app).contains("1 marked"),
        "another message was held"
    );
    assert_eq!(ids(&press(&mut app, "hy")), ["4jYg7l0000zBGQD"]);
    app.update(receipt(0, Some("postsuper ended with status 1")));
    press(&mut app, "<esc>");
    assert!(screen(&mut app).contains("1 marked"), "nothing was done");
    press(&mut app, "hy");
    app.update(receipt(1, None));
    assert!(!screen(&mut app).contains("1 marked"));
}

#[test]
fn tab_aims_at_everything_that_is_listed_and_says_so() {
    let mut app = app(&three());
    press(&mut app, "2<enter>h<tab>");
    let text = screen(&mut app);
    assert!(
        text.contains("Hold 3 messages?") && text.contains("all 3 messages to corp.example"),
        "{text}"
    );
    assert_eq!(ids(&press(&mut app, "y")).len(), 3);
}

#[test]
fn freezing_keeps_what_is_shown_while_the_facts_go_on() {
    let mut app = app(&three());
    press(&mut app, "2p");
    let before = screen(&mut app);
    assert!(before.contains("FROZEN"));
    list(&mut app, &busy(), true);
    log(
        &mut app,
        b"2026-11-24T10:09:31+00:00 mx1 postfix/qmgr[1]: ABCDEF1: removed\n".to_vec(),
    );
    assert_eq!(screen(&mut app), before);
    assert_eq!(app.model().queue.count(), busy().len());
    press(&mut app, "p");
    let after = screen(&mut app);
    assert!(
        after.contains("LIVE") && after.contains("yahoo.com"),
        "{after}"
    );
}

#[test]
fn pasted_text_is_never_keys() {
    let mut app = app(&three());
    press(&mut app, "2<enter>");
    let before = screen(&mut app);
    assert_eq!(app.update(Msg::Paste("hyqQF\ny".into())), []);
    assert_eq!(screen(&mut app), before);
    press(&mut app, "h");
    let sheet = screen(&mut app);
    assert_eq!(app.update(Msg::Paste("y".into())), []);
    assert_eq!(screen(&mut app), sheet);
    press(&mut app, "<esc>/");
    app.update(Msg::Paste("u2@\u{1b}[2J\nqy".into()));
    let text = screen(&mut app);
    assert!(
        text.contains("/ u2@[2J_"),
        "only the first line, without controls: {text}"
    );
}

#[test]
fn a_good_receipt_is_a_line_and_a_bad_one_a_page() {
    let mut app = app(&three());
    assert_eq!(
        app.update(receipt(2, None)),
        [Effect::List],
        "the next listing shows it"
    );
    assert!(screen(&mut app).contains("Held: 2 of 2 messages · postsuper -h -"));
    app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::seconds(40)));
    assert!(!screen(&mut app).contains("Held: 2 of 2"));
    app.update(receipt(0, Some("postsuper is not there")));
    let text = screen(&mut app);
    assert!(
        text.contains("what came of it") && text.contains("postsuper is not there"),
        "{text}"
    );
    press(&mut app, "j");
    assert!(!screen(&mut app).contains("what came of it"));
    assert_eq!(app.model().receipts.len(), 2);
}

/// The rest of the word would be commands: `h` opens a sheet.
#[test]
fn a_receipt_never_interrupts_typing() {
    for open in ["2/do", "?do", ":do"] {
        let mut app = app(&three());
        press(&mut app, open);
        app.update(receipt(0, Some("postsuper is not there")));
        press(&mut app, "hy");
        let text = screen(&mut app);
        assert!(
            text.contains("dohy") && !text.contains("what came of it"),
            "{text}"
        );
    }
    let mut app = app(&busy());
    press(&mut app, "2d3");
    app.update(receipt(0, Some("postsuper is not there")));
    press(&mut app, "2");
    let text = screen(&mut app);
    assert!(text.contains("Type the count to delete:  32_"), "{text}");
}

#[test]
fn an_ordinary_user_is_told_the_command_instead() {
    let why = "only root can hold mail; run as root";
    let mut app = fixture::app(Theme::default(), SIZE, Some(why));
    list(&mut app, &three(), true);
    press(&mut app, "2<enter>h");
    let text = screen(&mut app);
    assert!(
        text.contains(why) && text.contains("postsuper -h 4jYg7l0000zBGQD"),
        "{text}"
    );
    assert!(!text.contains("yes, do it"));
    assert_eq!(press(&mut app, "y"), []);
    // Flushing is for Postfix to allow.
    assert_eq!(
        acted(&press(&mut app, "fy")).map(|(verb, _)| verb),
        Some(Verb::Flush)
    );
}

#[test]
fn esc_and_q_go_back_one_view_and_q_ends_at_the_first() {
    let mut app = app(&three());
    for back in ["<esc>", "q"] {
        assert_eq!(press(&mut app, "1"), []);
        press(&mut app, "<enter><enter><enter>");
        assert!(screen(&mut app).contains("Message 4jYg7l"), "{back}");
        press(&mut app, back);
        assert!(
            screen(&mut app).contains("Messages to corp.example"),
            "{back}"
        );
        press(&mut app, back);
        assert!(screen(&mut app).contains("Domain × age"), "{back}");
        press(&mut app, back);
        assert!(screen(&mut app).contains("Stuck domains"), "{back}");
    }
    assert_eq!(press(&mut app, "<esc>"), []);
    assert_eq!(
        press(&mut app, "q"),
        [Effect::Quit {
            leave_screen: false
        }]
    );
    assert_eq!(press(&mut app, "Q"), [Effect::Quit { leave_screen: true }]);
    assert_eq!(
        press(&mut app, "<ctrl-c>"),
        [Effect::Quit { leave_screen: true }]
    );
}

#[test]
fn esc_takes_the_filter_off_before_it_leaves_the_view() {
    let mut app = app(&three());
    press(&mut app, "<enter>/nothing-like-it<enter>");
    let text = screen(&mut app);
    assert!(
        text.contains("0 of 3 messages match · Backspace drops nothing-like-it"),
        "{text}"
    );
    press(&mut app, "<esc>");
    let text = screen(&mut app);
    assert!(
        text.contains("Domain × age") && text.contains("corp.example"),
        "{text}"
    );
    // In the list below it is the filter that led there that goes with the view.
    press(&mut app, "/u1<enter><enter>");
    assert!(screen(&mut app).contains("filter: u1"));
    press(&mut app, "/ xyz<enter>");
    assert!(screen(&mut app).contains("0 of 3 messages match · Backspace drops xyz"));
    press(&mut app, "<esc>");
    assert!(screen(&mut app).contains("1 of 1 ·"));
    press(&mut app, "<esc>");
    assert!(screen(&mut app).contains("Domain × age"));
}

#[test]
fn esc_while_a_filter_is_typed_gives_the_old_one_back() {
    let mut app = app(&three());
    press(&mut app, "2/u1<enter>/ u2<esc>");
    assert!(screen(&mut app).contains("filter: u1\n"));
    press(&mut app, "/ age:soon<enter>");
    let text = screen(&mut app);
    assert!(
        text.contains("age: wants a comparison, such as age:>2h"),
        "{text}"
    );
    assert!(text.contains("mend it first"));
}

#[test]
fn a_whole_queue_is_no_aim_on_the_overview() {
    let mut app = app(&three());
    press(&mut app, "<tab>h");
    let text = screen(&mut app);
    assert!(
        !text.contains("any other key cancels") && text.contains("nothing to hold here"),
        "{text}"
    );
}

#[test]
fn flushing_everything_asks_first() {
    let mut app = app(&three());
    press(&mut app, "F");
    assert!(screen(&mut app).contains("the whole queue"));
    assert_eq!(
        acted(&press(&mut app, "y")),
        Some((Verb::Flush, vec![String::from("whole queue")]))
    );
}

#[test]
fn opening_a_message_asks_for_its_lines_and_only_its_lines_are_taken() {
    let mut app = app(&three());
    let effects = press(&mut app, "2<enter><enter>");
    let search = |id: &str| Search {
        what: What::Lives(Question::QueueId(id.into())),
        between: Between::default(),
    };
    assert_eq!(effects, [Effect::Search(search("4jYg7l0000zBGQD"))]);
    assert!(screen(&mut app).contains("searching the log"));
    let found = |id: &str| {
        let line = format!(
            "2026-11-24T10:00:00+00:00 mx1 postfix/qmgr[1]: {id}: from=<a@b.example>, size=1, nrcpt=1 (queue active)"
        );
        let lines = vec![LogLine {
            text: line.into_bytes().into(),
            anchor: fixture::now().fixed_offset(),
        }];
        let question = Question::QueueId(id.into());
        let traced = trace(&question, &lines);
        Msg::Found(Found {
            search: Arc::new(search(id)),
            part: Part::Lives(Arc::new(Lives { traced, lines })),
        })
    };
    app.update(found("4jYg7l0001zBGQD"));
    assert!(
        screen(&mut app).contains("searching the log"),
        "an answer to another question"
    );
    app.update(found("4jYg7l0000zBGQD"));
    assert!(screen(&mut app).contains("nrcpt 1, active"));
}

#[test]
fn to_be_told_to_end_is_to_end() {
    let mut app = app(&three());
    for open in ["", "h", "2/x", "<esc>?"] {
        press(&mut app, open);
        assert_eq!(
            app.update(Msg::Terminate),
            [Effect::Quit {
                leave_screen: false
            }],
            "{open}"
        );
    }
}

#[test]
fn a_log_line_leaves_the_rows_alone_and_ages_go_on() {
    let mut app = app(&three());
    press(&mut app, "2");
    assert!(screen(&mut app).contains("  1m") || screen(&mut app).contains("  5m"));
    app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::hours(2)));
    assert!(screen(&mut app).contains("  2h"));
}

/// Filter, queue ids of [`busy`] by number that it lets through.
#[test]
fn the_filter_language() {
    let cases: &[(&str, &[usize])] = &[
        ("domain:dead.example age:>1d", &[]),
        ("domain:dead.example age:>21h", &[44]),
        ("DOMAIN:x", &[]),
        ("domain:*.example -domain:dead.* queue:deferred", &[45, 46]),
        ("domain:Full.Example", &[45, 46]),
        ("domain:full", &[]),
        ("domain:full*", &[45, 46]),
        ("from:<>", &[45]),
        ("-from:news@* -from:bob@* -from:orders@*", &[45]),
        ("to:ann@*", &[46]),
        ("to:ann", &[]),
        ("queue:active", &[47, 48, 49]),
        ("queue:h?ld from:news@*", &[30, 31, 32, 33, 34, 35]),
        ("code:4.2.2", &[45, 46]),
        ("code:452", &[45, 46]),
        ("code:4.2.*", &[45, 46]),
        ("code:4.2", &[]),
        ("reason:tss04 age:<30s", &[0]),
        ("reason:tSs04 age:<30s", &[]),
        ("reason:\"mailbox is full\"", &[45, 46]),
        ("\"mailbox is full\" size:>1M", &[46]),
        ("size:>10M", &[46]),
        ("size:>20M", &[]),
        ("size:<6k age:<1m", &[0, 1, 2]),
        ("qid:4jYg7l0046*", &[46]),
        ("qid:4jyg7l0046*", &[46]),
        ("/full\\.example.*mailbox/", &[45, 46]),
        ("/ann@|^<>$/", &[45, 46]),
        ("-/./", &[]),
        ("aol user30", &[30]),
        ("provider:yahoo age:<30s", &[0]),
        ("provider:=Yahoo/AOL age:<30s", &[0]),
        ("class:mailbox-full", &[45, 46]),
        ("relay:*full.example", &[45, 46]),
        ("reason:\"452 4.2.2 <bob@full.example> The\"", &[45, 46]),
        ("rcpts:>1", &[46]),
        ("size:>=1M -size:>=1M", &[]),
        ("code:[", &[]),
        ("  orders   queue:deferred  ", &[46]),
        ("", &(0..50).collect::<Vec<_>>()),
    ];
    let mut app = app(&busy());
    app.settle();
    let model = app.model();
    for (text, expected) in cases {
        let Ok(filter) = Filter::new(text) else {
            assert!(expected.is_empty(), "{text} is no filter");
            continue;
        };
        let found: Vec<usize> = model
            .queue
            .messages()
            .filter(|message| filter.matches(&Queued::new(message, model)))
            .map(|message| message.target.key.queue_id[6..10].parse().unwrap())
            .collect();
        assert_eq!(found, *expected, "{text}");
    }
}

#[test]
fn what_was_logged_since_the_last_tick_is_shown_at_once() {
    let mut app = app(&three());
    let at = fixture::now() + chrono::TimeDelta::seconds(2);
    let line = format!(
        "{} mx1 postfix/smtp[4]: 4jYg7l9991zBGQD: to=<late@late.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, \
         status=deferred (connect to late.example[192.0.2.9]:25: Connection refused)\n",
        at.to_rfc3339()
    );
    app.update(Msg::Log(LogBatch {
        source: "mail.log".into(),
        lines: line.into_bytes(),
        anchor: at,
    }));
    let screen = screen(&mut app);
    assert!(screen.contains("late.example deferred"), "{screen}");
}
