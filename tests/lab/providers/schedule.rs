//! The schedule of an evening: `evening.toml` as Rust types, and all of its moments in order.
//!
//! Rates are lines through points (minute, times per minute). The moments are spread as if by chance, but by a sequence of numbers
//! that is the same in every run; so an evening differs from the one before only in what real time does to it.
//! It does no input or output.

use crate::mix::{Mix, Recipients};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// (minute, times per minute)
pub type Rate = Vec<(f64, f64)>;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evening {
    /// How long it lasts.
    pub minutes: f64,
    /// Recipients by the name of their group.
    pub group: BTreeMap<String, Vec<Recipients>>,
    /// What users send.
    pub stream: Vec<Stream>,
    /// What comes from outside.
    pub door: Vec<Stream>,
    /// Logins to mailboxes and attempts at them.
    pub login: Vec<Login>,
    /// Sessions that stay.
    pub stay: Vec<Stay>,
    /// What happens once.
    pub step: Vec<Step>,
}

/// Mail of one sender.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// The envelope sender; `{n}` is a number. For a user, also the login name.
    pub from: String,
    /// The envelope sender in place of the user's own address.
    pub forged: Option<String>,
    /// Where it comes from, in turn.
    pub clients: Vec<IpAddr>,
    /// What it calls itself in EHLO.
    #[serde(default = "app")]
    pub name: String,
    /// The group of its recipients.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// When, how often.
    pub rate: Rate,
    /// One message has so many recipients at most.
    #[serde(default = "one")]
    pub rcpts: usize,
    /// Up to so many lines of text.
    #[serde(default = "lines")]
    pub lines: usize,
    /// No login and no TLS.
    #[serde(default)]
    pub plain: bool,
    /// Does not wait for the greeting, or asks to relay and goes: never hands over a message.
    #[serde(default)]
    pub rude: bool,
}

/// Logins to IMAP, POP3 or submission.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Which.
    pub protocol: Protocol,
    /// Who, in turn.
    pub users: Vec<String>,
    /// With what; absent: the right one.
    pub password: Option<String>,
    /// From where, in turn.
    pub clients: Vec<IpAddr>,
    /// When, how often.
    pub rate: Rate,
}

/// What a login is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Port 993.
    Imap,
    /// Port 995.
    Pop3,
    /// Port 587.
    Submission,
}

/// Sessions of IMAP that stay open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stay {
    /// Whose.
    pub user: String,
    /// From where.
    pub client: IpAddr,
    /// How many at once.
    #[serde(default = "one")]
    pub count: usize,
    /// From this minute,
    pub from: f64,
    /// to this one.
    pub to: f64,
}

/// What happens once.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub minute: f64,
    /// `provider mood`
    pub mood: Option<String>,
    /// A command of sh(1).
    pub run: Option<String>,
}

/// One moment of the evening.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When, after the beginning.
    pub at: Duration,
    /// Its number among those of its line of the schedule.
    pub number: usize,
    /// What happens.
    pub what: What,
}

/// What happens at a moment; numbers are those of the lines of the schedule.
#[derive(Debug, Clone)]
pub enum What {
    /// A user sends to these.
    Mail(usize, Vec<String>),
    /// Somebody outside sends to this.
    Knock(usize, String),
    /// Somebody logs in.
    Login(usize),
}

fn app() -> String {
    "app1.shop.example".to_owned()
}

fn one() -> usize {
    1
}

fn lines() -> usize {
    80
}

impl Evening {
    /// Reads the text of `evening.toml`; every minute is stretched so that the whole lasts `minutes`. Rates stay as they are.
    pub fn read(text: &str, minutes: Option<f64>) -> anyhow::Result<Self> {
        let mut evening: Self = toml::from_str(text)?;
        let factor = minutes.map_or(1.0, |minutes| minutes / evening.minutes);
        anyhow::ensure!(factor.is_finite() && factor > 0.0, "no time at all");
        evening.minutes *= factor;
        let rates = (evening.stream.iter_mut().map(|stream| &mut stream.rate))
            .chain(evening.door.iter_mut().map(|door| &mut door.rate))
            .chain(evening.login.iter_mut().map(|login| &mut login.rate));
        for (minute, _) in rates.flatten() {
            *minute *= factor;
        }
        for stay in &mut evening.stay {
            stay.from *= factor;
            stay.to *= factor;
        }
        for step in &mut evening.step {
            step.minute *= factor;
        }
        Ok(evening)
    }

