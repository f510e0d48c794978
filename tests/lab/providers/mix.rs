//! Who writes to whom: `mixes.toml` as Rust types, and the choice of the n-th message.
//!
//! Smooth weighted round robin: after as many messages as the weights add up to, every line had exactly its share, and the
//! same N always gives the same mail.

use crate::noise::Noise;
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mixes {
    /// All mixes.
    #[serde(rename = "mix")]
    pub mixes: Vec<Mix>,
}

/// One mix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Its name.
    pub name: String,
    /// Who writes.
    pub senders: Vec<Sender>,
    /// To whom.
    pub recipients: Vec<Recipients>,
    /// What else happens: one for every ten messages.
    #[serde(default, rename = "noise")]
    pub noises: Vec<Noise>,
    /// Takes the recipients one after the other in place of by weight.
    #[serde(default)]
    pub in_order: bool,
}

/// A sender and its share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// The envelope sender, and the login name.
    pub address: String,
    /// Its share of the mix.
    pub weight: i64,
    /// Whether it logs in (SASL PLAIN); otherwise it is a client of `mynetworks`.
    pub login: bool,
    /// The subject of its mail.
    pub subject: String,
}

/// Recipients of one domain and their share.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipients {
    /// Their domain.
    pub domain: String,
    /// Their share of the mix.
    pub weight: i64,
    /// Their local parts, taken in turn.
    #[serde(default = "people")]
    pub locals: Vec<String>,
}

fn people() -> Vec<String> {
    [
        "anna.meier{n}",
        "j.smith{n}",
        "customer{n}",
        "marie.dupont{n}",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// One message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its number, from 0.
    pub number: usize,
    /// Index of the sender in the mix.
    pub sender: usize,
    /// The recipient's address.
    pub rcpt: String,
}

impl Mixes {
    /// Reads the text of `mixes.toml` and finds one mix.
    pub fn find(text: &str, name: &str) -> anyhow::Result<Mix> {
        let mixes: Self = toml::from_str(text)?;
        let known: Vec<String> = mixes.mixes.iter().map(|mix| mix.name.clone()).collect();
        let found = mixes.mixes.into_iter().find(|mix| mix.name == name);
        found.ok_or_else(|| {
            anyhow::anyhow!("there is no mix {name}: the mixes are {}", known.join(", "))
        })
    }
}

impl Mix {
    /// A mix of recipients only, for a sender who is known otherwise.
    pub fn to(recipients: Vec<Recipients>) -> Self {
        let sender = Sender {
            address: String::new(),
            weight: 1,
            login: false,
            subject: String::new(),
        };
        Self {
            name: String::new(),
            senders: vec![sender],
            recipients,
            noises: Vec::new(),
            in_order: false,
        }
    }

    /// The same mix from one of its senders only, and to the given addresses only, if any.
    pub fn narrowed(mut self, from: Option<&str>, to: &[String]) -> anyhow::Result<Self> {
        if let Some(from) = from {
            self.senders.retain(|sender| sender.address == from);
            anyhow::ensure!(
                !self.senders.is_empty(),
                "the mix {} has no sender {from}",
                self.name
            );
        }
        if !to.is_empty() {
            let split = |address: &String| {
                let (local, domain) = address
                    .rsplit_once('@')
                    .ok_or_else(|| anyhow::anyhow!("{address} has no domain"))?;
                Ok(Recipients {
                    domain: domain.to_owned(),
                    weight: 1,
                    locals: vec![local.to_owned()],
                })
            };
            self.recipients = to.iter().map(split).collect::<anyhow::Result<_>>()?;
            self.in_order = true;
        }
        Ok(self)
    }

    /// The noise beside `count` messages.
    pub fn noise(&self, count: usize) -> Vec<Noise> {
        let mut turns = Turns::new(self.noises.iter().map(Noise::weight).collect());
        let chosen = (0..count / 10).filter_map(|_| self.noises.get(turns.next()).cloned());
        chosen.collect()
    }

    /// The first `count` messages.
    pub fn mails(&self, count: usize) -> Vec<Mail> {
        let mut senders = Turns::new(self.senders.iter().map(|sender| sender.weight).collect());
        let mut domains = Turns::new(self.recipients.iter().map(|to| to.weight).collect());
        let mails = (0..count).filter_map(|number| {
            let sender = senders.next();
            let turn = domains.next();
            let turn = if self.in_order {
                number % self.recipients.len().max(1)
            } else {
                turn
            };
            let to = self.recipients.get(turn)?;
            let local = to.locals.get(number % to.locals.len().max(1))?;
            let local = local.replace("{n}", &(number * 7 % 997 + 1).to_string());
            Some(Mail {
                number,
                sender,
                rcpt: format!("{local}@{}", to.domain),
            })
        });
        mails.collect()
    }
}

struct Turns {
    weights: Vec<i64>,
    credit: Vec<i64>,
}

impl Turns {
    fn new(weights: Vec<i64>) -> Self {
        let credit = vec![0; weights.len()];
        Self { weights, credit }
    }

    fn next(&mut self) -> usize {
        let total: i64 = self.weights.iter().sum();
        for (credit, weight) in self.credit.iter_mut().zip(&self.weights) {
            *credit += weight;
        }
        let best = (0..self.credit.len())
            .rev()
            .max_by_key(|&index| self.credit.get(index).copied())
            .unwrap_or(0);
        if let Some(credit) = self.credit.get_mut(best) {
            *credit -= total;
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        let mut turns = Turns::new(vec![5, 1, 1]);
        let chosen: Vec<usize> = (0..7).map(|_| turns.next()).collect();
        assert_eq!(chosen, [0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn every_mix_of_the_file_gives_as_many_messages_as_asked_for() {
        for name in ["shop", "calm", "stuck", "each", "past"] {
            let mix = Mixes::find(include_str!("../mixes.toml"), name).unwrap();
            assert_eq!(mix.mails(100).len(), 100, "{name}");
        }
    }
}
