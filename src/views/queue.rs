//! The queue by domain and age: which domain, how old, why, whose mail. The buckets are those of qshape(1).

mod buckets;
mod detail;
mod gathered;
mod table;

use super::{Facts, View};
use crate::app::command::{Command, Outcome, Place, QueueScope, Root};
use crate::app::cursor::{Aim, Cursor};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::sheet::Choice;
use crate::app::sorting::{Order, Ordered, Sorting};
use crate::model::identity::Target;
use crate::model::journal::Verb;
use crate::model::moments::Moments;
use crate::model::queue::{Listing, Message};
use crate::model::stuck::{self, Domain};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen, Sort};
use detail::{Detail, Explaining, Marked};
use gathered::{Gathered, Gathering, Of};
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// From this many rows on the selected domain is explained below the table.
const TALL: u16 = 16;

/// What the table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Total,
    New,
    Oldest,
    Domain,
}

const ORDERS: &[Order<By>] = &[
    (By::Total, "total", Sort::Down),
    (By::New, "newest", Sort::Down),
    (By::Oldest, "oldest", Sort::Up),
    (By::Domain, "domain", Sort::Up),
];

/// The view.
pub struct Queue {
    scope: QueueScope,
    filter: Narrowed,
    order: Sorting<By>,
    cursor: Cursor<Arc<str>>,
    /// Places in the listing of the messages that are meant; the filter is dear, so it is asked once.
    shown: Vec<usize>,
    /// What they are of; `None` before anything was gathered.
    of: Option<Of>,
    /// Whether the filter means other messages now than then: it asks for ages.
    moved: bool,
    rows: Vec<Domain>,
    total: Total,
    marked: Marked,
    detail: Detail,
    /// The number of what was known for all views when the detail was made.
    explained: u64,
    gathering: Option<Gathering>,
    gathered: Option<Gathered>,
    explaining: Option<Explaining>,
}

/// All messages that are shown. A message to several domains is in several rows, and counts here once.
#[derive(Debug, Clone, Default)]
struct Total {
    arrivals: Moments,
    ages: [usize; 10],
}

impl Queue {
    /// The view of these queues, with that domain selected.
    pub fn new(scope: QueueScope, domain: Option<Arc<str>>) -> Self {
        let mut cursor = Cursor::default();
        if let Some(domain) = domain {
            cursor.select(domain);
        }
        Self {
            scope,
            filter: Narrowed::default(),
            order: Sorting::new(ORDERS, By::Total),
            cursor,
            shown: Vec::new(),
            of: None,
            moved: false,
            rows: Vec::new(),
            total: Total::default(),
            marked: Marked::default(),
            detail: Detail::default(),
            explained: 0,
            gathering: None,
            gathered: None,
            explaining: None,
        }
    }

    fn messages<'a>(&'a self, facts: &Facts<'a>) -> impl Iterator<Item = &'a Message> + 'a {
        let queue = &facts.model.queue;
        self.shown.iter().filter_map(|at| queue.at(*at))
    }

    fn selected(&self) -> Option<&Domain> {
        self.rows.get(self.cursor.at())
    }

    fn compare(&self, a: &Domain, b: &Domain) -> Ordering {
        let by = match self.order.by() {
            By::Total => b.count.cmp(&a.count),
            By::New => b.ages.first().cmp(&a.ages.first()),
            By::Oldest => a.oldest.cmp(&b.oldest),
            By::Domain => a.name.cmp(&b.name),
        };
        let by = self.order.run(by);
        by.then_with(|| a.name.cmp(&b.name))
    }

    /// Counts ages once more. Nothing else is told by them.
    fn look_again(&mut self, facts: &Facts<'_>) {
        let now = facts.model.now();
        self.total.ages = stuck::ages(&self.total.arrivals, now);
        stuck::look_again(&mut self.rows, now);
        if self.order.by() == By::New {
            self.order();
        }
    }

    fn sort(&self, rows: &mut [Domain]) {
        rows.sort_by(|a, b| self.compare(a, b));
    }

    fn order(&mut self) {
        let mut rows = std::mem::take(&mut self.rows);
        self.sort(&mut rows);
        self.rows = rows;
        let id = |at: usize| self.rows.get(at).map(|domain| Arc::clone(&domain.name));
        self.cursor.settle(self.rows.len(), id);
    }
}

impl View for Queue {
    fn root(&self) -> Root {
        Root::Queue
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        if facts.ages_changed {
            if self.filter.moves() {
                self.moved = true;
                (self.gathering, self.gathered) = (None, None);
            }
            self.look_again(facts);
        }
        // Before anything is gathered there is no row that could be selected.
        if facts.listing_changed && self.of.is_some() {
            self.order();
            self.mark(facts);
        }
    }

    fn is_behind(&self, facts: &Facts<'_>) -> bool {
        self.lacks_rows(facts) || self.explained != facts.standing.number || !self.explains()
    }

