//! The host's figures: what `/proc` and `statvfs` say of CPU, memory, disk I/O and the spool's file system.

use serde::{Deserialize, Serialize};

/// One reading. Rates are over the time since the reading before; `None` means that the host does not tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSample {
    /// Logical processors.
    pub cpus: u32,
    /// CPU time in use, 0.0 to 1.0 of all processors.
    pub cpu: Option<f64>,
    /// Share of CPU time spent waiting for I/O, 0.0 to 1.0.
    pub iowait: Option<f64>,
    /// Share of CPU time taken by other guests of the machine, 0.0 to 1.0.
    pub steal: Option<f64>,
    /// Load average over one minute.
    pub load: Option<f64>,
    /// Bytes of memory in all.
    pub memory_total: u64,
    /// Bytes of memory available to programs.
    pub memory_available: u64,
    /// Pressure stall information, `some avg10`, in percent: CPU, I/O, memory.
    pub pressure: Option<Pressure>,
    /// The disk under the spool; `None` when it can't be told.
    pub disk: Option<Disk>,
    /// The file system of the spool.
    pub spool: Option<FileSystem>,
}

/// `/proc/pressure/*`, the `some avg10` figures, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Pressure {
    /// `/proc/pressure/cpu`.
    pub cpu: f64,
    /// `/proc/pressure/io`.
    pub io: f64,
    /// `/proc/pressure/memory`.
    pub memory: f64,
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
}

/// One file system, from `statvfs(3)`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
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
}

/// Readings kept for the small curves.
const KEPT: usize = 120;

/// The newest readings.
#[derive(Debug, Clone, Default)]
pub struct Host {
    samples: std::collections::VecDeque<HostSample>,
}

impl Host {
    /// Takes a reading in.
    pub fn on(&mut self, sample: HostSample) {
        if self.samples.len() == KEPT {
            self.samples.pop_front();
        }
        self.samples.push_back(sample);
    }

    /// The newest reading.
    pub fn newest(&self) -> Option<&HostSample> {
        self.samples.back()
    }

    /// One figure of each reading kept, oldest first.
    pub fn trend(&self, figure: impl Fn(&HostSample) -> Option<f64>) -> Vec<Option<f64>> {
        self.samples.iter().map(figure).collect()
    }
}
