//! The Overview: is anything wrong, what, since when. Enter goes to the queue, at the selected domain.

mod extract;
mod panels;

use super::{Facts, Panels, View, WINDOW, age, scrolled};
use crate::app::command::{Command, Outcome, Place, QueueScope, Root};
use crate::app::cursor::{Aim, Cursor};
use crate::app::extract::Extract;
use crate::app::filter::Filter;
use crate::app::sheet::Choice;
use crate::knowledge::Provider;
use crate::model::events::Happening;
use crate::model::feeds::Source;
use crate::model::history::{Depth, Flow};
use crate::model::identity::Target;
use crate::model::journal::Verb;
use crate::model::providers::Tally;
use crate::model::stuck::Domain;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen};
use chrono::{DateTime, TimeDelta, Utc};
use ratatui::layout::Rect;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Seconds between two moments at which the past is looked at.
const STEP: i64 = 10;

/// Which panel has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Stuck,
    Providers,
    Queues,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[Self::Stuck, Self::Queues, Self::Providers];
}

/// The view.
pub struct Overview {
    panel: Panel,
    domain: Cursor<Arc<str>>,
    queue: usize,
    depths: Vec<Option<Depth>>,
    /// At the moment that is looked at.
    depth: Option<Depth>,
    /// What passed through in the [`WINDOW`] before it.
    flow: Flow,
    /// And in the last minute before it.
    running: Flow,
    /// When that moment is in the past: what was deferred in the window before it, by domain.
    past: Option<Vec<Then>>,
    /// The newest events, newest first.
    events: Vec<Happening>,
    before: Option<Before>,
    providers: Vec<(Provider, Tally)>,
    provider: Cursor<Provider>,
}

/// What was deferred for the first time in the window before a moment in the past.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Then {
    domain: Arc<str>,
    count: u64,
    /// The cause of most of it.
    reason: Arc<str>,
}

/// What was deferred then, by domain, most first; `None` when the moment that is looked at is now.
fn past(facts: &Facts<'_>) -> Option<Vec<Then>> {
    (facts.until < facts.model.now()).then_some(())?;
    let since = facts.until - TimeDelta::minutes(WINDOW);
    let (_, causes) = facts.model.told().onsets.between(since, facts.until);
    let mut rows: Vec<Then> = Vec::new();
    for ((domain, reason), count) in causes {
        match rows.iter_mut().find(|row| row.domain == domain) {
            Some(row) => row.count += count,
            None => rows.push(Then {
                domain,
                count,
                reason,
            }),
        }
    }
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.domain.cmp(&b.domain)));
    Some(rows)
}

/// What the queue was some time ago.
#[derive(Debug, Clone, Copy)]
struct Before {
    /// Seconds ago: [`WINDOW`], or less when less is known.
    ago: i64,
    depth: Depth,
}

impl Default for Overview {
    fn default() -> Self {
        Self {
            panel: Panel::Stuck,
            domain: Cursor::default(),
            queue: 0,
            depths: Vec::new(),
            depth: None,
            flow: Flow::default(),
            running: Flow::default(),
            past: None,
            events: Vec::new(),
            before: None,
            providers: Vec::new(),
            provider: Cursor::default(),
        }
    }
}

/// Queues of the panel, in the order of urgency.
const QUEUES: [(&str, QueueScope, Role); 4] = [
    ("deferred", QueueScope::Deferred, Role::Defer),
    ("active", QueueScope::Active, Role::Accent),
    ("incoming", QueueScope::Incoming, Role::Text),
    ("hold", QueueScope::Hold, Role::Hold),
];

fn depth_of(depth: Depth, scope: QueueScope) -> i64 {
    match scope {
        QueueScope::Deferred | QueueScope::Waiting | QueueScope::All => depth.deferred,
        QueueScope::Active => depth.active,
        QueueScope::Incoming => depth.incoming,
        QueueScope::Hold => depth.hold,
    }
}

impl Overview {
    /// The depths now: the newest of what the history knows, which the log carries on between listings; `None` before anything
    /// is known.
    fn now(&self) -> Option<Depth> {
        self.depth
    }

