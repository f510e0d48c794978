//! The frame around every view: the views and the state above, the place or the worst alarm below that, the keys at the
//! bottom, and what lies over the view.

use super::{Facts, View, clock};
use crate::app::Notice;
use crate::app::command::{Command, Root};
use crate::app::keymap;
use crate::app::overlay::{FilterLine, Help, Overlay};
use crate::app::setting::Mode;
use crate::app::sheet::{self, Sheet};
use crate::model::command_line::{Aim, command_line};
use crate::model::journal::Receipt;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{self, Choice, Line, Pen, Window, wrap};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;

/// Columns for what is being read.
const READING: usize = 40;
/// Below this many columns the names in the first line are cut to their beginning.
const WIDE: u16 = 100;
const ROOTS: [(Root, &str, &str); 2] = [
    (Root::Overview, "Overview", "Ovr"),
    (Root::Queue, "Queue", "Que"),
];

/// What the frame shows apart from the view.
pub struct Screen<'a> {
    /// Since when the view is frozen.
    pub frozen: Option<DateTime<Utc>>,
    /// Now.
    pub live: DateTime<Utc>,
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
    draw_top(screen, view, facts, pen, area);
    if body.y > area.y + 1 {
        draw_heading(
            screen,
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
        match screen.overlay {
            Some(Overlay::Filter(line)) => draw_filter_keys(line, pen, bottom),
            _ => draw_keys(view, pen, bottom),
        }
    }
    if let (Some(notice), true) = (screen.notice, body.height > 2) {
        let at = Rect {
            y: body.bottom() - 1,
            height: 1,
            ..body
        };
        pen.clear(at);
        pen.line(
            at.x + 1,
            at.y,
            at.width.saturating_sub(2),
            &Line::of(&notice.text, notice.role),
        );
    }
    match screen.overlay {
        Some(Overlay::Help(help)) => draw_help(help, pen, body),
        Some(Overlay::Sheet(sheet)) => draw_sheet(sheet, facts, pen, body),
        Some(Overlay::Receipt(receipt)) => draw_receipt(receipt, pen, body),
        Some(Overlay::Filter(_)) | None => {}
    }
}

fn draw_top(
    screen: &Screen<'_>,
    view: &dyn View,
    facts: &Facts<'_>,
    pen: &mut Pen<'_>,
    area: Rect,
) {
    if area.height == 0 {
        return;
    }
    let state = state(screen, facts);
    let mut line = if area.width >= WIDE {
        Line::of(" mailtop ", Role::Head)
    } else {
        Line::new()
    };
    for (nth, (root, name, short)) in ROOTS.iter().enumerate() {
        let name = if area.width >= WIDE { name } else { short };
        let blank = if area.width >= WIDE { " " } else { "" };
        let text = format!("{}{blank}{name}", nth + 1);
        line = if *root == view.root() {
            line.add(format!(" [{text}]"), Role::Head)
        } else {
            line.add(format!("  {text} "), Role::Dim)
        };
    }
    let right = state.width() as u16 + 1;
    pen.line(area.x, area.y, area.width.saturating_sub(right), &line);
    pen.line_right(area.x, area.y, area.width.saturating_sub(1), &state);
}

/// `mx1 ● LIVE 11:09:31`
fn state(screen: &Screen<'_>, facts: &Facts<'_>) -> Line {
    let glyphs = facts.theme.glyphs();
    let mut host = Line::from(facts.setting.host.cut(24)).text(" ");
    if let Some(reading) = &facts.model.reading {
        host = Line::from(reading.cut(READING)).text("  ").then(host);
    }
    if let Some(frozen) = screen.frozen {
        let behind = super::age((screen.live - frozen).num_seconds());
        let text = format!(
            "{} FROZEN {} -{behind}",
            glyphs.paused,
            clock(frozen, facts)
        );
        return host.add(text, Role::Alert);
    }
    let now = clock(screen.live, facts);
    match facts.setting.mode {
        Mode::Live => host.add(glyphs.live, Role::Ok).text(format!(" LIVE {now}")),
        Mode::Demo => host
            .add(format!("{} DEMO", glyphs.replay), Role::Accent)
            .text(format!(" {now}")),
        Mode::Replay => host
            .add(format!("{} REPLAY", glyphs.replay), Role::Accent)
            .text(format!(" {now}")),
    }
}

