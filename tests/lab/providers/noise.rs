//! What else happens on a mail server while it sends: people read mail, somebody guesses passwords, somebody tries to relay.
//!
//! In: the mix's list, made one after the other, spread over the time of the traffic. Out: lines in the log. What a server refuses
//! here is meant to be refused; what fails otherwise is left out.

use crate::client::{self, Smtp};
use serde::Deserialize;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// Where the lab listens.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// For users' mail.
    pub submission: SocketAddr,
    /// For mail from outside.
    pub smtp: SocketAddr,
    /// For reading.
    pub imap: SocketAddr,
}

/// One kind of noise.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Noise {
    /// An IMAP login, good or bad.
    Imap {
        /// Its share.
        weight: i64,
        /// Who.
        user: String,
        /// With what.
        password: String,
    },
    /// A login on the submission port without any mail.
    Submission {
        /// Its share.
        weight: i64,
        /// Who.
        user: String,
        /// With what.
        password: String,
    },
    /// Mail from outside.
    Inbound {
        /// Its share.
        weight: i64,
        /// The envelope sender.
        from: String,
        /// The recipient, of this server or of another.
        to: String,
    },
}

impl Noise {
    /// Its share of the noise.
    pub fn weight(&self) -> i64 {
        match self {
            Self::Imap { weight, .. }
            | Self::Submission { weight, .. }
            | Self::Inbound { weight, .. } => *weight,
        }
    }

    fn happen(&self, ports: &Ports) -> anyhow::Result<bool> {
        match self {
            Self::Imap { user, password, .. } => client::imap(ports.imap, user, password),
            Self::Submission { user, password, .. } => {
                Smtp::open(ports.submission)?.login(user, password)
            }
            Self::Inbound { from, to, .. } => {
                let message = || {
                    format!("From: <{from}>\r\nTo: <{to}>\r\nSubject: Hello\r\n\r\nHello.\r\n.\r\n")
                };
                Smtp::open(ports.smtp)?.deliver(from, to, message)
            }
        }
    }
}

/// Makes all of it within about `spread`. Dovecot delays failed logins, so what is late at the end is left out.
pub fn make(all: &[Noise], ports: &Ports, spread: Duration) {
    let start = Instant::now();
    let every = spread.checked_div(u32::try_from(all.len()).unwrap_or(u32::MAX));
    for (noise, turn) in all.iter().zip(0_u32..) {
        let due = every.unwrap_or_default().saturating_mul(turn);
        thread::sleep(due.saturating_sub(start.elapsed()));
        if start.elapsed() > spread {
            return;
        }
        // Refusals are the point of it, and the log has them.
        let _ = noise.happen(ports);
    }
}
