//! The processes that carry mail: the children of Postfix's and Dovecot's masters by service, and filters, databases and loggers by name.
//!
//! In: `/proc/PID/stat` of every process, `cmdline` once of each child of a master, `io` where this user may read it, and the masters' pid
//! files. Postfix's master(8) tells each child its service with `-n NAME -t TYPE` (`master/master_ent.c`), and leaves `-n` out where service and
//! program have one name. Dovecot's children call themselves `dovecot/SERVICE`.
//!
//! A pid file that can't be read (they are root's) means that every master of that program is taken; how many is told. What an agent starts
//! itself, such as the commands of pipe(8), is not counted: master(8) does not count it either.

use crate::model::host::{Family, Processes, Service};
use procfs::process::{Io, Stat};
use procfs::{FromRead, page_size, ticks_per_second};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Programs beside Postfix and Dovecot that mail waits for. A name in the kernel has at most 15 bytes.
const HELPERS: [&str; 28] = [
    "amavi",
    "amavisd",
    "clamav-milter",
    "clamd",
    "dnsmasq",
    "mariadbd",
    "mysqld",
    "named",
    "opendkim",
    "opendmarc",
    "policyd-spf",
    "postgres",
    "postgrey",
    "postsrsd",
    "redis-server",
    "rsyslogd",
    "rspamd",
    "saslauthd",
    "slapd",
    "spamass-milter",
    "spamd",
    "sogod",
    "syslog-ng",
    "systemd-journal",
    "systemd-resolve",
    "unbound",
    "valkey-server",
    "xinetd",
];
/// No process of these has a longer line: 15 bytes of name, 50 numbers.
const STAT: usize = 2048;

/// What was known of the processes at the look before.
pub(super) struct Watch {
    /// `/proc`.
    root: PathBuf,
    /// Postfix's master's pid file.
    postfix: PathBuf,
    /// Dovecot's.
    dovecot: Option<PathBuf>,
    known: HashMap<i32, Known>,
    /// Postfix's master, where it is the only one.
    master: Option<i32>,
    looked: Option<Duration>,
    /// Whether what processes have written may be read.
    io: bool,
    buffer: Vec<u8>,
}

/// A process that carries mail.
#[derive(Clone)]
struct Known {
    /// When it was started, in ticks since the boot: a process id comes again.
    start: u64,
    ticks: u64,
    written: Option<u64>,
    key: Key,
}

/// Its service.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    family: Family,
    name: Arc<str>,
    program: Arc<str>,
}

/// The figures of a service while they add up.
#[derive(Default)]
struct Sum {
    count: u32,
    ticks: u64,
    pages: u64,
    written: Option<u64>,
}

impl Watch {
    /// Of the Postfix with that spool.
    pub(super) fn new(queue_directory: &Path) -> Self {
        Self {
            root: PathBuf::from("/proc"),
            postfix: queue_directory.join("pid/master.pid"),
            dovecot: None,
            known: HashMap::new(),
            master: None,
            looked: None,
            io: rustix::process::geteuid().is_root(),
            buffer: Vec::with_capacity(STAT),
        }
    }

    /// Where Dovecot keeps its `master.pid`: its `base_dir`.
    pub(super) fn dovecot(&mut self, base_dir: &Path) {
        self.dovecot = Some(base_dir.join("master.pid"));
    }

    /// The process id of Postfix's master, by its pid file, else by the last look; `None` where there is none or more than one.
    pub(super) fn master(&self) -> Option<i32> {
        pid_file(&self.postfix).or(self.master)
    }

    /// Looks at every process. `now` is the time since some fixed moment.
    ///
    /// # Errors
    /// When `/proc` can't be read; a process that ends meanwhile is none.
    pub(super) fn look(&mut self, now: Duration) -> io::Result<Processes> {
        let all = self.all()?;
        let postfix = masters(
            &all,
            "master",
            pid_file(&self.postfix),
            &["qmgr", "oqmgr", "nqmgr", "pickup"],
        );
        let only = postfix.iter().filter(|_| postfix.len() == 1);
        self.master = only.copied().next();
        let pid = self.dovecot.as_deref().and_then(pid_file);
        let dovecot = masters(&all, "dovecot", pid, &["anvil", "log", "config"]);
        let seconds = self
            .looked
            .map(|then| now.saturating_sub(then).as_secs_f64());
        let mut sums: BTreeMap<Key, Sum> = BTreeMap::new();
        let past = std::mem::take(&mut self.known);
        let mut known = HashMap::with_capacity(past.len());
        for stat in all.iter().filter(|stat| stat.state != 'Z') {
            let before = past.get(&stat.pid).filter(|known| {
                // Which masters are meant may be known better than at the look before.
                let meant = match known.key.family {
                    Family::Postfix => postfix.contains(&stat.ppid),
                    Family::Dovecot => dovecot.contains(&stat.ppid),
                    Family::Helper => true,
                };
                meant && known.start == stat.starttime
            });
            let key = before
                .map(|before| before.key.clone())
                .or_else(|| self.key(stat, &postfix, &dovecot));
            let Some(key) = key else { continue };
            let ticks = stat.utime + stat.stime;
            let written = self.written(stat.pid);
            let sum = sums.entry(key.clone()).or_default();
            sum.count += 1;
            sum.pages += stat.rss;
            // What a process did that was started since the look before is all new.
            let used = before.map_or(0, |before| before.ticks);
            sum.ticks += ticks.saturating_sub(used);
            if let Some(written) = written {
                let then = before.and_then(|before| before.written).unwrap_or(0);
                *sum.written.get_or_insert(0) += written.saturating_sub(then);
            }
            let start = stat.starttime;
            known.insert(
                stat.pid,
                Known {
                    start,
                    ticks,
                    written,
                    key,
                },
            );
        }
        self.known = known;
        self.looked = Some(now);
        let per_second = seconds.filter(|seconds| *seconds > 0.0);
        let services = sums.into_iter().map(|(key, sum)| Service {
            family: key.family,
            name: key.name.to_string(),
            program: key.program.to_string(),
            count: sum.count,
            cpu: per_second.map(|seconds| sum.ticks as f64 / ticks_per_second() as f64 / seconds),
            resident: sum.pages.saturating_mul(page_size()),
            written: per_second.and_then(|seconds| Some(sum.written? as f64 / seconds)),
        });
        Ok(Processes {
            services: services.collect(),
            masters: postfix.len().try_into().unwrap_or(u32::MAX),
        })
    }

