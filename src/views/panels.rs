//! The panels of a view that can have the keys.

use crate::app::command::Command;
use crate::widgets::{Line, Window};

/// Panels that can have the keys, all in the order of Tab.
pub(super) trait Panels: Copy + PartialEq + 'static {
    /// All of them.
    const ALL: &'static [Self];

    /// The panel that a command gives the keys to; `None` for a command that is about something else.
    fn after(self, command: Command) -> Option<Self> {
        match command {
            Command::NextPanel => Some(super::next(Self::ALL, self)),
            Command::PreviousPanel => Some(super::previous(Self::ALL, self)),
            Command::Focus(number) => Self::ALL.get(number).copied(),
            _ => None,
        }
    }

    /// Its frame, while `focus` has the keys.
    fn window(self, title: impl Into<Line>, focus: Self) -> Window {
        let number = Self::ALL.iter().position(|panel| *panel == self);
        let window = Window::new(title).focused(self == focus);
        number.map_or(window.clone(), |number| window.panel(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Panels for u8 {
        const ALL: &'static [Self] = &[7, 8, 9];
    }

    #[test]
    fn tab_goes_round_and_a_click_goes_anywhere() {
        assert_eq!(9.after(Command::NextPanel), Some(7));
        assert_eq!(7.after(Command::PreviousPanel), Some(9));
        assert_eq!(7.after(Command::Focus(1)), Some(8));
        assert_eq!(7.after(Command::Focus(3)), None);
        assert_eq!(7.after(Command::Open), None);
    }
}
