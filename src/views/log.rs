//! Log: the lines themselves, live and back into the past, in columns or raw, with what they have in common.
//!
//! In: the filter, the answers of the search, and lines as they are logged. Out: the searches that it needs ([`View::asks`]): the newest
//! lines of the time that is looked at, and older ones when the operator scrolls back beyond them. What is logged while another view is
//! shown is kept as it is, up to [`PENDING`] bytes, and looked at when this one is shown again; should that not be enough, the log
//! is searched anew. Nothing is kept before the view is opened once: the log is the database.

mod cells;
mod draw;
mod lines;
mod strip;

use super::{Facts, Panels, View, scrolled};
use crate::app::command::{Command, Motion, Outcome, Place, Root};
use crate::app::effect::Effect;
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::msg::{Found, Part};
use crate::app::search::{Search, What};
use crate::model::facets::Facet;
use crate::model::span::Between;
use crate::safe_text::SafeText;
use crate::widgets::{Line, Pen};
use chrono::{DateTime, FixedOffset, Utc};
use lines::Lines;
use ratatui::layout::Rect;
use std::ops::RangeInclusive;

/// Bytes of lines that wait to be looked at.
const PENDING: usize = 8 << 20;

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Panel {
    #[default]
    Lines,
    Facets,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[Self::Lines, Self::Facets];
}

/// How far the search is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Progress {
    /// It runs, and reads this.
    Running(Option<SafeText>),
    /// It is over; older lines may be had.
    Over { cut: bool, unread: Vec<SafeText> },
    #[default]
    Idle,
}

/// What the lines are an answer to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Asked {
    filter: Filter,
    range: chrono::TimeDelta,
    /// The moment that is looked at, when that is not now.
    until: Option<DateTime<Utc>>,
}

/// The view.
#[derive(Default)]
pub struct Log {
    filter: Narrowed,
    asked: Option<Asked>,
    /// The search that is answered, or was.
    search: Option<Search>,
    progress: Progress,
    lines: Lines,
    /// The most frequent values of each facet.
    values: Vec<Vec<(SafeText, u64)>>,
    /// Lines as logged that were not looked at yet.
    pending: Vec<(Vec<u8>, DateTime<Utc>)>,
    waiting: usize,
    /// Parts of the answer that were not looked at yet.
    older: Vec<(Vec<u8>, DateTime<Utc>, u64)>,
    /// Lines were logged that found no room to wait.
    gap: bool,
    /// The selected line; none while the newest is followed.
    selected: Option<i64>,
    /// Lines that the operator marked.
    marks: Vec<i64>,
    /// The line where the range begins that is being marked.
    anchor: Option<i64>,
    /// The cell under the cursor.
    column: usize,
    raw: bool,
    panel: Panel,
    /// The facet and its value under the cursor.
    facet: (usize, usize),
    /// The operator wants what is older than the lines that are here.
    back: bool,
}

impl Log {
    /// The row that is selected, of those that are shown.
    fn at(&self, facts: &Facts<'_>) -> Option<usize> {
        let shown = self.shown(facts);
        let last = shown.checked_sub(1)?;
        let at = self.selected.and_then(|line| self.lines.place(line));
        Some(at.unwrap_or(last).min(last))
    }

    /// How many lines are shown: those up to the moment that is looked at.
    fn shown(&self, facts: &Facts<'_>) -> usize {
        if facts.live {
            self.lines.len()
        } else {
            self.lines.until(facts.until)
        }
    }

    fn go(&mut self, motion: Motion, facts: &Facts<'_>) {
        let Some(at) = self.at(facts) else {
            return;
        };
        let last = self.shown(facts).saturating_sub(1);
        let page = usize::from(draw::page(self, facts)).max(2);
        let to = scrolled(at, motion, page, last);
        self.back |= to == 0 && at == 0 || motion == Motion::First;
        self.select(to, last);
    }

    fn select(&mut self, to: usize, last: usize) {
        // At the newest line it follows again.
        self.selected = (to < last).then(|| self.lines.number(to));
    }

    /// The next line, or the one before, that is marked or, without marks, that tells of trouble.
    fn next(&mut self, forward: bool, facts: &Facts<'_>) {
        let Some(at) = self.at(facts) else {
            return;
        };
        let shown = self.shown(facts);
        let wanted = |at: &usize| {
            if self.marks.is_empty() {
                self.lines.is_trouble(*at)
            } else {
                self.marks.contains(&self.lines.number(*at))
            }
        };
        let found = if forward {
            (at + 1..shown).find(wanted)
        } else {
            (0..at).rev().find(wanted)
        };
        if let Some(to) = found {
            // A match is looked at: it is not followed away from.
            self.selected = Some(self.lines.number(to));
        }
    }

