//! What a frame costs: 200×60 with a hundred thousand queued messages, after a log batch, a second, a key and a listing.
//!
//! `cargo bench --bench frame`. The target is 50 ms for a frame in which the listing did not change. `settle` is part of each figure.

#[path = "../tests/frames/fixture.rs"]
mod fixture;

use mailtop::app::App;
use mailtop::app::key::Key;
use mailtop::app::msg::{Listing, Msg};
use mailtop::theme::Theme;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::time::{Duration, Instant};

const SIZE: (u16, u16) = (200, 60);
const MESSAGES: usize = 100_000;

fn frame(app: &mut App) {
    let area = Rect::new(0, 0, SIZE.0, SIZE.1);
    let mut buffer = Buffer::empty(area);
    app.settle();
    app.draw(area, &mut buffer);
    app.drawn();
}

/// The listing once more, in pieces as they come from `postqueue -j`: what the dearest costs, the end of it, and the frame after that.
fn pieces(app: &mut App, listing: &[u8]) {
    /// `src/sources/postqueue/pieces.rs`.
    const PIECE: usize = 64 * 1024;
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
        next: at + chrono::TimeDelta::seconds(10),
    }));
    let end = start.elapsed();
    let start = Instant::now();
    frame(app);
    let after = start.elapsed();
    println!(
        "the listing in pieces of 64 KiB: the dearest {dearest:.1?}, its end {end:.1?}, the frame after it {after:.1?}"
    );
}

/// The middle and the worst of nine.
fn measure(name: &str, app: &mut App, mut change: impl FnMut(&mut App, i64)) {
    let mut times: Vec<Duration> = (0..9)
        .map(|nth| {
            change(app, nth);
            let start = Instant::now();
            frame(app);
            start.elapsed()
        })
        .collect();
    times.sort();
    println!(
        "{name:<52} median {:>8.1?}  worst {:>8.1?}",
        times[4], times[8]
    );
}

fn main() {
    let start = Instant::now();
    let mails = fixture::many(MESSAGES, 3000);
    let lines = fixture::listing(&mails);
    println!(
        "{MESSAGES} messages, {} MiB of postqueue -j, made in {:.1?}",
        lines.len() >> 20,
        start.elapsed()
    );
    let mut app = fixture::app(Theme::default(), SIZE, None);
    fixture::morning(&mut app, 20);
    fixture::host(&mut app);
    let start = Instant::now();
    fixture::list(&mut app, &mails, true);
    println!("the listing, written and read: {:.1?}", start.elapsed());
    pieces(&mut app, &lines);
    let seconds = |app: &mut App, nth: i64| {
        app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::seconds(nth)));
    };
    let ages = |app: &mut App, nth: i64| {
        app.update(Msg::Tick(
            fixture::now() + chrono::TimeDelta::seconds(nth * 10),
        ));
    };
    let log = |app: &mut App, _: i64| {
        let line = "2026-11-24T10:09:31+00:00 mx1 postfix/qmgr[1]: ABCDEF1: removed\n";
        fixture::log(app, line.as_bytes().to_vec());
    };
    let key = |key: Key| move |app: &mut App, _: i64| drop(app.update(Msg::Key(key)));
    for (view, script) in [
        ("Overview", "1"),
        ("Queue", "2"),
        ("Messages", "2<enter>"),
        ("Queue filtered", "2/try<enter>"),
        ("Queue frozen", "2p"),
    ] {
        for key in Key::of_script(script).unwrap_or_default() {
            app.update(Msg::Key(key));
            frame(&mut app);
        }
        measure(&format!("{view}: a log line"), &mut app, log);
        measure(&format!("{view}: a second"), &mut app, seconds);
        measure(&format!("{view}: ten seconds, ages change"), &mut app, ages);
        measure(&format!("{view}: a key (down)"), &mut app, key(Key::Down));
        measure(
            &format!("{view}: a key (sort)"),
            &mut app,
            key(Key::Char('s')),
        );
    }
    let start = Instant::now();
    app.update(Msg::Key(Key::Char('p')));
    println!("freezing off: {:.1?}", start.elapsed());
    measure("sheet over 33 messages", &mut app, key(Key::Char('h')));
}
