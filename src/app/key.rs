//! Keys, in our own words: what the terminal, a tape or a test can press.

use std::fmt;

/// One key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A printable character, shift already applied.
    Char(char),
    /// Control and a letter.
    Ctrl(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift-Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(' ') => f.write_str("Space"),
            Self::Char(c) => write!(f, "{c}"),
            Self::Ctrl(c) => write!(f, "Ctrl-{}", c.to_ascii_uppercase()),
            Self::Up => f.write_str("↑"),
            Self::Down => f.write_str("↓"),
            Self::Left => f.write_str("←"),
            Self::Right => f.write_str("→"),
            Self::BackTab => f.write_str("Shift-Tab"),
            Self::PageUp => f.write_str("PgUp"),
            Self::PageDown => f.write_str("PgDn"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// The keys that have a name in a script, `<enter>`.
const NAMED: &[(&str, Key)] = &[
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backtab", Key::BackTab),
    ("backspace", Key::Backspace),
    ("delete", Key::Delete),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("space", Key::Char(' ')),
    ("lt", Key::Char('<')),
];

impl Key {
    /// The key as a script writes it: itself, `<enter>`, `<ctrl-z>`.
    pub fn script(self) -> String {
        if let Some((name, _)) = NAMED.iter().find(|(_, key)| *key == self) {
            return format!("<{name}>");
        }
        match self {
            Self::Ctrl(c) => format!("<ctrl-{c}>"),
            Self::Char(c) => c.to_string(),
            _ => String::new(),
        }
    }

    /// The keys of a script such as `2jj<enter>`.
    ///
    /// # Errors
    /// A sentence that names the part that is no key.
    pub fn of_script(script: &str) -> Result<Vec<Self>, String> {
        let mut keys = Vec::new();
        let mut rest = script;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
            if c != '<' {
                keys.push(Self::Char(c));
                continue;
            }
            let Some((name, after)) = rest.split_once('>') else {
                return Err(format!(
                    "<{rest} has no end: write <enter>, or <lt> for the character"
                ));
            };
            let ctrl = name
                .strip_prefix("ctrl-")
                .and_then(|letter| letter.parse().ok())
                .map(Self::Ctrl);
            let named = NAMED
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, key)| *key);
            keys.push(ctrl.or(named).ok_or_else(|| {
                format!("<{name}> is no key: try <enter>, <esc>, <tab>, <ctrl-z>")
            })?);
            rest = after;
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_names_its_keys() {
        let keys = Key::of_script("2j<enter><ctrl-z><lt>").unwrap();
        assert_eq!(
            keys,
            [
                Key::Char('2'),
                Key::Char('j'),
                Key::Enter,
                Key::Ctrl('z'),
                Key::Char('<')
            ]
        );
        let again: String = keys.into_iter().map(Key::script).collect();
        assert_eq!(again, "2j<enter><ctrl-z><lt>");
    }

    #[test]
    fn what_is_no_key_is_named() {
        assert!(
            Key::of_script("<hyper>")
                .unwrap_err()
                .contains("<hyper> is no key")
        );
        assert!(Key::of_script("a<b").unwrap_err().contains("has no end"));
    }
}
