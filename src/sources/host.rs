//! The host's figures, every two seconds: CPU, memory, load, pressure, and the disk and file system under the spool.
//!
//! In: the spool's path (`postconf queue_directory`). Out: [`Msg::Host`]. sysinfo reads memory and load, procfs `/proc/stat`,
//! `/proc/pressure` and `/proc/diskstats`; `statvfs(3)` runs on a thread of its own, since a dead NFS server must not stop the rest.
//! Shares and rates are over the time since the reading before, so the first sample has none.
//!
//! It reads no processes and sums no disks (overlays and bind mounts would count twice).

mod rates;
mod spool;

use crate::app::msg::Msg;
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::model::host::{Disk, HostSample, Pressure};
use crate::safe_text::SafeText;
use procfs::{
    CpuPressure, CpuTime, Current, CurrentSI, DiskStat, IoPressure, KernelStats, MemoryPressure,
};
use spool::{Answer, Asker};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use sysinfo::System;
use tokio::sync::mpsc::Sender;

/// From one sample to the next.
const EVERY: Duration = Duration::from_secs(2);
/// How long a sample waits for the spool's file system.
const PATIENCE: Duration = Duration::from_millis(300);

/// Samples until dropped.
#[derive(Debug)]
pub struct Host {
    stop: Arc<AtomicBool>,
    sleeper: Thread,
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}

/// Samples the host on a thread of its own. The thread ends soon after the returned value is dropped, or when the receiver is.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(spool: PathBuf, sender: Sender<Msg>) -> io::Result<Host> {
    let mut sampler = Sampler::new(spool)?;
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    let thread = thread::Builder::new()
        .name(String::from("host"))
        .spawn(move || {
            let begin = Instant::now();
            while !stopped.load(Ordering::Acquire) {
                let reading = Instant::now();
                for message in sampler.sample(begin.elapsed()) {
                    if sender.blocking_send(message).is_err() {
                        return;
                    }
                }
                while !stopped.load(Ordering::Acquire) && reading.elapsed() < EVERY {
                    thread::park_timeout(EVERY.saturating_sub(reading.elapsed()));
                }
            }
        })?;
    Ok(Host {
        stop,
        sleeper: thread.thread().clone(),
    })
}

/// Reads the figures and remembers the counters of the reading before.
pub struct Sampler {
    path: PathBuf,
    system: Option<System>,
    asker: Asker,
    cpu: Option<CpuTime>,
    disk: Option<(DiskStat, Duration)>,
    told: Option<FeedState>,
    remark: Option<String>,
}

impl Sampler {
    /// For this spool.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(spool: PathBuf) -> io::Result<Self> {
        let path = spool.clone();
        let asker = Asker::new(PATIENCE, move || spool::look(&path))?;
        let system = System::new().ok();
        Ok(Self {
            path: spool,
            system,
            asker,
            cpu: None,
            disk: None,
            told: None,
            remark: None,
        })
    }

    /// One sample, and what changed about the source. `now` is the time since some fixed moment.
    pub fn sample(&mut self, now: Duration) -> Vec<Msg> {
        let mut sample = HostSample::default();
        let read = self.kernel(&mut sample);
        self.memory(&mut sample);
        sample.load = System::load_average().ok().map(|load| load.one);
        sample.pressure = pressure();
        let remark = self.spool(&mut sample, now);
        let mut messages = self.news(read, remark);
        messages.push(Msg::Host(Box::new(sample)));
        messages
    }

    fn kernel(&mut self, sample: &mut HostSample) -> Result<(), String> {
        let stat = KernelStats::current().map_err(|error| error.to_string())?;
        sample.cpus = stat.cpu_time.len().try_into().unwrap_or(u32::MAX);
        if let Some(shares) = self
            .cpu
            .as_ref()
            .and_then(|before| rates::shares(before, &stat.total))
        {
            sample.cpu = Some(shares.used);
            sample.iowait = shares.iowait;
            sample.steal = shares.steal;
        }
        self.cpu = Some(stat.total);
        Ok(())
    }

    fn memory(&mut self, sample: &mut HostSample) {
        if let Some(system) = &mut self.system {
            system.refresh_memory_specifics(sysinfo::MemoryRefreshKind::nothing().with_ram());
            sample.memory_total = system.total_memory();
            sample.memory_available = system.available_memory();
        }
    }

    /// Returns a remark when the spool cannot be looked at.
    fn spool(&mut self, sample: &mut HostSample, now: Duration) -> Option<String> {
        match self.asker.ask() {
            Answer::Known(spool) => {
                sample.disk = spool.disk.and_then(|name| self.disk(&name, now));
                sample.spool = Some(spool.file_system);
                None
            }
            Answer::Failed(error) => Some(format!(
                "cannot look at the spool {}: {error} — `postconf queue_directory` says where it is",
                self.path.display()
            )),
            Answer::Silent => Some(format!(
                "the disk under {} does not answer",
                self.path.display()
            )),
        }
    }

    fn disk(&mut self, name: &str, now: Duration) -> Option<Disk> {
        let after = procfs::diskstats()
            .ok()?
            .into_iter()
            .find(|disk| disk.name == name)?;
        let before = self.disk.replace((after.clone(), now));
        let (before, then) = before.filter(|(before, _)| before.name == name)?;
        rates::disk(&before, &after, now.saturating_sub(then))
    }

    fn news(&mut self, read: Result<(), String>, remark: Option<String>) -> Vec<Msg> {
        let state = match read {
            Ok(()) => FeedState::Up,
            Err(error) => {
                let why = format!("cannot read /proc/stat: {error} — is /proc mounted?");
                FeedState::Lost {
                    why: SafeText::new(why),
                    retry_at: None,
                }
            }
        };
        let mut news = Vec::new();
        if self.told.as_ref() != Some(&state) {
            self.told = Some(state.clone());
            news.push(Msg::Feed(FeedReport::State(Feed::Host, state)));
        }
        if self.remark != remark {
            self.remark.clone_from(&remark);
            news.push(Msg::Feed(FeedReport::Remark(
                Feed::Host,
                remark.map(SafeText::new),
            )));
        }
        news
    }
}

