//! The views: one file each, with its state, what it does with a command, and its drawing together.
//!
//! A view is settled (rows sorted and filtered) before it is drawn, and drawing only reads. Views don't know each other: to go
//! on, a view answers with a [`Place`].

pub mod accounts;
mod chart;
pub mod dovecot;
pub mod frame;
mod life;
pub mod log;
mod merging;
pub mod message;
pub mod messages;
pub mod overview;
mod panels;
pub mod providers;
pub mod queue;
pub mod system;
mod told;
pub mod trace;

use crate::app::command::{Command, Motion, Outcome, Place, QueueScope, Root};
use crate::app::cursor::Aim;
use crate::app::effect::Effect;
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter};
use crate::app::marks::Marks;
use crate::app::msg::Found;
use crate::app::setting::Setting;
use crate::app::sheet::Choice;
use crate::app::sorting::Ordered;
use crate::model::Model;
use crate::model::alarms::Alarm;
use crate::model::feeds::{Feed, FeedState};
use crate::model::growth::Growth;
use crate::model::identity::Target;
use crate::model::queue::{Listing, Message};
use crate::model::standing::Standing;
use crate::model::stuck::Domain;
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::{Role, Theme};
use crate::widgets::{Line, Pen};
use chart::{over_time, quarters, quarters_before, step_rate};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use life::{Known, Life, mark_sign, message_name, moment, recipients, span};
use mailtop_parsers::QueueName;
use panels::Panels;
use ratatui::layout::Rect;
use std::collections::HashSet;
use std::ops::RangeInclusive;
use std::time::Duration;

/// Minutes that the provider table and the deltas look back.
const WINDOW: i64 = 10;

/// What every view is shown.
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each of them answers a question of its own"
)]
pub struct Facts<'a> {
    /// The facts, live or frozen.
    pub model: &'a Model,
    /// The moment that is looked at: now, or where the time cursor stands.
    pub until: DateTime<Utc>,
    /// Whether that is now: neither frozen nor in the past.
    pub live: bool,
    /// What tables count: what was so from `until - range` to `until`.
    pub range: TimeDelta,
    /// What charts show: the same range, or as much as is known while none is chosen.
    pub chart_range: TimeDelta,
    /// Whether only the panel that has the keys is drawn, over the whole body.
    pub alone: bool,
    /// What is made of the listing for all views, without any filter.
    pub standing: &'a Standing,
    /// How the deferred queue grows, as of when the listing was looked at last.
    pub growth: &'a Growth,
    /// The alarms, most urgent first.
    pub alarms: &'a [Alarm],
    /// Which alarm is shown.
    pub alarm: usize,
    /// The marked messages.
    pub marks: &'a Marks,
    /// What the program was told at its start.
    pub setting: &'a Setting,
    /// The look.
    pub theme: &'a Theme,
    /// Where the view is drawn.
    pub body: Rect,
    /// For [`View::settle`]: whether the listing, the filter or the order may differ from when the view was settled last. Otherwise only
    /// the log, the host or a source went on.
    pub listing_changed: bool,
    /// The same for ages of listed messages.
    pub ages_changed: bool,
}

/// One view.
pub trait View {
    /// Which of the views in the first line this one belongs to.
    fn root(&self) -> Root;

