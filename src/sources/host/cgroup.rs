//! What a control group leaves of the host: `memory.max` and `cpu.max` of cgroup v2, in a container or a slice of systemd.
//!
//! In: `/proc/PID/cgroup` of Postfix's master, or else of mailtop, and the files of that group and of all above it. Out: the tightest limits, where they are
//! lower than what the host has, and how much of them is used. Files in memory are given back when needed and count as available, as they do on
//! the host. Formats: `Documentation/admin-guide/cgroup-v2.rst` of the kernel.

use crate::model::host::HostSample;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// The control groups of this host.
pub(super) struct Groups {
    /// `/proc`.
    processes: PathBuf,
    /// `/sys/fs/cgroup`.
    root: PathBuf,
    /// CPU time that a group had used, and when.
    before: Option<(PathBuf, Used, Duration)>,
}

/// CPU time in microseconds.
#[derive(Clone, Copy)]
struct Used {
    all: u64,
    user: u64,
    system: u64,
}

impl Default for Groups {
    fn default() -> Self {
        Self {
            processes: PathBuf::from("/proc"),
            root: PathBuf::from("/sys/fs/cgroup"),
            before: None,
        }
    }
}

impl Groups {
    /// Puts the limits of the group of that process in the place of the host's, where they are lower. `now` is the time since some fixed moment.
    pub(super) fn bound(&mut self, sample: &mut HostSample, pid: Option<i32>, now: Duration) {
        let groups = self.of(pid);
        self.memory(sample, &groups);
        self.cpu(sample, &groups, now);
    }

    /// The group of that process and all above it.
    fn of(&self, pid: Option<i32>) -> Vec<PathBuf> {
        let of = |who: &str| {
            let text = fs::read_to_string(self.processes.join(who).join("cgroup")).ok()?;
            let path = text.lines().find_map(|line| line.strip_prefix("0::/"))?;
            // A group outside of this namespace can't be looked at.
            let inside = |part: Component<'_>| matches!(part, Component::Normal(_));
            let path = PathBuf::from(path);
            path.components().all(inside).then_some(path)
        };
        let own = pid
            .and_then(|pid| of(&pid.to_string()))
            .or_else(|| of("self"));
        let own = own.unwrap_or_default();
        own.ancestors().map(Path::to_owned).collect()
    }

    fn read(&self, group: &Path, file: &str) -> Option<String> {
        fs::read_to_string(self.root.join(group).join(file)).ok()
    }

    fn memory(&self, sample: &mut HostSample, groups: &[PathBuf]) {
        let limits = groups.iter().filter_map(|group| {
            let limit: u64 = self.read(group, "memory.max")?.trim().parse().ok()?;
            Some((limit, group))
        });
        let Some((limit, group)) = limits
            .min_by_key(|(limit, _)| *limit)
            .filter(|(limit, _)| *limit < sample.memory_total)
        else {
            return;
        };
        let Some(used) = self.read(group, "memory.current") else {
            return;
        };
        let used: u64 = used.trim().parse().unwrap_or(0);
        let stat = self.read(group, "memory.stat").unwrap_or_default();
        let files =
            field(&stat, "active_file").unwrap_or(0) + field(&stat, "inactive_file").unwrap_or(0);
        sample.memory_total = limit;
        sample.memory_available = limit.saturating_sub(used.saturating_sub(files));
        sample.page_cache = Some(files);
        sample.bounds.memory = Some(name(group));
    }

    fn cpu(&mut self, sample: &mut HostSample, groups: &[PathBuf], now: Duration) {
        let limits = groups.iter().filter_map(|group| {
            let text = self.read(group, "cpu.max")?;
            let (quota, period) = text.trim().split_once(' ')?;
            let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
            Some((quota / period, group))
        });
        let Some((cores, group)) = limits
            .min_by(|one, other| one.0.total_cmp(&other.0))
            .filter(|(cores, _)| *cores > 0.0 && *cores < f64::from(sample.cpus))
        else {
            return;
        };
        let Some(stat) = self.read(group, "cpu.stat") else {
            return;
        };
        let time = |name: &str| field(&stat, name).unwrap_or(0);
        let used = Used {
            all: time("usage_usec"),
            user: time("user_usec"),
            system: time("system_usec"),
        };
        let before = self.before.replace((group.clone(), used, now));
        let before = before.filter(|(of, ..)| of == group);
        let share = |of: fn(&Used) -> u64| {
            let (_, before, then) = before.as_ref()?;
            let passed = now.saturating_sub(*then).as_secs_f64() * 1e6 * cores;
            (passed > 0.0).then(|| (of(&used).saturating_sub(of(before)) as f64 / passed).min(1.0))
        };
        sample.cpu = share(|used| used.all);
        sample.user = share(|used| used.user);
        sample.system = share(|used| used.system);
        sample.bounds.cpu = Some((name(group), cores));
    }
}