/// `None` where the kernel has no pressure stall information.
fn pressure() -> Option<Pressure> {
    Some(Pressure {
        cpu: f64::from(CpuPressure::current().ok()?.some.avg10),
        io: f64::from(IoPressure::current().ok()?.some.avg10),
        memory: f64::from(MemoryPressure::current().ok()?.some.avg10),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(messages: Vec<Msg>) -> (HostSample, Vec<FeedReport>) {
        let (mut samples, mut reports) = (Vec::new(), Vec::new());
        for message in messages {
            match message {
                Msg::Host(sample) => samples.push(*sample),
                Msg::Feed(report) => reports.push(report),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(samples.len(), 1);
        (samples.remove(0), reports)
    }

    #[test]
    fn the_first_sample_has_no_rates() {
        let directory = tempfile::tempdir().unwrap();
        let mut sampler = Sampler::new(directory.path().to_owned()).unwrap();
        let (first, reports) = host(sampler.sample(Duration::ZERO));
        assert_eq!(
            reports.first(),
            Some(&FeedReport::State(Feed::Host, FeedState::Up))
        );
        assert_eq!(
            (first.cpu, first.iowait, first.steal, &first.disk),
            (None, None, None, &None)
        );
        assert!(first.cpus > 0 && first.load.is_some());
        assert!(first.memory_available > 0 && first.memory_available <= first.memory_total);
        // Until the kernel's clock has ticked there is no share.
        let mut second = first;
        let begin = Instant::now();
        while second.cpu.is_none() && begin.elapsed() < Duration::from_secs(30) {
            second = host(sampler.sample(Duration::from_secs(2))).0;
        }
        let share =
            |figure: Option<f64>| figure.is_some_and(|figure| (0.0..=1.0).contains(&figure));
        assert!(
            share(second.cpu) && share(second.iowait) && share(second.steal),
            "{second:?}"
        );
    }

    #[test]
    fn a_spool_that_is_missing_is_remarked_on_and_the_rest_comes() {
        let mut sampler = Sampler::new(PathBuf::from("/none/such")).unwrap();
        let (sample, reports) = host(sampler.sample(Duration::ZERO));
        assert_eq!(sample.spool, None);
        assert!(sample.memory_total > 0);
        let Some(FeedReport::Remark(Feed::Host, Some(remark))) = reports.last() else {
            panic!("{reports:?}")
        };
        assert!(
            remark
                .as_str()
                .starts_with("cannot look at the spool /none/such: "),
            "{remark}"
        );
        assert_eq!(
            host(sampler.sample(Duration::ZERO)).1,
            [],
            "it is said once"
        );
    }

    #[test]
    fn samples_come_until_it_is_dropped() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
        let host = spawn(std::env::temp_dir(), sender).unwrap();
        while !matches!(receiver.blocking_recv().unwrap(), Msg::Host(_)) {}
        drop(host);
        while receiver.blocking_recv().is_some() {}
    }
}
