//! Every Unicode scalar, any bytes, and lines that somebody would send on purpose.

use proptest::prelude::*;
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthStr;

use super::*;

/// The rule written once more, from the categories alone, so that a hole in the allow-list shows.
fn must_not_pass(c: char) -> bool {
    matches!(
        c.general_category(),
        Category::Control
            | Category::Format
            | Category::Surrogate
            | Category::PrivateUse
            | Category::Unassigned
            | Category::LineSeparator
            | Category::ParagraphSeparator
    ) || matches!(
        c,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{3164}'
            | '\u{ffa0}'
            | '\u{2800}'
            | '\u{a0}'
            | '\u{fe0f}'
            | '\u{e0041}'
    )
}

#[test]
fn no_forbidden_scalar_passes() {
    let mut passed = 0;
    for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
        let safe = SafeText::from(format!("a{c}b"));
        let text = safe.as_str();
        if must_not_pass(c) {
            assert!(!text.contains(c), "U+{:04X} passed", c as u32);
            assert!(text.is_ascii(), "U+{:04X} became {text:?}", c as u32);
        } else if text.contains(c) {
            passed += 1;
        }
        assert_eq!(
            safe.width(),
            text.width(),
            "U+{:04X}: columns are not the sum",
            c as u32
        );
        assert_eq!(
            SafeText::from(text),
            safe,
            "U+{:04X}: not idempotent",
            c as u32
        );
    }
    assert!(
        passed > 90_000,
        "Han, Hangul, Latin and the symbols of our own screens pass, but only {passed} did"
    );
}

#[test]
fn no_scalar_that_reorders_a_row_passes() {
    use unicode_bidi::{BidiClass as Class, bidi_class};
    let mut strong = 0;
    for c in (0..=0x0010_ffff).filter_map(char::from_u32) {
        if matches!(
            bidi_class(c),
            Class::L
                | Class::EN
                | Class::ES
                | Class::ET
                | Class::CS
                | Class::NSM
                | Class::ON
                | Class::WS
        ) {
            continue;
        }
        strong += 1;
        assert!(
            !SafeText::from(c).as_str().contains(c),
            "U+{:04X} {:?}",
            c as u32,
            bidi_class(c)
        );
    }
    assert!(strong > 2_900, "{strong}");
}

/// Widths that `wcwidth(3)` of glibc 2.36 and tmux 3.3a give differently than `unicode-width`, measured for all scalars that pass: these were the last.
#[test]
fn no_scalar_passes_whose_width_terminals_disagree_about() {
    for c in [
        '☰',
        '⚊',
        '㉈',
        '\u{17a4}',
        '\u{cf3}',
        '\u{1acf}',
        '\u{2ffc}',
        '\u{1f6dc}',
        '\u{1fae0}',
        '\u{1cc00}',
        '\u{31350}',
        '🇩',
        '🏽',
    ] {
        assert!(
            !SafeText::from(format!("a{c}")).as_str().contains(c),
            "U+{:04X}",
            c as u32
        );
    }
    for c in ['é', 'ж', '日', '한', 'あ', '😀', '✓', '‖', '⊘', '𠀀'] {
        assert_eq!(SafeText::from(c).as_str(), c.to_string());
    }
}

#[test]
fn no_strong_right_to_left_letter_passes() {
    for c in [
        'א',
        'ب',
        'ܐ',
        'ހ',
        'ߊ',
        'ࠀ',
        '\u{fb1d}',
        '\u{fe8d}',
        '\u{10900}',
        '\u{1e900}',
        '\u{1ee00}',
        '\u{10d00}',
    ] {
        assert_eq!(
            SafeText::from(c).as_str(),
            format!("{}", c.escape_unicode())
        );
    }
}

#[test]
fn hostile_lines() {
    let lines: [(&[u8], &str); 16] = [
        (
            b"plain yahoo.com 421 4.7.0 [TSS04]",
            "plain yahoo.com 421 4.7.0 [TSS04]",
        ),
        (b"x \x1b[31mred", "x \\x1b[31mred"),
        (b"a\tb\rc\nd\0e\x7ff", "a\\tb\\rc\\nd\\x00e\\x7ff"),
        (
            b"\x9b2J raw and \xc2\x9b2J encoded",
            "\\x9b2J raw and \\u{9b}2J encoded",
        ),
        (
            "user\u{202e}moc.live@\u{2066}x".as_bytes(),
            "user\\u{202e}moc.live@\\u{2066}x",
        ),
        (
            "zero\u{200b}width\u{ad}\u{feff}".as_bytes(),
            "zero\\u{200b}width\\u{ad}\\u{feff}",
        ),
        ("\u{5d0}lef".as_bytes(), "\\u{5d0}lef"),
        (
            "line\u{2028}para\u{2029}".as_bytes(),
            "line\\u{2028}para\\u{2029}",
        ),
        (
            "e\u{301}\u{302}\u{303}\u{304}".as_bytes(),
            "e\u{301}\u{302}\\u{303}\\u{304}",
        ),
        ("\u{301}start \u{301}".as_bytes(), "\\u{301}start \\u{301}"),
        ("\u{202e}\u{301}".as_bytes(), "\\u{202e}\\u{301}"),
        (
            "tag\u{e0041}\u{e007f}".as_bytes(),
            "tag\\u{e0041}\\u{e007f}",
        ),
        (
            "❤\u{fe0f} 👩\u{200d}🚀 🇩🇪".as_bytes(),
            "❤\\u{fe0f} 👩\\u{200d}🚀 \\u{1f1e9}\\u{1f1ea}",
        ),
        (b"half \xe2\x82 done \xff", "half \\xe2\\x82 done \\xff"),
        (
            b"overlong \xc0\x9b, surrogate \xed\xa0\x80",
            "overlong \\xc0\\x9b, surrogate \\xed\\xa0\\x80",
        ),
        (
            "ünïcode 日本語 ■▒▌╭─┈⣿ …".as_bytes(),
            "ünïcode 日本語 ■▒▌╭─┈⣿ …",
        ),
    ];
    for (bytes, safe) in lines {
        assert_eq!(SafeText::new(bytes).as_str(), safe);
    }
}

