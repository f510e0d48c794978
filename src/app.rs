//! What the operator sees and means: the model, the stack of views, and what lies over them.
//!
//! [`App::update`] takes one [`msg::Msg`] and returns the effects that the shell is to perform; nothing here acts by itself.
//! [`App::settle`] brings sorted and filtered rows up to date before a frame, [`App::draw`] only reads.

pub mod command;
pub mod cursor;
pub mod effect;
pub mod extract;
pub mod filter;
pub mod key;
pub mod keymap;
pub mod lines;
pub mod looking;
pub mod marks;
pub mod msg;
mod narrowing;
mod ordering;
pub mod overlay;
pub mod palette;
pub mod search;
pub mod setting;
pub mod sheet;
mod stacks;
mod state;
mod update;

use crate::model::Model;
use crate::model::alarms;
use crate::model::growth::Growth;
use crate::model::outlook::Outlook;
use crate::model::stuck;
use crate::numbers;
use crate::reports;
use crate::safe_text::SafeText;
use crate::theme::{Role, Theme};
use crate::views::{self, Facts, View};
use crate::widgets::Pen;
use chrono::TimeDelta;
use command::{Command, Motion, Outcome, Place, Root};
use effect::{Effect, Scope};
use extract::{Extract, Format};
use key::Key;
use lines::Lines;
use looking::Looking;
use mailtop_parsers::QueueName;
use marks::Marks;
use overlay::{Choice, Help, Menu, Overlay, Reaction};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use setting::Setting;
use sheet::Sheet;
use stacks::Stacks;
use state::State;

/// Seconds that a notice stays.
const NOTICE: i64 = 30;