    fn all(&mut self) -> io::Result<Vec<Stat>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let Some(pid) = name
                .to_str()
                .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
            else {
                continue;
            };
            if self.read(&format!("{pid}/stat")).is_ok()
                && let Ok(stat) = Stat::from_read(self.buffer.as_slice())
            {
                all.push(stat);
            }
        }
        Ok(all)
    }

    /// Reads a file below `/proc` into the buffer.
    fn read(&mut self, name: &str) -> io::Result<()> {
        self.buffer.clear();
        File::open(self.root.join(name))?.read_to_end(&mut self.buffer)?;
        Ok(())
    }

    fn key(&mut self, stat: &Stat, postfix: &HashSet<i32>, dovecot: &HashSet<i32>) -> Option<Key> {
        let key = |family, name: &str, program: &str| Key {
            family,
            name: name.into(),
            program: program.into(),
        };
        if postfix.contains(&stat.ppid) {
            self.read(&format!("{}/cmdline", stat.pid)).ok()?;
            let (name, program) = postfix_service(&self.buffer)?;
            return Some(key(Family::Postfix, &name, &program));
        }
        if dovecot.contains(&stat.ppid) {
            self.read(&format!("{}/cmdline", stat.pid)).ok()?;
            let service = dovecot_service(&self.buffer).unwrap_or_else(|| stat.comm.clone());
            return Some(key(Family::Dovecot, &service, &service));
        }
        let helper = HELPERS.iter().find(|name| is(&stat.comm, name))?;
        Some(key(Family::Helper, helper, helper))
    }

    fn written(&mut self, pid: i32) -> Option<u64> {
        if !self.io || self.read(&format!("{pid}/io")).is_err() {
            return None;
        }
        Some(Io::from_read(self.buffer.as_slice()).ok()?.write_bytes)
    }
}

/// Whether that is the program's name, perhaps with more behind it: `amavisd (master`.
fn is(comm: &str, name: &str) -> bool {
    comm.strip_prefix(name).is_some_and(|rest| {
        !rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '-' || next == '_')
    })
}

/// The process id in a pid file; `None` when it can't be read.
fn pid_file(path: &Path) -> Option<i32> {
    fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// The masters: the one that the pid file names, else all that are called so and have a child of one of these names.
fn masters(all: &[Stat], comm: &str, pid: Option<i32>, children: &[&str]) -> HashSet<i32> {
    let called = all.iter().filter(|stat| stat.comm == comm);
    if let Some(pid) = pid {
        return called
            .map(|stat| stat.pid)
            .filter(|called| *called == pid)
            .collect();
    }
    let parents: HashSet<i32> = all
        .iter()
        .filter(|stat| children.contains(&stat.comm.as_str()))
        .map(|stat| stat.ppid)
        .collect();
    called
        .map(|stat| stat.pid)
        .filter(|pid| parents.contains(pid))
        .collect()
}

/// Service, as `postconf -M` names it, and program of a child of Postfix's master(8), by its command line.
fn postfix_service(command: &[u8]) -> Option<(String, String)> {
    let arguments: Vec<_> = command
        .split(|byte| *byte == 0)
        .map(String::from_utf8_lossy)
        .collect();
    let program = arguments.first()?.rsplit('/').next()?.to_owned();
    let after = |flag: &str| {
        let at = arguments.iter().position(|argument| argument == flag)?;
        arguments.get(at + 1)
    };
    // Options of master.cf come after those of the master, and the first is taken.
    let kind = after("-t")?;
    let name = after("-n").map_or(program.as_str(), |name| name);
    Some((format!("{name}/{kind}"), program))
}

/// `dovecot/imap-login [192.0.2.1 TLS]` is `imap-login`; the workers of auth have a service of their own.
fn dovecot_service(command: &[u8]) -> Option<String> {
    let mut arguments = command.split(|byte| *byte == 0 || *byte == b' ');
    let name = std::str::from_utf8(arguments.next()?)
        .ok()?
        .strip_prefix("dovecot/")?;
    let worker =
        name == "auth" && arguments.any(|argument| argument == b"-w" || argument == b"worker");
    Some(if worker { "auth-worker" } else { name }.to_owned())
}

#[cfg(test)]
mod tests;
