//! What a frame costs: 200×60 with a hundred thousand queued messages, a thousand active accounts, and a full day of log.
//!
//! `cargo bench --bench frame`, `FRAME_BENCH_ACCOUNTS` for another number of accounts. Every view is looked at after a log line, a second, a minute, a key that sorts, and a whole listing that
//! comes in pieces. A figure is `update`, `settle` and `draw` together, of the cheapest of several rounds: other processes only add. The target is 5 ms for each.

#[path = "../tests/frames/fixture.rs"]
mod fixture;
#[path = "frame/rich.rs"]
mod rich;

use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::key::Key;
use mailtop::app::msg::{Listing, Msg};
use mailtop::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (200, 60);
const MESSAGES: usize = 100_000;
const ROUNDS: usize = 5;
/// What no frame may cost.
const TARGET: Duration = Duration::from_millis(5);
/// `src/sources/postqueue/pieces.rs`.
const PIECE: usize = 64 * 1024;

/// The views, and the keys that lead to them.
const VIEWS: [(&str, &str); 10] = [
    ("1 Overview", "1"),
    ("2 Queue", "2"),
    ("2 Queue filtered", "2/try<enter>"),
    ("2 Messages", "2<esc><enter>"),
    ("3 Providers", "3"),
    ("4 Trace", "4"),
    ("5 Accounts", "5"),
    ("6 Dovecot", "6"),
    ("7 System", "7"),
    ("8 Log", "8"),
];

const CHANGES: [&str; 7] = [
    "a log line",
    "a second",
    "a minute",
    "a sort",
    "a piece",
    "its end",
    "after it",
];

fn draw(app: &mut App) {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    app.settle();
    app.draw(area, &mut buffer);
    app.drawn();
}

/// Whether that view, named by its digit and its first word, is on the screen and nothing lies over it.
fn is_on(app: &App, view: &str) -> bool {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    app.draw(area, &mut buffer);
    let row = |y| -> String { (0..SIZE.0).map(|x| buffer[(x, y)].symbol()).collect() };
    // A domain's messages are of the Queue.
    let tab = view.replace("Messages", "Queue").replace(" filtered", "");
    let menu = (0..SIZE.1).any(|y| row(y).contains("Sort by"));
    row(0).contains(&format!("[{tab}]")) && !menu
}

/// Takes a message in and draws.
fn frame(app: &mut App, msg: Msg) -> Duration {
    let start = Instant::now();
    app.update(msg);
    draw(app);
    start.elapsed()
}

/// A whole listing: its dearest piece, its end, and the frame after it.
fn listing(app: &mut App, listing: &[u8]) -> [Duration; 3] {
    let at = fixture::now();
    app.update(Msg::Listing(Listing::Begin {
        at,
        instance: "postfix".into(),
    }));
    let mut dearest = Duration::ZERO;
    let mut rest = listing;
    while !rest.is_empty() {
        let most = rest.get(..PIECE).unwrap_or(rest);
        let end = memchr::memrchr(b'\n', most).map_or(rest.len(), |end| end + 1);
        let (piece, others) = rest.split_at(end);
        let msg = Msg::Listing(Listing::Lines(piece.to_vec()));
        let start = Instant::now();
        app.update(msg);
        dearest = dearest.max(start.elapsed());
        rest = others;
    }
    let start = Instant::now();
    app.update(Msg::Listing(Listing::End {
        at,
        took: Duration::from_secs(1),
        complete: true,
        next: at + TimeDelta::seconds(10),
    }));
    let end = start.elapsed();
    let start = Instant::now();
    draw(app);
    [dearest, end, start.elapsed()]
}

/// The least of several rounds.
fn least(mut round: impl FnMut(usize) -> Duration) -> Duration {
    (0..ROUNDS).map(&mut round).min().unwrap_or_default()
}

fn measure(app: &mut App, lines: &[u8]) -> [Duration; CHANGES.len()] {
    let tick = |seconds: i64| Msg::Tick(fixture::now() + TimeDelta::seconds(seconds));
    // The clock of the fixture stands at 31 s.
    let line = least(|n| {
        let lines = rich::moment(n * 7 % rich::users());
        frame(app, log(lines))
    });
    let second = least(|n| frame(app, tick(1 + n as i64)));
    let minute = least(|n| frame(app, tick(29 + 60 * n as i64)));
    frame(app, tick(0));
    let sort = least(|_| frame(app, Msg::Key(Key::Char('>'))));
    let mut whole = [Duration::MAX; 3];
    for _ in 0..ROUNDS {
        for (least, took) in whole.iter_mut().zip(listing(app, lines)) {
            *least = took.min(*least);
        }
    }
    let [piece, end, after] = whole;
    [line, second, minute, sort, piece, end, after]
}

fn log(lines: Vec<u8>) -> Msg {
    Msg::Log(mailtop::app::msg::LogBatch {
        source: "mail.log".into(),
        lines,
        anchor: fixture::now(),
    })
}

fn main() {
    let only = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let mails = fixture::many(MESSAGES, 3000);
    let lines = fixture::listing(&mails);
    let mut app = fixture::app(Theme::default(), SIZE, None);
    rich::day(&mut app);
    fixture::host(&mut app);
    fixture::list(&mut app, &mails, true);
    rich::schedule(&mut app, &mails);
    println!(
        "{MESSAGES} messages, {} MiB of postqueue -j; {} accounts; {} users of Dovecot; milliseconds",
        lines.len() >> 20,
        rich::accounts(),
        rich::users(),
    );
    print!("{:<18}", "");
    for change in CHANGES {
        print!("{change:>11}");
    }
    println!("{:>11}", "opened");
    let mut worst = (Duration::ZERO, String::new());
    for (view, script) in VIEWS {
        if only.as_ref().is_some_and(|only| !view.contains(only)) {
            continue;
        }
        let mut opened = Duration::ZERO;
        for key in Key::of_script(script).unwrap_or_default() {
            opened = opened.max(frame(&mut app, Msg::Key(key)));
        }
        assert!(is_on(&app, view), "the keys do not lead to {view}");
        let took = measure(&mut app, &lines);
        assert!(is_on(&app, view), "{view} was left while it was measured");
        print!("{view:<18}");
        for (change, took) in CHANGES.iter().zip(took).chain([(&"opened", opened)]) {
            print!("{:>11.2}", took.as_secs_f64() * 1e3);
            if took > worst.0 {
                worst = (took, format!("{view}, {change}"));
            }
        }
        println!();
    }
    let verdict = if worst.0 <= TARGET { "under" } else { "over" };
    println!(
        "worst: {}, {:.2} ms: {verdict} {} ms",
        worst.1,
        worst.0.as_secs_f64() * 1e3,
        TARGET.as_millis()
    );
}
