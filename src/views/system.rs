//! The system: what stops first. Each resource with its limit, its trend and the time to the limit; three charts; the processes that carry
//! mail against their limits.
//!
//! In: the host's figures and their past, the limits of Postfix and Dovecot, the queue. Everything is of the moment that is looked at, but
//! CPU and memory of single services, which have no past. What is not known says why and is never 0.

mod charts;
mod draw;
mod services;
mod words;

use super::{Facts, Panels, View};
use crate::app::command::{Command, Motion, Outcome, Place, QueueScope, Root};
use crate::app::cursor::Cursor;
use crate::app::extract::Extract;
use crate::app::filter::Filter;
use crate::app::sorting::{Ordered, Sorting};
use crate::model::feeds::Source;
use crate::model::headroom::{Full, Kind, Resource, headroom};
use crate::model::host::Family;
use crate::safe_text::SafeText;
use crate::theme::Role;
use crate::widgets::{Line, Pen};
use charts::Charts;
use chrono::{DateTime, Utc};
use ratatui::layout::Rect;
use services::{By, ORDERS, ServiceRow};

/// Which panel has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Headroom,
    Cpu,
    Disk,
    Memory,
    Services,
}

impl Panels for Panel {
    const ALL: &'static [Self] = &[
        Self::Headroom,
        Self::Cpu,
        Self::Disk,
        Self::Memory,
        Self::Services,
    ];
}

/// The view.
pub struct System {
    panel: Panel,
    /// By name.
    resource: Cursor<SafeText>,
    service: Cursor<(Family, SafeText)>,
    /// Of the services; resources are in the order in which they stop.
    order: Sorting<By>,
    resources: Vec<Resource>,
    services: Vec<ServiceRow>,
    charts: Charts,
    /// The newest reading and the moment that the rows are of.
    of: Option<(Option<DateTime<Utc>>, DateTime<Utc>)>,
}

impl Default for System {
    fn default() -> Self {
        Self {
            panel: Panel::Headroom,
            resource: Cursor::default(),
            service: Cursor::default(),
            order: Sorting::new(ORDERS, By::Processes),
            resources: Vec::new(),
            services: Vec::new(),
            charts: Charts::default(),
            of: None,
        }
    }
}

impl System {
    fn selected(&self) -> Option<&Resource> {
        self.resources.get(self.resource.at())
    }

    /// The service whose processes a resource counts.
    fn service_of(&self, resource: Option<&Resource>) -> Option<&ServiceRow> {
        let figure = resource?.figure.as_ref()?;
        self.services.iter().find(|row| row.figure() == *figure)
    }

    /// From a resource to what explains it.
    fn open_resource(&mut self) -> Outcome {
        let Some(resource) = self.selected() else {
            return Outcome::Done;
        };
        match resource.kind {
            Kind::Active => Outcome::Open(Place::Queue(QueueScope::Active, None)),
            Kind::Processes => {
                if let Some(id) = self.service_of(Some(resource)).map(ServiceRow::id) {
                    self.service.select(id);
                    let services = &self.services;
                    self.service
                        .settle(services.len(), |at| services.get(at).map(ServiceRow::id));
                }
                self.panel = Panel::Services;
                Outcome::Done
            }
            Kind::Disk => self.go(Panel::Disk),
            Kind::Memory => self.go(Panel::Memory),
            Kind::Cpu => self.go(Panel::Cpu),
            Kind::Space | Kind::Inodes => Outcome::Open(Place::Queue(QueueScope::All, None)),
            Kind::Network => Outcome::Done,
        }
    }

    fn go(&mut self, panel: Panel) -> Outcome {
        self.panel = panel;
        Outcome::Done
    }

    /// From a service to what it works on.
    fn open_service(&self) -> Outcome {
        match self.services.get(self.service.at()).map(|row| row.family) {
            Some(Family::Postfix) => Outcome::Open(Place::Queue(QueueScope::Active, None)),
            Some(Family::Dovecot) => Outcome::Open(Place::Root(Root::Dovecot, Filter::default())),
            Some(Family::Helper) | None => Outcome::Done,
        }
    }

    /// To the lines of what is selected: those of a service's program; of what no line tells by itself, all lines of the time.
    fn lines(&self) -> Outcome {
        let service = match self.panel {
            Panel::Services => self.services.get(self.service.at()),
            _ => self.service_of(self.selected()),
        };
        let filter = service.map(ServiceRow::lines).unwrap_or_default();
        Outcome::Open(Place::Root(Root::Log, filter))
    }

    fn move_in_panel(&mut self, motion: Motion, facts: &Facts<'_>) {
        let page = usize::from(facts.body.height / 3);
        if self.panel == Panel::Services {
            let services = &self.services;
            let id = |at: usize| services.get(at).map(ServiceRow::id);
            self.service.go(motion, services.len(), page, id);
        } else {
            // A chart has no rows: the keys go to the table that is always there.
            self.panel = Panel::Headroom;
            let resources = &self.resources;
            let id = |at: usize| resources.get(at).map(|resource| resource.name.clone());
            self.resource.go(motion, resources.len(), page, id);
        }
    }
}

