//! The table that is shown, whatever its rows are: what they are sorted by, the range that is being marked, and what a click means there.

use super::App;
use super::command::{Command, Motion, Root};
use super::cursor::Aim;
use super::effect::Effect;
use super::overlay::{Menu, Overlay};
use super::sorting::Ordered;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views;
use crate::widgets::{Hit, Spots};
use ratatui::buffer::Buffer;

impl App {
    /// The order of the rows that are shown, to be changed; where there is but one, that is said.
    pub(super) fn sorting(&mut self) -> Option<&mut dyn Ordered> {
        let several = self.top().is_some_and(|(view, _)| view.sorting().is_some());
        if !several {
            self.say(SafeText::from("these rows have one order"), Role::Dim);
        }
        self.stacks.top_mut().and_then(|view| view.sorting_mut())
    }

    /// What a command does to the order of the rows.
    pub(super) fn sort(&mut self, command: Command) {
        let Some(sorting) = self.sorting() else {
            return;
        };
        match command {
            Command::SortBefore => sorting.step(true),
            Command::SortAfter => sorting.step(false),
            Command::Reverse => sorting.reverse(),
            _ => {
                let menu = Menu::orders(sorting);
                self.open(Overlay::Menu(menu));
            }
        }
    }

    /// What is selected is marked, or no longer.
    pub(super) fn mark(&mut self) {
        let marked = self.top().map(|(view, facts)| view.marked(&facts));
        self.state.marks.toggle(marked.unwrap_or_default());
        self.unsettle();
    }

    /// All that is listed is marked.
    pub(super) fn mark_all(&mut self) {
        let listed = self.top().map(|(view, facts)| view.listed(&facts));
        self.state.marks.add(listed.unwrap_or_default());
    }

    /// A range begins at the selected row.
    pub(super) fn begin_range(&mut self) {
        let aim = self.stacks.top_mut().and_then(|view| view.aim_mut());
        if !aim.is_some_and(Aim::begin) {
            let words = "no range of rows can be marked here";
            self.say(SafeText::from(words), Role::Dim);
        }
    }

    /// The messages of the range are marked, and it is over; whether there was one.
    pub(super) fn keep_range(&mut self) -> bool {
        let Some((view, facts)) = self.top() else {
            return false;
        };
        let Some(rows) = view.aim().and_then(Aim::range) else {
            return false;
        };
        let targets = view.messages_of(rows, &facts);
        self.state.marks.add(targets);
        self.leave_range();
        true
    }

    /// The range is given up; whether there was one.
    pub(super) fn leave_range(&mut self) -> bool {
        let Some((view, facts)) = self.top() else {
            return false;
        };
        let is_there = view.range(&facts).is_some();
        if let Some(view) = self.stacks.top_mut().filter(|_| is_there) {
            view.leave_range();
        }
        is_there
    }

    /// A click: in the first line it goes to a view; elsewhere it gives a panel the keys, sorts by a head, selects a row, and opens the one that
    /// is selected.
    pub(super) fn click(&mut self, column: u16, row: u16) -> Vec<Effect> {
        if row == 0
            && let Some(root) = self.tab(column)
        {
            return self.command(Command::View(root));
        }
        // A view that has not been seen yet means nothing.
        if !self.ready() {
            return Vec::new();
        }
        // What was on the screen is meant: the rows are those of the last frame until the click is understood.
        let Some(hit) = self.hit(column, row) else {
            return Vec::new();
        };
        if hit.is_selected() {
            return self.command(Command::Open);
        }
        if !hit.focused {
            self.leave_range();
            self.pass_on(Command::Focus(hit.panel));
        }
        if let Some(head) = hit.head {
            self.sort_by_head(head);
        }
        if let Some((row, _)) = hit.row {
            self.pass_on(Command::Move(Motion::To(row)));
        }
        if let Some((column, _)) = hit.column {
            self.pass_on(Command::Column(column));
        }
        self.unsettle();
        Vec::new()
    }

    /// The rows are in that order already: the other way round.
    fn sort_by_head(&mut self, name: &str) {
        if let Some(sorting) = self.sorting() {
            if sorting.name() == name {
                sorting.reverse();
            } else {
                sorting.choose(name);
            }
        }
    }

    /// What lies at a place of the screen.
    fn hit(&self, column: u16, row: u16) -> Option<Hit> {
        let mut spots = Spots::default();
        let area = self.area();
        self.paint(area, &mut Buffer::empty(area), Some(&mut spots));
        spots.hit(column, row)
    }

    /// The view whose name stands at this column of the first line.
    fn tab(&self, column: u16) -> Option<Root> {
        let (view, facts) = self.top()?;
        views::frame::top::tab_at(column, view.root(), &self.screen(), &facts)
    }
}