    fn selected<'a>(&self, facts: &Facts<'a>) -> Option<&'a Domain> {
        facts.standing.stuck.get(self.domain.at())
    }
}

impl View for Overview {
    fn root(&self) -> Root {
        Root::Overview
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let now = facts.until;
        // Two values for each column of a braille chart on a wide screen; narrower charts gather them.
        let columns = usize::from(facts.body.width).clamp(60, 240);
        let history = &facts.model.told().history;
        let shown = facts.shown();
        self.depths = history.depths(shown.since, shown.until, columns);
        // Where less is known than the window, the change is since the first thing known.
        let slots = WINDOW * 60 / STEP;
        let depths = history.depths(now - TimeDelta::minutes(WINDOW), now, slots as usize);
        let first = depths
            .iter()
            .enumerate()
            .find_map(|(at, depth)| Some((at, (*depth)?)));
        self.before = first.map(|(at, depth)| Before {
            ago: (slots - at as i64) * STEP,
            depth,
        });
        self.depth = depths.last().copied().flatten();
        // What was logged since the last tick is shown at once; after a moment in the past nothing had happened yet.
        let end = |moment| {
            if moment < facts.model.now() {
                moment
            } else {
                DateTime::<Utc>::MAX_UTC
            }
        };
        let told = facts.told_until(&[Source::Log]);
        self.flow = history.flow_between(told - TimeDelta::minutes(WINDOW), end(told));
        self.running = history.flow_between(told - TimeDelta::minutes(1), end(told));
        let end = end(now);
        self.events = facts.model.told().events.newest();
        self.events.retain(|event| event.first <= end);
        for event in &mut self.events {
            event.last = event.last.min(end);
        }
        self.past = past(facts);
        let tallies: BTreeMap<Provider, Tally> = facts.model.facts.providers_since(told, WINDOW);
        self.providers = tallies.into_iter().collect();
        self.providers.sort_by(|a, b| {
            b.1.outcomes
                .attempts()
                .cmp(&a.1.outcomes.attempts())
                .then_with(|| a.0.cmp(&b.0))
        });
        let providers = &self.providers;
        let id = |at: usize| providers.get(at).map(|(provider, _)| *provider);
        self.provider.settle(providers.len(), id);
        self.domain.settle(facts.standing.stuck.len(), |at| {
            facts
                .standing
                .stuck
                .get(at)
                .map(|domain| Arc::clone(&domain.name))
        });
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        let page = usize::from(facts.body.height / 3);
        match (command, self.panel) {
            (Command::Move(motion), Panel::Stuck) => {
                let name = |domain: &Domain| Arc::clone(&domain.name);
                let id = |at: usize| facts.standing.stuck.get(at).map(name);
                self.domain.go(motion, facts.standing.stuck.len(), page, id);
            }
            (Command::Move(motion), Panel::Queues) => {
                self.queue = scrolled(self.queue, motion, page, QUEUES.len() - 1);
            }
            (Command::Move(motion), Panel::Providers) => {
                let providers = &self.providers;
                let id = |at: usize| providers.get(at).map(|(provider, _)| *provider);
                self.provider.go(motion, providers.len(), page, id);
            }
            (Command::Open, Panel::Providers) => {
                let provider = self
                    .providers
                    .get(self.provider.at())
                    .map(|(name, _)| name.name());
                let filter =
                    provider.and_then(|name| Filter::new(&format!("provider:{name}")).ok());
                return Outcome::Open(Place::Root(Root::Providers, filter.unwrap_or_default()));
            }
            (Command::Open, Panel::Stuck) => {
                let domain = self.selected(facts).map(|domain| Arc::clone(&domain.name));
                return Outcome::Open(Place::Queue(QueueScope::Waiting, domain));
            }
            (Command::Open, Panel::Queues) => {
                let scope = QUEUES
                    .get(self.queue)
                    .map_or(QueueScope::All, |(_, scope, _)| *scope);
                return Outcome::Open(Place::Queue(scope, None));
            }
            (Command::Next, _) => {
                if let Some(domain) = facts
                    .alarms
                    .get(facts.alarm)
                    .and_then(|alarm| alarm.domain.clone())
                {
                    self.panel = Panel::Stuck;
                    self.domain.select(domain);
                }
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        panels::draw(self, pen, area, facts);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::NextPanel,
            Command::PreviousPanel,
            Command::Next,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Release),
            Command::Act(Verb::Flush),
            Command::Act(Verb::Delete),
            Command::Act(Verb::Requeue),
            Command::Freeze,
            Command::View(Root::Queue),
            Command::Mark,
            Command::Unmark,
            Command::FlushAll,
            Command::MarkRange,
            Command::Alone,
            Command::Quit,
        ];
        KEYS
    }

