//! The frame around every view: the views and the state above, the place or the worst alarm below that, the keys at the
//! bottom, and what lies over the view.

mod found;
mod overlays;
mod thresholds;
pub(crate) mod top;
mod typed;

use super::{Facts, View};
use crate::app::Notice;
use crate::app::command::{Command, Root};
use crate::app::keymap;
use crate::app::overlay::Overlay;
use crate::numbers;
use crate::theme::Role;
use crate::widgets::{self, Line, Pen, Spot};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

/// What the frame shows apart from the view.
pub struct Screen<'a> {
    /// Since when the view is frozen.
    pub frozen: Option<DateTime<Utc>>,
    /// Now.
    pub live: DateTime<Utc>,
    /// Whether the time cursor stands in the past.
    pub past: bool,
    /// What is said for a while.
    pub notice: Option<&'a Notice>,
    /// What lies over the view.
    pub overlay: Option<&'a Overlay>,
}

/// The part of the screen that a view draws into: all but two lines above and one below; on very low screens only one above.
pub fn body(area: Rect) -> Rect {
    let above = if area.height < 8 { 1 } else { 2 }.min(area.height);
    let below = u16::from(area.height > 3);
    Rect {
        y: area.y + above,
        height: area.height.saturating_sub(above + below),
        ..area
    }
}

/// Draws everything.
pub fn draw(
    screen: &Screen<'_>,
    view: &dyn View,
    facts: &Facts<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
) {
    let body = body(area);
    view.draw(pen, body, facts);
    pen.fade_panels();
    top::draw(screen, view.root(), facts, pen, area);
    if body.y > area.y + 1 {
        draw_heading(
            view,
            facts,
            pen,
            Rect {
                y: area.y + 1,
                height: 1,
                ..area
            },
        );
    }
    if body.bottom() < area.bottom() {
        let bottom = Rect {
            y: area.bottom() - 1,
            height: 1,
            ..area
        };
        if !typed::draw_keys(screen.overlay, pen, bottom) {
            draw_keys(view, pen, bottom);
        }
    }
    if let (Some(notice), true) = (screen.notice, body.height > 2) {
        let at = Rect {
            y: body.bottom() - 1,
            height: 1,
            ..body
        };
        pen.clear(at);
        pen.spot(at, Spot::Panel(None, false));
        pen.line(
            at.x + 1,
            at.y,
            at.width.saturating_sub(2),
            &Line::of(&notice.text, notice.role),
        );
    }
    match screen.overlay {
        Some(Overlay::Help(help)) => overlays::draw_help(help, pen, body),
        Some(Overlay::Found(opened)) => found::draw(*opened, facts, pen, body),
        Some(Overlay::Thresholds(all)) => thresholds::draw(all, pen, body),
        Some(Overlay::Menu(menu)) => overlays::draw_menu(menu, pen, body),
        Some(Overlay::Sheet(sheet)) => overlays::draw_sheet(sheet, facts, pen, body),
        Some(Overlay::Receipt(receipt)) => overlays::draw_receipt(receipt, pen, body),
        Some(Overlay::Filter(_) | Overlay::Palette(_)) | None => {}
    }
    // On a very low screen what is typed takes the place of the first line.
    let line = Rect {
        y: body.y.saturating_sub(1).max(area.y),
        height: area.height.min(1),
        ..area
    };
    typed::draw(screen.overlay, pen, line, body);
}

fn draw_heading(view: &dyn View, facts: &Facts<'_>, pen: &mut Pen<'_>, at: Rect) {
    let heading = match view.range(facts) {
        Some(rows) => {
            let many = numbers::many(rows.count(), "row");
            Line::of(format!(" Range of {many}"), Role::Accent)
                .add(" · v or Space keeps it, Esc gives it up", Role::Text)
        }
        None => view.heading(facts),
    };
    let filter = view.filter().filter(|filter| !filter.is_empty());
    let right = match filter {
        Some(filter) => typed::filter_end(
            filter.text(),
            usize::from(at.width),
            heading.width(),
            facts.theme.glyphs().ellipsis,
        ),
        None => quiet(view, facts, usize::from(at.width), heading.width()),
    };
    let room = at
        .width
        .saturating_sub(right.width() as u16 + u16::from(!right.is_empty()));
    pen.line(at.x, at.y, room, &heading);
    pen.line_right(at.x, at.y, at.width, &right);
}

/// That the log is quiet, where there is room beside the heading; the Overview has it among its alarms.
fn quiet(view: &dyn View, facts: &Facts<'_>, width: usize, heading: usize) -> Line {
    let words = facts.quiet().filter(|_| view.root() != Root::Overview);
    let line = words.map_or_else(Line::new, |words| Line::of(words, Role::Dim).text(" "));
    if heading + line.width() < width {
        line
    } else {
        Line::new()
    }
}

fn draw_keys(view: &dyn View, pen: &mut Pen<'_>, at: Rect) {
    let bindings: Vec<(String, &str)> = view
        .commands()
        .iter()
        // The cursor keys need no words, and what goes the other way is guessed.
        .filter(|command| {
            !matches!(
                command,
                Command::Move(_)
                    | Command::Left
                    | Command::PreviousPanel
                    | Command::Previous
                    | Command::SortBefore
                    | Command::SortAfter
            )
        })
        .filter_map(|command| keymap::binding(*command))
        .filter_map(|binding| Some((binding.key()?.to_string(), binding.label)))
        .collect();
    let keys: Vec<(&str, &str)> = bindings
        .iter()
        .map(|(key, label)| (key.as_str(), *label))
        .collect();
    widgets::keybar(pen, at, &keys);
}
