//! What a frame costs: 200×60 with a hundred thousand queued messages, a thousand active accounts, and a full day of log.
//!
//! `cargo bench --bench frame`, `FRAME_BENCH_ACCOUNTS` for another number of accounts, a word for only the views that have it in their name.
//! Every view is looked at after a log line, a second, a minute, a key that moves the selection, one that sorts, and a whole listing that
//! comes in pieces and has not one line of the one before; once with the messages going to three thousand domains, and once all of them to one.
//!
//! The program does what the loop of the runtime does: it takes a message in, makes one piece of what is made of whole listings, and draws if
//! there is something new that can be drawn. The time of such a turn is how long nothing else happens, and the figure: the dearest turn until
//! all is on the screen, in the cheapest of several rounds. It is the thread's own time on the processor, because a turn waits for nothing, and
//! of a hundred turns another process would interrupt one. The target is 5 ms for each. The columns `shown` are all turns together until
//! then, of the slowest key where there are several: that long what was there before stands on the screen, and a key that means rows waits.

#[path = "../tests/frames/fixture.rs"]
mod fixture;
#[path = "frame/rich.rs"]
mod rich;

use chrono::TimeDelta;
use fixture::Mail;
use mailtop::app::App;
use mailtop::app::key::Key;
use mailtop::app::msg::{Listing, Msg};
use mailtop::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

const SIZE: (u16, u16) = (200, 60);
const MESSAGES: usize = 100_000;
/// Even, so that the listing that comes next is never the one before.
const ROUNDS: usize = 6;
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

const CHANGES: [&str; 11] = [
    "a log line",
    "a second",
    "a minute",
    "a move",
    "a sort",
    "shown",
    "a piece",
    "its end",
    "shown",
    "opened",
    "shown",
];

/// The turns that a message makes.
#[derive(Clone, Copy)]
struct Turns {
    dearest: Duration,
    all: Duration,
}

impl Turns {
    const NONE: Self = Self {
        dearest: Duration::ZERO,
        all: Duration::ZERO,
    };

    fn and(self, other: Self) -> Self {
        Self {
            dearest: self.dearest.max(other.dearest),
            all: self.all.max(other.all),
        }
    }

    fn least(self, other: Self) -> Self {
        Self {
            dearest: self.dearest.min(other.dearest),
            all: self.all.min(other.all),
        }
    }
}

