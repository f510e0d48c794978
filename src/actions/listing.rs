//! The fresh listing just before an action: which of the targets are still what the operator saw.
//!
//! Targets go in, each one's standing comes out: the same message and its queue, another message under the same queue id,
//! or gone. The listing (`postqueue -j`) is read as it comes; only the targets' standings are kept. It is no snapshot
//! (`postqueue(1)`): a message that is missing from it is left alone, which is the safe mistake.

use super::child::{End, Limit, Stream, run};
use super::lines::{Lines, Tail};
use super::tools::Tools;
use super::vector::Vector;
use crate::model::identity::Target;
use crate::safe_text::SafeText;
use mailtop_parsers::{QueueName, postqueue};
use std::collections::HashMap;

/// A message with very many recipients is one line of megabytes; what is longer than this is counted, not read.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// What has become of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not in the listing.
    Gone,
    /// Still there, in this queue.
    Same(QueueName),
    /// Its queue id now names another message.
    Other,
}

/// What the fresh listing said.
#[derive(Debug)]
pub(super) struct Fresh {
    /// One for each target, in order.
    pub(super) standings: Vec<Standing>,
    /// Lines that could not be read.
    pub(super) unread: usize,
}

/// Lists the queue and looks every target up in it.
///
/// # Errors
/// A sentence, when the listing could not be had in full. Then nothing is known of any target.
pub(super) fn fresh(tools: &Tools, targets: &[Target], limit: Limit) -> Result<Fresh, SafeText> {
    let mut by_id: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, target) in targets.iter().enumerate() {
        by_id.entry(&target.key.queue_id).or_default().push(place);
    }
    let mut fresh = Fresh {
        standings: vec![Standing::Gone; targets.len()],
        unread: 0,
    };
    let (mut lines, mut said) = (Lines::new(LONGEST_LINE), Tail::default());
    let mut look = |line: &[u8]| look_up(line, targets, &by_id, &mut fresh);
    let end = run(
        Vector::List.command(tools),
        limit,
        &mut |stream, piece| match stream {
            Stream::Out => lines.push(piece, &mut look),
            Stream::Err => said.push(piece),
        },
    );
    lines.end(&mut look);
    fresh.unread += lines.dropped;
    let said = String::from_utf8_lossy(said.bytes());
    let said = said.trim();
    match end {
        Ok(End::Exited(status)) if status.success() => Ok(fresh),
        Ok(End::Exited(status)) => Err(SafeText::new(format!(
            "the queue could not be listed first ({status}): {said}"
        ))),
        Ok(End::Stopped(after)) => Err(SafeText::new(format!(
            "the queue could not be listed first: postqueue -j was stopped after {} s without an end {said}",
            after.as_secs()
        ))),
        Err(error) => Err(SafeText::new(format!(
            "the queue could not be listed first: {}: {error}",
            tools.postqueue.display()
        ))),
    }
}

fn look_up(line: &[u8], targets: &[Target], by_id: &HashMap<&str, Vec<usize>>, fresh: &mut Fresh) {
    let Ok(entry) = postqueue::parse(line) else {
        fresh.unread += usize::from(!line.trim_ascii().is_empty());
        return;
    };
    for place in by_id.get(entry.queue_id.as_str()).into_iter().flatten() {
        let (Some(target), Some(standing)) = (targets.get(*place), fresh.standings.get_mut(*place))
        else {
            continue;
        };
        *standing = match *standing {
            // Listed twice under one id and once as another message: the id was used again while the listing ran.
            Standing::Other => Standing::Other,
            _ if target.is(&entry) => Standing::Same(entry.queue_name),
            _ => Standing::Other,
        };
    }
}
