//! What mailtop costs and how soon it shows what happens: the real program in a real terminal on the lab.
//!
//! `cargo bench --bench live`, as root. Printed: time to the first frame, CPU and memory when idle and at about 1,000 log lines
//! a second, and the time from a line being written to it being on the screen; each beside a named peer in the same run, top(1)
//! of procps and tail(1) -F of coreutils.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

#[path = "../tests/support/console.rs"]
mod console;
#[path = "../tests/lab/harness.rs"]
mod harness;

use console::Console;
use harness::{Lab, Options};
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (120, 36);
const RUNS: usize = 7;
const SPAN: Duration = Duration::from_secs(20);
const LINES: usize = 20;

fn main() {
    let Some(lab) = Lab::start(&Options::default()) else {
        return;
    };
    let mailtop = env!("CARGO_BIN_EXE_mailtop");
    lab.traffic(&["60", "--mix", "each"]);
    first_frame(&lab, mailtop);
    cost(&lab, mailtop);
    delay(&lab, mailtop);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn milliseconds(begin: Instant, end: Instant) -> f64 {
    (end - begin).as_secs_f64() * 1000.0
}

/// From the start of the process to the first whole frame.
fn first_frame(lab: &Lab, mailtop: &str) {
    let time = |program: &str, arguments: &[&str], shown: &str| {
        let runs = (0..RUNS).map(|_| {
            let mut command = lab.inside(None, program);
            command.args(arguments);
            let begin = Instant::now();
            let seen = Console::open(&command, SIZE).wait_for(shown);
            milliseconds(begin, seen)
        });
        median(runs.collect())
    };
    // What entering the lab takes is in both.
    let enter = (0..RUNS).map(|_| {
        let begin = Instant::now();
        lab.inside(None, "true").status().expect("true runs");
        milliseconds(begin, Instant::now())
    });
    let enter = median(enter.collect());
    let ours = time(mailtop, &[], "Queue depth");
    let top = time("top", &["-d", "2"], "load average");
    println!(
        "first frame: mailtop {ours:.0} ms, top {top:.0} ms (ratio {:.2}); {enter:.0} ms of each is entering the lab",
        ours / top
    );
}

/// What a process has used (`proc(5)`, `/proc/PID/stat`).
struct Used {
    /// Its own CPU seconds.
    own: f64,
    /// Those of its ended children, such as postqueue.
    children: f64,
    /// Resident bytes.
    resident: u64,
}

fn used(pid: i32) -> Used {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it runs");
    let (_, after_name) = stat.rsplit_once(") ").expect("a stat line");
    let fields: Vec<u64> = after_name
        .split(' ')
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let field = |at: usize| fields.get(at).copied().unwrap_or(0);
    Used {
        own: (field(11) + field(12)) as f64 / 100.0,
        children: (field(13) + field(14)) as f64 / 100.0,
        resident: field(21) * 4096,
    }
}

/// The process that does the work: the innermost child.
fn innermost(mut pid: i32) -> i32 {
    loop {
        let children =
            fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        match children
            .split(' ')
            .next()
            .and_then(|child| child.parse().ok())
        {
            Some(child) => pid = child,
            None => return pid,
        }
    }
}

fn measure(pid: i32, what: &str) {
    let before = used(pid);
    let begin = Instant::now();
    // waits for: the span that is measured
    thread::sleep(SPAN);
    let after = used(pid);
    let share = |before: f64, after: f64| (after - before) * 100.0 / begin.elapsed().as_secs_f64();
    println!(
        "{what}: {:.2} % of a core, its children {:.2} %, {:.1} MiB resident",
        share(before.own, after.own),
        share(before.children, after.children),
        after.resident as f64 / 1_048_576.0
    );
}

fn lines_of(log: &Path) -> usize {
    memchr::memchr_iter(b'\n', &fs::read(log).unwrap_or_default()).count()
}

fn cost(lab: &Lab, mailtop: &str) {
    let mut console = Console::open(&lab.inside(None, mailtop), SIZE);
    console.wait_for("dead.example");
    let pid = innermost(console.pid());
    let written = console.bytes().len();
    measure(pid, "idle: mailtop");
    console.wait_for("Stuck domains");
    let rate = (console.bytes().len() - written) as f64 / SPAN.as_secs_f64();
    println!("idle: {rate:.0} bytes/s written to the terminal");
    {
        let mut command = lab.inside(None, "top");
        command.args(["-d", "2"]);
        let mut top = Console::open(&command, SIZE);
        top.wait_for("load average");
        measure(innermost(top.pid()), "idle: top -d 2");
    }
    let before = lines_of(&lab.log());
    let begin = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| lab.traffic(&["3400", "--seconds", "20", "--mix", "calm"]));
        measure(pid, "busy: mailtop");
    });
    let rate = (lines_of(&lab.log()) - before) as f64 / begin.elapsed().as_secs_f64();
    println!("busy: {rate:.0} log lines/s");
}

/// From a line being written to it being on the screen.
fn delay(lab: &Lab, mailtop: &str) {
    let time = |command: &Command, name: &str, ready: &str| {
        let mut console = Console::open(command, SIZE);
        console.wait_for(ready);
        let mut log = OpenOptions::new()
            .append(true)
            .open(lab.log())
            .expect("the log");
        let times = (0..LINES).map(|nth| {
            let domain = format!("{name}{nth}.example");
            let now = chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S%.6f+00:00");
            let line = format!(
                "{now} mail postfix/smtp[9]: 3F00000{nth:02}: to=<a@{domain}>, relay=none, delay=1, delays=1/0/0/0, \
                 dsn=5.4.4, status=bounced (no host for {domain})\n"
            );
            let begin = Instant::now();
            log.write_all(line.as_bytes()).expect("the log");
            milliseconds(begin, console.wait_for(&domain))
        });
        median(times.collect())
    };
    let ours = time(&lab.inside(None, mailtop), "mt", "dead.example");
    let mut tail = Command::new("tail");
    tail.arg("-F").arg(lab.log());
    let peer = time(&tail, "tail", "postfix/");
    println!("line to screen: mailtop {ours:.0} ms, tail -F {peer:.0} ms (medians of {LINES})");
}
