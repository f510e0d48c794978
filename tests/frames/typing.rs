//! What is typed and taken from the screen: facets, the filter line, the palette, the help, and a footer that always names its help.

use crate::fixture::{self, mail};
use crate::mails::{busy, full, press};
use crate::paint::{self, frames};
use mailtop::app::App;
use mailtop::app::command::{Command, Place, QueueScope, Root};
use mailtop::app::effect::Effect;
use mailtop::app::filter::Filter;
use mailtop::app::keymap;
use mailtop::app::msg::Msg;
use mailtop::theme::Theme;
use mailtop::views::{self, View};
use proptest::prelude::*;

const SIZE: (u16, u16) = (120, 36);

fn on_busy(keys: &str) -> String {
    frames(keys, |theme, size| full(theme, size, &busy()))
}

fn app() -> App {
    full(Theme::default(), SIZE, &busy())
}

fn screen(app: &mut App) -> String {
    paint::text(app, SIZE)
}

/// The second line, or the first on a very low screen.
fn heading(app: &mut App) -> String {
    screen(app).lines().nth(1).unwrap_or_default().to_owned()
}

screens! {
    palette: on_busy("2:");
    palette_typed: on_busy("2:fl");
    palette_wrong: on_busy("2:queue hold sise:>1M");
    filter_taken: on_busy("2/age:>1m -from:nobody@x.example reason:TSS04<enter>=");
    filter_too_long: on_busy("2/-domain:averylongdomain.example -domain:another-very-long-domain.example -from:somebody-with-a-long-name@shop.example age:>1m -queue:hold<enter>");
    filter_typed_beyond_the_line: on_busy("2/-domain:averylongdomain.example -domain:another-very-long-domain.example -from:somebody-with-a-long-name@shop.example age:>1m sise:>3");
}

#[test]
fn a_facet_is_added_excluded_and_dropped() {
    let mut app = app();
    press(&mut app, "2");
    assert!(screen(&mut app).contains("aol.com"));
    press(&mut app, "=");
    let text = screen(&mut app);
    assert!(
        heading(&mut app).ends_with("filter: domain:yahoo.com"),
        "{text}"
    );
    assert!(!text.contains("aol.com"), "{text}");
    press(&mut app, "=");
    assert!(screen(&mut app).contains("the filter says so already"));
    press(&mut app, "!");
    let text = screen(&mut app);
    assert!(
        heading(&mut app).ends_with("filter: -domain:yahoo.com"),
        "{text}"
    );
    assert!(text.contains("aol.com"), "{text}");
    press(&mut app, "/age:>1m<enter>");
    assert!(heading(&mut app).ends_with("filter: -domain:yahoo.com age:>1m"));
    press(&mut app, "<backspace>");
    assert!(heading(&mut app).ends_with("filter: -domain:yahoo.com"));
    press(&mut app, "<backspace><backspace>");
    assert!(!screen(&mut app).contains("filter: "));
    assert!(screen(&mut app).contains("yahoo.com"));
}

/// In the list of a domain's messages the cell is the sender, and what led there stays.
#[test]
fn a_facet_of_a_message_is_its_sender() {
    let mails = [
        mail(1, 100, "MAILER-DAEMON", "a@corp.example", ""),
        mail(2, 200, "x y@shop.example", "b@corp.example", ""),
    ];
    let mut app = full(Theme::default(), SIZE, &mails);
    press(&mut app, "2=<enter>=");
    assert!(heading(&mut app).ends_with("filter: domain:corp.example from:<>"));
    press(&mut app, "<backspace>j=");
    let text = screen(&mut app);
    assert!(
        text.contains("filter: domain:corp.example from:=\"x y@shop.example\""),
        "{text}"
    );
    assert!(text.contains("1 of 1 ·"), "{text}");
}

#[test]
fn where_there_is_nothing_to_filter_it_is_said() {
    let mut app = full(Theme::default(), SIZE, &[]);
    press(&mut app, "2=");
    assert!(screen(&mut app).contains("nothing under the cursor to filter by"));
    press(&mut app, "<backspace>");
    press(&mut app, "1=");
    assert!(screen(&mut app).contains("this view has no filter"));
}

#[test]
fn a_filter_from_the_command_line_is_on_every_view_that_has_one() {
    let filter = Filter::new("domain:yahoo.com").unwrap();
    let mut app = app().through(filter);
    assert!(
        screen(&mut app).contains("aol.com"),
        "the Overview has none"
    );
    press(&mut app, "2");
    assert!(heading(&mut app).ends_with("filter: domain:yahoo.com"));
    assert!(!screen(&mut app).contains("aol.com"));
    press(&mut app, "<backspace>12");
    assert!(
        screen(&mut app).contains("aol.com"),
        "it is only what is first seen"
    );
}

#[test]
fn an_open_quote_counts_as_closed_and_enter_closes_it() {
    let mut app = app();
    press(&mut app, "2/reason:\"mailbox is");
    let text = screen(&mut app);
    assert!(
        text.contains("full.example") && !text.contains("dead.example"),
        "{text}"
    );
    press(&mut app, "<enter>");
    assert!(heading(&mut app).ends_with("filter: reason:\"mailbox is\""));
}

