//! `mailtop report`: what became of mail in a span of time, out of logs, as text or as JSON.
//!
//! The files are folded on all cores ([`Reading::sums`]), in the order of time ([`Archive::of_files`]). What can't be read is said on standard
//! error, and the rest is reported all the
//! same, with exit status 1.

use super::{own_log, paper, say, write, zone};
use crate::cli::Report;
use crate::knowledge::Knowledge;
use crate::model::facts::Facts;
use crate::model::span::Between;
use crate::reports::summary::{Summary, text};
use crate::sources::archive::{Archive, Remark};
use crate::sources::backfill::Reading;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use std::process::ExitCode;

/// Rows of each table of the text.
const TOP: usize = 20;
/// What is reported of this host's log, when nothing else is asked for.
const LATELY: TimeDelta = TimeDelta::hours(24);

/// Reads and reports.
///
/// # Errors
/// When the span is none or standard output can't be written.
pub fn run(report: &Report) -> anyhow::Result<ExitCode> {
    let now = Utc::now();
    let mut between = Between::read(
        report.since.as_deref(),
        report.until.as_deref(),
        now,
        zone(),
    )?;
    let archive = if report.files.is_empty() {
        if report.since.is_none() && report.until.is_none() {
            between.since = now.checked_sub_signed(LATELY);
        }
        own_log(report.config_dir.as_deref(), now)?.1
    } else {
        Archive::of_files(&report.files, now, zone())
    };
    let (facts, remarks) = facts_of(archive, between);
    for remark in &remarks {
        say(&remark.to_string());
    }
    let summary = Summary::of(&facts, report.top);
    let out = if report.json {
        let mut json = serde_json::to_string(&summary).context("the report as JSON")?;
        json.push('\n');
        json
    } else {
        text::text(&summary, paper(report.top.unwrap_or(TOP)))
    };
    write(&out)?;
    // The program ends here, and taking down a few million facts one by one would only keep who waits for it.
    std::mem::forget(facts);
    Ok(if remarks.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What the files tell together, and what could not be read.
fn facts_of(archive: Archive, between: Between) -> (Facts, Vec<Remark>) {
    let reading = Reading {
        knowledge: Knowledge::builtin(),
        zone: zone(),
        between,
    };
    reading.sums(archive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    #[test]
    fn files_are_joined_in_the_order_of_time_whatever_their_order() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (dir.path().join("zz-old"), dir.path().join("new"));
        let lines = [
            "2026-11-24T10:00:00+00:00 mx1 postfix/pickup[1]: 4D1A220001: uid=0 from=<root>",
            "2026-11-24T10:00:01+00:00 mx1 postfix/cleanup[1]: 4D1A220001: message-id=<1@x.example>",
            "2026-11-24T10:00:02+00:00 mx1 postfix/qmgr[1]: 4D1A220001: from=<root@x.example>, size=700, nrcpt=1 (queue active)",
            "2026-11-24T10:00:03+00:00 mx1 postfix/smtp[1]: 4D1A220001: to=<c@d.example>, relay=local, delay=1, delays=0.1/0/0/0.9, dsn=2.0.0, status=sent (delivered to mailbox)",
        ];
        std::fs::write(&old, format!("{}\n{}\n", lines[0], lines[1])).unwrap();
        std::fs::write(&new, format!("{}\n{}\n", lines[2], lines[3])).unwrap();
        let now = DateTime::parse_from_rfc3339("2026-11-24T12:00:00Z")
            .unwrap()
            .to_utc();
        let missing = dir.path().join("missing");
        for files in [[&old, &new, &missing], [&new, &missing, &old]] {
            let files = files.map(Clone::clone);
            let archive = Archive::of_files(&files, now, zone());
            let (facts, remarks) = facts_of(archive, Between::default());
            assert_eq!(facts.told().traffic.bytes_received, 700, "{files:?}");
            assert_eq!(remarks.len(), 1);
            assert!(
                remarks[0].to_string().contains("no such file"),
                "{remarks:?}"
            );
        }
        let before = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let between = Between {
            since: Some(before("2026-11-24T10:00:01Z")),
            until: Some(before("2026-11-24T10:00:03Z")),
        };
        let (facts, _) = facts_of(Archive::of_files(&[old, new], now, zone()), between);
        let told = facts.told();
        assert_eq!(
            (
                told.lines.read,
                told.traffic.total.received,
                told.traffic.total.delivered
            ),
            (2, 0, 0)
        );
    }
}
