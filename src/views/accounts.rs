//! The accounts: who sends what with a password, and who guesses passwords. Stolen ones show here.
//!
//! Three tables: the accounts that sent in the time that is looked at, the sources of failed authentications, and the users as whom somebody
//! failed to log in. Below the first stands what is known of the selected account and why it is flagged. Enter goes to the messages of an account,
//! and to the log lines of a source or user. What is counted where, and what is remarkable, is the model's
//! (`model::accounts`, `model::auth_failures`).

mod detail;
mod empty;
mod failures;
mod senders;
mod subject;

use super::{Facts, Panels, View};
use crate::app::command::{Command, Motion, Outcome, Place, Root};
use crate::app::cursor::{Aim, Cursor};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::looking;
use crate::app::sheet::Choice;
use crate::app::sorting::{Order, Ordered, Sorting};
use crate::model::accounts::judge::{self, Intrusions};
use crate::model::accounts::{self, AccountRow};
use crate::model::auth_failures::{Intrusion, SourceFailures, UserFailures};
use crate::model::door::Turned;
use crate::model::feeds::Source;
use crate::model::identity::Target;
use crate::model::journal::Verb;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen, Sort};
use chrono::{DateTime, TimeDelta, Utc};
use detail::Detail;
use failures::{ByFailures, ORDERS_OF_FAILURES};
use ratatui::layout::Rect;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// From this many columns on the failures stand beside the selected account.
const WIDE: u16 = 100;
/// From this many rows on something stands below the table.
const TALL: u16 = 12;

/// Which panel has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Senders,
    Sources,
    Users,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[Self::Senders, Self::Sources, Self::Users];
}

/// What the accounts are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Anomaly,
    Messages,
    Recipients,
    Bounces,
    Addresses,
    Networks,
    Name,
}

const ORDERS: &[Order<By>] = &[
    (By::Anomaly, "anomaly", Sort::Down),
    (By::Messages, "messages", Sort::Down),
    (By::Recipients, "recipients", Sort::Down),
    (By::Bounces, "bounces", Sort::Down),
    (By::Addresses, "addresses", Sort::Down),
    (By::Networks, "networks", Sort::Down),
    (By::Name, "name", Sort::Up),
];

/// The failures of the time that is looked at.
#[derive(Debug, Default)]
struct Failed {
    total: u64,
    unserved: u64,
    sources: Vec<SourceFailures>,
    users: Vec<UserFailures>,
    turned: Turned,
    /// Logins that look like guesses that were right, in the last day.
    guessed: Vec<Intrusion>,
}

/// The view.
#[derive(Debug)]
pub struct Accounts {
    filter: Narrowed,
    order: Sorting<By>,
    order_of_failures: Sorting<ByFailures>,
    /// Only what is out of the ordinary.
    anomalies: bool,
    panel: Panel,
    account: Cursor<Arc<str>>,
    source: Cursor<IpAddr>,
    user: Cursor<Arc<str>>,
    rows: Vec<AccountRow>,
    /// Accounts that did anything, and those flagged, before the filter.
    active: usize,
    flagged: usize,
    failed: Failed,
    detail: Option<Detail>,
}

impl Default for Accounts {
    fn default() -> Self {
        Self {
            filter: Narrowed::default(),
            order: Sorting::new(ORDERS, By::Anomaly),
            order_of_failures: Sorting::new(ORDERS_OF_FAILURES, ByFailures::Fails),
            anomalies: false,
            panel: Panel::Senders,
            account: Cursor::default(),
            source: Cursor::default(),
            user: Cursor::default(),
            rows: Vec::new(),
            active: 0,
            flagged: 0,
            failed: Failed::default(),
            detail: None,
        }
    }
}

impl Accounts {
    fn selected(&self) -> Option<&AccountRow> {
        self.rows.get(self.account.at())
    }

    fn settle_rows(&mut self, intrusions: &Intrusions, facts: &Facts<'_>) {
        let mut rows = accounts::rows(facts.model.told(), intrusions, facts.until, facts.range);
        self.active = rows.len();
        self.flagged = rows.iter().filter(|row| row.judgement.is_some()).count();
        rows.retain(|row| {
            (!self.anomalies || row.judgement.is_some())
                && subject::account(&self.filter, row, facts)
        });
        // The most remarkable come first already.
        match self.order.by() {
            By::Anomaly => {}
            By::Messages => rows.sort_by_key(|row| std::cmp::Reverse(row.messages)),
            By::Recipients => rows.sort_by_key(|row| std::cmp::Reverse(row.recipients)),
            By::Addresses => rows.sort_by_key(|row| std::cmp::Reverse(row.addresses)),
            By::Networks => rows.sort_by_key(|row| std::cmp::Reverse(row.networks)),
            By::Name => rows.sort_by(|a, b| a.name.cmp(&b.name)),
            By::Bounces => rows.sort_by(|a, b| {
                let share = |row: &AccountRow| row.bounce_share().unwrap_or(0.0);
                share(b).total_cmp(&share(a))
            }),
        }
        if self.order.is_reversed() {
            rows.reverse();
        }
        self.rows = rows;
        let id = |at: usize| self.rows.get(at).map(|row| Arc::clone(&row.name));
        self.account.settle(self.rows.len(), id);
    }

