//! Dovecot: who logs in and who fails to, who is connected, what becomes of mail that is handed over, what Dovecot complains of.
//!
//! Five panels, with Tab between them. What each shows is gathered once when something changed ([`shown`]); Enter goes to the lines of what is
//! selected in the log. On a narrow screen the panel that has the keys stands alone under two lines with the figures of the others.

mod complaints;
mod delivery;
mod empty;
mod logins;
mod panels;
mod sessions;
mod shown;
mod sources;

use super::{Facts, Panels, View};
use crate::app::command::{Command, Outcome, Place, Root};
use crate::app::cursor::Cursor;
use crate::app::extract::Extract;
use crate::app::filter::{Field, Filter, Narrowed};
use crate::app::looking;
use crate::app::sorting::{Order, Ordered, Sorting};
use crate::numbers;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen, Sort};
use core::net::IpAddr;
use ratatui::layout::Rect;
use shown::Shown;

/// Which panel has the keys, in the order of Tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Complaints,
    Sources,
    Logins,
    Sessions,
    Delivery,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[
        Self::Complaints,
        Self::Sources,
        Self::Logins,
        Self::Sessions,
        Self::Delivery,
    ];
}

/// What a table is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Count,
    Last,
    Name,
}

const ORDERS: &[Order<By>] = &[
    (By::Count, "count", Sort::Down),
    (By::Last, "last", Sort::Down),
    (By::Name, "name", Sort::Up),
];
/// Users are there now.
const ORDERS_OF_USERS: &[Order<By>] = &[
    (By::Count, "count", Sort::Down),
    (By::Name, "name", Sort::Up),
];

/// The view.
pub struct Dovecot {
    panel: Panel,
    /// Of complaints, sources and full mailboxes.
    order: Sorting<By>,
    order_of_users: Sorting<By>,
    filter: Narrowed,
    shown: Shown,
    complaint: Cursor<Box<str>>,
    source: Cursor<IpAddr>,
    user: Cursor<Box<str>>,
    full: Cursor<Box<str>>,
}

impl Default for Dovecot {
    fn default() -> Self {
        Self {
            panel: Panel::Complaints,
            order: Sorting::new(ORDERS, By::Count),
            order_of_users: Sorting::new(ORDERS_OF_USERS, By::Count),
            filter: Narrowed::default(),
            shown: Shown::default(),
            complaint: Cursor::default(),
            source: Cursor::default(),
            user: Cursor::default(),
            full: Cursor::default(),
        }
    }
}

impl Dovecot {
    /// What is selected, as the filter of a view that shows more of it.
    fn meant(&self) -> Filter {
        let one = |field, value: &str| Filter::default().with(field, &SafeText::from(value));
        let shown = &self.shown;
        match self.panel {
            Panel::Complaints => {
                let complaint = shown.complaints.get(self.complaint.at());
                complaint.map(complaints::lines_of).unwrap_or_default()
            }
            Panel::Sources => {
                let source = shown.sources.get(self.source.at());
                source
                    .map(|source| one(Field::Ip, &sources::asked(source.source)))
                    .unwrap_or_default()
            }
            Panel::Sessions => {
                let user = shown.users.get(self.user.at());
                user.map(|user| one(Field::User, &user.name))
                    .unwrap_or_default()
            }
            Panel::Delivery => {
                let full = shown.full.get(self.full.at());
                full.map(|full| one(Field::Anywhere, &full.user))
                    .unwrap_or_default()
            }
            Panel::Logins => one(Field::Program, "dovecot"),
        }
    }

    fn go(&mut self, motion: crate::app::command::Motion, page: usize) {
        let shown = &self.shown;
        match self.panel {
            Panel::Complaints => {
                let id = |at: usize| shown.complaints.get(at).map(|row| row.key.clone());
                self.complaint.go(motion, shown.complaints.len(), page, id);
            }
            Panel::Sources => {
                let id = |at: usize| shown.sources.get(at).map(|row| row.source);
                self.source.go(motion, shown.sources.len(), page, id);
            }
            Panel::Sessions => {
                let id = |at: usize| shown.users.get(at).map(|row| row.name.clone());
                self.user.go(motion, shown.users.len(), page, id);
            }
            Panel::Delivery => {
                let id = |at: usize| shown.full.get(at).map(|row| row.user.clone());
                self.full.go(motion, shown.full.len(), page, id);
            }
            Panel::Logins => {}
        }
    }
}

