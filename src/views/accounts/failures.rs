//! Failed logins: by source, by targeted user, over time, and what else was turned away at the door.

use super::{Accounts, Panel, empty, known, moment};
use crate::app::extract::Extract;
use crate::app::looking;
use crate::app::sorting::{Order, Sorting};
use crate::model::auth_failures::{SourceFailures, UserFailures};
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, age, inset, no_match};
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, Window, marked, sparkline};
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::net::IpAddr;

/// Columns of the line of failures.
const SPARK: u16 = 24;
/// Rows of the lines below the tables.
const LINES: u16 = 5;

/// What failures are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByFailures {
    Fails,
    Last,
    Name,
}

pub(super) const ORDERS_OF_FAILURES: &[Order<ByFailures>] = &[
    (ByFailures::Fails, "fails", Sort::Down),
    (ByFailures::Last, "last", Sort::Down),
    (ByFailures::Name, "name", Sort::Up),
];

/// A source as it is written: an address, or a network of IPv6.
pub(super) fn source_words(source: IpAddr) -> String {
    match source {
        IpAddr::V4(four) => four.to_string(),
        IpAddr::V6(six) => format!("{six}/64"),
    }
}

/// By failures or the last one, most and newest first, or by name; of equal ones the newest first.
pub(super) fn compare<N: Ord>(
    order: Sorting<ByFailures>,
    a: &(u64, DateTime<Utc>, N),
    b: &(u64, DateTime<Utc>, N),
) -> Ordering {
    let by = match order.by() {
        ByFailures::Fails => b.0.cmp(&a.0),
        ByFailures::Last => b.1.cmp(&a.1),
        ByFailures::Name => a.2.cmp(&b.2),
    };
    let by = order.run(by);
    by.then_with(|| b.1.cmp(&a.1)).then_with(|| a.2.cmp(&b.2))
}

impl Accounts {
    pub(super) fn draw_failures(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let lines = if area.height >= 14 { LINES } else { 0 };
        let tables = area.height - lines;
        if tables < 10 {
            // One at a time where it is low.
            match self.panel {
                Panel::Users => self.draw_users(pen, area, facts),
                Panel::Senders | Panel::Sources => self.draw_sources(pen, area, facts),
            }
            return;
        }
        let sources = Rect {
            height: tables * 55 / 100,
            ..area
        };
        let users = Rect {
            y: sources.bottom(),
            height: tables - sources.height,
            ..area
        };
        self.draw_sources(pen, sources, facts);
        self.draw_users(pen, users, facts);
        if lines > 0 {
            let rest = Rect {
                y: users.bottom(),
                height: lines,
                ..area
            };
            let inner = Window::new("At the door")
                .old(facts.old(&[Source::Log]))
                .draw(pen, rest);
            pen.lines(inset(inner), &self.door(facts));
        }
    }

    fn door(&self, facts: &Facts<'_>) -> [Line; 3] {
        let (failures, shown) = (&facts.model.told().auth_failures, facts.shown());
        let curve = failures.curve(shown.until, shown.range(), usize::from(SPARK));
        let curve = known(curve, (shown.until, shown.range()), facts);
        let most = curve.iter().flatten().copied().fold(0.0, f64::max);
        let curve = sparkline(&curve, most, SPARK, Role::Accent, facts.theme);
        let per_minute = self.failed.total as f64 / facts.range.num_minutes().max(1) as f64;
        let count = |words: &str, many: u64| {
            let zero = facts.theme.glyphs().zero;
            let many = match many {
                0 => Line::of(zero, Role::Dim),
                many => Line::from(numbers::count(many)),
            };
            Line::of(format!("{words} "), Role::Dim).then(many)
        };
        let turned = self.failed.turned;
        [
            Line::of("fails/min ", Role::Dim)
                .then(marked(curve, shown.cursor))
                .text(format!(" {}", numbers::rate(per_minute, "m"))),
            count("sender not owned by login", turned.not_owned.into())
                .then(count("   auth server gone", self.failed.unserved)),
            count("over a client limit", turned.over_limit.into())
                .then(count("   refused by postscreen", turned.postscreen.into())),
        ]
    }

    pub(super) fn draw_sources(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let rows = &self.failed.sources;
        let focused = self.panel == Panel::Sources;
        let range = looking::words(facts.range);
        let note = format!("{} · last {range}", numbers::count(self.failed.total));
        let inner = Panel::Sources
            .window("Failed logins by source", self.panel)
            .note(note)
            .old(facts.old(&[Source::Log]))
            .draw(pen, area);
        if rows.is_empty() {
            empty::lines(pen, inner, &self.no_failures(facts));
            return;
        }
        let head = |column, by| self.order_of_failures.head(column, by);
        let columns = [
            head(Column::new("Source IP", Width::Flex(15)), ByFailures::Name),
            head(right("Fails", 6), ByFailures::Fails),
            right("Users", 5).drop(1),
            head(right("Last", 9), ByFailures::Last),
            Column::new("First", Width::Fixed(7)).right().drop(2),
            Column::new("At", Width::Fixed(9)).drop(3),
            Column::new("Tried last", Width::Flex(10)).drop(4),
        ];
        let table = Columns::new(&columns, rows.len())
            .selected(Some(self.source.at()))
            .focused(focused)
            .gutter(2);
        table.draw(pen, inner, |at| {
            rows.get(at)
                .map(|row| self.source_row(row, facts))
                .unwrap_or_default()
        });
    }

