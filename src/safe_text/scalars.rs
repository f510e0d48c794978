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
        c if is_invisible(c) || is_right_to_left(c) || bends_widths(c) || is_rare(c) => {
            return Kind::Forbidden;
        }
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

/// Scalars of the basic plane that draw nothing although their category promises a letter, a mark or a symbol. [`is_rare`] sees to the other planes.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{034f}'                    // combining grapheme joiner
        | '\u{115f}' | '\u{1160}'     // Hangul fillers
        | '\u{17b4}' | '\u{17b5}'     // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}'     // Mongolian variation selectors
        | '\u{2800}'                  // Braille without dots
        | '\u{3164}' | '\u{ffa0}'     // Hangul fillers
        | '\u{fe00}'..='\u{fe0f}'     // variation selectors
    )
}

/// Blocks of right-to-left scripts in the basic plane (Unicode Standard Annex 9, table of `Bidi_Class` defaults): one of their letters makes a bidi-aware terminal reorder the row.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{0590}'..='\u{08ff}'       // Hebrew, Arabic, Syriac, Thaana, NKo, Samaritan, Mandaic and extensions
        | '\u{fb1d}'..='\u{fdff}'     // Hebrew and Arabic presentation forms A
        | '\u{fe70}'..='\u{feff}'     // Arabic presentation forms B
    )
}

/// Scalars that join with their neighbours to something whose width is not the sum, or whose width has changed between versions of Unicode.
fn bends_widths(c: char) -> bool {
    matches!(c,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{d7b0}'..='\u{d7ff}' // conjoining jamo
        | '\u{17a4}' | '\u{17d2}' | '\u{17d8}' // Khmer qaa, coeng and beyyal
        | '\u{2630}'..='\u{2637}' | '\u{268a}'..='\u{268f}' // trigrams: wide since Unicode 16
        | '\u{3248}'..='\u{324f}'     // circled numbers
        | '\u{a4f8}'..='\u{a4fd}'     // Lisu tones
        | '\u{ff9e}' | '\u{ff9f}'     // halfwidth voiced sound marks: they join the letter before them
        | '\u{1f1e6}'..='\u{1f1ff}'   // regional indicators: flags
        | '\u{1f3fb}'..='\u{1f3ff}'   // emoji modifiers
    )
}

/// Scalars that many terminals do not know yet (unassigned in the C library of Debian 12, Unicode 15 and older), and all of the higher planes but
/// Han and the older emoji: old scripts, and letters in costume that serve for nothing in an address but to look like others.
fn is_rare(c: char) -> bool {
    let young = matches!(c,
        '\u{558}' | '\u{58b}' | '\u{58c}' | '\u{b53}' | '\u{b54}' | '\u{c5c}' | '\u{cdc}' | '\u{cf3}' | '\u{ece}'
        | '\u{1acf}'..='\u{1af0}' | '\u{1b4e}' | '\u{1b4f}' | '\u{1b7f}' | '\u{1c89}' | '\u{1c8a}'
        | '\u{208f}' | '\u{209d}'..='\u{209f}' | '\u{20c1}'..='\u{20cf}' | '\u{2427}'..='\u{243f}' | '\u{2b96}'
        | '\u{2e60}'..='\u{2e7f}' | '\u{2ffc}'..='\u{2fff}' | '\u{31e4}'..='\u{31ef}' | '\u{a7cb}'..='\u{a7cf}'
        | '\u{a7d2}' | '\u{a7d4}' | '\u{a7da}'..='\u{a7f1}' | '\u{ab6c}'..='\u{ab6f}'
    );
    let kept = matches!(c, '\0'..='\u{ffff}' | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1f6d2}' | '\u{1f900}'..='\u{1f9ff}' | '\u{20000}'..='\u{2a6d6}');
    young || !kept
}
