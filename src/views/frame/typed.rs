//! What is typed: the line of the filter and that of the palette, what is wrong with it under its place, and the palette's rows.
//!
//! Where the text is longer than the line, the part around the cursor is shown.

use crate::app::filter::FilterError;
use crate::app::overlay::{FilterLine, Overlay};
use crate::app::palette::{Entry, Palette};
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{self, Line, Pen, Window, wrap};
use ratatui::layout::Rect;
use tui_input::Input;

/// Columns before the text: ` / `.
const PROMPT: usize = 3;

/// The line that is typed into, if one is, and what is wrong with it in the line below.
pub(super) fn draw(overlay: Option<&Overlay>, pen: &mut Pen<'_>, line: Rect, body: Rect) {
    match overlay {
        Some(Overlay::Filter(typed)) => {
            let from = draw_line(" / ", &typed.input, pen, line);
            if let Some(error) = &typed.error {
                draw_error(error, typed.input.value(), from, pen, body);
            }
        }
        Some(Overlay::Palette(palette)) => {
            let from = draw_line(" : ", &palette.input, pen, line);
            let below = match &palette.error {
                None => 0,
                Some(error) => draw_error(error, palette.input.value(), from, pen, body),
            };
            let rest = Rect {
                y: body.y + below,
                height: body.height - below,
                ..body
            };
            draw_rows(palette, pen, rest);
        }
        _ => {}
    }
}

/// Draws the line; returns how many columns of the text are hidden on the left.
fn draw_line(prompt: &str, input: &Input, pen: &mut Pen<'_>, at: Rect) -> usize {
    let text = input.value();
    let cursor = text
        .char_indices()
        .nth(input.cursor())
        .map_or(text.len(), |(at, _)| at);
    let (before, after) = text.split_at(cursor);
    let room = usize::from(at.width).saturating_sub(PROMPT + 2);
    let all = SafeText::from(before).width();
    let whole = all + SafeText::from(after).width() <= room;
    let mut shown = before;
    // Some of what stands before the cursor stays in sight, and a fifth of the room for what stands after it.
    let most = if whole { room } else { room * 4 / 5 };
    while SafeText::from(shown).width() > most {
        let mut chars = shown.chars();
        if chars.next().is_none() {
            break;
        }
        shown = chars.as_str();
    }
    let hidden = all - SafeText::from(shown).width().min(all);
    let prompt = if hidden > 0 {
        prompt.replace(' ', "…").replacen('…', " ", 1)
    } else {
        prompt.to_owned()
    };
    let line = Line::of(prompt, Role::Accent)
        .text(shown)
        .add("_", Role::Accent)
        .text(after);
    pen.clear(at);
    pen.line(at.x, at.y, at.width, &line);
    hidden
}

/// Marks under the bad part with the reason behind them, or below where there is no room. Returns the rows that it took.
fn draw_error(
    error: &FilterError,
    text: &str,
    hidden: usize,
    pen: &mut Pen<'_>,
    body: Rect,
) -> u16 {
    if body.height == 0 {
        return 0;
    }
    let width = usize::from(body.width);
    let (before, here) = error.columns(text);
    let column = (PROMPT + before)
        .saturating_sub(hidden)
        .min(width.saturating_sub(1));
    let here = here.min(width - column).max(1);
    let marks = Line::from(" ".repeat(column)).add("^".repeat(here), Role::Bounce);
    let why = SafeText::from(error.why.as_str());
    let first = Rect { height: 1, ..body };
    pen.clear(first);
    if column + here + 1 + why.width() < width {
        let line = marks.text(" ").add(why, Role::Bounce);
        pen.line(body.x, body.y, body.width, &line);
        return 1;
    }
    if why.width() + 2 <= column {
        let blanks = column - why.width() - 1;
        let line = Line::from(" ".repeat(blanks))
            .add(why, Role::Bounce)
            .text(" ")
            .add("^".repeat(here), Role::Bounce);
        pen.line(body.x, body.y, body.width, &line);
        return 1;
    }
    pen.line(body.x, body.y, body.width, &marks);
    let mut rows = 1;
    for text in wrap(&why, width.saturating_sub(2)) {
        if rows >= body.height {
            break;
        }
        let at = Rect {
            y: body.y + rows,
            height: 1,
            ..body
        };
        pen.clear(at);
        pen.line(
            at.x + 1,
            at.y,
            at.width.saturating_sub(1),
            &Line::of(text, Role::Bounce),
        );
        rows += 1;
    }
    rows
}