/// `postfix.service`; the topmost group that a container sees has no name.
fn name(group: &Path) -> String {
    group.file_name().map_or_else(
        || String::from("this container"),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// The value of a line `name value`.
fn field(text: &str, name: &str) -> Option<u64> {
    let mut pairs = text.lines().filter_map(|line| line.split_once(' '));
    pairs.find(|(key, _)| *key == name)?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::host::Bounds;

    const GIB: u64 = 1 << 30;

    struct Host(tempfile::TempDir);

    impl Host {
        /// Postfix's master is process 7, in the group `mail.slice/postfix.service`; mailtop is in none of its own.
        fn new() -> Self {
            let host = Self(tempfile::tempdir().unwrap());
            host.write(
                "proc/7/cgroup",
                "1:name=systemd:/x\n0::/mail.slice/postfix.service\n",
            );
            host.write("proc/self/cgroup", "0::/\n");
            host
        }

        fn write(&self, file: &str, text: &str) {
            let file = self.0.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }

        fn groups(&self) -> Groups {
            Groups {
                processes: self.0.path().join("proc"),
                root: self.0.path().join("cgroup"),
                before: None,
            }
        }
    }

    fn sample() -> HostSample {
        HostSample {
            cpus: 8,
            cpu: Some(0.01),
            memory_total: 24 * GIB,
            memory_available: 20 * GIB,
            ..HostSample::default()
        }
    }

    fn bound(groups: &mut Groups, pid: Option<i32>, second: u64) -> HostSample {
        let mut sample = sample();
        groups.bound(&mut sample, pid, Duration::from_secs(second));
        sample
    }

    #[test]
    fn the_tightest_limit_of_the_group_and_those_above_it_counts() {
        let host = Host::new();
        let slice = "cgroup/mail.slice";
        host.write(&format!("{slice}/postfix.service/memory.max"), "max\n");
        host.write(&format!("{slice}/postfix.service/cpu.max"), "max 100000\n");
        host.write(&format!("{slice}/memory.max"), &format!("{}\n", 2 * GIB));
        host.write(
            &format!("{slice}/memory.current"),
            &format!("{}\n", GIB + GIB / 2),
        );
        host.write(
            &format!("{slice}/memory.stat"),
            &format!("anon 1\ninactive_file {}\nactive_file 0\n", GIB / 2),
        );
        host.write(&format!("{slice}/cpu.max"), "150000 100000\n");
        host.write(
            &format!("{slice}/cpu.stat"),
            "usage_usec 0\nuser_usec 0\nsystem_usec 0\n",
        );
        let mut groups = host.groups();
        let first = bound(&mut groups, Some(7), 10);
        assert_eq!((first.memory_total, first.memory_available), (2 * GIB, GIB));
        assert_eq!(first.memory(), Some(0.5));
        let mail = String::from("mail.slice");
        assert_eq!(
            first.bounds,
            Bounds {
                memory: Some(mail.clone()),
                cpu: Some((mail, 1.5))
            }
        );
        assert_eq!(first.cpu, None, "of the group nothing is known yet");
        host.write(
            &format!("{slice}/cpu.stat"),
            "usage_usec 1500000\nuser_usec 900000\nsystem_usec 600000\n",
        );
        let second = bound(&mut groups, Some(7), 12);
        assert_eq!(
            (second.cpu, second.user, second.system),
            (Some(0.5), Some(0.3), Some(0.2))
        );
    }

    #[test]
    fn in_a_container_the_topmost_group_has_the_limits() {
        let host = Host::new();
        host.write("cgroup/memory.max", &GIB.to_string());
        host.write("cgroup/memory.current", "0\n");
        let bounded = bound(&mut host.groups(), None, 1);
        assert_eq!((bounded.memory_total, bounded.memory_available), (GIB, GIB));
        assert_eq!(bounded.bounds.memory.as_deref(), Some("this container"));
        // A process that is gone, and one outside of this namespace.
        host.write("proc/8/cgroup", "0::/../other.slice\n");
        for pid in [Some(99), Some(8)] {
            assert_eq!(bound(&mut host.groups(), pid, 1), bounded);
        }
    }

    #[test]
    fn what_is_not_lower_than_the_host_is_no_bound() {
        let host = Host::new();
        assert_eq!(
            bound(&mut host.groups(), Some(7), 1),
            sample(),
            "no cgroup v2"
        );
        host.write("cgroup/mail.slice/memory.max", &(64 * GIB).to_string());
        host.write("cgroup/mail.slice/memory.current", "0");
        host.write("cgroup/mail.slice/cpu.max", "1600000 100000\n");
        host.write("cgroup/mail.slice/cpu.stat", "usage_usec 0\n");
        assert_eq!(bound(&mut host.groups(), Some(7), 1), sample());
        for odd in ["", "max", "x y", "100000 0", "-1 100000", "nan 1"] {
            host.write("cgroup/mail.slice/cpu.max", odd);
            host.write("cgroup/mail.slice/memory.max", odd);
            assert_eq!(bound(&mut host.groups(), Some(7), 1), sample(), "{odd}");
        }
    }
}
