//! What the host's figures cost: a sample every two seconds on a host with two thousand imap processes.
//!
//! `cargo bench --bench host [PROCESSES]`. The processes are real and sleep; their parent calls itself dovecot. Time is an argument of the
//! sampler, so ten minutes of samples take as long as they cost. Told: processor time of this process per sample and as a share of one
//! processor, and how often the processes were looked at.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench tells, and fails by panicking"
)]

use mailtop::app::msg::Msg;
use mailtop::model::host::Family;
use mailtop::sources::host::{Places, Sampler};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Simulated time.
const OVER: Duration = Duration::from_mins(10);
const EVERY: Duration = Duration::from_secs(2);

fn used() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).expect("time")
}

fn main() {
    let wanted = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next_back();
    let processes: u32 = wanted.unwrap_or(2000);
    let place = tempfile::tempdir().expect("a directory");
    let file = |name: &str| place.path().join(name);
    fs::copy("/bin/sleep", file("imap")).expect("sleep");
    fs::copy("/bin/sleep", file("anvil")).expect("sleep");
    fs::copy("/bin/sh", file("dovecot")).expect("sh");
    let script = format!(
        "./anvil 600 & i=0; while [ $i -lt {processes} ]; do ./imap 600 & i=$((i+1)); done; echo up; wait"
    );
    let mut master = Command::new(file("dovecot"))
        .args(["-c", &script])
        .current_dir(place.path())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .expect("a master");
    fs::write(file("master.pid"), master.id().to_string()).expect("a pid file");
    let mut line = String::new();
    BufReader::new(master.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("it is up");

    let mut sampler = Sampler::new(Places {
        spool: place.path().to_owned(),
        log: Some("/var/log".into()),
        store: Some("/home".into()),
        dovecot: Some(place.path().to_owned()),
    })
    .expect("a sampler");
    let (mut now, mut looks, mut seen, mut samples) = (Duration::ZERO, 0, 0, 0);
    let begin = used();
    while now < OVER {
        for msg in sampler.sample(now) {
            if let Msg::Host(sample) = msg
                && let Some(all) = sample.processes
            {
                looks += 1;
                let imap = all
                    .services
                    .iter()
                    .find(|service| service.family == Family::Dovecot && service.name == "imap");
                seen = imap.map_or(0, |imap| imap.count);
            }
        }
        samples += 1;
        now += EVERY;
    }
    let cost = used().saturating_sub(begin);
    let group = rustix::process::Pid::from_child(&master);
    rustix::process::kill_process_group(group, rustix::process::Signal::TERM).expect("a group");
    master.wait().expect("it ended");
    assert_eq!(seen, processes, "every process is counted");
    println!(
        "{processes} imap processes: {samples} samples in {OVER:?} cost {cost:?}, {:?} each; {looks} looks at the processes; {:.3} % of a processor",
        cost / samples,
        cost.as_secs_f64() / OVER.as_secs_f64() * 100.0
    );
}
