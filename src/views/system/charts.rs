//! Three charts: CPU, the disk and memory; each with its figures in words. Where there is little room they are one line each.

use super::services::ServiceRow;
use super::{Panel, System};
use crate::model::headroom::{Kind, Resource};
use crate::model::host::{Disk, Figure, HostSample};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::{Line, Pen, TimeSeries, Window, sparkline};
use chrono::{DateTime, TimeDelta, Utc};
use ratatui::layout::Rect;
use std::sync::Arc;

/// Values of a chart: two for each column of a wide one.
const VALUES: usize = 160;
/// The shortest range that a chart of the host shows.
const SHORTEST: TimeDelta = TimeDelta::minutes(10);

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Charts {
    range: TimeDelta,
    /// In percent.
    cpu: Vec<Option<f64>>,
    busy: Vec<Option<f64>>,
    memory: Vec<Option<f64>>,
    disk: Option<Arc<str>>,
}

impl Charts {
    /// The time that they show.
    pub(super) fn range(&self) -> TimeDelta {
        self.range
    }

    /// Of the moment and range that are looked at. The disk is the selected one, else the spool's.
    pub(super) fn of(facts: &Facts<'_>, selected: Option<&Resource>) -> Self {
        let host = &facts.model.host;
        let range = range(facts);
        let percent = |figure: &Figure| {
            let series = host.series(figure, facts.until, range, VALUES);
            series
                .into_iter()
                .map(|share| share.map(|share| share * 100.0))
                .collect()
        };
        let chosen = selected.filter(|resource| resource.kind == Kind::Disk);
        let disk = match chosen.and_then(|resource| resource.figure.as_ref()) {
            Some(Figure::Busy(name)) => Some(Arc::clone(name)),
            _ => first_disk(facts),
        };
        Self {
            range,
            cpu: percent(&Figure::Cpu),
            busy: disk.as_ref().map_or_else(
                || vec![None; VALUES],
                |name| percent(&Figure::Busy(Arc::clone(name))),
            ),
            memory: percent(&Figure::Memory),
            disk,
        }
    }
}

fn first_disk(facts: &Facts<'_>) -> Option<Arc<str>> {
    let mut disks = facts.model.host.newest()?.disks();
    disks.next().map(|disk| disk.name.as_str().into())
}

/// The log tells of yesterday, the host only of what was since mailtop began: unless a range is chosen, a chart shows just that.
fn range(facts: &Facts<'_>) -> TimeDelta {
    if facts.chart_range == facts.range {
        return facts.range;
    }
    let known = facts
        .model
        .host
        .begins()
        .map_or(SHORTEST, |begin| facts.until - begin);
    let minutes = [10, 30, 60, 180, 360, 720, 1440].map(TimeDelta::minutes);
    let fits = minutes.into_iter().find(|range| *range >= known);
    fits.unwrap_or(minutes[6])
}

/// One chart and what is said of it.
struct Chart<'a> {
    panel: Panel,
    name: String,
    now: Option<f64>,
    note: String,
    values: &'a [Option<f64>],
    below: Vec<Line>,
    /// The same where there is one line for all.
    short: Vec<String>,
}

fn all<'a>(view: &'a System, facts: &Facts<'a>) -> [Chart<'a>; 3] {
    let sample = facts.model.host.newest();
    [
        cpu(view, facts),
        disk(view, facts, sample),
        memory(view, facts, sample),
    ]
}

/// `34 %`, or `?`.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| String::from("?"), |share| format!("{share:.0} %"))
}

fn at(facts: &Facts<'_>, figure: &Figure) -> Option<f64> {
    facts.model.host.value(figure, facts.until)
}

fn share(facts: &Facts<'_>, figure: &Figure) -> Option<f64> {
    at(facts, figure).map(|share| share * 100.0)
}

/// `user 21`; nothing when it is not known.
fn part(facts: &Facts<'_>, figure: &Figure, name: &str) -> Option<String> {
    Some(format!("{name} {:.0}", share(facts, figure)?))
}

