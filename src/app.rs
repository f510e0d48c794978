//! What the operator sees and means: the model, the stack of views, and what lies over them.
//!
//! [`App::update`] takes one [`msg::Msg`] and returns the effects that the shell is to perform; nothing here acts by itself.
//! [`App::settle`] brings sorted and filtered rows up to date before a frame, [`App::draw`] only reads.

pub mod command;
pub mod cursor;
pub mod effect;
pub mod filter;
pub mod key;
pub mod keymap;
pub mod marks;
pub mod msg;
pub mod overlay;
pub mod search;
pub mod setting;
pub mod sheet;
mod state;
mod update;

use crate::model::Model;
use crate::model::alarms;
use crate::model::growth::Growth;
use crate::model::outlook::Outlook;
use crate::model::span::Between;
use crate::model::stuck;
use crate::model::trace::Question;
use crate::safe_text::SafeText;
use crate::theme::{Role, Theme};
use crate::views::{self, Facts, View};
use crate::widgets::Pen;
use command::{Command, Outcome, Place, Root};
use effect::{Effect, Scope, Search, What};
use key::Key;
use mailtop_parsers::QueueName;
use marks::Marks;
use overlay::{FilterLine, Help, Overlay, Reaction};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use setting::Setting;
use sheet::Sheet;
use state::State;

/// Seconds that a notice stays.
const NOTICE: i64 = 30;

/// The program's whole state.
pub struct App {
    state: State,
    /// The view on top is shown; the first is always a root.
    views: Vec<Box<dyn View>>,
    overlay: Option<Overlay>,
    /// Whether the operator has seen the overlay; keys typed before that don't confirm anything.
    overlay_seen: bool,
    notice: Option<Notice>,
    /// Whether an action on the marked messages is under way; its receipt takes the marks off.
    marks_meant: bool,
    settled: Settled,
    dirty: bool,
}

/// What of the view that is shown is up to date.
#[derive(Debug, Clone, Copy, Default)]
struct Settled {
    /// Everything.
    all: bool,
    /// What is made from the whole listing: with a hundred thousand messages that is dear, and a log line changes nothing of it.
    listing: bool,
}

/// Seconds after which ages of listed messages are looked at again.
const AGES: i64 = 10;

/// What is said in the line above the keys, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: SafeText,
    /// How it is to be seen.
    pub role: Role,
    until: i64,
}

impl App {
    /// The program at its start.
    pub fn new(model: Model, theme: Theme, setting: Setting, size: (u16, u16)) -> Self {
        let state = State {
            model,
            frozen: None,
            marks: Marks::default(),
            setting,
            theme,
            size,
            stuck: Vec::new(),
            growth: Growth::default(),
            outlook: Outlook::default(),
            alarms: Vec::new(),
            alarm: 0,
        };
        let views = vec![views::root(Root::Overview)];
        Self {
            state,
            views,
            overlay: None,
            overlay_seen: false,
            notice: None,
            marks_meant: false,
            settled: Settled::default(),
            dirty: true,
        }
    }

    fn say(&mut self, text: SafeText, role: Role) {
        self.notice = Some(Notice {
            text,
            role,
            until: self.state.model.now().timestamp() + NOTICE,
        });
    }

    fn open(&mut self, overlay: Overlay) {
        self.overlay = Some(overlay);
        self.overlay_seen = false;
    }

