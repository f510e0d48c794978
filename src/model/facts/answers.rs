//! What is asked of the answers of mail servers: the matrix, one cell of it, and the delays.
//!
//! Everything is asked with the moment that is looked at and the range up to it.

use super::Facts;
use crate::knowledge::Provider;
use crate::model::minute::{MinuteRange, minute_of};
use crate::model::providers::cell::{At, Cell, Curve};
use crate::model::providers::delays::Delays;
use crate::model::providers::matrix::{Axis, CodeColumn, CodeMatrix, Meant, Who};
use crate::model::providers::onset::Onset;
use crate::model::providers::{Code, Providers};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

impl Facts {
    /// Who answered what in the `range` up to `until` to the attempts that are `meant`, at most `most` codes apart.
    pub fn answers(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
        axis: Axis,
        most: usize,
        meant: &Meant<'_>,
    ) -> CodeMatrix {
        let minutes = MinuteRange::new(until, range);
        let known = self.told.seen.first.map(minute_of);
        let answers = &self.told.providers.answers;
        answers.matrix(minutes, axis, most, (known, meant), self)
    }

    /// What is known of one cell of that matrix.
    pub fn answer_cell(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
        at: &At,
        matrix: &CodeMatrix,
        meant: &Meant<'_>,
    ) -> Cell {
        let causes = (&self.told.deferrals, &self.told.bounces, meant);
        let answers = &self.told.providers.answers;
        let mut cell = answers.cell(MinuteRange::new(until, range), at, matrix, causes, self);
        let failed = at.column.and_then(CodeColumn::class) != Some(2);
        // Of a sender only failures are known, so nothing tells when they began.
        if failed && !matches!(at.who, Some(Who::Sender(_))) {
            let meant = |code: Code| at.holds(code, matrix);
            let failing = match &at.who {
                Some(Who::Provider(provider)) => {
                    self.told.providers.failing(*provider, meant, self)
                }
                Some(Who::Domain(Some(domain))) => {
                    let row = self.told.destinations.get(domain);
                    row.and_then(|row| Some((row.failing.since(meant)?, row.failing.delivered)))
                }
                _ => None,
            };
            let first = MinuteRange::new(until, range).first;
            cell.onset = Onset::of(&cell.curve, failing, (first, until));
        }
        cell
    }

    /// The attempts of a cell of that matrix over time; `minutes` are widened to whole steps.
    pub fn answer_curve(
        &self,
        minutes: MinuteRange,
        at: &At,
        matrix: &CodeMatrix,
        meant: &Meant<'_>,
    ) -> Curve {
        let causes = (&self.told.deferrals, &self.told.bounces, meant);
        let cell = self
            .told
            .providers
            .answers
            .cell(minutes, at, matrix, causes, self);
        Curve::of(&cell, minutes, self.told.seen.first)
    }

    /// How long deliveries took in the `range` up to `until`, and how sessions were protected, by provider.
    pub fn delays(&self, until: DateTime<Utc>, range: TimeDelta) -> BTreeMap<Provider, Delays> {
        self.told.providers.delays(MinuteRange::new(until, range))
    }

    /// Deliveries in these minutes by how long they took: for each step its beginning in minutes since 1970 and how many lie below each of the edges (seconds,
    /// ascending) and above the last; and the minutes of a step. Steps without deliveries are left out. `None`: all providers.
    pub fn delay_map(
        &self,
        minutes: MinuteRange,
        provider: Option<Provider>,
        edges: &[f64],
    ) -> (Vec<(i64, Vec<u64>)>, i64) {
        let providers: &Providers = &self.told.providers;
        providers.delay_map(minutes, provider, edges)
    }
}
