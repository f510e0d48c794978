//! Trace: what happened to a message. `/` asks for an address, an id, an account or a client; the logs are searched, and each message that
//! answers is a row with its timeline, its envelope and its lines.
//!
//! In: the filter, the answers of the search, and lines as they are logged. Out: the search that it needs ([`View::asks`]). A queue id
//! that stands in a log is never acted on: an action is aimed at a message of the listing only, and only where the arrival is the same.

mod asked;
mod draw;
mod order;
mod subject;

use super::{Facts, Known, Life, Panels, View, scrolled};
use crate::app::command::{Command, Motion, Outcome, Place, Root};
use crate::app::cursor::{Aim, Cursor};
use crate::app::effect::Effect;
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::msg::{Found, Part};
use crate::app::search::{Search, What};
use crate::app::sheet::Choice;
use crate::app::sorting::{Ordered, Sorting};
use crate::model::identity::Target;
use crate::model::journal::Verb;
use crate::model::trace::Message;
use crate::safe_text::SafeText;
use crate::widgets::{Line, Pen};
use chrono::{DateTime, FixedOffset, Utc};
use order::{By, ORDERS, compare};
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::ops::RangeInclusive;
use subject::Traced;

/// Seconds that an arrival in the listing and the first line in the log may be apart: the file is made before the line is written.
const APART: i64 = 5;

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Panel {
    #[default]
    Messages,
    Timeline,
    Raw,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[Self::Messages, Self::Timeline, Self::Raw];
}

/// How far the search is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Progress {
    /// Nothing is asked.
    #[default]
    Idle,
    /// It runs, and reads this.
    Running(Option<SafeText>),
    /// It is over.
    Over { cut: bool, unread: Vec<SafeText> },
}

/// A message among those that were traced, whatever its place: host, queue id, first line.
type Key = (Box<[u8]>, Option<Box<str>>, Option<DateTime<FixedOffset>>);

/// The view.
pub struct Trace {
    filter: Narrowed,
    /// What is searched for, or was.
    asked: Option<Search>,
    progress: Progress,
    known: Known,
    changed: bool,
    order: Sorting<By>,
    /// Places of the messages that are shown.
    rows: Vec<usize>,
    keys: Vec<Key>,
    cursor: Cursor<Key>,
    /// What could be traced, when nothing is asked.
    offers: Vec<(SafeText, Box<str>)>,
    offer: usize,
    panel: Panel,
    life: Life,
    life_of: Option<Key>,
    /// Rows scrolled back from the end of the timeline, or down in the raw lines.
    scroll: usize,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            filter: Narrowed::default(),
            asked: None,
            progress: Progress::default(),
            known: Known::default(),
            changed: false,
            order: Sorting::new(ORDERS, By::Last),
            rows: Vec::new(),
            keys: Vec::new(),
            cursor: Cursor::default(),
            offers: Vec::new(),
            offer: 0,
            panel: Panel::default(),
            life: Life::default(),
            life_of: None,
            scroll: 0,
        }
    }
}

impl Trace {
    fn selected(&self) -> Option<&Message> {
        let at = self.rows.get(self.cursor.at())?;
        self.known.lives.traced.messages.get(*at)
    }

    fn list(&mut self, facts: &Facts<'_>) {
        let messages = &self.known.lives.traced.messages;
        let meant = |message: &Message| {
            self.filter.matches(&Traced {
                message,
                now: facts.until,
            })
        };
        let answers: Vec<bool> = messages.iter().map(meant).collect();
        // Of one message the whole story is told, what came of it and what it came of.
        let tied = self.filter.terms().any(|term| {
            matches!(
                term.field,
                Field::QueueId | Field::MessageId | Field::Anywhere
            )
        });
        let shown = |(at, message): (usize, &Message)| {
            let own = answers.get(at).copied().unwrap_or_default();
            let mut others = message.related.iter();
            let related =
                tied && others.any(|tie| answers.get(tie.message).copied().unwrap_or_default());
            (own || related).then_some(at)
        };
        let mut rows: Vec<usize> = messages.iter().enumerate().filter_map(shown).collect();
        rows.sort_by(|a, b| match (messages.get(*a), messages.get(*b)) {
            (Some(a), Some(b)) => compare(self.order, a, b),
            _ => Ordering::Equal,
        });
        let key = |at: &usize| {
            let message = messages.get(*at)?;
            Some((
                message.host.clone(),
                message.queue_id.clone(),
                message.first,
            ))
        };
        self.keys = rows.iter().filter_map(key).collect();
        self.rows = rows;
        let keys = &self.keys;
        self.cursor.settle(keys.len(), |at| keys.get(at).cloned());
    }

