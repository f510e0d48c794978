//! The model's scenarios: log lines and listings in, facts out. Each file in `tests/scenarios` is one story of a mail system.
//!
//! A file has a last moment (`now`), steps in order (`log` lines, a `listing` as `postqueue -j` writes it) and what must be known
//! after them (`expect`). What a file does not name is not compared, but a file that names nothing fails, and so does one
//! with a word that the runner does not know. Lists are compared whole and in order.

use chrono::{DateTime, FixedOffset, Offset, TimeDelta, Utc};
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::alarms::alarms;
use mailtop::model::growth::Growth;
use mailtop::model::history::Depth;
use mailtop::model::stuck::{self, Domain};
use mailtop_parsers::QueueName;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    about: String,
    now: DateTime<Utc>,
    /// Hours east of UTC, for stamps without an offset.
    #[serde(default)]
    zone: i32,
    step: Vec<Step>,
    expect: Expect,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    #[serde(default)]
    log: String,
    listing: Option<String>,
    /// When the listing ended; the last moment when it is not given.
    at: Option<DateTime<Utc>>,
    #[serde(default)]
    broke_off: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    depth: Option<Vec<DepthAt>>,
    flow: Option<Flow>,
    provider: Option<Vec<Provider>>,
    stuck: Option<Vec<Stuck>>,
    event: Option<Vec<String>>,
    alarm: Option<Vec<String>>,
    growth: Option<GrowthOf>,
    lines: Option<Lines>,
    listed: Option<Listed>,
    logins: Option<Logins>,
    last_line: Option<DateTime<Utc>>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct DepthAt {
    at: DateTime<Utc>,
    #[serde(default)]
    incoming: i64,
    #[serde(default)]
    active: i64,
    #[serde(default)]
    deferred: i64,
    #[serde(default)]
    hold: i64,
}

#[derive(Deserialize, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Flow {
    arrived: u64,
    sent: u64,
    deferred: u64,
    bounced: u64,
    expired: u64,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Provider {
    name: String,
    #[serde(default)]
    sent: u64,
    #[serde(default)]
    deferred: u64,
    #[serde(default)]
    bounced: u64,
    #[serde(default)]
    codes: BTreeMap<String, u64>,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(deny_unknown_fields)]
struct Stuck {
    domain: String,
    count: usize,
    #[serde(default)]
    held: usize,
    #[serde(default)]
    reasons: Vec<String>,
}

#[derive(Deserialize, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct GrowthOf {
    span: i64,
    change: i64,
    fresh: Option<u64>,
    /// Seconds.
    drains_in: Option<u64>,
}

#[derive(Deserialize, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Lines {
    read: u64,
    warnings: u64,
    other: u64,
    foreign: u64,
    unparsed: u64,
}

#[derive(Deserialize, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Listed {
    messages: usize,
    bad_lines: u64,
    broke_off: Option<usize>,
}

#[derive(Deserialize, Debug, PartialEq, Default)]
#[serde(deny_unknown_fields, default)]
struct Logins {
    succeeded: u64,
    failed: u64,
    saved: u64,
    not_saved: u64,
}

impl Scenario {
    fn play(&self) -> Model {
        let zone = FixedOffset::east_opt(self.zone * 3600).unwrap_or_else(|| Utc.fix());
        let mut model = Model::new(Knowledge::builtin(), zone);
        model.tick(self.now);
        for step in &self.step {
            model.log(step.log.as_bytes(), self.now);
            if let Some(listing) = &step.listing {
                model.listing_begins("postfix");
                model.listing_lines(listing.as_bytes());
                let at = step.at.unwrap_or(self.now);
                model.listing_ends(
                    at,
                    Duration::ZERO,
                    !step.broke_off,
                    at + TimeDelta::seconds(30),
                );
                model.queue.turn();
            }
        }
        model
    }
}

fn waiting(model: &Model) -> Vec<Domain> {
    let waits = |queue| matches!(queue, QueueName::Deferred | QueueName::Hold);
    let messages = model
        .queue
        .messages()
        .filter(|message| waits(message.target.queue));
    stuck::domains(messages, model.now())
}

fn depth(model: &Model, at: DateTime<Utc>) -> DepthAt {
    let depths = model
        .told()
        .history
        .depths(at - TimeDelta::hours(24), at, 1);
    let Depth {
        incoming,
        active,
        deferred,
        hold,
    } = depths.first().copied().flatten().unwrap_or_default();
    DepthAt {
        at,
        incoming,
        active,
        deferred,
        hold,
    }
}

fn flow(model: &Model) -> Flow {
    let flow = model.told().history.flow_since(DateTime::default());
    Flow {
        arrived: flow.arrived,
        sent: flow.sent,
        deferred: flow.deferred,
        bounced: flow.bounced,
        expired: flow.expired,
    }
}

