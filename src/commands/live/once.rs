//! Everything once, for a frame that is printed: the logs, one listing, two readings of the host.

use super::this_host::Installation;
use crate::app::App;
use crate::app::msg::{Listing, Msg, Past};
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::sources::backfill::{self, Reading};
use crate::sources::logs::Logs;
use crate::sources::tail::{self, Start};
use crate::sources::{doveadm, host, limits, postqueue, spool};
use anyhow::Context;
use chrono::Utc;
use std::io::{self, Write};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::channel;

/// The shortest time that the host's rates are measured over.
const SHORTEST: Duration = Duration::from_millis(500);
/// How long a frame for a pipe waits for the queue's listing.
const PATIENCE: Duration = Duration::from_mins(1);
/// Reads all of it into the app; returns where the logs are.
pub(super) fn read(
    app: &mut App,
    installation: &Installation,
    reading: Reading,
) -> anyhow::Result<Logs> {
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
    for msg in states(&logs) {
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

/// How each log file is, as the tail says it at its first look: one that is not there is no history either.
fn states(logs: &Logs) -> Vec<Msg> {
    let files = match logs {
        Logs::Files(files) => files.as_slice(),
        Logs::Journal(_) => &[],
    };
    let now = tail::Now {
        steady: Duration::ZERO,
        wall: Utc::now(),
    };
    let look = |file: &PathBuf| tail::Follower::new(file, Start::End).look(now).messages;
    let told = files.iter().flat_map(look);
    told.filter(|msg| matches!(msg, Msg::Feed(FeedReport::State(..))))
        .collect()
}

/// Whether the listing is over: it came to its end, or why it did not is known.
fn ends(msg: &Msg) -> bool {
    matches!(
        msg,
        Msg::Listing(Listing::End { complete: true, .. })
            | Msg::Feed(FeedReport::State(Feed::Queue, FeedState::Lost { .. }))
    )
}
