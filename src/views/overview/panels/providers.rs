//! The providers of the last minutes: how much of what was tried was delivered.

use super::super::{Overview, Panel};
use crate::model::feeds::Source;
use crate::model::providers::Outcomes;
use crate::numbers;
use crate::theme::Role;
use crate::views::{Facts, Panels, WINDOW};
use crate::widgets::{Column, Columns, Line, Part, Pen, Row, Width, stacked};
use ratatui::layout::Rect;

/// A provider gets a sign when more than this share of its attempts is tried again, and it has at least [`FEW`].
const MUCH: f64 = 0.2;
const FEW: u64 = 20;
/// Columns of the bar.
const BAR: u16 = 11;

pub(super) fn providers(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let focused = view.panel == Panel::Providers;
    let inner = Panel::Providers
        .window("Providers", view.panel)
        .note(format!("{WINDOW} min · attempts"))
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    if view.providers.is_empty() {
        let words = "no delivery attempt yet";
        let width = inner.width.saturating_sub(3);
        pen.text(inner.x + 2, inner.y + 1, width, words, Role::Dim);
        return;
    }
    let columns = [
        Column::new("Provider", Width::Flex(10)),
        Column::new("", Width::Fixed(BAR)).drop(4),
        Column::new("sent%", Width::Fixed(5)).right(),
        Column::new("att/m", Width::Fixed(6)).right().drop(2),
        Column::new("defer%", Width::Fixed(6)).right().drop(1),
    ];
    Columns::new(&columns, view.providers.len())
        .gutter(2)
        .selected(focused.then(|| view.provider.at()))
        .focused(focused)
        .draw(pen, inner, |at| {
            let Some((provider, tally)) = view.providers.get(at) else {
                return Row::default();
            };
            let outcomes = tally.outcomes;
            let deferred = outcomes.share(outcomes.deferred).unwrap_or(0.0);
            let row = Row::new(vec![
                provider.name().into(),
                bar(outcomes, facts),
                percent(outcomes.share(outcomes.sent), Role::Text, facts),
                Line::from(format!("{:.1}", outcomes.attempts() as f64 / WINDOW as f64)),
                percent(Some(deferred), Role::Defer, facts),
            ]);
            if deferred > MUCH && outcomes.attempts() >= FEW {
                row.sign(facts.theme.glyphs().alert, Role::Defer)
            } else {
                row
            }
        });
}

fn bar(outcomes: Outcomes, facts: &Facts<'_>) -> Line {
    let glyphs = facts.theme.glyphs();
    let part = |count: u64, sign: &'static str, role: Role| Part {
        value: count as f64,
        sign,
        role,
    };
    let parts = [
        part(outcomes.sent, glyphs.bar, Role::Ok),
        part(outcomes.deferred, glyphs.bar_deferred, Role::Defer),
        part(outcomes.bounced, glyphs.bar_bounced, Role::Bounce),
    ];
    stacked(&parts, BAR, facts.theme)
}

fn percent(share: Option<f64>, role: Role, facts: &Facts<'_>) -> Line {
    match share {
        Some(share) if share > 0.0 => Line::of(numbers::percent(share), role),
        _ => Line::of(facts.theme.glyphs().zero, Role::Dim),
    }
}