fn providers(model: &Model) -> Vec<Provider> {
    let tallies = model.facts.providers_since(model.now(), 60);
    tallies
        .into_iter()
        .map(|(provider, tally)| {
            let codes = tally.codes.iter().map(|(code, count)| {
                let words: Vec<String> = [
                    code.reply.map(|reply| reply.to_string()),
                    code.dsn.map(|dsn| dsn.to_string()),
                ]
                .into_iter()
                .flatten()
                .collect();
                (words.join(" "), *count)
            });
            Provider {
                name: provider.name().to_owned(),
                sent: tally.outcomes.sent,
                deferred: tally.outcomes.deferred,
                bounced: tally.outcomes.bounced,
                codes: codes.collect(),
            }
        })
        .collect()
}

fn stuck(model: &Model) -> Vec<Stuck> {
    let reasons = |domain: &Domain| {
        domain
            .reasons
            .iter()
            .map(|(reason, count)| format!("{count} {}", reason.line()))
            .collect()
    };
    waiting(model)
        .iter()
        .map(|domain| Stuck {
            domain: domain.name.to_string(),
            count: domain.count,
            held: domain.held,
            reasons: reasons(domain),
        })
        .collect()
}

fn growth(model: &Model) -> GrowthOf {
    let growth = Growth::of(model.told(), &waiting(model), model.now());
    GrowthOf {
        span: growth.span,
        change: growth.change,
        fresh: growth.fresh,
        drains_in: growth.drains_in.map(|time| time.as_secs()),
    }
}

/// `2 yahoo.com deferred 421 …`, newest first.
fn events(model: &Model) -> Vec<String> {
    model
        .told()
        .events
        .newest()
        .iter()
        .map(|event| format!("{} {}", event.count, event.text))
        .collect()
}

/// What is not as expected; empty when all is well.
fn check(name: &str, scenario: &Scenario) -> String {
    let model = scenario.play();
    let about = format!("{name}: {}", scenario.about);
    let mut compared = 0;
    let mut wrong = String::new();
    let mut same = |what: &str, found: String, expected: String| {
        if found != expected {
            let _ = writeln!(
                wrong,
                "{about}\n{what}: found {found}\nexpected {expected}\n"
            );
        }
        compared += 1;
    };
    let expect = &scenario.expect;
    for expected in expect.depth.iter().flatten() {
        let found = depth(&model, expected.at);
        same("depth", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = &expect.flow {
        same(
            "flow",
            format!("{:#?}", flow(&model)),
            format!("{expected:#?}"),
        );
    }
    if let Some(expected) = &expect.provider {
        same(
            "providers",
            format!("{:#?}", providers(&model)),
            format!("{expected:#?}"),
        );
    }
    if let Some(expected) = &expect.stuck {
        same(
            "stuck",
            format!("{:#?}", stuck(&model)),
            format!("{expected:#?}"),
        );
    }
    if let Some(expected) = &expect.event {
        same(
            "events",
            format!("{:#?}", events(&model)),
            format!("{expected:#?}"),
        );
    }
    if let Some(expected) = &expect.alarm {
        let waiting = waiting(&model);
        let growth = Growth::of(model.told(), &waiting, model.now());
        let found: Vec<String> = alarms(&model, &waiting, &growth)
            .iter()
            .map(|alarm| alarm.text.to_string())
            .collect();
        same("alarms", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = &expect.growth {
        let found = growth(&model);
        same("growth", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = &expect.lines {
        let lines = &model.told().lines;
        let found = Lines {
            read: lines.read,
            warnings: lines.warnings,
            other: lines.other,
            foreign: lines.foreign,
            unparsed: lines.unparsed,
        };
        same("lines", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = &expect.listed {
        let found = Listed {
            messages: model.queue.count(),
            bad_lines: model.queue.listed().bad_lines,
            broke_off: model.queue.listed().broke_off,
        };
        same("listed", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = &expect.logins {
        let dovecot = &model.told().dovecot;
        let (logins, saves) = (dovecot.logins.minutes.all(), dovecot.saves.minutes.all());
        let found = Logins {
            succeeded: logins.all(),
            failed: logins.failed + dovecot.logins.sasl_failed,
            saved: saves.saved,
            not_saved: saves.not_saved,
        };
        same("logins", format!("{found:#?}"), format!("{expected:#?}"));
    }
    if let Some(expected) = expect.last_line {
        same(
            "last line",
            format!("{:?}", model.last_line()),
            format!("{:?}", Some(expected)),
        );
    }
    assert!(compared > 0, "{about}: nothing is compared");
    wrong
}

#[test]
fn every_scenario_ends_with_the_facts_that_it_names() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<_> = std::fs::read_dir(&directory)
        .expect("tests/scenarios")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    assert!(files.len() > 10, "only {} scenarios", files.len());
    let mut wrong = String::new();
    for path in files {
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path).expect("a scenario");
        let scenario: Scenario =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        wrong.push_str(&check(&name, &scenario));
    }
    assert!(wrong.is_empty(), "{wrong}");
}