    /// Brings rows up to date after something changed.
    fn settle(&mut self, facts: &Facts<'_>);

    /// Whether something of what it shows is still to be made of the listing that is shown. A view that shows nothing of listings is never
    /// behind.
    fn is_behind(&self, _facts: &Facts<'_>) -> bool {
        false
    }

    /// Whether what is behind are the rows themselves, so that none can be meant: their filter, their order or the listing is another.
    fn lacks_rows(&self, _facts: &Facts<'_>) -> bool {
        false
    }

    /// Whether what it shows was made of that listing, by its number, so that it can be drawn, even when it is behind.
    fn is_of(&self, _listing: u64) -> bool {
        true
    }

    /// Goes through a piece of a listing, the one that is shown or the next one; whether there is more of it.
    fn gather(&mut self, _listing: &Listing, _facts: &Facts<'_>) -> bool {
        false
    }

    /// Shows what was gathered; the listing that it was gathered from is shown from now on.
    fn turn(&mut self, _facts: &Facts<'_>) {}

    /// Does what the operator means.
    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome;

    /// Draws.
    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>);

    /// The commands that it knows, in the order of the footer.
    fn commands(&self) -> &'static [Command];

    /// The second line: where this is and what the filter leaves.
    fn heading(&self, facts: &Facts<'_>) -> Line;

    /// The filter, when the view has one.
    fn filter(&self) -> Option<&Filter> {
        None
    }

    /// The filter changed.
    fn set_filter(&mut self, _filter: Filter) {}

    /// The filter that leads here, before the operator has any of their own.
    fn bring(&mut self, filter: Filter) {
        self.set_filter(filter);
    }

    /// Takes off the filter that was set in this view; returns whether there was one.
    fn drop_filter(&mut self) -> bool {
        false
    }

    /// The order of the rows of the panel that has the keys, where there are several.
    fn sorting(&self) -> Option<&dyn Ordered> {
        None
    }

    /// The same, to be changed.
    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        None
    }

    /// The selected row of the panel that has the keys is meant: the selection stays with it from now on.
    fn hold(&mut self) {
        if let Some(aim) = self.aim_mut() {
            aim.hold();
        }
    }

    /// The selection of the panel that has the keys, where a range of its rows can be marked.
    fn aim(&self) -> Option<&dyn Aim> {
        None
    }

    /// The same, to be changed.
    fn aim_mut(&mut self) -> Option<&mut dyn Aim> {
        None
    }

    /// The rows of the range that is being marked, in the order shown.
    fn range(&self, _facts: &Facts<'_>) -> Option<RangeInclusive<usize>> {
        self.aim().and_then(Aim::range)
    }

    /// The range is given up.
    fn leave_range(&mut self) {
        if let Some(aim) = self.aim_mut() {
            aim.end();
        }
    }

    /// The messages of these rows.
    fn messages_of(&self, _rows: RangeInclusive<usize>, _facts: &Facts<'_>) -> Vec<Target> {
        Vec::new()
    }

    /// What an action could be aimed at, the likeliest first.
    fn choices(&self, _facts: &Facts<'_>) -> Vec<Choice> {
        Vec::new()
    }

    /// The messages that a mark on the selection marks.
    fn marked(&self, facts: &Facts<'_>) -> Vec<Target> {
        self.choices(facts)
            .into_iter()
            .next()
            .map(|choice| choice.targets)
            .unwrap_or_default()
    }

    /// All messages that the view lists.
    fn listed(&self, _facts: &Facts<'_>) -> Vec<Target> {
        Vec::new()
    }

    /// The value under the cursor, as a term of the filter: `=` adds it, `!` excludes it.
    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        None
    }

    /// What can be copied and exported.
    fn extract(&self, _facts: &Facts<'_>) -> Option<Extract> {
        None
    }

    /// It was opened, and may need something that the shell has to search for.
    fn opened(&mut self, _facts: &Facts<'_>) -> Option<Effect> {
        None
    }

    /// What it needs the shell to search for, asked after everything that happened; what is asked for already is not asked again.
    fn asks(&mut self, _facts: &Facts<'_>) -> Option<Effect> {
        None
    }

    /// A part of the answer to a search.
    fn found(&mut self, _found: &Found, _zone: FixedOffset) {}

    /// Lines were logged.
    fn logged(&mut self, _lines: &[u8], _anchor: DateTime<Utc>, _zone: FixedOffset) {}
}

/// The view that a digit opens.
pub fn root(root: Root) -> Box<dyn View> {
    match root {
        Root::Overview => Box::new(overview::Overview::default()),
        Root::Queue => Box::new(queue::Queue::new(QueueScope::Waiting, None)),
        Root::Providers => Box::new(providers::Providers::default()),
        Root::Trace => Box::new(trace::Trace::default()),
        Root::Accounts => Box::new(accounts::Accounts::default()),
        Root::Dovecot => Box::new(dovecot::Dovecot::default()),
        Root::System => Box::new(system::System::default()),
        Root::Log => Box::new(log::Log::default()),
    }
}

