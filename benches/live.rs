//! What mailtop costs and how soon it shows what happens: the real program in a real terminal on the lab.
//!
//! `cargo bench --bench live`, as root. Printed: time to the first frame, CPU and memory when idle and at about 1,000 log lines
//! a second, and the time from a line being written to it being on the screen; each beside a named peer in the same run, top(1)
//! of procps and tail(1) -F of coreutils. Last, idle again with 50,000 messages in the deferred queue, from one listing to the next.
//! `-- deep` does this one alone.

#![expect(clippy::expect_used, reason = "a bench that can't go on ends")]

#[path = "../tests/support/console.rs"]
mod console;
#[path = "../tests/lab/harness.rs"]
mod harness;

use console::Console;
use harness::{Lab, Options};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

const SIZE: (u16, u16) = (120, 36);
const RUNS: usize = 7;
const SPAN: Duration = Duration::from_secs(20);
const LINES: usize = 20;
/// Messages in a deep queue.
const DEEP: u64 = 50_000;
/// Equal listings after which the next one does not come later still.
const CALM: usize = 4;

fn main() {
    let mailtop = env!("CARGO_BIN_EXE_mailtop");
    if std::env::args().all(|argument| argument != "deep") {
        shallow(mailtop);
    }
    deep(mailtop);
}

fn shallow(mailtop: &str) {
    let Some(lab) = Lab::start(&Options::default()) else {
        return;
    };
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
    // waits for: the span that is measured
    measure_while(pid, what, || thread::sleep(SPAN));
}

fn measure_while(pid: i32, what: &str, span: impl FnOnce()) {
    let before = used(pid);
    let begin = Instant::now();
    span();
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

/// Idle with a deep queue: real queue files, the real postqueue.
fn deep(mailtop: &str) {
    let hour = Duration::from_hours(1);
    let options = Options {
        minimal_backoff: hour,
        queue_run: hour,
        ..Options::default()
    };
    let Some(lab) = Lab::start(&options) else {
        return;
    };
    fill(&lab);
    let mut console = Console::open(&lab.inside(None, mailtop), SIZE);
    console.wait_for("50 001");
    for _ in 0..CALM {
        next_listing(&mut console);
    }
    let pid = innermost(console.pid());
    let (written, begin) = (console.bytes().len(), Instant::now());
    measure_while(pid, "idle, 50,001 deferred: mailtop", || {
        next_listing(&mut console);
    });
    let seconds = begin.elapsed().as_secs_f64();
    let rate = (console.bytes().len() - written) as f64 / seconds;
    let listed = console.row_with("listed ");
    let took = listed.split_once("took ").map_or("", |(_, took)| took);
    println!(
        "idle, 50,001 deferred: {rate:.0} bytes/s; a listing in {seconds:.0} s, which takes {}",
        took.trim_matches(['│', ' '])
    );
}

/// Waits until the listing on the screen is a newer one.
fn next_listing(console: &mut Console) {
    let ago = |console: &mut Console| {
        let fresh = [" 0s ago", " 1s ago", " 2s ago", " 3s ago"];
        // Takes what was written meanwhile.
        console.wait_for("listed ");
        let row = console.row_with("listed ");
        fresh.iter().any(|ago| row.contains(ago))
    };
    for wanted in [false, true] {
        while ago(console) != wanted {
            // waits for: the lister, whose pace is the longer the more there is to list
            thread::sleep(Duration::from_millis(500));
        }
    }
}

/// One deferred message, and as many copies of its files under other queue ids, which wait for a day.
fn fill(lab: &Lab) {
    lab.mail("bob@shop.example", "maria@full.example");
    let told = |lab: &Lab| {
        let listed = lab.postqueue();
        listed
            .iter()
            .any(|entry| entry.recipients[0].delay_reason.is_some())
    };
    lab.wait_until(told, console::PATIENCE, "a deferred message");
    let id = lab.postqueue().remove(0).queue_id;
    let hash = &id[..1];
    let tomorrow = SystemTime::now() + Duration::from_hours(24);
    for (queue, mode) in [("deferred", 0o700), ("defer", 0o600)] {
        let place = lab.queue_dir().join(queue).join(hash);
        let first = place.join(&id);
        let (text, owner) = (
            fs::read(&first).expect("a queue file"),
            fs::metadata(&first).expect("a queue file"),
        );
        for nth in 0..DEEP {
            let copy = place.join(format!("{hash}{nth:010X}"));
            let mut file = File::create(&copy).expect("a queue file");
            file.write_all(&text).expect("a queue file");
            file.set_permissions(Permissions::from_mode(mode))
                .expect("its mode");
            file.set_modified(tomorrow).expect("its time");
            chown(&copy, Some(owner.uid()), Some(owner.gid())).expect("root may");
        }
    }
}