fn joined(parts: impl IntoIterator<Item = Option<String>>, by: &str) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(by)
}

/// The two services with most of something.
fn most(
    view: &System,
    of: fn(&ServiceRow) -> Option<f64>,
    words: impl Fn(f64) -> String,
) -> Option<String> {
    let mut rows: Vec<(&ServiceRow, f64)> = view
        .services
        .iter()
        .filter_map(|row| Some((row, of(row)?)))
        .filter(|(_, value)| *value > 0.0)
        .collect();
    rows.sort_by(|one, other| other.1.total_cmp(&one.1));
    let named = rows
        .iter()
        .take(2)
        .map(|(row, value)| format!("{} {}", row.label(), words(*value)));
    let named: Vec<String> = named.collect();
    (!named.is_empty()).then(|| named.join(" · "))
}

fn pressure(facts: &Facts<'_>, figure: &Figure, full: Option<f64>) -> String {
    match (at(facts, figure), full) {
        (None, _) if facts.model.host.newest().is_none() => String::new(),
        (None, _)
            if facts
                .model
                .host
                .newest()
                .is_some_and(|sample| sample.pressure.is_some()) =>
        {
            String::from("PSI not known then")
        }
        (None, _) => String::from("this kernel has no PSI"),
        (Some(some), None) => format!("PSI some {some:.0} %"),
        (Some(some), Some(full)) => format!("PSI some {some:.0} full {full:.0} %"),
    }
}

/// For a narrow column.
fn short(pressure: &str) -> String {
    match pressure {
        "this kernel has no PSI" => String::from("no PSI"),
        known => known.replace("some ", ""),
    }
}

/// Why a figure of single services is missing.
fn of_services(what: &str, facts: &Facts<'_>) -> String {
    if facts.model.host.newest().is_some() && newest(facts).is_none() {
        return format!("{what} of services: only known of now");
    }
    let told = facts.model.host.processes().is_some();
    match what {
        "writes" if told => String::from("writes of services: root sees them"),
        _ => format!("{what} of services: not yet"),
    }
}

/// What only the newest reading knows, when it is the newest that is looked at.
fn newest<'a>(facts: &Facts<'a>) -> Option<&'a HostSample> {
    let host = &facts.model.host;
    let live = host
        .at()
        .is_some_and(|at| facts.until + TimeDelta::seconds(30) >= at);
    host.newest().filter(|_| live)
}

fn cpu<'a>(view: &'a System, facts: &Facts<'a>) -> Chart<'a> {
    let parts = [
        part(facts, &Figure::User, "user"),
        part(facts, &Figure::System, "sys"),
        part(facts, &Figure::Iowait, "iowait"),
        part(facts, &Figure::Steal, "steal").filter(|steal| steal != "steal 0"),
    ];
    let loads = newest(facts).and_then(|sample| sample.loads);
    let load = at(facts, &Figure::Load).map(|load| match loads {
        Some([five, fifteen]) => format!("load {load:.1} {five:.1} {fifteen:.1}"),
        None => format!("load {load:.1}"),
    });
    let psi = pressure(facts, &Figure::CpuPressure, None);
    let top = most(view, |row| row.cpu, |cpu| format!("{:.0} %", cpu * 100.0));
    let note = joined(parts, " ");
    Chart {
        panel: Panel::Cpu,
        name: String::from("CPU"),
        now: share(facts, &Figure::Cpu),
        values: &view.charts.cpu,
        below: vec![
            Line::of(load.clone().unwrap_or_default(), Role::Text),
            Line::of(psi.clone(), Role::Text),
            Line::of(
                top.map_or_else(|| of_services("CPU", facts), |top| format!("top {top}")),
                Role::Dim,
            ),
        ],
        short: vec![
            note.replace("iowait", "iow"),
            load.unwrap_or_default(),
            short(&psi),
        ],
        note,
    }
}

