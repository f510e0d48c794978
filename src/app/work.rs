//! What is made before a frame: little of it each time, and piece by piece what goes through a whole listing.
//!
//! A listing may have a hundred thousand messages. What is shown of it is made of the next one while the one before is still shown, and
//! all of it takes its place at once, so that what is on the screen always belongs together. Between two pieces keys are answered and
//! frames drawn.

use super::App;
use super::overlay::Overlay;
use crate::model::alarms;
use crate::model::growth::Growth;
use crate::model::standing::{self, Standing};
use crate::views::Facts;
use chrono::TimeDelta;

/// What is being made of a listing for all views.
pub(super) enum Gathering {
    Begun(Box<standing::Gathering>),
    /// It is complete, and waits until the view that is shown has gathered what it shows.
    Ended(Box<Standing>),
}

impl Gathering {
    /// The number of the listing.
    fn listing(&self) -> u64 {
        match self {
            Self::Begun(gathering) => gathering.listing(),
            Self::Ended(standing) => standing.listing,
        }
    }
}

impl App {
    /// Makes one piece of what is made of whole listings: about a millisecond, whatever there is to do. Returns whether there was something.
    pub fn work(&mut self) -> bool {
        self.turn_unseen()
            || self.gather_view()
            || self.gather_standing()
            || self.state.model.queue.take_down()
    }

    /// The number of the listing that is shown.
    pub fn shown(&self) -> u64 {
        self.state.facts().model.queue.shown().number()
    }

    /// Whether what is shown belongs together. A view that was just opened may show another listing, until it has gathered this one.
    pub fn ready(&self) -> bool {
        let shown = self.shown();
        let view = self.stacks.top();
        self.state.standing.listing == shown && view.is_none_or(|view| view.is_of(shown))
    }

    /// Whether a key can be understood: one that means rows cannot before they are those of the filter and the order.
    pub fn takes_keys(&self) -> bool {
        self.overlay.is_some() || !self.lacks_rows()
    }

    fn lacks_rows(&self) -> bool {
        self.top()
            .is_some_and(|(view, facts)| view.lacks_rows(&facts))
    }

    /// Brings all of it up to date, as for a single frame that somebody waits for.
    pub fn settle(&mut self) {
        self.settle_with(Self::work);
    }

    /// Brings the rows of the view that is shown up to date with its filter and its order, for a key that was typed ahead.
    pub(super) fn settle_rows(&mut self) {
        self.settle_with(|app| app.lacks_rows() && app.gather_view());
    }

    fn settle_with(&mut self, piece: impl Fn(&mut Self) -> bool) {
        loop {
            while piece(self) {}
            if self.settled.all {
                return;
            }
            // What this brings up to date may ask for another piece.
            self.settle_frame();
        }
    }

    /// Brings up to date what goes through no listing. The shell calls it when the road is empty, before drawing.
    pub fn settle_frame(&mut self) {
        if self.settled.all {
            return;
        }
        self.settled.all = true;
        // Another view, which may not have been looked at for long.
        let place = Some(self.stacks.place());
        if self.settled.place != place {
            self.settled.ages = false;
        }
        self.settled.place = place;
        let fresh = |settled: &mut bool| !std::mem::replace(settled, true);
        let listing_changed = fresh(&mut self.settled.listing);
        let view_changed = fresh(&mut self.settled.view) || listing_changed;
        let ages_changed = fresh(&mut self.settled.ages) || listing_changed;
        let state = &mut self.state;
        let model = state.frozen.as_deref().unwrap_or(&state.model);
        let begins = model.told().history.begins();
        state.known = begins.map_or(TimeDelta::zero(), |begins| model.now() - begins);
        if ages_changed && !listing_changed {
            state.standing.look_again(model.now());
        }
        if ages_changed {
            state.growth = Growth::of(model.told(), &state.standing.stuck, model.now());
        }
        state.alarms = alarms::alarms(model, &state.standing.stuck, &state.growth);
        state.alarm = state.alarm.min(state.alarms.len().saturating_sub(1));
        if let Some(Overlay::Sheet(sheet)) = &mut self.overlay {
            sheet.settle(model, listing_changed);
        }
        let facts = Facts {
            listing_changed: view_changed,
            ages_changed,
            ..state.facts()
        };
        if let Some(view) = self.stacks.top_mut() {
            view.settle(&facts);
        }
    }

    /// While the time on screen is frozen nothing is made of the next listing: it has not to wait.
    fn turn_unseen(&mut self) -> bool {
        let turned = self.state.frozen.is_some() && self.turn();
        if turned {
            self.unsettle();
            self.dirty = true;
        }
        turned
    }

    /// The next listing takes the place of the one before; whether there was one.
    fn turn(&mut self) -> bool {
        let turned = self.state.model.queue.turn();
        if turned {
            self.state.marks.keep(&self.state.model.queue);
        }
        turned
    }

    /// A piece for the view that is shown, of the listing that is shown: its filter, its order or its selection may be others.
    fn gather_view(&mut self) -> bool {
        let facts = self.state.facts();
        let Some(view) = self.stacks.top_mut().filter(|view| view.is_behind(&facts)) else {
            return false;
        };
        if !view.gather(facts.model.queue.shown(), &facts) {
            view.turn(&facts);
            self.dirty = true;
        }
        true
    }

    /// A piece of what is made for all views: of the next listing, or of the one that is shown when something else changed.
    fn gather_standing(&mut self) -> bool {
        let facts = self.state.facts();
        // What is frozen stays as it is.
        let next = facts
            .model
            .queue
            .next()
            .filter(|_| self.state.frozen.is_none());
        let goes_on = std::mem::replace(&mut self.settled.standing, true);
        if next.is_none() && goes_on && self.gathering.is_none() {
            return false;
        }
        let listing = next.unwrap_or(facts.model.queue.shown());
        let begun = self
            .gathering
            .take()
            .filter(|begun| goes_on && begun.listing() == listing.number());
        let begun = begun.unwrap_or_else(|| {
            Gathering::Begun(Box::new(standing::Gathering::new(facts.model, listing)))
        });
        match begun {
            Gathering::Begun(mut gathering) => {
                let more = gathering.more(facts.model, listing);
                self.gathering = Some(if more {
                    Gathering::Begun(gathering)
                } else {
                    let number = self.state.standing.number + 1;
                    Gathering::Ended(Box::new(gathering.end(facts.model.now(), number)))
                });
            }
            Gathering::Ended(_)
                if self
                    .stacks
                    .top_mut()
                    .is_some_and(|view| next.is_some() && view.gather(listing, &facts)) =>
            {
                self.gathering = Some(begun);
            }
            Gathering::Ended(standing) => {
                let turns = next.is_some();
                self.state.standing = *standing;
                self.show(turns);
            }
        }
        true
    }

    /// What was gathered is shown from now on, and the next listing when it was gathered from that.
    fn show(&mut self, turns: bool) {
        if turns && self.turn() {
            let facts = self.state.facts();
            if let Some(view) = self.stacks.top_mut() {
                view.turn(&facts);
            }
        }
        self.settled.listing = false;
        self.settled.all = false;
        self.dirty = true;
    }
}
