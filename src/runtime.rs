//! The loop: take a message, record it, update, perform the effects, draw. No decisions are made here.
//!
//! The main thread owns the terminal and the program's state. Sources are tasks and threads with a sender into one bounded
//! road; keys have a road of their own that goes first, so that a flood of log lines never makes a key wait. Nothing is drawn
//! while messages wait, unless a frame's time is over, and nothing when nothing changed.

mod export;
pub mod world;

use crate::app::App;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::msg::Msg;
use crate::sources::input;
use crate::sources::tape::Recorder;
use crate::terminal::{self, Endings, Screen};
use anyhow::Context;
use chrono::Utc;
use std::future::ready;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, sleep_until};
use world::World;

/// Messages that wait on the road before a source has to.
const ROAD: usize = 64;
/// Frames are at least this far apart while messages keep coming; a key is answered at once.
const FRAME: Duration = Duration::from_millis(50);
/// How long an orderly end waits for actions that are under way.
const PATIENCE: Duration = Duration::from_secs(2);

/// The two roads into the loop.
pub struct Roads {
    /// For keys and endings.
    pub keys: Sender<Msg>,
    /// For everything else.
    pub facts: Sender<Msg>,
}

/// How the dashboard opens.
pub struct Opening {
    /// Keys that are typed at the start.
    pub typed: Vec<Key>,
    /// Whether the terminal is asked how its background is.
    pub ask_background: bool,
}

/// Opens the terminal and runs until the operator or a signal ends it. `begin` starts the sources and gives back the world
/// that effects are performed on; it is called after the first frame stands.
///
/// # Errors
/// When the terminal or a source can't be had.
pub fn run<W: World>(
    mut app: App,
    opening: Opening,
    record: Option<Box<dyn Write>>,
    begin: impl FnOnce(&Roads) -> anyhow::Result<W>,
) -> anyhow::Result<ExitCode> {
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("tokio")?;
    let recorder = record.map(Recorder::new).transpose().context("the tape")?;
    terminal::install_panic_hook();
    let (keys, key_road) = channel(ROAD);
    let (facts, road) = channel(ROAD);
    let endings = Endings::watch(&keys).context("signals")?;
    let screen = Screen::enter().context("the terminal")?;
    let ended = tokio.block_on(async {
        let mut desk = Desk {
            app: &mut app,
            screen,
            recorder,
            world: None,
            keys: key_road,
            road,
            drawn: Instant::now(),
            plain: false,
            busy: true,
        };
        desk.resize();
        desk.frame()?;
        if opening.ask_background {
            desk.screen.ask_background().context("the terminal")?;
        }
        let roads = Roads { keys, facts };
        desk.world = Some(begin(&roads)?);
        tokio::spawn(input::run(roads.keys.clone()));
        desk.run(opening.typed).await
    });
    // The runtime is not waited for: a source that hangs in a system call must not keep the terminal.
    tokio.shutdown_background();
    match endings.signal() {
        Some(signal) => terminal::die_by(signal),
        None => ended.map(|()| ExitCode::SUCCESS),
    }
}

struct Desk<'a, W> {
    app: &'a mut App,
    screen: Screen,
    recorder: Option<Recorder<Box<dyn Write>>>,
    world: Option<W>,
    keys: Receiver<Msg>,
    road: Receiver<Msg>,
    drawn: Instant,
    /// Plain text stands on the terminal until a key is pressed.
    plain: bool,
    /// Whether there may be a piece of what is made of whole listings.
    busy: bool,
}

/// What the loop does after an effect.
enum Next {
    GoOn,
    End { leave_screen: bool },
}

