//! `mailtop parse`: one JSON object for each log line or entry of the journal, in order; with `--follow` as the lines are written.

use crate::app::msg::Msg;
use crate::cli::Parse;
use crate::model::feeds::{FeedReport, FeedState};
use crate::reports::json;
use crate::sources::read::{self, Step};
use crate::sources::tail;
use anyhow::Context;
use chrono::Utc;
use mailtop_parsers::journal::Mixed;
use mailtop_parsers::{Calendar, Record};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Reads or follows the files.
///
/// # Errors
/// When a file can't be read; the others are read all the same.
pub fn run(parse: &Parse) -> anyhow::Result<ExitCode> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = if parse.follow {
        follow(&parse.files, &mut out)?
    } else {
        files(&parse.files, &mut out)
    };
    match written.and_then(|()| out.flush()) {
        // A reader that has seen enough, such as head(1), is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        result => result.map(|()| ExitCode::SUCCESS).map_err(Into::into),
    }
}

fn files(files: &[PathBuf], out: &mut impl Write) -> io::Result<()> {
    let zone = super::zone();
    let standard_input = [PathBuf::from("-")];
    let files = if files.is_empty() {
        &standard_input
    } else {
        files
    };
    let mut failed = None;
    for file in files {
        let read = read::read(file, Utc::now(), zone, |step| match step {
            Step::Record(record) => write(record, out),
            Step::Pause => out.flush(),
        });
        if let Err(error) = read {
            if error.kind() == ErrorKind::BrokenPipe {
                return Err(error);
            }
            failed = Some(io::Error::new(
                error.kind(),
                format!("{}: {error}", file.display()),
            ));
        }
    }
    failed.map_or(Ok(()), Err)
}

fn follow(files: &[PathBuf], out: &mut impl Write) -> anyhow::Result<io::Result<()>> {
    anyhow::ensure!(
        !files.is_empty(),
        "--follow needs the files to follow, such as /var/log/mail.log"
    );
    let zone = super::zone();
    let mut mixed = Mixed::default();
    let starts = files
        .iter()
        .map(|file| (file.clone(), tail::Start::Beginning));
    for msg in tail::Follow::new(starts) {
        match msg {
            Msg::Log(batch) => {
                let calendar = Calendar {
                    anchor: batch.anchor.with_timezone(&zone),
                };
                let written = read::each(&batch.lines, &mut mixed, &calendar, |record| {
                    write(record, out)
                });
                if let Err(error) = written.and_then(|()| out.flush()) {
                    return Ok(Err(error));
                }
            }
            Msg::Feed(report) => say(&report).context("standard error")?,
            _ => {}
        }
    }
    Ok(Ok(()))
}

/// What happens to a followed file goes to standard error, so that standard output stays records only.
fn say(report: &FeedReport) -> io::Result<()> {
    let text = match report {
        FeedReport::State(_, FeedState::Up) | FeedReport::Remark(_, None) => return Ok(()),
        FeedReport::State(_, FeedState::Waiting { why } | FeedState::Lost { why, .. }) => {
            why.to_string()
        }
        FeedReport::Remark(_, Some(remark)) => remark.to_string(),
        FeedReport::Lost(_, loss) => format!("{} bytes could not be recovered", loss.bytes),
    };
    writeln!(io::stderr().lock(), "mailtop: {text}")
}

/// Writes the object of one record.
fn write(record: &Record<'_>, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &json::object(record)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}
