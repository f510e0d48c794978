//! The depths of the queues, how they changed, and how old the listing is that they come from.
//!
//! What is not known yet is `-` and no zero; a change since less than ten minutes ago says so.

use super::super::{Overview, Panel, QUEUES, depth_of, oldest};
use crate::model::attempts::Attempts;
use crate::model::feeds::Source;
use crate::model::outlook::SOON;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, WINDOW, until};
use crate::widgets::{Line, Pen, Spot, bar};
use ratatui::layout::Rect;

/// From this many columns on there are bars, and words instead of signs.
const WIDE: u16 = 40;

/// How many messages are in each queue, and how that changed.
pub(super) fn queues(view: &Overview, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let focused = view.panel == Panel::Queues;
    let inner = Panel::Queues
        .window("Queues", view.panel)
        .note(format!("Δ {}", since(view)))
        .old(facts.old(&[Source::Queue]))
        .draw(pen, area);
    let now = view.now();
    let most = QUEUES
        .iter()
        .filter_map(|(_, scope, _)| Some(depth_of(now?, *scope)))
        .max()
        .unwrap_or(0)
        .max(1);
    let wide = inner.width >= WIDE;
    let mut lines = Vec::new();
    for (nth, (name, scope, role)) in QUEUES.iter().enumerate() {
        // Nobody knows yet: that is no zero.
        let known = now.map(|now| depth_of(now, *scope));
        let depth = known.unwrap_or(0);
        let delta = view.before.map_or_else(String::new, |before| {
            numbers::delta(depth - depth_of(before.depth, *scope))
        });
        let mark = if focused && nth == view.queue {
            facts.theme.glyphs().selected
        } else {
            " "
        };
        let mut line = Line::of(mark, Role::Accent)
            .add(
                SafeText::from(*name).pad(9),
                if depth > 0 { *role } else { Role::Dim },
            )
            .text(format!(
                "{:>9} ",
                known.map_or_else(
                    || String::from("-"),
                    |depth| numbers::count(depth.unsigned_abs())
                )
            ));
        if wide {
            let drawn = bar(depth as f64, most as f64, 14, *role, facts.theme);
            let rest = 15 - drawn.width();
            line = line.then(drawn).text(" ".repeat(rest));
        }
        lines.push(line.add(
            format!("{delta:>8}"),
            if depth > 0 { Role::Text } else { Role::Dim },
        ));
    }
    lines.extend(queue_notes(view, facts, inner.width));
    pen.lines(inner, &lines);
    for (y, at) in (inner.top()..inner.bottom()).zip(0..QUEUES.len()) {
        let row = Rect {
            y,
            height: 1,
            ..inner
        };
        pen.spot(row, Spot::Row(at, at == view.queue));
    }
}

/// How far the changes look back: `10 min`, or less when less is known.
fn since(view: &Overview) -> String {
    match view.before {
        Some(before) if before.ago < 60 => format!("{} s", before.ago),
        Some(before) => format!("{} min", before.ago / 60),
        None => format!("{WINDOW} min"),
    }
}

