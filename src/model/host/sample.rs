//! One reading of the host, as it is told and as a tape holds it.
//!
//! Every figure may be missing: a kernel without pressure stall information, a file system that does not answer, a tape of an older mailtop.
//! What is missing is `None` or an empty list, never 0.

use serde::{Deserialize, Serialize};

/// One reading. Rates are over the time since the reading before; `None` means that the host does not tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSample {
    /// Logical processors.
    pub cpus: u32,
    /// CPU time in use, 0.0 to 1.0 of all processors.
    pub cpu: Option<f64>,
    /// Share of CPU time in programs, 0.0 to 1.0.
    pub user: Option<f64>,
    /// Share of CPU time in the kernel, interrupts included, 0.0 to 1.0.
    pub system: Option<f64>,
    /// Share of CPU time spent waiting for I/O, 0.0 to 1.0.
    pub iowait: Option<f64>,
    /// Share of CPU time taken by other guests of the machine, 0.0 to 1.0.
    pub steal: Option<f64>,
    /// Load average over one minute.
    pub load: Option<f64>,
    /// Load averages over five and fifteen minutes.
    pub loads: Option<[f64; 2]>,
    /// Bytes of memory in all.
    pub memory_total: u64,
    /// Bytes of memory available to programs.
    pub memory_available: u64,
    /// Bytes of memory that hold copies of files (`Cached` and `Buffers`): given back when needed.
    pub page_cache: Option<u64>,
    /// Bytes of swap space, in all and free.
    pub swap: Option<Swap>,
    /// Processes that the kernel has killed for want of memory since it was started (`oom_kill` in `/proc/vmstat`).
    pub oom_kills: Option<u64>,
    /// Pressure stall information, avg10.
    pub pressure: Option<Pressure>,
    /// The disk under the spool; `None` when it can't be told.
    pub disk: Option<Disk>,
    /// The other disks that mail is written to: those under the log and the mail store.
    pub disks: Vec<Disk>,
    /// The file system of the spool.
    pub spool: Option<FileSystem>,
    /// The file system of the log.
    pub log: Option<FileSystem>,
    /// The file system of the mail store.
    pub store: Option<FileSystem>,
    /// The processes that carry mail; `None` in a reading that did not look at them.
    pub processes: Option<Processes>,
    /// The network interface with the most traffic.
    pub network: Option<Network>,
    /// Limits that leave less than the host has: figures of memory and CPU time are of what they leave.
    pub bounds: Bounds,
}

impl HostSample {
    /// The disks that mail is written to, the spool's first.
    pub fn disks(&self) -> impl Iterator<Item = &Disk> {
        self.disk.iter().chain(&self.disks)
    }

    /// The file system of a place.
    pub fn file_system(&self, place: Place) -> Option<&FileSystem> {
        match place {
            Place::Spool => self.spool.as_ref(),
            Place::Log => self.log.as_ref(),
            Place::Store => self.store.as_ref(),
        }
    }

    /// The places by file system: places on one are told of once, by the first of them, with all of them.
    pub fn grounds(&self) -> Vec<(Place, Vec<Place>)> {
        let mut found: Vec<(Place, Vec<Place>)> = Vec::new();
        for place in Place::ALL {
            let Some(file_system) = self.file_system(place) else {
                continue;
            };
            let same = |(first, _): &&mut (Place, Vec<Place>)| {
                let first = self.file_system(*first);
                file_system.device != 0
                    && first.is_some_and(|first| first.device == file_system.device)
            };
            match found.iter_mut().find(same) {
                Some((_, places)) => places.push(place),
                None => found.push((place, vec![place])),
            }
        }
        found
    }

    /// Processors whose time there is: those of the host, or as much of them as a control group may use.
    pub fn cores(&self) -> f64 {
        let bound = self.bounds.cpu.as_ref();
        bound.map_or_else(|| f64::from(self.cpus), |(_, cores)| *cores)
    }

    /// Share of memory in use: what is not available to programs.
    pub fn memory(&self) -> Option<f64> {
        used(self.memory_total, self.memory_available)
    }
}

/// The control groups (cgroup v2) whose limits are lower than what the host has.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bounds {
    /// Whose `memory.max` the memory is: `postfix.service`.
    pub memory: Option<String>,
    /// Whose `cpu.max` the CPU time is a share of, and how many processors that is.
    pub cpu: Option<(String, f64)>,
}

/// Where mail is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Place {
    /// Postfix's `queue_directory`.
    Spool,
    /// The mail log.
    Log,
    /// The mailboxes.
    Store,
}

impl Place {
    /// All of them, in the order of their weight.
    pub const ALL: [Self; 3] = [Self::Spool, Self::Log, Self::Store];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Spool => "spool",
            Self::Log => "log",
            Self::Store => "mail store",
        }
    }
}

/// Swap space in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Swap {
    /// In all; 0 on a host without swap.
    pub total: u64,
    /// Not in use.
    pub free: u64,
}

/// `/proc/pressure/*`, the `avg10` figures, in percent of time. A `some` is time in which at least one process waited, a `full` time in which all did.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Pressure {
    /// `some` of `/proc/pressure/cpu`.
    pub cpu: f64,
    /// `some` of `/proc/pressure/io`.
    pub io: f64,
    /// `some` of `/proc/pressure/memory`.
    pub memory: f64,
    /// `full` of I/O.
    pub io_full: Option<f64>,
    /// `full` of memory. There is none of the CPU: the kernel says 0 for the whole host.
    pub memory_full: Option<f64>,
}

