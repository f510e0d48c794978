//! `mailtop`: the dashboard of this host; or one frame of it as text where standard output is no terminal.

use super::{app, opening, print};
use crate::actions::{Performer, Postfix, Tools, rights};
use crate::app::App;
use crate::app::effect::{Action, Effect, Search};
use crate::app::msg::{Listing, Msg, Past};
use crate::app::setting::{Mode, Setting};
use crate::cli::Live;
use crate::knowledge::Knowledge;
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::model::journal::Verb;
use crate::model::span::Between;
use crate::runtime::{self, Roads, world::World};
use crate::safe_text::SafeText;
use crate::sources::backfill::{self, Backfill, Following, Reading};
use crate::sources::doveconf::Doveconf;
use crate::sources::journal;
use crate::sources::logs::Logs;
use crate::sources::postconf::Postconf;
use crate::sources::postqueue::{self, Lister};
use crate::sources::tail::{self, Start};
use crate::sources::{doveadm, host, limits, search, spool};
use crate::terminal;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{Sender, channel};

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
    let mut installation = Installation::find(live);
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
        once(&mut app, &mut installation, reading)?;
        let logs = installation.logs()?;
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

/// What there is on this host.
struct Installation {
    tools: Result<Tools, SafeText>,
    config_dir: Option<PathBuf>,
    named_logs: Vec<PathBuf>,
    journal: bool,
    postconf: Option<Postconf>,
}

impl Installation {
    fn find(live: &Live) -> Self {
        let tools = Tools::find(live.config_dir.clone());
        Self {
            tools,
            config_dir: live.config_dir.clone(),
            named_logs: live.logs.clone(),
            journal: live.journal,
            postconf: None,
        }
    }

    /// Postfix's own word, asked for once. Not before the first frame: it may take its time.
    fn ask(&mut self) -> Postconf {
        let directory = self
            .tools
            .as_ref()
            .ok()
            .and_then(|tools| tools.postqueue.parent().map(Path::to_owned));
        let ask = || {
            directory
                .map(|dir| Postconf::ask(&dir, self.config_dir.as_deref()))
                .unwrap_or_default()
        };
        self.postconf.get_or_insert_with(ask).clone()
    }

    fn logs(&mut self) -> anyhow::Result<Logs> {
        let (named, journal) = (self.named_logs.clone(), self.journal);
        Logs::find(&named, journal, || self.ask().log(), super::zone())
            .map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// Whom to ask for limits, and the places that are known without.
    fn limits(&self, postconf: &Postconf, logs: &Logs) -> (limits::Sources, host::Places) {
        let directory = self
            .tools
            .as_ref()
            .ok()
            .and_then(|tools| tools.postqueue.parent());
        let sources = limits::Sources {
            postconf: directory.map(|directory| directory.join("postconf")),
            config_dir: self.config_dir.clone(),
            doveconf: Doveconf::program(),
            dovecot_config: None,
        };
        let places = host::Places {
            spool: postconf.queue_directory.clone(),
            log: match logs {
                Logs::Files(files) => files.first().and_then(|file| limits::log_place(Some(file))),
                Logs::Journal(_) => limits::log_place(None),
            },
            ..host::Places::default()
        };
        (sources, places)
    }

    fn listing(&self, postconf: &Postconf) -> postqueue::Options {
        postqueue::Options {
            program: self
                .tools
                .as_ref()
                .ok()
                .map(|tools| tools.postqueue.clone()),
            config_directory: self.config_dir.clone(),
            instance: postconf.instance.as_str().into(),
            ..postqueue::Options::default()
        }
    }
}

/// This host as the world that effects are performed on.
struct ThisHost {
    _following: Following,
    _backfill: Option<Backfill>,
    _host: host::Host,
    _limits: limits::Limiting,
    _spool: spool::Spool,
    _doveadm: Option<doveadm::Doveadm>,
    lister: Lister,
    performer: Option<Postfix>,
    logs: Logs,
    search: Option<search::Running>,
    facts: Sender<Msg>,
}

impl ThisHost {
    /// Without a way of reading the past, the end of each log is read line by line.
    fn begin(
        mut installation: Installation,
        reading: Option<Reading>,
        roads: &Roads,
    ) -> anyhow::Result<Self> {
        // Named logs need not wait for postconf, which may take its time.
        let logs = installation.logs()?;
        let facts = &roads.facts;
        let (following, backfill) = match (reading, &logs) {
            (Some(reading), _) => backfill::spawn(logs.clone(), reading, facts)
                .map(|(following, fill)| (following, Some(fill))),
            (None, Logs::Files(files)) => {
                let starts = files.iter().map(|log| (log.clone(), TAPED)).collect();
                tail::spawn(starts, facts.clone()).map(|tail| (Following::Files(tail), None))
            }
            (None, Logs::Journal(journal)) => {
                let begin = journal::Begin::Since(Utc::now() - TAPED_TIME);
                let live = journal::spawn(journal.clone(), begin, facts.clone());
                Ok((Following::Journal(live), None))
            }
        }
        .context("following the log")?;
        let postconf = installation.ask();
        let _ = facts.try_send(Msg::Settings(postconf.settings));
        let (sources, places) = installation.limits(&postconf, &logs);
        let host = host::spawn(places.clone(), facts.clone()).context("the host's figures")?;
        Ok(Self {
            _following: following,
            _backfill: backfill,
            _limits: limits::spawn(sources, places, host.places(), facts.clone())
                .context("the limits of Postfix and Dovecot")?,
            _host: host,
            _spool: spool::spawn(postconf.queue_directory.clone(), facts.clone())
                .context("the deferred queue's files")?,
            _doveadm: doveadm::spawn(facts.clone()),
            lister: postqueue::spawn(installation.listing(&postconf), facts.clone()),
            performer: installation
                .tools
                .ok()
                .map(Postfix::new)
                .transpose()
                .context("actions")?,
            logs,
            search: None,
            facts: facts.clone(),
        })
    }
}

impl World for ThisHost {
    fn is_live(&self) -> bool {
        true
    }

    fn act(&mut self, action: Action) {
        if let Some(performer) = &mut self.performer {
            performer.perform(action, self.facts.clone());
        }
    }

    fn list(&mut self) {
        self.lister.list_now();
    }

    fn logged(&mut self) {
        self.lister.changed();
    }

    fn search(&mut self, search: Search) {
        // A new search ends the one before.
        self.search = None;
        let (logs, facts) = (self.logs.clone(), self.facts.clone());
        self.search = search::spawn(logs, super::zone(), search, facts).ok();
    }

    fn outstanding(&self) -> usize {
        self.performer.as_ref().map_or(0, Performer::outstanding)
    }
}

/// Everything once: the logs, one listing, one reading of the host.
fn once(app: &mut App, installation: &mut Installation, reading: Reading) -> anyhow::Result<()> {
    let postconf = installation.ask();
    app.update(Msg::Tick(Utc::now()));
    app.update(Msg::Settings(postconf.settings));
    let begin = Instant::now();
    let logs = installation.logs()?;
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
    Ok(())
}

/// Whether the listing is over: it came to its end, or why it did not is known.
fn ends(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Listing(Listing::End { complete: true, .. })
            | Msg::Feed(FeedReport::State(Feed::Queue, FeedState::Lost { .. }))
    )
}
