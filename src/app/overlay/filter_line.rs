//! The line in which the filter is typed. What is shown follows while it is typed; what is wrong with it is said with its place.

use super::Reaction;
use crate::app::filter::{Filter, FilterError};
use crate::app::key::Key;
use crate::app::lines::{self, Lines};
use tui_input::Input;

/// The filter being edited.
#[derive(Debug, Clone)]
pub struct FilterLine {
    before: Filter,
    history: Lines,
    /// The text and the cursor.
    pub input: Input,
    /// What is wrong with the text.
    pub error: Option<FilterError>,
}

impl FilterLine {
    /// Edits a filter; `history` are those that were typed before.
    pub fn new(before: Filter, history: Lines) -> Self {
        let mut text = before.text().to_owned();
        // What is typed next is another term.
        if !text.is_empty() && !text.ends_with(' ') {
            text.push(' ');
        }
        Self {
            before,
            history,
            input: Input::new(text),
            error: None,
        }
    }

    /// The filter that the text means now; `None` while it means none. A quote or slash that is still open counts as closed.
    pub fn read(&mut self) -> Option<Filter> {
        match Self::whole(self.input.value()) {
            Ok(filter) => {
                self.error = None;
                Some(filter)
            }
            Err(error) => {
                self.error = Some(error);
                None
            }
        }
    }

    /// The filter to keep.
    pub fn kept(&self) -> Option<Filter> {
        let filter = Self::whole(self.input.value()).ok()?;
        Filter::new(filter.text().trim()).ok()
    }

    /// Text was pasted.
    pub fn paste(&mut self, text: &str) {
        lines::paste(&mut self.input, text);
    }

    fn whole(text: &str) -> Result<Filter, FilterError> {
        Filter::new(text).or_else(|error| match error.unfinished {
            Some(missing) => Filter::new(&format!("{text}{missing}")).map_err(|_| error),
            None => Err(error),
        })
    }

    pub(super) fn on(&mut self, key: Key) -> Reaction {
        match key {
            Key::Esc | Key::Ctrl('c') => return Reaction::FilterDropped(self.before.clone()),
            Key::Enter if self.error.is_some() => return Reaction::Stay,
            Key::Enter => return Reaction::FilterKept,
            Key::Up | Key::Down => {
                let Some(line) = self.history.walk(key == Key::Up, self.input.value()) else {
                    return Reaction::Stay;
                };
                self.input = Input::new(line);
                return Reaction::FilterChanged;
            }
            _ => {}
        }
        let Some(request) = lines::edit(key) else {
            return Reaction::Stay;
        };
        self.input.handle(request);
        self.history.typing();
        Reaction::FilterChanged
    }
}
