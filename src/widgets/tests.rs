//! What the widgets draw, as text and roles, and that no size and no value can break them.

mod charts;
mod maps;
mod tables;
mod windows;

use crate::numbers;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::*;
use crate::reports::text::text_of;
use crate::safe_text::SafeText;
use crate::theme::{Depth, GlyphSet, Role, Theme};

const SETS: [GlyphSet; 4] = [
    GlyphSet::Braille,
    GlyphSet::Blocks,
    GlyphSet::Cp437,
    GlyphSet::Ascii,
];

fn theme(glyphs: GlyphSet) -> Theme {
    Theme {
        glyphs,
        ..Theme::default()
    }
}

/// What `draw` leaves on a sheet of this size.
fn drawn(width: u16, height: u16, theme: Theme, draw: impl FnOnce(&mut Pen<'_>, Rect)) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    draw(&mut Pen::new(&mut buffer, &theme), area);
    buffer
}

/// The text of what `draw` leaves, in braille.
fn text(width: u16, height: u16, draw: impl FnOnce(&mut Pen<'_>, Rect)) -> String {
    text_of(&drawn(width, height, theme(GlyphSet::Braille), draw))
}

/// One letter for the role of each cell; `s` for any cell under the selection, blank for a blank.
fn roles_of(buffer: &Buffer) -> String {
    let theme = Theme::default();
    let letters = [
        ('o', Role::Ok),
        ('d', Role::Defer),
        ('b', Role::Bounce),
        ('h', Role::Hold),
        ('-', Role::Dim),
        ('H', Role::Head),
        ('a', Role::Accent),
        ('f', Role::Frame),
        ('!', Role::Alert),
        ('t', Role::Text),
    ];
    let letter = |cell: &ratatui::buffer::Cell| {
        if Some(cell.bg) == theme.style(Role::Sel).bg {
            return 's';
        }
        let same = |role: &Role| {
            let style = theme.style(*role);
            style.fg.unwrap_or_default() == cell.fg && style.add_modifier == cell.modifier
        };
        if cell.symbol() == " " {
            ' '
        } else {
            letters
                .iter()
                .find(|(_, role)| same(role))
                .map_or('?', |(c, _)| *c)
        }
    };
    let rows = buffer.content.chunks(usize::from(buffer.area.width.max(1)));
    rows.map(|row| {
        row.iter()
            .map(letter)
            .collect::<String>()
            .trim_end()
            .to_owned()
            + "\n"
    })
    .collect()
}

/// Text, then roles.
fn both(buffer: &Buffer) -> String {
    format!("{}\n{}", text_of(buffer), roles_of(buffer))
}

#[test]
fn numbers_as_an_operator_reads_them() {
    use std::time::Duration;
    assert_eq!(
        [0, 36, 999, 1_000, 4_712, 1_234_567].map(numbers::count),
        ["0", "36", "999", "1 000", "4 712", "1 234 567"]
    );
    assert_eq!(
        [3_812, 0, -7, -1_000].map(numbers::delta),
        ["+3 812", "0", "-7", "-1 000"]
    );
    assert_eq!(numbers::delta(i64::MIN), "-9 223 372 036 854 775 808");
    let seconds = |s| Duration::from_secs(s);
    assert_eq!(
        [0, 59, 60, 3_599, 3_600, 86_399, 86_400].map(|s| numbers::age(seconds(s))),
        ["0s", "59s", "1m", "59m", "1h", "23h", "1d"]
    );
    assert_eq!(
        [38 * 60, 78_000, 352_800].map(|s| numbers::duration(seconds(s))),
        ["38m", "21h 40m", "4d 02h"]
    );
    assert_eq!(
        [2_257, 7_500, 90_000].map(|s| numbers::delay(seconds(s))),
        ["37m37s", "2h05m", "1d01h"]
    );
    assert_eq!(numbers::delay(Duration::from_millis(1_390)), "1.3s");
    assert_eq!(
        [0, 812, 6_214, 64_277_709, u64::MAX].map(numbers::bytes),
        ["0 B", "812 B", "6.1 KiB", "61.3 MiB", "16.0 EiB"]
    );
    assert_eq!(
        [812, 6_349, 11_264, 1_048_575].map(numbers::bytes_short),
        ["812", "6.2K", "11K", "1.0M"]
    );
    assert_eq!(
        [0.989, 0.0, 1.0, 0.9999, 0.0001].map(numbers::percent),
        ["98.9", "0.0", "100.0", "99.9", "0.1"]
    );
    assert_eq!(numbers::percent(f64::NAN), "-");
    assert_eq!(
        [389.2, 6.4, 1_234.0].map(|n| numbers::rate(n, "m")),
        ["389/m", "6.4/m", "1 234/m"]
    );
    assert_eq!(
        [6.4, 0.0, -12.3].map(|n| numbers::trend(n, "s")),
        ["+6.4/s", "0/s", "-12/s"]
    );
    assert_eq!(
        [0.0, 0.5, 950.0, 1_000.0, 1_200.0, 52_000.0, 999_600.0, 3e6].map(numbers::compact),
        ["0", "0.5", "950", "1k", "1.2k", "52k", "1M", "3M"]
    );
}

#[test]
fn a_line_that_is_cut_says_so() {
    let line = Line::of("ab", Role::Ok)
        .add("cd", Role::Defer)
        .add("", Role::Text);
    let cut = |width| {
        text(10, 1, |pen, area| {
            pen.line(0, area.y, width, &line);
        })
    };
    assert_eq!(
        [0, 1, 2, 3, 4, 5].map(cut),
        ["\n", "…\n", "a…\n", "ab…\n", "abcd\n", "abcd\n"]
    );
    let right = text(8, 1, |pen, area| {
        pen.line_right(0, area.y, 8, &line);
    });
    assert_eq!(right, "    abcd\n");
}

#[test]
fn wide_and_hostile_words_stay_in_their_columns() {
    let words = "日本\u{1b}[2J\u{202e}é";
    assert_eq!(
        text(30, 1, |pen, _| {
            pen.text(0, 0, 30, words, Role::Text);
        }),
        "日本\\x1b[2J\\u{202e}é\n"
    );
    assert_eq!(
        text(30, 1, |pen, _| {
            pen.text(0, 0, 4, words, Role::Text);
        }),
        "日…\n"
    );
    let ascii = drawn(30, 1, theme(GlyphSet::Ascii), |pen, _| {
        pen.text(0, 0, 9, "é → x", Role::Text);
    });
    assert_eq!(text_of(&ascii), "\\u{e9} >~\n");
}

#[test]
fn wrapping_breaks_at_blanks_and_in_long_words() {
    let rows = |s: &str, width| {
        wrap(&SafeText::from(s), width)
            .iter()
            .map(|row| row.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        rows("421 4.7.0 [TSS04] Messages", 10),
        ["421 4.7.0", "[TSS04]", "Messages"]
    );
    assert_eq!(rows("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
    assert_eq!(rows("日本語", 1), ["…"]);
    assert_eq!(rows("", 5), [""]);
    assert!(rows("x", 0).is_empty());
}

/// Every scalar that passes is drawn as wide as it says, behind a letter that it could join.
#[test]
fn no_scalar_joins_the_letter_before_it_unseen() {
    let mut wrong = Vec::new();
    for c in '\u{20}'..=char::MAX {
        let words = SafeText::from(format!("a{c}b"));
        if words.as_str().len() > c.len_utf8() + 2 {
            continue; // it was escaped
        }
        let buffer = drawn(8, 1, Theme::default(), |pen, _| {
            let used = pen.text(0, 0, 8, &words, Role::Text);
            pen.sign(used, 0, "!", Role::Text);
        });
        if text_of(&buffer) != format!("{words}!\n") {
            wrong.push(c);
        }
    }
    assert!(wrong.is_empty(), "{wrong:x?}");
}

proptest::proptest! {
    #[test]
    fn wrapped_rows_fit(words in ".{0,80}", width in 1_usize..30) {
        for row in wrap(&SafeText::from(words), width) {
            proptest::prop_assert!(row.width() <= width);
        }
    }

    /// ratatui puts grapheme clusters into cells; that must be as many columns as the sum over the scalars says.
    #[test]
    fn what_is_drawn_is_as_wide_as_it_says(
        words in proptest::collection::vec(proptest::prop_oneof![
            proptest::char::range('\u{20}', '\u{36f}'), proptest::char::range('\u{900}', '\u{1fff}'), proptest::char::range('\u{2000}', '\u{ffff}'),
            proptest::char::range('\u{1f000}', '\u{1faff}'), proptest::char::any(),
        ], 0..30),
    ) {
        let words = SafeText::from(words.into_iter().collect::<String>());
        let buffer = drawn(600, 1, Theme::default(), |pen, _| {
            let used = pen.text(0, 0, 600, &words, Role::Text);
            assert_eq!(usize::from(used), words.width());
            pen.sign(used, 0, "!", Role::Text);
        });
        proptest::prop_assert_eq!(text_of(&buffer), format!("{words}!\n"));
    }

    #[test]
    fn a_fitted_line_fits(a in ".{0,20}", b in ".{0,20}", width in 0_usize..40, set in 0_usize..4) {
        let line = Line::of(a, Role::Ok).add(b, Role::Dim);
        proptest::prop_assert!(line.fitted(SETS[set], width).width() <= width);
    }
}
