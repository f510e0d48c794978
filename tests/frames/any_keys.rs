//! Any keys, at any size, in any order of messages: nothing panics, and no cell holds what a terminal would take for an order.

use crate::fixture::{self, Mail, list};
use crate::mails::morning;
use crate::mails::{busy, full, hostile, lost};
use crate::paint;
use mailtop::app::key::Key;
use mailtop::app::keymap::BINDINGS;
use mailtop::app::msg::{Mouse, Msg};
use mailtop::model::feeds::Feed;
use mailtop::theme::{GlyphSet, Theme};
use proptest::prelude::*;

fn mails() -> Vec<Mail> {
    let mut mails = busy();
    for (n, mut mail) in hostile().into_iter().enumerate() {
        mail.id = format!("4jYg7l9{n:03}zBGQD");
        mails.push(mail);
    }
    mails
}

/// One thing that happens.
#[derive(Debug, Clone)]
enum Act {
    Key(Key),
    /// The frame is drawn at that size.
    Draw(u16, u16),
    /// A listing of the messages from here on, complete or not.
    List(usize, bool),
    Paste(String),
    Tick(i64),
    Log,
    Lost,
    /// At a place between nothing and all of the screen, in thousandths of it.
    Click(u32, u32),
    Wheel(bool),
    /// From now on only so many pieces of what is made of listings are made between two of these; all of it again when `None`.
    Pieces(Option<u8>),
}

fn act() -> impl Strategy<Value = Act> {
    let bound = proptest::sample::select(BINDINGS).prop_map(|binding| Act::Key(binding.keys[0]));
    let letter =
        "[ -~é中]".prop_map(|text| Act::Key(Key::Char(text.chars().next().unwrap_or('x'))));
    prop_oneof![
        20 => bound,
        4 => letter,
        2 => Just(Act::Key(Key::Char('y'))),
        2 => Just(Act::Key(Key::Char('d'))),
        8 => (1_u16..=300, 1_u16..=100).prop_map(|(width, height)| Act::Draw(width, height)),
        3 => (0_usize..60, any::<bool>()).prop_map(|(from, complete)| Act::List(from, complete)),
        1 => "\\PC{0,12}".prop_map(Act::Paste),
        1 => (0_i64..1_000_000).prop_map(Act::Tick),
        1 => Just(Act::Log),
        1 => Just(Act::Lost),
        6 => (0_u32..=1_000, 0_u32..=1_000).prop_map(|(column, row)| Act::Click(column, row)),
        2 => any::<bool>().prop_map(Act::Wheel),
        3 => proptest::option::of(0_u8..4).prop_map(Act::Pieces),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_no_cell_gives_orders(
        acts in proptest::collection::vec(act(), 1..60),
        mails in Just(mails()).prop_shuffle(),
        glyphs in proptest::sample::select(&[GlyphSet::Braille, GlyphSet::Blocks, GlyphSet::Cp437, GlyphSet::Ascii][..]),
    ) {
        let theme = Theme { glyphs, ..Theme::default() };
        let mut size = (80, 24);
        let mut app = full(theme, size, &mails);
        let mut pieces = None;
        for act in acts {
            match act {
                Act::Key(key) => drop(app.update(Msg::Key(key))),
                Act::Draw(width, height) => {
                    size = (width, height);
                    app.update(Msg::Resize(width, height));
                }
                Act::List(from, complete) => list(&mut app, &mails[from.min(mails.len())..], complete),
                Act::Paste(text) => drop(app.update(Msg::Paste(text))),
                Act::Tick(second) => drop(app.update(Msg::Tick(fixture::now() + chrono::TimeDelta::seconds(second)))),
                Act::Log => morning(&mut app, 1),
                Act::Lost => lost(&mut app, Feed::Queue, "gone \u{1b}[2J"),
                Act::Click(column, row) => {
                    let part = |thousandths: u32, of: u16| (u32::from(of) * thousandths / 1_000) as u16;
                    let (column, row) = (part(column, size.0), part(row, size.1));
                    app.update(Msg::Mouse(Mouse::Click { column, row }));
                }
                Act::Wheel(up) => {
                    let wheel = if up { Mouse::WheelUp } else { Mouse::WheelDown };
                    app.update(Msg::Mouse(wheel));
                }
                Act::Pieces(many) => pieces = many,
            }
            let Some(buffer) = (match pieces {
                None => Some(paint::draw(&mut app, size)),
                Some(many) => {
                    for _ in 0..many {
                        app.work();
                    }
                    paint::draw_ready(&mut app, size)
                }
            }) else {
                continue;
            };
            prop_assert_eq!(paint::unsafe_cell(&buffer), None);
        }
    }
}

/// The same at every size that there is, with what is dear to draw left out.
#[test]
fn every_view_and_overlay_can_be_drawn_at_every_size() {
    let scripts = [
        "",
        "2",
        "2<enter>",
        "2<enter><enter>",
        "?",
        "2h",
        "2d3",
        "2s",
        "2vj",
        "2o",
        "<tab>o",
        "7T",
        "7Tjjjjjjjjjjjjjjjjjjjjjjj",
        "2/x y",
        "2/x sise:1",
        ":",
        "2:queue sise:1",
    ];
    for script in scripts {
        let mut app = full(Theme::default(), (80, 24), &mails());
        crate::mails::press(&mut app, script);
        for width in (1..=300).step_by(7).chain(1..40) {
            for height in (1..=100).step_by(9).chain(1..20) {
                app.update(Msg::Resize(width, height));
                let buffer = paint::draw(&mut app, (width, height));
                assert_eq!(
                    paint::unsafe_cell(&buffer),
                    None,
                    "{script} {width}x{height}"
                );
            }
        }
    }
}