    fn key(&mut self, key: Key) -> Vec<Effect> {
        let Some(overlay) = &mut self.overlay else {
            return keymap::command(key)
                .map(|command| self.command(command))
                .unwrap_or_default();
        };
        if !self.overlay_seen && !matches!(overlay, Overlay::Filter(_)) {
            return Vec::new();
        }
        match overlay.on(key) {
            Reaction::Stay => {}
            Reaction::Close => self.overlay = None,
            Reaction::FilterChanged => self.filter_changed(),
            Reaction::FilterDropped(before) => {
                self.overlay = None;
                if let Some(view) = self.views.last_mut() {
                    view.set_filter(before);
                }
                self.unsettle();
            }
            Reaction::Run(command) => {
                self.overlay = None;
                return self.command(command);
            }
            Reaction::Act(action) => {
                self.overlay = None;
                self.marks_meant = matches!(&action.scope, Scope::Messages(targets)
                    if !targets.is_empty() && targets.iter().all(|target| self.state.marks.has(&target.key)));
                self.say(
                    SafeText::from(format!("{}: asking Postfix …", sheet::word(action.verb))),
                    Role::Dim,
                );
                return vec![Effect::Queue(action)];
            }
        }
        Vec::new()
    }

    fn filter_changed(&mut self) {
        let Some(Overlay::Filter(line)) = &mut self.overlay else {
            return;
        };
        if let (Some(filter), Some(view)) = (line.read(), self.views.last_mut()) {
            view.set_filter(filter);
            self.unsettle();
        }
    }

    fn command(&mut self, command: Command) -> Vec<Effect> {
        self.settle();
        match command {
            Command::Quit if self.views.len() > 1 => self.leave(),
            Command::Quit => {
                return vec![Effect::Quit {
                    leave_screen: false,
                }];
            }
            Command::QuitLeaving => return vec![Effect::Quit { leave_screen: true }],
            Command::Back => self.back(),
            Command::View(root) => self.views = vec![views::root(root)],
            Command::Freeze => self.freeze(),
            Command::Help => self.help(),
            Command::Filter => self.edit_filter(),
            Command::Mark => {
                let targets = self
                    .top()
                    .map(|(view, facts)| view.marked(&facts))
                    .unwrap_or_default();
                self.state.marks.toggle(targets);
                self.unsettle();
                return self.command(Command::Move(command::Motion::Down));
            }
            Command::MarkAll => {
                let targets = self
                    .top()
                    .map(|(view, facts)| view.listed(&facts))
                    .unwrap_or_default();
                self.state.marks.add(targets);
            }
            Command::Unmark => self.state.marks.clear(),
            Command::NextAlarm => self.next_alarm(),
            Command::Act(verb) => self.ask(verb),
            Command::FlushAll => self.open(Overlay::Sheet(Box::new(Sheet::whole_queue()))),
            Command::List => return vec![Effect::List],
            Command::Suspend => return vec![Effect::Suspend],
            Command::Redraw => return vec![Effect::Redraw],
            // What moves the selection changes no row.
            Command::Move(_) => {
                self.settled.all = false;
                return self.pass_on(command);
            }
            Command::Open
            | Command::NextPanel
            | Command::PreviousPanel
            | Command::Left
            | Command::Right
            | Command::Sort
            | Command::Reverse => {
                let effects = self.pass_on(command);
                self.unsettle();
                return effects;
            }
        }
        self.unsettle();
        Vec::new()
    }

    fn unsettle(&mut self) {
        self.settled = Settled::default();
    }

    fn pass_on(&mut self, command: Command) -> Vec<Effect> {
        let facts = self.state.facts();
        let Some(view) = self.views.last_mut() else {
            return Vec::new();
        };
        match view.on(command, &facts) {
            Outcome::Open(place) => self.go(&place),
            Outcome::Done | Outcome::Ignored => Vec::new(),
        }
    }

    fn go(&mut self, place: &Place) -> Vec<Effect> {
        self.views.push(views::open(place));
        self.unsettle();
        self.settle();
        match place {
            Place::Message(key) => vec![Effect::Search(Search {
                what: What::Lives(Question::QueueId(key.queue_id.clone())),
                between: Between::default(),
            })],
            Place::Queue(..) | Place::Messages(..) => Vec::new(),
        }
    }

    /// One step back: first the filter that was set in this view comes off, then the view is left.
    fn back(&mut self) {
        if !self.views.last_mut().is_some_and(|view| view.drop_filter()) {
            self.leave();
        }
    }

    fn leave(&mut self) {
        if self.views.len() > 1 {
            self.views.pop();
        }
    }

