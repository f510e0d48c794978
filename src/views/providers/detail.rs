//! What is known of the selected cell: the words of the answer, its curve, whose mail, and since when.

use super::{Providers, name, role};
use crate::model::feeds::Source;
use crate::model::providers::Outcome;
use crate::model::providers::cell::{Curve, Wording};
use crate::model::providers::onset::Onset;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, clock, inset, over_time, step_rate};
use crate::widgets::{Line, Pen, Window, marked, sparkline, wrap};
use ratatui::layout::Rect;
use std::time::Duration;

/// Columns of the labels.
const LABEL: usize = 9;

pub(super) fn draw(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let (Some(row), Some(column)) = (view.row(), view.column()) else {
        return;
    };
    let title = format!("{} · {}", name(&row.who), column.title());
    let cell = &view.cell;
    let (messages, more) = cell.messages;
    let attempts = numbers::many(cell.attempts as usize, "attempt");
    let note = if messages == 0 {
        attempts
    } else {
        let least = if more { "at least " } else { "" };
        let messages = numbers::many(messages as usize, "message");
        format!("{attempts} · {least}{messages}")
    };
    let inner = inset(
        Window::new(title)
            .note(note)
            .old(facts.old(&[Source::Log]))
            .draw(pen, area),
    );
    if inner.height >= 9 {
        high(view, pen, inner, facts, role(column));
    } else {
        low(view, pen, inner, facts, role(column));
    }
}

/// Words, curve and everything else.
fn high(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>, role: Role) {
    let below = told(view, area, facts);
    let room = usize::from(area.height).saturating_sub(below.len());
    let words = words(view, usize::from(area.width), (room / 3).clamp(1, 4), role);
    let chart = usize::from(area.height).saturating_sub(below.len() + words.len());
    let drawn = pen.lines(area, &words);
    let at = Rect {
        y: area.y + drawn,
        height: area.height - drawn,
        ..area
    };
    let chart = Rect {
        height: chart.min(8) as u16,
        ..at
    };
    if chart.height >= 3 {
        let values = values(view, facts);
        over_time(&values, role, facts)
            .reaching(facts.shown().reach(view.curve.minutes()))
            .draw(pen, chart);
    }
    let rest = Rect {
        y: chart.bottom(),
        height: at.bottom() - chart.bottom(),
        ..at
    };
    pen.lines(rest, &below);
}

/// Four lines.
fn low(view: &Providers, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>, role: Role) {
    let class = class(view, facts);
    // The curve, whose mail, the class, and what to do.
    let others = 2 + class.len();
    let room = usize::from(area.height).saturating_sub(others).clamp(1, 3);
    let mut lines = words(view, usize::from(area.width), room, role);
    let onset = onset(view, facts).map(|words| format!(" {words}"));
    let onset = SafeText::from(onset.unwrap_or_default());
    let spark = usize::from(area.width).saturating_sub(onset.width()).max(8);
    let values = values(view, facts);
    let most = values.iter().flatten().copied().fold(1.0, f64::max);
    let curve = sparkline(&values, most, spark as u16, role, facts.theme);
    lines.push(marked(curve, facts.shown().cursor).add(onset, Role::Text));
    let mut facts_line = Vec::new();
    facts_line.extend(addresses(view).map(|ip| format!("from {ip}")));
    if let Some((sender, count)) = view.cell.senders.first() {
        facts_line.push(format!(
            "{} {}",
            address(sender),
            share(*count, view.cell.attempts)
        ));
    } else if let Some((Some(domain), count)) = view.cell.domains.first() {
        facts_line.push(format!(
            "{} {}",
            SafeText::from(&**domain),
            share(*count, view.cell.attempts)
        ));
    }
    let p95 = view
        .provider()
        .and_then(|provider| view.delays.iter().find(|(of, _)| *of == provider))
        .and_then(|(_, delays)| delays.total.quantile(0.95));
    facts_line.extend(p95.map(|p95| format!("p95 {}", seconds(p95))));
    lines.push(Line::of(facts_line.join(" · "), Role::Text));
    lines.extend(class.into_iter().map(Line::from));
    pen.lines(area, &lines);
}

/// The words of the answers, most frequent first, in at most so many lines.
fn words(view: &Providers, width: usize, most: usize, role: Role) -> Vec<Line> {
    let wordings = &view.cell.wordings;
    let Some(first) = wordings.first() else {
        let words = if view.cell.attempts > 0 {
            "delivered"
        } else {
            "no such answer"
        };
        return vec![Line::of(
            words,
            if view.cell.attempts > 0 {
                Role::Ok
            } else {
                Role::Dim
            },
        )];
    };
    let role = match first.outcome {
        Outcome::Deferred if role == Role::Bounce => Role::Defer,
        _ => role,
    };
    let others = wordings.len() - 1;
    let mut lines: Vec<Line> = Vec::new();
    let own = if others > 0 && most > 1 {
        most - 1
    } else {
        most
    };
    let all = wrap(&spoken(first), width);
    let cut = all.len() > own;
    for (nth, text) in all.into_iter().take(own).enumerate() {
        let text = if cut && nth + 1 == own {
            SafeText::from(format!("{} …", text.cut(width.saturating_sub(2))))
        } else {
            text
        };
        lines.push(Line::of(text, role));
    }
    if let Some(second) = wordings.get(1).filter(|_| most > 1) {
        let many = if others == 1 {
            String::from("also ")
        } else {
            format!("also {others} others: ")
        };
        let line = Line::of(many, Role::Dim)
            .add(format!("{} × ", numbers::count(second.attempts)), Role::Dim)
            .add(spoken(second), role);
        lines.push(line);
    }
    lines
}

