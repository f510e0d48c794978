//! Frames of the view System, as text and as roles.

use crate::fixture::{self, list, now};
use crate::mails::{busy, press};
use crate::paint::{frames, text};
use chrono::TimeDelta;
use mailtop::app::App;
use mailtop::app::effect::{Effect, Search, What};
use mailtop::app::msg::Msg;
use mailtop::model::host::{
    Bounds, Disk, Family, FileSystem, HostSample, Network, Pressure, Processes, Service, Swap,
};
use mailtop::model::limits::{Asked, DovecotLimits, Limits, PostfixLimits, Why};
use mailtop::theme::Theme;

const GIB: u64 = 1 << 30;
const MASTER: &str = "smtp inet n - y - - smtpd\nsmtp unix - - y - - smtp\nqmgr unix n - y 300 1 qmgr\n\
    cleanup unix n - y - 0 cleanup\nbounce unix - - y - 0 bounce\nsubmission inet n - y - 50 smtpd\npickup unix n - y 60 1 pickup\n";
const PARAMETERS: &str = "default_process_limit = 100\nqmgr_message_active_limit = 20000\nqueue_minfree = 0\nmessage_size_limit = 10240000\n";
const DOVECOT: &str = "default_process_limit = 100\ndefault_client_limit = 1000\nservice imap {\n  process_limit = 2048\n}\n\
    service lmtp {\n  process_limit = 200\n}\nservice auth {\n  process_limit = 1\n}\n";

fn limits() -> Msg {
    Msg::Limits(Box::new(Limits {
        postfix: Asked::Known(PostfixLimits::read(MASTER, PARAMETERS)),
        dovecot: Asked::Known(DovecotLimits::read(DOVECOT)),
    }))
}

fn service(
    family: Family,
    name: &str,
    program: &str,
    count: u32,
    cpu: f64,
    resident: u64,
) -> Service {
    Service {
        family,
        name: name.to_owned(),
        program: program.to_owned(),
        count,
        cpu: Some(cpu),
        resident,
        written: Some(cpu * 1e6),
    }
}

/// The host after so many tenths of the hour in which the smtp processes come to their limit.
fn sample(nth: u32) -> HostSample {
    use Family::{Dovecot, Helper, Postfix};
    let grown = f64::from(nth) / 360.0;
    let wave = f64::from(nth % 40) / 40.0;
    let place = |path: &str, mount: &str, device, used: f64, inodes_used: f64| FileSystem {
        path: path.into(),
        mount: mount.into(),
        kind: "ext4".into(),
        total: 200 * GIB,
        available: ((1.0 - used) * 200.0 * GIB as f64) as u64,
        inodes: 6_000_000,
        inodes_available: ((1.0 - inodes_used) * 6e6) as u64,
        device,
    };
    let smtp = (20 + (grown * 120.0) as u32).min(100);
    HostSample {
        cpus: 8,
        cpu: Some(0.3 + 0.08 * wave),
        user: Some(0.2 + 0.05 * wave),
        system: Some(0.1),
        iowait: Some(0.03),
        steal: Some(0.0),
        load: Some(2.1),
        loads: Some([2.6, 1.4]),
        memory_total: 24 * GIB,
        memory_available: 17 * GIB,
        page_cache: Some(12 * GIB),
        swap: Some(Swap {
            total: 2 * GIB,
            free: 2 * GIB,
        }),
        oom_kills: Some(0),
        pressure: Some(Pressure {
            cpu: 2.0,
            io: 11.0,
            memory: 0.0,
            io_full: Some(6.0),
            memory_full: Some(0.0),
        }),
        disk: Some(Disk {
            name: "vda".into(),
            busy: 0.3 + 0.4 * grown + 0.05 * wave,
            latency_ms: Some(4.2),
            read_rate: 1e5,
            write_rate: 8.2e6,
            writes: Some(412.0),
        }),
        disks: Vec::new(),
        spool: Some(place(
            "/var/spool/postfix",
            "/var/spool",
            1,
            0.38,
            0.5 + 0.005 * grown,
        )),
        log: Some(place("/var/log", "/", 2, 0.41, 0.11)),
        store: Some(place(
            "/var/vmail",
            "/var/vmail",
            3,
            0.72 + 0.0001 * grown,
            0.3,
        )),
        processes: Some(Processes {
            masters: 1,
            services: vec![
                service(Postfix, "smtp/unix", "smtp", smtp, 0.112, 840 << 20),
                service(Postfix, "smtp/inet", "smtpd", 44, 0.061, 570 << 20),
                service(Postfix, "cleanup/unix", "cleanup", 21, 0.04, 150 << 20),
                service(Postfix, "qmgr/unix", "qmgr", 1, 0.022, 9 << 20),
                service(Postfix, "bounce/unix", "bounce", 3, 0.001, 20 << 20),
                service(Postfix, "submission/inet", "smtpd", 12, 0.01, 60 << 20),
                service(Postfix, "pickup/unix", "pickup", 1, 0.0, 7 << 20),
                service(
                    Dovecot,
                    "imap",
                    "imap",
                    1500 + (grown * 342.0) as u32,
                    0.084,
                    3 * GIB,
                ),
                service(Dovecot, "lmtp", "lmtp", 11, 0.009, 41 << 20),
                service(Dovecot, "auth", "auth", 1, 0.011, 22 << 20),
                service(Helper, "rspamd", "rspamd", 5, 0.09, 1_180_000_000),
                service(Helper, "mysqld", "mysqld", 1, 0.032, 410 << 20),
                service(Helper, "rsyslogd", "rsyslogd", 1, 0.019, 4 << 20),
            ],
        }),
        network: Some(Network {
            name: "eth0".into(),
            received: 1e6,
            sent: 4.75e6,
            speed: Some(1_000_000_000),
        }),
        bounds: Bounds::default(),
    }
}

