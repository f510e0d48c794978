//! The pictures: which screens of the demo tape are shown, at which minute, after which keys, in which look.

use anyhow::Context;
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::key::Key;
use mailtop::app::msg::Msg;
use mailtop::app::setting::{Mode, Setting};
use mailtop::commands::demo::INCIDENT;
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::reports::svg::svg;
use mailtop::safe_text::SafeText;
use mailtop::sources::tape::player::{Player, span};
use mailtop::theme::{Depth, GlyphSet, Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;

/// One picture.
pub struct Shot {
    /// The file's name without its ending.
    pub name: &'static str,
    title: &'static str,
    size: (u16, u16),
    keys: &'static str,
    tone: Tone,
    glyphs: GlyphSet,
}

/// When: Yahoo has deferred for eight minutes, the stolen password has been used for six, and nobody has done anything yet.
const AT: TimeDelta = TimeDelta::minutes(31);
const WIDE: (u16, u16) = (120, 36);
const NARROW: (u16, u16) = (80, 24);

const fn shot(
    name: &'static str,
    title: &'static str,
    size: (u16, u16),
    keys: &'static str,
) -> Shot {
    Shot {
        name,
        title,
        size,
        keys,
        tone: Tone::Dark,
        glyphs: GlyphSet::Braille,
    }
}

/// All pictures.
pub const SHOTS: &[Shot] = &[
    shot("overview-dark", "mailtop: Overview", WIDE, ""),
    Shot {
        tone: Tone::Light,
        ..shot("overview-light", "mailtop: Overview", WIDE, "")
    },
    shot("queue-dark", "mailtop: Queue", WIDE, "<enter>"),
    Shot {
        tone: Tone::Light,
        ..shot("queue-light", "mailtop: Queue", WIDE, "<enter>")
    },
    shot(
        "messages",
        "mailtop: one domain's messages",
        WIDE,
        "<enter><enter>jj<space><space>",
    ),
    shot(
        "message",
        "mailtop: one message",
        WIDE,
        "<enter><enter>jj<enter>",
    ),
    shot("providers", "mailtop: Providers", WIDE, "3"),
    shot(
        "trace",
        "mailtop: Trace",
        WIDE,
        "4/from:news@shop.example domain:yahoo.com<enter>",
    ),
    shot("accounts", "mailtop: Accounts", WIDE, "5"),
    shot("dovecot", "mailtop: Dovecot", WIDE, "6"),
    shot("headroom", "mailtop: System", WIDE, "7"),
    shot("log", "mailtop: Log", WIDE, "8/status:deferred<enter>"),
    shot("first-run", "mailtop: what it found", WIDE, "D"),
    shot(
        "hold",
        "mailtop: before holding a domain's mail",
        NARROW,
        "<enter>h",
    ),
    shot(
        "delete",
        "mailtop: before deleting a domain's mail",
        NARROW,
        "<enter>d29",
    ),
    Shot {
        glyphs: GlyphSet::Ascii,
        ..shot("ascii", "mailtop on a serial console", NARROW, "")
    },
];

/// Draws a picture as SVG.
///
/// # Errors
/// When the tape or the keys can't be read.
pub fn draw(shot: &Shot) -> anyhow::Result<String> {
    let theme = Theme {
        depth: if shot.glyphs == GlyphSet::Ascii {
            Depth::Mono
        } else {
            Depth::TrueColor
        },
        tone: shot.tone,
        glyphs: shot.glyphs,
        ..Theme::default()
    };
    let zone = chrono::FixedOffset::east_opt(0).context("UTC")?;
    let setting = Setting {
        host: SafeText::from("mx1"),
        mode: Mode::Demo,
        config_dir: None,
        no_actions: None,
    };
    let mut app = App::new(
        Model::new(Knowledge::builtin(), zone),
        theme,
        setting,
        shot.size,
    );
    let bytes: Arc<[u8]> = INCIDENT.into();
    let (begin, _) = span(&bytes)?;
    let at = begin + AT;
    let player = Player::fast_forward(&bytes, at, |msg| drop(app.update(msg)))?;
    app.settle();
    app.drawn();
    for key in Key::of_script(shot.keys).map_err(anyhow::Error::msg)? {
        for effect in app.update(Msg::Key(key)) {
            if let Effect::Search(search) = effect {
                for part in player.search(search)? {
                    app.update(part);
                }
            }
        }
        app.settle();
        app.drawn();
    }
    let area = Rect::new(0, 0, shot.size.0, shot.size.1);
    let mut buffer = Buffer::empty(area);
    app.draw(area, &mut buffer);
    Ok(svg(&buffer, &theme, shot.title))
}