    pub(super) fn draw_users(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let rows = &self.failed.users;
        let focused = self.panel == Panel::Users;
        let note = numbers::many(rows.len(), "user");
        let inner = Panel::Users
            .window("Targeted users", self.panel)
            .note(note)
            .old(facts.old(&[Source::Log]))
            .draw(pen, area);
        if rows.is_empty() {
            let line = match (self.failed.total, self.filter.is_empty()) {
                (0, _) => Line::of("none", Role::Dim),
                (_, true) => Line::of(
                    "the lines name no user (Postfix 3.9 and later, or Dovecot's auth_verbose do)",
                    Role::Dim,
                ),
                (all, false) => no_match(all, "failed login", &self.filter),
            };
            empty::lines(pen, inner, &[line]);
            return;
        }
        let head = |column, by| self.order_of_failures.head(column, by);
        let columns = [
            head(Column::new("User", Width::Flex(14)), ByFailures::Name),
            head(right("Fails", 6), ByFailures::Fails),
            right("IPs", 4),
            head(right("Last", 9).drop(2), ByFailures::Last),
            Column::new("Then", Width::Fixed(13)).drop(1),
        ];
        let table = Columns::new(&columns, rows.len())
            .selected(Some(self.user.at()))
            .focused(focused)
            .gutter(2);
        table.draw(pen, inner, |at| {
            rows.get(at)
                .map(|row| self.user_row(row, facts))
                .unwrap_or_default()
        });
    }

    fn no_failures(&self, facts: &Facts<'_>) -> Vec<Line> {
        let range = looking::words(facts.range);
        if facts.model.told().seen.first.is_none() {
            return vec![Line::of("No log line yet.", Role::Dim)];
        }
        if self.failed.total > 0 {
            let all = self.failed.total;
            return vec![no_match(all, "failed login", &self.filter)];
        }
        vec![
            empty::good(format!("No failed login in the last {range}."), facts),
            Line::of("  smtpd and Dovecot are watched.", Role::Dim),
        ]
    }

    pub(super) fn sources_extract(&self, facts: &Facts<'_>) -> Extract {
        let rows = self.failed.sources.iter().map(|row| {
            [
                source_words(row.source),
                row.failures.to_string(),
                row.users.to_string(),
                moment(row.last, facts),
                moment(row.first, facts),
                services(row),
                row.last_user.as_deref().unwrap_or_default().to_owned(),
            ]
            .map(SafeText::from)
            .to_vec()
        });
        Extract {
            title: SafeText::from("failed logins by source"),
            columns: vec![
                "Source IP",
                "Failures",
                "Users",
                "Last",
                "First",
                "Services",
                "Tried last",
            ],
            rows: rows.collect(),
            selected: (!self.failed.sources.is_empty()).then(|| self.source.at()),
        }
    }

    pub(super) fn users_extract(&self, facts: &Facts<'_>) -> Extract {
        let rows = self.failed.users.iter().map(|row| {
            let success = row
                .success
                .map(|(source, at)| (source.to_string(), moment(at, facts)));
            let (source, at) = success.unwrap_or_default();
            [
                row.user.to_string(),
                row.failures.to_string(),
                row.sources.to_string(),
                moment(row.last, facts),
                at,
                source,
            ]
            .map(SafeText::from)
            .to_vec()
        });
        Extract {
            title: SafeText::from("failed logins by user"),
            columns: vec![
                "User",
                "Failures",
                "Sources",
                "Last",
                "Then success",
                "From",
            ],
            rows: rows.collect(),
            selected: (!self.failed.users.is_empty()).then(|| self.user.at()),
        }
    }
}

fn right(title: &'static str, width: u16) -> Column {
    Column::new(title, Width::Fixed(width)).right()
}

fn services(row: &SourceFailures) -> String {
    let names: Vec<_> = row.services.names().collect();
    names.join(" ")
}

impl Accounts {
    /// A source from which a guess was right has the sign of an alarm.
    fn source_row(&self, row: &SourceFailures, facts: &Facts<'_>) -> Row {
        let users = match row.users {
            0 => Line::of(facts.theme.glyphs().zero, Role::Dim),
            users => Line::from(numbers::count(users)),
        };
        let first = format!("{} ago", age((facts.until - row.first).num_seconds()));
        let cells = Row::new(vec![
            Line::from(source_words(row.source)),
            Line::from(numbers::count(row.failures)),
            users,
            Line::of(moment(row.last, facts), Role::Dim),
            Line::of(first, Role::Dim),
            Line::of(services(row), Role::Dim),
            Line::from(row.last_user.as_deref().unwrap_or_default()),
        ]);
        if self
            .failed
            .guessed
            .iter()
            .any(|guessed| guessed.source == row.source)
        {
            return cells.sign(facts.theme.glyphs().alert, Role::Alert);
        }
        cells
    }

    /// A user whose password was guessed has it, too.
    fn user_row(&self, row: &UserFailures, facts: &Facts<'_>) -> Row {
        let then = row.success.map(|(_, at)| {
            let at = at
                .with_timezone(&facts.model.zone())
                .format("%H:%M")
                .to_string();
            Line::of(format!("success {at}"), Role::Defer)
        });
        let cells = Row::new(vec![
            Line::from(&*row.user),
            Line::from(numbers::count(row.failures)),
            Line::from(numbers::count(row.sources)),
            Line::of(moment(row.last, facts), Role::Dim),
            then.unwrap_or_default(),
        ]);
        if self
            .failed
            .guessed
            .iter()
            .any(|guessed| guessed.user == row.user)
        {
            return cells.sign(facts.theme.glyphs().alert, Role::Alert);
        }
        cells
    }
}