fn disk<'a>(view: &'a System, facts: &Facts<'a>, sample: Option<&HostSample>) -> Chart<'a> {
    let Some(name) = view.charts.disk.as_ref() else {
        let known = sample.is_some_and(|sample| sample.spool.is_some());
        let why = match known {
            true => "the disk under the spool is not known (or not measured yet)",
            false => "not yet",
        };
        return Chart {
            panel: Panel::Disk,
            name: String::from("Disk"),
            now: None,
            note: String::new(),
            values: &view.charts.busy,
            below: vec![Line::of(why, Role::Dim)],
            short: vec![
                String::from(why),
                String::new(),
                short(&pressure(facts, &Figure::IoPressure, None)),
            ],
        };
    };
    let figure = |make: fn(Arc<str>) -> Figure| at(facts, &make(Arc::clone(name)));
    let mib = |rate: f64| format!("{:.1}", rate / f64::from(1 << 20));
    let rates = figure(Figure::Read).zip(figure(Figure::Written));
    let note = rates.map_or_else(String::new, |(read, written)| {
        format!("r {}  w {} MiB/s", mib(read), mib(written))
    });
    let latency = figure(Figure::Latency).map(|ms| format!("await {ms:.1} ms"));
    let now: Option<&Disk> =
        newest(facts).and_then(|sample| sample.disks().find(|disk| disk.name == **name));
    let writes = now
        .and_then(|disk| disk.writes)
        .map(|writes| format!("{writes:.0} writes/s"));
    let full = newest(facts).and_then(|sample| sample.pressure?.io_full);
    let psi = pressure(facts, &Figure::IoPressure, full);
    let all: f64 = view.services.iter().filter_map(|row| row.written).sum();
    let writers = most(
        view,
        |row| row.written,
        |written| format!("{:.0} %", written / all * 100.0),
    );
    let readable = view.services.iter().any(|row| row.written.is_some());
    let writers = match (writers, readable) {
        (Some(writers), _) => format!("writers {writers}"),
        (None, true) => String::from("no mail process writes"),
        (None, false) => of_services("writes", facts),
    };
    Chart {
        panel: Panel::Disk,
        name: format!("Disk {name}"),
        now: share(facts, &Figure::Busy(Arc::clone(name))),
        values: &view.charts.busy,
        below: vec![
            Line::of(joined([latency.clone(), writes.clone()], " · "), Role::Text),
            Line::of(psi, Role::Text),
            Line::of(writers, Role::Dim),
        ],
        short: vec![
            joined(
                [
                    rates.map(|(_, written)| format!("w {} MiB/s", mib(written))),
                    latency.map(|latency| latency.replace("await ", "")),
                ],
                " ",
            ),
            writes.unwrap_or_default(),
            short(&pressure(facts, &Figure::IoPressure, None)),
        ],
        note,
    }
}

fn memory<'a>(view: &'a System, facts: &Facts<'a>, sample: Option<&HostSample>) -> Chart<'a> {
    let share = share(facts, &Figure::Memory);
    let total = sample.map_or(0, |sample| sample.memory_total);
    let used = share.map(|share| (share / 100.0 * total as f64) as u64);
    let note = used.map_or_else(String::new, |used| {
        format!("{} of {}", numbers::bytes(used), numbers::bytes(total))
    });
    let newest = newest(facts);
    let swap = newest
        .and_then(|sample| sample.swap)
        .map(|swap| match swap.total {
            0 => String::from("no swap"),
            total if total <= swap.free => String::from("swap 0"),
            total => format!("swap {}", numbers::bytes(total - swap.free)),
        });
    let kills = newest
        .and_then(|sample| sample.oom_kills)
        .map(|kills| format!("OOM kills {kills}"));
    let killed = newest
        .and_then(|sample| sample.oom_kills)
        .is_some_and(|kills| kills > 0);
    let psi = pressure(
        facts,
        &Figure::MemoryPressure,
        newest.and_then(|sample| sample.pressure?.memory_full),
    );
    let top = most(
        view,
        |row| row.resident.map(|bytes| bytes as f64),
        |bytes| numbers::bytes(bytes as u64),
    );
    let words = joined([swap.clone(), kills.clone()], " · ");
    let cache = newest
        .and_then(|sample| sample.page_cache)
        .map(|cache| format!("cache {}", numbers::bytes(cache)));
    let psi = Some(psi).filter(|psi| !psi.is_empty());
    let cached = joined([psi, cache], " · ");
    Chart {
        panel: Panel::Memory,
        name: String::from("Memory"),
        now: share,
        values: &view.charts.memory,
        below: vec![
            Line::of(words, if killed { Role::Defer } else { Role::Text }),
            Line::of(cached, Role::Text),
            Line::of(
                top.unwrap_or_else(|| of_services("memory", facts)),
                Role::Dim,
            ),
        ],
        short: vec![
            note.clone(),
            joined(
                [swap, kills.map(|kills| kills.replace("OOM kills", "oom"))],
                "  ",
            ),
            short(&pressure(facts, &Figure::MemoryPressure, None)),
        ],
        note,
    }
}