impl<W: World> Desk<'_, W> {
    async fn run(mut self, typed: Vec<Key>) -> anyhow::Result<()> {
        for key in typed {
            if let Next::End { leave_screen } = self.take(Msg::Key(key))? {
                return self.end(leave_screen).await;
            }
            self.frame()?;
        }
        let mut second = tokio::time::interval(Duration::from_secs(1));
        second.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            let due = self.drawn + FRAME;
            // Plain text stands until a key is pressed.
            let drawable = !self.plain && self.app.dirty() && self.app.ready();
            let (msg, at_once) = tokio::select! {
                biased;
                // A key that means rows waits for them: what was typed before is to narrow them.
                msg = self.keys.recv(), if self.app.takes_keys() => (msg, true),
                () = sleep_until(due), if drawable => (None, true),
                msg = self.road.recv() => (msg, false),
                _ = second.tick(), if self.ticks() => (Some(Msg::Tick(Utc::now())), false),
                () = ready(()), if self.busy => (None, false),
            };
            if let Some(msg) = msg
                && let Next::End { leave_screen } = self.take(msg)?
            {
                return self.end(leave_screen).await;
            }
            let shown = self.app.shown();
            // One piece each time: neither does it hold up a message, nor do messages hold it up for long.
            self.busy = self.app.work();
            // Another listing is drawn before the next key: that means what is on the screen.
            let turned = self.app.shown() != shown;
            let idle = self.road.is_empty() && self.keys.is_empty();
            let due = (at_once && self.keys.is_empty()) || (idle && self.drawn.elapsed() >= FRAME);
            if (turned || due) && self.app.dirty() && self.app.ready() {
                self.app.settle_frame();
                // Its first row may be another one now.
                if self.app.ready() {
                    self.frame()?;
                }
                self.busy = true;
            }
        }
    }

    /// A tape is its own clock.
    fn ticks(&self) -> bool {
        self.world.as_ref().is_some_and(World::is_live)
    }

    fn take(&mut self, msg: Msg) -> anyhow::Result<Next> {
        if let Some(recorder) = &mut self.recorder {
            recorder.record(&msg, Utc::now()).context("the tape")?;
        }
        if matches!(msg, Msg::Key(_)) && std::mem::take(&mut self.plain) {
            self.screen.reenter()?;
            self.frame()?;
            return Ok(Next::GoOn);
        }
        if matches!(msg, Msg::Log(_)) {
            self.world.iter_mut().for_each(World::logged);
        }
        for effect in self.app.update(msg) {
            if let Next::End { leave_screen } = self.perform(effect)? {
                return Ok(Next::End { leave_screen });
            }
        }
        Ok(Next::GoOn)
    }

    fn perform(&mut self, effect: Effect) -> anyhow::Result<Next> {
        match effect {
            Effect::Quit { leave_screen } => return Ok(Next::End { leave_screen }),
            Effect::Copy(text) => self.screen.copy(&text)?,
            Effect::Export { name, text } => {
                let (text, good) = export::write(&name, &text);
                self.app.update(Msg::Said { text, good });
            }
            Effect::Plain(text) => {
                self.screen.plain(&text)?;
                self.plain = true;
            }
            Effect::Mouse(on) => self.screen.mouse(on)?,
            Effect::Suspend => {
                self.screen.suspend()?;
                self.resize();
                self.frame()?;
            }
            Effect::Queue(action) => self
                .world
                .iter_mut()
                .for_each(|world| world.act(action.clone())),
            Effect::List => self.world.iter_mut().for_each(World::list),
            Effect::Search(search) => self
                .world
                .iter_mut()
                .for_each(|world| world.search(search.clone())),
        }
        Ok(Next::GoOn)
    }

    fn resize(&mut self) {
        if let Ok((columns, rows)) = crossterm::terminal::size() {
            self.app.update(Msg::Resize(columns, rows));
        }
    }

    fn frame(&mut self) -> anyhow::Result<()> {
        if self.plain {
            return Ok(());
        }
        self.app.settle_frame();
        if !self.app.ready() {
            self.app.settle();
        }
        let app = &*self.app;
        self.screen
            .draw(|frame| app.draw(frame.area(), frame.buffer_mut()))
            .context("the terminal")?;
        self.app.drawn();
        self.drawn = Instant::now();
        Ok(())
    }

    async fn end(mut self, leave_screen: bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self
            .world
            .as_ref()
            .is_some_and(|world| world.outstanding() > 0)
        {
            tokio::select! {
                msg = self.road.recv() => if msg.is_none() { break },
                () = sleep_until(deadline) => break,
            }
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.finish().context("the tape")?;
        }
        self.screen.leave(leave_screen).context("the terminal")
    }
}