/// How long this thread was on the processor.
fn busy_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// Takes a message in, and turns until all that came of it is on the screen.
fn frame(app: &mut App, msg: Msg) -> Turns {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut turns = Turns::NONE;
    let mut msg = Some(msg);
    loop {
        let start = busy_time();
        if let Some(msg) = msg.take() {
            app.update(msg);
        }
        let busy = app.work();
        let draws = app.dirty() && app.ready();
        if draws {
            let mut buffer = Buffer::empty(area);
            app.settle_frame();
            if app.ready() {
                app.draw(area, &mut buffer);
                app.drawn();
            }
        }
        let took = busy_time().saturating_sub(start);
        turns.dearest = turns.dearest.max(took);
        turns.all += took;
        // What a frame brings up to date may ask for a piece more.
        if !busy && !draws {
            return turns;
        }
    }
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

/// A whole listing: its pieces, and what comes of its end.
fn listing(app: &mut App, listing: &[u8]) -> [Turns; 2] {
    let at = fixture::now();
    let mut pieces = frame(
        app,
        Msg::Listing(Listing::Begin {
            at,
            instance: "postfix".into(),
        }),
    );
    let mut rest = listing;
    while !rest.is_empty() {
        let most = rest.get(..PIECE).unwrap_or(rest);
        let end = memchr::memrchr(b'\n', most).map_or(rest.len(), |end| end + 1);
        let (piece, others) = rest.split_at(end);
        pieces = pieces.and(frame(app, Msg::Listing(Listing::Lines(piece.to_vec()))));
        rest = others;
    }
    let end = Msg::Listing(Listing::End {
        at,
        took: Duration::from_secs(1),
        complete: true,
        next: at + TimeDelta::seconds(10),
    });
    [pieces, frame(app, end)]
}

/// The least of several rounds.
fn least(mut round: impl FnMut(usize) -> Turns) -> Turns {
    (1..ROUNDS).fold(round(0), |least, n| least.least(round(n)))
}

/// What each of the [`CHANGES`] took but the last two.
fn measure(app: &mut App, [lines, others]: [&[u8]; 2]) -> Vec<Duration> {
    let tick = |seconds: i64| Msg::Tick(fixture::now() + TimeDelta::seconds(seconds));
    // The clock of the fixture stands at 31 s.
    let line = least(|n| {
        let lines = rich::moment(n * 7 % rich::users());
        frame(app, log(lines))
    });
    let second = least(|n| frame(app, tick(1 + n as i64)));
    let minute = least(|n| frame(app, tick(29 + 60 * n as i64)));
    frame(app, tick(0));
    let mut keys = |keys: &[Key]| {
        least(|_| {
            let each = keys.iter().map(|key| frame(app, Msg::Key(*key)));
            each.fold(Turns::NONE, Turns::and)
        })
    };
    let step = keys(&[Key::Down, Key::Up]);
    // The dearest of all orders.
    let sort = keys(&[Key::Char('>'); 4]);
    let [mut piece, mut end] = listing(app, others);
    for n in 1..ROUNDS {
        let [again, again_end] = listing(app, if n % 2 == 0 { others } else { lines });
        (piece, end) = (piece.least(again), end.least(again_end));
    }
    vec![
        line.dearest,
        second.dearest,
        minute.dearest,
        step.dearest,
        sort.dearest,
        sort.all,
        piece.dearest,
        end.dearest,
        end.all,
    ]
}

/// The same messages after another attempt, which was answered otherwise.
fn later(mails: &[Mail]) -> Vec<Mail> {
    let mut mails = mails.to_vec();
    for mail in &mut mails {
        mail.reason.insert_str(0, "once more: ");
    }
    mails
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
    for domains in [3_000, 1] {
        every_view(domains, only.as_deref());
    }
}

fn every_view(domains: usize, only: Option<&str>) {
    let mails = fixture::many(MESSAGES, domains);
    let lines = fixture::listing(&mails);
    // No line is as before, so that nothing is known already.
    let others = fixture::listing(&later(&mails));
    let mut app = fixture::app(Theme::default(), SIZE, None);
    rich::day(&mut app);
    fixture::host(&mut app);
    fixture::list(&mut app, &mails, true);
    rich::schedule(&mut app, &mails);
    app.settle();
    println!(
        "{MESSAGES} messages to {}, {} MiB of postqueue -j; {} accounts; {} users of Dovecot; milliseconds",
        if domains == 1 {
            String::from("one domain")
        } else {
            format!("{domains} domains")
        },
        lines.len() >> 20,
        rich::accounts(),
        rich::users(),
    );
    print!("{:<18}", "");
    for change in CHANGES {
        print!("{change:>11}");
    }
    println!();
    let mut worst = (Duration::ZERO, String::new());
    for (view, script) in VIEWS {
        if only.is_some_and(|only| !view.contains(only)) {
            continue;
        }
        let mut opened = Turns::NONE;
        for key in Key::of_script(script).unwrap_or_default() {
            opened = opened.and(frame(&mut app, Msg::Key(key)));
        }
        assert!(is_on(&app, view), "the keys do not lead to {view}");
        let mut took = measure(&mut app, [&lines, &others]);
        took.extend([opened.dearest, opened.all]);
        assert!(is_on(&app, view), "{view} was left while it was measured");
        print!("{view:<18}");
        for (change, took) in CHANGES.iter().zip(took) {
            print!("{:>11.2}", took.as_secs_f64() * 1e3);
            if took > worst.0 && *change != "shown" {
                worst = (took, format!("{view}, {change}"));
            }
        }
        println!();
    }
    let verdict = if worst.0 <= TARGET { "under" } else { "over" };
    println!(
        "worst: {}, {:.2} ms: {verdict} {} ms\n",
        worst.1,
        worst.0.as_secs_f64() * 1e3,
        TARGET.as_millis()
    );
}
