//! Trace on the screen: the messages, the timeline and envelope of the selected one, its raw lines; and what is said while there is nothing to show.

use super::asked::back;
use super::order::{By, took};
use super::{Facts, Panel, Progress, Trace};
use crate::app::cursor::Aim;
use crate::app::extract::Extract;
use crate::app::looking;
use crate::model::feeds::Source;
use crate::model::trace::{Mark, Message};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{
    Panels, in_sight, inset, mark_sign, message_name, moment, recipients, span, which_sorted,
};
use crate::widgets::{Column, Columns, Line, Pen, Row, Spot, Width, Window, wrap};
use ratatui::layout::Rect;

/// From this width on the envelope stands beside the timeline.
const WIDE: u16 = 100;
const ENVELOPE: u16 = 32;
/// From this height on the raw lines have a panel also without the keys.
const HIGH: u16 = 28;
const RAW: u16 = 5;
/// Below this height only one panel is drawn.
const LOW: u16 = 12;

/// Where the panels are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Areas {
    pub(super) list: Rect,
    pub(super) timeline: Rect,
    envelope: Rect,
    pub(super) raw: Rect,
}

/// Where the panels are; one that is not drawn has no size.
pub(super) fn areas(trace: &Trace, area: Rect, facts: &Facts<'_>) -> Areas {
    let mut areas = Areas::default();
    if facts.alone || area.height < LOW {
        match trace.panel {
            Panel::Messages => areas.list = area,
            Panel::Timeline => areas.timeline = area,
            Panel::Raw => areas.raw = area,
        }
        return areas;
    }
    let part = |y: u16, height: u16| Rect {
        y: area.y + y,
        height,
        ..area
    };
    let wanted = u16::try_from(trace.rows.len()).unwrap_or(u16::MAX);
    let list = wanted
        .saturating_add(3)
        .clamp(5, (area.height * 35 / 100).max(5));
    areas.list = part(0, list);
    let rest = area.height - list;
    if trace.panel == Panel::Raw {
        areas.raw = part(list, rest);
        return areas;
    }
    let raw = if area.height >= HIGH { RAW } else { 0 };
    areas.raw = part(area.height - raw, raw);
    areas.timeline = part(list, rest - raw);
    if area.width >= WIDE {
        areas.timeline.width -= ENVELOPE;
        areas.envelope = Rect {
            x: area.right() - ENVELOPE,
            width: ENVELOPE,
            ..areas.timeline
        };
    }
    areas
}

pub(super) fn draw(trace: &Trace, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if trace.rows.is_empty() {
        let window = Panel::Messages.window("Trace", Panel::Messages);
        let inner = inset(window.draw(pen, area));
        let lines = nothing(trace, facts, usize::from(inner.width));
        pen.lines(inner, &lines);
        // What could be traced stands at the end.
        let first = lines.len().saturating_sub(trace.offers.len()) as u16;
        for (y, at) in (inner.y.saturating_add(first)..inner.bottom()).zip(0..trace.offers.len()) {
            let row = Rect {
                y,
                height: 1,
                ..inner
            };
            pen.spot(row, Spot::Row(at, at == trace.offer));
        }
        return;
    }
    let areas = areas(trace, area, facts);
    list(trace, pen, areas.list, facts);
    timeline(trace, pen, &areas, facts);
    if !areas.envelope.is_empty() {
        let inner = inset(
            Window::new("Envelope")
                .old(facts.old(&[Source::Log]))
                .draw(pen, areas.envelope),
        );
        let spent = trace.life.spent(facts);
        let mut lines = trace.life.envelope(8);
        let room = usize::from(inner.height).saturating_sub(spent.len() + 1);
        lines.truncate(room.max(4));
        lines.push(Line::new());
        lines.extend(spent);
        pen.lines(inner, &lines);
    }
    raw(trace, pen, areas.raw, facts);
}

