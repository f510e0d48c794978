//! `mailtop trace`: one message's whole life, found by searching the logs in rounds.
//!
//! The first round searches for what was asked; what is found names queue ids and Message-IDs that belong to the answer, and the next
//! round searches for those, until nothing new is named. Ends as grep(1) does: 0 when something was found, 1 when nothing was, 2 when
//! a log could not be read (the others are read all the same) or the question is none.

use crate::actions::Tools;
use crate::cli::Trace;
use crate::model::span::Between;
use crate::model::trace::{self, LogLine, MESSAGES, Message, Question, Traced};
use crate::numbers::many;
use crate::reports;
use crate::safe_text::SafeText;
use crate::sources::logs::Logs;
use crate::sources::postconf::Postconf;
use crate::sources::scan::{self, LINES, Line, Log, Needles};
use crate::theme::{GlyphSet, Theme};
use chrono::{DateTime, FixedOffset, Utc};
use mailtop_parsers::Calendar;
use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The most rounds. A mail goes through few filters; more is a loop.
const ROUNDS: usize = 12;

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
        match Logs::find(&[], false, found_log, super::zone()) {
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

/// The log that Postfix says, or the one that is usual.
fn found_log() -> PathBuf {
    let tools = Tools::find(None).ok();
    let directory = tools.and_then(|tools| tools.postqueue.parent().map(Path::to_owned));
    let postconf = directory.map(|directory| Postconf::ask(&directory, None));
    postconf.unwrap_or_default().log()
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

/// Searches in rounds. `trouble` becomes true when a log was not read to its end.
fn search(question: &Question, logs: &[Log], trouble: &mut bool) -> (Traced, Vec<LogLine>) {
    let mut found: BTreeMap<(usize, u64), Box<[u8]>> = BTreeMap::new();
    let mut searched = question.searched();
    let mut told = HashSet::new();
    let mut traced = Traced::default();
    let mut lines = Vec::new();
    let mut needles = match question {
        Question::QueueId(id) => Needles::words(&[id.as_bytes()]),
        Question::Name(name) => {
            let sample = logs.last().map(Log::sample);
            Needles::any_case(name, &sample.unwrap_or_default())
        }
    };
    for round in 0..=ROUNDS {
        let Some(these) = needles.filter(|_| round < ROUNDS) else {
            if round == ROUNDS {
                say("this goes on and on: what is shown is not all that belongs together");
            }
            break;
        };
        let mut scanned = scan::scan(logs, &these);
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
        let before = found.len();
        for Line { log, offset, text } in scanned.lines {
            found.entry((log, offset)).or_insert(text);
        }
        if round > 0 && found.len() == before {
            break;
        }
        lines = log_lines(&found, logs);
        traced = trace::trace(question, &lines);
        let new: Vec<Box<[u8]>> = traced.wanted.difference(&searched).cloned().collect();
        needles = Needles::words(&new);
        searched.extend(new);
    }
    if traced.left_out > 0 {
        say(&format!(
            "{} answer this: the newest {MESSAGES} are shown",
            many(traced.left_out + MESSAGES, "message")
        ));
    }
    (traced, lines)
}

fn log_lines(found: &BTreeMap<(usize, u64), Box<[u8]>>, logs: &[Log]) -> Vec<LogLine> {
    let lines = found.iter().filter_map(|((log, _), text)| {
        Some(LogLine {
            text: text.clone(),
            anchor: anchor(logs.get(*log)?),
        })
    });
    lines.collect()
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
