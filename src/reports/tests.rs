//! Text and pictures of small screens.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::svg::svg;
use super::text::text_of;
use crate::theme::{Depth, Role, Theme, Tone};
use crate::widgets::{Line, Pen, Window};

fn screen(theme: Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 5));
    let mut pen = Pen::new(&mut buffer, &theme);
    let inner = Window::new("Queues").draw(&mut pen, Rect::new(0, 0, 24, 4));
    pen.line(
        1,
        1,
        inner.width,
        &Line::of("deferred ", Role::Text)
            .add("■■▒", Role::Defer)
            .add(" <&>", Role::Dim),
    );
    pen.line(
        1,
        2,
        inner.width,
        &Line::of("日本", Role::Text).add(" ⣿⣀ ▲ ▁█", Role::Alert),
    );
    pen.paint(Rect::new(1, 1, 22, 1), Role::Sel);
    buffer
}

#[test]
fn text_without_blanks_at_the_end_and_with_wide_letters() {
    let expected = "╭ Queues ──────────────╮\n│deferred ■■▒ <&>      │\n│日本 ⣿⣀ ▲ ▁█          │\n╰──────────────────────╯\n\n";
    assert_eq!(text_of(&screen(Theme::default())), expected);
    assert_eq!(text_of(&Buffer::empty(Rect::ZERO)), "");
}

#[test]
fn text_of_a_part_of_the_screen() {
    let mut buffer = Buffer::empty(Rect::new(5, 7, 4, 1));
    Pen::new(&mut buffer, &Theme::PLAIN).text(6, 7, 9, "abcdef", Role::Text);
    assert_eq!(text_of(&buffer), " ab…\n");
}

#[test]
fn a_spacing_mark_in_a_cell_of_its_own_is_one_cell() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
    Pen::new(&mut buffer, &Theme::PLAIN).text(0, 0, 4, "\u{1200}\u{1067}ab", Role::Text);
    assert_eq!(text_of(&buffer), "\u{1200}\u{1067}ab\n");
}

#[test]
fn a_small_picture() {
    let theme = Theme::default();
    insta::assert_snapshot!(svg(&screen(theme), &theme, "a < b \u{202e}"));
}

#[test]
fn signs_are_shapes_and_words_are_escaped() {
    for depth in [Depth::TrueColor, Depth::Ansi256, Depth::Ansi16, Depth::Mono] {
        for tone in [Tone::Dark, Tone::Light] {
            let theme = Theme {
                depth,
                tone,
                ..Theme::default()
            };
            let picture = svg(&screen(theme), &theme, "x");
            let words: Vec<&str> = picture
                .lines()
                .filter(|line| line.starts_with("<text"))
                .collect();
            assert!(
                words.iter().any(
                    |line| line.contains(">&lt;&amp;&gt;<") || line.contains(" &lt;&amp;&gt;<")
                ),
                "{picture}"
            );
            assert!(
                !picture.chars().any(|c| "╭╮╰╯─│■▒⣿⣀▲▁█".contains(c)),
                "{picture}"
            );
            assert_eq!(picture.matches("NaN").count(), 0);
        }
    }
}

#[test]
fn every_sign_of_every_set_is_drawn_or_can_be_written() {
    // Signs that are left to the font; DejaVu Sans Mono, Menlo and Consolas have them.
    let written = "…›»→←↑↓x~";
    let debug = format!("{:?}", Theme::default().glyphs());
    for sign in debug.split('"').skip(1).step_by(2) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
        Pen::new(&mut buffer, &Theme::PLAIN).sign(0, 0, sign, Role::Text);
        let picture = svg(&buffer, &Theme::PLAIN, "");
        assert_eq!(
            picture.contains(&format!(">{sign}<")),
            written.contains(sign),
            "{sign}"
        );
    }
}