/// Three charts side by side.
pub(super) fn draw(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let third = area.width / 3;
    for (nth, chart) in all(view, facts).into_iter().enumerate() {
        let x = area.x + nth as u16 * third;
        let width = if nth == 2 {
            area.right().saturating_sub(x)
        } else {
            third
        };
        one(view, pen, Rect { x, width, ..area }, facts, &chart);
    }
}

/// The chart of the panel that has the keys, alone.
pub(super) fn alone(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    if let Some(chart) = all(view, facts)
        .iter()
        .find(|chart| chart.panel == view.panel)
    {
        one(view, pen, area, facts, chart);
    }
}

fn one(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>, chart: &Chart<'_>) {
    let inner = Window::new(format!("{} {}", chart.name, percent(chart.now)))
        .note(chart.note.clone())
        .focused(view.panel == chart.panel)
        .draw(pen, area);
    let below = (chart.below.len() as u16).min(inner.height.saturating_sub(4));
    let plot = Rect {
        height: inner.height - below,
        ..inner
    };
    TimeSeries::new(chart.values, Role::Accent)
        .up_to(100.0)
        .labels(labels(facts, view.charts.range))
        .draw(pen, plot);
    let words = Rect {
        x: inner.x + 1,
        y: plot.bottom(),
        width: inner.width.saturating_sub(1),
        height: below,
    };
    pen.lines(words, &chart.below);
}

/// Begin, middle and end.
fn labels(facts: &Facts<'_>, range: TimeDelta) -> Vec<(f64, SafeText)> {
    let clock = |time: DateTime<Utc>| {
        let time = time.with_timezone(&facts.model.zone());
        SafeText::from(time.format("%H:%M").to_string())
    };
    vec![
        (0.0, clock(facts.until - range)),
        (0.5, clock(facts.until - range / 2)),
        (1.0, clock(facts.until)),
    ]
}

/// ` CPU  34% ▂▃▃▂▃  user 21 sys 9   load 2.1   PSI 2 %`: one line each.
pub(super) fn lines(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let spark = if area.width >= 70 { 14 } else { 8 };
    for (y, chart) in (area.top()..area.bottom()).zip(all(view, facts)) {
        let name = chart
            .name
            .trim_start_matches("Disk ")
            .replace("Memory", "mem");
        let role = if view.panel == chart.panel {
            Role::Accent
        } else {
            Role::Dim
        };
        let line = Line::of(format!(" {:<4} ", SafeText::from(name).cut(4)), role)
            .add(
                format!("{:>4} ", percent(chart.now).replace(' ', "")),
                Role::Text,
            )
            .then(sparkline(
                chart.values,
                100.0,
                spark,
                Role::Accent,
                facts.theme,
            ));
        let mut x = area.x + pen.line(area.x, y, area.width, &line) + 2;
        for (words, width) in chart.short.iter().zip([26_u16, 19, 12]) {
            let room = area.right().saturating_sub(x);
            if room < width.min(8) {
                break;
            }
            pen.text(x, y, room.min(width - 1), words.clone(), Role::Text);
            x += width;
        }
    }
}