impl View for Dovecot {
    fn root(&self) -> Root {
        Root::Dovecot
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        self.shown = Shown::gather(facts, &self.filter, (self.order, self.order_of_users));
        let shown = &self.shown;
        let id = |at: usize| shown.complaints.get(at).map(|row| row.key.clone());
        self.complaint.settle(shown.complaints.len(), id);
        let id = |at: usize| shown.sources.get(at).map(|row| row.source);
        self.source.settle(shown.sources.len(), id);
        let id = |at: usize| shown.users.get(at).map(|row| row.name.clone());
        self.user.settle(shown.users.len(), id);
        let id = |at: usize| shown.full.get(at).map(|row| row.user.clone());
        self.full.settle(shown.full.len(), id);
    }

    fn hold(&mut self) {
        match self.panel {
            Panel::Complaints => self.complaint.hold(),
            Panel::Sources => self.source.hold(),
            Panel::Sessions => self.user.hold(),
            Panel::Delivery => self.full.hold(),
            Panel::Logins => {}
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        match command {
            Command::Move(motion) => self.go(motion, usize::from(facts.body.height / 3)),
            Command::Open | Command::Lines => {
                let filter = self.meant();
                if filter.is_empty() {
                    return Outcome::Done;
                }
                return Outcome::Open(Place::Root(Root::Log, filter));
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
            Command::Filter,
            Command::Facet,
            Command::Sort,
            Command::Range,
            Command::Freeze,
            Command::Exclude,
            Command::DropTerm,
            Command::PreviousPanel,
            Command::SortBefore,
            Command::SortAfter,
            Command::Reverse,
            Command::Lines,
            Command::Alone,
            Command::ZoomIn,
            Command::ZoomOut,
            Command::Copy,
            Command::CopyMarkdown,
            Command::Export,
            Command::Privacy,
            Command::Back,
            Command::Quit,
        ];
        KEYS
    }

    fn heading(&self, facts: &Facts<'_>) -> Line {
        let glyphs = facts.theme.glyphs();
        let line = Line::of(" Dovecot", Role::Head);
        let Some(worst) = self.shown.limits.first() else {
            let what = match self.shown.complaints.len() {
                0 => String::from("no complaint"),
                many => format!("{} of complaint", numbers::many(many, "kind")),
            };
            return line.text(format!(
                " {} last {} · {what}",
                glyphs.crumb,
                looking::words(facts.range)
            ));
        };
        let times = numbers::many(usize::try_from(worst.count).unwrap_or(usize::MAX), "time");
        line.add(
            format!(
                " {} {} {} reached {times} in {}",
                glyphs.alert,
                worst.service,
                worst.setting,
                looking::words(facts.range)
            ),
            Role::Alert,
        )
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

    fn sorting(&self) -> Option<&dyn Ordered> {
        match self.panel {
            Panel::Logins => None,
            Panel::Sessions => Some(&self.order_of_users),
            Panel::Complaints | Panel::Sources | Panel::Delivery => Some(&self.order),
        }
    }

    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        match self.panel {
            Panel::Logins => None,
            Panel::Sessions => Some(&mut self.order_of_users),
            Panel::Complaints | Panel::Sources | Panel::Delivery => Some(&mut self.order),
        }
    }

    fn cell(&self, _facts: &Facts<'_>) -> Option<(Field, SafeText)> {
        let shown = &self.shown;
        match self.panel {
            Panel::Complaints => {
                let row = shown.complaints.get(self.complaint.at())?;
                Some((Field::Reason, row.text.clone()))
            }
            Panel::Sources => {
                let row = shown.sources.get(self.source.at())?;
                Some((Field::Ip, SafeText::from(sources::asked(row.source))))
            }
            Panel::Sessions => {
                let row = shown.users.get(self.user.at())?;
                Some((Field::User, SafeText::from(&*row.name)))
            }
            Panel::Delivery => {
                let row = shown.full.get(self.full.at())?;
                Some((Field::User, SafeText::from(&*row.user)))
            }
            Panel::Logins => None,
        }
    }

    fn extract(&self, facts: &Facts<'_>) -> Option<Extract> {
        Some(match self.panel {
            Panel::Sources => sources::extract(self, facts),
            Panel::Sessions => sessions::extract(self),
            Panel::Delivery => delivery::extract(self, facts),
            Panel::Complaints => complaints::extract(self, facts),
            Panel::Logins => logins::extract(self),
        })
    }
}