fn draw_heading(
    screen: &Screen<'_>,
    view: &dyn View,
    facts: &Facts<'_>,
    pen: &mut Pen<'_>,
    at: Rect,
) {
    if let Some(Overlay::Filter(line)) = screen.overlay {
        draw_filter(line, pen, at);
        return;
    }
    let filter = view.filter().filter(|filter| !filter.is_empty());
    let right = filter.map_or_else(Line::new, |filter| {
        Line::of("filter: ", Role::Dim)
            .add(SafeText::from(filter.text()).cut(40), Role::Accent)
            .text(" ")
    });
    let room = at.width.saturating_sub(right.width() as u16 + 1);
    pen.line(at.x, at.y, room, &view.heading(facts));
    pen.line_right(at.x, at.y, at.width, &right);
}

/// The line that is edited, with the cursor; what is wrong with it stands behind.
fn draw_filter(line: &FilterLine, pen: &mut Pen<'_>, at: Rect) {
    let text = line.input.value();
    let cursor = text
        .char_indices()
        .nth(line.input.cursor())
        .map_or(text.len(), |(at, _)| at);
    let (before, after) = text.split_at(cursor);
    let mut shown = Line::of(" / ", Role::Accent)
        .text(before)
        .add("_", Role::Accent)
        .text(after);
    if let Some(error) = &line.error {
        let place = format!("   at {}: {}", error.at + 1, error.why);
        shown = shown.add(place, Role::Bounce);
    }
    pen.line(at.x, at.y, at.width, &shown);
}

fn draw_filter_keys(line: &FilterLine, pen: &mut Pen<'_>, at: Rect) {
    let enter = if line.error.is_some() {
        "mend it first"
    } else {
        "keep"
    };
    let keys = [
        ("Enter", enter),
        ("Esc", "as before"),
        ("e.g.", "yahoo  code:4.7.*  age:>2h  -from:news@*  /regex/"),
    ];
    widgets::keybar(pen, at, &keys);
}

fn draw_keys(view: &dyn View, pen: &mut Pen<'_>, at: Rect) {
    let bindings: Vec<(String, &str)> = view
        .commands()
        .iter()
        // The cursor keys need no words, and what goes the other way is guessed.
        .filter(|command| {
            !matches!(
                command,
                Command::Move(_) | Command::Left | Command::PreviousPanel
            )
        })
        .filter_map(|command| keymap::binding(*command))
        .map(|binding| (binding.key.to_string(), binding.label))
        .collect();
    let keys: Vec<(&str, &str)> = bindings
        .iter()
        .map(|(key, label)| (key.as_str(), *label))
        .collect();
    widgets::keybar(pen, at, &keys);
}

fn draw_help(help: &Help, pen: &mut Pen<'_>, body: Rect) {
    let rows = help.rows();
    let width = body.width.min(76);
    let height = body.height.min(rows.len() as u16 + 3);
    let area = Rect {
        x: body.x + (body.width - width) / 2,
        y: body.y + (body.height - height) / 2,
        width,
        height,
    };
    pen.clear(area);
    let note = if help.search.is_empty() {
        String::from("type to search · Enter runs · Esc closes")
    } else {
        format!("search: {}", help.search)
    };
    let inner = Window::new("Keys of this view")
        .note(note)
        .focused(true)
        .draw(pen, area);
    let visible = widgets::visible(rows.len(), help.at, usize::from(inner.height));
    for (y, at) in (inner.y..).zip(visible) {
        let Some(row) = rows.get(at) else { continue };
        let keys: Vec<String> = keymap::keys(row.command)
            .map(|key| key.to_string())
            .collect();
        let key = SafeText::from(keys.join(" ")).pad(10);
        let line = Line::of(" ", Role::Text)
            .add(key, Role::Accent)
            .text(row.help);
        pen.line(inner.x, y, inner.width, &line);
        if at == help.at {
            pen.paint(
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                Role::Sel,
            );
        }
    }
}

