//! Windows, sheets, the key bar.

use super::*;

#[test]
fn window_with_title_and_note() {
    let draw = |pen: &mut Pen<'_>, area| {
        let inner = Window::new("Queue depth")
            .note("last 60 min")
            .draw(pen, area);
        assert_eq!(inner, Rect::new(1, 1, 38, 1));
    };
    insta::assert_snapshot!(both(&drawn(40, 3, theme(GlyphSet::Braille), draw)));
    insta::assert_snapshot!(text_of(&drawn(40, 3, theme(GlyphSet::Ascii), draw)));
}

#[test]
fn the_note_goes_first_then_the_title_is_cut() {
    let top = |width| {
        text(width, 2, |pen, area| {
            Window::new("Queue depth").note("60 min").draw(pen, area);
        })
        .lines()
        .next()
        .unwrap()
        .to_owned()
    };
    insta::assert_snapshot!((0..28).map(top).collect::<Vec<_>>().join("\n"));
}

fn sheet() -> Sheet {
    Sheet::new("Delete 3 904 messages?")
        .note("Esc cancels")
        .line(
            "Scope",
            "domain:yahoo.com in deferred · arrived 10:31 – 11:09",
        )
        .line("Size", "27.1 MiB")
        .line("", "IDs re-checked just before the run")
        .blank()
        .line("", Line::of("This cannot be undone.", Role::Bounce))
        .input("Type the count to delete:", "39")
        .choices(
            vec![
                Choice::new("Esc", "Cancel"),
                Choice::new("h", "hold them instead"),
                Choice::new("Enter", "delete").grave(),
            ],
            0,
        )
}

#[test]
fn sheet_in_the_middle_of_the_screen() {
    let draw = |pen: &mut Pen<'_>, area| {
        pen.fill(area, "#", Role::Dim);
        let at = sheet().draw(pen, area);
        assert!(at.width < area.width && at.height < area.height);
    };
    insta::assert_snapshot!(both(&drawn(76, 14, theme(GlyphSet::Braille), draw)));
}

#[test]
fn a_sheet_that_is_squeezed_keeps_its_choices() {
    let text = text(50, 6, |pen, area| {
        sheet().draw(pen, area);
    });
    assert!(text.contains("[Esc] Cancel"), "{text}");
    assert!(text.contains("Type the count"), "{text}");
}

#[test]
fn no_size_breaks_windows_and_sheets() {
    for width in 0..60 {
        for height in 0..16 {
            for set in SETS {
                drawn(width, height, theme(set), |pen, area| {
                    sheet().draw(pen, area);
                    Window::new("Queue depth").note("日本").draw(pen, area);
                    // An area that hangs over every edge is clipped.
                    Window::new("x").draw(pen, Rect::new(width / 2, height / 2, 100, 100));
                    sheet().draw(pen, Rect::new(30, 8, 500, 500));
                });
            }
        }
    }
}

#[test]
fn a_faded_panel_keeps_its_words_and_loses_its_colours() {
    let buffer = drawn(20, 4, Theme::default(), |pen, area| {
        let inner = Window::new("Queue").draw(pen, area);
        pen.text(inner.x, inner.y, 9, "deferred", Role::Defer);
        pen.text(inner.x, inner.y + 1, 9, "hold", Role::Hold);
        let last = Rect {
            y: inner.y + 1,
            height: 1,
            ..inner
        };
        pen.paint(last, Role::Sel);
        pen.fade(area);
    });
    assert!(text_of(&buffer).contains("deferred"));
    let roles = roles_of(&buffer);
    assert!(roles.chars().all(|c| "-s \n".contains(c)), "{roles}");
    // What is selected still is: an action would be aimed at it.
    let selected = format!("-{}-", "s".repeat(18));
    assert_eq!(roles.lines().nth(2), Some(selected.as_str()), "{roles}");
}

fn old(lost: bool) -> Old {
    Old {
        words: "queue 14 s old, each read takes 9 s → every 90 s".into(),
        short: "queue 14 s old".into(),
        lost,
    }
}

#[test]
fn that_a_panel_is_old_stands_behind_its_note_and_goes_last_when_its_source_is_lost() {
    let top = |width, lost| {
        text(width, 3, |pen, area| {
            let window = Window::new("Domains").note("1 of 24").old(Some(old(lost)));
            window.draw(pen, area);
        })
        .lines()
        .next()
        .unwrap()
        .to_owned()
    };
    for lost in [false, true] {
        let wide = top(80, lost);
        let both = " 1 of 24 · queue 14 s old, each read takes 9 s → every 90 s ─╮";
        assert!(wide.ends_with(both), "{wide}");
        let narrower = top(40, lost);
        assert!(
            narrower.ends_with(" 1 of 24 · queue 14 s old ─╮"),
            "{narrower}"
        );
    }
    assert!(
        top(32, false).ends_with(" 1 of 24 ─╮"),
        "{}",
        top(32, false)
    );
    assert!(
        top(32, true).ends_with(" queue 14 s old ─╮"),
        "{}",
        top(32, true)
    );
    // The title makes room for it, but for nothing else.
    assert_eq!(top(27, true), "╭ Doma… ─ queue 14 s old ─╮");
    assert_eq!(top(20, false), "╭ Domains ─────────╮");
    assert_eq!(top(20, true), "╭ Domains ─────────╮");
}

#[test]
fn a_window_whose_source_is_lost_fades_what_is_drawn_into_it_later() {
    for lost in [false, true] {
        let buffer = drawn(30, 3, Theme::default(), |pen, area| {
            let inner = Window::new("Queue").old(Some(old(lost))).draw(pen, area);
            pen.text(inner.x, inner.y, 9, "deferred", Role::Defer);
            pen.fade_panels();
        });
        let roles = roles_of(&buffer);
        let row = if lost { "f--------" } else { "fdddddddd" };
        assert!(roles.lines().nth(1).unwrap().starts_with(row), "{roles}");
        assert!(roles.starts_with("f HHHHH "), "the frame stays\n{roles}");
    }
}

const KEYS: [(&str, &str); 6] = [
    ("?", "help"),
    ("Enter", "drill"),
    ("/", "filter"),
    ("p", "pause"),
    ("d", "delete"),
    ("q", "quit"),
];

#[test]
fn the_key_bar_keeps_help_and_quit() {
    let bar = |width| {
        text(width, 1, |pen, area| keybar(pen, area, &KEYS))
            .trim_end()
            .to_owned()
    };
    assert_eq!(
        bar(80),
        " ?help  Enter drill  / filter  p pause  d delete  q quit"
    );
    assert_eq!(
        bar(56),
        " ?help  Enter drill  / filter  p pause  d delete  q quit"
    );
    assert_eq!(
        bar(54),
        " ?help Enter drill / filter p pause d delete q quit"
    );
    assert_eq!(bar(48), " ?help Enter drill / filter p pause q quit");
    assert_eq!(bar(30), " ?help Enter drill q quit");
    assert_eq!(bar(13), " ?help q quit");
    assert_eq!(bar(9), " ?help");
    for width in 0..80 {
        for count in 0..KEYS.len() {
            drawn(
                width,
                u16::from(width % 3 > 0),
                Theme::default(),
                |pen, area| keybar(pen, area, &KEYS[..count]),
            );
        }
    }
}