/// An hour of samples, one in ten seconds; changed by what each scenario leaves out.
pub fn hour(app: &mut App, change: impl Fn(HostSample) -> HostSample) {
    for nth in 0..=360 {
        app.update(Msg::Tick(
            now() - TimeDelta::seconds(10 * (360 - i64::from(nth))),
        ));
        app.update(Msg::Host(Box::new(change(sample(nth)))));
    }
}

pub fn incident(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    crate::mails::morning(&mut app, 60);
    hour(&mut app, |sample| sample);
    app.update(limits());
    let mut mails: Vec<_> = (0..281)
        .map(|n| {
            let domain = if n % 4 == 0 { "gmail.com" } else { "yahoo.com" };
            fixture::Mail {
                queue: "active",
                ..fixture::mail(n, 60, "news@shop.example", &format!("user{n}@{domain}"), "")
            }
        })
        .collect();
    mails.extend(busy());
    list(&mut app, &mails, true);
    app
}

fn calm(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    list(&mut app, &[], true);
    hour(&mut app, |_| sample(10));
    app.update(limits());
    app
}

/// A user who may not look at much, on a kernel that tells little; a minute after the beginning.
fn poor(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    list(&mut app, &[], true);
    let mut sample = HostSample {
        pressure: None,
        disk: None,
        spool: None,
        log: None,
        store: None,
        network: None,
        swap: None,
        oom_kills: None,
        page_cache: None,
        ..sample(40)
    };
    for service in sample
        .processes
        .iter_mut()
        .flat_map(|all| &mut all.services)
    {
        (service.cpu, service.written) = (None, None);
    }
    app.update(Msg::Host(Box::new(sample)));
    app.update(Msg::Limits(Box::new(Limits {
        postfix: Asked::Unknown(Why("`postconf` does not answer within 5 s".into())),
        dovecot: Asked::Unknown(Why("there is no doveconf here: no limits of Dovecot".into())),
    })));
    app
}

/// Very many services, with names that nobody should see as they are.
fn crowd(theme: Theme, size: (u16, u16)) -> App {
    let mut app = fixture::app(theme, size, None);
    list(&mut app, &[], true);
    let mut sample = sample(360);
    if let Some(spool) = &mut sample.spool {
        spool.mount = "/srv/\u{202e}\x1b[2Jmail with a long long long name".into();
    }
    let crowd = (0..60).map(|n| {
        let name = format!("\x1b[31m二{n}-a-service-with-a-long-name/unix");
        service(Family::Postfix, &name, "pipe", n, 0.5, u64::MAX / 2)
    });
    if let Some(processes) = &mut sample.processes {
        processes.services.extend(crowd);
    }
    app.update(limits());
    app.update(Msg::Host(Box::new(sample)));
    app
}

screens! {
    system: frames("7", incident);
    system_calm: frames("7", calm);
    system_nothing_known: frames("7", |theme, size| fixture::app(theme, size, None));
    system_poor: frames("7", poor);
    system_crowd: frames("7<tab><tab><tab><tab>G", crowd);
    system_in_the_past: frames("7<left><left><left><left><left><left><left><left><left><left>", incident);
    system_in_a_slice: frames("7", |theme, size| {
        let mut app = calm(theme, size);
        app.update(Msg::Host(Box::new(HostSample {
            memory_total: 8 * GIB,
            memory_available: GIB,
            bounds: Bounds {
                memory: Some("postfix.service".into()),
                cpu: Some(("mail.slice".into(), 1.5)),
            },
            ..sample(10)
        })));
        app
    });
    system_processes_alone: frames("7<enter>o", incident);
    overview_with_a_full_service: frames("", incident);
    system_chart_alone: frames("7<tab><tab>o", incident);
}

#[test]
fn from_a_full_service_to_the_mail_that_waits_for_it() {
    let mut app = incident(Theme::default(), (120, 36));
    press(&mut app, "7<enter>");
    let shown = text(&mut app, (120, 36));
    assert!(shown.contains("[7 System]"), "{shown}");
    press(&mut app, "<enter>");
    let shown = text(&mut app, (120, 36));
    assert!(
        shown.contains("[2 Queue]") && shown.contains("yahoo.com"),
        "{shown}"
    );
    press(&mut app, "<esc>G<enter>");
    assert!(
        text(&mut app, (120, 36)).contains("[7 System]"),
        "a logger has no view"
    );
}

#[test]
fn from_what_stops_first_to_what_it_logged() {
    for (keys, filter) in [
        // A full service, from its limit and from its processes.
        ("7l", "prog:smtp"),
        ("7<enter>l", "prog:smtp"),
        // Two services of one program log under its name.
        ("7<enter>jl", "prog:smtpd"),
        // A service of Dovecot, with what others say of it.
        ("7jl", "prog:dovecot imap"),
        // No line tells of inodes: all lines of the time.
        ("7jjl", ""),
    ] {
        let mut app = incident(Theme::default(), (120, 36));
        let effects = press(&mut app, keys);
        let asked = effects.iter().find_map(|effect| match effect {
            Effect::Search(Search {
                what: What::Lines(filter),
                ..
            }) => Some(filter.text()),
            _ => None,
        });
        assert_eq!(asked, Some(filter), "{keys}");
        assert!(text(&mut app, (120, 36)).contains("[8 Log]"), "{keys}");
    }
}
