//! CPU, memory, disk and spool: what stops the mail first. Four panels where there is room, else one line.
//!
//! The newest reading of the host goes in. A share is drawn against the whole, never against its own largest value.

use crate::model::host::{FileSystem, HostSample};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen, Window, meter, sparkline};
use ratatui::layout::Rect;

use super::TWO_COLUMNS;

/// From this share in use on a resource is near its limit.
const FULL: f64 = 0.9;

/// One figure of the host.
struct Figure {
    title: SafeText,
    words: String,
    /// The same for a line that holds all of them.
    short: String,
    /// Share in use.
    share: f64,
    trend: Vec<Option<f64>>,
}

/// One line of CPU, memory, disk and free spool space.
pub(super) fn host_line(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
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
            .add(format!(" {} ", figure.title), Role::Dim)
            .add(figure.short, in_use(figure.share));
        if area.width >= TWO_COLUMNS {
            line = line
                .text(" ")
                .then(sparkline(&figure.trend, 1.0, 4, Role::Accent, facts.theme));
        }
    }
    pen.line(area.x, area.y, area.width, &line);
}

pub(super) fn host_panels(pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let Some(sample) = facts.model.host.newest() else {
        Window::new("Host").note("not yet").draw(pen, area);
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
        let inner = Window::new(figure.title).draw(pen, Rect { x, width, ..area });
        let role = if figure.share >= FULL {
            Role::Bounce
        } else {
            Role::Accent
        };
        let meter = meter(figure.share, 1.0, inner.width, role, facts.theme);
        let trend = sparkline(&figure.trend, 1.0, inner.width, Role::Accent, facts.theme);
        pen.lines(
            inner,
            &[meter, Line::of(figure.words, in_use(figure.share)), trend],
        );
    }
}

/// A figure near its limit is what stops the mail.
fn in_use(share: f64) -> Role {
    if share >= FULL {
        Role::Bounce
    } else {
        Role::Text
    }
}

/// CPU, memory, disk and spool.
fn figures(sample: &HostSample, facts: &Facts<'_>) -> Vec<Figure> {
    let host = &facts.model.host;
    let percent = |share: f64| format!("{:.0}%", share * 100.0);
    let cpu = sample.cpu.map_or_else(|| String::from("-"), percent);
    let iowait = sample
        .iowait
        .map(|iowait| format!(" iowait {}", percent(iowait)))
        .unwrap_or_default();
    let pressure = sample
        .pressure
        .map(|pressure| format!(" PSI {:.0}", pressure.cpu))
        .unwrap_or_default();
    let memory = used(sample.memory_total, sample.memory_available);
    let mut all = vec![
        Figure {
            title: SafeText::from("CPU"),
            words: format!("{cpu} of {}{iowait}{pressure}", sample.cpus),
            short: cpu,
            share: sample.cpu.unwrap_or(0.0),
            trend: host.trend(|sample| sample.cpu),
        },
        Figure {
            title: SafeText::from("Memory"),
            words: format!(
                "{} of {}",
                percent(memory),
                numbers::bytes(sample.memory_total)
            ),
            short: percent(memory),
            share: memory,
            trend: host.trend(|sample| Some(used(sample.memory_total, sample.memory_available))),
        },
    ];
    if let Some(disk) = &sample.disk {
        let latency = disk
            .latency_ms
            .map(|ms| format!(" {ms:.1} ms"))
            .unwrap_or_default();
        let pressure = sample
            .pressure
            .map(|pressure| format!(" PSI {:.0}", pressure.io))
            .unwrap_or_default();
        all.push(Figure {
            title: SafeText::from(format!("Disk {}", disk.name)),
            words: format!("{} busy{latency}{pressure}", percent(disk.busy)),
            short: percent(disk.busy),
            share: disk.busy,
            trend: host.trend(|sample| sample.disk.as_ref().map(|disk| disk.busy)),
        });
    }
    if let Some(spool) = &sample.spool {
        let inodes = if spool.inodes == 0 {
            String::new()
        } else {
            format!(
                " inodes {}",
                percent(used(spool.inodes, spool.inodes_available))
            )
        };
        all.push(Figure {
            title: SafeText::from("Spool"),
            words: format!("{} free{inodes}", numbers::bytes(spool.available)),
            short: format!("{} free", numbers::bytes(spool.available)),
            share: space(spool),
            trend: host.trend(|sample| sample.spool.as_ref().map(space)),
        });
    }
    all
}

fn space(spool: &FileSystem) -> f64 {
    used(spool.total, spool.available)
}

fn used(all: u64, free: u64) -> f64 {
    if all == 0 {
        0.0
    } else {
        1.0 - free.min(all) as f64 / all as f64
    }
}