    /// All moments, in order of time.
    pub fn moments(&self) -> anyhow::Result<Vec<Moment>> {
        let mut all = Vec::new();
        for (line, stream) in self.stream.iter().enumerate() {
            let times = self.times(&stream.rate, all.len());
            // More addresses than messages: those that are left over are the further recipients.
            let mut to = self.recipients(&stream.to, line, times.len() * stream.rcpts)?;
            for (number, at) in times.into_iter().enumerate() {
                let many = 1 + number % stream.rcpts;
                let rcpts = to.by_ref().take(many).collect();
                let what = What::Mail(line, rcpts);
                all.push(Moment { at, number, what });
            }
        }
        for (line, door) in self.door.iter().enumerate() {
            let times = self.times(&door.rate, all.len());
            let to = self.recipients(&door.to, line, times.len())?;
            for (number, (at, rcpt)) in times.into_iter().zip(to).enumerate() {
                let what = What::Knock(line, rcpt);
                all.push(Moment { at, number, what });
            }
        }
        for (line, login) in self.login.iter().enumerate() {
            for (number, at) in self.times(&login.rate, all.len()).into_iter().enumerate() {
                let what = What::Login(line);
                all.push(Moment { at, number, what });
            }
        }
        all.sort_by_key(|moment| moment.at);
        Ok(all)
    }

    /// Every line of the schedule begins elsewhere in its group.
    fn recipients(
        &self,
        group: &str,
        line: usize,
        count: usize,
    ) -> anyhow::Result<impl Iterator<Item = String> + use<>> {
        let recipients = self.group.get(group).cloned();
        let recipients =
            recipients.ok_or_else(|| anyhow::anyhow!("there is no group of recipients {group}"))?;
        let begin = line * 53;
        let mails = Mix::to(recipients).mails(begin + count);
        Ok(mails.into_iter().skip(begin).map(|mail| mail.rcpt))
    }

    /// When, for a rate: the area under it grows by about one from one moment to the next.
    fn times(&self, rate: &Rate, seed: usize) -> Vec<Duration> {
        const STEP: f64 = 1.0 / 600.0;
        let mut chance = Chance(seed as u64 + 1);
        let mut left = chance.gap();
        let mut times = Vec::new();
        let mut minute = 0.0;
        while minute < self.minutes {
            left -= at(rate, minute) * STEP;
            while left <= 0.0 {
                times.push(Duration::from_secs_f64(
                    (minute + STEP * chance.share()) * 60.0,
                ));
                left += chance.gap();
            }
            minute += STEP;
        }
        times
    }
}

/// The rate at a minute; nothing before the first point and after the last.
fn at(rate: &Rate, minute: f64) -> f64 {
    let after = rate.iter().position(|(point, _)| *point > minute);
    let Some((before, after)) = after.and_then(|after| {
        let before = rate.get(after.checked_sub(1)?)?;
        Some((before, rate.get(after)?))
    }) else {
        return 0.0;
    };
    before.1 + (after.1 - before.1) * (minute - before.0) / (after.0 - before.0)
}

/// A sequence of numbers that looks like chance (Knuth's MMIX).
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        self.0 = (self.0.wrapping_mul(6_364_136_223_846_793_005))
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / f64::from(1_u32 << 31)
    }

    /// Between two calls at a rate of one: mostly short, sometimes long.
    fn gap(&mut self) -> f64 {
        -self.share().max(1e-9).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENING: &str = include_str!("../evening.toml");

    #[test]
    fn a_rate_is_a_line_through_its_points() {
        let rate = vec![(1.0, 10.0), (2.0, 20.0), (2.0, 100.0), (3.0, 100.0)];
        let shown: Vec<f64> = [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
            .map(|minute| at(&rate, minute))
            .to_vec();
        assert_eq!(shown, [0.0, 10.0, 15.0, 100.0, 100.0, 0.0]);
    }

    #[test]
    fn an_evening_is_the_same_every_time_and_keeps_its_rates() {
        let evening = Evening::read(EVENING, None).unwrap();
        let moments = evening.moments().unwrap();
        let again = evening.moments().unwrap();
        assert_eq!(format!("{moments:?}"), format!("{again:?}"));
        let rate = vec![(0.0, 60.0), (evening.minutes, 60.0)];
        let many = evening.times(&rate, 7).len() as f64 / evening.minutes;
        assert!((50.0..70.0).contains(&many), "{many} a minute");
    }

    #[test]
    fn a_short_evening_has_all_of_it() {
        let evening = Evening::read(EVENING, Some(5.0)).unwrap();
        let last = evening.moments().unwrap().pop().unwrap().at;
        assert!(last <= Duration::from_mins(5), "{last:?}");
        assert!(evening.step.iter().all(|step| step.minute <= 5.0));
    }
}
