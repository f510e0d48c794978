//! The host's figures: what `/proc` and `statvfs` say of CPU, memory, disks, file systems, the network and the processes that carry mail;
//! and the past of each figure, for charts and trends.
//!
//! In: one [`HostSample`] after another with its time. Out: the newest, and [`Host::series`]. Bounded: an hour by ten seconds and a day by
//! the minute of at most [`FIGURES`] figures.

mod past;
mod sample;

pub use sample::{
    Bounds, Disk, Family, FileSystem, HostSample, Network, Place, Pressure, Processes, Service,
    Swap,
};

use chrono::{DateTime, TimeDelta, Utc};
use past::Past;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Readings kept for the small curves.
const KEPT: usize = 120;
/// Figures whose past is kept: enough for every service of a large host.
const FIGURES: usize = 256;
/// Processes are not looked at in each reading: for so long the last look holds.
const LOOK_HOLDS: TimeDelta = TimeDelta::seconds(90);
/// After so long without a reading the newest is no longer what is so.
const READING_HOLDS: TimeDelta = TimeDelta::seconds(30);

/// One figure of the host. Shares are 0.0 to 1.0, pressures are percent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Figure {
    /// CPU time in use.
    Cpu,
    /// CPU time in programs.
    User,
    /// CPU time in the kernel.
    System,
    /// CPU time that waits for I/O.
    Iowait,
    /// CPU time that other guests took.
    Steal,
    /// Load average over one minute.
    Load,
    /// Memory that is not available.
    Memory,
    /// Swap space in use.
    Swap,
    /// `some` pressure of the CPU.
    CpuPressure,
    /// `some` pressure of I/O.
    IoPressure,
    /// `some` pressure of memory.
    MemoryPressure,
    /// Time that a disk had I/O in flight.
    Busy(Arc<str>),
    /// Milliseconds per request of a disk.
    Latency(Arc<str>),
    /// Bytes per second read from a disk.
    Read(Arc<str>),
    /// Bytes per second written to a disk.
    Written(Arc<str>),
    /// Space in use on the file system of a place.
    Space(Place),
    /// Inodes in use on the file system of a place.
    Inodes(Place),
    /// Processes of a service.
    Processes(Family, Arc<str>),
    /// Bytes per second received on an interface.
    Received(Arc<str>),
    /// Bytes per second sent on an interface.
    Sent(Arc<str>),
}

impl HostSample {
    /// Every figure that this reading knows.
    fn figures(&self) -> Vec<(Figure, f64)> {
        let pressure = self.pressure;
        let plain = [
            (Figure::Cpu, self.cpu),
            (Figure::User, self.user),
            (Figure::System, self.system),
            (Figure::Iowait, self.iowait),
            (Figure::Steal, self.steal),
            (Figure::Load, self.load),
            (Figure::Memory, self.memory()),
            (
                Figure::Swap,
                self.swap
                    .filter(|swap| swap.total > 0)
                    .map(|swap| 1.0 - swap.free.min(swap.total) as f64 / swap.total as f64),
            ),
            (Figure::CpuPressure, pressure.map(|pressure| pressure.cpu)),
            (Figure::IoPressure, pressure.map(|pressure| pressure.io)),
            (
                Figure::MemoryPressure,
                pressure.map(|pressure| pressure.memory),
            ),
        ];
        let disks = self.disks().flat_map(|disk| {
            let name: Arc<str> = disk.name.as_str().into();
            [
                (Figure::Busy(Arc::clone(&name)), Some(disk.busy)),
                (Figure::Latency(Arc::clone(&name)), disk.latency_ms),
                (Figure::Read(Arc::clone(&name)), Some(disk.read_rate)),
                (Figure::Written(name), Some(disk.write_rate)),
            ]
        });
        let places = Place::ALL.into_iter().flat_map(|place| {
            let file_system = self.file_system(place);
            [
                (
                    Figure::Space(place),
                    file_system.and_then(FileSystem::space),
                ),
                (
                    Figure::Inodes(place),
                    file_system.and_then(FileSystem::inodes_used),
                ),
            ]
        });
        let services = self.processes.iter().flat_map(|all| &all.services);
        let services = services.map(|service| {
            let figure = Figure::Processes(service.family, service.name.as_str().into());
            (figure, Some(f64::from(service.count)))
        });
        let network = self.network.iter().flat_map(|network| {
            let name: Arc<str> = network.name.as_str().into();
            [
                (Figure::Received(Arc::clone(&name)), Some(network.received)),
                (Figure::Sent(name), Some(network.sent)),
            ]
        });
        let all = plain
            .into_iter()
            .chain(disks)
            .chain(places)
            .chain(services)
            .chain(network);
        all.filter_map(|(figure, value)| Some((figure, value?)))
            .filter(|(_, value)| value.is_finite())
            .collect()
    }
}

