//! The pictures: which screens of the demo tape are shown, at which minute, after which keys, in which look.

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use mailtop::app::App;
use mailtop::app::effect::Effect;
use mailtop::app::key::Key;
use mailtop::app::msg::{Listing, Msg};
use mailtop::app::setting::{Mode, Setting};
use mailtop::commands::demo::INCIDENT;
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::feeds::{Feed, FeedReport, FeedState};
use mailtop::reports::svg::svg;
use mailtop::safe_text::SafeText;
use mailtop::sources::tape::player::{Player, span};
use mailtop::theme::{Depth, GlyphSet, Theme, Tone};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::sync::Arc;
use std::time::Duration;

/// One picture.
pub struct Shot {
    /// The file's name without its ending.
    pub name: &'static str,
    title: &'static str,
    size: (u16, u16),
    keys: &'static str,
    tone: Tone,
    glyphs: GlyphSet,
    /// The demo tape, or else the first seconds on a host where something is missing.
    tape: bool,
}

/// When: Yahoo has deferred for eight minutes, the stolen password has been used for six, and nobody has done anything yet.
const AT: TimeDelta = TimeDelta::minutes(31);
/// What an ordinary user is told of actions.
const ONLY_ROOT: &str = "only root may hold, release, requeue or delete messages — run mailtop as root, or run as root:";
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
        tape: true,
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
    Shot {
        tape: false,
        ..shot("first-run", "mailtop: the first run", NARROW, "")
    },
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

/// The demo tape, played once up to the moment of the pictures.
pub struct Incident {
    model: Model,
    player: Player,
    at: DateTime<Utc>,
}

impl Incident {
    /// Plays the tape.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn played() -> anyhow::Result<Self> {
        let bytes: Arc<[u8]> = INCIDENT.into();
        let (begin, _) = span(&bytes)?;
        let at = begin + AT;
        let mut app = App::new(
            nothing_known()?,
            Theme::default(),
            setting(Mode::Demo, None),
            WIDE,
        );
        let player = Player::fast_forward(&bytes, at, |msg| drop(app.update(msg)))?;
        let model = app.model().clone();
        Ok(Self { model, player, at })
    }

    /// Draws a picture as SVG.
    ///
    /// # Errors
    /// When the keys can't be read, or the tape can't be searched.
    pub fn draw(&self, shot: &Shot) -> anyhow::Result<String> {
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
        let mut app = if shot.tape {
            let setting = setting(Mode::Demo, None);
            App::new(self.model.clone(), theme, setting, shot.size)
        } else {
            let setting = setting(Mode::Live, Some(SafeText::from(ONLY_ROOT)));
            let mut app = App::new(nothing_known()?, theme, setting, shot.size).welcoming();
            first_seconds(self.at).for_each(|msg| drop(app.update(msg)));
            app
        };
        app.settle();
        app.drawn();
        for key in Key::of_script(shot.keys).map_err(anyhow::Error::msg)? {
            for effect in app.update(Msg::Key(key)) {
                if let Effect::Search(search) = effect {
                    for part in self.player.search(search)? {
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
}

fn nothing_known() -> anyhow::Result<Model> {
    let zone = chrono::FixedOffset::east_opt(0).context("UTC")?;
    Ok(Model::new(Knowledge::builtin(), zone))
}

fn setting(mode: Mode, no_actions: Option<SafeText>) -> Setting {
    Setting {
        host: SafeText::from("mx1"),
        mode,
        config_dir: None,
        no_actions,
    }
}

/// What comes in first where mailtop is run by an ordinary user who may not read the log.
fn first_seconds(at: DateTime<Utc>) -> impl Iterator<Item = Msg> {
    let state = |feed, state| Msg::Feed(FeedReport::State(feed, state));
    let instance = "postfix".into();
    let denied = FeedState::Lost {
        why: SafeText::from(
            "cannot read /var/log/mail.log: permission denied — add this user to group adm: usermod -aG adm alice",
        ),
        retry_at: None,
    };
    let listed = Listing::End {
        at,
        took: Duration::from_millis(40),
        complete: true,
        next: at + TimeDelta::seconds(2),
    };
    [
        Msg::Tick(at),
        Msg::Listing(Listing::Begin { at, instance }),
        Msg::Listing(listed),
        state(Feed::Queue, FeedState::Up),
        state(Feed::Host, FeedState::Up),
        state(Feed::Log("/var/log/mail.log".into()), denied),
    ]
    .into_iter()
}
