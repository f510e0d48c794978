//! This host as the world that effects are performed on: its sources, and the one way to its queue.
//!
//! Postfix is asked for its settings once, and that may take seconds: a postconf(1) that fails waits for one, and a table of its
//! configuration may be on a server that is gone. So nothing that can do without waits for the answer, least of all the keys; what needs it
//! begins when it is there, in a task that takes orders from then on.

use super::{TAPED, TAPED_TIME};
use crate::actions::{Performer, Postfix, Tools};
use crate::app::effect::{Action, Search};
use crate::app::msg::Msg;
use crate::cli::Live;
use crate::runtime::Roads;
use crate::runtime::world::World;
use crate::safe_text::SafeText;
use crate::sources::backfill::{self, Backfill, Following, Reading};
use crate::sources::doveconf::Doveconf;
use crate::sources::journal;
use crate::sources::logs::Logs;
use crate::sources::postconf::Postconf;
use crate::sources::postqueue::{self, Lister};
use crate::sources::{doveadm, host, limits, search, spool, tail};
use anyhow::Context;
use chrono::Utc;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::spawn_blocking;

/// Orders that wait until the sources have begun.
const ORDERS: usize = 16;

/// What there is on this host.
#[derive(Clone)]
pub(super) struct Installation {
    tools: Result<Tools, SafeText>,
    config_dir: Option<PathBuf>,
    named_logs: Vec<PathBuf>,
    journal: bool,
}

impl Installation {
    pub(super) fn find(live: &Live) -> Self {
        Self {
            tools: Tools::find(live.config_dir.clone()),
            config_dir: live.config_dir.clone(),
            named_logs: live.logs.clone(),
            journal: live.journal,
        }
    }

    /// Where Postfix's commands are.
    fn commands(&self) -> Option<&Path> {
        self.tools.as_ref().ok()?.postqueue.parent()
    }

    /// Postfix's own word. It may take its time.
    pub(super) fn ask(&self) -> Postconf {
        self.commands()
            .map(|commands| Postconf::ask(commands, self.config_dir.as_deref()))
            .unwrap_or_default()
    }

    /// The logs that the command line names, without asking anybody; `None` when it names none.
    fn told_logs(&self) -> anyhow::Result<Option<Logs>> {
        let told = self.journal || !self.named_logs.is_empty();
        told.then(|| self.logs(&Postconf::default())).transpose()
    }

    /// The logs; may ask journalctl(1).
    pub(super) fn logs(&self, postconf: &Postconf) -> anyhow::Result<Logs> {
        let zone = super::super::zone();
        Logs::find(&self.named_logs, self.journal, || postconf.log(), zone)
            .map_err(|why| anyhow::anyhow!("{why}"))
    }