/// One block device, from `/proc/diskstats`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Disk {
    /// The kernel's name: `vda`.
    pub name: String,
    /// Share of time with I/O in flight, 0.0 to 1.0.
    pub busy: f64,
    /// Milliseconds per finished request; `None` when none finished.
    pub latency_ms: Option<f64>,
    /// Bytes read per second.
    pub read_rate: f64,
    /// Bytes written per second.
    pub write_rate: f64,
    /// Writes finished per second.
    #[serde(default)]
    pub writes: Option<f64>,
}

/// One file system, from `statvfs(3)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FileSystem {
    /// The directory that was asked for.
    pub path: String,
    /// Bytes in all.
    pub total: u64,
    /// Bytes free to ordinary users (`f_bavail`).
    pub available: u64,
    /// Inodes in all; 0 where the file system has no fixed number.
    pub inodes: u64,
    /// Inodes free to ordinary users (`f_favail`).
    pub inodes_available: u64,
    /// Where it is mounted; empty when not known.
    pub mount: String,
    /// `ext4`; empty when not known.
    pub kind: String,
    /// Its device number: the same for two places on one file system. 0 when not known.
    pub device: u64,
}

impl FileSystem {
    /// Where it is mounted, or the directory that was asked for.
    pub fn label(&self) -> &str {
        if self.mount.is_empty() {
            &self.path
        } else {
            &self.mount
        }
    }

    /// Share of space in use, as an ordinary user finds it.
    pub fn space(&self) -> Option<f64> {
        used(self.total, self.available)
    }

    /// Share of inodes in use; `None` where there is no fixed number of them.
    pub fn inodes_used(&self) -> Option<f64> {
        used(self.inodes, self.inodes_available)
    }
}

/// `None` of nothing.
fn used(all: u64, free: u64) -> Option<f64> {
    (all > 0).then(|| 1.0 - free.min(all) as f64 / all as f64)
}

/// The processes that carry mail.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Processes {
    /// By service, those of Postfix first, then Dovecot's, then the helpers; each by name.
    pub services: Vec<Service>,
    /// Running Postfix masters whose children are counted here. More than one when another user's pid file can't be read.
    pub masters: u32,
}

/// Whose service it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// A child of Postfix's master(8).
    Postfix,
    /// A child of Dovecot's master.
    Dovecot,
    /// A filter, a database or a logger, found by name.
    Helper,
}

/// The processes of one service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// Whose.
    pub family: Family,
    /// Of Postfix as `postconf -M` names it (`smtp/unix`), of Dovecot the service (`imap-login`), of a helper the program.
    pub name: String,
    /// The program: `smtpd`.
    pub program: String,
    /// Processes.
    pub count: u32,
    /// CPU time, in processors: 1.0 is one of them in full use. `None` in the first reading.
    pub cpu: Option<f64>,
    /// Bytes of memory, pages that are shared counted in each process.
    pub resident: u64,
    /// Bytes per second that it had written to disks; `None` when that may not be read, and in the first reading.
    pub written: Option<f64>,
}

/// One network interface, from `/proc/net/dev`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Network {
    /// The kernel's name: `eth0`.
    pub name: String,
    /// Bytes received per second.
    pub received: f64,
    /// Bytes sent per second.
    pub sent: f64,
    /// Bits per second that the link can carry in each direction; `None` where that is not known, as of many virtual ones.
    pub speed: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_mailtop_recorded_is_read() {
        let text = r#"{"cpus":2,"cpu":1.0,"iowait":0.0,"steal":0.0,"load":2.18,"memory_total":25276510208,"memory_available":24450789376,
            "pressure":{"cpu":43.0,"io":0.67,"memory":0.0},
            "disk":{"name":"vda","busy":0.0,"latency_ms":0.13,"read_rate":110507.5,"write_rate":0.0},
            "spool":{"path":"/var/spool/postfix","total":270553174016,"available":61117693952,"inodes":16777216,"inodes_available":16281800}}"#;
        let sample: HostSample = serde_json::from_str(text).unwrap();
        assert_eq!(sample.cpu, Some(1.0));
        assert_eq!(
            (
                sample.user,
                sample.swap,
                sample.oom_kills,
                &sample.processes
            ),
            (None, None, None, &None)
        );
        assert_eq!(sample.pressure.unwrap().io_full, None);
        assert_eq!(sample.disks().count(), 1);
        assert_eq!(sample.disk.as_ref().unwrap().writes, None);
        let spool = sample.file_system(Place::Spool).unwrap();
        assert_eq!((spool.device, spool.mount.as_str()), (0, ""));
        let again = serde_json::to_string(&sample).unwrap();
        assert_eq!(serde_json::from_str::<HostSample>(&again).unwrap(), sample);
    }

    #[test]
    fn a_share_of_nothing_is_unknown() {
        let file_system = FileSystem {
            total: 200,
            available: 50,
            ..FileSystem::default()
        };
        assert_eq!(
            (file_system.space(), file_system.inodes_used()),
            (Some(0.75), None)
        );
        assert_eq!(HostSample::default().memory(), None);
    }
}