/// The newest readings and the past.
#[derive(Debug, Clone, Default)]
pub struct Host {
    samples: VecDeque<HostSample>,
    /// When the newest was taken.
    at: DateTime<Utc>,
    /// When the first was taken.
    begins: Option<DateTime<Utc>>,
    /// The last look at the processes, and when it was.
    processes: Option<(DateTime<Utc>, Arc<Processes>)>,
    past: HashMap<Figure, Past>,
    /// Figures whose past there was no room for.
    left_out: usize,
}

impl Host {
    /// Takes a reading in.
    pub fn on(&mut self, at: DateTime<Utc>, mut sample: HostSample) {
        match &sample.processes {
            Some(processes) => self.processes = Some((at, Arc::new(processes.clone()))),
            None => sample.processes = self.looked(at).map(|processes| (**processes).clone()),
        }
        self.at = at;
        self.begins.get_or_insert(at);
        for (figure, value) in sample.figures() {
            self.take(at, figure, value);
        }
        // A service that has no process any more has none: that is known, and no gap.
        if let Some(processes) = &sample.processes {
            let gone: Vec<Figure> = self
                .past
                .keys()
                .filter(|figure| is_gone(figure, processes))
                .cloned()
                .collect();
            for figure in gone {
                self.take(at, figure, 0.0);
            }
        }
        sample.processes = None;
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    fn take(&mut self, at: DateTime<Utc>, figure: Figure, value: f64) {
        if let Some(past) = self.past.get_mut(&figure) {
            past.take(at, value);
        } else if self.past.len() < FIGURES {
            self.past.entry(figure).or_default().take(at, value);
        } else {
            self.left_out += 1;
        }
    }

    /// The newest reading, without the processes: those are [`Host::processes`].
    pub fn newest(&self) -> Option<&HostSample> {
        self.samples.back()
    }

    /// When the newest reading was taken.
    pub fn at(&self) -> Option<DateTime<Utc>> {
        (!self.samples.is_empty()).then_some(self.at)
    }

    /// When the first reading was taken.
    pub fn begins(&self) -> Option<DateTime<Utc>> {
        self.begins
    }

    /// The processes as last looked at; `None` when they never were or that is too long ago.
    pub fn processes(&self) -> Option<&Processes> {
        self.looked(self.at).map(|processes| &**processes)
    }

    fn looked(&self, at: DateTime<Utc>) -> Option<&Arc<Processes>> {
        let (when, processes) = self.processes.as_ref()?;
        (at - *when <= LOOK_HOLDS).then_some(processes)
    }

    /// One figure of each reading kept, oldest first.
    pub fn trend(&self, figure: impl Fn(&HostSample) -> Option<f64>) -> Vec<Option<f64>> {
        self.samples.iter().map(figure).collect()
    }

    /// The mean of a figure in each of `columns` equal spans of the `range` that ends with `until`; `None` where it was not known.
    pub fn series(
        &self,
        figure: &Figure,
        until: DateTime<Utc>,
        range: TimeDelta,
        columns: usize,
    ) -> Vec<Option<f64>> {
        self.past.get(figure).map_or_else(
            || vec![None; columns],
            |past| past.series(until, range, columns),
        )
    }

    /// What a figure was at that moment; the newest for a moment just after it.
    pub fn value(&self, figure: &Figure, at: DateTime<Utc>) -> Option<f64> {
        let past = self.past.get(figure)?;
        past.at(at).or_else(|| {
            let newest = DateTime::from_timestamp(past.newest()?, 0)?;
            (at > newest && at - newest <= READING_HOLDS).then(|| past.at(newest))?
        })
    }

    /// Whether so many figures came that some have no past.
    pub fn left_out(&self) -> bool {
        self.left_out > 0
    }
}

fn is_gone(figure: &Figure, processes: &Processes) -> bool {
    let Figure::Processes(family, name) = figure else {
        return false;
    };
    !processes
        .services
        .iter()
        .any(|service| service.family == *family && service.name == **name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
    }

    fn processes(counts: &[(&str, u32)]) -> Processes {
        let services = counts.iter().map(|(name, count)| Service {
            family: Family::Postfix,
            name: (*name).to_owned(),
            program: (*name).to_owned(),
            count: *count,
            cpu: None,
            resident: 0,
            written: None,
        });
        Processes {
            services: services.collect(),
            masters: 1,
        }
    }

    #[test]
    fn a_look_at_the_processes_holds_until_the_next_but_not_for_ever() {
        let mut host = Host::default();
        let smtp = Figure::Processes(Family::Postfix, "smtp/unix".into());
        let look = HostSample {
            processes: Some(processes(&[("smtp/unix", 7)])),
            ..HostSample::default()
        };
        host.on(at(0), look);
        for second in [20, 40] {
            host.on(at(second), HostSample::default());
        }
        assert_eq!(host.processes().unwrap().services[0].count, 7);
        assert_eq!(host.value(&smtp, at(40)), Some(7.0));
        host.on(at(200), HostSample::default());
        assert_eq!(host.processes(), None);
        assert_eq!(host.value(&smtp, at(200)), None);
        // No process is a fact, not a gap.
        let none = HostSample {
            processes: Some(processes(&[])),
            ..HostSample::default()
        };
        host.on(at(210), none);
        assert_eq!(host.value(&smtp, at(210)), Some(0.0));
    }

    #[test]
    fn what_a_reading_does_not_know_has_no_past() {
        let mut host = Host::default();
        assert_eq!(host.at(), None);
        let sample = HostSample {
            cpu: Some(0.5),
            memory_total: 8,
            memory_available: 6,
            disk: Some(Disk {
                name: "vda".into(),
                busy: f64::NAN,
                ..Disk::default()
            }),
            ..HostSample::default()
        };
        host.on(at(0), sample);
        let series = |figure| host.series(&figure, at(0), TimeDelta::minutes(1), 3);
        assert_eq!(series(Figure::Cpu), [None, None, Some(0.5)]);
        assert_eq!(series(Figure::Memory), [None, None, Some(0.25)]);
        assert_eq!(series(Figure::Steal), [None; 3]);
        assert_eq!(series(Figure::Busy("vda".into())), [None; 3]);
        assert_eq!(host.value(&Figure::Cpu, at(20)), Some(0.5), "just after");
        assert_eq!(host.value(&Figure::Cpu, at(600)), None);
    }

    #[test]
    fn names_without_end_are_bounded() {
        let mut host = Host::default();
        for n in 0..2000 {
            let disk = Disk {
                name: format!("d{n}"),
                ..Disk::default()
            };
            host.on(
                at(n),
                HostSample {
                    disk: Some(disk),
                    ..HostSample::default()
                },
            );
        }
        assert!(host.past.len() <= FIGURES && host.left_out());
    }
}
