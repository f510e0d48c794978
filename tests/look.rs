//! A whole screen made of widgets, as text, as roles and as a picture.

#[path = "../examples/screenshots/png.rs"]
mod png;
#[path = "look/screen.rs"]
mod screen;

use mailtop::reports::{svg, text};
use mailtop::theme::{Depth, GlyphSet, Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

fn drawn(width: u16, height: u16, theme: Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    screen::draw(&mut buffer, theme);
    buffer
}

#[test]
fn the_screen_in_braille() {
    insta::assert_snapshot!(text::text_of(&drawn(120, 36, Theme::default())));
}

#[test]
fn the_screen_in_ascii_is_ascii() {
    let theme = Theme {
        depth: Depth::Mono,
        glyphs: GlyphSet::Ascii,
        ..Theme::default()
    };
    let text = text::text_of(&drawn(80, 24, theme));
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn any_size_can_be_drawn() {
    for width in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233] {
        for height in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] {
            for glyphs in [
                GlyphSet::Braille,
                GlyphSet::Blocks,
                GlyphSet::Cp437,
                GlyphSet::Ascii,
            ] {
                let theme = Theme {
                    glyphs,
                    ..Theme::default()
                };
                assert_eq!(
                    text::text_of(&drawn(width, height, theme)).lines().count(),
                    usize::from(height)
                );
            }
        }
    }
}

#[test]
fn the_same_screen_is_the_same_picture_and_the_png_knows_its_svg() {
    for tone in [Tone::Dark, Tone::Light] {
        let theme = Theme {
            tone,
            ..Theme::default()
        };
        let buffer = drawn(120, 36, theme);
        let picture = svg::svg(&buffer, &theme, "mailtop — mx1");
        assert_eq!(picture, svg::svg(&buffer, &theme, "mailtop — mx1"));
        let png = png::png(&picture).expect("DejaVu Sans Mono is installed");
        assert_eq!(png::hash_of(&png), Some(png::hash(&picture)));
        assert_ne!(png::hash_of(&png), Some(png::hash(&picture[1..])));
        let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(directory.join(format!("look-{tone:?}.svg")), &picture)
            .expect("writes into target");
        std::fs::write(directory.join(format!("look-{tone:?}.png")), &png)
            .expect("writes into target");
    }
}
