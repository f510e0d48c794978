//! Every command by its name, lines with arguments, completion, history, and errors with their place.

use super::*;
use crate::app::command::{QueueScope, Root};
use crate::app::filter::Filter;
use crate::theme::{Sight, Tone};
use chrono::TimeDelta;

fn here() -> Here {
    Here {
        sorts: vec!["total", "newest", "oldest"],
        filtered: true,
    }
}

fn palette(history: &[&str]) -> Palette {
    let mut lines = Lines::default();
    for line in history {
        lines.add(line);
    }
    let domains = ["yahoo.com", "aol.com"].map(Arc::from).into();
    Palette::new(&[Command::Help, Command::Sort], here(), domains, lines)
}

fn press(palette: &mut Palette, script: &str) -> Option<(String, Order)> {
    let mut answer = None;
    for key in Key::of_script(script).unwrap() {
        answer = match palette.on(key) {
            Reaction::Order(line, order) => Some((line, *order)),
            _ => None,
        };
    }
    answer
}

fn ran(script: &str) -> Option<Order> {
    press(&mut palette(&[]), script).map(|(_, order)| order)
}

fn filter(text: &str) -> Filter {
    Filter::new(text).unwrap()
}

#[test]
fn every_command_is_found_by_its_name_and_run() {
    for binding in BINDINGS {
        let script = format!("{}<enter>", name(binding.command));
        assert_eq!(ran(&script), Some(Order::Run(binding.command)), "{script}");
    }
}

#[test]
fn every_row_can_be_run_or_says_what_has_to_follow() {
    let all = palette(&[]);
    let rows = all.rows();
    assert!(rows.len() > BINDINGS.len());
    for entry in rows {
        let read = Order::read(&entry.line, &here());
        assert!(
            read.is_ok() || !entry.takes.is_empty(),
            "{}: {read:?}",
            entry.line
        );
        assert!(entry.help.len() > 5, "{}", entry.line);
    }
}

