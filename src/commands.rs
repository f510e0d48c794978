//! The subcommands: one file each. Every one returns what the process exits with.

pub mod demo;
pub mod live;
pub mod parse;
pub mod queue;
pub mod report;
pub mod trace;

use crate::actions::Tools;
use crate::app::App;
use crate::app::effect::Effect;
use crate::app::key::Key;
use crate::app::msg::Msg;
use crate::app::setting::Setting;
use crate::cli::{Cli, Command, Look};
use crate::knowledge::Knowledge;
use crate::model::Model;
use crate::reports;
use crate::reports::grid::Paper;
use crate::runtime::Opening;
use crate::safe_text::SafeText;
use crate::sources::archive::Archive;
use crate::sources::logs::Logs;
use crate::sources::postconf::Postconf;
use crate::theme::{GlyphSet, Theme};
use anyhow::Context;
use chrono::{DateTime, FixedOffset, Local, Offset, Utc};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Columns of text for a pipe or a file.
const PIPE: usize = 120;

/// Does what the command line asks.
///
/// # Errors
/// A sentence for the operator.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        None => live::run(&cli.live),
        Some(Command::Demo(demo)) => demo::run(&demo),
        Some(Command::Once(mut live)) => {
            live.look.printed = true;
            live::run(&live)
        }
        Some(Command::Parse(parse)) => parse::run(&parse),
        Some(Command::Report(report)) => report::run(&report),
        Some(Command::Queue(queue)) => queue::run(&queue),
        Some(Command::Trace(trace)) => Ok(trace::run(&trace)),
    }
}

/// The program at its start, with the keys that the command line types.
fn app(look: &Look, setting: Setting, zone: FixedOffset, size: (u16, u16)) -> App {
    let model = Model::new(Knowledge::builtin(), zone);
    App::new(
        model,
        look.theme(|name| std::env::var(name).ok()),
        setting,
        size,
    )
    .at(look.view)
    .through(look.filter.clone().unwrap_or_default())
}

/// The offset of local time now.
fn zone() -> FixedOffset {
    Local::now().offset().fix()
}

/// What text is written on: as wide as the terminal, or [`PIPE`] columns where there is none.
fn paper(top: usize) -> Paper {
    let columns = rustix::termios::tcgetwinsize(io::stdout()).map_or(0, |size| size.ws_col);
    let width = if columns > 0 {
        usize::from(columns)
    } else {
        PIPE
    };
    let glyphs = Theme::detect(|name| std::env::var(name).ok()).glyphs;
    Paper::new(width, glyphs == GlyphSet::Ascii, top)
}

/// Writes to standard output. A reader that has seen enough, such as head(1), is no failure.
fn write(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output"),
    }
}

/// A sentence on standard error for something that does not end the work.
fn say(sentence: &str) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "mailtop: {}", SafeText::from(sentence));
}

/// Why a file could not be read, with the fix where there is one.
fn unreadable(file: &Path, error: &io::Error) -> String {
    let fix = match error.kind() {
        io::ErrorKind::PermissionDenied => " — add this user to group adm, or run mailtop as root",
        _ => "",
    };
    format!("cannot read {}: {error}{fix}", file.display())
}

/// The log of this host with its past, when none is named, and what it is called: where Postfix says that it logs, the usual file, or
/// the journal.
///
/// # Errors
/// When there is none: a sentence.
fn own_log(config_dir: Option<&Path>, now: DateTime<Utc>) -> anyhow::Result<(PathBuf, Archive)> {
    let log = || {
        let tools = Tools::find(config_dir.map(Path::to_owned)).ok();
        let directory = tools.and_then(|tools| tools.postqueue.parent().map(Path::to_owned));
        directory
            .map(|directory| Postconf::ask(&directory, config_dir))
            .unwrap_or_default()
            .log()
    };
    let logs = Logs::find(&[], false, log, zone()).map_err(|why| anyhow::anyhow!("{why}"))?;
    // It is one: nothing was named.
    let (name, archive) = (logs.archives(now).into_iter().next()).unwrap_or_default();
    if matches!(logs, Logs::Files(_))
        && archive.generations().len() == 0
        && matches!(name.try_exists(), Ok(false))
    {
        anyhow::bail!(
            "there is no {} and no mail in the journal: name the log files",
            name.display()
        );
    }
    Ok((name, archive))
}

/// How the dashboard opens with that look.
fn opening(look: &Look) -> anyhow::Result<Opening> {
    let theme = look.theme(|name| std::env::var(name).ok());
    // The Linux console takes the question for the name of a colour.
    let understands = std::env::var("TERM").is_ok_and(|term| term != "linux");
    Ok(Opening {
        typed: keys(look)?,
        ask_background: look.asks(&theme) && understands,
    })
}

fn keys(look: &Look) -> anyhow::Result<Vec<Key>> {
    Key::of_script(&look.keys)
        .map_err(anyhow::Error::msg)
        .context("--keys")
}

/// One frame as plain text, after the keys. `perform` answers the effects that only look; nothing is changed by a frame.
fn print(
    app: &mut App,
    look: &Look,
    mut perform: impl FnMut(Effect) -> Vec<Msg>,
) -> anyhow::Result<ExitCode> {
    let area = Rect::new(0, 0, look.size.0, look.size.1);
    let mut buffer = Buffer::empty(area);
    app.settle();
    app.drawn();
    for key in keys(look)? {
        let answers: Vec<Msg> = app
            .update(Msg::Key(key))
            .into_iter()
            .flat_map(&mut perform)
            .collect();
        for msg in answers {
            app.update(msg);
        }
        app.settle();
        app.drawn();
    }
    app.draw(area, &mut buffer);
    match io::stdout().write_all(reports::text::text_of(&buffer).as_bytes()) {
        // A reader that has seen enough, such as head(1), is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => result
            .map(|()| ExitCode::SUCCESS)
            .context("standard output"),
    }
}
