//! The host's figures, every two seconds: CPU, memory, load, pressure, the file systems and disks that mail is written to, the network,
//! and, less often, the processes that carry mail.
//!
//! In: where the spool, the log and the mail store are. Out: [`Msg::Host`]. sysinfo reads memory and load, procfs `/proc/stat`,
//! `/proc/pressure`, `/proc/vmstat` and `/proc/diskstats`; `statvfs(3)` runs on threads of its own, since a dead NFS server must not stop the rest.
//! Shares and rates are over the time since the reading before, so the first sample has none. Where a control group leaves Postfix less memory or CPU time
//! than the host has, they are measured against that.
//!
//! Processes cost the most: they are looked at no more often than a [`FACTOR`]th of a processor allows. No disks are summed up (overlays and
//! bind mounts would count twice).

mod cgroup;
mod network;
mod place;
mod processes;
mod rates;

use crate::app::msg::Msg;
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::model::host::{Disk, FileSystem, HostSample, Place, Pressure, Processes, Swap};
use crate::safe_text::SafeText;
use cgroup::Groups;
use network::Interface;
use place::{Answer, Asker, Looker};
use processes::Watch;
use procfs::{
    CpuPressure, CpuTime, Current, CurrentSI, DiskStat, IoPressure, KernelStats, Meminfo,
    MemoryPressure,
};
use rustix::time::{ClockId, clock_gettime};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use sysinfo::{MemoryRefreshKind, System};
use tokio::sync::mpsc::Sender;

/// From one sample to the next.
const EVERY: Duration = Duration::from_secs(2);
/// How long a sample waits for a file system.
const PATIENCE: Duration = Duration::from_millis(300);
/// From one look at the processes to the next, so many times the processor time that it took: a third of a percent.
const FACTOR: u32 = 300;
/// But at least so often: what is older is not shown as what is so.
const SELDOM: Duration = Duration::from_secs(30);

/// Where mail is written to on this host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Places {
    /// Postfix's `queue_directory`.
    pub spool: PathBuf,
    /// The directory of the log.
    pub log: Option<PathBuf>,
    /// Where the mailboxes are.
    pub store: Option<PathBuf>,
    /// Dovecot's `base_dir`, which holds its `master.pid`.
    pub dovecot: Option<PathBuf>,
}

/// Samples until dropped.
#[derive(Debug)]
pub struct Host {
    stop: Arc<AtomicBool>,
    sleeper: Thread,
    places: mpsc::Sender<Places>,
}

impl Host {
    /// Takes other places, from the next sample on.
    pub fn places(&self) -> mpsc::Sender<Places> {
        self.places.clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.sleeper.unpark();
    }
}

