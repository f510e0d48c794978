//! One domain's messages: who sent them, how old they are, why they wait.

use super::{Facts, View, age, in_domain, merging, queue_role, which_sorted};
use crate::app::command::{Command, Outcome, Place, QueueScope, Root};
use crate::app::cursor::{Aim, Cursor};
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed, Queued, queue_word};
use crate::app::sheet::Choice;
use crate::app::sorting::{Order, Ordered, Sorting};
use crate::model::attempts::Attempts;
use crate::model::feeds::Source;
use crate::model::identity::{MessageKey, Target};
use crate::model::journal::Verb;
use crate::model::queue::{Listing, Message};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Column, Columns, Line, Pen, Row, Sort, Width, Window};
use ratatui::layout::Rect;
use std::cmp::Ordering;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// What the list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Newest,
    Size,
    From,
    To,
}

const ORDERS: &[Order<By>] = &[
    (By::Newest, "newest", Sort::Up),
    (By::Size, "size", Sort::Down),
    (By::From, "from", Sort::Up),
    (By::To, "to", Sort::Up),
];

/// The view.
pub struct Messages {
    scope: QueueScope,
    domain: Arc<str>,
    filter: Narrowed,
    order: Sorting<By>,
    cursor: Cursor<MessageKey>,
    /// Places in the listing, sorted.
    rows: Vec<usize>,
    /// How many there are without the filter.
    all: usize,
    /// What they are of; `None` before anything was gathered.
    of: Option<Of>,
    /// Whether the filter means other messages now than then: it asks for ages.
    moved: bool,
    gathering: Option<Gathering>,
}

/// What rows are made of: the listing's number, the filter, the order and which way it runs.
#[derive(Debug, Clone, PartialEq)]
struct Of {
    listing: u64,
    filter: Filter,
    by: By,
    reversed: bool,
}

impl Of {
    /// Whether the same messages are meant.
    fn means(&self, wanted: &Self) -> bool {
        self.listing == wanted.listing && self.filter == wanted.filter
    }
}

/// Rows while they are gathered.
enum Gathering {
    /// So many messages of the listing are gone through, these are meant, of so many without the filter.
    Messages(Of, usize, Vec<usize>, usize),
    /// They are put in order.
    Order(Of, merging::Merging, usize),
}

impl Gathering {
    fn of(&self) -> &Of {
        match self {
            Self::Messages(of, ..) | Self::Order(of, ..) => of,
        }
    }
}

impl Messages {
    /// The messages to that domain in these queues.
    pub fn new(scope: QueueScope, domain: Arc<str>, filter: Filter) -> Self {
        Self {
            scope,
            domain,
            filter: Narrowed::through(filter),
            order: Sorting::new(ORDERS, By::Newest),
            cursor: Cursor::default(),
            rows: Vec::new(),
            all: 0,
            of: None,
            moved: false,
            gathering: None,
        }
    }

    /// Whether it is here, whatever the filter says.
    fn is_here(&self, message: &Message) -> bool {
        self.scope.shows(message.target.queue) && in_domain(message, &self.domain)
    }

    /// What the rows of that listing are to be made of.
    fn wanted(&self, listing: &Listing) -> Of {
        Of {
            listing: listing.number(),
            filter: Filter::clone(&self.filter),
            by: self.order.by(),
            reversed: self.order.is_reversed(),
        }
    }

    /// What is gathered already of that listing. Rows that are shown are the right ones when only their order is another.
    fn begun(&mut self, listing: &Listing) -> Gathering {
        let wanted = self.wanted(listing);
        match self.gathering.take() {
            Some(begun) if *begun.of() == wanted => begun,
            _ if self.of.as_ref().is_some_and(|of| of.means(&wanted)) && !self.moved => {
                Gathering::Order(wanted, merging::Merging::new(self.rows.clone()), self.all)
            }
            _ => Gathering::Messages(wanted, 0, Vec::new(), 0),
        }
    }

    fn compare(&self, a: &Message, b: &Message) -> Ordering {
        let by = match self.order.by() {
            By::Newest => b.target.key.arrival.cmp(&a.target.key.arrival),
            By::Size => b.size.cmp(&a.size),
            By::From => a.target.sender.cmp(&b.target.sender),
            By::To => self.to(a).cmp(self.to(b)),
        };
        let by = self.order.run(by);
        by.then_with(|| a.target.key.cmp(&b.target.key))
    }

