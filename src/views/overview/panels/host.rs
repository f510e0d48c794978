//! CPU, disk, spool and smtp processes: what stops the mail first. Four panels where there is room, else one line. Memory stands where one
//! of the others is not known.
//!
//! The host at the moment that is looked at goes in. A share is drawn against the whole, never against its own largest value.

use crate::model::feeds::Source;
use crate::model::headroom::{self, Full, NEAR, Resource, Used};
use crate::model::host::{self, HostSample, Place};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen, Window, meter, sparkline};
use chrono::TimeDelta;
use ratatui::layout::Rect;

use super::TWO_COLUMNS;

/// Panels in a row.
const PANELS: usize = 4;
/// How far back the small curves go, and their values.
const BACK: TimeDelta = TimeDelta::minutes(10);
const VALUES: usize = 60;

/// One figure of the host.
struct Figure {
    title: SafeText,
    /// The same for a line.
    name: &'static str,
    words: String,
    /// The same for a line that holds all of them.
    short: String,
    /// Share in use.
    share: f64,
    /// Whether the limit is reached.
    reached: bool,
    trend: Vec<Option<f64>>,
}

/// One line of CPU, memory, disk and free spool space.
pub(super) fn host_line(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let facts = &facts.as_told_by(&[Source::Host]);
    let Some(sample) = facts.model.host.newest() else {
        pen.text(
            area.x + 1,
            area.y,
            area.width,
            "host figures: not yet",
            Role::Dim,
        );
        return;
    };
    let mut line = Line::new();
    for figure in figures(sample, facts) {
        line = line
            .add(format!(" {} ", figure.name), Role::Dim)
            .add(figure.short, in_use(figure.share));
        if area.width >= TWO_COLUMNS {
            line = line
                .text(" ")
                .then(sparkline(&figure.trend, 1.0, 4, Role::Accent, facts.theme));
        }
    }
    pen.line(area.x, area.y, area.width, &line);
    if let Some(old) = facts.old(&[Source::Host]) {
        old.over(pen, area);
    }
}

pub(super) fn host_panels(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let facts = &facts.as_told_by(&[Source::Host]);
    let Some(sample) = facts.model.host.newest() else {
        Window::new("Host")
            .note("not yet")
            .old(facts.old(&[Source::Host]))
            .draw(pen, area);
        return;
    };
    let figures = figures(sample, facts);
    let (many, each) = (figures.len(), area.width / figures.len().max(1) as u16);
    for (nth, figure) in figures.into_iter().enumerate() {
        let x = area.x + nth as u16 * each;
        let width = if nth + 1 == many {
            area.right().saturating_sub(x)
        } else {
            each
        };
        let title = if figure.reached {
            Line::of(format!("{} ", facts.theme.glyphs().alert), Role::Alert)
                .add(figure.title, Role::Head)
        } else {
            Line::of(figure.title, Role::Head)
        };
        let inner = Window::new(title)
            .old(facts.old(&[Source::Host]))
            .draw(pen, Rect { x, width, ..area });
        let role = match in_use(figure.share) {
            Role::Text => Role::Accent,
            near => near,
        };
        let meter = meter(figure.share, 1.0, inner.width, role, facts.theme);
        let trend = sparkline(&figure.trend, 1.0, inner.width, Role::Accent, facts.theme);
        pen.lines(
            inner,
            &[meter, Line::of(figure.words, in_use(figure.share)), trend],
        );
    }
}

/// A figure near its limit makes mail wait, and loses none.
fn in_use(share: f64) -> Role {
    if share >= NEAR {
        Role::Defer
    } else {
        Role::Text
    }
}

/// Those that are known, at most as many as there are panels.
fn figures(sample: &HostSample, facts: &Facts<'_>) -> Vec<Figure> {
    let mut all: Vec<Figure> = vec![cpu(sample, facts)];
    all.extend(disk(sample, facts));
    all.extend(spool(sample, facts));
    all.extend(smtp(facts));
    if all.len() < PANELS {
        all.insert(1, memory(sample, facts));
    }
    all
}

fn at(facts: &Facts<'_>, figure: &host::Figure) -> Option<f64> {
    facts.model.host.value(figure, facts.until)
}

fn trend(facts: &Facts<'_>, figure: &host::Figure) -> Vec<Option<f64>> {
    let host = &facts.model.host;
    host.series(figure, facts.until, BACK, VALUES)
}

/// `34%`, or `-`.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(
        || String::from("-"),
        |share| format!("{:.0}%", share * 100.0),
    )
}