    fn settle_failures(&mut self, intrusions: Intrusions, facts: &Facts<'_>) {
        let (told, until, range) = (facts.model.told(), facts.until, facts.range);
        let failures = &told.auth_failures;
        let mut failed = Failed {
            total: failures.total(until, range),
            unserved: failures.unserved(until, range),
            sources: failures.sources(until, range),
            users: failures.users(until, range),
            turned: told.door.turned(until, range),
            guessed: intrusions.into_values().collect(),
        };
        failed
            .sources
            .retain(|row| subject::source(&self.filter, row));
        failed.users.retain(|row| subject::user(&self.filter, row));
        let order = self.order_of_failures;
        failed.sources.sort_by(|a, b| {
            failures::compare(
                order,
                &(a.failures, a.last, a.source),
                &(b.failures, b.last, b.source),
            )
        });
        failed.users.sort_by(|a, b| {
            failures::compare(
                order,
                &(a.failures, a.last, &a.user),
                &(b.failures, b.last, &b.user),
            )
        });
        self.failed = failed;
        let failed = &self.failed;
        let id = |at: usize| failed.sources.get(at).map(|row| row.source);
        self.source.settle(failed.sources.len(), id);
        let id = |at: usize| failed.users.get(at).map(|row| Arc::clone(&row.user));
        self.user.settle(failed.users.len(), id);
    }

    fn go(&mut self, motion: Motion, facts: &Facts<'_>) {
        let page = usize::from(facts.body.height / 3);
        match self.panel {
            Panel::Senders => {
                let id = |at: usize| self.rows.get(at).map(|row| Arc::clone(&row.name));
                self.account.go(motion, self.rows.len(), page, id);
                self.detail = self.explain(facts);
            }
            Panel::Sources => {
                let rows = &self.failed.sources;
                let id = |at: usize| rows.get(at).map(|row| row.source);
                self.source.go(motion, rows.len(), page, id);
            }
            Panel::Users => {
                let rows = &self.failed.users;
                let id = |at: usize| rows.get(at).map(|row| Arc::clone(&row.user));
                self.user.go(motion, rows.len(), page, id);
            }
        }
    }

    /// The selected value as a term of a filter.
    fn value(&self) -> Option<(Field, SafeText)> {
        Some(match self.panel {
            Panel::Senders => (Field::User, SafeText::from(&*self.selected()?.name)),
            Panel::Sources => {
                let row = self.failed.sources.get(self.source.at())?;
                (
                    Field::Ip,
                    SafeText::from(failures::source_words(row.source)),
                )
            }
            Panel::Users => {
                let row = self.failed.users.get(self.user.at())?;
                (Field::User, SafeText::from(&*row.user))
            }
        })
    }

    fn open(&self, root: Root) -> Outcome {
        let Some((field, value)) = self.value() else {
            return Outcome::Done;
        };
        let filter = Filter::default().with(field, &value);
        Outcome::Open(Place::Root(root, filter))
    }
}