fn list(trace: &Trace, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if area.is_empty() {
        return;
    }
    let note = which_sorted(trace.cursor.at(), trace.rows.len(), &trace.order, facts);
    let inner = Panel::Messages
        .window("Messages", trace.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let head = |column, by| trace.order.head(column, by);
    let right = |title, width| Column::new(title, Width::Fixed(width)).right();
    let columns = [
        head(Column::new("Last event", Width::Fixed(11)), By::Last),
        Column::new("Queue-ID", Width::Fixed(16)).drop(1),
        head(Column::new("From", Width::Flex(14)).drop(2), By::From),
        head(Column::new("To", Width::Flex(14)).drop(4), By::To),
        head(right("Tries", 5).drop(6), By::Tries),
        head(right("Delay", 7).drop(3), By::Delay),
        head(Column::new("Status", Width::Fixed(20)), By::Status),
    ];
    let gutter = if area.width >= WIDE { 3 } else { 2 };
    Columns::new(&columns, trace.rows.len())
        .gutter(gutter)
        .selected(Some(trace.cursor.at()))
        .range(trace.cursor.range())
        .focused(trace.panel == Panel::Messages)
        .draw(pen, inner, |at| {
            let message = trace.rows.get(at);
            let message = message.and_then(|at| trace.known.lives.traced.messages.get(*at));
            message.map(|one| row(one, facts)).unwrap_or_default()
        });
}

fn row(message: &Message, facts: &Facts<'_>) -> Row {
    let last = message.last.map(|last| moment(last.to_utc(), facts, false));
    let tries = message.recipients.iter().map(|one| one.attempts).max();
    Row::new(vec![
        Line::from(last.unwrap_or_default()),
        Line::from(message_name(message)),
        sender(message),
        recipients(message).unwrap_or_default(),
        tries.map_or_else(
            || Line::of("-", Role::Dim),
            |tries| Line::from(tries.to_string()),
        ),
        took(message).map_or_else(|| Line::of("-", Role::Dim), |took| Line::from(span(took))),
        status(message, facts),
    ])
}

fn sender(message: &Message) -> Line {
    match message.from.as_deref() {
        None => Line::of("-", Role::Dim),
        Some(b"") => Line::of("<>", Role::Dim),
        Some(from) => Line::from(SafeText::new(from)),
    }
}

fn status(message: &Message, facts: &Facts<'_>) -> Line {
    let fate = message.fate();
    let (sign, role) = mark_sign(Mark::of(fate), facts);
    let words = SafeText::from(fate.as_str()).pad(8);
    Line::of(format!("{sign} "), role)
        .add(words, role)
        .add(format!(" {}", message.dsn().unwrap_or_default()), role)
}

fn timeline(trace: &Trace, pen: &mut Pen<'_>, areas: &Areas, facts: &Facts<'_>) {
    let area = areas.timeline;
    let Some(message) = trace.selected().filter(|_| !area.is_empty()) else {
        return;
    };
    let rows = trace.life.timeline(facts);
    let mut below = Vec::new();
    let height = usize::from(area.height.saturating_sub(2));
    if areas.envelope.is_empty() && height >= 8 {
        below.extend(trace.life.spent_in_one());
        below.extend(trace.life.verbatim());
    }
    let room = height.saturating_sub(below.len()).max(1);
    let back = rows.len().saturating_sub(room).min(trace.scroll);
    let first = rows.len().saturating_sub(room + back);
    let mut note = trace.life.note();
    if let Some(part) = in_sight(first, room, rows.len()) {
        note = format!("{part} · {note}");
    }
    let title = format!("Timeline {}", message_name(message));
    let inner = Panel::Timeline
        .window(title, trace.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let inner = inset(inner);
    pen.lines(inner, rows.iter().skip(first).take(room));
    let at = inner.bottom().saturating_sub(below.len() as u16);
    let foot = Rect {
        y: at,
        height: below.len() as u16,
        ..inner
    };
    pen.lines(foot, &below);
}

fn raw(trace: &Trace, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if area.is_empty() {
        return;
    }
    let many = numbers::many(trace.life.raw_lines(), "line");
    let focused = trace.panel == Panel::Raw;
    let note = if focused {
        format!("{many} · newest first · Enter: in the log")
    } else {
        format!("{many} · newest first · Enter expands")
    };
    let inner = Panel::Raw
        .window("Raw", trace.panel)
        .note(note)
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let rows = trace.life.raw(usize::from(inner.width));
    let last = rows.len().saturating_sub(usize::from(inner.height));
    let skip = if focused { trace.scroll.min(last) } else { 0 };
    pen.lines(inner, rows.iter().skip(skip));
}

/// What is said where no message is shown.
fn nothing(trace: &Trace, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
    let mut lines = vec![Line::new()];
    let mut say = |text: String, role: Role| {
        for row in wrap(&SafeText::from(text), columns) {
            lines.push(Line::of(row, role));
        }
    };
    let since = looking::words(back(facts));
    match (&trace.progress, trace.asked.is_some()) {
        (_, false) if !trace.filter.is_empty() => {
            say(
                String::from("This names nothing to look for in the logs."),
                Role::Text,
            );
            say(
                String::from(
                    "Name an address, a queue id, a Message-ID, an account or a client: at least three letters of it, as they are in the log.",
                ),
                Role::Dim,
            );
        }
        (_, false) => {
            say(
                String::from("What happened to a message? / searches the logs:"),
                Role::Text,
            );
            for (example, words) in [
                ("/ann@example.com", "mail from or to an address"),
                ("/qid:4jYg7l1WNDz2BGQD", "one message by its queue id"),
                (
                    "/user:news status:deferred",
                    "what an account sent and waits",
                ),
            ] {
                lines.push(
                    Line::of(
                        format!("  {}", SafeText::from(example).pad(29)),
                        Role::Accent,
                    )
                    .add(words, Role::Dim),
                );
            }
            lines.push(Line::of(
                "  also from: to: msgid: ip: client: domain: code:",
                Role::Dim,
            ));
            lines.push(Line::new());
            for (at, (words, _)) in trace.offers.iter().enumerate() {
                let chosen = at == trace.offer;
                let mark = if chosen {
                    facts.theme.glyphs().selected
                } else {
                    " "
                };
                let role = if chosen { Role::Text } else { Role::Dim };
                lines.push(
                    Line::of(format!("{mark} "), Role::Accent).add(format!("Enter: {words}"), role),
                );
            }
        }
        (Progress::Running(reading), true) => {
            say(format!("Searching the last {since} …"), Role::Text);
            if let Some(reading) = reading {
                say(reading.to_string(), Role::Dim);
            }
        }
        (Progress::Over { unread, .. }, true) => {
            say(
                format!(
                    "No message of the last {since} answers to {}.",
                    trace.filter.text()
                ),
                Role::Text,
            );
            say(
                String::from("t looks further back · / asks for something else"),
                Role::Dim,
            );
            for why in unread {
                say(why.to_string(), Role::Defer);
            }
        }
        (Progress::Idle, true) => {}
    }
    lines
}

pub(super) fn heading(trace: &Trace, facts: &Facts<'_>) -> Line {
    let crumb = facts.theme.glyphs().crumb;
    let line = Line::of(" Trace", Role::Head);
    if trace.filter.is_empty() {
        return line;
    }
    let since = looking::words(back(facts));
    let many = numbers::many(trace.rows.len(), "message");
    let mut line = line.text(format!(" {crumb} {many} · last {since}"));
    match &trace.progress {
        Progress::Running(Some(reading)) => line = line.add(format!(" · {reading}"), Role::Accent),
        Progress::Running(None) => line = line.add(" · searching …", Role::Accent),
        Progress::Over { cut, unread } => {
            if *cut || trace.known.lives.traced.left_out > 0 {
                line = line.add(" · older ones are left out", Role::Defer);
            }
            if let Some(why) = unread.first() {
                line = line.add(format!(" · {why}"), Role::Defer);
            }
        }
        Progress::Idle => {}
    }
    line
}

pub(super) fn extract(trace: &Trace, facts: &Facts<'_>) -> Extract {
    let title = SafeText::from(format!("trace {}", trace.filter.text()));
    if trace.panel != Panel::Messages {
        let name = trace.selected().map(message_name).unwrap_or_default();
        let lines = match trace.panel {
            Panel::Raw => trace.life.raw(usize::MAX),
            _ => trace.life.timeline(facts),
        };
        return Extract {
            title: SafeText::from(format!("trace {name}")),
            columns: vec!["Event"],
            rows: lines.iter().map(|line| vec![line.words()]).collect(),
            selected: Some(0),
        };
    }
    let messages = &trace.known.lives.traced.messages;
    let rows = trace.rows.iter().filter_map(|at| messages.get(*at));
    Extract {
        title,
        columns: vec![
            "Last event",
            "Queue-ID",
            "From",
            "To",
            "Tries",
            "Delay",
            "Status",
        ],
        rows: rows.map(|message| row(message, facts).words()).collect(),
        selected: Some(trace.cursor.at()),
    }
}
