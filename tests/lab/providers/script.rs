//! The script of the mailbox providers: `providers.toml` as Rust types, and the choice of what is said at a stage.
//!
//! In: TOML text and the mood of a provider. Out: the reply lines of the first rule that speaks. Rules count how often they
//! were asked, so a percentage is exact and the same in every run; nothing is drawn by lot.
//! It does no input or output and knows nothing of connections.

use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// All providers, in the order of the file.
    #[serde(rename = "provider")]
    pub providers: Vec<Provider>,
}

/// One mailbox provider.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its name, the one that moods are set for.
    pub name: String,
    /// The greeting, with code.
    pub greeting: String,
    /// The reply to the end of an accepted message, with code.
    pub accepted: String,
    /// Whether EHLO offers STARTTLS.
    #[serde(default)]
    pub starttls: bool,
    /// Milliseconds that it waits before each reply.
    #[serde(default)]
    pub delay_ms: u64,
    /// Milliseconds that a reply usually takes over the real distance; one in thirty takes several times as long.
    #[serde(default)]
    pub far_ms: u64,
    /// The recipient domains that it serves.
    pub domains: Vec<Domain>,
    /// Its MX hosts.
    pub hosts: Vec<Host>,
    /// The rules by mood; `healthy` is the mood at the start.
    pub moods: BTreeMap<String, Vec<Rule>>,
}

/// A recipient domain in the DNS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Domain {
    /// The domain's name.
    pub name: String,
    /// `preference host`, as in a zone file. None: its name servers do not answer.
    pub mx: Vec<String>,
}

/// An MX host.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// The name that Postfix logs as the relay.
    pub name: String,
    /// The last two octets of its address, `3.5`.
    pub address: String,
    /// What happens to a connection attempt.
    #[serde(default)]
    pub listens: Listens,
}

/// What happens to a connection attempt.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Listens {
    /// It is taken.
    #[default]
    Yes,
    /// Nobody listens: connection refused.
    Refuses,
    /// It is never answered: connection timed out.
    Drops,
}

/// The moments at which a rule can speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// In place of the greeting.
    Connect,
    /// In reply to MAIL FROM.
    Mail,
    /// In reply to RCPT TO.
    Rcpt,
    /// In reply to the end of the message.
    Dot,
}

/// One rule: when, how often, what.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// When.
    pub at: Stage,
    /// In how many of a hundred cases; all when absent.
    #[serde(default = "always")]
    pub percent: u64,
    /// Only for recipients whose local part starts so.
    pub local: Option<String>,
    /// Only for clients that did not start TLS.
    #[serde(default)]
    pub without_tls: bool,
    /// Only until this many seconds after the sender first wrote to the recipient.
    pub greylist_seconds: Option<u64>,
    /// Milliseconds before the reply: a tarpit.
    #[serde(default)]
    pub after_ms: u64,
    /// Say nothing and keep the connection.
    #[serde(default)]
    pub hang: bool,
    /// The reply lines with their codes.
    #[serde(default)]
    pub reply: Vec<String>,
    #[serde(skip)]
    asked: AtomicU64,
}

fn always() -> u64 {
    100
}

/// What is known of the transaction when a rule is asked.
#[derive(Debug, Clone, Default)]
pub struct Transaction {
    /// The envelope sender.
    pub sender: String,
    /// The latest recipient.
    pub rcpt: String,
    /// Whether TLS is on.
    pub tls: bool,
}

/// What the provider does at a stage in place of the usual.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Says these lines, placeholders still in them, after a while.
    Lines {
        /// The lines.
        lines: Vec<String>,
        /// The while.
        after: Duration,
    },
    /// Nothing, for ever.
    Hang,
}

/// Who was seen first when, for greylisting: (sender, recipient).
pub type Seen = Mutex<HashMap<(String, String), Instant>>;

impl Script {
    /// Reads the text of `providers.toml`.
    pub fn read(text: &str) -> anyhow::Result<Self> {
        Ok(toml::from_str(text)?)
    }
}