/// What else is known of the queue, most important first.
fn queue_notes(view: &Overview, facts: &Facts<'_>, width: u16) -> Vec<Line> {
    let wide = width >= WIDE;
    let size = match facts.model.queue.listed().at {
        Some(_) => numbers::bytes(facts.model.queue.bytes()),
        None => String::from("-"),
    };
    let glyphs = facts.theme.glyphs();
    let label = |name: &'static str| Line::of(SafeText::from(name).pad(10), Role::Dim);
    let first = match (wide, first_expiry(facts)) {
        // Where there is no room for a line of its own, it stands where the size would.
        (false, Some(left)) => label(" oldest")
            .text(oldest(facts))
            .text(format!(" (exp {left})")),
        _ => label(" oldest")
            .text(oldest(facts))
            .add("   size ", Role::Dim)
            .text(size),
    };
    // What is listed is what is there now, and so is what is made of it.
    let live = facts.until >= facts.model.now();
    let mut lines = if live { vec![first] } else { Vec::new() };
    // A trend of less than a minute is none.
    if let Some(per_minute) = facts.growth.per_minute().filter(|_| live) {
        let words = match facts.growth.drains_in {
            Some(time) => format!("drained in {}", numbers::duration(time)),
            None if facts.growth.change > 0 => String::from("grows"),
            None if facts.growth.change < 0 => String::from("shrinks"),
            None => String::from("steady"),
        };
        lines.push(label(" trend").text(format!("{}   {words}", numbers::trend(per_minute, "m"))));
    }
    if wide && live {
        lines.extend(expires(facts).map(|line| label(" expires").then(line)));
        lines.extend(retries(facts).map(|line| label(" retries").then(line)));
    }
    let flow = view.flow;
    lines.push(
        Line::of(
            SafeText::from(format!(" {}", since(view))).pad(10),
            Role::Dim,
        )
        .add(
            format!("{} {}", glyphs.sent, numbers::count(flow.sent)),
            Role::Ok,
        )
        .add(
            format!("  {} {}", glyphs.deferred, numbers::count(flow.deferred)),
            Role::Defer,
        )
        .add(
            format!(
                "  {} {}",
                glyphs.bounced,
                numbers::count(flow.bounced + flow.expired)
            ),
            Role::Bounce,
        ),
    );
    if live {
        lines.push(label(" listed").then(listed(facts)));
    }
    lines
}

/// The time until the first message expires: `21h 40m`, or `now`.
fn first_expiry(facts: &Facts<'_>) -> Option<String> {
    let first = facts.standing.outlook.expiring.as_ref()?.first?;
    Some(until(first, facts))
}

/// `3 within 1 h, first in 12m`; `first in 21h 40m`; what is unknown says so.
fn expires(facts: &Facts<'_>) -> Option<Line> {
    facts.model.settings?;
    let Some(expiring) = facts.standing.outlook.expiring else {
        return Some(Line::of("unknown: postconf did not answer", Role::Dim));
    };
    let left = until(expiring.first?, facts);
    let first = match left.as_str() {
        "now" => String::from("first at next attempt"),
        _ => format!("first in {left}"),
    };
    Some(match expiring.within_hour {
        0 => Line::from(first),
        soon => Line::of(
            format!("{} within 1 h", numbers::count(soon as u64)),
            Role::Defer,
        )
        .text(format!(", {first}")),
    })
}

/// `240 in 15 min, 190 to Google`; what is unknown says so.
fn retries(facts: &Facts<'_>) -> Option<Line> {
    match facts.model.attempts.as_ref()? {
        Attempts::Unreadable(why) => Some(Line::of(format!("unknown: {why}"), Role::Dim)),
        Attempts::Read(_) => {
            let retries = facts.standing.outlook.retries?;
            let most = retries.most.map_or_else(String::new, |(provider, count)| {
                let count = if count == retries.soon {
                    String::from("all")
                } else {
                    numbers::count(count as u64)
                };
                format!(", {count} to {}", provider.name())
            });
            Some(Line::from(format!(
                "{} in {SOON} min{most}",
                numbers::count(retries.soon as u64)
            )))
        }
    }
}

/// How old the listing is, and whether the next one comes.
fn listed(facts: &Facts<'_>) -> Line {
    let listed = facts.model.queue.listed();
    let now = facts.model.now();
    let mut line = match listed.at {
        None => Line::of("not yet", Role::Dim),
        Some(at) => {
            let old = crate::views::age((now - at).num_seconds());
            // When the one after it broke off, there is something more important to say.
            if listed.broke_off.is_some() {
                Line::from(format!("{old} ago"))
            } else {
                Line::from(format!(
                    "{old} ago, took {:.1} s",
                    listed.took.as_secs_f64()
                ))
            }
        }
    };
    if let Some(seen) = listed.broke_off {
        line = line.add(
            format!("; then broke off after {}", numbers::count(seen as u64)),
            Role::Bounce,
        );
    } else if let Some(running) = listed.running.filter(|seen| *seen > 1000) {
        line = line.add(
            format!("; listing, {} so far", numbers::count(running as u64)),
            Role::Dim,
        );
    }
    if listed.bad_lines > 0 {
        line = line.add(
            format!("; {} lines unreadable", numbers::count(listed.bad_lines)),
            Role::Bounce,
        );
    }
    line
}