    fn freeze(&mut self) {
        self.state.frozen = match self.state.frozen.take() {
            Some(_) => None,
            None => Some(Box::new(self.state.model.clone())),
        };
    }

    fn help(&mut self) {
        let commands = self
            .views
            .last()
            .map(|view| view.commands())
            .unwrap_or_default();
        self.open(Overlay::Help(Help::new(commands)));
    }

    fn edit_filter(&mut self) {
        if let Some(filter) = self.views.last().and_then(|view| view.filter()) {
            let line = FilterLine::new(filter.clone());
            self.open(Overlay::Filter(Box::new(line)));
        }
    }

    fn next_alarm(&mut self) {
        if !self.state.alarms.is_empty() {
            self.state.alarm = (self.state.alarm + 1) % self.state.alarms.len();
        }
        self.pass_on(Command::NextAlarm);
    }

    fn ask(&mut self, verb: crate::model::journal::Verb) {
        let mut choices = Vec::new();
        if !self.state.marks.is_empty() {
            let label = SafeText::from(format!("{} marked", self.state.marks.len()));
            choices.push(sheet::Choice {
                label,
                targets: self.state.marks.targets(),
            });
        }
        choices.extend(
            self.top()
                .map(|(view, facts)| view.choices(&facts))
                .unwrap_or_default(),
        );
        let blocked = self.state.setting.blocked(verb);
        match Sheet::new(verb, choices, blocked) {
            Some(sheet) => self.open(Overlay::Sheet(Box::new(sheet))),
            None => self.say(SafeText::from(sheet::nothing(verb)), Role::Dim),
        }
    }

    fn top(&self) -> Option<(&dyn View, Facts<'_>)> {
        self.views.last().map(|view| (&**view, self.state.facts()))
    }

    /// Brings the rows of the view that is shown up to date. The shell calls it when the road is empty, before drawing.
    pub fn settle(&mut self) {
        if self.settled.all {
            return;
        }
        self.settled.all = true;
        let listing_changed = !std::mem::replace(&mut self.settled.listing, true);
        let state = &mut self.state;
        let model = state.frozen.as_deref().unwrap_or(&state.model);
        if listing_changed {
            let waiting = |queue| matches!(queue, QueueName::Deferred | QueueName::Hold);
            let messages = model.queue.messages().iter();
            let waiting = messages.filter(|message| waiting(message.target.queue));
            state.stuck = stuck::domains(waiting, model.now());
            state.outlook = Outlook::of(model);
            state.growth = Growth::of(model.told(), &state.stuck, model.now());
        }
        state.alarms = alarms::alarms(model, &state.stuck, &state.growth);
        state.alarm = state.alarm.min(state.alarms.len().saturating_sub(1));
        let facts = Facts {
            listing_changed,
            ..state.facts()
        };
        if let Some(view) = self.views.last_mut() {
            view.settle(&facts);
        }
    }

    /// Whether anything happened since the last frame.
    pub fn dirty(&self) -> bool {
        self.dirty
    }

    /// The frame was drawn: what lies over the view has been seen.
    pub fn drawn(&mut self) {
        self.dirty = false;
        self.overlay_seen = true;
    }

    /// The time on screen is frozen since then.
    pub fn frozen_at(&self) -> Option<chrono::DateTime<chrono::Utc>> {
        self.state.frozen.as_ref().map(|model| model.now())
    }

    /// The facts, for reports and tests.
    pub fn model(&self) -> &Model {
        &self.state.model
    }

    /// Draws the whole screen.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let Some((view, facts)) = self.top() else {
            return;
        };
        let screen = views::frame::Screen {
            frozen: self.frozen_at(),
            live: self.state.model.now(),
            notice: self.notice.as_ref(),
            overlay: self.overlay.as_ref(),
        };
        views::frame::draw(
            &screen,
            view,
            &facts,
            &mut Pen::new(buffer, &self.state.theme),
            area,
        );
    }
}