/// ` PSI 2`; nothing when it is not known.
fn pressure(facts: &Facts<'_>, figure: &host::Figure) -> String {
    at(facts, figure).map_or_else(String::new, |some| format!(" · PSI {some:.0}"))
}

fn cpu(sample: &HostSample, facts: &Facts<'_>) -> Figure {
    let share = at(facts, &host::Figure::Cpu);
    let iowait = at(facts, &host::Figure::Iowait)
        .map(|iowait| format!(" · iowait {:.0}", iowait * 100.0))
        .unwrap_or_default();
    let pressure = pressure(facts, &host::Figure::CpuPressure);
    Figure {
        title: SafeText::from("CPU"),
        name: "CPU",
        words: format!(
            "{} of {}{iowait}{pressure}",
            percent(share),
            numbers::compact(sample.cores())
        ),
        short: percent(share),
        share: share.unwrap_or(0.0),
        reached: false,
        trend: trend(facts, &host::Figure::Cpu),
    }
}

fn memory(sample: &HostSample, facts: &Facts<'_>) -> Figure {
    let share = at(facts, &host::Figure::Memory);
    Figure {
        title: SafeText::from("Memory"),
        name: "mem",
        words: format!(
            "{} of {}",
            percent(share),
            numbers::bytes(sample.memory_total)
        ),
        short: percent(share),
        share: share.unwrap_or(0.0),
        reached: false,
        trend: trend(facts, &host::Figure::Memory),
    }
}

fn disk(sample: &HostSample, facts: &Facts<'_>) -> Option<Figure> {
    let disk = sample.disk.as_ref()?;
    let busy = host::Figure::Busy(disk.name.as_str().into());
    let share = at(facts, &busy);
    let latency = at(facts, &host::Figure::Latency(disk.name.as_str().into()))
        .map(|ms| format!(" · {ms:.1} ms"))
        .unwrap_or_default();
    let pressure = pressure(facts, &host::Figure::IoPressure);
    Some(Figure {
        title: SafeText::from(format!("Disk {}", disk.name)),
        name: "IO",
        words: format!("{} busy{latency}{pressure}", percent(share)),
        short: percent(share),
        share: share.unwrap_or(0.0),
        reached: false,
        trend: trend(facts, &busy),
    })
}

/// Space or inodes, whichever is nearer to its end.
fn spool(sample: &HostSample, facts: &Facts<'_>) -> Option<Figure> {
    let spool = sample.spool.as_ref()?;
    let space = at(facts, &host::Figure::Space(Place::Spool));
    let inodes = at(facts, &host::Figure::Inodes(Place::Spool));
    let (words, short) = match inodes {
        Some(_) => (
            format!("{} space · {} inodes", percent(space), percent(inodes)),
            format!("{} inode {}", percent(space), percent(inodes)),
        ),
        None => (format!("{} space", percent(space)), percent(space)),
    };
    let fuller = match (space, inodes) {
        (Some(space), Some(inodes)) if inodes > space => host::Figure::Inodes(Place::Spool),
        _ => host::Figure::Space(Place::Spool),
    };
    let minfree = facts
        .model
        .limits
        .postfix
        .known()
        .and_then(|limits| limits.minfree);
    let free = space.map(|space| (1.0 - space) * spool.total as f64);
    Some(Figure {
        title: SafeText::from(format!("Spool {}", spool.label())),
        name: "spool",
        words,
        short,
        share: at(facts, &fuller).unwrap_or(0.0),
        reached: free
            .zip(minfree)
            .is_some_and(|(free, least)| free <= least as f64),
        trend: trend(facts, &fuller),
    })
}

/// What deliveries wait for: smtp processes against their limit.
fn smtp(facts: &Facts<'_>) -> Option<Figure> {
    let found = headroom::smtp(facts.model, facts.until)?;
    let Resource {
        used: Used::Count(count, most),
        share,
        full,
        figure,
        ..
    } = &found
    else {
        return None;
    };
    let reached = *full == Full::Now;
    let figure = figure.as_ref()?;
    let limit = most.map_or_else(|| String::from("?"), numbers::count);
    let count = numbers::count(*count);
    let what = match (reached, most) {
        (true, _) => " · limit reached",
        (false, Some(_)) => "",
        (false, None) => " · limit not known",
    };
    let most = most.unwrap_or(1).max(1) as f64;
    Some(Figure {
        title: SafeText::from("smtp processes"),
        name: "smtp",
        words: format!("{count}/{limit}{what}"),
        short: format!("{count}/{limit}{}", if reached { " limit" } else { "" }),
        share: share.unwrap_or(0.0),
        reached,
        trend: trend(facts, figure)
            .into_iter()
            .map(|count| count.map(|count| count / most))
            .collect(),
    })
}
