//! From where on something is an alarm, and who says so.

use crate::app::overlay::Thresholds;
use crate::model::thresholds::{OWN, Threshold};
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen, Window, middle, wrap};
use ratatui::layout::Rect;

/// Columns of what is watched.
const NAMES: usize = 25;

/// Draws it over the view.
pub(super) fn draw(all: &Thresholds, pen: &mut Pen<'_>, body: Rect) {
    let width = body.width.min(110);
    let room = usize::from(width).saturating_sub(NAMES + 5);
    let rows: Vec<Vec<Line>> = all.rows.iter().map(|row| lines(row, room)).collect();
    let wanted: usize = rows.iter().map(Vec::len).sum();
    let height = body.height.min(wanted as u16 + 2);
    let area = middle(body, width, height);
    pen.clear(area);
    let whole = usize::from(height) == wanted + 2;
    let note = if whole {
        "any key closes"
    } else {
        "↑↓ · others close"
    };
    let inner = Window::new("Thresholds · mailtop's own, unless a setting is named")
        .note(note)
        .focused(true)
        .draw(pen, area);
    // The last page is a full one.
    let mut room = usize::from(inner.height);
    let fits = |row: &&Vec<Line>| {
        let fits = room.checked_sub(row.len());
        room = fits.unwrap_or(0);
        fits.is_some()
    };
    let last = rows.iter().rev().take_while(fits).count();
    let first = all.at.min(rows.len() - last);
    pen.lines(inner, rows.iter().skip(first).flatten());
}

/// The rule, and behind it who says so where that is not this program.
fn lines(row: &Threshold, room: usize) -> Vec<Line> {
    let source = format!(" · {}", row.source);
    let mut lines: Vec<Line> = wrap(&row.from, room.max(10))
        .into_iter()
        .enumerate()
        .map(|(nth, words)| {
            let name = if nth == 0 { row.what.as_str() } else { "" };
            let name = SafeText::from(name).cut(NAMES - 1).pad(NAMES);
            Line::of(" ", Role::Text).add(name, Role::Head).text(words)
        })
        .collect();
    if row.source.as_str() != OWN {
        let blanks = Line::from(" ".repeat(NAMES + 1));
        match lines.pop() {
            Some(last) if last.width() + source.chars().count() <= NAMES + 1 + room => {
                lines.push(last.add(source, Role::Dim));
            }
            last => {
                lines.extend(last);
                lines.push(blanks.add(source.trim_start(), Role::Dim));
            }
        }
    }
    lines
}