    /// The worst alarm, or that there is none.
    fn heading(&self, facts: &Facts<'_>) -> Line {
        let glyphs = facts.theme.glyphs();
        let Some(alarm) = facts.alarms.get(facts.alarm) else {
            if facts.model.queue.listed().at.is_none() {
                return Line::of(" reading …", Role::Dim);
            }
            let depth = facts.model.queue.depth();
            let text = match depth.deferred + depth.hold {
                0 => String::from(" no alarm · nothing waits"),
                1 => String::from(" no alarm · 1 message waits, nothing grows more than usual"),
                many => format!(
                    " no alarm · {} messages wait, nothing grows more than usual",
                    numbers::count(many.unsigned_abs())
                ),
            };
            return Line::of(format!(" {}", glyphs.ok), Role::Ok).add(text, Role::Dim);
        };
        let (count, at) = (facts.alarms.len(), facts.alarm + 1);
        // The sign with its blanks stands before it, and one column after it is kept free.
        let room = |which: &str| usize::from(facts.body.width).saturating_sub(4 + which.len());
        let sign = Line::of(format!(" {} ", glyphs.alert), Role::Alert);
        if count == 1 {
            return sign.add(alarm.within(room("")), Role::Alert);
        }
        let mut which = format!(" ({at} of {count}, n: next)");
        if alarm.within(room(&which)).width() > room(&which) {
            which = format!(" ({at} of {count})");
        }
        let room = room(&which);
        let words = facts.theme.glyphs.cut(&alarm.within(room), room);
        sign.add(words, Role::Alert).add(which, Role::Dim)
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(extract::extract(self, facts))
    }

    fn choices(&self, facts: &Facts<'_>) -> Vec<Choice> {
        // What is selected there is a queue, and a whole queue is no aim.
        let Some(domain) = self.selected(facts).filter(|_| self.panel == Panel::Stuck) else {
            return Vec::new();
        };
        let label = SafeText::from(format!("{} in {}", domain.name, QueueScope::Waiting.name()));
        let at = self.domain.at();
        vec![Choice {
            label,
            targets: self.messages_of(at..=at, facts),
        }]
    }

    fn hold(&mut self) {
        match self.panel {
            Panel::Stuck => self.domain.hold(),
            Panel::Providers => self.provider.hold(),
            Panel::Queues => {}
        }
    }

    fn aim(&self) -> Option<&dyn Aim> {
        (self.panel == Panel::Stuck).then_some(&self.domain)
    }

    fn aim_mut(&mut self) -> Option<&mut dyn Aim> {
        (self.panel == Panel::Stuck).then_some(&mut self.domain)
    }

    fn messages_of(&self, rows: RangeInclusive<usize>, facts: &Facts<'_>) -> Vec<Target> {
        let rows = facts.standing.stuck.get(rows).unwrap_or_default();
        super::targets_in(facts.model.queue.messages(), rows, QueueScope::Waiting)
    }
}

/// A growing domain's sign, a held one's, or none.
fn sign(domain: &Domain, facts: &Facts<'_>) -> Option<(&'static str, Role)> {
    let glyphs = facts.theme.glyphs();
    if facts.growth.grows(domain) {
        Some((glyphs.alert, Role::Alert))
    } else if domain.held > 0 {
        Some((glyphs.held, Role::Hold))
    } else {
        None
    }
}

/// The oldest waiting message's age, in words.
fn oldest(facts: &Facts<'_>) -> String {
    let oldest = facts
        .standing
        .stuck
        .iter()
        .map(|domain| domain.oldest)
        .min();
    oldest.map_or_else(
        || String::from("-"),
        |arrival| age(facts.model.now().timestamp() - arrival),
    )
}
