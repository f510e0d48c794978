//! `mailtop queue`: what is queued now, out of one run of `postqueue -j` or what such a run printed elsewhere.
//!
//! A listing that breaks off is shown as far as it came, and why is said on standard error, with exit status 1.

use super::{paper, say, unreadable, write, zone};
use crate::actions::Tools;
use crate::app::filter::Filter;
use crate::app::msg::{self, Msg};
use crate::cli::Queue;
use crate::knowledge::Knowledge;
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::numbers;
use crate::reports::listing::{Listing, text};
use crate::safe_text::SafeText;
use crate::sources::postconf::Postconf;
use crate::sources::{postqueue, spool};
use anyhow::Context;
use chrono::Utc;
use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use tokio::sync::mpsc::{Receiver, channel};

/// Lists and prints.
///
/// # Errors
/// When standard output can't be written.
pub fn run(queue: &Queue) -> anyhow::Result<ExitCode> {
    let mut listing = Listing::new(Knowledge::builtin(), Utc::now(), zone());
    let failure = match &queue.from {
        Some(file) => read(file, &mut listing),
        None => list(queue.config_dir.as_deref(), &mut listing)?,
    };
    let mut out = None;
    if let Some(filter) = &queue.filter {
        let all = listing.keep(filter);
        out = (all > 0 && listing.entries().is_empty()).then_some(all);
    }
    if let Some(all) = out {
        let many = numbers::many(all, "message");
        say(&format!("0 of {many} match --where {}", filter_text(queue)));
    } else if failure.is_none() || !listing.entries().is_empty() {
        write(&printed(queue, &listing))?;
    }
    if listing.bad_lines() > 0 {
        say(&format!(
            "{} could not be read as messages: is this what `postqueue -j` prints?",
            numbers::many(listing.bad_lines() as usize, "line")
        ));
    }
    if let Some(failure) = &failure {
        say(failure);
    }
    let whole = failure.is_none() && listing.bad_lines() == 0;
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn filter_text(queue: &Queue) -> &str {
    queue.filter.as_ref().map_or("", Filter::text)
}

fn printed(queue: &Queue, listing: &Listing) -> String {
    let by = queue.by.map(crate::cli::ByName::by);
    if !queue.json {
        let paper = paper(queue.top.unwrap_or(usize::MAX));
        return match by {
            None => text::messages(listing, paper),
            Some(by) => text::groups(listing, by, paper),
        };
    }
    let mut out = String::new();
    // Writing into a string cannot fail.
    match by {
        None => listing.entries().iter().for_each(|entry| {
            let _ = writeln!(out, "{}", listing.object(entry));
        }),
        Some(by) => {
            let top = queue.top.unwrap_or(usize::MAX);
            for group in listing.groups(by).iter().take(top) {
                let _ = writeln!(out, "{}", listing.group(group, by));
            }
        }
    }
    out
}

/// What a run printed elsewhere; why it could not be read, or not all of it.
fn read(file: &Path, listing: &mut Listing) -> Option<String> {
    let limits = postqueue::Limits::default();
    match postqueue::read(file, &limits, |lines| listing.lines(lines)) {
        Ok(remark) => {
            remark.as_deref().into_iter().for_each(say);
            None
        }
        Err(error) => Some(unreadable(file, &error)),
    }
}

/// One run of this host's; why it failed.
fn list(config_dir: Option<&Path>, listing: &mut Listing) -> anyhow::Result<Option<String>> {
    let program = Tools::find(config_dir.map(Path::to_owned))
        .ok()
        .map(|tools| tools.postqueue);
    let postconf = program
        .as_deref()
        .and_then(Path::parent)
        .map(|directory| Postconf::ask(directory, config_dir))
        .unwrap_or_default();
    listing.host = Some(SafeText::new(rustix::system::uname().nodename().to_bytes()));
    listing.instance = Some(SafeText::from(&*postconf.instance));
    // Where the spool is closed to this user it is not known.
    listing.due = spool::look(&postconf.queue_directory).unwrap_or_default();
    let options = postqueue::Options {
        program,
        config_directory: config_dir.map(Path::to_owned),
        instance: postconf.instance.as_str().into(),
        ..postqueue::Options::default()
    };
    let tokio = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("tokio")?;
    Ok(tokio.block_on(async {
        let (facts, mut road) = channel(64);
        let _lister = postqueue::spawn(options, facts);
        take(&mut road, listing).await
    }))
}

/// Takes one listing off the road, to its end.
async fn take(road: &mut Receiver<Msg>, listing: &mut Listing) -> Option<String> {
    while let Some(msg) = road.recv().await {
        match msg {
            Msg::Listing(msg::Listing::Begin { at, .. }) => listing.at = at,
            Msg::Listing(msg::Listing::Lines(lines)) => listing.lines(&lines),
            Msg::Feed(FeedReport::State(Feed::Queue, FeedState::Lost { why, .. })) => {
                return Some(why.to_string());
            }
            Msg::Feed(FeedReport::State(Feed::Queue, FeedState::Up)) => {
                // A remark follows at once, if there is one.
                tokio::task::yield_now().await;
                if let Ok(Msg::Feed(FeedReport::Remark(Feed::Queue, Some(remark)))) =
                    road.try_recv()
                {
                    say(remark.as_str());
                }
                return None;
            }
            _ => {}
        }
    }
    Some(String::from("the listing ended without a word"))
}
