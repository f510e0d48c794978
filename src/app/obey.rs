//! What a command does: the program's own part of it; the rest is the business of the view that is shown.

use super::command::{Command, Motion, Outcome, Place};
use super::effect::Effect;
use super::extract::{Extract, Format};
use super::overlay::{Choice, Help, Menu, Opened, Overlay, Thresholds};
use super::sheet::{self, Sheet};
use super::{App, Settled};
use crate::model::thresholds::thresholds;
use crate::numbers;
use crate::reports;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::views::View;
use ratatui::buffer::Buffer;

impl App {
    pub(super) fn command(&mut self, command: Command) -> Vec<Effect> {
        // What is on the screen is meant, not what the next frame would show; in a view that no frame has shown yet, what is first.
        self.hold(command);
        if command.means_rows() {
            self.settle_rows();
        } else {
            self.settle_frame();
        }
        self.hold(command);
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
            Command::Mark | Command::MarkRange | Command::Unmark if self.marks_itself(command) => {}
            Command::Mark | Command::MarkRange if self.keep_range() => {}
            Command::MarkRange => self.begin_range(),
            Command::Mark => {
                self.mark();
                return self.command(Command::Move(Motion::Down));
            }
            Command::MarkAll => self.mark_all(),
            Command::Unmark => self.state.marks.clear(),
            Command::Next | Command::Previous => return self.next(command),
            Command::Act(_) | Command::FlushAll => return self.sheet(command),
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
                    "mouse on: click to select, open and sort; m gives it back to the terminal"
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
            Command::NextPanel | Command::PreviousPanel if self.leave_range() => {
                return self.command(command);
            }
            Command::Open
            | Command::NextPanel
            | Command::PreviousPanel
            | Command::Focus(_)
            | Command::Column(_)
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
            Command::Sort | Command::SortBefore | Command::SortAfter | Command::Reverse => {
                self.sort(command);
            }
            Command::Found => self.open(Overlay::Found(Opened::OnDemand)),
            Command::Thresholds => self.thresholds(),
            Command::Palette => self.palette(),
        }
        self.unsettle();
        Vec::new()
    }

    fn hold(&mut self, command: Command) {
        let view = self.stacks.top_mut().filter(|_| command.means_selection());
        if let Some(view) = view {
            view.hold();
        }
    }

    /// Opens the thresholds as they are at the moment that is looked at.
    fn thresholds(&mut self) {
        let facts = self.state.facts();
        let rows = thresholds(facts.model, facts.growth, facts.until);
        self.open(Overlay::Thresholds(Thresholds::new(rows)));
    }

    /// Opens the sheet for a command. It changes no row of the view that it lies over.
    fn sheet(&mut self, command: Command) -> Vec<Effect> {
        match command {
            Command::Act(verb) => self.ask(verb),
            _ => self.open(Overlay::Sheet(Box::new(Sheet::whole_queue()))),
        }
        self.settled.all = false;
        Vec::new()
    }

    pub(super) fn unsettle(&mut self) {
        self.settled = Settled {
            all: false,
            view: false,
            ..self.settled
        };
    }

    /// Gives a command to the view that is shown; whether it was its business, and what is to be done.
    pub(super) fn pass_on(&mut self, command: Command) -> (bool, Vec<Effect>) {
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
    pub(super) fn marks_itself(&mut self, command: Command) -> bool {
        self.pass_on(command).0
    }

    pub(super) fn go(&mut self, place: &Place) -> Vec<Effect> {
        self.stacks.open(place);
        self.unsettle();
        self.settle_frame();
        let facts = self.state.facts();
        self.stacks
            .top_mut()
            .and_then(|view| view.opened(&facts))
            .into_iter()
            .collect()
    }

    /// One step back: a range that is being marked is given up; from the past to now; the filter that was set in this view comes off; the view
    /// is left.
    pub(super) fn back(&mut self) {
        if self.leave_range() {
            return;
        }
        if self.state.looking.is_past() {
            self.state.looking.live();
        } else if !self.stacks.top_mut().is_some_and(|view| view.drop_filter()) {
            self.stacks.down();
        }
    }

    pub(super) fn scrub(&mut self, forward: bool) {
        let (shown, now) = (self.state.chart_range(), self.state.facts().model.now());
        let known = self.state.known;
        self.state.looking.scrub(forward, shown, now, known);
    }

    pub(super) fn choose(&mut self, choice: Choice) -> Vec<Effect> {
        match choice {
            Choice::Range(range) => self.state.looking.choose(range),
            Choice::Format(format) => return self.export(format),
            Choice::Order(name) => {
                if let Some(sorting) = self.sorting() {
                    sorting.choose(name);
                }
            }
        }
        self.unsettle();
        Vec::new()
    }

    /// What the view shows as a table, with who writes to whom hidden if it is on the screen.
    pub(super) fn extract(&self) -> Option<Extract> {
        let extract = self.top().and_then(|(view, facts)| view.extract(&facts))?;
        Some(if self.state.privacy {
            extract.map(SafeText::private)
        } else {
            extract
        })
    }

    pub(super) fn copy(&mut self, markdown: bool) -> Vec<Effect> {
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

    pub(super) fn export(&mut self, format: Format) -> Vec<Effect> {
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
    pub(super) fn plain(&self) -> String {
        let area = self.area();
        let mut buffer = Buffer::empty(area);
        self.draw(area, &mut buffer);
        reports::text::text_of(&buffer)
    }

    pub(super) fn freeze(&mut self) {
        self.state.frozen = match self.state.frozen.take() {
            Some(_) => None,
            None => Some(Box::new(self.state.model.clone())),
        };
        self.settled.standing = false;
        self.settled.listing = false;
    }

    pub(super) fn help(&mut self) {
        let commands = self.stacks.top().map(View::commands).unwrap_or_default();
        self.open(Overlay::Help(Help::new(commands)));
    }

    /// The next alarm or the one before, when the view knows nothing of its own to go to.
    pub(super) fn next(&mut self, command: Command) -> Vec<Effect> {
        let all = self.state.alarms.len();
        if all > 0 {
            let step = if command == Command::Next { 1 } else { all - 1 };
            self.state.alarm = (self.state.alarm + step) % all;
        }
        let (_, effects) = self.pass_on(command);
        self.unsettle();
        effects
    }

    pub(super) fn ask(&mut self, verb: crate::model::journal::Verb) {
        self.keep_range();
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
}
