//! Which Unicode scalars may stand in a terminal cell as they are.
//!
//! The rule is an allow-list by general category (Unicode Standard Annex 44), made smaller by what is invisible, what is written from right to left, and
//! what changes the width of its neighbours (the rules of the `unicode-width` crate). It knows no fonts and no languages: some scripts lose letters to
//! escapes here, because a row whose columns have moved is worse than a name that is hard to read.

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

/// What a scalar may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// U+0020, the only blank: it passes and carries no marks.
    Blank,
    /// Passes, takes one or two columns, and can carry marks.
    Base,
    /// Passes upon a base.
    Mark,
    /// Never passes.
    Forbidden,
}

/// What this scalar may do.
pub(super) fn kind(c: char) -> Kind {
    match c {
        ' ' => return Kind::Blank,
        '!'..='~' => return Kind::Base,
        c if is_invisible(c) || is_right_to_left(c) || bends_widths(c) => return Kind::Forbidden,
        _ => {}
    }
    let width = c.width();
    match c.general_category() {
        Category::Control
        | Category::Format
        | Category::Surrogate
        | Category::PrivateUse
        | Category::Unassigned
        | Category::LineSeparator
        | Category::ParagraphSeparator
        | Category::SpaceSeparator => Kind::Forbidden,
        Category::NonspacingMark | Category::EnclosingMark if width == Some(0) => Kind::Mark,
        Category::SpacingMark if width == Some(1) => Kind::Mark,
        Category::NonspacingMark | Category::EnclosingMark | Category::SpacingMark => {
            Kind::Forbidden
        }
        _ if matches!(width, Some(1 | 2)) => Kind::Base,
        _ => Kind::Forbidden,
    }
}

/// Scalars that draw nothing although their category promises a letter, a mark or a symbol.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{034f}'                    // combining grapheme joiner
        | '\u{115f}' | '\u{1160}'     // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'     // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'     // Mongolian variation selectors
        | '\u{2800}'                  // Braille without dots
        | '\u{3164}' | '\u{ffa0}'     // Hangul fillers
        | '\u{fe00}'..='\u{fe0f}'     // variation selectors
        | '\u{13441}' | '\u{13442}'   // Egyptian blanks
        | '\u{16fe4}'                 // Khitan small script filler
        | '\u{1d159}'                 // musical null notehead
        | '\u{e0000}'..='\u{e0fff}'   // tags and more variation selectors
    )
}

/// Blocks of right-to-left scripts (Unicode Standard Annex 9, table of `Bidi_Class` defaults): one of their letters makes a bidi-aware terminal reorder the row.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{0590}'..='\u{08ff}'       // Hebrew, Arabic, Syriac, Thaana, NKo, Samaritan, Mandaic and extensions
        | '\u{fb1d}'..='\u{fdff}'     // Hebrew and Arabic presentation forms A
        | '\u{fe70}'..='\u{feff}'     // Arabic presentation forms B
        | '\u{10800}'..='\u{10fff}'   // Cypriot … Old Uyghur
        | '\u{1e800}'..='\u{1efff}'   // Mende Kikakui, Adlam, Arabic mathematical symbols
    )
}

/// Scalars that join with their neighbours to something whose width is not the sum, or whose width terminals disagree about.
fn bends_widths(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' // conjoining jamo
        | '\u{17d2}' | '\u{17d8}'     // Khmer coeng and beyyal
        | '\u{a4f8}'..='\u{a4fd}'     // Lisu tones
        | '\u{16d40}'..='\u{16d7f}'   // Kirat Rai
        | '\u{1f1e6}'..='\u{1f1ff}'   // regional indicators: flags
        | '\u{1f3fb}'..='\u{1f3ff}'   // emoji modifiers
        | '\u{1fa70}'..='\u{1faff}'   // emoji newer than many terminals
    )
}
