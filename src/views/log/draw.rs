//! The log on the screen: lines per minute, the lines in columns or raw, and the facets.

use super::cells::{COLUMNS, cells};
use super::{Log, Panel, Progress, strip};
use crate::app::extract::Extract;
use crate::app::looking;
use crate::model::facets::Facet;
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, View, inset, moment, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Spot, Width, Window, visible, wrap};
use ratatui::layout::Rect;

/// Values of a facet on the screen.
pub(super) const VALUES: usize = 3;
/// From this height on the strip has a chart, below it a row.
const HIGH: u16 = 30;
const STRIP: u16 = 6;
/// Below this height only the lines are drawn.
const LOW: u16 = 12;
/// From this width on times are written with their thousandths.
const WIDE: u16 = 100;
/// Rows that a raw line takes at most.
const WRAPPED: usize = 20;

/// Where the parts are.
#[derive(Debug, Clone, Copy, Default)]
struct Areas {
    strip: Rect,
    lines: Rect,
    facets: Rect,
}

fn areas(log: &Log, area: Rect, facts: &Facts<'_>) -> Areas {
    if facts.alone || area.height < LOW {
        let mut areas = Areas::default();
        match log.panel {
            Panel::Lines => areas.lines = area,
            Panel::Facets => areas.facets = area,
        }
        return areas;
    }
    let part = |y: u16, height: u16| Rect {
        y: area.y + y,
        height,
        ..area
    };
    let strip = if area.height >= HIGH { STRIP } else { 1 };
    let rows = facet_rows(log, facts, usize::from(area.width.saturating_sub(4))).len() as u16;
    // Framed where there is room, or where the keys go.
    let framed = area.height >= HIGH || log.panel == Panel::Facets;
    let below = rows.min(if area.height >= HIGH { 4 } else { 2 }) + if framed { 2 } else { 0 };
    Areas {
        strip: part(0, strip),
        lines: part(strip, area.height - strip - below),
        facets: part(area.height - below, below),
    }
}

/// Rows of lines on a page.
pub(super) fn page(log: &Log, facts: &Facts<'_>) -> u16 {
    areas(log, facts.body, facts).lines.height.saturating_sub(3)
}

pub(super) fn draw(log: &Log, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let areas = areas(log, area, facts);
    if areas.strip.height > 1 {
        let inner = Window::new("Lines per minute")
            .note(strip::legend(facts))
            .old(facts.old(&[Source::Log]))
            .draw(pen, areas.strip);
        strip::draw(log.lines.facets(), pen, inner, facts);
    } else if areas.strip.height == 1 {
        let line = strip::row(log.lines.facets(), areas.strip.width, facts);
        pen.line(areas.strip.x, areas.strip.y, areas.strip.width, &line);
    }
    lines(log, pen, areas.lines, facts);
    facets(log, pen, areas.facets, facts);
}

fn lines(log: &Log, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if area.is_empty() {
        return;
    }
    let follows = if !facts.live {
        "paused"
    } else if log.selected.is_none() {
        "following"
    } else {
        "scrolled back · G follows"
    };
    let form = if log.raw {
        "w: columns"
    } else {
        "columns: auto (w: raw lines)"
    };
    let inner = Panel::Lines
        .window("Live", log.panel)
        .note(format!("{follows} · {form}"))
        .old(facts.old(&[Source::Log]))
        .draw(pen, area);
    let Some(at) = log.at(facts) else {
        pen.lines(
            inset(inner),
            &nothing(log, facts, usize::from(inset(inner).width)),
        );
        return;
    };
    if log.raw {
        raw(log, pen, inner, at, facts);
    } else {
        table(log, pen, inner, at, facts);
    }
}

fn table(log: &Log, pen: &mut Pen<'_>, area: Rect, at: usize, facts: &Facts<'_>) {
    let wide = area.width >= WIDE;
    let [program, id, who, place, words] = COLUMNS;
    let time = if wide { 12 } else { 8 };
    let columns = [
        Column::new("Time", Width::Fixed(time)),
        Column::new(program, Width::Fixed(7)).drop(1),
        Column::new(id, Width::Fixed(16)).drop(3),
        Column::new(who, Width::Flex(14)),
        Column::new(place, Width::Flex(10)).drop(4),
        Column::new(words, Width::Flex(20)),
    ];
    let focused = log.panel == Panel::Lines;
    Columns::new(&columns, log.shown(facts))
        .selected(Some(at))
        .focused(focused)
        .range(log.range(facts))
        .cursor((focused && log.column > 0).then_some(log.column + 1))
        .draw(pen, area, |at| row(log, at, wide, facts));
}

