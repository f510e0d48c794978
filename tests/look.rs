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
fn the_same_screen_is_the_same_picture() {
    for tone in [Tone::Dark, Tone::Light] {
        let theme = Theme {
            tone,
            ..Theme::default()
        };
        let buffer = drawn(120, 36, theme);
        let picture = svg::svg(&buffer, &theme, "mailtop — mx1");
        assert_eq!(picture, svg::svg(&buffer, &theme, "mailtop — mx1"));
        assert!(picture.len() < 100_000, "{}", picture.len());
        let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(directory.join(format!("look-{tone:?}.svg")), &picture)
            .expect("writes into target");
        match png::png(&picture) {
            Ok(png) => {
                assert_eq!(png::hash_of(&png), Some(png::hash(&picture)));
                std::fs::write(directory.join(format!("look-{tone:?}.png")), &png)
                    .expect("writes into target");
            }
            // Where the font is not installed the operator of the test is told so, and nothing else may be wrong.
            Err(error) => assert!(
                error
                    .to_string()
                    .contains("apt-get install fonts-dejavu-core"),
                "{error:#}"
            ),
        }
    }
}

#[test]
fn the_png_knows_its_svg() {
    let picture = r##"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="8" height="4" fill="#123456"/></svg>"##;
    let png = png::png(picture).expect("a picture without words needs no font");
    assert_eq!(png::hash_of(&png), Some(png::hash(picture)));
    assert_ne!(png::hash_of(&png), Some(png::hash("another")));
    let reader =
        resvg::tiny_skia::Pixmap::decode_png(&png).expect("still a PNG: the checksums are right");
    assert_eq!((reader.width(), reader.height()), (10, 5));
    assert_eq!(png::hash_of(&png[..40]), None);
    assert_eq!(png::hash_of(b"no PNG at all, and not even long"), None);
}
