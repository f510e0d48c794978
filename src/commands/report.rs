//! `mailtop report`: what became of mail in a span of time, out of logs, as text or as JSON.
//!
//! Each file is folded on its own and the pieces are joined in the order of their first stamps, whatever the order in which they are named
//! ([`Facts::join`]). What can't be read is said on standard error, and the rest is reported all the same, with exit status 1.

use super::{paper, say, unreadable, write, zone};
use crate::actions::Tools;
use crate::cli::Report;
use crate::knowledge::Knowledge;
use crate::model::facts::Facts;
use crate::reports::summary::{Summary, text};
use crate::sources::postconf::Postconf;
use crate::sources::read;
use anyhow::Context;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Rows of each table of the text.
const TOP: usize = 20;

/// Reads and reports.
///
/// # Errors
/// When standard output can't be written.
pub fn run(report: &Report) -> anyhow::Result<ExitCode> {
    let files = match report.files.as_slice() {
        [] => vec![own_log(report.config_dir.as_deref())],
        files => files.to_vec(),
    };
    let mut failed = false;
    let facts = facts_of(&files, Utc::now(), &mut |sentence| {
        failed = true;
        say(sentence);
    });
    let summary = Summary::of(&facts, report.top);
    let out = if report.json {
        let mut json = serde_json::to_string(&summary).context("the report as JSON")?;
        json.push('\n');
        json
    } else {
        text::text(&summary, paper(report.top.unwrap_or(TOP)))
    };
    write(&out)?;
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// What the files tell together. `complain` is told what could not be read.
fn facts_of(files: &[PathBuf], now: DateTime<Utc>, complain: &mut dyn FnMut(&str)) -> Facts {
    let mut pieces: Vec<Facts> = files
        .iter()
        .map(|file| {
            let mut facts = Facts::new(Knowledge::builtin(), zone());
            let read = read::read(file, now, |lines, anchor| {
                if !lines.is_empty() {
                    facts.lines(lines, anchor);
                }
                Ok(())
            });
            if let Err(error) = read {
                complain(&unreadable(file, &error));
            }
            facts
        })
        .collect();
    // A piece without any stamp stays where it was named, before the others.
    pieces.sort_by_key(|piece| piece.told().seen.first);
    let mut pieces = pieces.into_iter();
    let mut all = pieces
        .next()
        .unwrap_or_else(|| Facts::new(Knowledge::builtin(), zone()));
    for newer in pieces {
        all.join(newer);
    }
    all
}

/// The log of this host's Postfix, as the dashboard finds it.
fn own_log(config_dir: Option<&Path>) -> PathBuf {
    let tools = Tools::find(config_dir.map(Path::to_owned)).ok();
    let directory = tools.and_then(|tools| tools.postqueue.parent().map(Path::to_owned));
    directory
        .map(|directory| Postconf::ask(&directory, config_dir))
        .unwrap_or_default()
        .log()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_joined_in_the_order_of_time_whatever_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("mail.log.1"), dir.path().join("mail.log"));
        std::fs::write(
            &old,
            "\
2026-11-24T10:00:00+00:00 mx1 postfix/pickup[1]: 4D1A220001: uid=0 from=<root>
2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>
",
        )
        .unwrap();
        std::fs::write(&new, "\
2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<root@x.example>, size=700, nrcpt=1 (queue active)
").unwrap();
        let now = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z")
            .unwrap()
            .to_utc();
        let mut complaints = Vec::new();
        let missing = dir.path().join("missing");
        for files in [[&old, &new, &missing], [&new, &missing, &old]] {
            let files = files.map(Clone::clone);
            let facts = facts_of(&files, now, &mut |sentence| {
                complaints.push(sentence.to_owned())
            });
            assert_eq!(facts.told().traffic.bytes_received, 700, "{files:?}");
        }
        assert_eq!(complaints.len(), 2);
        assert!(
            complaints[0].contains("missing: No such file"),
            "{complaints:?}"
        );
    }
}
