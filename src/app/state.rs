//! What every view is shown, apart from its own state: the facts, live or frozen, and what was made from them for all views.

use super::marks::Marks;
use super::setting::Setting;
use crate::model::Model;
use crate::model::alarms::Alarm;
use crate::model::growth::Growth;
use crate::model::outlook::Outlook;
use crate::model::stuck::Domain;
use crate::theme::Theme;
use crate::views::{self, Facts};
use ratatui::layout::Rect;

/// What every view is shown, apart from its own state.
pub(super) struct State {
    pub(super) model: Model,
    pub(super) frozen: Option<Box<Model>>,
    pub(super) marks: Marks,
    pub(super) setting: Setting,
    pub(super) theme: Theme,
    pub(super) size: (u16, u16),
    /// Waiting mail by domain, without any filter.
    pub(super) stuck: Vec<Domain>,
    pub(super) growth: Growth,
    pub(super) outlook: Outlook,
    pub(super) alarms: Vec<Alarm>,
    pub(super) alarm: usize,
}

impl State {
    /// What a view is shown.
    pub(super) fn facts(&self) -> Facts<'_> {
        Facts {
            model: self.frozen.as_deref().unwrap_or(&self.model),
            stuck: &self.stuck,
            growth: &self.growth,
            outlook: &self.outlook,
            alarms: &self.alarms,
            alarm: self.alarm,
            marks: &self.marks,
            setting: &self.setting,
            theme: &self.theme,
            body: views::frame::body(Rect::new(0, 0, self.size.0, self.size.1)),
            listing_changed: true,
        }
    }
}