fn spoken(wording: &Wording) -> SafeText {
    match (&wording.sample, &wording.cause) {
        (Some(reason), _) => reason.line(),
        (None, Some(cause)) => SafeText::from(&**cause),
        (None, None) => SafeText::from("answers that were too many to be told apart"),
    }
}

/// What is told below the curve.
fn told(view: &Providers, area: Rect, facts: &Facts<'_>) -> Vec<Line> {
    let width = usize::from(area.width);
    let label = |name: &str| Line::of(SafeText::from(name).pad(LABEL), Role::Dim);
    let mut lines = Vec::new();
    let cell = &view.cell;
    let addresses: Vec<String> = addresses(view).collect();
    if !addresses.is_empty() {
        let words = addresses.join(" · ");
        lines.push(
            label("From IP")
                .text(words)
                .add(" (named in the answer)", Role::Dim),
        );
    }
    if !cell.senders.is_empty() {
        let known: u64 = cell.senders.iter().map(|(_, count)| count).sum();
        let senders = cell.senders.iter().take(3);
        let words: Vec<String> = senders
            .map(|(sender, count)| format!("{} {}", address(sender), share(*count, cell.attempts)))
            .collect();
        let more = cell.senders.len().saturating_sub(3);
        let mut line = label("Sender").text(words.join(" · "));
        if more > 0 {
            line = line.add(format!(" · {more} more"), Role::Dim);
        } else if known < cell.attempts {
            line = line.add(
                format!(" · unknown {}", share(cell.attempts - known, cell.attempts)),
                Role::Dim,
            );
        }
        lines.push(line);
    }
    if !cell.domains.is_empty() {
        let domains = cell.domains.iter().take(3);
        let words: Vec<String> = domains
            .map(|(domain, count)| {
                let domain = domain.as_deref().unwrap_or("others");
                format!("{} {}", SafeText::from(domain), numbers::count(*count))
            })
            .collect();
        let more = cell.domains.len().saturating_sub(3);
        let mut line = label("Domains").text(words.join(" · "));
        if more > 0 {
            line = line.add(format!(" · {more} more"), Role::Dim);
        }
        lines.push(line);
    }
    if let Some(words) = onset(view, facts) {
        lines.push(label("Onset").text(words.strip_prefix("onset ").unwrap_or(&words)));
    } else if let (Some(first), Some(last)) = (cell.seen.first, cell.seen.last) {
        let words = format!(
            "first {} · last {}",
            clock(first, facts),
            clock(last, facts)
        );
        lines.push(label("Seen").text(words));
    }
    let mut class = class(view, facts).into_iter();
    if let Some(words) = class.next() {
        lines.push(label("Class").text(words.strip_prefix("class: ").unwrap_or(&words)));
    }
    if area.height >= 14
        && let Some(advice) = class.next()
    {
        for (nth, text) in wrap(&SafeText::from(advice), width.saturating_sub(LABEL))
            .into_iter()
            .take(2)
            .enumerate()
        {
            lines.push(label(if nth == 0 { "Advice" } else { "" }).text(text));
        }
    }
    lines
}

/// `class: rate-limited (temporary; slower helps)`, and what to do, if anything is known.
fn class(view: &Providers, facts: &Facts<'_>) -> Vec<String> {
    let sample = view
        .cell
        .wordings
        .iter()
        .find_map(|wording| wording.sample.as_ref());
    let Some(reason) = sample else {
        return Vec::new();
    };
    let knowledge = facts.model.facts.knowledge();
    let Some(reply) = knowledge.reply(
        view.provider().or_else(|| reason.provider(knowledge)),
        reason,
    ) else {
        return vec![String::from("class: other (no table knows this answer)")];
    };
    let mut told = vec![format!("class: {} · {}", reply.class, reply.meaning)];
    if !reply.advice.is_empty() {
        told.push(reply.advice.to_string());
    }
    told
}

/// Since when, in words; `None` where the row goes on delivering.
fn onset(view: &Providers, facts: &Facts<'_>) -> Option<String> {
    Some(match view.cell.onset? {
        Onset::Since {
            began,
            delivered: Some(delivered),
        } => {
            let after = (began - delivered).num_seconds().max(0).unsigned_abs();
            let after = numbers::duration(Duration::from_secs(after));
            format!("onset {}, {after} after the last 250", clock(began, facts))
        }
        Onset::Since {
            began,
            delivered: None,
        } => format!("onset {}, nothing delivered before", clock(began, facts)),
        Onset::Mostly {
            began: Some(began),
            others,
        } => format!(
            "onset about {}, {} other answers since",
            clock(began, facts),
            numbers::count(others)
        ),
        Onset::Mostly { began: None, .. } => String::from("onset before this range"),
    })
}

fn addresses(view: &Providers) -> impl Iterator<Item = String> {
    let all = view.cell.own_addresses();
    all.into_iter().take(2).map(|ip| ip.to_string())
}

fn address(sender: &str) -> SafeText {
    if sender.is_empty() {
        "<>".into()
    } else {
        SafeText::from(sender).cut(32)
    }
}

fn share(count: u64, all: u64) -> String {
    format!("{:.0} %", count as f64 * 100.0 / all.max(1) as f64)
}

/// Seconds as a length of time.
pub(super) fn seconds(seconds: f64) -> String {
    numbers::delay(Duration::try_from_secs_f64(seconds).unwrap_or_default())
}

/// Attempts a minute over the time that charts show.
fn values(view: &Providers, facts: &Facts<'_>) -> Vec<Option<f64>> {
    let Curve {
        first,
        step,
        counts,
    } = &view.curve;
    let begins = (0..).map(|nth| first + nth * step);
    counts
        .iter()
        .zip(begins)
        .map(|(count, begin)| step_rate((*count)?, begin, *step, facts))
        .collect()
}
