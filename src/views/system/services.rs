//! The processes that carry mail, service by service, against their limits.
//!
//! Counts have a past and are those of the moment that is looked at; CPU, memory and what is written are only known now.

use super::{Panel, System};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter};
use crate::app::sorting::{Order, Sorting};
use crate::model::feeds::Source;
use crate::model::headroom::label;
use crate::model::host::{Family, Figure, Service};
use crate::model::standing::Busiest;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels};
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width};
use chrono::TimeDelta;
use ratatui::layout::Rect;

/// From this width on Postfix stands beside the rest.
const TWO_TABLES: u16 = 100;
/// Older than this a reading is not what is so now.
const NOW: TimeDelta = TimeDelta::seconds(30);

/// One service.
#[derive(Debug, Clone)]
pub(super) struct ServiceRow {
    pub(super) family: Family,
    name: String,
    program: String,
    label: SafeText,
    count: Option<u64>,
    limit: Limit,
    /// Processors; `None` when not known.
    pub(super) cpu: Option<f64>,
    pub(super) resident: Option<u64>,
    pub(super) written: Option<f64>,
    /// Active messages beyond what a full service works on.
    waiting: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Of(u32),
    None,
    Unknown,
}

impl ServiceRow {
    pub(super) fn id(&self) -> (Family, SafeText) {
        (self.family, SafeText::from(self.name.as_str()))
    }

    pub(super) fn figure(&self) -> Figure {
        Figure::Processes(self.family, self.name.as_str().into())
    }

    /// `smtp`, `dovecot/imap`, `rspamd`
    pub(super) fn label(&self) -> &SafeText {
        &self.label
    }

    /// The filter that finds what its processes log.
    pub(super) fn lines(&self) -> Filter {
        let one = |field, value: &str| Filter::default().with(field, &SafeText::from(value));
        match self.family {
            Family::Dovecot => {
                let service = SafeText::from(self.name.as_str());
                one(Field::Program, "dovecot").with(Field::Anywhere, &service)
            }
            Family::Postfix | Family::Helper => one(Field::Program, &self.program),
        }
    }

    fn full(&self) -> bool {
        matches!((self.limit, self.count), (Limit::Of(most), Some(count)) if most > 1 && count >= u64::from(most))
    }

    fn count(&self) -> String {
        self.count.map_or_else(|| String::from("?"), numbers::count)
    }

    fn limit(&self) -> String {
        match self.limit {
            Limit::Of(most) => numbers::count(u64::from(most)),
            Limit::None => String::from("-"),
            Limit::Unknown => String::from("?"),
        }
    }

    fn cpu(&self) -> String {
        self.cpu
            .map_or_else(|| String::from("-"), |cpu| format!("{:.1}", cpu * 100.0))
    }

    fn resident(&self) -> String {
        self.resident
            .map_or_else(|| String::from("-"), numbers::bytes)
    }
}

/// What the services are sorted by, within those of Postfix, of Dovecot and the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Processes,
    Name,
    Cpu,
    Resident,
}

pub(super) const ORDERS: &[Order<By>] = &[
    (By::Processes, "processes", Sort::Down),
    (By::Name, "name", Sort::Up),
    (By::Cpu, "cpu", Sort::Down),
    (By::Resident, "memory", Sort::Down),
];

/// The services of the moment. By processes those at their limit come first.
pub(super) fn rows(facts: &Facts<'_>, order: Sorting<By>) -> Vec<ServiceRow> {
    let host = &facts.model.host;
    let live = host.at().is_some_and(|at| facts.until + NOW >= at);
    let services = host.processes().into_iter().flat_map(|all| &all.services);
    let mut rows: Vec<ServiceRow> = services.map(|service| row(facts, service, live)).collect();
    rows.sort_by(|one, other| {
        let by = match order.by() {
            By::Processes => (other.full(), other.count).cmp(&(one.full(), one.count)),
            By::Name => one.label.as_str().cmp(other.label.as_str()),
            By::Cpu => other
                .cpu
                .unwrap_or(-1.0)
                .total_cmp(&one.cpu.unwrap_or(-1.0)),
            By::Resident => other.resident.cmp(&one.resident),
        };
        let by = order.run(by);
        let family = one.family.cmp(&other.family);
        family.then(by).then_with(|| one.name.cmp(&other.name))
    });
    rows
}

