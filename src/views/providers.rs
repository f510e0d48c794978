//! The providers: who answers what, and how fast. Enter goes to the queue for what is tried again, and to the log for the rest.
//!
//! The arrows move from cell to cell; what is known of the selected one stands below the matrix. Until they are used, the cell with most failures is
//! selected, what is tried again first. Everything is of the range up to the moment that is looked at, but charts show their own time.

mod delays;
mod detail;
mod filtered;
mod table;

use super::{Facts, Panels, View, scrolled};
use crate::app::command::{Command, Outcome, Place, Root};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::looking;
use crate::knowledge::Provider;
use crate::model::feeds::Source;
use crate::model::minute::MinuteRange;
use crate::model::providers::cell::{At, Cell, Curve};
use crate::model::providers::delays::Delays;
use crate::model::providers::matrix::{Axis, CodeColumn, CodeMatrix, MatrixRow, Meant, Who};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen};
use ratatui::layout::Rect;

/// Codes that have a column of their own.
const CODES: usize = 20;
/// From this many columns on, delays stand beside the detail.
const WIDE: u16 = 100;

/// Which panel has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Panel {
    #[default]
    Matrix,
    Map,
    Delays,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[Self::Matrix, Self::Map, Self::Delays];
}

/// What the rows were made of, so that they are not made again for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    until: i64,
    range: i64,
    shown: MinuteRange,
    lines: u64,
    axis: Axis,
    filter: Filter,
}

/// The view.
#[derive(Debug, Default)]
pub struct Providers {
    axis: Axis,
    percent: bool,
    panel: Panel,
    filter: Narrowed,
    /// The row and the column that were chosen with the arrows.
    chosen: Option<(Who, CodeColumn)>,
    /// Where the selection is.
    at: (usize, usize),
    matrix: CodeMatrix,
    /// Attempts before the filter, when nothing matches it.
    all: u64,
    cell: Cell,
    /// Its attempts over the time that charts show.
    curve: Curve,
    /// By provider, in the order of the matrix.
    delays: Vec<(Provider, Delays)>,
    map: delays::Map,
    made: Option<Made>,
}

impl Providers {
    fn row(&self) -> Option<&MatrixRow> {
        self.matrix.rows.get(self.at.0)
    }

    fn column(&self) -> Option<CodeColumn> {
        self.matrix.columns.get(self.at.1).copied()
    }

    /// Attempts of the selected cell.
    fn count(&self) -> u64 {
        let cells = self.row().map(|row| &row.cells);
        cells
            .and_then(|cells| cells.get(self.at.1))
            .copied()
            .unwrap_or(0)
    }

    /// The provider of the selected row, where the rows are providers.
    fn provider(&self) -> Option<Provider> {
        match self.row().map(|row| &row.who) {
            Some(Who::Provider(provider)) => Some(*provider),
            _ => None,
        }
    }

    /// The selection is where it was put, or where most fails.
    fn place(&mut self) {
        let found = self.chosen.as_ref().map(|(who, column)| {
            let row = self.matrix.rows.iter().position(|row| row.who == *who);
            let column = self.matrix.columns.iter().position(|one| one == column);
            (row.unwrap_or(self.at.0), column.unwrap_or(self.at.1))
        });
        let (row, column) = found.unwrap_or_else(|| worst(&self.matrix));
        self.at = (
            row.min(self.matrix.rows.len().saturating_sub(1)),
            column.min(self.matrix.columns.len().saturating_sub(1)),
        );
    }

    /// What is known of the selected cell.
    fn look(&mut self, facts: &Facts<'_>) {
        let who = self.row().map(|row| row.who.clone());
        let at = At {
            column: self.column(),
            who,
        };
        let model = &facts.model.facts;
        let minutes = facts.shown().minutes();
        (self.cell, self.curve) = if at.who.is_some() {
            filtered::meant(&self.filter, model, |meant| {
                let matrix = &self.matrix;
                (
                    model.answer_cell(facts.until, facts.range, &at, matrix, meant),
                    model.answer_curve(minutes, &at, matrix, meant),
                )
            })
        } else {
            Default::default()
        };
        self.map = delays::Map::new(self.provider(), facts);
    }

    fn go(&mut self, row: usize, column: usize) {
        let rows = self.matrix.rows.len().saturating_sub(1);
        let columns = self.matrix.columns.len().saturating_sub(1);
        self.at = (row.min(rows), column.min(columns));
        self.chosen = self.row().map(|row| row.who.clone()).zip(self.column());
    }

