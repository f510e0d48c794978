//! Scenarios: a host over some time, and what would stop first.

use super::*;
use crate::knowledge::Knowledge;
use crate::model::host::{Disk, Family, FileSystem, HostSample, Network, Processes, Service, Swap};
use crate::model::limits::{Asked, DovecotLimits, Limits, PostfixLimits, Why};
use chrono::FixedOffset;

const MASTER: &str = "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\nqmgr unix n - y 300 1 qmgr\n\
                      cleanup unix n - y - 0 cleanup\nsubmission inet n - y - 10 smtpd\n";
const PARAMETERS: &str = "default_process_limit = 100\nqmgr_message_active_limit = 20000\nqueue_minfree = 0\nmessage_size_limit = 10240000\n";
const DOVECOT: &str = "default_process_limit = 100\ndefault_client_limit = 1000\nservice imap {\n  process_limit = 2048\n}\n";
const GIB: u64 = 1 << 30;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + 60 * minutes, 0).unwrap()
}

fn limits() -> Limits {
    Limits {
        postfix: Asked::Known(PostfixLimits::read(MASTER, PARAMETERS)),
        dovecot: Asked::Known(DovecotLimits::read(DOVECOT)),
    }
}

fn model() -> Model {
    let mut model = Model::new(Knowledge::builtin(), FixedOffset::east_opt(0).unwrap());
    model.limits = limits();
    model
}

/// So many minutes of a host whose sample is made of the minute.
fn over(minutes: i64, sample: impl Fn(i64) -> HostSample) -> Model {
    let mut model = model();
    for minute in 0..=minutes {
        model.tick(at(minute));
        model.host.on(at(minute), sample(minute));
    }
    model
}

fn processes(counts: &[(Family, &str, u32)]) -> Processes {
    let services = counts.iter().map(|(family, name, count)| Service {
        family: *family,
        name: (*name).to_owned(),
        program: String::from("smtpd"),
        count: *count,
        cpu: None,
        resident: 0,
        written: None,
    });
    Processes {
        services: services.collect(),
        masters: 1,
    }
}

fn find<'a>(all: &'a [Resource], name: &str) -> &'a Resource {
    let names: Vec<&str> = all.iter().map(|resource| resource.name.as_str()).collect();
    all.iter()
        .find(|resource| resource.name == name)
        .unwrap_or_else(|| panic!("{name} in {names:?}"))
}

