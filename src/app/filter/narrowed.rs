//! The filter of a view that something leads to: what was brought along stays when the operator's own part comes off.

use super::Filter;
use std::ops::Deref;

/// A view's filter, and the one that led there.
#[derive(Debug, Default)]
pub struct Narrowed {
    filter: Filter,
    brought: Filter,
}

impl Narrowed {
    /// Seen through the filter that led here.
    pub fn through(brought: Filter) -> Self {
        Self {
            filter: brought.clone(),
            brought,
        }
    }

    /// The operator changed it.
    pub fn set(&mut self, filter: Filter) {
        self.filter = filter;
    }

    /// Back to what led here; whether that is something else.
    pub fn widen(&mut self) -> bool {
        let own = self.filter != self.brought;
        self.filter.clone_from(&self.brought);
        own
    }
}

impl Deref for Narrowed {
    type Target = Filter;

    fn deref(&self) -> &Filter {
        &self.filter
    }
}