fn row(facts: &Facts<'_>, service: &Service, live: bool) -> ServiceRow {
    let figure = Figure::Processes(service.family, service.name.as_str().into());
    let count = if live {
        Some(u64::from(service.count))
    } else {
        facts
            .model
            .host
            .value(&figure, facts.until)
            .map(|count| count.round() as u64)
    };
    let limits = &facts.model.limits;
    let limit = match service.family {
        Family::Postfix => limits
            .postfix
            .known()
            .map(|known| known.services.get(&service.name).copied()),
        Family::Dovecot => limits.dovecot.known().map(|known| {
            known
                .services
                .get(&service.name)
                .map(|service| service.processes)
        }),
        Family::Helper => Some(None),
    };
    let limit = match limit {
        Some(Some(limit)) => limit.processes.map_or(Limit::None, Limit::Of),
        Some(None) => Limit::None,
        None => Limit::Unknown,
    };
    let name = label(service.family, &service.name, &service.program);
    let mut row = ServiceRow {
        family: service.family,
        name: service.name.clone(),
        program: service.program.clone(),
        label: match service.family {
            Family::Dovecot => SafeText::from(format!("dovecot/{name}")),
            Family::Postfix | Family::Helper => SafeText::from(name),
        },
        count,
        limit,
        cpu: service.cpu.filter(|_| live),
        resident: live.then_some(service.resident),
        written: service.written.filter(|_| live),
        waiting: None,
    };
    if live && service.name == "smtp/unix" && facts.model.queue.listed().at.is_some() {
        let active = facts.model.queue.depth().active.max(0).unsigned_abs();
        let busy = u64::from(service.count);
        row.waiting = Some(if row.full() {
            active.saturating_sub(busy)
        } else {
            0
        });
    }
    row
}

/// The panel: tables where there is room, else lines.
pub(super) fn draw(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let inner = Panel::Services
        .window("Mail processes", view.panel)
        .note(note(facts, area.width))
        .old(facts.old(&[Source::Host]))
        .draw(pen, area);
    if view.services.is_empty() {
        let words = match facts.model.host.at() {
            Some(_) => "no process of Postfix, Dovecot or a filter was seen",
            None => "not looked at yet",
        };
        pen.text(
            inner.x + 2,
            inner.y,
            inner.width.saturating_sub(3),
            words,
            Role::Dim,
        );
        return;
    }
    if inner.height < 5 && !facts.alone {
        lines(view, pen, inner, facts);
        return;
    }
    let postfix = view
        .services
        .iter()
        .take_while(|row| row.family == Family::Postfix)
        .count();
    let (left, right) = view.services.split_at(postfix);
    if area.width >= TWO_TABLES && !left.is_empty() && !right.is_empty() {
        let half = inner.width * 55 / 100;
        let rest = Rect {
            x: inner.x + half,
            width: inner.width - half,
            ..inner
        };
        table(
            view,
            pen,
            Rect {
                width: half,
                ..inner
            },
            facts,
            (left, 0),
        );
        table(view, pen, rest, facts, (right, postfix));
    } else {
        table(view, pen, inner, facts, (&view.services, 0));
    }
}

fn note(facts: &Facts<'_>, width: u16) -> String {
    let limits = &facts.model.limits;
    let masters = facts.model.host.processes().map_or(0, |all| all.masters);
    if masters > 1 {
        return format!("{masters} Postfix instances counted together");
    }
    if facts
        .model
        .host
        .at()
        .is_some_and(|at| facts.until + NOW < at)
    {
        return String::from("counts of then · CPU and memory have no past");
    }
    match (limits.postfix.why(), limits.dovecot.why()) {
        (Some(why), _) => why.as_str().to_owned(),
        (None, Some(why)) if width >= TWO_TABLES => why.as_str().to_owned(),
        _ if width >= TWO_TABLES => String::from("limits from postconf -M and doveconf"),
        _ => String::from("postconf -M"),
    }
}