impl Provider {
    /// The first rule that speaks, or `None` for the usual course.
    pub fn answer(
        &self,
        mood: &str,
        stage: Stage,
        about: &Transaction,
        seen: &Seen,
    ) -> Option<Answer> {
        let rules = self.moods.get(mood).or_else(|| self.moods.get("healthy"))?;
        let rule = rules
            .iter()
            .find(|rule| rule.at == stage && rule.speaks(about, seen))?;
        Some(if rule.hang {
            Answer::Hang
        } else {
            Answer::Lines {
                lines: rule.reply.clone(),
                after: Duration::from_millis(rule.after_ms),
            }
        })
    }

    /// How long a reply takes; `lot` is a number that nobody foresees.
    pub fn wait(&self, lot: u32, far: bool) -> Duration {
        let usual = if far { self.far_ms } else { 0 };
        let share = u64::from(lot >> 16 & 0xff);
        let stretch = if lot.is_multiple_of(31) { 4 } else { 1 };
        Duration::from_millis(self.delay_ms + usual * stretch * (160 + share) / 256)
    }
}

impl Rule {
    fn speaks(&self, about: &Transaction, seen: &Seen) -> bool {
        let concerns = self
            .local
            .as_ref()
            .is_none_or(|prefix| about.rcpt.starts_with(prefix.as_str()))
            && !(self.without_tls && about.tls);
        concerns && self.too_early(about, seen) && self.is_its_turn()
    }

    /// True when the rule is no greylist, or the pair is still too new.
    fn too_early(&self, about: &Transaction, seen: &Seen) -> bool {
        let Some(seconds) = self.greylist_seconds else {
            return true;
        };
        let now = Instant::now();
        let Ok(mut seen) = seen.lock() else {
            return false;
        };
        let first = *seen
            .entry((about.sender.clone(), about.rcpt.clone()))
            .or_insert(now);
        now.duration_since(first) < Duration::from_secs(seconds)
    }

    /// Spreads `percent` evenly: with 25, the fourth, eighth, … case.
    fn is_its_turn(&self) -> bool {
        let before = self.asked.fetch_add(1, Ordering::Relaxed);
        (before + 1) * self.percent / 100 > before * self.percent / 100
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = include_str!("../providers.toml");

    #[test]
    fn a_quarter_is_every_fourth() {
        let script = Script::read(
            "[[provider]]\nname='x'\ngreeting='220 x'\naccepted='250 x'\ndomains=[]\nhosts=[]\n\
             [[provider.moods.healthy]]\nat='mail'\npercent=25\nreply=['421 no']\n",
        )
        .unwrap();
        let seen = Seen::default();
        let about = Transaction::default();
        let spoken: Vec<bool> = (0..8)
            .map(|_| {
                script.providers[0]
                    .answer("healthy", Stage::Mail, &about, &seen)
                    .is_some()
            })
            .collect();
        assert_eq!(
            spoken,
            [false, false, false, true, false, false, false, true]
        );
    }

    #[test]
    fn every_reply_of_the_script_is_well_formed() {
        let script = Script::read(SCRIPT).unwrap();
        for provider in &script.providers {
            for rule in provider.moods.values().flatten() {
                assert!(
                    rule.hang == rule.reply.is_empty(),
                    "{}: a reply or silence",
                    provider.name
                );
                for (index, line) in rule.reply.iter().enumerate() {
                    let separator = if index + 1 == rule.reply.len() {
                        ' '
                    } else {
                        '-'
                    };
                    assert!(line[..3].parse::<u16>().is_ok(), "{line}");
                    assert_eq!(line.chars().nth(3), Some(separator), "{line}");
                }
            }
        }
    }

    #[test]
    fn every_mx_is_a_host_of_its_provider() {
        for provider in Script::read(SCRIPT).unwrap().providers {
            for mx in provider.domains.iter().flat_map(|domain| &domain.mx) {
                let (_, host) = mx.split_once(' ').unwrap();
                assert!(
                    provider.hosts.iter().any(|known| known.name == host),
                    "{mx}"
                );
            }
        }
    }
}
