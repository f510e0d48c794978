//! What a table can do in every view: the menu of its orders, ranges of marks; the panel alone; and the thresholds.

use crate::fixture::{Mail, list, mail};
use crate::lines::looked;
use crate::mails::{self, busy, full, press};
use crate::paint::{self, frames};
use crate::{accounts, dovecot, system};
use mailtop::app::App;
use mailtop::app::effect::{Effect, Scope};
use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::theme::Theme;

const SIZE: (u16, u16) = (120, 36);

fn on_busy(keys: &str) -> String {
    frames(keys, |theme, size| full(theme, size, &busy()))
}

screens! {
    sort_menu: on_busy("2s");
    sort_menu_of_messages: on_busy("2<enter>>Ssj");
    range_of_messages: on_busy("2<enter>jvjj");
    range_of_domains: on_busy("2vj");
    range_of_lines: frames("", |theme, size| looked(theme, size, "8kkvkk"));
    range_of_raw_lines: frames("", |theme, size| looked(theme, size, "8wkkvkk"));
    overview_alone: on_busy("o");
    overview_queues_alone: on_busy("<tab>o");
    overview_providers_alone: on_busy("<backtab>o");
    queue_alone: on_busy("2o");
    thresholds: frames("7T", system::incident);
    thresholds_end: frames("7Tjjjjjjjjjjjjjjjjjjjjjjjjjjjj", system::incident);
}

fn app(mails: &[Mail]) -> App {
    full(Theme::default(), SIZE, mails)
}

fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// Queue ids, in order, that an action that was confirmed is aimed at.
fn held(app: &mut App) -> Vec<String> {
    let effects = press(app, "hy");
    let mut ids: Vec<String> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Queue(action) => Some(&action.scope),
            _ => None,
        })
        .flat_map(|scope| match scope {
            Scope::Messages(targets) => targets.as_slice(),
            Scope::WholeQueue => &[],
        })
        .map(|target| target.key.queue_id.to_string())
        .collect();
    ids.sort();
    ids
}

fn id(n: usize) -> String {
    format!("4jYg7l{n:04}zBGQD")
}

/// The newest first, as the list of messages shows them.
fn five() -> Vec<Mail> {
    (0..5)
        .map(|n| {
            let to = format!("u{n}@corp.example");
            mail(n, 100 * (n as i64 + 1), "s@shop.example", &to, mails::DEAD)
        })
        .collect()
}

/// So many messages to a.example and to b.example.
fn to_two(a: usize, b: usize) -> Vec<Mail> {
    let to = |domain, from: usize, many| {
        (from..from + many).map(move |n| {
            let to = format!("u{n}@{domain}.example");
            mail(n, 100 * (n as i64 + 1), "s@shop.example", &to, mails::DEAD)
        })
    };
    to("a", 0, a).chain(to("b", 20, b)).collect()
}

#[test]
fn until_it_is_moved_the_selection_is_the_first_row() {
    for view in ["", "2", "2<lt>>"] {
        let mut app = app(&to_two(3, 2));
        press(&mut app, view);
        assert!(screen(&mut app).contains("▌  a.example"));
        list(&mut app, &to_two(3, 4), true);
        assert!(screen(&mut app).contains("▌  b.example"), "{view}");
        press(&mut app, "jk");
        list(&mut app, &to_two(5, 4), true);
        assert!(screen(&mut app).contains("▌  b.example"), "{view}");
    }
}

#[test]
fn a_key_means_the_row_that_was_on_the_screen() {
    for view in ["", "2"] {
        let opened = || {
            let mut app = app(&to_two(3, 2));
            press(&mut app, view);
            assert!(screen(&mut app).contains("▌  a.example"));
            // No frame has shown this.
            list(&mut app, &to_two(3, 4), true);
            app
        };
        let mut app = opened();
        app.update(Msg::Key(Key::Char('h')));
        let text = screen(&mut app);
        assert!(text.contains("a.example in deferred"), "{view}\n{text}");
        press(&mut app, "<esc>");
        let text = screen(&mut app);
        assert!(text.contains("▌  a.example"), "{view}\n{text}");
        for (key, seen) in [(' ', "3 marked"), ('=', "▌  a.example")] {
            if (view, key) != ("", '=') {
                let mut app = opened();
                app.update(Msg::Key(Key::Char(key)));
                let text = screen(&mut app);
                assert!(text.contains(seen), "{view}{key}\n{text}");
            }
        }
        let mut app = opened();
        app.update(Msg::Key(Key::Enter));
        press(&mut app, "<esc>");
        let text = screen(&mut app);
        assert!(text.contains("▌  a.example"), "{view}\n{text}");
    }
    // A view that no frame has shown yet.
    let mut app = app(&to_two(3, 2));
    screen(&mut app);
    for key in ['2', 'h'] {
        app.update(Msg::Key(Key::Char(key)));
    }
    let text = screen(&mut app);
    assert!(text.contains("a.example in deferred"), "{text}");
    list(&mut app, &to_two(3, 4), true);
    press(&mut app, "<esc>");
    let text = screen(&mut app);
    assert!(text.contains("▌  a.example"), "{text}");
}