/// The view at a place.
pub fn open(place: &Place) -> Box<dyn View> {
    match place {
        Place::Root(which, filter) => {
            let mut view = root(*which);
            view.bring(filter.clone());
            view
        }
        Place::Queue(scope, domain) => Box::new(queue::Queue::new(*scope, domain.clone())),
        Place::Messages(scope, domain, filter) => Box::new(messages::Messages::new(
            *scope,
            domain.clone(),
            filter.clone(),
        )),
        Place::Message(key) => Box::new(message::MessageView::new(key.clone())),
    }
}

/// Whether one of the recipients is in that domain.
fn in_domain(message: &Message, domain: &str) -> bool {
    message
        .recipients
        .iter()
        .any(|waiting| &*waiting.domain == domain)
}

/// The messages in these queues to one of these domains.
fn targets_in<'a>(
    messages: impl Iterator<Item = &'a Message>,
    domains: &[Domain],
    scope: QueueScope,
) -> Vec<Target> {
    let names: HashSet<&str> = domains.iter().map(|domain| &*domain.name).collect();
    let to = |message: &&Message| {
        let mut domains = message.recipients.iter().map(|waiting| &*waiting.domain);
        scope.shows(message.target.queue) && domains.any(|domain| names.contains(domain))
    };
    let meant = messages.filter(to);
    meant.map(|message| message.target.clone()).collect()
}

/// How many messages are marked, for a note; nothing when none is.
fn marked(facts: &Facts<'_>) -> String {
    match facts.marks.len() {
        0 => String::new(),
        many => format!(" · {} marked", numbers::count(many as u64)),
    }
}

/// Which row is selected of how many, for a note: `3 of 24`.
fn which(at: usize, rows: usize) -> String {
    let at = if rows == 0 { 0 } else { at + 1 };
    format!("{at} of {}", numbers::count(rows as u64))
}

/// The same with the order of the rows and how many messages are marked: `3 of 24 · sort: total · 2 marked`.
fn which_sorted(at: usize, rows: usize, order: &dyn Ordered, facts: &Facts<'_>) -> String {
    format!(
        "{} · sort: {}{}",
        which(at, rows),
        order.name(),
        marked(facts)
    )
}

/// Which of the rows are in sight, for a note, where not all of them are: `rows 5–24 of 80`.
fn in_sight(first: usize, room: usize, rows: usize) -> Option<String> {
    let last = (first + room).min(rows);
    (rows > room).then(|| format!("rows {}–{last} of {rows}", first + 1))
}

/// Words keep a blank column to the frame on both sides.
fn inset(area: Rect) -> Rect {
    let margin = u16::from(area.width > 2);
    Rect {
        x: area.x + margin,
        width: area.width - 2 * margin,
        ..area
    }
}

/// A queue's sign and role.
fn queue_role(queue: QueueName) -> Role {
    match queue {
        QueueName::Deferred => Role::Defer,
        QueueName::Hold => Role::Hold,
        QueueName::Maildrop | QueueName::Incoming | QueueName::Active => Role::Text,
    }
}

/// A count for a matrix: `·` for zero, so that it reads at a glance.
fn cell(count: usize, facts: &Facts<'_>) -> Line {
    if count == 0 {
        Line::of(facts.theme.glyphs().zero, Role::Dim)
    } else {
        Line::from(count.to_string())
    }
}

/// An age in its largest unit; stamps in the future have none.
fn age(seconds: i64) -> String {
    numbers::age(Duration::from_secs(seconds.max(0).unsigned_abs()))
}

/// The time until a moment: `4m`, `21h 40m`; `now` when it has come.
fn until(moment: DateTime<Utc>, facts: &Facts<'_>) -> String {
    match (moment - facts.model.now()).num_seconds() {
        ..=0 => String::from("now"),
        seconds => numbers::duration(Duration::from_secs(seconds.unsigned_abs())),
    }
}

