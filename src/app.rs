//! What the operator sees and means: the model, the stack of views, and what lies over them.
//!
//! [`App::update`] takes one [`msg::Msg`] and returns the effects that the shell is to perform; nothing here acts by itself.
//! [`App::work`] makes a piece of what is made of whole listings, [`App::settle`] all of it and what a frame needs besides; [`App::draw`] only
//! reads.

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
mod obey;
mod ordering;
pub mod overlay;
pub mod palette;
mod rows;
pub mod search;
pub mod setting;
pub mod sheet;
pub mod sorting;
mod stacks;
mod state;
mod update;
mod welcome;
mod work;

use crate::model::Model;
use crate::model::growth::Growth;
use crate::model::span::Between;
use crate::model::standing::Standing;
use crate::safe_text::SafeText;
use crate::theme::{Role, Theme};
use crate::views::{self, Facts, View};
use crate::widgets::{Pen, Spots};
use chrono::TimeDelta;
use command::Root;
use effect::{Effect, Scope};
use key::Key;
use lines::Lines;
use looking::Looking;
use marks::Marks;
use overlay::{Opened, Overlay, Reaction};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use setting::Setting;
use stacks::{Stacks, Step};
use state::State;
use welcome::Welcome;
use work::Gathering;

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
    welcome: Welcome,
    /// What is being made of a whole listing.
    gathering: Option<Gathering>,
    settled: Settled,
    dirty: bool,
}

/// What of the view that is shown is up to date.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each of them is made anew at its own occasion"
)]
struct Settled {
    /// Everything.
    all: bool,
    /// What is made of the whole listing for all views. It is gathered piece by piece; a log line changes nothing of it.
    standing: bool,
    /// What is shown of it, since another one was gathered.
    listing: bool,
    /// What the view shows, with its filter and in its order.
    view: bool,
    /// What is made from ages of listed messages.
    ages: bool,
    /// Where the view is that all this is of.
    place: Option<Step>,
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
            standing: Standing::default(),
            looking: Looking::default(),
            known: TimeDelta::zero(),
            alone: false,
            privacy: false,
            mouse: false,
            growth: Growth::default(),
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
            welcome: Welcome::default(),
            gathering: None,
            settled: Settled::default(),
            dirty: true,
        }
    }

    /// The same, with this view first.
    #[must_use]
    pub fn at(mut self, root: Root) -> Self {
        self.stacks = Stacks::new(root);
        self
    }

    /// The same, at the end of that time when it has one, with the time itself as its range.
    #[must_use]
    pub fn looking_at(mut self, asked: Between) -> Self {
        if let (Some(since), Some(until)) = (asked.since, asked.until) {
            self.state.looking = Looking::at(until, until - since);
        }
        self
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
        // Who works already is not interrupted.
        self.welcome = Welcome::Over;
        let Some(overlay) = &mut self.overlay else {
            return keymap::command(key)
                .map(|command| self.command(command))
                .unwrap_or_default();
        };
        let reaction = match overlay {
            Overlay::Filter(_) | Overlay::Palette(_) => overlay.on(key),
            // Nobody has seen it come: the key is not an answer to it.
            Overlay::Found(Opened::ByItself) if !self.overlay_seen => Reaction::Pass(key),
            _ if !self.overlay_seen => return Vec::new(),
            _ => overlay.on(key),
        };
        match reaction {
            Reaction::Stay => {}
            Reaction::Turned => self.overlay_seen = false,
            Reaction::Sheet(sheet) => self.open(Overlay::Sheet(sheet)),
            Reaction::Wrong(why) => {
                self.overlay = None;
                self.say(why, Role::Bounce);
            }
            Reaction::Close => self.overlay = None,
            Reaction::Pass(key) => {
                self.overlay = None;
                return self.key(key);
            }
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

    fn top(&self) -> Option<(&dyn View, Facts<'_>)> {
        self.stacks.top().map(|view| (view, self.state.facts()))
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
        self.paint(area, buffer, None);
    }

    /// The whole screen.
    fn area(&self) -> Rect {
        Rect::new(0, 0, self.state.size.0, self.state.size.1)
    }

    /// Draws the whole screen, and notes what lies where.
    fn paint(&self, area: Rect, buffer: &mut Buffer, spots: Option<&mut Spots>) {
        let Some((view, facts)) = self.top() else {
            return;
        };
        let mut pen = Pen::new(buffer, &self.state.theme).private(self.state.privacy);
        if let Some(spots) = spots {
            pen = pen.noting(spots);
        }
        views::frame::draw(&self.screen(), view, &facts, &mut pen, area);
    }
}
