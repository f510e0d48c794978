//! A count that has to be typed, digit by digit, before many messages are deleted.
//!
//! Keys go in, what they come to comes out; Enter means it only with exactly the count that was asked for.

use crate::app::key::Key;

/// More digits than any count has.
const LONGEST: usize = 20;

/// The count that is asked for, and what has been typed of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedCount {
    wanted: String,
    digits: String,
}

/// What a key did to the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Typed {
    /// It goes on.
    More,
    /// Enter, after the right count.
    Right,
    /// Enter, after another count.
    Wrong,
    /// Given up.
    Cancel,
}

impl TypedCount {
    /// Nothing is typed yet of this count.
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            wanted: wanted.to_string(),
            digits: String::new(),
        }
    }

    /// The digits typed so far.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// Whether that is the count.
    pub fn is_right(&self) -> bool {
        self.digits == self.wanted
    }

    /// A key was pressed.
    pub(super) fn on(&mut self, key: Key) -> Typed {
        match key {
            Key::Char(digit @ '0'..='9') => {
                if self.digits.len() < LONGEST {
                    self.digits.push(digit);
                }
                Typed::More
            }
            // Counts are shown in groups of three: who types what is shown means the same.
            Key::Char(' ') if !self.digits.is_empty() => Typed::More,
            Key::Backspace => {
                self.digits.pop();
                Typed::More
            }
            Key::Enter if self.is_right() => Typed::Right,
            Key::Enter if !self.digits.is_empty() => Typed::Wrong,
            _ => Typed::Cancel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the last key of the script came to.
    fn typed(wanted: usize, script: &str) -> Typed {
        let mut count = TypedCount::new(wanted);
        let keys = Key::of_script(script).unwrap();
        keys.into_iter()
            .map(|key| count.on(key))
            .last()
            .unwrap_or(Typed::More)
    }

    #[test]
    fn only_the_whole_count_and_enter_mean_it() {
        for right in [
            "3904<enter>",
            "3 904<enter>",
            "39055<backspace><backspace>4<enter>",
            "<backspace>3904<enter>",
        ] {
            assert_eq!(typed(3904, right), Typed::Right, "{right}");
        }
        for wrong in [
            "39<enter>",
            "390<enter>",
            "39040<enter>",
            "03904<enter>",
            "4093<enter>",
            "0<enter>",
            "39049999999999999999999999<enter>",
        ] {
            assert_eq!(typed(3904, wrong), Typed::Wrong, "{wrong}");
        }
        for more in ["3904", "3904 ", "3", "3904<backspace>"] {
            assert_eq!(typed(3904, more), Typed::More, "{more}");
        }
        for cancel in [
            "<enter>",
            "3<backspace><enter>",
            " ",
            "3904y",
            "3904<esc>",
            "3904<delete>",
            "3904d",
            "3904<tab>",
            "3904<ctrl-c>",
            "-",
            "٣",
        ] {
            assert_eq!(typed(3904, cancel), Typed::Cancel, "{cancel}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_compared(wanted in 0_usize..2000, script in "[0-9 ]{0,6}") {
            let mut count = TypedCount::new(wanted);
            for c in script.chars() {
                count.on(Key::Char(c));
            }
            let shown = count.digits().to_owned();
            let right = shown == wanted.to_string();
            prop_assert_eq!(count.is_right(), right);
            prop_assert_eq!(count.on(Key::Enter) == Typed::Right, right);
        }
    }
}