#[test]
fn the_menu_lists_the_orders_of_the_panel_that_has_the_keys() {
    let mut app = app(&busy());
    press(&mut app, "2s");
    let text = screen(&mut app);
    assert!(text.contains("Sort by"), "{text}");
    // From the order that it is in; a letter goes to the one that begins with it.
    press(&mut app, "o<enter>");
    assert!(screen(&mut app).contains("sort: oldest"));
    press(&mut app, "sg<enter>");
    assert!(screen(&mut app).contains("sort: total"));
    press(&mut app, "s<down><down><esc>");
    let text = screen(&mut app);
    assert!(
        text.contains("sort: total") && !text.contains("Sort by"),
        "{text}"
    );
    press(&mut app, "<lt>");
    assert!(screen(&mut app).contains("sort: domain"));
    press(&mut app, ">");
    assert!(screen(&mut app).contains("sort: total"));
    press(&mut app, "S");
    assert!(screen(&mut app).contains("Total ▲"), "{}", screen(&mut app));
    press(&mut app, "<enter>sf<enter>");
    assert!(screen(&mut app).contains("sort: from"));
}

#[test]
fn each_table_of_a_view_has_its_own_orders() {
    let mut app = dovecot::busy(Theme::default(), SIZE);
    press(&mut app, "6s");
    let text = screen(&mut app);
    assert!(
        text.contains("Sort by") && text.contains(" last "),
        "{text}"
    );
    press(&mut app, "<esc><tab><tab><tab>s");
    let text = screen(&mut app);
    let menu: Vec<&str> = text
        .lines()
        .skip_while(|line| !line.contains("Sort by"))
        .collect();
    assert!(
        menu[1].contains("count") && menu[2].contains("name"),
        "{text}"
    );
    press(&mut app, "n<enter>S");
    let text = screen(&mut app);
    let place = |name: &str| text.lines().position(|line| line.contains(name));
    let places = ["▌ support@shop.example", "bob5@shop.", "bob4@shop."].map(place);
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
}

#[test]
fn traced_messages_and_services_have_orders_too() {
    let mut app = looked(Theme::default(), SIZE, "4/to:ann@yahoo.com<enter>");
    press(&mut app, "sd<enter>");
    let text = screen(&mut app);
    let delays = ["36m50s", "6m39s", "1.1s", "1.0s", "0.0s"].map(|delay| text.find(delay));
    assert!(delays.is_sorted() && delays[0].is_some(), "{text}");
    let mut app = system::incident(Theme::default(), SIZE);
    press(&mut app, "7<backtab>");
    press(&mut app, "sn<enter>");
    let text = screen(&mut app);
    let below = text.split("Mail processes").nth(1).unwrap_or_default();
    let places = ["cleanup ", "pickup ", "qmgr ", "smtp "].map(|name| below.find(name));
    assert!(places.is_sorted() && places[0].is_some(), "{text}");
}

#[test]
fn failed_logins_have_orders_too() {
    let mut app = accounts::incident(Theme::default(), SIZE);
    press(&mut app, "5<tab>S");
    let text = screen(&mut app);
    assert!(
        text.find("203.0.113.201") < text.rfind("203.0.113.200   "),
        "{text}"
    );
}

#[test]
fn where_the_rows_have_one_order_that_is_said() {
    let mut app = app(&busy());
    for key in ["s", "<lt>", ">", "S"] {
        press(&mut app, "1");
        press(&mut app, key);
        let text = screen(&mut app);
        assert!(text.contains("these rows have one order"), "{key}: {text}");
    }
}

#[test]
fn a_range_is_marked_from_where_it_began_to_where_it_is_kept() {
    for keep in ["v", "<space>"] {
        let mut app = app(&five());
        press(&mut app, "2<enter>jvjj");
        let text = screen(&mut app);
        assert!(text.contains("Range of 3 rows"), "{text}");
        assert!(!text.contains("marked"), "they are not marked yet: {text}");
        press(&mut app, keep);
        let text = screen(&mut app);
        assert!(
            text.contains("3 marked") && !text.contains("Range of"),
            "{text}"
        );
        assert_eq!(held(&mut app), [id(1), id(2), id(3)], "{keep}");
    }
}

#[test]
fn it_goes_upwards_too_and_is_added_to_what_is_marked() {
    let mut app = app(&five());
    press(&mut app, "2<enter><space>jjvkv");
    assert_eq!(held(&mut app), [id(0), id(2), id(3)]);
}

#[test]
fn esc_gives_a_range_up_and_goes_nowhere() {
    let mut app = app(&five());
    press(&mut app, "2<enter><space>vjj<esc>");
    let text = screen(&mut app);
    assert!(
        text.contains("Messages to corp.example") && text.contains("1 marked"),
        "{text}"
    );
    assert!(!text.contains("Range of"), "{text}");
    press(&mut app, "<esc>");
    assert!(screen(&mut app).contains("Domain × age"));
}

