//! What the three charts show and what is said of them: the figures of CPU, of the disk and of memory in words.
//!
//! What has a past is of the moment that is looked at; what has none is only said of now.

use super::super::services::ServiceRow;
use super::super::{Panel, System};
use crate::model::host::{Disk, Figure, HostSample};
use crate::numbers;
use crate::theme::Role;
use crate::views::Facts;
use crate::widgets::Line;
use chrono::TimeDelta;
use std::sync::Arc;

/// One chart and what is said of it.
pub(super) struct Chart<'a> {
    pub(super) panel: Panel,
    pub(super) name: String,
    pub(super) now: Option<f64>,
    pub(super) note: String,
    pub(super) values: &'a [Option<f64>],
    pub(super) below: Vec<Line>,
    /// The same where there is one line for all.
    pub(super) short: Vec<String>,
}

/// CPU, the disk and memory.
pub(super) fn all<'a>(view: &'a System, facts: &Facts<'a>) -> [Chart<'a>; 3] {
    let sample = facts.model.host.newest();
    [
        cpu(view, facts),
        disk(view, facts, sample),
        memory(view, facts, sample),
    ]
}

/// `34 %`, or `?`.
pub(super) fn percent(share: Option<f64>) -> String {
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
        return no_disk(
            view,
            facts,
            sample.is_some_and(|sample| sample.spool.is_some()),
        );
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
    let rate = now
        .and_then(|disk| disk.writes)
        .map(|rate| format!("{rate:.0} writes/s"));
    let full = newest(facts).and_then(|sample| sample.pressure?.io_full);
    let psi = pressure(facts, &Figure::IoPressure, full);
    let all: f64 = view.services.iter().filter_map(|row| row.written).sum();
    let busiest = most(
        view,
        |row| row.written,
        |written| format!("{:.0} %", written / all * 100.0),
    );
    let told = view.services.iter().any(|row| row.written.is_some());
    let writers = match (busiest, told) {
        (Some(names), _) => format!("writers {names}"),
        (None, true) => String::from("no mail process writes"),
        (None, false) => of_services("writes", facts),
    };
    Chart {
        panel: Panel::Disk,
        name: format!("Disk {name}"),
        now: share(facts, &Figure::Busy(Arc::clone(name))),
        values: &view.charts.busy,
        below: vec![
            Line::of(joined([latency.clone(), rate.clone()], " · "), Role::Text),
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
            rate.unwrap_or_default(),
            short(&pressure(facts, &Figure::IoPressure, None)),
        ],
        note,
    }
}

/// Why there is no disk to tell of.
fn no_disk<'a>(view: &'a System, facts: &Facts<'_>, spool: bool) -> Chart<'a> {
    let why = if spool {
        "the spool's disk is not known (yet)"
    } else {
        "not yet"
    };
    Chart {
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