    fn offer(&mut self, facts: &Facts<'_>) {
        let marked = facts.marks.targets();
        self.offers = marked
            .iter()
            .take(20)
            .map(|target| {
                let id = &target.key.queue_id;
                let words = format!("marked message {id} from {}", target.sender);
                (SafeText::from(words), id.clone())
            })
            .collect();
        self.offer = self.offer.min(self.offers.len().saturating_sub(1));
    }

    fn scroll(&mut self, motion: Motion, facts: &Facts<'_>) {
        let room = draw::areas(self, facts.body, facts);
        let (rows, page) = match self.panel {
            Panel::Raw => {
                let columns = usize::from(room.raw.width.saturating_sub(2));
                (self.life.raw(columns).len(), room.raw.height)
            }
            _ => (self.life.timeline(facts).len(), room.timeline.height),
        };
        let page = usize::from(page.saturating_sub(2)).max(2);
        let last = rows.saturating_sub(page);
        // The timeline is scrolled back from its end, where the news is.
        let motion = if self.panel == Panel::Raw {
            motion
        } else {
            motion.reversed()
        };
        self.scroll = scrolled(self.scroll, motion, page, last);
    }

    fn show(&mut self, panel: Panel) {
        self.panel = panel;
        self.scroll = 0;
    }
}

impl View for Trace {
    fn root(&self) -> Root {
        Root::Trace
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        if let Some(Search {
            what: What::Lives(question),
            ..
        }) = &self.asked
        {
            self.changed |= self.known.catch_up(question, facts.model.now());
        }
        if std::mem::take(&mut self.changed) {
            self.list(facts);
            self.life_of = None;
        }
        if self.asked.is_none() {
            self.offer(facts);
        }
        let selected = self.cursor.selected().cloned();
        if self.life_of != selected || selected.is_none() {
            self.life = self.selected().map_or_else(Life::default, |message| {
                Life::of(
                    message,
                    &self.known.lives.traced,
                    &self.known.lives.lines,
                    facts,
                )
            });
            self.life_of = selected;
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.show(panel);
            return Outcome::Done;
        }
        match command {
            Command::Move(motion) if self.panel == Panel::Messages => {
                if self.asked.is_none() {
                    let last = self.offers.len().saturating_sub(1);
                    self.offer = scrolled(self.offer, motion, 10, last);
                    return Outcome::Done;
                }
                let page = usize::from(draw::areas(self, facts.body, facts).list.height);
                let keys = &self.keys;
                self.cursor
                    .go(motion, keys.len(), page.saturating_sub(3), |at| {
                        keys.get(at).cloned()
                    });
                self.scroll = 0;
            }
            Command::Move(motion) => self.scroll(motion, facts),
            Command::Open if self.asked.is_none() => {
                let Some((_, id)) = self.offers.get(self.offer) else {
                    return Outcome::Done;
                };
                let id = SafeText::from(&**id);
                self.set_filter(Filter::default().with(Field::QueueId, &id));
            }
            Command::Open if self.panel == Panel::Raw => return self.lines(),
            Command::Open => self.show(Panel::Raw),
            Command::Lines => return self.lines(),
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
            Command::Open,
            Command::Lines,
            Command::NextPanel,
            Command::Range,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Flush),
            Command::Copy,
            Command::Act(Verb::Delete),
            Command::CopyMarkdown,
            Command::Facet,
            Command::Alone,
            Command::Freeze,
            Command::Act(Verb::Release),
            Command::Act(Verb::Requeue),
            Command::Sort,
            Command::SortBefore,
            Command::SortAfter,
            Command::Reverse,
            Command::Mark,
            Command::MarkRange,
            Command::Unmark,
            Command::PreviousPanel,
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
        self.changed |= *self.filter != filter;
        self.filter.set(filter);
    }

    fn bring(&mut self, filter: Filter) {
        self.filter = Narrowed::through(filter);
        self.changed = true;
    }

