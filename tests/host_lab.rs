//! The host's figures on a real Postfix and Dovecot: their processes are counted by service against their own limits.
//!
//! In: a lab whose smtp service may have three processes. Checked: every limit against what `postconf -F` and `doveconf` say of each service by
//! itself, every count against the children that ps(1) shows, where the mailboxes are, and that three busy smtp processes are a reached limit.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "lab/harness.rs"]
mod harness;

use chrono::{FixedOffset, Utc};
use harness::{Lab, Options};
use mailtop::app::msg::Msg;
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::headroom::{Full, Used, headroom};
use mailtop::model::host::{Family, Processes};
use mailtop::sources::doveconf::Doveconf;
use mailtop::sources::host::{Places, Sampler};
use mailtop::sources::limits::{Sources, news, with};
use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_mins(1);

fn output(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The programs that a master has as children, by what ps says.
fn children(pid_file: &std::path::Path) -> BTreeMap<String, u32> {
    let pid = std::fs::read_to_string(pid_file).expect("a pid file");
    let text = output(Command::new("ps").args(["--ppid", pid.trim(), "-o", "stat=,comm="]));
    let mut counts = BTreeMap::new();
    for (state, name) in text.lines().filter_map(|line| line.trim().split_once(' ')) {
        if !state.starts_with('Z') {
            *counts.entry(name.trim().to_owned()).or_default() += 1;
        }
    }
    counts
}

/// The same as mailtop counts them.
fn counted(processes: &Processes, family: Family) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for service in processes
        .services
        .iter()
        .filter(|service| service.family == family)
    {
        // The kernel keeps 15 bytes of a name, and does not know of services.
        let name = service.program.trim_end_matches("-worker");
        *counts.entry(name.chars().take(15).collect()).or_default() += service.count;
    }
    counts
}

/// `smtp/unix/process_limit = 3`, one a line.
fn check_limits(lab: &Lab, model: &Model) {
    let known = model.limits.postfix.known().expect("Postfix's limits");
    let alone = lab.postfix("postconf", &["-F", "*/*/process_limit"], b"");
    let mut lines = 0;
    for line in alone.lines() {
        let (name, value) = line.split_once(" = ").expect("name = value");
        let name = name.trim_end_matches("/process_limit");
        let limit = known.services.get(name).expect(name);
        let expected = match value {
            "-" => Some(100),
            "0" => None,
            number => number.parse().ok(),
        };
        assert_eq!(
            (limit.processes, limit.default),
            (expected, value == "-"),
            "{name}"
        );
        lines += 1;
    }
    assert_eq!(
        (lines, known.services.len()),
        (lines.max(10), lines),
        "every service"
    );
    assert_eq!(known.active, Some(20_000));
    let dovecot = model.limits.dovecot.known().expect("Dovecot's limits");
    let config = lab.dir().join("etc/dovecot/dovecot.conf");
    let mut doveconf = Command::new(Doveconf::program().expect("doveconf"));
    let alone = output(
        doveconf
            .arg("-c")
            .arg(config)
            .args(["-h", "service/imap/process_limit"]),
    );
    let imap = dovecot.services.get("imap").expect("imap");
    assert_eq!(
        imap.processes.processes,
        alone.trim().parse().ok(),
        "{alone}"
    );
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one evening on the lab, step by step"
)]
fn processes_of_a_real_postfix_are_counted_against_its_own_limits() {
    let Some(lab) = Lab::start(&Options::default()) else {
        return;
    };
    lab.postfix("postconf", &["-F", "smtp/unix/process_limit=3"], b"");
    let reloaded = lab.inside(None, "postfix").arg("reload").status();
    assert!(reloaded.expect("postfix runs").success());
    let sources = Sources {
        postconf: Some(lab.program("postconf")),
        config_dir: None,
        doveconf: Doveconf::program(),
        dovecot_config: Some(lab.dir().join("etc/dovecot/dovecot.conf")),
    };
    let told = sources.ask();
    let places = Places {
        spool: lab.queue_dir(),
        log: lab.log().parent().map(Into::into),
        ..Places::default()
    };
    let places = with(&places, &told);
    assert_eq!(places.store, Some(lab.dir().join("mail")));
    let mut model = Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).expect("UTC"));
    for msg in news(&mailtop::sources::limits::Told::default(), &told) {
        if let Msg::Limits(limits) = msg {
            model.limits = *limits;
        }
    }
    check_limits(&lab, &model);

    let mut sampler = Sampler::new(places).expect("a sampler");
    let begin = Instant::now();
    let mut look = |model: &mut Model| {
        model.tick(Utc::now());
        for msg in sampler.sample(begin.elapsed()) {
            if let Msg::Host(sample) = msg {
                model.host.on(Utc::now(), *sample);
            }
        }
    };
    let counts = std::cell::RefCell::new(String::new());
    let model = std::cell::RefCell::new(model);
    let look = std::cell::RefCell::new(|model: &mut Model| look(model));
    let postfix = lab.queue_dir().join("pid/master.pid");
    let dovecot = lab.dir().join("run/dovecot/master.pid");
    // Services come and go by themselves: what counts is that one and the same moment is told alike.
    lab.wait_until(
        |_| {
            let model = &mut *model.borrow_mut();
            (look.borrow_mut())(model);
            let Some(processes) = model.host.processes() else {
                return false;
            };
            let mine = (
                counted(processes, Family::Postfix),
                counted(processes, Family::Dovecot),
            );
            let theirs = (children(&postfix), children(&dovecot));
            *counts.borrow_mut() = format!("{mine:?}\n{theirs:?}");
            processes.masters == 1
                && mine == theirs
                && mine.0.contains_key("qmgr")
                && mine.1.contains_key("auth")
        },
        LIMIT,
        "the processes to be counted as ps counts them",
    );

    lab.traffic(&[
        "12",
        "--from",
        "bob@shop.example",
        "--to",
        "maria@slow.example",
    ]);
    lab.wait_until(
        |_| {
            let model = &mut *model.borrow_mut();
            (look.borrow_mut())(model);
            let all = headroom(model, model.now());
            let smtp = all
                .iter()
                .find(|resource| resource.name == "smtp processes");
            smtp.is_some_and(|smtp| smtp.used == Used::Count(3, Some(3)) && smtp.full == Full::Now)
        },
        LIMIT,
        "three smtp processes",
    );
    let model = model.into_inner();
    let all = headroom(&model, model.now());
    assert_eq!(
        all.first().expect("resources").name,
        "smtp processes",
        "{all:#?}"
    );
    let smtp = all
        .iter()
        .find(|resource| resource.name == "smtp processes")
        .expect("smtp");
    assert_eq!(smtp.note, "maxproc of smtp/unix in master.cf");
    for place in ["spool", "log", "mail store"] {
        let told = all
            .iter()
            .any(|resource| resource.note.as_str().contains(place));
        assert!(told, "{place}: {all:#?}");
    }
}