#[test]
fn what_arrives_between_the_ends_belongs_to_the_range_and_what_leaves_does_not() {
    let mut app = app(&five());
    press(&mut app, "2<enter>jvjj");
    let mut mails = five();
    mails.remove(2);
    let arrived = |n, age| mail(n, age, "late@shop.example", "late@corp.example", "");
    mails.extend([arrived(7, 250), arrived(8, 5), arrived(9, 480)]);
    list(&mut app, &mails, true);
    assert!(screen(&mut app).contains("Range of 3 rows"));
    press(&mut app, "v");
    assert_eq!(held(&mut app), [id(1), id(3), id(7)]);
}

#[test]
fn an_action_is_aimed_at_the_range_that_is_being_marked() {
    let mut app = app(&five());
    press(&mut app, "2<enter>vj");
    assert_eq!(held(&mut app), [id(0), id(1)]);
}

#[test]
fn a_range_of_domains_is_all_of_their_mail() {
    for keys in ["", "2"] {
        let mut app = app(&busy());
        press(&mut app, keys);
        press(&mut app, "vj");
        assert!(screen(&mut app).contains("Range of 2 rows"), "{keys}");
        press(&mut app, "v");
        let text = screen(&mut app);
        // 31 messages to yahoo.com and 9 to dead.example.
        assert!(text.contains("40 marked"), "{keys}: {text}");
        assert_eq!(held(&mut app).len(), 40);
    }
}

#[test]
fn a_range_ends_where_the_keys_go_to_another_panel() {
    let mut app = app(&busy());
    press(&mut app, "vj<tab>");
    let text = screen(&mut app);
    assert!(
        !text.contains("Range of") && !text.contains("marked"),
        "{text}"
    );
}

#[test]
fn where_no_rows_can_be_marked_that_is_said() {
    for keys in ["2<enter><enter>v", "3v", "7v", "<tab>v"] {
        let mut app = app(&busy());
        press(&mut app, keys);
        let text = screen(&mut app);
        assert!(
            text.contains("no range of rows can be marked here"),
            "{keys}: {text}"
        );
    }
}

#[test]
fn lines_of_the_log_are_marked_by_the_range_and_visited_again() {
    let mut app = looked(Theme::default(), SIZE, "8kkvkk");
    assert!(screen(&mut app).contains("Range of 3 rows"));
    press(&mut app, "vG");
    let text = screen(&mut app);
    assert!(!text.contains("Range of"), "{text}");
    let signs = text.lines().filter(|line| line.starts_with("│●"));
    assert_eq!(signs.count(), 3, "{text}");
    press(&mut app, "v");
    press(&mut app, "<esc>");
    assert!(!screen(&mut app).contains("Range of"));
}

#[test]
fn the_mail_of_a_range_of_accounts_can_be_held() {
    let mut app = accounts::incident(Theme::default(), SIZE);
    press(&mut app, "5vjjv");
    assert!(screen(&mut app).contains(" marked"), "{}", screen(&mut app));
    assert_eq!(held(&mut app).len(), 40);
}

#[test]
fn a_panel_alone_has_the_whole_body() {
    for (keys, alone, others) in [
        (
            "o",
            "Stuck domains",
            &["Queue depth", "Queues ", "Newest events"][..],
        ),
        ("<tab>o", "Queues", &["Queue depth", "Stuck domains"]),
        ("2o", "Domain × age", &["Newest messages"]),
        ("2<enter>o", "Messages to yahoo.com", &[]),
    ] {
        let mut app = app(&busy());
        press(&mut app, keys);
        let text = screen(&mut app);
        let line = |row: usize| text.lines().nth(row).unwrap_or_default();
        assert!(line(2).contains(alone), "{keys}: {text}");
        assert!(
            line(34).starts_with('╰') && line(34).ends_with('╯'),
            "{keys}: {text}"
        );
        for other in others {
            assert!(!text.contains(other), "{keys}, {other}: {text}");
        }
    }
}

#[test]
fn a_page_of_the_queue_alone_is_as_high_as_the_body() {
    let mails: Vec<Mail> = crate::fixture::many(200, 100);
    let mut app = app(&mails);
    press(&mut app, "2o<pagedown>");
    let text = screen(&mut app);
    assert!(text.contains(" 29 of 100"), "{text}");
}

#[test]
fn thresholds_are_read_anywhere_and_name_the_settings() {
    let mut app = system::incident(Theme::default(), SIZE);
    press(&mut app, "T");
    let text = screen(&mut app);
    for words in [
        "Thresholds",
        "+20 in 10 min",
        "smtp processes",
        "default_process_limit",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    press(&mut app, "x");
    assert!(!screen(&mut app).contains("Thresholds"));
}