fn minutes(full: Full) -> i64 {
    match full {
        Full::In(time) => time.num_minutes(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_service_at_its_limit_comes_first_and_one_that_grows_next() {
    let model = over(40, |minute| HostSample {
        cpu: Some(0.34),
        cpus: 8,
        processes: Some(processes(&[
            (
                Family::Postfix,
                "smtp/unix",
                (20 + 4 * minute as u32).min(100),
            ),
            (Family::Postfix, "smtp/inet", 44),
            (Family::Postfix, "submission/inet", 7),
            (Family::Postfix, "qmgr/unix", 1),
            (Family::Postfix, "cleanup/unix", 900),
            (Family::Dovecot, "imap", 1000 + 10 * minute as u32),
            (Family::Helper, "rspamd", 5),
        ])),
        ..HostSample::default()
    });
    let all = headroom(&model, at(40));
    let names: Vec<&str> = all.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "smtp processes",
            "imap processes",
            "submission processes",
            "CPU",
            "memory"
        ]
    );
    let smtp = &all[0];
    assert_eq!(
        (smtp.used, smtp.full, smtp.note.as_str()),
        (
            Used::Count(100, Some(100)),
            Full::Now,
            "default_process_limit"
        )
    );
    let imap = &all[1];
    assert_eq!(imap.used, Used::Count(1400, Some(2048)));
    assert!((60..=70).contains(&minutes(imap.full)), "{imap:?}");
    assert_eq!(imap.note, "service imap { process_limit }");
    assert_eq!(find(&all, "submission processes").full, Full::Stable);
    assert_eq!(
        find(&all, "submission processes").note,
        "maxproc of submission/inet in master.cf"
    );
    assert_eq!(find(&all, "memory").used, Used::Unknown);
    // Ten minutes after the beginning it was on its way there.
    let then = headroom(&model, at(10));
    let smtp = find(&then, "smtp processes");
    assert_eq!(smtp.used, Used::Count(60, Some(100)));
    assert!((9..=11).contains(&minutes(smtp.full)), "{smtp:?}");
}

#[test]
fn limits_that_nobody_told_are_unknown_and_say_why() {
    let mut model = over(40, |minute| HostSample {
        processes: Some(processes(&[
            (Family::Postfix, "smtp/unix", 20 + minute as u32),
            (Family::Dovecot, "imap", 7),
        ])),
        ..HostSample::default()
    });
    model.limits = Limits {
        postfix: Asked::Unknown(Why("`postconf` does not answer within 5 s".into())),
        dovecot: Asked::Not,
    };
    let all = headroom(&model, at(40));
    let smtp = find(&all, "smtp processes");
    assert_eq!(
        (smtp.used, smtp.share, smtp.full),
        (Used::Count(60, None), None, Full::Unknown)
    );
    assert_eq!(smtp.note, "`postconf` does not answer within 5 s");
    assert_eq!(
        find(&all, "imap processes").note,
        "its limit is not known yet"
    );
}

#[test]
fn without_any_sample_nothing_is_said_and_with_one_no_trend() {
    assert_eq!(headroom(&model(), at(0)), []);
    let model = over(0, |_| HostSample {
        cpu: Some(0.9),
        memory_total: 8 * GIB,
        memory_available: 2 * GIB,
        processes: Some(processes(&[(Family::Postfix, "qmgr/unix", 1)])),
        ..HostSample::default()
    });
    let all = headroom(&model, at(0));
    let memory = find(&all, "memory");
    assert_eq!(
        (memory.used, memory.full, memory.per_second),
        (Used::Share(0.75), Full::Unknown, None)
    );
    assert_eq!(
        find(&all, "smtp processes").used,
        Used::Count(0, Some(100)),
        "nothing is sent"
    );
    assert_eq!(
        find(&headroom(&model, at(-30)), "CPU").used,
        Used::Unknown,
        "before it was known"
    );
}

#[test]
fn the_spool_stops_before_it_is_full() {
    let spool = |available| FileSystem {
        path: "/var/spool/postfix".into(),
        mount: "/var/spool".into(),
        total: 100 << 20,
        available,
        inodes: 1000,
        inodes_available: 400,
        device: 1,
        ..FileSystem::default()
    };
    // 15.36 MB must be free, and 1 MiB a minute goes.
    let model = over(40, |minute| HostSample {
        spool: Some(spool((65 - minute as u64) << 20)),
        ..HostSample::default()
    });
    let all = headroom(&model, at(40));
    let space = find(&all, "/var/spool space");
    assert!((9..=11).contains(&minutes(space.full)), "{space:?}");
    assert!(
        space.note.as_str().starts_with("+1.4 GiB/day · spool"),
        "{}",
        space.note
    );
    assert_eq!(find(&all, "/var/spool inodes").full, Full::Stable);
    let model = over(1, |_| HostSample {
        spool: Some(spool(10 << 20)),
        ..HostSample::default()
    });
    let all = headroom(&model, at(1));
    assert_eq!(
        (all[0].name.as_str(), all[0].full),
        ("/var/spool space", Full::Now)
    );
    assert!(
        all[0]
            .note
            .as_str()
            .starts_with("under 14.6 MiB smtpd refuses mail"),
        "{}",
        all[0].note
    );
}

#[test]
fn places_on_one_file_system_are_told_of_once() {
    let file_system = |path: &str, device| FileSystem {
        path: path.into(),
        mount: if device == 1 { "/" } else { path }.into(),
        kind: "btrfs".into(),
        total: 100 * GIB,
        available: 25 * GIB,
        device,
        ..FileSystem::default()
    };
    let model = over(30, |_| HostSample {
        spool: Some(file_system("/var/spool/postfix", 1)),
        log: Some(file_system("/var/log", 1)),
        store: Some(file_system("/var/vmail", 2)),
        ..HostSample::default()
    });
    let all = headroom(&model, at(30));
    let names: Vec<&str> = all.iter().map(|resource| resource.name.as_str()).collect();
    assert_eq!(names, ["/ space", "/var/vmail space", "CPU", "memory"]);
    assert_eq!(all[0].note, "spool, log · btrfs has no limit of inodes");
    assert_eq!(
        (all[1].used, all[1].full),
        (Used::Share(0.75), Full::Stable)
    );
}

#[test]
fn what_falls_or_is_busy_has_no_time_to_its_limit() {
    let model = over(30, |minute| HostSample {
        memory_total: 100,
        memory_available: 10 + minute as u64,
        swap: Some(Swap {
            total: GIB,
            free: GIB / 2,
        }),
        oom_kills: Some(1),
        disk: Some(Disk {
            name: "vda".into(),
            busy: 1.0,
            latency_ms: Some(4.2),
            writes: Some(412.0),
            ..Disk::default()
        }),
        network: Some(Network {
            name: "eth0".into(),
            received: 1e6,
            sent: 4.75e6,
            speed: Some(1_000_000_000),
        }),
        ..HostSample::default()
    });
    let all = headroom(&model, at(30));
    let of = |name| {
        let resource = find(&all, name);
        (resource.full, resource.note.as_str())
    };
    assert_eq!(
        of("memory"),
        (
            Full::Stable,
            "1 process killed for want of memory, swap 512.0 MiB of 1.0 GiB"
        )
    );
    assert_eq!(
        of("disk vda busy"),
        (Full::Stable, "412 writes/s, 4.2 ms each")
    );
    assert_eq!(of("network eth0"), (Full::Stable, "link 1 Gbit/s"));
    assert_eq!(find(&all, "network eth0").used, Used::Bits(3.8e7));
    assert_eq!(
        all[0].name, "disk vda busy",
        "the fullest of those that are stable"
    );
}

#[test]
fn a_climb_of_ten_minutes_is_told_and_a_step_is_not() {
    let imap = |count: fn(i64) -> i64| {
        let model = over(40, |minute| HostSample {
            processes: Some(processes(&[(
                Family::Dovecot,
                "imap",
                u32::try_from(count(minute)).unwrap(),
            )])),
            ..HostSample::default()
        });
        find(&headroom(&model, at(40)), "imap processes").full
    };
    let climbs = imap(|minute| 800 + 60 * (minute - 30).max(0) + minute % 2);
    assert!((8..=14).contains(&minutes(climbs)), "{climbs:?}");
    let step = imap(|minute| if minute < 36 { 800 } else { 1400 } + minute % 3);
    assert_eq!(step, Full::Stable);
}

#[test]
fn what_is_nearly_used_up_stands_before_what_may_be_full_later() {
    let wavering = [93, 91, 94, 90, 93, 92, 90, 94, 91];
    let model = over(40, |minute| HostSample {
        // Of little use a climb tells nothing, of half of it two hours.
        cpu: Some(0.001 * minute as f64),
        memory_total: 1000,
        memory_available: 500 - 4 * minute.unsigned_abs(),
        processes: Some(processes(&[
            (
                Family::Postfix,
                "smtp/unix",
                wavering[minute as usize % wavering.len()],
            ),
            (Family::Dovecot, "imap", 1600 + 8 * minute as u32),
        ])),
        ..HostSample::default()
    });
    let all = headroom(&model, at(40));
    let rows: Vec<_> = all
        .iter()
        .map(|resource| (resource.name.as_str(), resource.full))
        .collect();
    let [
        ("imap processes", Full::In(soon)),
        ("smtp processes", Full::Stable),
        ("memory", Full::In(later)),
        ("CPU", Full::Stable),
    ] = rows[..]
    else {
        panic!("{rows:?}")
    };
    assert!(soon <= SOON && later > SOON, "{rows:?}");
    assert!(find(&all, "smtp processes").is_near());
}

#[test]
fn the_active_queue_is_measured_at_the_limit_of_the_queue_manager() {
    let mut model = over(0, |_| HostSample::default());
    assert!(
        !headroom(&model, at(0))
            .iter()
            .any(|resource| resource.kind == Kind::Active)
    );
    for minute in 0..40 {
        model.tick(at(minute));
        model.listing_begins("postfix");
        for id in 0..=minute * 10 {
            let line = format!(
                "{{\"queue_name\": \"active\", \"queue_id\": \"AB{id:08X}\", \"arrival_time\": 1800000000, \"message_size\": 1, \
                 \"sender\": \"a@b.example\", \"recipients\": [{{\"address\": \"c@d.example\"}}]}}\n"
            );
            model.listing_lines(line.as_bytes());
        }
        model.listing_ends(at(minute), std::time::Duration::ZERO, true, at(minute));
        model.queue.turn();
    }
    model.limits.postfix = Asked::Known(PostfixLimits {
        active: Some(500),
        ..PostfixLimits::default()
    });
    let all = headroom(&model, at(39));
    let active = find(&all, "qmgr active");
    assert_eq!(active.used, Used::Count(391, Some(500)));
    assert!((10..=12).contains(&minutes(active.full)), "{active:?}");
}

#[test]
fn services_have_short_names() {
    let of = |name, program| label(Family::Postfix, name, program);
    assert_eq!(of("smtp/inet", "smtpd"), "smtpd");
    assert_eq!(of("smtp/inet", "postscreen"), "postscreen");
    assert_eq!(of("smtp/unix", "smtp"), "smtp");
    assert_eq!(of("submission/inet", "smtpd"), "submission");
    assert_eq!(of("192.0.2.1:2525/inet", "smtpd"), "smtpd:2525");
    assert_eq!(of("[::1]:10025/inet", "smtpd"), "smtpd:10025");
    assert_eq!(of("localhost:smtps/inet", "smtpd"), "smtps");
    assert_eq!(label(Family::Dovecot, "imap", "imap"), "imap");
}
