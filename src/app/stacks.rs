//! Where the operator is: for each digit a stack of views, and the history of where was looked.
//!
//! A view opens another on top of itself; Esc takes one step down. A digit goes to the ground of its stack, which keeps what was
//! selected and filtered there. The history remembers every step across the stacks: `[`, `]`, `-`.

use super::command::{Place, Root};
use super::filter::Filter;
use crate::views::{self, View};
use std::collections::BTreeMap;

/// Steps that the history remembers.
const STEPS: usize = 100;

/// One stack; the views above the one that is shown wait for `]`.
struct Stack {
    views: Vec<Box<dyn View>>,
    at: usize,
}

impl Stack {
    fn new(root: Root, filter: &Filter) -> Self {
        let mut view = views::root(root);
        if !filter.is_empty() && view.filter().is_some() {
            view.bring(filter.clone());
        }
        Self {
            views: vec![view],
            at: 0,
        }
    }
}

/// One step of the history: which stack, how high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    root: Root,
    at: usize,
}

/// All stacks, and where in them the operator is.
pub(super) struct Stacks {
    by_root: BTreeMap<Root, Stack>,
    here: Root,
    steps: Vec<Step>,
    now: usize,
    before: Option<Step>,
    /// What the ground of every stack is first seen through.
    filter: Filter,
}

impl Stacks {
    /// At the ground of a stack.
    pub(super) fn new(root: Root) -> Self {
        Self {
            by_root: BTreeMap::from([(root, Stack::new(root, &Filter::default()))]),
            here: root,
            steps: vec![Step { root, at: 0 }],
            now: 0,
            before: None,
            filter: Filter::default(),
        }
    }

    /// The ground of every stack is first seen through this filter; those that are there already from now on.
    pub(super) fn through(&mut self, filter: Filter) {
        for stack in self.by_root.values_mut() {
            let ground = stack.views.first_mut();
            if let Some(view) = ground.filter(|view| view.filter().is_some()) {
                view.bring(filter.clone());
            }
        }
        self.filter = filter;
    }

    /// The view that is shown.
    pub(super) fn top(&self) -> Option<&dyn View> {
        let stack = self.by_root.get(&self.here)?;
        stack.views.get(stack.at).map(|view| &**view)
    }

    /// The same, to be changed.
    pub(super) fn top_mut(&mut self) -> Option<&mut Box<dyn View>> {
        let stack = self.by_root.get_mut(&self.here)?;
        stack.views.get_mut(stack.at)
    }

    /// All views, also those that are not shown.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn View>> {
        self.by_root.values_mut().flat_map(|stack| &mut stack.views)
    }

    /// Whether the view that is shown is the ground of its stack.
    pub(super) fn on_ground(&self) -> bool {
        self.by_root
            .get(&self.here)
            .is_none_or(|stack| stack.at == 0)
    }

    /// Opens a view on top of the one that is shown.
    pub(super) fn open(&mut self, place: &Place) {
        let here = self.here;
        let filter = &self.filter;
        let stack = self
            .by_root
            .entry(here)
            .or_insert_with(|| Stack::new(here, filter));
        stack.views.truncate(stack.at + 1);
        stack.views.push(views::open(place));
        stack.at += 1;
        let at = stack.at;
        // What lay above is gone, also for the history.
        self.steps.truncate(self.now + 1);
        self.steps.retain(|step| step.root != here || step.at < at);
        self.now = self.steps.len().saturating_sub(1);
        self.step();
    }

    /// Goes to the ground of a stack.
    pub(super) fn root(&mut self, root: Root) {
        self.by_root
            .entry(root)
            .or_insert_with(|| Stack::new(root, &self.filter))
            .at = 0;
        self.here = root;
        self.step();
    }

    /// One step down in the stack; returns whether there was one.
    pub(super) fn down(&mut self) -> bool {
        let Some(stack) = self
            .by_root
            .get_mut(&self.here)
            .filter(|stack| stack.at > 0)
        else {
            return false;
        };
        stack.at -= 1;
        self.step();
        true
    }

    /// One step back in the history.
    pub(super) fn back(&mut self) {
        self.walk(self.now.checked_sub(1));
    }

    /// One step forward in the history.
    pub(super) fn forward(&mut self) {
        self.walk(Some(self.now + 1));
    }

    /// Where the operator was last.
    pub(super) fn last(&mut self) {
        if let Some(step) = self.before {
            self.go(step);
            self.step();
        }
    }

    /// Where the view is that is shown.
    pub(super) fn place(&self) -> Step {
        Step {
            root: self.here,
            at: self.by_root.get(&self.here).map_or(0, |stack| stack.at),
        }
    }

    /// Notes where the operator is now.
    fn step(&mut self) {
        let (place, left) = (self.place(), self.steps.get(self.now).copied());
        if left == Some(place) {
            return;
        }
        self.before = left;
        self.steps.truncate(self.now + 1);
        self.steps.push(place);
        if self.steps.len() > STEPS {
            self.steps.remove(0);
        }
        self.now = self.steps.len() - 1;
    }

    fn walk(&mut self, to: Option<usize>) {
        if let Some((now, step)) = to.and_then(|now| Some((now, *self.steps.get(now)?))) {
            self.before = Some(self.place());
            self.now = now;
            self.go(step);
        }
    }

    fn go(&mut self, step: Step) {
        if let Some(stack) = self.by_root.get_mut(&step.root) {
            stack.at = step.at.min(stack.views.len().saturating_sub(1));
            self.here = step.root;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::command::QueueScope;

    fn messages(domain: &str) -> Place {
        Place::Messages(QueueScope::Waiting, domain.into(), Filter::default())
    }

    fn seen(stacks: &Stacks) -> (Root, usize) {
        let step = stacks.place();
        (step.root, step.at)
    }

    #[test]
    fn history_goes_back_and_forward_across_stacks() {
        let mut stacks = Stacks::new(Root::Overview);
        stacks.open(&messages("a.example"));
        stacks.root(Root::System);
        stacks.back();
        assert_eq!(seen(&stacks), (Root::Overview, 1));
        stacks.back();
        assert_eq!(seen(&stacks), (Root::Overview, 0));
        stacks.back();
        assert_eq!(
            seen(&stacks),
            (Root::Overview, 0),
            "there is nothing before the first"
        );
        stacks.forward();
        stacks.forward();
        stacks.forward();
        assert_eq!(seen(&stacks), (Root::System, 0));
    }

    #[test]
    fn the_last_view_and_this_one_take_turns() {
        let mut stacks = Stacks::new(Root::Overview);
        stacks.root(Root::Log);
        stacks.last();
        assert_eq!(seen(&stacks), (Root::Overview, 0));
        stacks.last();
        assert_eq!(seen(&stacks), (Root::Log, 0));
    }

    #[test]
    fn a_digit_goes_to_the_ground_and_what_is_opened_anew_replaces_what_lay_above() {
        let mut stacks = Stacks::new(Root::Queue);
        stacks.open(&messages("a.example"));
        stacks.open(&messages("b.example"));
        stacks.root(Root::Queue);
        assert!(stacks.on_ground());
        stacks.back();
        assert_eq!(
            seen(&stacks),
            (Root::Queue, 2),
            "until then it is still there"
        );
        stacks.root(Root::Queue);
        stacks.open(&messages("c.example"));
        assert!(stacks.down() && !stacks.down());
        stacks.back();
        stacks.back();
        assert_eq!(
            seen(&stacks),
            (Root::Queue, 0),
            "the history has no step to what is gone"
        );
    }
}
