//! `mailtop`: the dashboard of this host; or one frame of it as text where standard output is no terminal.

mod this_host;

use super::{app, opening, print};
use crate::actions::rights;
use crate::app::App;
use crate::app::effect::Effect;
use crate::app::msg::{Listing, Msg, Past};
use crate::app::setting::{Mode, Setting};
use crate::cli::Live;
use crate::knowledge::Knowledge;
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::model::journal::Verb;
use crate::model::span::Between;
use crate::runtime;
use crate::safe_text::SafeText;
use crate::sources::backfill::{self, Reading};
use crate::sources::logs::Logs;
use crate::sources::postqueue;
use crate::sources::tail::Start;
use crate::sources::{doveadm, host, limits, search, spool};
use crate::terminal;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};
use this_host::{Installation, ThisHost};
use tokio::sync::mpsc::channel;

/// How much of a log's end goes onto a tape before what is written then.
const TAPED: Start = Start::Last(64 << 20);
/// The same of the journal.
const TAPED_TIME: TimeDelta = TimeDelta::hours(1);
/// The shortest time that the host's rates are measured over.
const SHORTEST: Duration = Duration::from_millis(500);
/// How long a frame for a pipe waits for the queue's listing.
const PATIENCE: Duration = Duration::from_mins(1);

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
    let between = Between::read(Some(&live.since), None, Utc::now(), zone)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let reading = Reading {
        knowledge: Knowledge::builtin(),
        zone,
        between,
    };
    let mut app = app(&live.look, setting, zone, live.look.size);
    if live.look.printed || terminal::usable().is_err() {
        let logs = once(&mut app, &installation, reading)?;
        return print(&mut app, &live.look, |effect| match effect {
            Effect::Search(asked) => {
                let mut parts = Vec::new();
                search::answer(&logs, zone, asked, &AtomicBool::new(false), |part| {
                    parts.push(part);
                    ControlFlow::Continue(())
                });
                parts
            }
            _ => Vec::new(),
        });
    }
    app.update(Msg::Tick(Utc::now()));
    let record = live.record.as_deref().map(tape).transpose()?;
    // A tape holds lines: what is recorded is not read folded.
    let reading = record.is_none().then_some(reading);
    runtime::run(app, opening(&live.look)?, record, |roads| {
        ThisHost::begin(installation, reading, roads)
    })
}

fn tape(path: &Path) -> anyhow::Result<Box<dyn Write>> {
    let file = File::create(path).with_context(|| format!("the tape {}", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// Everything once: the logs, one listing, one reading of the host. Returns where the logs are.
fn once(app: &mut App, installation: &Installation, reading: Reading) -> anyhow::Result<Logs> {
    let postconf = installation.ask();
    app.update(Msg::Tick(Utc::now()));
    app.update(Msg::Settings(postconf.settings));
    let begin = Instant::now();
    let logs = installation.logs(&postconf)?;
    let (sources, places) = installation.limits(&postconf, &logs);
    let told = sources.ask();
    let mut sampler =
        host::Sampler::new(limits::with(&places, &told)).context("the host's figures")?;
    for msg in limits::news(&limits::Told::default(), &told) {
        app.update(msg);
    }
    // Rates are over the time between two readings: this one, and the last thing that is done.
    for msg in sampler.sample(begin.elapsed()) {
        app.update(msg);
    }
    for (log, archive) in logs.archives(Utc::now()) {
        let (facts, remarks) = reading.whole(archive);
        app.update(Msg::Past(Past::Told(Box::new(facts))));
        for remark in remarks {
            writeln!(io::stderr(), "mailtop: {remark}").context("standard error")?;
            app.update(Msg::Past(backfill::unread(&log, &remark)));
        }
    }
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("tokio")?;
    tokio.block_on(async {
        let (facts, mut road) = channel(64);
        let spool = spool::spawn(postconf.queue_directory.clone(), facts.clone());
        let doveadm = doveadm::spawn(facts.clone());
        let _lister = postqueue::spawn(installation.listing(&postconf), facts);
        let listed = async {
            let (mut listed, mut attempts, mut who) = (false, spool.is_err(), doveadm.is_none());
            while let Some(msg) = road.recv().await {
                listed |= ends(&msg);
                attempts |= matches!(msg, Msg::Attempts(_));
                who |= matches!(msg, Msg::Who(_));
                app.update(msg);
                if listed && attempts && who {
                    return;
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, listed).await;
    });
    thread::sleep(SHORTEST.saturating_sub(begin.elapsed()));
    app.update(Msg::Tick(Utc::now()));
    for msg in sampler.sample(begin.elapsed()) {
        app.update(msg);
    }
    Ok(logs)
}

/// Whether the listing is over: it came to its end, or why it did not is known.
fn ends(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Listing(Listing::End { complete: true, .. })
            | Msg::Feed(FeedReport::State(Feed::Queue, FeedState::Lost { .. }))
    )
}