    fn drop_filter(&mut self) -> bool {
        if self.panel != Panel::Messages {
            self.show(Panel::Messages);
            return true;
        }
        let own = self.filter.widen();
        self.changed |= own;
        own
    }

    fn choices(&self, facts: &Facts<'_>) -> Vec<Choice> {
        let listed = self.selected().and_then(|message| listed(message, facts));
        listed
            .map(|target| Choice {
                label: SafeText::from(format!("this message {}", target.key.queue_id)),
                targets: vec![target],
            })
            .into_iter()
            .collect()
    }

    fn sorting(&self) -> Option<&dyn Ordered> {
        (self.panel == Panel::Messages).then_some(&self.order)
    }

    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        self.changed = true;
        (self.panel == Panel::Messages).then_some(&mut self.order)
    }

    fn aim(&self) -> Option<&dyn Aim> {
        (self.panel == Panel::Messages).then_some(&self.cursor)
    }

    fn aim_mut(&mut self) -> Option<&mut dyn Aim> {
        (self.panel == Panel::Messages).then_some(&mut self.cursor)
    }

    fn messages_of(&self, rows: RangeInclusive<usize>, facts: &Facts<'_>) -> Vec<Target> {
        let messages = &self.known.lives.traced.messages;
        let rows = self.rows.get(rows).unwrap_or_default().iter();
        let rows = rows.filter_map(|at| messages.get(*at));
        rows.filter_map(|message| listed(message, facts)).collect()
    }

    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        let from = self.selected()?.from.as_deref()?;
        let from: &[u8] = if from.is_empty() { b"<>" } else { from };
        Some((Field::From, SafeText::new(from)))
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(draw::extract(self, facts))
    }

    fn asks(&mut self, facts: &Facts<'_>) -> Option<Effect> {
        let search = asked::search(&self.filter, facts);
        if asked::same(search.as_ref(), self.asked.as_ref()) {
            return None;
        }
        self.asked = search;
        self.known = Known::default();
        self.changed = true;
        self.show(Panel::Messages);
        self.progress = match &self.asked {
            Some(_) => Progress::Running(None),
            None => Progress::Idle,
        };
        self.asked.clone().map(Effect::Search)
    }

    fn found(&mut self, found: &Found, _zone: FixedOffset) {
        if self.asked.as_ref() != Some(&*found.search) {
            return;
        }
        match &found.part {
            Part::Lives(lives) => {
                self.known.answer(lives);
                self.changed = true;
            }
            Part::Reading(what) => self.progress = Progress::Running(Some(what.clone())),
            Part::End { cut, unread } => {
                self.progress = Progress::Over {
                    cut: *cut,
                    unread: unread.clone(),
                };
            }
            Part::Lines { .. } => {}
        }
    }

    fn logged(&mut self, lines: &[u8], anchor: DateTime<Utc>, zone: FixedOffset) {
        let Some(Search {
            what: What::Lives(question),
            ..
        }) = &self.asked
        else {
            return;
        };
        self.known.logged(question, lines, anchor, zone);
    }
}

/// The message of the listing that this one is: never by its queue id alone.
fn listed(message: &Message, facts: &Facts<'_>) -> Option<Target> {
    let id = message.queue_id.as_deref()?;
    let born = message
        .first
        .filter(|_| message.born && message.ended.is_none())?;
    let mut listed = facts.model.queue.messages();
    let listed = listed.find(|listed| {
        let key = &listed.target.key;
        *key.queue_id == *id && (born.timestamp() - key.arrival).abs() <= APART
    });
    listed.map(|listed| listed.target.clone())
}

impl Trace {
    /// The lines of the selected message in the log.
    fn lines(&self) -> Outcome {
        let Some(message) = self.selected() else {
            return Outcome::Done;
        };
        let mut filter = Filter::default();
        match (&message.queue_id, &message.message_id) {
            (Some(id), _) => filter = filter.with(Field::QueueId, &SafeText::from(&**id)),
            (None, Some(id)) => filter = filter.with(Field::MessageId, &SafeText::new(id)),
            // A refusal is known by who it was for.
            (None, None) => {
                if let Some(to) = message.refused.first() {
                    filter = filter.with(Field::To, &SafeText::new(to));
                }
                if let Some(source) = &message.source {
                    filter = filter.with(Field::Ip, &SafeText::new(&source.ip));
                }
            }
        }
        Outcome::Open(Place::Root(Root::Log, filter))
    }
}