    /// Whom to ask for limits, and the places that are known without.
    pub(super) fn limits(
        &self,
        postconf: &Postconf,
        logs: &Logs,
    ) -> (limits::Sources, host::Places) {
        let sources = limits::Sources {
            postconf: self.commands().map(|commands| commands.join("postconf")),
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

    pub(super) fn listing(&self, postconf: &Postconf) -> postqueue::Options {
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

/// What is asked of the sources.
enum Order {
    List,
    Search(Search),
}

/// This host. Its sources end when it is dropped.
pub(super) struct ThisHost {
    performer: Option<Postfix>,
    orders: Sender<Order>,
    /// The queue may have changed.
    changed: Arc<Notify>,
    facts: Sender<Msg>,
}

impl ThisHost {
    /// Begins to follow the logs that are known, and asks for what is not. Without a way of reading the past, the end of each log is
    /// read line by line. In a tokio runtime.
    ///
    /// # Errors
    /// When there is no journal to follow, or no thread can be started.
    pub(super) fn begin(
        installation: Installation,
        reading: Option<Reading>,
        roads: &Roads,
    ) -> anyhow::Result<Self> {
        let facts = &roads.facts;
        let told = installation.told_logs()?;
        let told = told
            .map(|logs| Followed::begin(logs, reading, facts))
            .transpose()?;
        let tools = installation.tools.clone().ok();
        let performer = tools.map(Postfix::new).transpose().context("actions")?;
        let (orders, taken) = channel(ORDERS);
        let sender = facts.clone();
        let changed = Arc::<Notify>::default();
        let told_of = Arc::clone(&changed);
        tokio::spawn(async move {
            let sources = Sources::begin(installation, told, reading, told_of, &sender).await;
            match sources {
                Ok(sources) => sources.obey(taken, &sender).await,
                Err(why) => {
                    let text = SafeText::from(format!("{why:#}"));
                    // Nobody is there to be told any more when this fails.
                    sender.send(Msg::Said { text, good: false }).await.ok();
                }
            }
        });
        Ok(Self {
            performer,
            orders,
            changed,
            facts: facts.clone(),
        })
    }
}

/// Logs that are followed.
struct Followed {
    logs: Logs,
    _following: Following,
    _backfill: Option<Backfill>,
}

impl Followed {
    fn begin(logs: Logs, reading: Option<Reading>, facts: &Sender<Msg>) -> anyhow::Result<Self> {
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
        Ok(Self {
            logs,
            _following: following,
            _backfill: backfill,
        })
    }
}

/// Everything that tells facts.
struct Sources {
    followed: Followed,
    _host: host::Host,
    _limits: limits::Limiting,
    _spool: spool::Spool,
    _doveadm: Option<doveadm::Doveadm>,
    lister: Lister,
}

impl Sources {
    async fn begin(
        installation: Installation,
        told: Option<Followed>,
        reading: Option<Reading>,
        changed: Arc<Notify>,
        facts: &Sender<Msg>,
    ) -> anyhow::Result<Self> {
        let doveadm = doveadm::spawn(facts.clone());
        let known = told.as_ref().map(|followed| followed.logs.clone());
        let asked = spawn_blocking(move || {
            let postconf = installation.ask();
            let logs = known.map_or_else(|| installation.logs(&postconf), Ok);
            (installation, postconf, logs)
        });
        let (installation, postconf, logs) = asked.await.context("asking Postfix")?;
        let logs = logs?;
        let followed = match told {
            Some(followed) => followed,
            None => Followed::begin(logs.clone(), reading, facts)?,
        };
        // Nobody waits for it any more when this fails.
        facts.send(Msg::Settings(postconf.settings)).await.ok();
        let (sources, places) = installation.limits(&postconf, &logs);
        let listing = postqueue::Options {
            changed,
            ..installation.listing(&postconf)
        };
        let host = host::spawn(places.clone(), facts.clone()).context("the host's figures")?;
        Ok(Self {
            followed,
            _limits: limits::spawn(sources, places, host.places(), facts.clone())
                .context("the limits of Postfix and Dovecot")?,
            _host: host,
            _spool: spool::spawn(postconf.queue_directory.clone(), facts.clone())
                .context("the deferred queue's files")?,
            _doveadm: doveadm,
            lister: postqueue::spawn(listing, facts.clone()),
        })
    }

    /// Until nobody gives orders any more.
    async fn obey(self, mut orders: Receiver<Order>, facts: &Sender<Msg>) {
        let mut running = None;
        while let Some(order) = orders.recv().await {
            match order {
                Order::List => self.lister.list_now(),
                Order::Search(asked) => {
                    // A new search ends the one before.
                    drop(running.take());
                    let logs = self.followed.logs.clone();
                    running = search::spawn(logs, super::super::zone(), asked, facts.clone()).ok();
                }
            }
        }
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

    // A road that is full of orders means that the sources have not begun; the operator asks again.
    fn list(&mut self) {
        let _ = self.orders.try_send(Order::List);
    }

    fn logged(&mut self) {
        self.changed.notify_one();
    }

    fn search(&mut self, search: Search) {
        let _ = self.orders.try_send(Order::Search(search));
    }

    fn outstanding(&self) -> usize {
        self.performer.as_ref().map_or(0, Performer::outstanding)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::msg::Past;
    use crate::knowledge::Knowledge;
    use crate::model::span::Between;
    use chrono::Offset;
    use rustix::fs::{CWD, FileType, Mode};
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn is_told(msg: &Msg) -> bool {
        matches!(msg, Msg::Past(Past::Told(_)))
    }

    /// Waits for a message of that kind.
    async fn wait_for(road: &mut Receiver<Msg>, wanted: impl Fn(&Msg) -> bool) {
        loop {
            let msg = road.recv().await.unwrap();
            if wanted(&msg) {
                return;
            }
        }
    }

    #[tokio::test]
    async fn a_postconf_that_takes_its_time_keeps_neither_the_screen_nor_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        // It answers when something is written to a pipe.
        let pipe = at("pipe");
        rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let script = format!(
            "#!/bin/sh\nread answer < {}\necho \"$answer\"\n",
            pipe.display()
        );
        fs::write(at("postconf"), script).unwrap();
        fs::set_permissions(at("postconf"), fs::Permissions::from_mode(0o755)).unwrap();
        let line = "2026-11-24T10:00:01+00:00 mx1 postfix/qmgr[1]: 4D1A220001: removed\n";
        fs::write(at("mail.log"), line).unwrap();
        let installation = Installation {
            tools: Ok(Tools {
                postqueue: at("postqueue"),
                postsuper: at("postsuper"),
                config_dir: None,
            }),
            config_dir: None,
            named_logs: vec![at("mail.log")],
            journal: false,
        };
        let reading = Reading {
            knowledge: Knowledge::builtin(),
            zone: Utc.fix(),
            between: Between::default(),
        };
        let (facts, mut road) = channel(64);
        let keys = facts.clone();
        let roads = Roads { keys, facts };
        let _host = ThisHost::begin(installation, Some(reading), &roads).unwrap();
        let mut told = false;
        // Whatever is here by now was sent while it began.
        while let Ok(msg) = road.try_recv() {
            assert!(!matches!(msg, Msg::Settings(_)), "somebody waited for it");
            told |= is_told(&msg);
        }
        if !told {
            wait_for(&mut road, is_told).await;
        }
        let answer = spawn_blocking(move || fs::write(pipe, "queue_run_delay = 300s\n"));
        wait_for(&mut road, |msg| matches!(msg, Msg::Settings(_))).await;
        answer.await.unwrap().unwrap();
    }
}
