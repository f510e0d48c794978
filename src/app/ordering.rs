//! What a line of the palette does.

use super::App;
use super::command::{Command, Place};
use super::overlay::{Choice, Overlay};
use super::palette::{Here, Order, Palette};
use super::sorting::Ordered;
use crate::app::effect::Effect;
use crate::safe_text::SafeText;
use crate::theme::Role;
use std::sync::Arc;

impl App {
    /// Opens the palette over the view that is shown.
    pub(super) fn palette(&mut self) {
        let Some(view) = self.stacks.top() else {
            return;
        };
        let here = Here {
            sorts: view.sorting().map(Ordered::names).unwrap_or_default(),
            filtered: view.filter().is_some(),
        };
        let domains = self.state.standing.stuck.iter();
        let domains = domains.map(|domain| Arc::clone(&domain.name)).collect();
        let palette = Palette::new(view.commands(), here, domains, self.orders.clone());
        self.open(Overlay::Palette(Box::new(palette)));
    }

    /// Does what a line means.
    pub(super) fn order(&mut self, order: Order) -> Vec<Effect> {
        match order {
            Order::Run(command) => return self.run(command),
            Order::Open(root, filter) => {
                self.filters.add(filter.text());
                return self.go(&Place::Root(root, filter));
            }
            Order::Queue(scope, filter) => {
                let effects = self.go(&Place::Queue(scope, None));
                self.filters.add(filter.text());
                self.filter(filter);
                return effects;
            }
            Order::Where(filter) => {
                self.filters.add(filter.text());
                self.filter(filter);
            }
            Order::Range(range) => return self.choose(Choice::Range(range)),
            Order::Export(format) => return self.choose(Choice::Format(format)),
            Order::Sort(name) => return self.choose(Choice::Order(name)),
            Order::Tone(tone) => self.state.theme.tone = tone,
            Order::Sight(sight) => self.state.theme.sight = sight,
            Order::Glyphs(set) => self.state.theme.glyphs = set,
        }
        self.unsettle();
        Vec::new()
    }

    /// A command that was chosen by its name: one that means nothing here says so.
    fn run(&mut self, command: Command) -> Vec<Effect> {
        let binding = super::keymap::binding(command);
        let everywhere = binding.is_some_and(|binding| binding.everywhere);
        let known = self.stacks.top().map(crate::views::View::commands);
        if !everywhere && !known.unwrap_or_default().contains(&command) {
            let name = super::palette::name(command);
            let words = format!("{name} means nothing in this view");
            self.say(SafeText::from(words), Role::Dim);
            return Vec::new();
        }
        self.command(command)
    }
}