fn row(log: &Log, at: usize, fine: bool, facts: &Facts<'_>) -> Row {
    let read = log.lines.with(at, facts.model.zone(), |record, line| {
        let time = record.time.map(|time| time.to_utc());
        let time = time.map(|time| match moment(time, facts, fine) {
            // A day and seconds have no room together.
            text if fine || text.len() <= 8 => text,
            text => text.split(' ').next_back().unwrap_or_default().to_owned(),
        });
        let mut all = vec![Line::of(time.unwrap_or_default(), Role::Dim)];
        all.extend(cells(record, line).lines(facts));
        all
    });
    Row::new(read.unwrap_or_default()).marked(log.marks.contains(&log.lines.number(at)))
}

/// Raw lines, wrapped; the selected one is the last whole one.
fn raw(log: &Log, pen: &mut Pen<'_>, area: Rect, at: usize, facts: &Facts<'_>) {
    let (glyphs, width) = (
        facts.theme.glyphs(),
        usize::from(area.width.saturating_sub(2)),
    );
    let height = usize::from(area.height);
    let rows_of = |at: usize| {
        let text = SafeText::new(log.lines.text(at).unwrap_or_default());
        let mut rows = wrap(&text, width.max(10));
        rows.truncate(WRAPPED);
        rows
    };
    // As many lines as fit around the selected one.
    let shown = visible(log.shown(facts), at, height);
    let mut blocks = vec![(at, rows_of(at))];
    let mut used = blocks.iter().map(|(_, rows)| rows.len()).sum::<usize>();
    let (mut before, mut after) = (at, at + 1);
    while used < height {
        let up = (before > shown.start.min(at)).then(|| before - 1);
        let down = (after < log.shown(facts)).then_some(after);
        let Some(next) = up.or(down) else { break };
        let rows = rows_of(next);
        used += rows.len();
        if up.is_some() {
            before = next;
            blocks.insert(0, (next, rows));
        } else {
            after = next + 1;
            blocks.push((next, rows));
        }
    }
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    let range = log.range(facts);
    for (place, rows) in blocks {
        let ranged = range.as_ref().is_some_and(|range| range.contains(&place));
        let marked = ranged || log.marks.contains(&log.lines.number(place));
        let trouble = log.lines.is_trouble(place);
        for (nth, text) in rows.into_iter().enumerate() {
            let sign = match (nth, place == at, marked) {
                (0, true, _) => glyphs.selected,
                (0, _, true) => glyphs.marked,
                _ => " ",
            };
            let role = match (place == at, trouble) {
                (true, _) => Role::Head,
                (_, true) => Role::Defer,
                _ => Role::Text,
            };
            lines.push(Line::of(format!("{sign} "), Role::Accent).add(text, role));
            places.push(place);
        }
    }
    // Following, the newest line is at the bottom and whole.
    let skip = if log.selected.is_none() {
        lines.len().saturating_sub(height)
    } else {
        0
    };
    pen.lines(area, lines.iter().skip(skip));
    for (y, place) in (area.top()..area.bottom()).zip(places.into_iter().skip(skip)) {
        let row = Rect {
            y,
            height: 1,
            ..area
        };
        pen.spot(row, Spot::Row(place, place == at));
    }
}

/// The facets in rows of at most so many columns.
fn facet_rows(log: &Log, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
    let mut rows = vec![Line::new()];
    let separator = format!(" {} ", facts.theme.glyphs().separator);
    for (nth, facet) in Facet::ALL.iter().enumerate() {
        let values = log.values(nth);
        if values.is_empty() {
            continue;
        }
        let mut words = Line::of(format!("{}  ", facet.name()), Role::Head);
        for (at, (value, count)) in values.iter().enumerate() {
            let here = log.panel == Panel::Facets && log.facet == (nth, at);
            let value = value.cut(if columns < usize::from(WIDE) { 16 } else { 24 });
            let gap = if at == 0 { "" } else { &separator };
            words = words.add(gap, Role::Dim);
            words = if here {
                words.add(format!("[{value}]"), Role::Accent)
            } else {
                words.text(value)
            };
            words = words.add(format!(" {}", numbers::count(*count)), Role::Dim);
        }
        put(&mut rows, words, columns);
    }
    let tries = log.lines.facets().tries();
    if tries.iter().skip(1).any(|count| *count > 0) {
        let names = ["1", "2", "3", "4+"];
        let words: Vec<String> = names
            .iter()
            .zip(tries)
            .filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{name}: {}", numbers::count(count)))
            .collect();
        let line = Line::of("tries  ", Role::Head).text(words.join(&separator));
        put(&mut rows, line, columns);
    }
    rows
}

