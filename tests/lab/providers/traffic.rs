//! Mail for the lab: sends the messages of a mix through the submission port, spread over a time, and reports what became of them.
//!
//! With `seconds` 0 it sends as fast as the server takes it and keeps connections open; otherwise every message is a session of
//! its own, as from a shop's web server.

use crate::mix::{Mail, Mix, Sender};
use crate::moods::Moods;
use anyhow::{Context, bail};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
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
    /// The submission port.
    pub submission: SocketAddr,
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
        for _ in 0..WORKERS {
            scope.spawn(|| work(plan, &mails, &next, start, &sent));
        }
    });
    sent.into_inner()
        .map_err(|_| anyhow::anyhow!("a sender panicked"))
}

fn work(plan: &Plan, mails: &[Mail], next: &AtomicUsize, start: Instant, sent: &Mutex<Sent>) {
    let mut open: HashMap<usize, Connection> = HashMap::new();
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

fn deliver(
    plan: &Plan,
    mail: &Mail,
    open: &mut HashMap<usize, Connection>,
) -> anyhow::Result<bool> {
    let sender = plan
        .mix
        .senders
        .get(mail.sender)
        .context("no such sender")?;
    let mut connection = match open.remove(&mail.sender) {
        Some(connection) => connection,
        None => Connection::open(plan.submission, sender)?,
    };
    let accepted = connection.deliver(sender, mail)?;
    open.insert(mail.sender, connection);
    Ok(accepted)
}

struct Connection {
    reader: BufReader<TcpStream>,
}

impl Connection {
    fn open(address: SocketAddr, sender: &Sender) -> anyhow::Result<Self> {
        let stream =
            TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(120)))?;
        stream.set_nodelay(true)?;
        let mut connection = Self {
            reader: BufReader::new(stream),
        };
        connection.expect(220)?;
        connection.command("EHLO web1.shop.example\r\n", 250)?;
        if sender.login {
            let response = base64(format!("\0{}\0{PASSWORD}", sender.address).as_bytes());
            connection.command(&format!("AUTH PLAIN {response}\r\n"), 235)?;
        }
        Ok(connection)
    }

    /// True when accepted, false when the recipient is refused.
    fn deliver(&mut self, sender: &Sender, mail: &Mail) -> anyhow::Result<bool> {
        self.command(&format!("MAIL FROM:<{}>\r\n", sender.address), 250)?;
        self.say(&format!("RCPT TO:<{}>\r\n", mail.rcpt))?;
        let (code, text) = self.reply()?;
        if code != 250 {
            anyhow::ensure!(code >= 500, "RCPT TO was answered by {text}");
            self.command("RSET\r\n", 250)?;
            return Ok(false);
        }
        self.command("DATA\r\n", 354)?;
        self.command(&message(sender, mail), 250)?;
        Ok(true)
    }

    fn command(&mut self, text: &str, code: u16) -> anyhow::Result<()> {
        self.say(text)?;
        self.expect(code)
    }

    fn say(&mut self, text: &str) -> anyhow::Result<()> {
        Ok(self.reader.get_mut().write_all(text.as_bytes())?)
    }

    fn expect(&mut self, code: u16) -> anyhow::Result<()> {
        match self.reply()? {
            (got, _) if got == code => Ok(()),
            (_, text) => bail!("wanted {code}, got {text}"),
        }
    }

    fn reply(&mut self) -> anyhow::Result<(u16, String)> {
        loop {
            let mut line = String::new();
            anyhow::ensure!(
                self.reader.read_line(&mut line)? > 0,
                "the server closed the connection"
            );
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line
                    .get(..3)
                    .and_then(|code| code.parse().ok())
                    .context("no reply code")?;
                return Ok((code, line.trim_end().to_owned()));
            }
        }
    }
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

/// RFC 4648 with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk
            .iter()
            .fold(0_u32, |value, byte| value << 8 | u32::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET
                .get((value >> (18 - 6 * place) & 63) as usize)
                .copied()
                .unwrap_or(b'=');
            text.push(if place <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn base64_pads_as_the_rfc_shows() {
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, encoded) in pairs {
            assert_eq!(super::base64(plain.as_bytes()), encoded);
        }
    }
}
