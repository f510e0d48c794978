//! From two readings of the kernel's counters to shares and rates.
//!
//! Counters may be set back (a device that went and came again, a guest that was moved): that is 0, never a negative figure.
//! Formats: `proc_stat(5)`; `Documentation/admin-guide/iostats.rst` of the kernel. A sector of diskstats is always 512 bytes.

use crate::model::host::{Disk, Network};
use procfs::net::DeviceStatus;
use procfs::{CpuTime, DiskStat};
use std::time::Duration;

const SECTOR: f64 = 512.0;

/// Shares of the CPU time, 0.0 to 1.0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shares {
    pub(super) used: f64,
    pub(super) user: f64,
    pub(super) system: f64,
    pub(super) iowait: Option<f64>,
    pub(super) steal: Option<f64>,
}

/// Where the CPU time went between two readings; `None` when none passed.
pub(super) fn shares(before: &CpuTime, after: &CpuTime) -> Option<Shares> {
    let between = |get: fn(&CpuTime) -> u64| get(after).saturating_sub(get(before));
    // Guest time is part of user time already.
    let user = between(|time| time.user) + between(|time| time.nice);
    let system = between(|time| time.system)
        + between(|time| time.irq.unwrap_or(0))
        + between(|time| time.softirq.unwrap_or(0));
    let iowait = between(|time| time.iowait.unwrap_or(0));
    let steal = between(|time| time.steal.unwrap_or(0));
    let all = user + system + iowait + steal + between(|time| time.idle);
    (all > 0).then(|| {
        let share = |part: u64| part as f64 / all as f64;
        Shares {
            used: share(user + system),
            user: share(user),
            system: share(system),
            iowait: after.iowait.map(|_| share(iowait)),
            steal: after.steal.map(|_| share(steal)),
        }
    })
}

/// What a disk did between two readings; `None` when no time passed.
pub(super) fn disk(before: &DiskStat, after: &DiskStat, passed: Duration) -> Option<Disk> {
    let seconds = passed.as_secs_f64();
    let between = |get: fn(&DiskStat) -> u64| get(after).saturating_sub(get(before)) as f64;
    let finished = between(|disk| disk.reads) + between(|disk| disk.writes);
    let spent = between(|disk| disk.time_reading) + between(|disk| disk.time_writing);
    (seconds > 0.0).then(|| Disk {
        name: after.name.clone(),
        busy: (between(|disk| disk.time_in_progress) / 1000.0 / seconds).min(1.0),
        latency_ms: (finished > 0.0).then(|| spent / finished),
        read_rate: between(|disk| disk.sectors_read) * SECTOR / seconds,
        write_rate: between(|disk| disk.sectors_written) * SECTOR / seconds,
        writes: Some(between(|disk| disk.writes) / seconds),
    })
}

/// What an interface carried between two readings; `None` when no time passed.
pub(super) fn network(
    before: &DeviceStatus,
    after: &DeviceStatus,
    passed: Duration,
) -> Option<Network> {
    let seconds = passed.as_secs_f64();
    let rate =
        |get: fn(&DeviceStatus) -> u64| get(after).saturating_sub(get(before)) as f64 / seconds;
    (seconds > 0.0).then(|| Network {
        name: after.name.clone(),
        received: rate(|device| device.recv_bytes),
        sent: rate(|device| device.sent_bytes),
        speed: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use procfs::{FromBufReadSI, LocalSystemInfo};

    fn stat(line: &str) -> CpuTime {
        let text = format!("{line}\ncpu0 1 1 1 1\nctxt 1\nbtime 1\nprocesses 1\n");
        procfs::KernelStats::from_buf_read(text.as_bytes(), &LocalSystemInfo)
            .unwrap()
            .total
    }

    #[test]
    fn cpu_time_is_shared_out() {
        let before = stat("cpu 100 0 100 1000 100 0 0 100 0 0");
        let after = stat("cpu 110 10 110 1040 115 5 5 105 0 0");
        assert_eq!(
            shares(&before, &after),
            Some(Shares {
                used: 0.4,
                user: 0.2,
                system: 0.2,
                iowait: Some(0.15),
                steal: Some(0.05)
            })
        );
        assert_eq!(shares(&after, &after), None);
        let back = shares(&after, &stat("cpu 0 0 0 2000 0 0 0 0 0 0")).unwrap();
        assert_eq!(
            (back.used, back.iowait),
            (0.0, Some(0.0)),
            "counters that were set back"
        );
    }

    #[test]
    fn disk_counters_become_rates() {
        let before =
            DiskStat::from_line("254 0 vda 100 0 1000 500 200 0 2000 700 0 900 1200").unwrap();
        let after =
            DiskStat::from_line("254 0 vda 110 0 1100 540 230 0 2800 860 0 1900 2200").unwrap();
        let rates = disk(&before, &after, Duration::from_secs(2)).unwrap();
        let expected = Disk {
            name: "vda".into(),
            busy: 0.5,
            latency_ms: Some(5.0),
            read_rate: 25_600.0,
            write_rate: 204_800.0,
            writes: Some(15.0),
        };
        assert_eq!(rates, expected);
        assert_eq!(disk(&before, &after, Duration::ZERO), None);
        let back = disk(&after, &before, Duration::from_secs(2)).unwrap();
        assert_eq!(
            (back.busy, back.latency_ms, back.write_rate),
            (0.0, None, 0.0)
        );
    }
}
