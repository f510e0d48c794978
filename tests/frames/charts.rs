//! Charts in all views: one time for all of them, in which the cursor moves.

use crate::mails::press;
use crate::paint::draw;
use crate::{accounts, dovecot, fixture, system};
use mailtop::app::App;
use mailtop::reports::text::text_of;
use mailtop::theme::{Role, Theme};
use ratatui::buffer::Buffer;

const SIZE: (u16, u16) = (120, 36);
/// Views with charts over time, the keys that lead there, and how many charts there are.
const CHARTS: [(&str, usize); 6] = [
    ("1", 1),
    ("3", 1),
    ("3g<tab>", 1),
    ("5", 1),
    ("6", 1),
    ("7", 3),
];
const BACK: &str = "1<left><left><left><left><left><left><left><left><left>";

/// An hour in which something is known of everything.
fn app(size: (u16, u16)) -> App {
    let mut app = accounts::incident(Theme::default(), size);
    crate::mails::morning(&mut app, 60);
    fixture::log(&mut app, dovecot::hour().into_bytes());
    system::hour(&mut app, |sample| sample);
    press(&mut app, "zzzz");
    app
}

/// The app after these keys; its range is an hour.
fn shown(app: &mut App, keys: &str, size: (u16, u16)) -> Buffer {
    press(app, keys);
    draw(app, size)
}

/// One axis of times: its row, its ends, and each tick with the time below it.
#[derive(Debug, PartialEq)]
struct Axis {
    y: u16,
    left: u16,
    right: u16,
    times: Vec<(u16, String)>,
}

fn sign(buffer: &Buffer, x: u16, y: u16) -> &str {
    buffer.cell((x, y)).map_or(" ", |cell| cell.symbol())
}

/// The axes of a frame: runs of ticks.
fn axes(buffer: &Buffer) -> Vec<Axis> {
    let mut found = Vec::new();
    for y in 0..buffer.area.height - 1 {
        let on_axis = |x: &u16| matches!(sign(buffer, *x, y), "┬" | "─" | "┼");
        let columns: Vec<u16> = (0..buffer.area.width).filter(on_axis).collect();
        for run in columns.chunk_by(|a, b| a + 1 == *b) {
            let ticks: Vec<u16> = run
                .iter()
                .copied()
                .filter(|x| sign(buffer, *x, y) == "┬")
                .collect();
            let (Some(first), Some(last)) = (run.first(), run.last()) else {
                continue;
            };
            if ticks.is_empty() {
                continue;
            }
            let times = ticks.into_iter().map(|x| (x, word(buffer, x, y + 1)));
            found.push(Axis {
                y,
                left: first + u16::from(sign(buffer, *first, y) == "┼"),
                right: *last,
                times: times.collect(),
            });
        }
    }
    found
}

/// The word that stands at that column.
fn word(buffer: &Buffer, x: u16, y: u16) -> String {
    let blank = |x: &u16| matches!(sign(buffer, *x, y), " " | "│");
    let begin = (0..=x).rev().find(blank).map_or(0, |x| x + 1);
    (begin..buffer.area.width)
        .take_while(|x| !blank(x))
        .map(|x| sign(buffer, x, y))
        .collect()
}

#[test]
fn all_charts_show_the_same_time_and_its_quarters() {
    let mut app = app(SIZE);
    for (keys, many) in CHARTS {
        let buffer = shown(&mut app, keys, SIZE);
        let axes = axes(&buffer);
        assert_eq!(axes.len(), many, "{keys}:\n{}", text_of(&buffer));
        for axis in axes {
            let known = ["10:15", "10:30", "10:45", "11:00", "11:09"];
            let width = f64::from(axis.right - axis.left);
            for (x, time) in &axis.times {
                let at = known.iter().position(|known| known == time);
                let at = at.unwrap_or_else(|| panic!("{keys}: {time}"));
                // 11:09:31 is the right end.
                let ago = [54.5, 39.5, 24.5, 9.5, 0.0][at];
                let place = f64::from(axis.right) - width * ago / 60.0;
                assert!(
                    (place - f64::from(*x)).abs() <= 1.0,
                    "{keys}: {time} at {x}, not {place}"
                );
            }
            assert!(axis.times.len() >= 3, "{keys}: {axis:?}");
        }
    }
}

#[test]
fn going_back_moves_the_cursor_and_never_the_axis() {
    let sel = Theme::default().style(Role::Sel).bg;
    let (mut now, mut then) = (app(SIZE), app(SIZE));
    press(&mut then, BACK);
    for (keys, _) in CHARTS {
        let before = axes(&shown(&mut now, keys, SIZE));
        let buffer = shown(&mut then, keys, SIZE);
        let after = axes(&buffer);
        assert_eq!(after.len(), before.len(), "{keys}");
        for (before, axis) in before.into_iter().zip(after) {
            // A table above it may have more or fewer rows.
            let y = axis.y;
            assert_eq!(axis, Axis { y, ..before }, "{keys}");
            let width = f64::from(axis.right - axis.left);
            let at = axis.left + (width * 51.0 / 60.0).round() as u16;
            for x in axis.left..=axis.right {
                let painted = buffer
                    .cell((x, axis.y - 1))
                    .is_some_and(|cell| Some(cell.bg) == sel);
                assert_eq!(
                    painted,
                    x == at,
                    "{keys}, {x} of {axis:?}:\n{}",
                    text_of(&buffer)
                );
            }
        }
    }
}

#[test]
fn where_a_chart_has_one_row_the_cursor_is_in_it() {
    let sel = Theme::default().style(Role::Sel).bg;
    for (keys, size, label) in [
        ("7", (80, 24), " CPU "),
        ("7", (80, 24), " mem "),
        ("5", SIZE, "fails/min"),
    ] {
        let mut app = app(size);
        let mut painted = |keys: &str| {
            let buffer = shown(&mut app, keys, size);
            let text = text_of(&buffer);
            let curve = |row: &str| row.contains(label) && row.contains(['▁', '▂', '▃', '▄', '▅']);
            let y = text.lines().position(curve);
            let y = y.unwrap_or_else(|| panic!("{label}:\n{text}"));
            let cells = (0..size.0).filter_map(|x| buffer.cell((x, y as u16)));
            cells.filter(|cell| Some(cell.bg) == sel).count()
        };
        assert_eq!(painted(keys), 0, "{label}");
        assert_eq!(painted(&format!("{BACK}{keys}")), 1, "{label}");
    }
}