/// Some of the rows, the first of which is the `first` of all.
fn table(
    view: &System,
    pen: &mut Pen<'_>,
    area: Rect,
    facts: &Facts<'_>,
    (rows, first): (&[ServiceRow], usize),
) {
    let head = |column, by| view.order.head(column, by);
    let right = |title, width| Column::new(title, Width::Fixed(width)).right();
    let columns = [
        head(Column::new("Service", Width::Flex(14)), By::Name),
        head(right("Procs", 6), By::Processes),
        right("Limit", 6),
        head(right("CPU%", 6).drop(1), By::Cpu),
        head(right("RSS", 10).drop(2), By::Resident),
        right("Waiting", 9).drop(3),
    ];
    let waits = rows.iter().any(|row| row.waiting.is_some());
    let columns = if waits { &columns[..] } else { &columns[..5] };
    let focused = view.panel == Panel::Services;
    let selected = view
        .service
        .at()
        .checked_sub(first)
        .filter(|at| *at < rows.len());
    Columns::new(columns, rows.len())
        .selected(selected.filter(|_| focused))
        .numbered(Some(first))
        .focused(focused)
        .draw(pen, area, |at| {
            let Some(row) = rows.get(at) else {
                return Row::default();
            };
            let role = if row.full() { Role::Defer } else { Role::Text };
            let dim = |text: String| {
                let role = if text == "-" || text == "?" {
                    Role::Dim
                } else {
                    Role::Text
                };
                Line::of(text, role)
            };
            let waiting = match row.waiting {
                None => Line::new(),
                Some(0) => Line::of(facts.theme.glyphs().zero, Role::Dim),
                Some(waiting) => Line::of(numbers::many(waiting as usize, "msg"), Role::Defer),
            };
            let cells = vec![
                Line::of(row.label.clone(), role),
                Line::of(row.count(), role),
                dim(row.limit()),
                dim(row.cpu()),
                dim(row.resident()),
                waiting,
            ];
            let made = Row::new(cells);
            if row.full() {
                made.sign(facts.theme.glyphs().alert, Role::Alert)
            } else {
                made
            }
        });
}

/// `▲smtp 100/100 11% 840M   smtpd 44/100 6% 570M`: as many as there is room for, then what waits and what the selected limit is.
fn lines(view: &System, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
    let mut below: Vec<Line> = Vec::new();
    if let Some(row) = view
        .services
        .iter()
        .find(|row| row.waiting.is_some_and(|waiting| waiting > 0))
    {
        let mut line = Line::of(
            format!(
                " waiting: {}",
                numbers::many(row.waiting.unwrap_or(0) as usize, "message")
            ),
            Role::Defer,
        );
        if let Some(Busiest { domain, count, all }) = &facts.standing.busiest {
            line = line.add(
                format!(" · {domain} has {count} of {all} active"),
                Role::Text,
            );
        }
        below.push(line);
    }
    if let Some(resource) = view.selected().filter(|resource| !resource.note.is_empty()) {
        let text = format!(" {}: {}", resource.name, resource.note);
        below.push(Line::of(text, Role::Dim));
    }
    let room = usize::from(area.height).saturating_sub(below.len()).max(1);
    let mut rows: Vec<Line> = vec![Line::new()];
    // What has a limit and most processes of it is what may stop; one process of one never tells anything.
    let mut told: Vec<&ServiceRow> = view.services.iter().collect();
    told.sort_by_key(|row| {
        (
            !row.full(),
            row.limit == Limit::Of(1),
            std::cmp::Reverse(row.count),
        )
    });
    for row in told {
        let sign = if row.full() {
            facts.theme.glyphs().alert
        } else {
            " "
        };
        let role = if row.full() { Role::Defer } else { Role::Text };
        let figures = match (row.cpu, row.resident) {
            (Some(cpu), Some(resident)) => {
                format!(" {:.0}% {}", cpu * 100.0, numbers::bytes_short(resident))
            }
            (None, Some(resident)) => format!(" {}", numbers::bytes_short(resident)),
            _ => String::new(),
        };
        let label = row.label.as_str().trim_start_matches("dovecot/");
        let word = Line::of(sign, Role::Alert)
            .add(format!("{label} {}/{}", row.count(), row.limit()), role)
            .add(figures, Role::Dim)
            .text("  ");
        let fits = rows
            .last()
            .is_some_and(|last| last.width() + word.width() <= usize::from(area.width));
        if !fits && rows.len() == room {
            break;
        }
        if !fits {
            rows.push(Line::new());
        }
        if let Some(last) = rows.pop() {
            rows.push(last.then(word));
        }
    }
    rows.extend(below);
    pen.lines(area, &rows);
}

/// The table as text.
pub(super) fn extract(rows: &[ServiceRow], selected: usize) -> Extract {
    let cells = rows.iter().map(|row| {
        let texts = [row.count(), row.limit(), row.cpu(), row.resident()];
        let mut cells = vec![row.label.clone()];
        cells.extend(texts.into_iter().map(SafeText::from));
        cells
    });
    Extract {
        title: SafeText::from("mail processes"),
        columns: vec!["Service", "Processes", "Limit", "CPU%", "RSS"],
        rows: cells.collect(),
        selected: (!rows.is_empty()).then_some(selected),
    }
}