#[test]
fn five_thousand_marks_do_not_pile_up() {
    let zalgo = format!("a{}", "\u{301}".repeat(5_000));
    let safe = SafeText::from(zalgo);
    assert_eq!(safe.as_str().matches('\u{301}').count(), MARKS);
    assert_eq!(safe.width(), 1 + 4_998 * "\\u{301}".len());
}

#[test]
fn display_counts_columns() {
    let text = SafeText::from("日本");
    assert_eq!(format!("[{text:6}]"), "[日本  ]");
    assert_eq!(format!("[{text:>6}]"), "[  日本]");
    assert_eq!(format!("[{text:·^7}]"), "[·日本··]");
    assert_eq!(format!("[{text:.3}]"), "[日]");
    assert_eq!(text.pad(5).as_str(), "日本 ");
    assert_eq!(text.pad_left(5).as_str(), " 日本");
}

#[test]
fn cut_keeps_marks_with_their_letter() {
    let text = SafeText::from("ae\u{301}o");
    assert_eq!(text.cut(2).as_str(), "a…");
    assert_eq!(text.cut(3), text);
    assert_eq!(SafeText::from("e\u{301}ooo").cut(2).as_str(), "e\u{301}…");
    assert_eq!(SafeText::from("日本").cut(3).as_str(), "日…");
    assert_eq!(SafeText::from("日本").cut(2).as_str(), "…");
    assert_eq!(text.cut(0).as_str(), "");
    assert_eq!(text.cut_ascii(2).as_str(), "a~");
    assert_eq!(SafeText::from("é…").ascii().as_str(), "\\u{e9}\\u{2026}");
}

#[test]
fn json_is_the_safe_text() {
    assert_eq!(
        serde_json::to_string(&SafeText::new(b"a\x1b")).unwrap(),
        r#""a\\x1b""#
    );
}

/// Scalars from the corners where widths and categories are hard, and from everywhere.
fn scalars() -> impl Strategy<Value = String> {
    let corner = prop_oneof![
        proptest::char::range('\u{0}', '\u{ff}'),
        proptest::char::range('\u{300}', '\u{36f}'),
        proptest::char::range('\u{900}', '\u{1fff}'),
        proptest::char::range('\u{2000}', '\u{2e7f}'),
        proptest::char::range('\u{a4d0}', '\u{abff}'),
        proptest::char::range('\u{fe00}', '\u{ffef}'),
        proptest::char::range('\u{1f000}', '\u{1faff}'),
        proptest::char::any(),
    ];
    proptest::collection::vec(corner, 0..40).prop_map(|scalars| scalars.into_iter().collect())
}

proptest! {
    #[test]
    fn any_bytes_become_safe(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let safe = SafeText::new(&bytes);
        prop_assert!(!safe.as_str().chars().any(must_not_pass));
        prop_assert_eq!(&SafeText::new(safe.as_str()), &safe);
    }

    #[test]
    fn any_scalars_become_safe(text in scalars(), limit in 0_usize..60) {
        let safe = SafeText::from(text.as_str());
        prop_assert_eq!(&SafeText::new(&text), &safe);
        prop_assert_eq!(&SafeText::from(text), &safe);
        prop_assert!(!safe.as_str().chars().any(must_not_pass));
        prop_assert_eq!(&SafeText::from(safe.as_str()), &safe, "idempotent");
        prop_assert_eq!(safe.width(), safe.as_str().width(), "columns are a sum");
        let cut = safe.cut(limit);
        prop_assert!(cut.width() <= limit);
        prop_assert_eq!(&SafeText::from(cut.as_str()), &cut, "cut text is safe");
        prop_assert!(safe.pad(limit).width() >= limit);
        prop_assert!(safe.ascii().as_str().is_ascii());
    }
}