    /// The filter that finds what is in the selected cell.
    fn aim(&self) -> Filter {
        let mut terms = Vec::new();
        if let Some((field, value)) = self.row().and_then(|row| value(&row.who)) {
            terms.push((field_word(field), value.as_str().to_owned()));
        }
        if let Some(code) = self.column().and_then(CodeColumn::pattern) {
            terms.push(("code", code));
        }
        let quoted = |(field, value): (&str, String)| {
            if value.contains([' ', '"']) {
                format!("{field}:\"{}\"", value.replace('"', "?"))
            } else {
                format!("{field}:{value}")
            }
        };
        let text: Vec<String> = terms.into_iter().map(quoted).collect();
        Filter::new(&text.join(" ")).unwrap_or_default()
    }
}

/// The cell with most failures, what is tried again first; without any, the first.
fn worst(matrix: &CodeMatrix) -> (usize, usize) {
    let cells = matrix.rows.iter().enumerate().flat_map(|(row, cells)| {
        let cells = cells.cells.iter().zip(&matrix.columns).enumerate();
        cells.map(move |(column, (count, code))| (*count, code.class(), (row, column)))
    });
    cells
        .filter(|(count, class, _)| *count > 0 && matches!(class, Some(4 | 5)))
        .max_by_key(|(count, class, at)| (*class == Some(4), *count, std::cmp::Reverse(*at)))
        .map_or((0, 0), |(.., at)| at)
}

/// A row's name as a term of a filter; `None` for those that are many.
fn value(who: &Who) -> Option<(Field, SafeText)> {
    Some(match who {
        Who::Provider(provider) => (Field::Provider, provider.name().into()),
        Who::Domain(Some(domain)) => (Field::Domain, SafeText::from(&**domain)),
        Who::Sender(Some(sender)) if sender.is_empty() => (Field::From, "<>".into()),
        Who::Sender(Some(sender)) => (Field::From, SafeText::from(&**sender)),
        Who::Domain(None) | Who::Sender(None) => return None,
    })
}

fn field_word(field: Field) -> &'static str {
    match field {
        Field::Domain => "domain",
        Field::From => "from",
        _ => "provider",
    }
}

/// A row's name on the screen.
fn name(who: &Who) -> SafeText {
    match who {
        Who::Provider(Provider::LOCAL) => "local".into(),
        Who::Domain(None) => "other domains".into(),
        Who::Sender(None) => "unknown".into(),
        who => value(who).map(|(_, name)| name).unwrap_or_default(),
    }
}

/// What a code means for the mail.
fn role(column: CodeColumn) -> Role {
    match column.class() {
        Some(2) => Role::Ok,
        Some(4) => Role::Defer,
        Some(_) => Role::Bounce,
        None => Role::Text,
    }
}