/// A moment to come as the clock of the host shows it: `14:32`, and with its day when that is not today: `Sun 10:31`.
fn coming(moment: DateTime<Utc>, facts: &Facts<'_>) -> String {
    let (moment, now) = (
        moment.with_timezone(&facts.model.zone()),
        facts.model.now().with_timezone(&facts.model.zone()),
    );
    let form = match (moment.date_naive() - now.date_naive()).num_days() {
        0 => "%H:%M",
        -6..=6 => "%a %H:%M",
        _ => "%Y-%m-%d %H:%M",
    };
    moment.format(form).to_string()
}

/// A moment as the clock of the host shows it.
fn clock(time: DateTime<Utc>, facts: &Facts<'_>) -> String {
    time.with_timezone(&facts.model.zone())
        .format("%H:%M:%S")
        .to_string()
}

/// The one after `this` in a ring.
fn next<T: Copy + PartialEq>(all: &[T], this: T) -> T {
    let after = all.iter().skip_while(|one| **one != this).nth(1);
    after.or_else(|| all.first()).copied().unwrap_or(this)
}

/// The one before `this` in a ring.
fn previous<T: Copy + PartialEq>(all: &[T], this: T) -> T {
    let before = all.iter().take_while(|one| **one != this).last();
    before.or_else(|| all.last()).copied().unwrap_or(this)
}

/// Where a scroll position goes; `page` in rows, `last` the furthest.
fn scrolled(at: usize, motion: Motion, page: usize, last: usize) -> usize {
    let to = match motion {
        Motion::Up => at.saturating_sub(1),
        Motion::Down => at + 1,
        Motion::PageUp => at.saturating_sub(page.saturating_sub(1)),
        Motion::PageDown => at + page.saturating_sub(1),
        Motion::HalfUp => at.saturating_sub(page / 2),
        Motion::HalfDown => at + page / 2,
        Motion::First => 0,
        Motion::Last => last,
        Motion::To(at) => at,
    };
    to.min(last)
}

/// What is wrong with a source; `None` when it is up.
fn trouble(feed: &Feed, state: &FeedState) -> Option<SafeText> {
    match (feed, state) {
        (Feed::Queue, FeedState::Waiting { why } | FeedState::Lost { why, .. }) => {
            Some(why.clone())
        }
        _ => None,
    }
}

/// What is said where the filter lets nothing through: of how many, and which key widens it.
fn no_match(all: u64, what: &str, filter: &Filter) -> Line {
    let last = filter.terms().last().map_or("", |part| part.text);
    let all = usize::try_from(all).unwrap_or(usize::MAX);
    Line::from(format!("0 of {} match", numbers::many(all, what)))
        .text(" · Backspace drops ")
        .add(last, Role::Accent)
}

/// What is said where nothing is listed: good news with its evidence and where to look next, or that nothing is known yet.
fn good_news(facts: &Facts<'_>, scope: QueueScope, next: &str) -> Vec<Line> {
    let Some(at) = facts.model.queue.listed().at else {
        let mut states = facts.model.feeds.states();
        let why = states.find_map(|(feed, state)| trouble(feed, state));
        let words = why.unwrap_or_else(|| SafeText::from("waiting for the first postqueue -j …"));
        return vec![Line::of(words, Role::Dim)];
    };
    let good = match scope {
        QueueScope::Waiting => "Nothing waits: the deferred and hold queues are empty.",
        QueueScope::Deferred => "The deferred queue is empty.",
        QueueScope::Hold => "The hold queue is empty.",
        QueueScope::Active => "The active queue is empty.",
        QueueScope::Incoming => "The incoming queue is empty.",
        QueueScope::All => "The queue is empty.",
    };
    let since = facts.model.now() - TimeDelta::minutes(WINDOW);
    let flow = facts.model.told().history.flow_since(since);
    let sent = format!(
        "  Last {WINDOW} min: {} delivered, {} deferred.",
        numbers::count(flow.sent),
        numbers::count(flow.deferred)
    );
    vec![
        Line::of(facts.theme.glyphs().ok, Role::Ok)
            .text(" ")
            .text(good),
        Line::of(format!("  Listed at {}.", clock(at, facts)), Role::Dim),
        Line::of(sent, Role::Dim),
        Line::of(format!("  {next}"), Role::Dim),
    ]
}
