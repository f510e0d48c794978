//! The filter of the view that is shown: typed in its line, taken from the value under the cursor, shortened by a term.

use super::App;
use super::filter::Filter;
use super::overlay::{FilterLine, Overlay};
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::View;

impl App {
    /// Every view is seen through this filter when it is first shown, as far as it has one.
    #[must_use]
    pub fn through(mut self, filter: Filter) -> Self {
        self.stacks.through(filter);
        self
    }

    /// Opens the line in which the filter is typed.
    pub(super) fn edit_filter(&mut self) {
        let Some(filter) = self.stacks.top().and_then(View::filter).cloned() else {
            self.say(SafeText::from("this view has no filter"), Role::Dim);
            return;
        };
        let line = FilterLine::new(filter, self.filters.clone());
        self.open(Overlay::Filter(Box::new(line)));
    }

    /// The text in the line changed: what is shown follows as far as it can be read.
    pub(super) fn filter_changed(&mut self) {
        let Some(Overlay::Filter(line)) = &mut self.overlay else {
            return;
        };
        if let Some(filter) = line.read() {
            self.filter(filter);
        }
    }

    /// The line is closed and its filter kept, in the history, too.
    pub(super) fn filter_kept(&mut self) {
        if let Some(Overlay::Filter(line)) = self.overlay.take()
            && let Some(filter) = line.kept()
        {
            self.filters.add(filter.text());
            self.filter(filter);
        }
    }

    /// What is shown is seen through this filter from now on.
    pub(super) fn filter(&mut self, filter: Filter) {
        if let Some(view) = self.stacks.top_mut() {
            view.set_filter(filter);
        }
        self.unsettle();
    }

    /// Only what has the value under the cursor, or only what has not.
    pub(super) fn facet(&mut self, exclude: bool) {
        let Some((view, facts)) = self.top() else {
            return;
        };
        let Some(filter) = view.filter() else {
            self.say(SafeText::from("this view has no filter"), Role::Dim);
            return;
        };
        let Some((field, value)) = view.cell(&facts) else {
            let words = "nothing under the cursor to filter by";
            self.say(SafeText::from(words), Role::Dim);
            return;
        };
        let next = if exclude {
            filter.without(field, &value)
        } else {
            filter.with(field, &value)
        };
        if next == *filter {
            let words = format!("the filter says so already: {}", filter.text());
            self.say(SafeText::from(words), Role::Dim);
            return;
        }
        self.filters.add(next.text());
        self.filter(next);
    }

    /// Takes the last term off.
    pub(super) fn drop_term(&mut self) {
        let filter = self.stacks.top().and_then(View::filter);
        if let Some(filter) = filter.filter(|filter| !filter.is_empty()) {
            let shorter = filter.shorter();
            self.filter(shorter);
        }
    }
}