    fn lacks_rows(&self, facts: &Facts<'_>) -> bool {
        self.moved || self.of.as_ref() != Some(&self.wanted(facts.model.queue.shown()))
    }

    fn is_of(&self, listing: u64) -> bool {
        self.explains() && self.of.as_ref().is_some_and(|of| of.listing == listing)
    }

    fn gather(&mut self, listing: &Listing, facts: &Facts<'_>) -> bool {
        let wanted = self.wanted(listing);
        if self.moved || self.of.as_ref() != Some(&wanted) {
            self.gather_rows(wanted, listing, facts)
        } else {
            self.gather_detail(listing, facts)
        }
    }

    fn turn(&mut self, facts: &Facts<'_>) {
        let wanted = self.wanted(facts.model.queue.shown());
        if let Some(gathered) = self.gathered.take_if(|gathered| gathered.of == wanted) {
            self.of = Some(gathered.of);
            self.moved = false;
            self.shown = gathered.messages;
            self.rows = gathered.rows;
            self.total.arrivals = gathered.arrivals;
            self.detail = gathered.explaining.end(facts);
            self.explained = facts.standing.number;
            self.explaining = None;
            self.look_again(facts);
            self.order();
            self.marked = Marked::default();
            self.mark(facts);
        } else if let Some(explaining) = self.explaining.take() {
            self.detail = explaining.end(facts);
            self.explained = facts.standing.number;
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        match command {
            Command::Move(motion) => {
                let page = usize::from(table(facts.body, facts).height.saturating_sub(4));
                let id = |at: usize| self.rows.get(at).map(|domain| Arc::clone(&domain.name));
                self.cursor.go(motion, self.rows.len(), page, id);
            }
            Command::Open => {
                if let Some(domain) = self.selected() {
                    let place = Place::Messages(
                        self.scope,
                        Arc::clone(&domain.name),
                        Filter::clone(&self.filter),
                    );
                    return Outcome::Open(place);
                }
            }
            Command::Left => {
                self.scope = super::previous(&QueueScope::ALL, self.scope);
            }
            Command::Right => self.scope = super::next(&QueueScope::ALL, self.scope),
            Command::Next => {
                if let Some(domain) = facts
                    .alarms
                    .get(facts.alarm)
                    .and_then(|alarm| alarm.domain.clone())
                {
                    self.cursor.select(domain);
                }
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let table = table(area, facts);
        self.draw_table(pen, table, facts);
        let below = Rect {
            y: table.bottom(),
            height: area.bottom() - table.bottom(),
            ..area
        };
        self.draw_below(pen, below, facts);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::Filter,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Release),
            Command::Act(Verb::Flush),
            Command::Act(Verb::Delete),
            Command::Act(Verb::Requeue),
            Command::Mark,
            Command::Facet,
            Command::Sort,
            Command::Right,
            Command::Freeze,
            Command::Exclude,
            Command::DropTerm,
            Command::MarkRange,
            Command::SortBefore,
            Command::SortAfter,
            Command::Previous,
            Command::Left,
            Command::Reverse,
            Command::MarkAll,
            Command::Unmark,
            Command::FlushAll,
            Command::Next,
            Command::Back,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let what = format!(" Queue {}", self.scope.name());
        let crumb = format!(
            " {} {} · {}",
            facts.theme.glyphs().crumb,
            numbers::many(self.rows.len(), "domain"),
            numbers::many(self.total.arrivals.count(), "message")
        );
        Line::of(what, Role::Head).text(crumb)
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

    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        let domain = self.selected()?;
        Some((Field::Domain, SafeText::from(&*domain.name)))
    }

    fn sorting(&self) -> Option<&dyn Ordered> {
        Some(&self.order)
    }

    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        Some(&mut self.order)
    }

    fn aim(&self) -> Option<&dyn Aim> {
        Some(&self.cursor)
    }

    fn aim_mut(&mut self) -> Option<&mut dyn Aim> {
        Some(&mut self.cursor)
    }

    fn messages_of(&self, rows: RangeInclusive<usize>, facts: &Facts<'_>) -> Vec<Target> {
        let rows = self.rows.get(rows).unwrap_or_default();
        super::targets_in(self.messages(facts), rows, self.scope)
    }

    fn choices(&self, facts: &Facts<'_>) -> Vec<Choice> {
        let Some(domain) = self.selected() else {
            return Vec::new();
        };
        let label = SafeText::from(format!("{} in {}", domain.name, self.scope.name()));
        let at = self.cursor.at();
        vec![Choice {
            label,
            targets: self.messages_of(at..=at, facts),
        }]
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(self.table_extract(facts))
    }

    fn listed(&self, facts: &Facts<'_>) -> Vec<Target> {
        self.messages(facts)
            .map(|message| message.target.clone())
            .collect()
    }
}

/// The table takes the upper half where there is room for more, unless it is alone.
fn table(area: Rect, facts: &Facts<'_>) -> Rect {
    let height = if facts.alone || area.height < TALL {
        area.height
    } else {
        area.height * 52 / 100
    };
    Rect { height, ..area }
}
