//! Lines that were typed before: the history of the filter and of the palette within one run of the program.

use tui_input::{Input, InputRequest};

use super::key::Key;

/// Lines that are remembered.
const LINES: usize = 50;

/// The lines, the oldest first, none twice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    lines: Vec<String>,
    /// Where in them the one that is looked back from is; `None`: it is being typed.
    at: Option<usize>,
    /// What was typed before the look back.
    typed: String,
}

impl Lines {
    /// Remembers a line.
    pub fn add(&mut self, line: &str) {
        let line = line.trim();
        if line.is_empty() {
            return;
        }
        self.lines.retain(|known| known != line);
        self.lines.push(line.to_owned());
        if self.lines.len() > LINES {
            self.lines.remove(0);
        }
    }

    /// The line before, or the one after; at the end what was typed. `None` where there is none.
    pub fn walk(&mut self, back: bool, now: &str) -> Option<String> {
        let at = match (self.at, back) {
            (None, true) => {
                now.clone_into(&mut self.typed);
                self.lines.len().checked_sub(1)?
            }
            (Some(at), true) => at.checked_sub(1)?,
            (None, false) => return None,
            (Some(at), false) => at + 1,
        };
        self.at = (at < self.lines.len()).then_some(at);
        Some(match self.lines.get(at) {
            Some(line) => line.clone(),
            None => std::mem::take(&mut self.typed),
        })
    }

    /// Something was typed: the look back begins anew from there.
    pub fn typing(&mut self) {
        self.at = None;
    }
}

/// What a key means in a line that is edited, as in a shell; `None` when it is none of these.
pub fn edit(key: Key) -> Option<InputRequest> {
    Some(match key {
        Key::Char(c) => InputRequest::InsertChar(c),
        Key::Backspace => InputRequest::DeletePrevChar,
        Key::Delete => InputRequest::DeleteNextChar,
        Key::Left => InputRequest::GoToPrevChar,
        Key::Right => InputRequest::GoToNextChar,
        Key::Home | Key::Ctrl('a') => InputRequest::GoToStart,
        Key::End | Key::Ctrl('e') => InputRequest::GoToEnd,
        Key::Ctrl('w') => InputRequest::DeletePrevWord,
        Key::Ctrl('u') => InputRequest::DeleteLine,
        Key::Ctrl('k') => InputRequest::DeleteTillEnd,
        _ => return None,
    })
}

/// Puts pasted text where the cursor is; only its first line counts, without controls.
pub fn paste(input: &mut Input, text: &str) {
    let first = text.lines().next().unwrap_or_default();
    for c in first.chars().filter(|c| !c.is_control()).take(500) {
        input.handle(InputRequest::InsertChar(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_walked_back_and_forth_to_what_was_typed() {
        let mut lines = Lines::default();
        assert_eq!(lines.walk(true, "x"), None);
        for line in ["a", "b", " ", "a"] {
            lines.add(line);
        }
        assert_eq!(lines.walk(true, "typed").as_deref(), Some("a"));
        assert_eq!(lines.walk(true, "a").as_deref(), Some("b"));
        assert_eq!(lines.walk(true, "b"), None);
        assert_eq!(lines.walk(false, "b").as_deref(), Some("a"));
        assert_eq!(lines.walk(false, "a").as_deref(), Some("typed"));
        assert_eq!(lines.walk(false, "typed"), None);
        lines.walk(true, "typed");
        lines.typing();
        assert_eq!(lines.walk(true, "abc").as_deref(), Some("a"));
    }

    #[test]
    fn the_history_is_bounded() {
        let mut lines = Lines::default();
        for n in 0..1_000 {
            lines.add(&n.to_string());
        }
        assert_eq!(lines.lines.len(), LINES);
        assert_eq!(lines.walk(true, "").as_deref(), Some("999"));
    }
}