fn draw_sheet(sheet: &Sheet, facts: &Facts<'_>, pen: &mut Pen<'_>, body: Rect) {
    let summary = sheet.summary(facts.model);
    let many = numbers::many(summary.count, "message");
    let title = format!("{} {many}?", sheet::word(sheet.verb));
    let (scope, aim) = match sheet.chosen() {
        // Who may not act is given a command to copy.
        Some(choice) => match choice.targets.as_slice() {
            [one] if sheet.blocked.is_some() => (choice.label.clone(), Aim::One(&one.key.queue_id)),
            many => (choice.label.clone(), Aim::Many(many.len())),
        },
        None => (SafeText::from("the whole queue"), Aim::WholeQueue),
    };
    let command = SafeText::from(command_line(sheet.verb, aim, facts.setting.config_dir()));
    let senders: Vec<String> = summary
        .senders
        .iter()
        .take(3)
        .map(|(sender, count)| format!("{} {}", sender.cut(32), numbers::count(*count as u64)))
        .collect();
    let room = usize::from(body.width.saturating_sub(16)).min(76);
    let mut drawn = widgets::Sheet::new(title)
        .note("any other key cancels")
        .line("Scope", scope);
    if let Some(other) = sheet.other() {
        drawn = drawn.line(
            "",
            Line::of("Tab: ", Role::Dim).add(&other.label, Role::Dim),
        );
    }
    for text in sheet.blocked.iter().flat_map(|why| wrap(why, room)) {
        drawn = drawn.line("", Line::of(text, Role::Bounce));
    }
    // What must not be missed comes first: on a low screen the end is cut.
    for (nth, text) in wrap(&command, room).into_iter().enumerate() {
        drawn = drawn.line(
            if nth == 0 { "Command" } else { "" },
            Line::of(text, Role::Accent),
        );
    }
    drawn = drawn
        .line("Senders", SafeText::from(senders.join(" · ")).cut(room))
        .line("Size", numbers::bytes(summary.bytes));
    if facts.setting.mode != Mode::Live {
        drawn = drawn.line(
            "",
            Line::of(
                "demo: the tape's own queue answers, nothing real is touched",
                Role::Dim,
            ),
        );
    }
    drawn = drawn.blank();
    for text in wrap(&SafeText::from(sheet::warning(sheet.verb)), room) {
        drawn = drawn.line("", Line::of(text, Role::Text));
    }
    if sheet.chosen().is_some() {
        drawn = drawn.line(
            "",
            Line::of(
                "Each is checked again just before: gone ones are skipped.",
                Role::Dim,
            ),
        );
    }
    let buttons = if sheet.blocked.is_some() {
        vec![Choice::new("Esc", "close")]
    } else {
        vec![Choice::new("y", "yes, do it"), Choice::new("Esc", "cancel")]
    };
    let focus = buttons.len() - 1;
    drawn.choices(buttons, focus).draw(pen, body);
}

fn draw_receipt(receipt: &Receipt, pen: &mut Pen<'_>, body: Rect) {
    let room = usize::from(body.width.saturating_sub(16)).min(76);
    let mut drawn = widgets::Sheet::new(format!("{}: what came of it", sheet::word(receipt.verb)))
        .note("any key closes");
    let numbers = format!(
        "{} asked · {} matched · {} done",
        receipt.asked, receipt.matched, receipt.done
    );
    drawn = drawn.line("Result", Line::from(numbers));
    for text in wrap(&receipt.command, room) {
        drawn = drawn.line("Command", Line::of(text, Role::Accent));
    }
    if let Some(failure) = &receipt.failure {
        for text in wrap(failure, room) {
            drawn = drawn.line("Problem", Line::of(text, Role::Bounce));
        }
    }
    for (key, why) in receipt.skipped.iter().take(6) {
        drawn = drawn.line("Skipped", Line::from(format!("{}: {why}", key.queue_id)));
    }
    if receipt.skipped.len() > 6 {
        drawn = drawn.line(
            "",
            Line::of(format!("and {} more", receipt.skipped.len() - 6), Role::Dim),
        );
    }
    if receipt.failure.is_some() && !receipt.stderr.is_empty() {
        for text in wrap(&receipt.stderr, room).into_iter().take(4) {
            drawn = drawn.line("It said", Line::of(text, Role::Dim));
        }
    }
    drawn.draw(pen, body);
}