#[test]
fn lines_with_more_than_a_word() {
    let cases = [
        (
            "queue deferred domain:yahoo.com",
            Order::Queue(QueueScope::Deferred, filter("domain:yahoo.com")),
        ),
        ("queue hold", Order::Queue(QueueScope::Hold, filter(""))),
        ("queue age:>2h", Order::Open(Root::Queue, filter("age:>2h"))),
        (
            "where -from:news@* /a b/",
            Order::Where(filter("-from:news@* /a b/")),
        ),
        ("range 6h", Order::Range(TimeDelta::hours(6))),
        ("range 90m", Order::Range(TimeDelta::minutes(90))),
        ("sort oldest", Order::Sort("oldest")),
        ("sort t", Order::Sort("total")),
        ("theme light", Order::Tone(Tone::Light)),
        ("theme colour", Order::Sight(Sight::ColourBlind)),
        ("glyphs ascii", Order::Glyphs(crate::theme::GlyphSet::Ascii)),
        (
            "export csv",
            Order::Export(crate::app::extract::Format::Csv),
        ),
    ];
    for (line, order) in cases {
        assert_eq!(
            ran(&format!("{}<enter>", line.replace('<', "<lt>"))),
            Some(order),
            "{line}"
        );
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_nothing_is_run() {
    let cases = [
        ("where sise:>1M", "sise", "did you mean size:?"),
        ("queue hold domain:", "", "domain: wants a pattern"),
        ("queue  hold  code:x", "x", "code: wants a reply code"),
        ("overview domain:x", "overview", "Overview has no filter"),
        ("range soon", "soon", "such as range 6h"),
        ("range 30s", "30s", "from 1m to 366d"),
        ("range 9999d", "9999d", "from 1m to 366d"),
        (
            "sort size",
            "size",
            "no size: there are total, newest, oldest",
        ),
        (
            "theme pink",
            "pink",
            "there are dark, light, standard, colour-blind",
        ),
        ("export doc", "doc", "there are csv, json, markdown"),
        (
            "hold everything",
            "everything",
            "hold takes nothing after it",
        ),
        ("hodl everything", "hodl", "did you mean hold?"),
        ("xyzzy 1", "xyzzy", "no command xyzzy"),
        ("zzz", "zzz", "no command zzz"),
    ];
    for (line, place, why) in cases {
        let error = Order::read(line, &here()).expect_err(line);
        assert_eq!(&line[error.at..error.end], place, "{line}");
        assert!(error.why.contains(why), "{line}: {}", error.why);
        let mut palette = palette(&[]);
        assert_eq!(
            press(&mut palette, &format!("{line}<enter>")),
            None,
            "{line}"
        );
        assert_eq!(palette.error, Some(error), "{line}");
        press(&mut palette, "<backspace>");
        assert_ne!(palette.input.value(), line);
    }
    let bare = Here::default();
    assert!(
        Order::read("where x", &bare)
            .unwrap_err()
            .why
            .contains("no filter")
    );
    assert!(
        Order::read("sort x", &bare)
            .unwrap_err()
            .why
            .contains("one order only")
    );
}

#[test]
fn letters_in_order_find_and_the_cursor_chooses() {
    let first = |typed: &str| {
        let mut palette = palette(&[]);
        press(&mut palette, typed);
        palette.rows().first().map(|entry| entry.line.clone())
    };
    for (typed, line) in [
        ("hol", "hold"),
        ("flall", "flush-all"),
        ("overv", "overview"),
        ("pgd", "page-down"),
        ("thl", "theme light"),
        ("sort old", "sort oldest"),
        ("postsuper -r", "requeue"),
        ("clipboard", "copy"),
    ] {
        assert_eq!(first(typed).as_deref(), Some(line), "{typed}");
    }
    assert_eq!(first("qqq"), None);
    let second = palette(&[]).rows()[1].line.clone();
    assert_eq!(
        press(&mut palette(&[]), "<down><down><up><enter>").map(|(line, _)| line),
        Some(second)
    );
}

#[test]
fn commands_of_this_view_come_first() {
    let palette = palette(&[]);
    let rows = palette.rows();
    let at = |line: &str| rows.iter().position(|entry| entry.line == line).unwrap();
    assert!(at("sort") < at("quit") && at("quit") < at("hold"));
    assert!(rows[at("sort")].here && !rows[at("hold")].here);
}

#[test]
fn tab_completes_what_is_known() {
    for (typed, line) in [
        ("que<tab>", "queue "),
        ("que<tab>def<tab>", "queue deferred "),
        (
            "queue deferred dom<tab>y<tab>",
            "queue deferred domain:yahoo.com ",
        ),
        ("where -domain:a<tab>", "where -domain:aol.com "),
        ("theme l<tab>", "theme light "),
        ("ran<tab>6<tab>", "range 6h "),
        ("sort o<tab>", "sort oldest "),
        ("qqq<tab>", "qqq"),
        ("where x:<tab>", "where x:"),
    ] {
        let mut palette = palette(&[]);
        press(&mut palette, typed);
        assert_eq!(palette.input.value(), line, "{typed}");
    }
}

#[test]
fn an_empty_line_goes_back_to_what_was_typed_before() {
    let mut palette = palette(&["range 6h", "sort oldest"]);
    press(&mut palette, "<up>");
    assert_eq!(palette.input.value(), "sort oldest");
    press(&mut palette, "<up><up>");
    assert_eq!(palette.input.value(), "range 6h");
    press(&mut palette, "<down><down>");
    assert_eq!(palette.input.value(), "");
    let (line, order) = press(&mut palette, "<up><up><enter>").unwrap();
    assert_eq!(line, "range 6h");
    assert_eq!(order, Order::Range(TimeDelta::hours(6)));
}

#[test]
fn a_begun_line_waits_for_the_rest() {
    let mut palette = palette(&[]);
    assert_eq!(press(&mut palette, "theme<enter>"), None);
    assert_eq!(palette.input.value(), "theme ");
    assert_eq!(
        press(&mut palette, "light<enter>").map(|(_, order)| order),
        Some(Order::Tone(Tone::Light))
    );
}
