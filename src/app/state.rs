//! What every view is shown, apart from its own state: the facts, live or frozen, and what was made from them for all views.

use super::looking::Looking;
use super::marks::Marks;
use super::setting::Setting;
use crate::model::Model;
use crate::model::alarms::Alarm;
use crate::model::growth::Growth;
use crate::model::standing::Standing;
use crate::theme::Theme;
use crate::views::{self, Facts};
use chrono::TimeDelta;
use ratatui::layout::Rect;

/// What every view is shown, apart from its own state.
pub(super) struct State {
    pub(super) model: Model,
    pub(super) frozen: Option<Box<Model>>,
    pub(super) marks: Marks,
    pub(super) setting: Setting,
    pub(super) theme: Theme,
    pub(super) size: (u16, u16),
    /// What is made of the listing for all views.
    pub(super) standing: Standing,
    /// Which time is looked at.
    pub(super) looking: Looking,
    /// How long ago the first thing that is known happened.
    pub(super) known: TimeDelta,
    /// Whether the panel that has the keys is alone on the screen.
    pub(super) alone: bool,
    /// Whether it is hidden who writes to whom.
    pub(super) privacy: bool,
    /// Whether the mouse is used.
    pub(super) mouse: bool,
    pub(super) growth: Growth,
    pub(super) alarms: Vec<Alarm>,
    pub(super) alarm: usize,
}

impl State {
    /// What charts show.
    pub(super) fn chart_range(&self) -> TimeDelta {
        self.looking.chart_range(self.known)
    }

    /// What a view is shown.
    pub(super) fn facts(&self) -> Facts<'_> {
        let model = self.frozen.as_deref().unwrap_or(&self.model);
        Facts {
            model,
            until: self.looking.until(model.now()),
            live: self.frozen.is_none() && !self.looking.is_past(),
            range: self.looking.range(),
            chart_range: self.chart_range(),
            alone: self.alone,
            standing: &self.standing,
            growth: &self.growth,
            alarms: &self.alarms,
            alarm: self.alarm,
            marks: &self.marks,
            setting: &self.setting,
            theme: &self.theme,
            body: views::frame::body(Rect::new(0, 0, self.size.0, self.size.1)),
            listing_changed: true,
            ages_changed: true,
        }
    }
}