    /// The first recipient in this domain.
    fn to<'a>(&self, message: &'a Message) -> &'a str {
        let here = message
            .recipients
            .iter()
            .find(|waiting| waiting.domain == self.domain);
        here.map(|waiting| &*waiting.address).unwrap_or_default()
    }

    fn row(&self, message: &Message, facts: &Facts<'_>) -> Row {
        let others = message.recipients.len() + message.more;
        let more = if others > 1 {
            format!(" +{}", others - 1)
        } else {
            String::new()
        };
        let reason = message
            .recipients
            .iter()
            .find(|waiting| waiting.domain == self.domain)
            .and_then(|waiting| waiting.reason.as_ref())
            .map(|reason| Line::of(reason.line(), Role::Defer))
            .unwrap_or_default();
        let queue = Line::of(queue_word(message), queue_role(message.target.queue));
        let mut cells = vec![
            Line::from(&*message.target.key.queue_id),
            Line::from(age(message.age(facts.model.now()))),
            Line::from(numbers::bytes_short(message.size)),
            queue,
            Line::from(message.sender()),
            Line::from(SafeText::from(self.to(message))).add(more, Role::Dim),
            reason,
        ];
        if attempts_known(facts) {
            cells.insert(NEXT, next_attempt(message, facts));
        }
        Row::new(cells).marked(facts.marks.has(&message.target.key))
    }

    fn columns(&self, facts: &Facts<'_>) -> Vec<Column> {
        let age = Column::new("Age", Width::Fixed(5)).right();
        let size = Column::new("Size", Width::Fixed(6)).right().drop(2);
        let from = Column::new("From", Width::Flex(16));
        let to = Column::new("To", Width::Flex(16));
        let mut columns = vec![
            Column::new("Queue-ID", Width::Fixed(17)),
            self.order.head(age, By::Newest),
            self.order.head(size, By::Size),
            Column::new("Queue", Width::Fixed(8)).drop(1),
            self.order.head(from, By::From),
            self.order.head(to, By::To),
            Column::new("Reason", Width::Flex(20)).drop(3),
        ];
        if attempts_known(facts) {
            let next = Column::new("Next", Width::Fixed(4)).right().drop(2);
            columns.insert(NEXT, next);
        }
        columns
    }

    fn selected<'a>(&self, facts: &Facts<'a>) -> Option<&'a Message> {
        let at = self.rows.get(self.cursor.at())?;
        facts.model.queue.at(*at)
    }
}

/// The identity of the message in that row.
fn key(rows: &[usize], row: usize, facts: &Facts<'_>) -> Option<MessageKey> {
    let message = facts.model.queue.at(*rows.get(row)?)?;
    Some(message.target.key.clone())
}

/// Where the column of next attempts stands: after the age.
const NEXT: usize = 2;

/// Whether there is a column for next attempts.
fn attempts_known(facts: &Facts<'_>) -> bool {
    matches!(facts.model.attempts, Some(Attempts::Read(_)))
}

/// The time until the next attempt, `now` at the next queue run; nothing for what is not deferred.
fn next_attempt(message: &Message, facts: &Facts<'_>) -> Line {
    let due = facts.model.next_attempt(message);
    due.map_or_else(Line::new, |due| {
        match (due - facts.model.now()).num_seconds() {
            ..=0 => Line::from("now"),
            seconds => Line::from(age(seconds)),
        }
    })
}

impl View for Messages {
    fn root(&self) -> Root {
        Root::Queue
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        if facts.ages_changed && self.filter.moves() {
            self.moved = true;
            self.gathering = None;
        }
    }

    fn is_behind(&self, facts: &Facts<'_>) -> bool {
        self.lacks_rows(facts)
    }

    fn lacks_rows(&self, facts: &Facts<'_>) -> bool {
        self.moved || self.of.as_ref() != Some(&self.wanted(facts.model.queue.shown()))
    }

    fn is_of(&self, listing: u64) -> bool {
        self.of.as_ref().is_some_and(|of| of.listing == listing)
    }

    fn gather(&mut self, listing: &Listing, facts: &Facts<'_>) -> bool {
        let (gathering, more) = match self.begun(listing) {
            Gathering::Messages(of, from, mut rows, mut all) => {
                let mut to = from;
                for (at, message) in listing.piece(from) {
                    to = at + 1;
                    if self.is_here(message) {
                        all += 1;
                        if self.filter.matches(&Queued::new(message, facts.model)) {
                            rows.push(at);
                        }
                    }
                }
                let gathering = if to > from {
                    Gathering::Messages(of, to, rows, all)
                } else {
                    Gathering::Order(of, merging::Merging::new(rows), all)
                };
                (gathering, true)
            }
            Gathering::Order(of, mut merging, all) => {
                let more = merging.more(|a, b| match (listing.at(a), listing.at(b)) {
                    (Some(a), Some(b)) => self.compare(a, b),
                    _ => a.cmp(&b),
                });
                (Gathering::Order(of, merging, all), more)
            }
        };
        self.gathering = Some(gathering);
        more
    }

