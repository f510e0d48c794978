//! Plays an evening: sends the mail of its schedule, knocks at the door, logs in and out, and takes the steps when they are due.
//!
//! Runs inside a lab that has a network of its own, where clients may come from any of the documentation's addresses.
//! What a server refuses is meant to be refused; what fails otherwise is counted.

use crate::client::{Mailbox, Smtp};
use crate::moods::Moods;
use crate::schedule::{Evening, Moment, Protocol, Stay, Step, Stream, What};
use crate::traffic::PASSWORD;
use anyhow::Context;
use std::net::{IpAddr, SocketAddr};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How many do the same at once. Failed logins last up to a quarter of a minute each, and postscreen(8) lets everybody wait.
const WORKERS: usize = 24;

/// Where the lab's mail server listens, on its usual ports.
#[derive(Debug, Clone, Copy)]
pub struct Server(pub IpAddr);

/// What became of it.
#[derive(Debug, Default)]
pub struct Told {
    done: AtomicUsize,
    refused: AtomicUsize,
    failed: AtomicUsize,
    late: AtomicUsize,
}

/// Plays the whole evening and says how it went.
pub fn play(evening: &Evening, server: Server, moods: &Moods) -> anyhow::Result<String> {
    let (mut mails, mut knocks, mut logins) = (Vec::new(), Vec::new(), Vec::new());
    for moment in evening.moments()? {
        match moment.what {
            What::Mail(..) => mails.push(moment),
            What::Knock(..) => knocks.push(moment),
            What::Login(_) => logins.push(moment),
        }
    }
    let told = [&mails, &knocks, &logins].map(|_| Told::default());
    let start = Instant::now();
    thread::scope(|scope| {
        scope.spawn(|| take(&evening.step, moods, start));
        for stay in &evening.stay {
            for _ in 0..stay.count {
                scope.spawn(move || sit(stay, server, start));
            }
        }
        for (moments, told) in [&mails, &knocks, &logins].into_iter().zip(&told) {
            let next = std::sync::Arc::new(AtomicUsize::new(0));
            for _ in 0..WORKERS {
                let next = std::sync::Arc::clone(&next);
                scope.spawn(move || work(evening, server, moments, &next, start, told));
            }
        }
    });
    let lines = ["messages", "knocks at the door", "logins"]
        .iter()
        .zip(&told)
        .map(|(what, told)| {
            let [done, refused, failed, late] = [
                &told.done,
                &told.refused,
                &told.failed,
                &told.late,
            ]
            .map(|count| count.load(Ordering::Relaxed));
            format!("{what}: {done} accepted, {refused} refused, {failed} failed, {late} more than 5 s late")
        });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn wait(start: Instant, until: Duration) {
    thread::sleep(until.saturating_sub(start.elapsed()));
}

fn minutes(minutes: f64) -> Duration {
    Duration::try_from_secs_f64(minutes * 60.0).unwrap_or_default()
}

fn work(
    evening: &Evening,
    server: Server,
    moments: &[Moment],
    next: &AtomicUsize,
    start: Instant,
    told: &Told,
) {
    while let Some(moment) = moments.get(next.fetch_add(1, Ordering::Relaxed)) {
        wait(start, moment.at);
        if start.elapsed() > moment.at + Duration::from_secs(5) {
            told.late.fetch_add(1, Ordering::Relaxed);
        }
        let count = match happen(evening, server, moment) {
            Ok(true) => &told.done,
            Ok(false) => &told.refused,
            Err(_) => &told.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

fn happen(evening: &Evening, server: Server, moment: &Moment) -> anyhow::Result<bool> {
    match &moment.what {
        What::Mail(line, rcpts) => {
            let stream = evening.stream.get(*line).context("no such stream")?;
            let client = turn(&stream.clients, moment.number)?;
            let mut smtp = server.smtp(587, *client, &stream.name, !stream.plain)?;
            if !stream.plain && !smtp.login(&stream.from, PASSWORD)? {
                return Ok(false);
            }
            let sender = stream.forged.as_ref().unwrap_or(&stream.from);
            smtp.deliver_to(sender, rcpts, || message(stream, moment.number, rcpts))
        }
        What::Knock(line, rcpt) => {
            let door = evening.door.get(*line).context("no such door")?;
            let client = turn(&door.clients, moment.number)?;
            let mut smtp = server.smtp(25, *client, &door.name, !door.plain)?;
            let from = door.from.replace("{n}", &moment.number.to_string());
            if door.rude {
                smtp.ask(&format!("MAIL FROM:<{from}>"))?;
                return Ok(smtp.ask(&format!("RCPT TO:<{rcpt}>"))? < 400);
            }
            let rcpts = [rcpt.clone()];
            smtp.deliver_to(&from, &rcpts, || message(door, moment.number, &rcpts))
        }
        What::Login(line) => {
            let login = evening.login.get(*line).context("no such login")?;
            let user = turn(&login.users, moment.number)?;
            let client = turn(&login.clients, moment.number)?;
            let password = login.password.as_deref().unwrap_or(PASSWORD);
            if login.protocol == Protocol::Submission {
                let mut smtp = server.smtp(587, *client, "mail.invalid", true)?;
                return smtp.login(user, password);
            }
            let mailbox = server.mailbox(login.protocol, *client, user, password)?;
            let known = mailbox.is_some();
            if let Some(mut mailbox) = mailbox {
                mailbox.look()?;
                mailbox.bye();
            }
            Ok(known)
        }
    }
}

impl Server {
    fn at(self, port: u16) -> SocketAddr {
        SocketAddr::new(self.0, port)
    }

    fn smtp(self, port: u16, client: IpAddr, name: &str, tls: bool) -> anyhow::Result<Smtp> {
        Smtp::open_from(self.at(port), Some(client), name, tls)
    }

    fn mailbox(
        self,
        protocol: Protocol,
        client: IpAddr,
        user: &str,
        password: &str,
    ) -> anyhow::Result<Option<Mailbox>> {
        let pop = protocol == Protocol::Pop3;
        let port = if pop { 995 } else { 993 };
        Mailbox::open(self.at(port), client, pop, user, password)
    }
}

fn turn<T>(all: &[T], number: usize) -> anyhow::Result<&T> {
    let number = number.checked_rem(all.len()).context("an empty list")?;
    all.get(number).context("an empty list")
}

/// One session that stays: it looks into its mailbox every two minutes.
fn sit(stay: &Stay, server: Server, start: Instant) {
    wait(start, minutes(stay.from));
    let Ok(Some(mut mailbox)) = server.mailbox(Protocol::Imap, stay.client, &stay.user, PASSWORD)
    else {
        // One too many: it is the point of it, and the log has it.
        return;
    };
    let end = minutes(stay.to);
    while start.elapsed() < end {
        if mailbox.look().is_err() {
            return;
        }
        wait(start, end.min(start.elapsed() + Duration::from_mins(2)));
    }
    mailbox.bye();
}

fn take(steps: &[Step], moods: &Moods, start: Instant) {
    let mut steps: Vec<&Step> = steps.iter().collect();
    steps.sort_by(|a, b| a.minute.total_cmp(&b.minute));
    for step in steps {
        wait(start, minutes(step.minute));
        if let Some((provider, mood)) = step.mood.as_deref().and_then(|text| text.split_once(' '))
            && let Err(why) = moods.set(provider, mood)
        {
            eprintln!("evening: {provider} {mood}: {why}");
        }
        if let Some(command) = &step.run {
            let ended = Command::new("sh").args(["-c", command]).status();
            if !ended.is_ok_and(|status| status.success()) {
                eprintln!("evening: failed: {command}");
            }
        }
    }
}

fn message(stream: &Stream, number: usize, rcpts: &[String]) -> String {
    let stamp = std::time::UNIX_EPOCH
        .elapsed()
        .map_or(0, |since| since.as_micros());
    let lines = 4 + number * 37 % stream.lines.max(1);
    let text = "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod.\r\n";
    let domain = stream.from.rsplit('@').next().unwrap_or("shop.example");
    let from = stream.from.replace("{n}", &number.to_string());
    format!(
        "From: <{from}>\r\nTo: <{}>\r\nSubject: {}\r\nMessage-ID: <{stamp}.{number}@{domain}>\r\n\r\n{}.\r\n",
        rcpts.first().map_or("", String::as_str),
        stream.subject,
        text.repeat(lines)
    )
}