/// Samples the host on a thread of its own. Processes are looked at once the places were told: before, it is not known which Dovecot is meant. The
/// thread ends soon after the returned value is dropped, or when the receiver is.
///
/// # Errors
/// When no thread can be started.
pub fn spawn(places: Places, sender: Sender<Msg>) -> io::Result<Host> {
    let mut sampler = Sampler::new(places)?;
    sampler.look_at = Duration::MAX;
    let stop = Arc::<AtomicBool>::default();
    let stopped = Arc::clone(&stop);
    let (places, told) = mpsc::channel();
    let thread = thread::Builder::new()
        .name(String::from("host"))
        .spawn(move || {
            let begin = Instant::now();
            while !stopped.load(Ordering::Acquire) {
                let reading = Instant::now();
                if let Some(places) = told.try_iter().last() {
                    sampler.move_to(places);
                    sampler.look_at = sampler.look_at.min(begin.elapsed());
                }
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
        places,
    })
}

/// Reads the figures and remembers the counters of the reading before.
pub struct Sampler {
    system: Option<System>,
    places: Places,
    askers: Vec<(Place, PathBuf, Asker)>,
    cpu: Option<CpuTime>,
    disks: HashMap<String, (DiskStat, Duration)>,
    interface: Interface,
    watch: Watch,
    groups: Groups,
    /// When the processes are looked at again.
    look_at: Duration,
    told: Option<FeedState>,
    remark: Option<String>,
}

impl Sampler {
    /// Of these places.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn new(places: Places) -> io::Result<Self> {
        let mut sampler = Self {
            system: System::new().ok(),
            places: Places::default(),
            askers: Vec::new(),
            cpu: None,
            disks: HashMap::new(),
            interface: Interface::default(),
            watch: Watch::new(&places.spool),
            groups: Groups::default(),
            look_at: Duration::ZERO,
            told: None,
            remark: None,
        };
        sampler.ask_of(places)?;
        Ok(sampler)
    }

    /// Takes other places, as far as threads can be started for them.
    pub fn move_to(&mut self, places: Places) {
        let _ = self.ask_of(places);
    }

    fn ask_of(&mut self, places: Places) -> io::Result<()> {
        let wanted = [
            (Place::Spool, Some(&places.spool)),
            (Place::Log, places.log.as_ref()),
            (Place::Store, places.store.as_ref()),
        ];
        let mut before = std::mem::take(&mut self.askers);
        for (place, path) in wanted {
            let Some(path) = path else { continue };
            let same = |(old, at, _): &(Place, PathBuf, Asker)| *old == place && at == path;
            let asker = if let Some(at) = before.iter().position(same) {
                before.swap_remove(at).2
            } else {
                let mut looker = Looker::new(path.clone());
                Asker::new(PATIENCE, move || looker.look())?
            };
            self.askers.push((place, path.clone(), asker));
        }
        if let Some(base_dir) = &places.dovecot {
            self.watch.dovecot(base_dir);
        }
        self.places = places;
        Ok(())
    }

    /// One sample, and what changed about the source. `now` is the time since some fixed moment.
    pub fn sample(&mut self, now: Duration) -> Vec<Msg> {
        let mut sample = HostSample::default();
        let read = self.kernel(&mut sample);
        self.memory(&mut sample);
        self.groups.bound(&mut sample, self.watch.master(), now);
        if let Ok(load) = System::load_average() {
            sample.load = Some(load.one);
            sample.loads = Some([load.five, load.fifteen]);
        }
        sample.pressure = pressure();
        let mut remarks = self.grounds(&mut sample, now);
        sample.network = self.interface.read(now);
        match self.processes(now) {
            Ok(processes) => sample.processes = processes,
            Err(error) => remarks.push(format!(
                "cannot look at the processes: {error} — mount /proc"
            )),
        }
        let remark = (!remarks.is_empty()).then(|| remarks.join(" · "));
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
            sample.user = Some(shares.user);
            sample.system = Some(shares.system);
            sample.iowait = shares.iowait;
            sample.steal = shares.steal;
        }
        self.cpu = Some(stat.total);
        Ok(())
    }

    fn memory(&mut self, sample: &mut HostSample) {
        if let Some(system) = &mut self.system {
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram().with_swap());
            sample.memory_total = system.total_memory();
            sample.memory_available = system.available_memory();
            sample.swap = Some(Swap {
                total: system.total_swap(),
                free: system.free_swap(),
            });
        }
        // Shared memory counts as cached, but can't be given back.
        sample.page_cache = Meminfo::current().ok().map(|memory| {
            (memory.cached + memory.buffers).saturating_sub(memory.shmem.unwrap_or(0))
        });
        sample.oom_kills = procfs::vmstat()
            .ok()
            .and_then(|counters| u64::try_from(*counters.get("oom_kill")?).ok());
    }

    /// File systems and disks. Returns a remark for each place that can't be looked at.
    fn grounds(&mut self, sample: &mut HostSample, now: Duration) -> Vec<String> {
        let (mut remarks, mut names) = (Vec::new(), Vec::new());
        for (place, path, asker) in &mut self.askers {
            match asker.ask() {
                Answer::Known(ground) => {
                    names.push((*place, ground.disk));
                    *file_system(sample, *place) = Some(ground.file_system);
                }
                Answer::Failed(error) => remarks.push(unseen(*place, path, &error)),
                Answer::Silent => {
                    remarks.push(format!("the disk under {} does not answer", path.display()));
                }
            }
        }
        let read = procfs::diskstats().unwrap_or_default();
        let mut seen: Vec<String> = Vec::new();
        for (place, name) in names {
            let Some(name) = name.filter(|name| !seen.contains(name)) else {
                continue;
            };
            let disk = read.iter().find(|disk| disk.name == name);
            seen.push(name);
            match disk.and_then(|disk| self.disk(disk, now)) {
                Some(disk) if place == Place::Spool => sample.disk = Some(disk),
                Some(disk) => sample.disks.push(disk),
                None => {}
            }
        }
        remarks
    }

    fn disk(&mut self, after: &DiskStat, now: Duration) -> Option<Disk> {
        let before = self.disks.insert(after.name.clone(), (after.clone(), now));
        let (before, then) = before?;
        rates::disk(&before, after, now.saturating_sub(then))
    }

    /// `None` while the last look still has to do.
    fn processes(&mut self, now: Duration) -> io::Result<Option<Processes>> {
        if now < self.look_at {
            return Ok(None);
        }
        let begin = processor_time();
        let processes = self.watch.look(now);
        let cost = processor_time().saturating_sub(begin);
        self.look_at = now + cost.saturating_mul(FACTOR).min(SELDOM);
        processes.map(Some)
    }

    fn news(&mut self, read: Result<(), String>, remark: Option<String>) -> Vec<Msg> {
        let state = match read {
            Ok(()) => FeedState::Up,
            Err(error) => {
                let why = format!("cannot read /proc/stat: {error} — mount /proc");
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

fn file_system(sample: &mut HostSample, place: Place) -> &mut Option<FileSystem> {
    match place {
        Place::Spool => &mut sample.spool,
        Place::Log => &mut sample.log,
        Place::Store => &mut sample.store,
    }
}

fn unseen(place: Place, path: &std::path::Path, error: &io::Error) -> String {
    let asked = match place {
        Place::Spool => " — see `postconf queue_directory` for where it is",
        Place::Log => "",
        Place::Store => {
            " — see `doveconf mail_location` and `postconf virtual_mailbox_base` for where it is"
        }
    };
    format!(
        "cannot look at the {} {}: {error}{asked}",
        place.name(),
        path.display()
    )
}

/// `None` where the kernel has no pressure stall information.
fn pressure() -> Option<Pressure> {
    let (io, memory) = (IoPressure::current().ok()?, MemoryPressure::current().ok()?);
    Some(Pressure {
        cpu: f64::from(CpuPressure::current().ok()?.some.avg10),
        io: f64::from(io.some.avg10),
        memory: f64::from(memory.some.avg10),
        io_full: Some(f64::from(io.full.avg10)),
        memory_full: Some(f64::from(memory.full.avg10)),
    })
}

/// Processor time that this thread has used.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
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

    fn spool(path: &std::path::Path) -> Places {
        Places {
            spool: path.to_owned(),
            ..Places::default()
        }
    }

    #[test]
    fn the_first_sample_has_no_rates() {
        let directory = tempfile::tempdir().unwrap();
        let mut sampler = Sampler::new(spool(directory.path())).unwrap();
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
        let mut sampler = Sampler::new(spool(std::path::Path::new("/none/such"))).unwrap();
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
    fn processes_are_looked_at_once_the_places_were_told() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let host = spawn(spool(&std::env::temp_dir()), sender).unwrap();
        let mut told = false;
        loop {
            let Msg::Host(sample) = receiver.blocking_recv().unwrap() else {
                continue;
            };
            if sample.processes.is_some() {
                assert!(told);
                return;
            }
            told = true;
            host.places().send(spool(&std::env::temp_dir())).unwrap();
        }
    }

    #[test]
    fn samples_come_until_it_is_dropped() {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(4);
        let host = spawn(spool(&std::env::temp_dir()), sender).unwrap();
        while !matches!(receiver.blocking_recv().unwrap(), Msg::Host(_)) {}
        drop(host);
        while receiver.blocking_recv().is_some() {}
    }
}
