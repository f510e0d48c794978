//! Mail for the lab: sends the messages of a mix through the submission port, spread over a time, and reports what became of them.
//!
//! With `seconds` 0 it sends as fast as the server takes it and keeps connections open; otherwise every message is a session of
//! its own, as from a shop's web server, and the mix's noise goes on beside it.

use crate::client::Smtp;
use crate::mix::{Mail, Mix, Sender};
use crate::moods::Moods;
use crate::noise::{self, Ports};
use anyhow::Context;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How many connections at once.
const WORKERS: usize = 12;
/// The password of every user of the lab.
pub const PASSWORD: &str = "secret";

/// What to send, where to, and when the providers' mood changes.
pub struct Plan {
    /// Where the lab listens.
    pub ports: Ports,
    /// The mix.
    pub mix: Mix,
    /// How many messages.
    pub count: usize,
    /// Over how long; zero: as fast as possible.
    pub spread: Duration,
    /// (after how long, provider, mood)
    pub changes: Vec<(Duration, String, String)>,
}

/// What became of them.
#[derive(Debug, Default)]
pub struct Sent {
    /// Accepted by Postfix.
    pub accepted: usize,
    /// Refused at RCPT TO.
    pub refused: usize,
    /// Sessions that failed otherwise, with the first reason.
    pub failed: usize,
    /// The first failure.
    pub first_failure: Option<String>,
}

/// Sends everything and returns when the last message is accepted or refused.
pub fn send(plan: &Plan, moods: &Moods) -> anyhow::Result<Sent> {
    let mails = plan.mix.mails(plan.count);
    let next = AtomicUsize::new(0);
    let sent = Mutex::new(Sent::default());
    let start = Instant::now();
    thread::scope(|scope| {
        for (after, provider, mood) in &plan.changes {
            scope.spawn(move || {
                thread::sleep(*after);
                moods.set(provider, mood)
            });
        }
        if !plan.spread.is_zero() {
            scope.spawn(|| noise::make(&plan.mix.noise(plan.count), &plan.ports, plan.spread));
        }
        for _ in 0..WORKERS {
            scope.spawn(|| work(plan, &mails, &next, start, &sent));
        }
    });
    sent.into_inner()
        .map_err(|_| anyhow::anyhow!("a sender panicked"))
}

fn work(plan: &Plan, mails: &[Mail], next: &AtomicUsize, start: Instant, sent: &Mutex<Sent>) {
    let mut open: HashMap<usize, Smtp> = HashMap::new();
    while let Some(mail) = mails.get(next.fetch_add(1, Ordering::Relaxed)) {
        let due = plan.spread.mul_f64(mail.number as f64 / mails.len() as f64);
        thread::sleep(due.saturating_sub(start.elapsed()));
        let result = deliver(plan, mail, &mut open);
        if result.is_err() || !plan.spread.is_zero() {
            open.clear();
        }
        let Ok(mut sent) = sent.lock() else { return };
        match result {
            Ok(true) => sent.accepted += 1,
            Ok(false) => sent.refused += 1,
            Err(error) => {
                sent.failed += 1;
                sent.first_failure
                    .get_or_insert_with(|| format!("{error:#}"));
            }
        }
    }
}

fn deliver(plan: &Plan, mail: &Mail, open: &mut HashMap<usize, Smtp>) -> anyhow::Result<bool> {
    let sender = plan
        .mix
        .senders
        .get(mail.sender)
        .context("no such sender")?;
    let mut connection = match open.remove(&mail.sender) {
        Some(connection) => connection,
        None => open_session(plan, sender)?,
    };
    let accepted = connection.deliver(&sender.address, &mail.rcpt, || message(sender, mail))?;
    open.insert(mail.sender, connection);
    Ok(accepted)
}

fn open_session(plan: &Plan, sender: &Sender) -> anyhow::Result<Smtp> {
    let mut smtp = Smtp::open(plan.ports.submission)?;
    if sender.login {
        let known = smtp.login(&sender.address, PASSWORD)?;
        anyhow::ensure!(known, "the login of {} was refused", sender.address);
    }
    Ok(smtp)
}

fn message(sender: &Sender, mail: &Mail) -> String {
    let Sender {
        address, subject, ..
    } = sender;
    let Mail { number, rcpt, .. } = mail;
    let stamp = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_micros());
    // Sizes from one to some forty kilobytes, as newsletters and confirmations have them.
    let lines = 10 + number * 37 % 550;
    let body = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\r\n"
        .repeat(lines);
    format!(
        "From: <{address}>\r\nTo: <{rcpt}>\r\nSubject: {subject}\r\nMessage-ID: <{stamp}.{number}@web1.shop.example>\r\n\r\n{body}.\r\n"
    )
}
