//! The table of the accounts that sent.

use super::{Accounts, By, Panel, empty, known, moment};
use crate::app::cursor::Aim;
use crate::app::extract::Extract;
use crate::app::looking;
use crate::model::accounts::AccountRow;
use crate::model::accounts::judge::{Judgement, Why};
use crate::model::feeds::Source;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::{Facts, Panels, which_sorted};
use crate::widgets::{Column, Columns, Line, Pen, Row, Width, sparkline};
use ratatui::layout::Rect;
use std::sync::Arc;

/// Columns of a line of the rate.
const SPARK: u16 = 13;
/// The share of deferred attempts from which on it is noted, and the fewest attempts.
const DEFERRED: (f64, u64) = (0.2, 20);

impl Accounts {
    /// Selects the next flagged account, or the one before, round the end.
    pub(super) fn go_flagged(&mut self, back: bool, facts: &Facts<'_>) {
        let flagged = |at: &usize| {
            let row = self.rows.get(*at);
            row.is_some_and(|row| row.judgement.is_some())
        };
        let at = self.account.at();
        let mut after: Vec<usize> = (at + 1..self.rows.len()).chain(0..at).collect();
        if back {
            after.reverse();
        }
        let next = after.into_iter().find(flagged);
        if let Some(row) = next.and_then(|at| self.rows.get(at)) {
            self.panel = Panel::Senders;
            self.account.select(Arc::clone(&row.name));
            let id = |at: usize| self.rows.get(at).map(|row| Arc::clone(&row.name));
            self.account.settle(self.rows.len(), id);
            self.detail = self.explain(facts);
        }
    }

    pub(super) fn draw_senders(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let note = which_sorted(self.account.at(), self.rows.len(), &self.order, facts);
        let focused = self.panel == Panel::Senders;
        let inner = Panel::Senders
            .window("Senders", self.panel)
            .note(note)
            .old(facts.old(&[Source::Log]))
            .draw(pen, area);
        if self.rows.is_empty() {
            empty::lines(pen, inner, &self.no_rows(facts));
            return;
        }
        let columns = self.columns(facts);
        Columns::new(&columns, self.rows.len())
            .selected(Some(self.account.at()))
            .range(self.account.range())
            .focused(focused)
            .draw(pen, inner, |at| {
                self.rows
                    .get(at)
                    .map(|row| cells(row, facts))
                    .unwrap_or_default()
            });
    }

    fn columns(&self, facts: &Facts<'_>) -> [Column; 9] {
        let head = |column, by| self.order.head(column, by);
        let right = |title, width| Column::new(title, Width::Fixed(width)).right();
        let note = Column::new("Note", Width::Fixed(16)).drop(2);
        let range = looking::words(facts.range);
        [
            head(Column::new("Account", Width::Flex(18)), By::Name),
            head(right("Msgs", 6).drop(3), By::Messages),
            head(right("Rcpts", 6), By::Recipients),
            head(right("Bnc%", 5).drop(1), By::Bounces),
            head(right("IPs", 4).drop(4), By::Addresses),
            head(right("Nets", 4).drop(6), By::Networks),
            Column::new("Last IP", Width::Fixed(15)).drop(7),
            Column::new(range, Width::Fixed(SPARK)).drop(5),
            head(note, By::Anomaly),
        ]
    }

    pub(super) fn senders_extract(&self, facts: &Facts<'_>) -> Extract {
        let range = looking::words(facts.range);
        let rows = self.rows.iter().map(|row| {
            let last = row.last.as_ref();
            let address = last.and_then(|last| last.address);
            [
                row.name.to_string(),
                row.messages.to_string(),
                row.recipients.to_string(),
                row.outcomes.sent.to_string(),
                row.outcomes.deferred.to_string(),
                row.outcomes.bounced.to_string(),
                row.addresses.to_string(),
                row.networks.to_string(),
                address
                    .map(|address| address.to_string())
                    .unwrap_or_default(),
                last.map(|last| moment(last.at, facts)).unwrap_or_default(),
                note(row).map(|(words, _)| words).unwrap_or_default(),
            ]
            .map(SafeText::from)
            .to_vec()
        });
        Extract {
            title: SafeText::from(format!("accounts, last {range}")),
            columns: vec![
                "Account",
                "Messages",
                "Recipients",
                "Sent",
                "Deferred",
                "Bounced",
                "IPs",
                "Networks",
                "Last IP",
                "Last",
                "Note",
            ],
            rows: rows.collect(),
            selected: self.selected().map(|_| self.account.at()),
        }
    }
}

fn cells(row: &AccountRow, facts: &Facts<'_>) -> Row {
    let glyphs = facts.theme.glyphs();
    let count = |count: u64| match count {
        0 => Line::of(glyphs.zero, Role::Dim),
        count => Line::from(numbers::count(count)),
    };
    let account = facts.model.told().accounts.get(&row.name);
    let curve = account.map(|account| account.curve(facts.until, facts.range, usize::from(SPARK)));
    let curve = known(curve.unwrap_or_default(), (facts.until, facts.range), facts);
    let most = curve.iter().flatten().copied().fold(0.0, f64::max);
    let address = row.last.as_ref().and_then(|last| last.address);
    let judgement = row.judgement.as_ref();
    let is_bad = judgement.is_some_and(|judgement| {
        let mut whys = judgement.whys.iter();
        whys.any(|why| matches!(why, Why::Bounces { .. }))
    });
    let bounced = match row.bounce_share() {
        Some(share) if share > 0.0 => {
            let role = if is_bad { Role::Bounce } else { Role::Text };
            Line::of(numbers::percent(share), role)
        }
        _ => Line::of(glyphs.zero, Role::Dim),
    };
    let note = note(row).map_or_else(Line::new, |(words, role)| Line::of(words, role));
    let row = Row::new(vec![
        Line::from(&*row.name),
        count(row.messages),
        count(row.recipients),
        bounced,
        count(row.addresses as u64),
        count(row.networks as u64),
        Line::of(
            address
                .map(|address| address.to_string())
                .unwrap_or_default(),
            Role::Dim,
        ),
        // A whole block would touch the row above.
        sparkline(&curve, most * 7.0 / 6.0, SPARK, Role::Accent, facts.theme),
        note,
    ]);
    match judgement {
        Some(judgement) => row.sign(glyphs.alert, sign_role(judgement)),
        None => row,
    }
}

/// Flagged enough to need a person, or only to be looked at.
pub(super) fn sign_role(judgement: &Judgement) -> Role {
    if judgement.is_alarming() {
        Role::Alert
    } else {
        Role::Defer
    }
}

/// A few words on the account: why it is flagged, or how much of its mail waits.
fn note(row: &AccountRow) -> Option<(String, Role)> {
    if let Some(judgement) = &row.judgement {
        return Some((judgement.note(), Role::Text));
    }
    let (least, fewest) = DEFERRED;
    let share = row.outcomes.share(row.outcomes.deferred)?;
    let waits = row.outcomes.attempts() >= fewest && share >= least;
    waits.then(|| {
        (
            format!("{} % deferred", numbers::percent(share)),
            Role::Defer,
        )
    })
}