    fn turn(&mut self, facts: &Facts<'_>) {
        if let Some(Gathering::Order(of, merging, all)) = self.gathering.take() {
            self.all = all;
            self.of = Some(of);
            self.moved = false;
            self.rows = merging.end();
            let rows = &self.rows;
            let row = |key: &MessageKey| {
                let place = facts.model.queue.shown().place(key)?;
                rows.iter().position(|row| *row == place)
            };
            self.cursor
                .settle_by(rows.len(), row, |at| key(rows, at, facts));
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        match command {
            Command::Move(motion) => {
                let page = usize::from(facts.body.height.saturating_sub(3));
                let key = |at| key(&self.rows, at, facts);
                self.cursor.go(motion, self.rows.len(), page, key);
            }
            Command::Open => {
                if let Some(key) = self.cursor.selected() {
                    return Outcome::Open(Place::Message(key.clone()));
                }
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let note = which_sorted(self.cursor.at(), self.rows.len(), &self.order, facts);
        let inner = Window::new(format!("Messages to {}", self.domain))
            .panel(0)
            .note(note)
            .focused(true)
            .old(facts.old(&[Source::Queue]))
            .draw(pen, area);
        if self.rows.is_empty() {
            let line = if self.filter.is_empty() {
                Line::from(format!(
                    "No message to {} is in {}. Esc goes back.",
                    self.domain,
                    self.scope.name()
                ))
            } else {
                super::no_match(self.all as u64, "message", &self.filter)
            };
            let room = inner.width.saturating_sub(3);
            pen.line(inner.x + 2, inner.y + 1, room, &line);
            return;
        }
        let queue = &facts.model.queue;
        Columns::new(&self.columns(facts), self.rows.len())
            .selected(Some(self.cursor.at()))
            .range(self.cursor.range())
            .draw(pen, inner, |at| {
                let message = self.rows.get(at).and_then(|at| queue.at(*at));
                message
                    .map(|message| self.row(message, facts))
                    .unwrap_or_default()
            });
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::Back,
            Command::Mark,
            Command::Act(Verb::Hold),
            Command::Act(Verb::Release),
            Command::Act(Verb::Flush),
            Command::Act(Verb::Delete),
            Command::Act(Verb::Requeue),
            Command::Filter,
            Command::Facet,
            Command::Sort,
            Command::Freeze,
            Command::Exclude,
            Command::DropTerm,
            Command::MarkRange,
            Command::SortBefore,
            Command::SortAfter,
            Command::Reverse,
            Command::MarkAll,
            Command::Unmark,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let crumb = facts.theme.glyphs().crumb;
        let many = numbers::many(self.rows.len(), "message");
        Line::of(format!(" Queue {}", self.scope.name()), Role::Head)
            .text(format!(" {crumb} {} {crumb} {many}", self.domain))
    }

    fn filter(&self) -> Option<&Filter> {
        Some(&self.filter)
    }

    fn set_filter(&mut self, filter: Filter) {
        self.filter.set(filter);
    }

    fn drop_filter(&mut self) -> bool {
        self.filter.widen()
    }

    fn cell(&self, facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        let message = self.selected(facts)?;
        Some((Field::From, message.sender()))
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
        let queue = &facts.model.queue;
        let rows = self.rows.get(rows).unwrap_or_default().iter();
        rows.filter_map(|at| queue.at(*at))
            .map(|message| message.target.clone())
            .collect()
    }

    fn choices(&self, facts: &Facts<'_>) -> Vec<Choice> {
        let Some(message) = self.selected(facts) else {
            return Vec::new();
        };
        let this = Choice {
            label: SafeText::from(format!("this message {}", message.target.key.queue_id)),
            targets: vec![message.target.clone()],
        };
        let all = Choice {
            label: SafeText::from(format!(
                "all {} messages to {}",
                self.rows.len(),
                self.domain
            )),
            targets: self.listed(facts),
        };
        if self.rows.len() > 1 {
            vec![this, all]
        } else {
            vec![this]
        }
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        let queue = &facts.model.queue;
        let rows = self.rows.iter().filter_map(|at| queue.at(*at));
        let mut columns = vec!["Queue-ID", "Age", "Size", "Queue", "From", "To", "Reason"];
        if attempts_known(facts) {
            columns.insert(NEXT, "Next");
        }
        Some(Extract {
            title: SafeText::from(format!("messages to {}", self.domain)),
            columns,
            rows: rows
                .map(|message| self.row(message, facts).words())
                .collect(),
            selected: Some(self.cursor.at()),
        })
    }

    fn listed(&self, facts: &Facts<'_>) -> Vec<Target> {
        match self.rows.len().checked_sub(1) {
            Some(last) => self.messages_of(0..=last, facts),
            None => Vec::new(),
        }
    }
}