#[test]
fn earlier_filters_come_back_with_the_cursor_key() {
    let mut app = app();
    press(&mut app, "2/yahoo<enter><esc>/aol<enter><esc>");
    press(&mut app, "/<up>");
    assert!(heading(&mut app).starts_with(" / aol_"));
    press(&mut app, "<up>");
    assert!(heading(&mut app).starts_with(" / yahoo_"));
    press(&mut app, "<down><down>");
    assert!(heading(&mut app).starts_with(" / _"));
    press(&mut app, "<up><enter>");
    assert!(heading(&mut app).ends_with("filter: aol"));
}

#[test]
fn the_palette_runs_what_was_typed() {
    let mut app = app();
    press(&mut app, ":queue hold age:>1m<enter>");
    let line = heading(&mut app);
    assert!(
        line.starts_with(" Queue hold ›") && line.ends_with("filter: age:>1m"),
        "{line}"
    );
    press(&mut app, "<esc><esc>");
    assert!(screen(&mut app).contains("Stuck domains"));
    press(&mut app, ":queue<enter>:sort oldest<enter>");
    assert!(screen(&mut app).contains("sort: oldest"));
    press(&mut app, ":where -yahoo<enter>");
    assert!(heading(&mut app).ends_with("filter: -yahoo"));
    press(&mut app, ":<up><up><enter>");
    assert!(screen(&mut app).contains("sort: oldest"));
    assert_eq!(
        press(&mut app, ":quit-l<enter>"),
        [Effect::Quit { leave_screen: true }]
    );
    // An action of the queue still asks first.
    press(&mut app, ":flush-all<enter>");
    assert!(screen(&mut app).contains("the whole queue"));
    assert_eq!(press(&mut app, "n"), []);
}

#[test]
fn what_the_palette_cannot_do_here_is_said() {
    let mut app = app();
    press(&mut app, "1:mark-all<enter>");
    assert!(screen(&mut app).contains("mark-all means nothing in this view"));
    press(&mut app, ":where x<enter>");
    assert!(screen(&mut app).contains("this view has no filter"));
    press(&mut app, "<esc>");
    assert!(!screen(&mut app).contains(" : where"));
}

#[test]
fn pasted_text_runs_nothing_in_the_palette() {
    let mut app = app();
    press(&mut app, "2:");
    assert_eq!(app.update(Msg::Paste("hold\n\u{1b}[2Jy".into())), []);
    let text = screen(&mut app);
    assert!(
        text.contains(" : hold_") && !text.contains("Hold 3"),
        "{text}"
    );
}

/// The views that the digits open, and those below them.
fn all_views() -> Vec<Box<dyn View>> {
    let key = mailtop::model::identity::MessageKey {
        instance: "postfix".into(),
        queue_id: "ABCDEF1".into(),
        arrival: 0,
    };
    let messages = Place::Messages(QueueScope::All, "x.example".into(), Filter::default());
    let mut all: Vec<Box<dyn View>> = Root::ALL.into_iter().map(views::root).collect();
    all.extend([messages, Place::Message(key)].iter().map(views::open));
    all
}

#[test]
fn the_first_key_in_every_footer_is_that_of_the_help() {
    for view in all_views() {
        assert_eq!(
            view.commands().first(),
            Some(&Command::Help),
            "{:?}",
            view.root()
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_footer_never_cuts_its_help(
        width in 10_u16..=300,
        height in 4_u16..=60,
        keys in proptest::sample::select(&["1", "2", "3", "4", "5", "6", "7", "8", "2<enter>", "2<enter><enter>", "2p", "2?", "2h"][..]),
    ) {
        let mut app = full(Theme::default(), (width, height), &busy());
        press(&mut app, keys);
        let text = paint::text(&mut app, (width, height));
        let last = text.lines().last().unwrap_or_default();
        prop_assert!(last.starts_with(" ?help"), "{}", last);
    }
}

/// Every key that does something in a view is found in its help, at the smallest size as well, and can be run from there.
#[test]
fn the_help_of_every_view_lists_its_keys_and_runs_them() {
    for (nth, root) in Root::ALL.into_iter().enumerate() {
        let view = views::root(root);
        for size in [(120, 36), (40, 10)] {
            let mut app = full(Theme::default(), size, &busy());
            press(&mut app, &format!("{}?", nth + 1));
            for command in view.commands() {
                let row = keymap::binding(*command).expect("a command has a row");
                let begin: String = row.help.chars().take(20).collect();
                for c in row.help.chars().take(30) {
                    app.update(Msg::Key(mailtop::app::key::Key::Char(c)));
                }
                let text = paint::text(&mut app, size);
                assert_shown(&text, &begin, &format!("{root:?} {size:?}"));
                for _ in 0..30 {
                    app.update(Msg::Key(mailtop::app::key::Key::Backspace));
                }
            }
        }
    }
    let mut app = fixture::app(Theme::default(), (40, 10), None);
    press(&mut app, "?the log lines<enter>");
    let text = paint::text(&mut app, (40, 10));
    assert!(
        text.contains("[8Log]") || text.contains("[8 Log]"),
        "{text}"
    );
}

fn assert_shown(text: &str, words: &str, what: &str) {
    assert!(text.contains(words), "{what}: {words}\n{text}");
}
