//! `mailtop trace`: one message's whole life, found by searching the logs in rounds ([`rounds`]). Ends as grep(1) does: 0 when something was found, 1 when nothing was, 2 when
//! a log could not be read (the others are read all the same) or the question is none.

use crate::app::msg::Lives;
use crate::cli::Trace;
use crate::model::span::Between;
use crate::model::trace::{LogLine, MESSAGES, Message, Question, Traced};
use crate::numbers::many;
use crate::reports;
use crate::safe_text::SafeText;
use crate::sources::logs::Logs;
use crate::sources::scan::{self, LINES, Log, Needles};
use crate::sources::search::rounds::{Ended, rounds};
use crate::theme::{GlyphSet, Theme};
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::Calendar;
use std::collections::HashSet;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

/// How much of a log is looked at for its first stamp.
const HEAD: usize = 4096;

/// A journal is searched when it is piped in.
const JOURNAL: &str =
    "this host logs to the journal: journalctl -o short-iso-precise | mailtop trace ID -";

const NOT_FOUND: u8 = 1;
const TROUBLE: u8 = 2;

/// Searches and prints.
pub fn run(asked: &Trace) -> ExitCode {
    let question = match Question::new(&asked.what) {
        Ok(question) => question,
        Err(why) => {
            say(&why);
            return TROUBLE.into();
        }
    };
    let (since, until) = (asked.since.as_deref(), asked.until.as_deref());
    let between = match Between::read(since, until, Utc::now(), super::zone()) {
        Ok(between) => between,
        Err(why) => {
            say(&why.to_string());
            return TROUBLE.into();
        }
    };
    let (logs, mut trouble) = open(asked);
    let (mut traced, lines) = search(&question, &logs, &mut trouble);
    traced.keep(|message| under_way(message, between));
    if traced.messages.is_empty() && !trouble {
        say(&format!(
            "nothing mentions {}: {} searched",
            question.text(),
            many(logs.len(), "log")
        ));
    }
    match print(asked, &traced, &lines) {
        // A reader that has seen enough, such as head(1), is no failure.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            say(&format!("standard output: {error}"));
            TROUBLE.into()
        }
        _ if trouble => TROUBLE.into(),
        _ if traced.messages.is_empty() => NOT_FOUND.into(),
        _ => ExitCode::SUCCESS,
    }
}

/// Whether any of a message's life lies in the span; one without a stamp is in every span.
fn under_way(message: &Message, between: Between) -> bool {
    let after = |last: DateTime<FixedOffset>| between.since.is_none_or(|since| since <= last);
    let before = |first: DateTime<FixedOffset>| between.until.is_none_or(|until| first < until);
    message.last.is_none_or(after) && message.first.is_none_or(before)
}

fn say(text: &str) {
    // Where standard error is closed nobody can be told.
    let _ = writeln!(io::stderr().lock(), "mailtop: {}", SafeText::from(text));
}

/// The logs in order of age, and whether one could not be opened.
fn open(asked: &Trace) -> (Vec<Log>, bool) {
    let now = Utc::now();
    let mut trouble = false;
    let mut files = asked.files.clone();
    if files.is_empty() {
        match super::own_logs(None) {
            Ok(Logs::Files(logs)) => files = logs.iter().flat_map(|log| scan::files(log)).collect(),
            Ok(Logs::Journal(_)) => {
                trouble = true;
                say(JOURNAL);
            }
            Err(why) => {
                trouble = true;
                say(why.as_str());
            }
        }
    }
    let mut logs = Vec::new();
    let mut known = HashSet::new();
    for path in files {
        match Log::open(&path, now).and_then(|log| Ok((log.identity()?, log))) {
            Ok((identity, log)) => {
                // Two names of one file would show every line twice.
                if known.insert(identity) {
                    logs.push((begin(&log), log));
                }
            }
            Err(error) => {
                trouble = true;
                say(&unreadable(&path, &error, asked.files.is_empty()));
            }
        }
    }
    // Named in any order; a log without a stamp at its beginning stays where it was named.
    if logs.iter().all(|(begin, _)| begin.is_some()) {
        logs.sort_by_key(|(begin, _)| *begin);
    }
    (logs.into_iter().map(|(_, log)| log).collect(), trouble)
}

fn unreadable(path: &Path, error: &io::Error, found: bool) -> String {
    let fix = match error.kind() {
        ErrorKind::PermissionDenied => " — be root, or in the group that owns it, such as adm",
        ErrorKind::NotFound if found => " — name the logs: mailtop trace ID FILE…",
        _ => "",
    };
    format!("cannot read {}: {error}{fix}", path.display())
}

/// When a log begins: the first stamp in it.
pub(super) fn begin(log: &Log) -> Option<DateTime<FixedOffset>> {
    let calendar = Calendar {
        anchor: anchor(log),
    };
    let head = log.head(HEAD).ok()?;
    head.split(|byte| *byte == b'\n')
        .find_map(|line| mailtop_parsers::parse(line, &calendar).time)
}

fn anchor(log: &Log) -> DateTime<FixedOffset> {
    log.anchor.with_timezone(&super::zone())
}

/// The log, and the offset in it.
type Place = (usize, u64);

/// Searches in rounds. `trouble` becomes true when a log was not read to its end.
fn search(question: &Question, logs: &[Log], trouble: &mut bool) -> (Traced, Vec<LogLine>) {
    let mut told = HashSet::new();
    let mut lives = Lives::default();
    let scan = |needles: &Needles| -> ControlFlow<(), Vec<(Place, LogLine)>> {
        let mut scanned = scan::scan(logs, needles);
        for (log, error) in scanned.troubles.drain(..) {
            *trouble = true;
            if told.insert(log)
                && let Some(log) = logs.get(log)
            {
                say(&format!(
                    "{} was not read to its end: {error}",
                    log.path.display()
                ));
            }
        }
        if scanned.cut {
            say(&format!(
                "more than {} mention it: older ones are left out",
                many(LINES, "line")
            ));
        }
        let hits = scanned.lines.into_iter().filter_map(|line| {
            let anchor = anchor(logs.get(line.log)?);
            let place = (line.log, line.offset);
            let text = line.text;
            Some((place, LogLine { text, anchor }))
        });
        ControlFlow::Continue(hits.collect())
    };
    let sample = logs.last().map(Log::sample).unwrap_or_default();
    if rounds(question, &sample, scan, |found| lives = found) == Ended::Endless {
        say("this goes on and on: what is shown is not all that belongs together");
    }
    let Lives { traced, lines } = lives;
    if traced.left_out > 0 {
        say(&format!(
            "{} answer this: the newest {MESSAGES} are shown",
            many(traced.left_out + MESSAGES, "message")
        ));
    }
    (traced, lines)
}

fn print(asked: &Trace, traced: &Traced, lines: &[LogLine]) -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    if asked.json {
        for message in &traced.messages {
            let object = reports::trace::object(message, traced, lines);
            serde_json::to_writer(&mut out, &object).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
    } else {
        let glyphs = Theme::detect(|name| std::env::var(name).ok()).glyphs;
        let text = reports::trace::text(traced, lines, glyphs == GlyphSet::Ascii);
        out.write_all(text.as_bytes())?;
    }
    out.flush()
}
