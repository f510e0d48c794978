//! `mailtop`: the dashboard of this host; or one frame of it as text where standard output is no terminal.

mod once;
mod this_host;

use super::{app, opening, print};
use crate::actions::rights;
use crate::app::effect::Effect;
use crate::app::msg::Msg;
use crate::app::setting::{Mode, Setting};
use crate::cli::Live;
use crate::knowledge::Knowledge;
use crate::model::journal::Verb;
use crate::model::span::{Between, NoMoment};
use crate::runtime;
use crate::safe_text::SafeText;
use crate::sources::backfill::Reading;
use crate::sources::search;
use crate::sources::tail::Start;
use crate::terminal;
use anyhow::Context;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use this_host::{Installation, ThisHost};

/// How far back the logs are read when nothing else is said.
const DAY: TimeDelta = TimeDelta::hours(24);
/// How much of a log's end goes onto a tape before what is written then.
const TAPED: Start = Start::Last(64 << 20);
/// The same of the journal.
const TAPED_TIME: TimeDelta = TimeDelta::hours(1);

/// Opens the dashboard, or prints one frame.
///
/// # Errors
/// When the terminal, the tape or the keys can't be used.
pub fn run(live: &Live) -> anyhow::Result<ExitCode> {
    if let Some(tape) = &live.replay {
        return super::demo::replay(tape, &live.look);
    }
    let installation = Installation::find(live);
    let setting = Setting {
        host: SafeText::new(rustix::system::uname().nodename().to_bytes()),
        mode: Mode::Live,
        config_dir: live
            .config_dir
            .as_ref()
            .map(|dir| SafeText::from(dir.display().to_string())),
        no_actions: rights(Verb::Hold).err(),
    };
    let zone = super::zone();
    let asked = asked(live, Utc::now(), zone)?;
    let reading = Reading {
        knowledge: Knowledge::builtin(),
        zone,
        // What came after the moment that is looked at is read as well: from there the operator goes on to now.
        between: Between {
            until: None,
            ..asked
        },
    };
    let mut app = app(&live.look, setting, zone, live.look.size).looking_at(asked);
    if live.look.printed || terminal::usable().is_err() {
        let logs = once::read(&mut app, &installation, reading)?;
        return print(&mut app, &live.look, |effect| match effect {
            Effect::Search(asked) => {
                let (archives, stop) = (logs.archives(Utc::now()), AtomicBool::new(false));
                let mut parts = Vec::new();
                search::answer(archives, zone, asked, search::MOST, &stop, |part| {
                    parts.push(part);
                    ControlFlow::Continue(())
                });
                parts
            }
            _ => Vec::new(),
        });
    }
    let mut app = app.welcoming();
    app.update(Msg::Tick(Utc::now()));
    let record = live.record.as_deref().map(tape).transpose()?;
    // A tape holds lines: what is recorded is not read folded.
    let reading = record.is_none().then_some(reading);
    runtime::run(app, opening(&live.look)?, record, |roads| {
        ThisHost::begin(installation, reading, roads)
    })
}

/// The time that is asked for: from a day before its end when nothing else is said, and without an end when that is now or to come.
fn asked(live: &Live, now: DateTime<Utc>, zone: FixedOffset) -> Result<Between, NoMoment> {
    let (since, until) = (live.since.as_deref(), live.until.as_deref());
    let mut asked = Between::read(since, until, now, zone)?;
    asked.until = asked.until.filter(|until| *until < now);
    asked.since = asked
        .since
        .or_else(|| asked.until.unwrap_or(now).checked_sub_signed(DAY));
    Ok(asked)
}

fn tape(path: &Path) -> anyhow::Result<Box<dyn Write>> {
    let file = File::create(path).with_context(|| format!("the tape {}", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use chrono::Offset;
    use clap::Parser;

    fn at(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    fn read(options: &[&str]) -> Result<Between, String> {
        let cli = Cli::parse_from([&["mailtop", "once"], options].concat());
        let Some(Command::Once(live)) = cli.command else {
            unreachable!("once was asked for");
        };
        asked(&live, at("2026-11-24T12:00:00Z"), Utc.fix()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_time_that_is_asked_for() {
        let between = |since, until: Option<&str>| {
            Ok(Between {
                since: Some(at(since)),
                until: until.map(at),
            })
        };
        assert_eq!(read(&[]), between("2026-11-23T12:00:00Z", None));
        assert_eq!(
            read(&["--since", "yesterday", "--until", "2026-11-24 10:00"]),
            between("2026-11-23T00:00:00Z", Some("2026-11-24T10:00:00Z"))
        );
        assert_eq!(
            read(&["--until", "2026-11-20 10:00"]),
            between("2026-11-19T10:00:00Z", Some("2026-11-20T10:00:00Z")),
            "a day before its end"
        );
        for future in ["now", "tomorrow", "13:00"] {
            assert_eq!(
                read(&["--since", "2h", "--until", future]),
                between("2026-11-24T10:00:00Z", None),
                "{future} is now"
            );
        }
        let error = read(&["--since", "1h", "--until", "2h"]).unwrap_err();
        assert!(error.contains("nothing lies between --since 2026-11-24 11:00:00 and --until"));
        assert!(
            read(&["--until", "soon"])
                .unwrap_err()
                .contains("is no time: write")
        );
    }
}
