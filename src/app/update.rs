//! One message taken in: the model and the views learn of it.

use super::{AGES, App};
use crate::app::command::{Command, Motion};
use crate::app::effect::Effect;
use crate::app::msg::{Ground, Listing, Mouse, Msg, Past};
use crate::app::overlay::{self, Overlay};
use crate::model::journal::Receipt;
use crate::theme::{Role, Tone};

impl App {
    /// Takes one message in; returns what is to be done.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut effects = self.take(msg);
        self.greet();
        // While a filter is typed nothing is searched for.
        if !matches!(self.overlay, Some(Overlay::Filter(_))) {
            let facts = self.state.facts();
            let view = self.stacks.top_mut();
            effects.extend(view.and_then(|view| view.asks(&facts)));
        }
        effects
    }

    fn take(&mut self, msg: Msg) -> Vec<Effect> {
        self.dirty = true;
        self.settled.all = false;
        match msg {
            Msg::Tick(now) => {
                let slot = |time: chrono::DateTime<chrono::Utc>| time.timestamp().div_euclid(AGES);
                if slot(now) != slot(self.state.model.now()) {
                    self.settled.ages = false;
                }
                self.state.model.tick(now);
                if self
                    .notice
                    .as_ref()
                    .is_some_and(|notice| notice.until < now.timestamp())
                {
                    self.notice = None;
                }
            }
            Msg::Log(batch) => {
                self.state.model.log(&batch.lines, batch.anchor);
                let zone = self.state.model.zone();
                for view in self.stacks.all_mut() {
                    view.logged(&batch.lines, batch.anchor, zone);
                }
            }
            Msg::Past(past) => self.past(past),
            Msg::Listing(piece) => self.listing(piece),
            Msg::Host(sample) => {
                let now = self.state.model.now();
                self.state.model.host.on(now, *sample);
            }
            Msg::Limits(limits) => self.state.model.limits = *limits,
            Msg::Settings(settings) => {
                self.state.model.settings = Some(settings);
                self.settled.standing = false;
            }
            Msg::Attempts(attempts) => {
                self.state.model.attempts = Some(attempts);
                self.settled.standing = false;
            }
            Msg::Who(who) => self.state.model.who = Some(*who),
            Msg::Feed(report) => self.state.model.feed(report),
            Msg::Receipt(receipt) => {
                self.receipt(*receipt);
                return vec![Effect::List];
            }
            Msg::Found(found) => {
                for view in self.stacks.all_mut() {
                    view.found(&found, self.state.model.zone());
                }
            }
            Msg::Said { text, good } => {
                self.say(text, if good { Role::Ok } else { Role::Bounce });
            }
            Msg::Background(ground) => {
                self.state.theme.tone = match ground {
                    Ground::Dark => Tone::Dark,
                    Ground::Light => Tone::Light,
                };
            }
            Msg::Mouse(mouse) => return self.mouse(mouse),
            Msg::Resize(columns, rows) => self.state.size = (columns, rows),
            Msg::Paste(text) => {
                // Pasted text is data for a line that is being edited, never keys.
                match &mut self.overlay {
                    Some(Overlay::Filter(line)) => {
                        line.paste(&text);
                        self.filter_changed();
                    }
                    Some(Overlay::Palette(palette)) => palette.paste(&text),
                    _ => {}
                }
            }
            Msg::Key(key) => return self.key(key),
            Msg::Terminate => {
                return vec![Effect::Quit {
                    leave_screen: false,
                }];
            }
        }
        Vec::new()
    }

    /// The wheel moves the selection, a click means what lies there; what lies over the view has no use for them.
    fn mouse(&mut self, mouse: Mouse) -> Vec<Effect> {
        if self.overlay.is_some() {
            return Vec::new();
        }
        let command = match mouse {
            Mouse::WheelUp => Command::Move(Motion::Up),
            Mouse::WheelDown => Command::Move(Motion::Down),
            Mouse::Click { column, row } => return self.click(column, row),
        };
        self.command(command)
    }

    fn past(&mut self, past: Past) {
        let model = &mut self.state.model;
        match past {
            Past::Told(facts) => model.past(*facts),
            Past::Reading(reading) => model.reading = Some(reading),
            Past::Unread { log, why, lost } => model.unread(log, &why, lost),
            Past::Read => model.reading = None,
        }
    }

    fn listing(&mut self, piece: Listing) {
        match piece {
            Listing::Begin { instance, .. } => self.state.model.listing_begins(&instance),
            Listing::Lines(lines) => self.state.model.listing_lines(&lines),
            Listing::End {
                at,
                took,
                complete,
                next,
            } => {
                self.state.model.listing_ends(at, took, complete, next);
            }
        }
    }

    fn receipt(&mut self, receipt: Receipt) {
        let role = if receipt.failure.is_some() || receipt.done < receipt.matched {
            Role::Bounce
        } else {
            Role::Ok
        };
        self.say(overlay::sentence(&receipt), role);
        // It never takes the place of something that is being typed: the next letters would become commands.
        let typing = self.overlay.as_ref().is_some_and(Overlay::is_typed);
        if !typing && (receipt.failure.is_some() || !receipt.skipped.is_empty()) {
            self.open(Overlay::Receipt(Box::new(receipt.clone())));
        }
        if std::mem::take(&mut self.marks_meant) && receipt.done > 0 {
            self.state.marks.clear();
            self.settled.view = false;
        }
        self.state.model.receipt(receipt);
    }
}