impl View for Accounts {
    fn root(&self) -> Root {
        Root::Accounts
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Log]);
        let intrusions = judge::intrusions(&facts.model.told().auth_failures, facts.until);
        self.settle_rows(&intrusions, facts);
        self.settle_failures(intrusions, facts);
        self.detail = self.explain(facts);
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        match command {
            Command::Move(motion) => self.go(motion, facts),
            Command::Next => self.go_flagged(false, facts),
            Command::Previous => self.go_flagged(true, facts),
            Command::Anomalies => self.anomalies = !self.anomalies,
            Command::Open if self.panel == Panel::Senders => return self.open(Root::Trace),
            Command::Open | Command::Lines => return self.open(Root::Log),
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Log]);
        if facts.alone || area.height < TALL {
            match self.panel {
                Panel::Senders => self.draw_senders(pen, area, facts),
                Panel::Sources => self.draw_sources(pen, area, facts),
                Panel::Users => self.draw_users(pen, area, facts),
            }
            return;
        }
        let table = Rect {
            height: area.height * 42 / 100,
            ..area
        };
        let below = Rect {
            y: table.bottom(),
            height: area.bottom() - table.bottom(),
            ..area
        };
        self.draw_senders(pen, table, facts);
        let left = if area.width >= WIDE {
            area.width * 55 / 100
        } else {
            0
        };
        let (detail, failed) = (
            Rect {
                width: left,
                ..below
            },
            Rect {
                x: below.x + left,
                width: below.width - left,
                ..below
            },
        );
        if left > 0 {
            self.draw_detail(pen, detail, facts);
            self.draw_failures(pen, failed, facts);
        } else if self.panel == Panel::Senders {
            self.draw_detail(pen, below, facts);
        } else {
            self.draw_failures(pen, below, facts);
        }
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::NextPanel,
            Command::Anomalies,
            Command::Filter,
            Command::Sort,
            Command::Range,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Delete),
            Command::Next,
            Command::Lines,
            Command::Facet,
            Command::Exclude,
            Command::DropTerm,
            Command::Mark,
            Command::MarkRange,
            Command::Unmark,
            Command::SortBefore,
            Command::SortAfter,
            Command::Reverse,
            Command::Previous,
            Command::PreviousPanel,
            Command::Freeze,
            Command::Back,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let range = looking::words(facts.range);
        let line = Line::of(" Accounts", Role::Head).text(format!(
            " · SASL senders · last {range} · {} active",
            numbers::count(self.active as u64)
        ));
        let line = match self.flagged {
            0 => line,
            many => line.add(
                format!(" · {} {many} flagged", facts.theme.glyphs().alert),
                Role::Alert,
            ),
        };
        if self.anomalies {
            line.add(" · anomalies only (A: all)", Role::Accent)
        } else {
            line
        }
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn set_filter(&mut self, filter: Filter) {
        self.filter.set(filter);
    }

    fn bring(&mut self, filter: Filter) {
        self.filter = Narrowed::through(filter);
    }

    fn drop_filter(&mut self) -> bool {
        self.filter.widen()
    }

    /// The queued mail of the selected account's senders.
    fn choices(&self, facts: &Facts<'_>) -> Vec<Choice> {
        let Some(row) = self.selected().filter(|_| self.panel == Panel::Senders) else {
            return Vec::new();
        };
        let at = self.account.at();
        vec![Choice {
            label: SafeText::from(format!("mail from senders of {}", row.name)),
            targets: self.messages_of(at..=at, facts),
        }]
    }

    fn sorting(&self) -> Option<&dyn Ordered> {
        Some(match self.panel {
            Panel::Senders => &self.order,
            Panel::Sources | Panel::Users => &self.order_of_failures,
        })
    }

    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        Some(match self.panel {
            Panel::Senders => &mut self.order,
            Panel::Sources | Panel::Users => &mut self.order_of_failures,
        })
    }

    fn hold(&mut self) {
        match self.panel {
            Panel::Senders => self.account.hold(),
            Panel::Sources => self.source.hold(),
            Panel::Users => self.user.hold(),
        }
    }

    fn aim(&self) -> Option<&dyn Aim> {
        (self.panel == Panel::Senders).then_some(&self.account)
    }

    fn aim_mut(&mut self) -> Option<&mut dyn Aim> {
        (self.panel == Panel::Senders).then_some(&mut self.account)
    }

    fn messages_of(&self, rows: RangeInclusive<usize>, facts: &Facts<'_>) -> Vec<Target> {
        let rows = self.rows.get(rows).unwrap_or_default().iter();
        rows.flat_map(|row| detail::queued(&row.name, facts))
            .map(|message| message.target.clone())
            .collect()
    }

    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        self.value()
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(match self.panel {
            Panel::Senders => self.senders_extract(facts),
            Panel::Sources => self.sources_extract(facts),
            Panel::Users => self.users_extract(facts),
        })
    }
}

/// A moment of the past as the clock of the host shows it, with its day when that is not the day of the moment that is looked at.
fn moment(at: DateTime<Utc>, facts: &Facts<'_>) -> String {
    let zone = facts.model.zone();
    let (at, now) = (at.with_timezone(&zone), facts.until.with_timezone(&zone));
    let form = match (now.date_naive() - at.date_naive()).num_days() {
        0 => "%H:%M:%S",
        -6..=6 => "%a %H:%M",
        _ => "%Y-%m-%d",
    };
    at.format(form).to_string()
}

/// A curve of the range up to a moment, of which nothing is known before the log began.
fn known(
    curve: Vec<f64>,
    (until, range): (DateTime<Utc>, TimeDelta),
    facts: &Facts<'_>,
) -> Vec<Option<f64>> {
    let columns = curve.len().max(1) as f64;
    let seconds = range.num_seconds().max(1) as f64;
    let first = facts.model.told().seen.first;
    let ago = first.map_or(0.0, |first| (until - first).num_seconds() as f64);
    curve
        .into_iter()
        .enumerate()
        .map(|(at, value)| {
            let end = seconds * (1.0 - (at as f64 + 1.0) / columns);
            (end < ago || value > 0.0).then_some(value)
        })
        .collect()
}