/// The rows that fit, the chosen one marked.
fn draw_rows(palette: &Palette, pen: &mut Pen<'_>, body: Rect) {
    let rows = palette.rows();
    let width = body.width.min(90);
    let height = body.height.min(rows.len() as u16 + 2);
    let area = Rect {
        width,
        height,
        ..body
    };
    if height < 3 {
        return;
    }
    pen.clear(area);
    let inner = Window::new("Commands")
        .note(format!(
            "{} of {}",
            (palette.at + 1).min(rows.len()),
            rows.len()
        ))
        .focused(true)
        .draw(pen, area);
    let visible = widgets::visible(rows.len(), palette.at, usize::from(inner.height));
    // The lines of the rows in sight share one column, so that it is as narrow as they are.
    let names = rows
        .iter()
        .map(|entry| line(entry).len())
        .max()
        .unwrap_or(0)
        .min(usize::from(inner.width) / 2);
    for (y, at) in (inner.y..).zip(visible) {
        let Some(entry) = rows.get(at) else { continue };
        draw_row(
            entry,
            names,
            pen,
            Rect {
                y,
                height: 1,
                ..inner
            },
        );
        if at == palette.at {
            let row = Rect {
                y,
                height: 1,
                ..inner
            };
            pen.paint(row, Role::Sel);
        }
    }
}

fn line(entry: &Entry) -> String {
    if entry.takes.is_empty() {
        entry.line.clone()
    } else {
        format!("{} {}", entry.line, entry.takes)
    }
}

fn draw_row(entry: &Entry, names: usize, pen: &mut Pen<'_>, at: Rect) {
    let key = entry.key.map(|key| key.to_string()).unwrap_or_default();
    let role = if entry.here { Role::Accent } else { Role::Dim };
    let words = if entry.here { Role::Text } else { Role::Dim };
    let name = SafeText::from(line(entry)).cut(names).pad(names);
    let shown = Line::from(" ")
        .add(name, role)
        .text("  ")
        .add(entry.help, words);
    let key = Line::of(key, role).text(" ");
    let room = at.width.saturating_sub(key.width() as u16 + 1);
    pen.line(at.x, at.y, room, &shown);
    pen.line_right(at.x, at.y, at.width, &key);
}

/// The keys of the line that is typed into.
pub(super) fn draw_keys(overlay: Option<&Overlay>, pen: &mut Pen<'_>, at: Rect) -> bool {
    match overlay {
        Some(Overlay::Filter(line)) => widgets::keybar(pen, at, &filter_keys(line)),
        Some(Overlay::Palette(_)) => {
            let keys = [
                ("Enter", "run"),
                ("Tab", "complete"),
                ("↑↓", "choose; in an empty line what was typed before"),
                ("Esc", "close"),
            ];
            widgets::keybar(pen, at, &keys);
        }
        _ => return false,
    }
    true
}

fn filter_keys(line: &FilterLine) -> [(&'static str, &'static str); 4] {
    let enter = if line.error.is_some() {
        "mend it first"
    } else {
        "keep"
    };
    [
        ("Enter", enter),
        ("Esc", "as before"),
        ("↑", "earlier"),
        ("e.g.", "yahoo  code:4.7.*  age:>2h  -from:news@*  /regex/"),
    ]
}

/// The filter for the right end of the heading: whole where there is room, else its last terms, which are taken off first.
pub(super) fn filter_end(text: &str, width: usize, heading: usize, ellipsis: &str) -> Line {
    let label = if width >= 60 { "filter: " } else { "/ " };
    let room = (width / 2)
        .max(width.saturating_sub(heading + 1))
        .saturating_sub(label.len() + 1);
    let text = SafeText::from(text);
    if room < 4 {
        return Line::new();
    }
    let line = Line::of(label, Role::Dim);
    if text.width() <= room {
        return line.add(text, Role::Accent).text(" ");
    }
    let mut end = text.as_str();
    while SafeText::from(end).width() + 1 > room {
        // A term at a time while several are left, then a letter at a time.
        end = match end.split_once(' ') {
            Some((_, rest)) if !rest.trim().is_empty() => rest,
            _ => {
                let shown = SafeText::from(end).cut(room.saturating_sub(1));
                return line
                    .add(ellipsis, Role::Dim)
                    .add(shown, Role::Accent)
                    .text(" ");
            }
        };
    }
    line.add(ellipsis, Role::Dim)
        .add(end, Role::Accent)
        .text(" ")
}