    /// Marks the lines of the range, which is over then.
    fn keep(&mut self, facts: &Facts<'_>) {
        let rows = self.range(facts).into_iter().flatten();
        self.marks.extend(rows.map(|at| self.lines.number(at)));
        self.marks.sort_unstable();
        self.marks.dedup();
        self.anchor = None;
    }

    /// The facets' values as they are on the screen.
    fn values(&self, facet: usize) -> &[(SafeText, u64)] {
        self.values.get(facet).map_or(&[], Vec::as_slice)
    }

    fn move_facet(&mut self, command: Command) {
        let (mut facet, mut value) = self.facet;
        let filled: Vec<usize> = (0..Facet::ALL.len())
            .filter(|facet| !self.values(*facet).is_empty())
            .collect();
        let place = filled.iter().position(|one| *one == facet).unwrap_or(0);
        match command {
            Command::Right => value += 1,
            Command::Left => value = value.saturating_sub(1),
            Command::Move(Motion::Up) => {
                facet = filled.get(place.saturating_sub(1)).copied().unwrap_or(0);
            }
            Command::Move(Motion::Down) => {
                let next = filled.get(place + 1).or(filled.last());
                facet = next.copied().unwrap_or(0);
            }
            _ => {}
        }
        let most = self.values(facet).len().saturating_sub(1);
        self.facet = (facet, value.min(most));
    }

    fn trace(&self, facts: &Facts<'_>) -> Outcome {
        let filter = Filter::default();
        let Some(at) = self.at(facts) else {
            return Outcome::Done;
        };
        let filter = self.lines.with(at, facts.model.zone(), |record, _| {
            if let Some(id) = record.event.queue_id() {
                return Some(filter.with(Field::QueueId, &SafeText::from(id.as_str())));
            }
            // What was refused at the door is known by who it was for.
            let (field, value) = cells::cell(record, cells::WHO)?;
            Some(filter.with(field, &value))
        });
        match filter.flatten() {
            Some(filter) => Outcome::Open(Place::Root(Root::Trace, filter)),
            None => Outcome::Done,
        }
    }
}

