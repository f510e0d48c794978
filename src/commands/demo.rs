//! `mailtop demo` and `mailtop --replay TAPE`: the same program on a recorded tape; the tape's own queue answers actions.

use super::{app, opening, print};
use crate::app::effect::Effect;
use crate::app::msg::Msg;
use crate::app::setting::{Mode, Setting};
use crate::cli::{Demo, Look};
use crate::runtime::{self, world::TapeWorld};
use crate::safe_text::SafeText;
use crate::sources::tape::player::{Player, span};
use crate::terminal;
use anyhow::Context;
use chrono::TimeDelta;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::sync::mpsc::channel;

/// Recorded from the lab in `tests/lab`: 38 minutes of an evening on which Yahoo turns a campaign away and a password is stolen.
/// What happens in which minute: `tests/tapes/README.md`.
pub const INCIDENT: &[u8] = include_bytes!("../../tests/tapes/incident.tape.gz");
/// Orders that wait for the player.
const ORDERS: usize = 64;

/// The built-in incident.
///
/// # Errors
/// When the terminal can't be used or the keys are none.
pub fn run(demo: &Demo) -> anyhow::Result<ExitCode> {
    let from = TimeDelta::milliseconds((demo.from.clamp(0.0, 1e6) * 60_000.0) as i64);
    play(INCIDENT.into(), from, demo.speed, Mode::Demo, &demo.look)
}

/// A tape from a file, from its beginning.
///
/// # Errors
/// When it can't be read or is no tape.
pub fn replay(tape: &Path, look: &Look) -> anyhow::Result<ExitCode> {
    let bytes = std::fs::read(tape).with_context(|| format!("the tape {}", tape.display()))?;
    play(bytes.into(), TimeDelta::zero(), 1.0, Mode::Replay, look)
}

fn play(
    bytes: Arc<[u8]>,
    from: TimeDelta,
    speed: f64,
    mode: Mode,
    look: &Look,
) -> anyhow::Result<ExitCode> {
    let (begin, end) = span(&bytes).context("the tape")?;
    // Never quite at the end, so that there is something to see.
    let from = begin.checked_add_signed(from).unwrap_or(end).min(end);
    let setting = Setting {
        host: SafeText::from("mx1"),
        mode,
        config_dir: None,
        no_actions: None,
    };
    let mut app = app(look, setting, super::zone(), look.size);
    if look.printed || terminal::usable().is_err() {
        let player =
            Player::fast_forward(&bytes, from, |msg| drop(app.update(msg))).context("the tape")?;
        return print(&mut app, look, |effect| match effect {
            Effect::Search(search) => player.search(search).unwrap_or_default(),
            _ => Vec::new(),
        });
    }
    // A tape is its own clock.
    app.update(Msg::Tick(from));
    runtime::run(app, opening(look)?, None, |roads| {
        let (orders, inbox) = channel(ORDERS);
        let (player, facts, keys) = (Player::new(bytes), roads.facts.clone(), roads.keys.clone());
        tokio::spawn(async move {
            if player.play(from, speed, inbox, facts).await.is_err() {
                let _ = keys.send(Msg::Terminate).await;
            }
        });
        Ok(TapeWorld { orders })
    })
}