impl View for Providers {
    fn root(&self) -> Root {
        Root::Providers
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Log]);
        let made = Made {
            until: facts.until.timestamp(),
            range: facts.range.num_seconds(),
            shown: facts.shown().minutes(),
            lines: facts.model.told().lines.read,
            axis: self.axis,
            filter: Filter::clone(&self.filter),
        };
        if self.made.as_ref() == Some(&made) {
            return;
        }
        let model = &facts.model.facts;
        self.matrix = filtered::meant(&self.filter, model, |meant| {
            model.answers(facts.until, facts.range, self.axis, CODES, meant)
        });
        self.all = if self.matrix.rows.is_empty() && !self.filter.is_empty() {
            let all = model.answers(facts.until, facts.range, self.axis, CODES, &Meant::ALL);
            all.rows.iter().map(|row| row.attempts).sum()
        } else {
            0
        };
        self.delays = model.delays(facts.until, facts.range).into_iter().collect();
        if self.axis == Axis::Provider && !self.filter.is_empty() {
            let rows = &self.matrix.rows;
            self.delays
                .retain(|(provider, _)| rows.iter().any(|row| row.who == Who::Provider(*provider)));
        }
        self.delays
            .sort_by_key(|(_, delays)| std::cmp::Reverse(delays.total.count()));
        self.place();
        self.look(facts);
        self.made = Some(made);
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        let (row, column) = self.at;
        let page = usize::from(table::places(self, facts.body).0.height.saturating_sub(4)).max(1);
        match command {
            Command::Move(motion) => {
                let last = self.matrix.rows.len().saturating_sub(1);
                self.go(scrolled(row, motion, page + 1, last), column);
                self.look(facts);
            }
            Command::Column(column) => {
                self.go(row, column);
                self.look(facts);
            }
            // Over time the arrows move the time cursor, which is not this view's business.
            Command::Left if self.panel != Panel::Map => {
                self.go(row, column.saturating_sub(1));
                self.look(facts);
            }
            Command::Right if self.panel != Panel::Map => {
                self.go(row, column + 1);
                self.look(facts);
            }
            Command::Percent => self.percent = !self.percent,
            Command::Axis => {
                self.axis = super::next(&Axis::ALL, self.axis);
                self.chosen = None;
                self.at = (0, 0);
            }
            Command::Open if self.count() > 0 => {
                let waits = self.column().and_then(CodeColumn::class) == Some(4);
                let root = if waits { Root::Queue } else { Root::Log };
                return Outcome::Open(Place::Root(root, self.aim()));
            }
            // What was tried again and went is in the log only.
            Command::Lines if self.count() > 0 => {
                return Outcome::Open(Place::Root(Root::Log, self.aim()));
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Log]);
        if self.matrix.rows.is_empty() {
            table::nothing(self, pen, area, facts);
            return;
        }
        if facts.alone {
            match self.panel {
                Panel::Matrix => table::matrix(self, pen, area, facts),
                Panel::Map => delays::map(self, pen, area, facts),
                Panel::Delays => delays::table(self, pen, area, facts),
            }
            return;
        }
        let (matrix, left, right) = table::places(self, area);
        table::matrix(self, pen, matrix, facts);
        if left.height > 2 {
            match self.panel {
                Panel::Map => delays::map(self, pen, left, facts),
                Panel::Delays if right.width == 0 => delays::table(self, pen, left, facts),
                Panel::Matrix | Panel::Delays => detail::draw(self, pen, left, facts),
            }
        }
        if right.width > 0 && right.height > 2 {
            delays::table(self, pen, right, facts);
        }
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::Lines,
            Command::NextPanel,
            Command::Percent,
            Command::Axis,
            Command::Range,
            Command::Facet,
            Command::Filter,
            Command::Alone,
            Command::Freeze,
            Command::Copy,
            Command::Export,
            Command::PreviousPanel,
            Command::Exclude,
            Command::Left,
            Command::Right,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let what = match self.axis {
            Axis::Provider => " Providers × reply codes",
            Axis::Domain => " Domains × reply codes",
            Axis::Sender => " Senders × reply codes of failures",
        };
        let counts = if self.percent {
            "shares of the row"
        } else {
            "delivery attempts"
        };
        let range = looking::words(facts.range);
        let words = if facts.until < facts.model.now() {
            format!(
                " · {range} to {} · {counts}",
                super::clock(facts.until, facts)
            )
        } else {
            format!(" · last {range} · {counts}")
        };
        Line::of(what, Role::Head).text(words)
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

    /// The row first; once it is in the filter, the code. A column of many codes is no value.
    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        let row = self.row().and_then(|row| value(&row.who));
        let code = match self.column() {
            Some(CodeColumn::One(dsn)) => Some((Field::Code, dsn.to_string().into())),
            _ => None,
        };
        let known = row
            .as_ref()
            .is_some_and(|(_, value)| self.filter.text().contains(value.as_str()));
        if known { code.or(row) } else { row.or(code) }
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        let mut extract = Extract {
            title: SafeText::from(format!("providers, last {}", looking::words(facts.range))),
            columns: vec!["Who", "Code", "Attempts", "Share of row %"],
            ..Extract::default()
        };
        for (at, row) in self.matrix.rows.iter().enumerate() {
            for (nth, (count, code)) in row.cells.iter().zip(&self.matrix.columns).enumerate() {
                if *count == 0 {
                    continue;
                }
                if (at, nth) == self.at {
                    extract.selected = Some(extract.rows.len());
                }
                let share = *count as f64 / row.attempts.max(1) as f64;
                extract.rows.push(vec![
                    name(&row.who),
                    code.title().into(),
                    count.to_string().into(),
                    numbers::percent(share).into(),
                ]);
            }
        }
        (!extract.rows.is_empty()).then_some(extract)
    }
}