/// Puts words into the last row, or into a new one when they do not fit.
fn put(rows: &mut Vec<Line>, words: Line, columns: usize) {
    match rows.last_mut() {
        Some(row) if row.is_empty() => *row = words,
        Some(row) if row.width() + 4 + words.width() <= columns => {
            *row = std::mem::take(row).text("    ").then(words);
        }
        _ => rows.push(words),
    }
}

fn facets(log: &Log, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if area.is_empty() {
        return;
    }
    let framed = area.height > 2 && (facts.body.height >= HIGH || log.panel == Panel::Facets);
    let inner = if framed {
        Panel::Facets
            .window("Facets of this filter", log.panel)
            .note("= adds · ! excludes")
            .old(facts.old(&[Source::Log]))
            .draw(pen, area)
    } else {
        pen.spot(area, Spot::Panel(Some(Panel::Facets as usize), false));
        area
    };
    let inner = inset(inner);
    let rows = facet_rows(log, facts, usize::from(inner.width));
    // The facet under the cursor is kept in sight.
    let here = rows
        .iter()
        .position(|row| row.spans.iter().any(|span| span.role == Role::Accent));
    let height = usize::from(inner.height);
    let skip = here.map_or(0, |here| (here + 1).saturating_sub(height));
    pen.lines(inner, rows.iter().skip(skip));
}

/// What is said where no line is shown.
fn nothing(log: &Log, facts: &Facts<'_>, columns: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    if let (Progress::Over { .. }, false) = (&log.progress, log.filter.is_empty()) {
        lines.push(no_match(log.lines.looked(), "line", &log.filter));
    }
    let mut say = |text: String, role: Role| {
        for row in wrap(&SafeText::from(text), columns) {
            lines.push(Line::of(row, role));
        }
    };
    match &log.progress {
        Progress::Running(reading) => {
            say(String::from("searching the log …"), Role::Dim);
            if let Some(reading) = reading {
                say(reading.to_string(), Role::Dim);
            }
        }
        Progress::Over { unread, .. } if log.filter.is_empty() => {
            let since = looking::words(facts.range);
            say(
                format!("No line was logged in the last {since}."),
                Role::Text,
            );
            say(String::from("t looks further back"), Role::Dim);
            for why in unread {
                say(why.to_string(), Role::Defer);
            }
        }
        Progress::Over { unread, .. } => {
            say(
                String::from("/ changes the filter · t looks further back"),
                Role::Dim,
            );
            for why in unread {
                say(why.to_string(), Role::Defer);
            }
        }
        Progress::Idle => say(String::from("The log was not looked at yet."), Role::Dim),
    }
    lines
}

pub(super) fn heading(log: &Log, facts: &Facts<'_>) -> Line {
    let crumb = facts.theme.glyphs().crumb;
    let mut line = Line::of(" Log", Role::Head);
    let (shown, looked) = (log.shown(facts) as u64, log.lines.looked());
    let many = format!(
        " {crumb} {} of {} lines",
        numbers::count(shown),
        numbers::count(looked.max(shown))
    );
    line = line.text(many);
    match &log.progress {
        Progress::Running(Some(reading)) => line.add(format!(" · {reading}"), Role::Accent),
        Progress::Running(None) => line.add(" · searching …", Role::Accent),
        Progress::Over { cut: true, .. } if log.lines.has_room() => {
            line.add(" · older ones: scroll to the top", Role::Dim)
        }
        Progress::Over { cut: true, .. } => line.add(" · older ones are left out", Role::Defer),
        Progress::Over { unread, .. } => match unread.first() {
            Some(why) => line.add(format!(" · {why}"), Role::Defer),
            None => line,
        },
        Progress::Idle => line,
    }
}

/// The lines: as they are raw, or in columns.
pub(super) fn extract(log: &Log, facts: &Facts<'_>) -> Extract {
    let shown = 0..log.shown(facts);
    let mut columns = vec!["Time"];
    columns.extend(COLUMNS);
    let (columns, rows) = if log.raw {
        let raw = |at| vec![SafeText::new(log.lines.text(at).unwrap_or_default())];
        (vec!["Line"], shown.map(raw).collect())
    } else {
        let cells = |at| row(log, at, true, facts).words();
        (columns, shown.map(cells).collect())
    };
    Extract {
        title: SafeText::from(format!("log {}", log.filter.text())),
        columns,
        rows,
        selected: log.at(facts),
    }
}