impl View for Log {
    fn root(&self) -> Root {
        Root::Log
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let until = facts.until;
        let counted = self.lines.facets().lines();
        // The newer ones first: where both meet, the search has read some of them too.
        for (lines, anchor) in std::mem::take(&mut self.pending) {
            self.lines.newer(&lines, anchor, &self.filter, until, facts);
        }
        for (lines, anchor, of) in std::mem::take(&mut self.older) {
            self.lines.older(&lines, anchor, of, facts);
        }
        self.waiting = 0;
        let lines = &self.lines;
        if counted != lines.facets().lines() || self.values.is_empty() {
            let top = |facet: &Facet| lines.facets().top(*facet, draw::VALUES);
            self.values = Facet::ALL.iter().map(top).collect();
        }
        self.marks.retain(|mark| lines.place(*mark).is_some());
        if self
            .selected
            .is_some_and(|line| lines.place(line).is_none())
        {
            self.selected = (lines.len() > 0).then(|| lines.number(0));
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        match (command, self.panel) {
            (Command::Move(_) | Command::Left | Command::Right, Panel::Facets) => {
                self.move_facet(command);
            }
            (Command::Move(motion), Panel::Lines) => self.go(motion, facts),
            (Command::Left, Panel::Lines) if !self.raw => {
                self.column = self.column.saturating_sub(1);
            }
            (Command::Right, Panel::Lines) if !self.raw => {
                self.column = (self.column + 1).min(cells::COLUMNS.len() - 1);
            }
            (Command::Wrap, _) => self.raw = !self.raw,
            (Command::Next, _) => self.next(true, facts),
            (Command::Previous, _) => self.next(false, facts),
            (Command::Open, Panel::Facets) => {
                let Some((field, value)) = self.cell(facts) else {
                    return Outcome::Done;
                };
                let filter = self.filter.with(field, &value);
                return Outcome::Open(Place::Root(Root::Log, filter));
            }
            (Command::Open, Panel::Lines) => return self.trace(facts),
            (Command::Mark | Command::MarkRange, Panel::Lines) if self.anchor.is_some() => {
                self.keep(facts);
            }
            (Command::MarkRange, Panel::Lines) => {
                self.anchor = self.at(facts).map(|at| self.lines.number(at));
                // The range begins at a line, not at whatever is the newest.
                self.selected = self.anchor;
            }
            (Command::Mark, Panel::Lines) => {
                if let Some(at) = self.at(facts) {
                    let line = self.lines.number(at);
                    let known = self.marks.len();
                    self.marks.retain(|mark| *mark != line);
                    if self.marks.len() == known {
                        self.marks.push(line);
                    }
                    self.go(Motion::Down, facts);
                }
            }
            (Command::Unmark, _) if !self.marks.is_empty() => self.marks.clear(),
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        draw::draw(self, pen, area, facts);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Filter,
            Command::Next,
            Command::Facet,
            Command::Exclude,
            Command::Open,
            Command::Wrap,
            Command::Mark,
            Command::Freeze,
            Command::NextPanel,
            Command::Range,
            Command::Copy,
            Command::Previous,
            Command::Alone,
            Command::MarkRange,
            Command::Unmark,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        draw::heading(self, facts)
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

    fn cell(&self, facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        if self.panel == Panel::Facets {
            let (facet, value) = self.facet;
            let field = match Facet::ALL.get(facet)? {
                Facet::Domain => Field::Domain,
                Facet::Relay => Field::Relay,
                Facet::Sender => Field::From,
                Facet::Dsn => Field::Code,
                Facet::Host => Field::Host,
                Facet::Program => Field::Program,
                Facet::Status => Field::Status,
                Facet::Tls | Facet::Phase => return None,
            };
            let value = self.values(facet).get(value)?.0.clone();
            return Some((field, value));
        }
        let at = self.at(facts)?;
        let column = self.column;
        self.lines.with(at, facts.model.zone(), |record, _| {
            cells::cell(record, column)
        })?
    }

    fn range(&self, facts: &Facts<'_>) -> Option<RangeInclusive<usize>> {
        // What was so long ago that it is no longer held was before all others.
        let anchor = self.lines.place(self.anchor?).unwrap_or(0);
        let at = self.at(facts)?;
        Some(at.min(anchor)..=at.max(anchor))
    }

    fn leave_range(&mut self) {
        self.anchor = None;
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(draw::extract(self, facts))
    }

    fn asks(&mut self, facts: &Facts<'_>) -> Option<Effect> {
        let asked = Asked {
            filter: self.filter.clone(),
            range: facts.range,
            until: (!facts.live).then_some(facts.until),
        };
        // While a moment is looked at that is here already, nothing is searched for.
        let within = |before: &Asked| {
            before.filter == asked.filter
                && before.range == asked.range
                && before.until.is_none()
                && asked
                    .until
                    .is_some_and(|until| self.lines.begins() < Some(until))
        };
        let known = self.asked.as_ref() == Some(&asked) || self.asked.as_ref().is_some_and(within);
        let back = std::mem::take(&mut self.back);
        if known && !self.gap {
            let Progress::Over { cut: true, .. } = self.progress else {
                return None;
            };
            // Beyond the oldest line; its own second is read again.
            let oldest = self
                .lines
                .begins()
                .filter(|_| back && self.lines.has_room())?;
            let between = Between {
                until: Some(oldest + chrono::TimeDelta::seconds(1)),
                ..self.search.as_ref()?.between
            };
            return Some(self.search(between));
        }
        // A single message is looked for wherever it is.
        let one = self
            .filter
            .terms()
            .any(|term| !term.negated && matches!(term.field, Field::QueueId | Field::MessageId));
        let since = facts.until.checked_sub_signed(facts.range);
        let between = Between {
            since: since.filter(|_| !one),
            until: asked.until,
        };
        self.lines = Lines::default();
        self.values.clear();
        (self.selected, self.gap, self.waiting) = (None, false, 0);
        self.marks.clear();
        self.anchor = None;
        self.pending.clear();
        self.older.clear();
        self.asked = Some(asked);
        Some(self.search(between))
    }

    fn found(&mut self, found: &Found, _zone: FixedOffset) {
        if self.search.as_ref() != Some(&*found.search) {
            return;
        }
        match &found.part {
            Part::Lines { batch, of } => {
                self.older.push((batch.lines.clone(), batch.anchor, *of));
            }
            Part::Reading(what) => self.progress = Progress::Running(Some(what.clone())),
            Part::End { cut, unread } => {
                self.progress = Progress::Over {
                    cut: *cut,
                    unread: unread.clone(),
                };
            }
            Part::Lives(_) => {}
        }
    }

    fn logged(&mut self, lines: &[u8], anchor: DateTime<Utc>, _zone: FixedOffset) {
        if self.asked.is_none() || self.gap {
            return;
        }
        if self.waiting + lines.len() > PENDING {
            (self.gap, self.waiting) = (true, 0);
            self.pending.clear();
            return;
        }
        self.waiting += lines.len();
        match self.pending.last_mut() {
            Some((last, _)) if last.len() < 64 << 10 => last.extend_from_slice(lines),
            _ => self.pending.push((lines.to_vec(), anchor)),
        }
    }
}

impl Log {
    fn search(&mut self, between: Between) -> Effect {
        let search = Search {
            what: What::Lines(self.filter.clone()),
            between,
        };
        self.progress = Progress::Running(None);
        self.search = Some(search.clone());
        Effect::Search(search)
    }
}
