//! A hand-made mail system for the tests of app and views and for the bench: fixed clock, fixed zone, no machine facts.

use chrono::{DateTime, FixedOffset, Offset, TimeDelta, Utc};
use mailtop::app::App;
use mailtop::app::msg::{Listing, LogBatch, Msg};
use mailtop::app::setting::{Mode, Setting};
use mailtop::knowledge::Knowledge;
use mailtop::model::Model;
use mailtop::model::host::{Disk, FileSystem, HostSample, Pressure};
use mailtop::safe_text::SafeText;
use mailtop::theme::Theme;
use std::fmt::Write;
use std::time::Duration;

/// 11:09:31 in the fixture's zone, one hour east of UTC.
pub fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_514_971, 0).unwrap_or_default()
}

/// Nothing is known yet.
pub fn app(theme: Theme, size: (u16, u16), no_actions: Option<&str>) -> App {
    let zone = FixedOffset::east_opt(3600).unwrap_or_else(|| Utc.fix());
    let setting = Setting {
        host: SafeText::from("mx1"),
        mode: Mode::Live,
        config_dir: None,
        no_actions: no_actions.map(SafeText::from),
    };
    let mut app = App::new(Model::new(Knowledge::builtin(), zone), theme, setting, size);
    app.update(Msg::Tick(now()));
    app
}

/// One listed message.
#[derive(Debug, Clone)]
pub struct Mail {
    pub queue: &'static str,
    pub id: String,
    /// Seconds ago.
    pub age: i64,
    pub size: u64,
    pub from: String,
    pub to: Vec<String>,
    pub reason: String,
}

/// A message with the n-th queue id, in the deferred queue.
pub fn mail(n: usize, age: i64, from: &str, to: &str, reason: &str) -> Mail {
    Mail {
        queue: "deferred",
        id: format!("4jYg7l{n:04}zBGQD"),
        age,
        size: 6_000 + 37 * n as u64,
        from: from.to_owned(),
        to: vec![to.to_owned()],
        reason: reason.to_owned(),
    }
}

/// So many messages to so many domains.
pub fn many(messages: usize, domains: usize) -> Vec<Mail> {
    (0..messages)
        .map(|n| {
            let to = format!("user{n}@d{}.example", n % domains);
            let reason = format!(
                "host mx{}.example[192.0.2.1] said: 451 4.3.{} <{to}> try again later, id {n} (in reply to DATA command)",
                n % 50,
                n % 7
            );
            mail(n, n as i64, &format!("sender{}@shop.example", n % 400), &to, &reason)
        })
        .collect()
}

/// As `postqueue -j` writes it.
pub fn listing(mails: &[Mail]) -> Vec<u8> {
    let mut lines = String::new();
    for mail in mails {
        let reason = serde_json::Value::from(mail.reason.as_str());
        let recipients: Vec<String> = mail
            .to
            .iter()
            .map(|to| {
                let to = serde_json::Value::from(to.as_str());
                if mail.reason.is_empty() {
                    format!("{{\"address\": {to}}}")
                } else {
                    format!("{{\"address\": {to}, \"delay_reason\": {reason}}}")
                }
            })
            .collect();
        let _ = writeln!(
            lines,
            "{{\"queue_name\": \"{}\", \"queue_id\": \"{}\", \"arrival_time\": {}, \"message_size\": {}, \
             \"forced_expire\": false, \"sender\": {}, \"recipients\": [{}]}}",
            mail.queue,
            mail.id,
            now().timestamp() - mail.age,
            mail.size,
            serde_json::Value::from(mail.from.as_str()),
            recipients.join(", ")
        );
    }
    lines.into_bytes()
}

/// A listing that ended four seconds ago.
pub fn list(app: &mut App, mails: &[Mail], complete: bool) {
    let at = now() - TimeDelta::seconds(4);
    app.update(Msg::Listing(Listing::Begin {
        at,
        instance: "postfix".into(),
    }));
    app.update(Msg::Listing(Listing::Lines(listing(mails))));
    app.update(Msg::Listing(Listing::End {
        at,
        took: Duration::from_millis(40),
        complete,
        next: now() + TimeDelta::seconds(2),
    }));
}

pub fn log(app: &mut App, lines: Vec<u8>) {
    app.update(Msg::Log(LogBatch {
        source: "mail.log".into(),
        lines,
        anchor: now(),
    }));
}

/// The host's figures over a minute.
pub fn host(app: &mut App) {
    for n in 0..20 {
        app.update(Msg::Host(Box::new(HostSample {
            cpus: 8,
            cpu: Some(0.1 + 0.01 * f64::from(n)),
            iowait: Some(0.03),
            load: Some(0.7),
            memory_total: 8 << 30,
            memory_available: 5 << 30,
            pressure: Some(Pressure {
                cpu: 2.0,
                io: 11.0,
                memory: 0.0,
                ..Pressure::default()
            }),
            disk: Some(Disk {
                name: "vda".into(),
                busy: 0.7,
                latency_ms: Some(4.2),
                read_rate: 1e5,
                write_rate: 3e6,
                ..Disk::default()
            }),
            spool: Some(FileSystem {
                path: "/var/spool/postfix".into(),
                total: 100 << 30,
                available: 62 << 30,
                inodes: 6_000_000,
                inodes_available: 5_000_000,
                ..FileSystem::default()
            }),
            ..HostSample::default()
        })));
    }
}
