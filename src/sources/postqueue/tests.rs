//! Listings by programs that hang, lie, die half-way or never end, and by the real one.

mod real;

use super::*;
use std::path::Path;
use std::process::Command;
use tokio::sync::mpsc::{Receiver, channel};

const ENTRY: &str = r#"{"queue_name": "deferred", "queue_id": "4abcDEfGhIz1Z", "arrival_time": 1, "message_size": 2, "forced_expire": false, "sender": "a@example.org", "recipients": []}"#;

struct Bed {
    directory: tempfile::TempDir,
    options: Options,
}

/// What one listing gave.
#[derive(Debug, Default)]
struct Seen {
    lines: Vec<u8>,
    complete: Option<bool>,
    state: Option<FeedState>,
    remark: Option<String>,
    loss: Loss,
}

impl Seen {
    fn why(&self) -> String {
        match &self.state {
            Some(FeedState::Lost { why, .. }) => why.to_string(),
            other => format!("{other:?}"),
        }
    }
}

impl Bed {
    /// A postqueue that does this.
    fn new(script: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let program = directory.path().join("postqueue");
        // Written by another process: a file that this one has open for writing, perhaps in a child of another test, cannot be run.
        let status = Command::new("/bin/sh")
            .args(["-c", r#"printf '#!/bin/sh\ncd "${0%%/*}" || exit 99\n%s\n' "$2" > "$1" && chmod 755 "$1""#, "sh"])
            .arg(&program)
            .arg(script)
            .status();
        assert!(status.unwrap().success());
        let limits = Limits {
            // Long enough for a machine that is busy; tests that wait for a limit set it.
            silence: Duration::from_mins(1),
            total: Duration::from_mins(2),
            linger: Duration::from_millis(100),
            grace: Duration::from_millis(100),
            every: Duration::from_millis(10),
            line: 1 << 20,
        };
        let options = Options {
            program: Some(program),
            limits,
            ..Options::default()
        };
        Self { directory, options }
    }

    fn spawn(&self) -> (Lister, Receiver<Msg>) {
        let (sender, receiver) = channel(4);
        (spawn(self.options.clone(), sender), receiver)
    }

    /// The first listing, to the report that follows its end.
    async fn first(&self) -> Seen {
        let (_lister, mut receiver) = self.spawn();
        listing(&mut receiver).await
    }

    fn pid(&self, name: &str) -> Option<u32> {
        std::fs::read_to_string(self.directory.path().join(name))
            .ok()?
            .trim()
            .parse()
            .ok()
    }
}

async fn listing(receiver: &mut Receiver<Msg>) -> Seen {
    let mut seen = Seen::default();
    loop {
        match receiver.recv().await.unwrap() {
            Msg::Listing(Listing::Begin { instance, .. }) => assert_eq!(&*instance, "postfix"),
            Msg::Listing(Listing::Lines(lines)) => {
                assert!(lines.ends_with(b"\n"));
                seen.lines.extend(lines);
            }
            Msg::Listing(Listing::End { complete, .. }) => seen.complete = Some(complete),
            Msg::Feed(FeedReport::State(_, FeedState::Waiting { .. })) => {}
            Msg::Feed(FeedReport::State(Feed::Queue, state)) => {
                seen.state = Some(state);
                return seen;
            }
            Msg::Feed(FeedReport::Remark(_, remark)) => {
                seen.remark = remark.map(|text| text.to_string());
            }
            Msg::Feed(FeedReport::Lost(_, loss)) => seen.loss = loss,
            other => panic!("{other:?}"),
        }
    }
}

/// Waits until a process is gone, or is a zombie of a parent that is not us.
async fn gone(pid: u32) {
    let stat = format!("/proc/{pid}/stat");
    let begin = Instant::now();
    while let Ok(text) = std::fs::read_to_string(&stat) {
        let fields: Vec<_> = text
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        let ours = fields
            .get(1)
            .is_some_and(|parent| *parent == std::process::id().to_string());
        if fields.first().is_some_and(|state| state == "Z") && !ours {
            return;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "{text}");
        // waits for: the process to be gone
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits for a file to be written.
async fn written(path: &Path) {
    let begin = Instant::now();
    while std::fs::read_to_string(path).unwrap_or_default().is_empty() {
        assert!(begin.elapsed() < Duration::from_secs(30));
        // waits for: another process to write
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_listing_comes_whole_with_a_cleared_environment() {
    let mut bed = Bed::new(&format!(
        "env | sort > env; echo \"$@\" > args; echo '{ENTRY}'; echo '{ENTRY}'"
    ));
    bed.options.config_directory = Some(PathBuf::from("/etc/postfix-out"));
    let seen = bed.first().await;
    assert_eq!(seen.lines, format!("{ENTRY}\n{ENTRY}\n").as_bytes());
    assert_eq!(
        (seen.complete, &seen.state),
        (Some(true), &Some(FeedState::Up))
    );
    let read = |name| std::fs::read_to_string(bed.directory.path().join(name)).unwrap();
    assert_eq!(read("args"), "-c /etc/postfix-out -j\n");
    let env = read("env");
    let names: Vec<_> = env
        .lines()
        .filter_map(|line| line.split('=').next())
        .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name))
        .collect();
    assert_eq!(names, ["LC_ALL", "PATH"]);
}

#[tokio::test]
async fn listings_go_on_and_a_request_comes_before_its_time() {
    let mut bed = Bed::new(&format!("echo x >> runs; echo '{ENTRY}'"));
    bed.options.limits.every = Duration::from_hours(1);
    let (lister, mut receiver) = bed.spawn();
    listing(&mut receiver).await;
    lister.list_now();
    let begin = Instant::now();
    // The second one is up as the first one was, which is no news: its end is what is waited for.
    while !matches!(
        receiver.recv().await.unwrap(),
        Msg::Listing(Listing::End { .. })
    ) {}
    assert!(begin.elapsed() < Duration::from_mins(10));
    assert_eq!(
        std::fs::read_to_string(bed.directory.path().join("runs")).unwrap(),
        "x\nx\n"
    );
}

/// The next listing's start and what it cost, when it ended.
async fn end(receiver: &mut Receiver<Msg>) -> (DateTime<Utc>, Duration, TimeDelta) {
    loop {
        let msg = receiver.recv().await.unwrap();
        if let Msg::Listing(Listing::End { at, took, next, .. }) = msg {
            return (at, took, next - at);
        }
    }
}

#[tokio::test]
async fn listings_of_a_queue_that_does_not_change_become_rare_until_something_happens() {
    let tenths = |took: Duration, wait: TimeDelta| {
        let times = wait.as_seconds_f64() / took.as_secs_f64();
        (times + 1.0).round() as u64 / 10
    };
    let bed = Bed::new(&format!("echo '{ENTRY}'; sleep 0.05"));
    let (_lister, mut receiver) = bed.spawn();
    for expected in [1, 2, 4] {
        let (_, took, wait) = end(&mut receiver).await;
        assert_eq!(tenths(took, wait), expected, "{took:?} {wait}");
    }
    let bed = Bed::new(&format!(
        "echo '{ENTRY}' | sed s/4abc/$(date +%N)/; sleep 0.05"
    ));
    let (_lister, mut receiver) = bed.spawn();
    for _ in 0..3 {
        let (_, took, wait) = end(&mut receiver).await;
        assert_eq!(tenths(took, wait), 1, "it changes: {took:?} {wait}");
    }
    let bed = Bed::new(&format!("echo '{ENTRY}'; sleep 0.3"));
    let (_lister, mut receiver) = bed.spawn();
    end(&mut receiver).await;
    let (ended, took, wait) = end(&mut receiver).await;
    assert_eq!(tenths(took, wait), 2);
    bed.options.changed.notify_one();
    loop {
        let msg = receiver.recv().await.unwrap();
        if let Msg::Listing(Listing::Begin { at, .. }) = msg {
            assert_eq!(tenths(took, at - ended), 1, "{took:?}");
            break;
        }
    }
}

#[tokio::test]
async fn one_that_hangs_is_killed_and_reaped() {
    let mut bed = Bed::new(&format!(
        "trap '' TERM; echo $$ > pid; echo '{ENTRY}'; while :; do sleep 1; done"
    ));
    bed.options.limits.silence = Duration::from_millis(300);
    let seen = bed.first().await;
    assert_eq!(
        (seen.complete, seen.lines.len()),
        (Some(false), ENTRY.len() + 1)
    );
    assert!(seen.why().contains("gave no answer"), "{}", seen.why());
    gone(bed.pid("pid").unwrap()).await;
}

#[tokio::test]
async fn one_that_never_ends_is_killed() {
    let mut bed = Bed::new(&format!(
        "echo $$ > pid; while :; do echo '{ENTRY}'; sleep 0.01; done"
    ));
    bed.options.limits.total = Duration::from_millis(300);
    let seen = bed.first().await;
    assert!(
        seen.why().starts_with("partial: the listing took longer"),
        "{}",
        seen.why()
    );
    gone(bed.pid("pid").unwrap()).await;
}

#[tokio::test]
async fn one_that_dies_half_way_is_partial() {
    let bed = Bed::new(&format!("echo '{ENTRY}'; printf '{{\"queue'; kill -9 $$"));
    let seen = bed.first().await;
    assert_eq!(
        (seen.complete, seen.lines.len()),
        (Some(false), ENTRY.len() + 1)
    );
    assert_eq!(
        seen.why(),
        "partial: postqueue was killed by signal 9 after 1 messages"
    );
}

#[tokio::test]
async fn one_that_lies_is_not_believed() {
    let bed = Bed::new(&format!(
        "echo '{ENTRY}'; echo 'postqueue: fatal: malformed showq server response' >&2; exit 0"
    ));
    let seen = bed.first().await;
    assert_eq!(seen.complete, Some(false));
    assert!(
        seen.why()
            .starts_with("partial: showq died after 1 messages"),
        "{}",
        seen.why()
    );
}

#[tokio::test]
async fn broken_json_is_said_and_passed_on() {
    let bed = Bed::new(&format!(
        "echo 'Mail queue is empty'; printf 'a\\000b\\n'; echo '{ENTRY}'"
    ));
    let seen = bed.first().await;
    assert!(seen.lines.starts_with(b"Mail queue is empty\na\0b\n{"));
    assert!(
        seen.why().contains("2 of 3 lines are no JSON"),
        "{}",
        seen.why()
    );
}

#[tokio::test]
async fn a_line_too_long_is_dropped_counted_and_said() {
    let bed = Bed::new(&format!(
        "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo '{ENTRY}'"
    ));
    let seen = bed.first().await;
    assert_eq!(seen.lines.len(), ENTRY.len() + 1);
    assert_eq!(
        (seen.complete, seen.loss),
        (
            Some(false),
            Loss {
                bytes: 3_000_000,
                times: 1
            }
        )
    );
}

#[tokio::test]
async fn a_flood_on_standard_error_blocks_nothing() {
    let bed = Bed::new(&format!(
        "head -c 1000000 /dev/zero | tr '\\0' e >&2; echo >&2; echo 'the last word' >&2; echo '{ENTRY}'; exit 3"
    ));
    let seen = bed.first().await;
    assert_eq!(
        seen.why(),
        "postqueue failed with exit status 3 after 1 messages: the last word"
    );
}

#[tokio::test]
async fn a_grandchild_that_keeps_the_output_open_does_not_delay_and_is_ended() {
    let bed = Bed::new(&format!("sleep 1000 & echo $! > pid; echo '{ENTRY}'"));
    let seen = bed.first().await;
    assert_eq!(
        (seen.complete, &seen.state),
        (Some(true), &Some(FeedState::Up))
    );
    gone(bed.pid("pid").unwrap()).await;
}

#[tokio::test]
async fn what_runs_is_ended_when_the_lister_or_the_receiver_goes() {
    for by_lister in [true, false] {
        let bed = Bed::new("sleep 1000 & echo $! > grandchild; echo $$ > pid; wait");
        let (lister, mut receiver) = bed.spawn();
        while !matches!(
            receiver.recv().await.unwrap(),
            Msg::Listing(Listing::Begin { .. })
        ) {}
        written(&bed.directory.path().join("pid")).await;
        let (mut lister, mut receiver) = (Some(lister), Some(receiver));
        if by_lister {
            lister = None;
        } else {
            receiver = None;
        }
        gone(bed.pid("pid").unwrap()).await;
        gone(bed.pid("grandchild").unwrap()).await;
        drop((lister, receiver));
    }
}

#[test]
fn what_runs_is_killed_when_the_runtime_goes() {
    let bed = Bed::new("sleep 1000 & echo $! > grandchild; echo $$ > pid; wait");
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let kept = first.block_on(async {
        let (lister, mut receiver) = bed.spawn();
        while !matches!(
            receiver.recv().await.unwrap(),
            Msg::Listing(Listing::Begin { .. })
        ) {}
        written(&bed.directory.path().join("pid")).await;
        (lister, receiver)
    });
    drop(first);
    runtime().block_on(gone(bed.pid("grandchild").unwrap()));
    drop(kept);
}

#[tokio::test]
async fn no_postqueue_and_one_that_cannot_be_run() {
    let mut bed = Bed::new("");
    let program = bed.options.program.clone().unwrap();
    std::fs::write(&program, "no program").unwrap();
    let seen = bed.first().await;
    assert!(
        seen.why().starts_with("cannot run postqueue: "),
        "{}",
        seen.why()
    );
    assert_eq!(seen.complete, Some(false));
    bed.options.program = Some(bed.directory.path().join("none"));
    let seen = bed.first().await;
    assert!(
        seen.why()
            .starts_with("postqueue not found: is Postfix installed here?"),
        "{}",
        seen.why()
    );
    assert_eq!(seen.complete, None);
}

#[tokio::test]
async fn a_hundred_that_hang_leave_no_zombie() {
    let mut bed = Bed::new("echo $$ >> pids; exec sleep 1000");
    bed.options.limits.silence = Duration::from_millis(5);
    bed.options.limits.every = Duration::ZERO;
    let (lister, mut receiver) = bed.spawn();
    let mut ends = 0;
    while ends < 100 {
        let message = receiver.recv().await.unwrap();
        ends += u32::from(matches!(message, Msg::Listing(Listing::End { .. })));
        lister.list_now();
    }
    drop(receiver);
    for pid in std::fs::read_to_string(bed.directory.path().join("pids"))
        .unwrap_or_default()
        .lines()
    {
        gone(pid.parse().unwrap()).await;
    }
}

#[test]
fn a_copied_listing_is_read_to_its_end_and_what_had_to_be_left_out_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("listing");
    let limits = Limits {
        line: 100,
        ..Limits::default()
    };
    let read = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let mut lines = Vec::new();
        let remark = super::read(&path, &limits, |piece| lines.extend_from_slice(piece)).unwrap();
        (String::from_utf8(lines).unwrap(), remark)
    };
    assert_eq!(read("{1}\n{2}"), (String::from("{1}\n{2}\n"), None));
    let (lines, remark) = read(&format!("{{1}}\n{{{}}}\n{{2}}\n", "x".repeat(200)));
    assert_eq!(lines, "{1}\n{2}\n");
    assert!(remark.unwrap().starts_with("1 messages are missing"));
    assert!(super::read(&dir.path().join("missing"), &limits, |_| ()).is_err());
}