impl View for System {
    fn root(&self) -> Root {
        Root::System
    }

    fn settle(&mut self, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Host]);
        let of = (facts.model.host.at(), facts.until);
        let fresh = self.of.is_none_or(|(at, until)| {
            // Between two readings nothing changes but the clock.
            at != of.0 || (of.1 - until).num_seconds().abs() >= 2
        });
        if fresh || facts.listing_changed {
            self.of = Some(of);
            self.resources = headroom(facts.model, facts.until);
            self.services = services::rows(facts, self.order);
        }
        let (resources, services) = (&self.resources, &self.services);
        self.resource.settle(resources.len(), |at| {
            resources.get(at).map(|resource| resource.name.clone())
        });
        self.service
            .settle(services.len(), |at| services.get(at).map(ServiceRow::id));
        self.charts = Charts::of(facts, self.selected());
    }

    fn hold(&mut self) {
        if self.panel == Panel::Services {
            self.service.hold();
        } else {
            self.resource.hold();
        }
    }

    fn on(&mut self, command: Command, facts: &Facts<'_>) -> Outcome {
        if let Some(panel) = self.panel.after(command) {
            self.panel = panel;
            return Outcome::Done;
        }
        match command {
            Command::Move(motion) => self.move_in_panel(motion, facts),
            Command::Open if self.panel == Panel::Services => return self.open_service(),
            Command::Open if self.panel == Panel::Headroom => return self.open_resource(),
            Command::Open => {}
            Command::Lines => return self.lines(),
            _ => return Outcome::Ignored,
        }
        Outcome::Done
    }

    fn draw(&self, pen: &mut Pen<'_>, area: Rect, facts: &Facts<'_>) {
        let facts = &facts.as_told_by(&[Source::Host]);
        draw::draw(self, pen, area, facts);
    }

    fn commands(&self) -> &'static [Command] {
        const KEYS: &[Command] = &[
            Command::Help,
            Command::Open,
            Command::Lines,
            Command::NextPanel,
            Command::PreviousPanel,
            Command::ZoomIn,
            Command::ZoomOut,
            Command::Right,
            Command::Left,
            Command::Range,
            Command::Alone,
            Command::Thresholds,
            Command::Copy,
            Command::CopyMarkdown,
            Command::Export,
            Command::Freeze,
            Command::Sort,
            Command::SortBefore,
            Command::SortAfter,
            Command::Reverse,
            Command::Quit,
        ];
        KEYS
    }

    /// What stops first, and what next.
    fn heading(&self, facts: &Facts<'_>) -> Line {
        let glyphs = facts.theme.glyphs();
        let wide = facts.body.width >= draw::WIDE;
        let begin = if wide {
            " System headroom · what stops first?  "
        } else {
            " Headroom · first: "
        };
        let line = Line::of(begin, Role::Head);
        let mut coming = self.resources.iter().filter(|resource| {
            matches!(resource.full, Full::Now | Full::In(_)) || resource.is_near()
        });
        let Some(first) = coming.next() else {
            let name = Line::of(" System headroom  ", Role::Head);
            let mut fulls = self.resources.iter().map(|resource| resource.full);
            return if self.resources.is_empty() {
                Line::of(" reading the host's figures …", Role::Dim)
            } else if fulls.any(|full| full == Full::Stable) {
                name.add(format!("{} ", glyphs.ok), Role::Ok)
                    .add("nothing is on its way to its limit", Role::Text)
            } else {
                let words = "nothing is at its limit · a trend needs some minutes";
                name.add(words, Role::Text)
            };
        };
        let words = |resource: &Resource| {
            let when = match resource.full {
                Full::Now | Full::In(_) => words::full(resource),
                Full::Stable | Full::Unknown => words::used(resource, true),
            };
            format!("{} ({when})", resource.name)
        };
        let line = match first.full {
            Full::Now => line.add(format!("{} {}", glyphs.alert, words(first)), Role::Alert),
            _ => line.add(words(first), Role::Defer),
        };
        match coming.next() {
            Some(then) => line.add(format!("  · then {}", words(then)), Role::Text),
            None => line,
        }
    }

    fn sorting(&self) -> Option<&dyn Ordered> {
        (self.panel == Panel::Services).then_some(&self.order)
    }

    fn sorting_mut(&mut self) -> Option<&mut dyn Ordered> {
        (self.panel == Panel::Services).then_some(&mut self.order)
    }

    fn extract(&self, _facts: &Facts<'_>) -> Option<Extract> {
        Some(match self.panel {
            Panel::Services => services::extract(&self.services, self.service.at()),
            _ => words::extract(&self.resources, self.resource.at()),
        })
    }
}