/// The program's whole state.
pub struct App {
    state: State,
    stacks: Stacks,
    overlay: Option<Overlay>,
    /// Whether the operator has seen the overlay; keys typed before that don't confirm anything.
    overlay_seen: bool,
    notice: Option<Notice>,
    /// Filters that were typed or taken before.
    filters: Lines,
    /// Lines of the palette.
    orders: Lines,
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
            looking: Looking::default(),
            known: TimeDelta::zero(),
            alone: false,
            privacy: false,
            mouse: false,
            growth: Growth::default(),
            outlook: Outlook::default(),
            alarms: Vec::new(),
            alarm: 0,
        };
        Self {
            state,
            stacks: Stacks::new(Root::Overview),
            overlay: None,
            overlay_seen: false,
            notice: None,
            filters: Lines::default(),
            orders: Lines::default(),
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
        if !self.overlay_seen && !matches!(overlay, Overlay::Filter(_) | Overlay::Palette(_)) {
            return Vec::new();
        }
        match overlay.on(key) {
            Reaction::Stay => {}
            Reaction::Close => self.overlay = None,
            Reaction::FilterChanged => self.filter_changed(),
            Reaction::FilterKept => self.filter_kept(),
            Reaction::FilterDropped(before) => {
                self.overlay = None;
                self.filter(before);
            }
            Reaction::Order(line, order) => {
                self.overlay = None;
                self.orders.add(&line);
                return self.order(*order);
            }
            Reaction::Choose(choice) => {
                self.overlay = None;
                return self.choose(choice);
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

    fn command(&mut self, command: Command) -> Vec<Effect> {
        self.settle();
        match command {
            Command::Quit if !self.stacks.on_ground() => drop(self.stacks.down()),
            Command::Quit => {
                return vec![Effect::Quit {
                    leave_screen: false,
                }];
            }
            Command::QuitLeaving => return vec![Effect::Quit { leave_screen: true }],
            Command::Back => self.back(),
            Command::View(root) => self.stacks.root(root),
            Command::HistoryBack => self.stacks.back(),
            Command::HistoryForward => self.stacks.forward(),
            Command::LastView => self.stacks.last(),
            Command::Freeze => self.freeze(),
            Command::Help => self.help(),
            Command::Filter => self.edit_filter(),
            Command::Mark | Command::Unmark if self.marks_itself(command) => {}
            Command::Mark => {
                let targets = self
                    .top()
                    .map(|(view, facts)| view.marked(&facts))
                    .unwrap_or_default();
                self.state.marks.toggle(targets);
                self.unsettle();
                return self.command(Command::Move(Motion::Down));
            }
            Command::MarkAll => {
                let targets = self
                    .top()
                    .map(|(view, facts)| view.listed(&facts))
                    .unwrap_or_default();
                self.state.marks.add(targets);
            }
            Command::Unmark => self.state.marks.clear(),
            Command::Next | Command::Previous => return self.next(command),
            Command::Act(verb) => self.ask(verb),
            Command::FlushAll => self.open(Overlay::Sheet(Box::new(Sheet::whole_queue()))),
            Command::List => return vec![Effect::List],
            Command::Suspend => return vec![Effect::Suspend],
            Command::Range => self.open(Overlay::Menu(Menu::ranges())),
            Command::ZoomIn | Command::ZoomOut => {
                let shown = self.state.chart_range();
                self.state.looking.zoom(command == Command::ZoomOut, shown);
            }
            Command::Alone => self.state.alone = !self.state.alone,
            Command::Privacy => self.state.privacy = !self.state.privacy,
            Command::Copy => return self.copy(false),
            Command::CopyMarkdown => return self.copy(true),
            Command::Export => self.open(Overlay::Menu(Menu::formats())),
            Command::Mouse => {
                self.state.mouse = !self.state.mouse;
                let words = if self.state.mouse {
                    "mouse on: the wheel moves, the first line switches; m gives it back"
                } else {
                    "mouse off: the terminal selects text again"
                };
                self.say(SafeText::from(words), Role::Dim);
                return vec![Effect::Mouse(self.state.mouse)];
            }
            Command::Plain => return vec![Effect::Plain(self.plain())],
            Command::Move(Motion::Last) if self.state.looking.is_past() => {
                self.state.looking.live();
            }
            // What moves the selection changes no row.
            Command::Move(_) => {
                self.settled.all = false;
                return self.pass_on(command).1;
            }
            Command::Left | Command::Right => {
                let (taken, effects) = self.pass_on(command);
                if !taken {
                    self.scrub(command == Command::Right);
                }
                self.unsettle();
                return effects;
            }
            Command::Open
            | Command::NextPanel
            | Command::PreviousPanel
            | Command::Sort
            | Command::SortBefore
            | Command::Reverse
            | Command::Percent
            | Command::Axis
            | Command::Anomalies
            | Command::Wrap
            | Command::Lines => {
                let (_, effects) = self.pass_on(command);
                self.unsettle();
                return effects;
            }
            Command::Facet | Command::Exclude => self.facet(command == Command::Exclude),
            Command::DropTerm => self.drop_term(),
            Command::Palette => self.palette(),
            Command::Found => {}
        }
        self.unsettle();
        Vec::new()
    }

    fn unsettle(&mut self) {
        self.settled = Settled::default();
    }

    /// Gives a command to the view that is shown; whether it was its business, and what is to be done.
    fn pass_on(&mut self, command: Command) -> (bool, Vec<Effect>) {
        let facts = self.state.facts();
        let Some(view) = self.stacks.top_mut() else {
            return (false, Vec::new());
        };
        match view.on(command, &facts) {
            Outcome::Open(place) => (true, self.go(&place)),
            Outcome::Ask(effect) => (true, vec![effect]),
            Outcome::Done => (true, Vec::new()),
            Outcome::Ignored => (false, Vec::new()),
        }
    }

    /// Whether the view marks what it shows by itself: lines are no messages.
    fn marks_itself(&mut self, command: Command) -> bool {
        self.pass_on(command).0
    }

    fn go(&mut self, place: &Place) -> Vec<Effect> {
        self.stacks.open(place);
        self.unsettle();
        self.settle();
        let facts = self.state.facts();
        self.stacks
            .top_mut()
            .and_then(|view| view.opened(&facts))
            .into_iter()
            .collect()
    }

    /// One step back: from the past to now, then the filter that was set in this view comes off, then the view is left.
    fn back(&mut self) {
        if self.state.looking.is_past() {
            self.state.looking.live();
        } else if !self.stacks.top_mut().is_some_and(|view| view.drop_filter()) {
            self.stacks.down();
        }
    }

    fn scrub(&mut self, forward: bool) {
        let (shown, now) = (self.state.chart_range(), self.state.facts().model.now());
        let known = self.state.known;
        self.state.looking.scrub(forward, shown, now, known);
    }

    fn choose(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Range(range) => self.state.looking.choose(range),
            Choice::Format(format) => return self.export(format),
        }
        self.unsettle();
        Vec::new()
    }

    /// What the view shows as a table, with who writes to whom hidden if it is on the screen.
    fn extract(&self) -> Option<Extract> {
        let extract = self.top().and_then(|(view, facts)| view.extract(&facts))?;
        Some(if self.state.privacy {
            extract.map(SafeText::private)
        } else {
            extract
        })
    }

    fn copy(&mut self, markdown: bool) -> Vec<Effect> {
        let Some(extract) = self.extract().filter(|extract| !extract.rows.is_empty()) else {
            self.say(SafeText::from("nothing here to copy"), Role::Dim);
            return Vec::new();
        };
        let (text, what) = if markdown {
            let text = reports::extract::write(&extract, Format::Markdown);
            (text, numbers::many(extract.rows.len(), "row"))
        } else {
            (reports::extract::row(&extract), String::from("1 row"))
        };
        let words = format!("{what} for the clipboard (OSC 52; in tmux: set -s set-clipboard on)");
        self.say(SafeText::from(words), Role::Dim);
        vec![Effect::Copy(text)]
    }

    fn export(&mut self, format: Format) -> Vec<Effect> {
        let Some(extract) = self.extract() else {
            self.say(SafeText::from("nothing here to export"), Role::Dim);
            return Vec::new();
        };
        let title: String = extract
            .title
            .as_str()
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(40)
            .collect();
        let now = self
            .state
            .model
            .now()
            .with_timezone(&self.state.model.zone());
        let name = format!(
            "mailtop-{title}-{}.{}",
            now.format("%Y%m%d-%H%M%S"),
            format.extension()
        );
        let text = reports::extract::write(&extract, format);
        vec![Effect::Export { name, text }]
    }

    /// The screen as text.
    fn plain(&self) -> String {
        let area = Rect::new(0, 0, self.state.size.0, self.state.size.1);
        let mut buffer = Buffer::empty(area);
        self.draw(area, &mut buffer);
        reports::text::text_of(&buffer)
    }

    fn freeze(&mut self) {
        self.state.frozen = match self.state.frozen.take() {
            Some(_) => None,
            None => Some(Box::new(self.state.model.clone())),
        };
    }

    fn help(&mut self) {
        let commands = self.stacks.top().map(View::commands).unwrap_or_default();
        self.open(Overlay::Help(Help::new(commands)));
    }

    /// The next alarm or the one before, when the view knows nothing of its own to go to.
    fn next(&mut self, command: Command) -> Vec<Effect> {
        let all = self.state.alarms.len();
        if all > 0 {
            let step = if command == Command::Next { 1 } else { all - 1 };
            self.state.alarm = (self.state.alarm + step) % all;
        }
        let (_, effects) = self.pass_on(command);
        self.unsettle();
        effects
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
        self.stacks.top().map(|view| (view, self.state.facts()))
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
        let begins = model.told().history.begins();
        state.known = begins.map_or(TimeDelta::zero(), |begins| model.now() - begins);
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
        if let Some(view) = self.stacks.top_mut() {
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

    /// The view whose name stands at this column of the first line.
    fn tab(&self, column: u16) -> Option<Root> {
        let (view, facts) = self.top()?;
        views::frame::top::tab_at(column, view.root(), &self.screen(), &facts)
    }

    fn screen(&self) -> views::frame::Screen<'_> {
        views::frame::Screen {
            frozen: self.frozen_at(),
            live: self.state.model.now(),
            past: self.state.looking.is_past(),
            notice: self.notice.as_ref(),
            overlay: self.overlay.as_ref(),
        }
    }

    /// Draws the whole screen.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer) {
        let Some((view, facts)) = self.top() else {
            return;
        };
        let mut pen = Pen::new(buffer, &self.state.theme).private(self.state.privacy);
        views::frame::draw(&self.screen(), view, &facts, &mut pen, area);
    }
}
