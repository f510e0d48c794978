//! Sessions: who is logged in, as far as the log tells, how many there were at any minute, and how they ended.
//!
//! A login opens a session, the mail process's last line closes it; they share the session id (`session=<…>`, and in the prefix of the mail
//! process since Dovecot 2.3). Lines without one are matched by service and user, LMTP connections by the peer: the count is right, who is
//! meant is the newest. A session that ends without a known login was there before the log began (*open to the left*): its end is kept, and
//! cancels with its login when an earlier piece of the log is joined ([`Join`]), like brackets in a text that is read in pieces.
//!
//! When Dovecot starts up, nobody is logged in: what was open on that host has ended, and an end whose login is not known after that counts for nothing.
//! What no line tells: sessions that began before all that was read and have not ended. `doveadm who` knows them.

mod ending;
mod host;
mod join;
#[cfg(test)]
mod tests;

use super::minutes::{Minutes, WEEK};
use super::who::ranked;
use super::{ByProtocol, Protocol};
use crate::model::histogram::Histogram;
use crate::model::minute::{MinuteRange, begin};
use crate::model::table::{Join, Map, Memo, stand_in};
use chrono::{DateTime, TimeDelta, Utc};
use core::net::IpAddr;
pub use ending::Ending;
use host::{End, Host, Stack};
use mailtop_parsers::record::{LoginDetails, MailUser};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::sync::Arc;

/// Hosts told apart.
const HOSTS: usize = 1_000;

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// When the login was logged.
    pub since: DateTime<Utc>,
    /// What the client speaks.
    pub protocol: Protocol,
    /// Who; empty for LMTP.
    pub user: Arc<str>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// What happened in a minute, or in a range of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// How many more were open at its end than at its beginning.
    steps: ByProtocol<i64>,
    /// Ends, in the order of [`Ending::ALL`]; those of LMTP are not among them.
    pub endings: [u64; Ending::ALL.len()],
    /// Bytes that clients sent and got, where the log tells.
    pub bytes: [u64; 2],
}

impl Join for Counts {
    fn join(&mut self, newer: Self) {
        self.steps.join(newer.steps);
        self.endings.join(newer.endings);
        self.bytes.join(newer.bytes);
    }
}

/// A user's open sessions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Who.
    pub name: Box<str>,
    /// How many.
    pub sessions: u64,
    /// From where, the address with the most first.
    pub addresses: Vec<(IpAddr, u64)>,
}

/// All sessions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sessions {
    hosts: Map<u64, Host>,
    /// The newest week. What is before it holds what was open to the left.
    pub minutes: Minutes<Counts, WEEK>,
    /// Seconds from login to end; of sessions of which both are known.
    pub seconds: Histogram,
    users: Memo<Box<[u8]>, Arc<str>>,
}

impl Sessions {
    pub(super) fn login(
        &mut self,
        host: Option<&[u8]>,
        login: &LoginDetails<'_>,
        time: DateTime<Utc>,
    ) {
        let Some(protocol) = Protocol::of_service(login.service) else {
            return;
        };
        let user = self
            .users
            .get_or(login.user, |user| String::from_utf8_lossy(user).into());
        let address = login.rip.and_then(|rip| std::str::from_utf8(rip).ok());
        let session = Session {
            since: time,
            protocol,
            user,
            address: address.and_then(|address| address.parse().ok()),
        };
        let key = key(protocol, login.session, login.user);
        self.opens(host, key, session);
    }

    pub(super) fn connect(&mut self, host: Option<&[u8]>, peer: &[u8], time: DateTime<Utc>) {
        let protocol = Protocol::Lmtp;
        let session = Session {
            since: time,
            protocol,
            user: Arc::default(),
            address: None,
        };
        self.opens(host, key(protocol, None, peer), session);
    }

    fn opens(&mut self, host: Option<&[u8]>, key: u64, session: Session) {
        self.minutes.at(session.since).steps[session.protocol as usize] += 1;
        self.host(host).push(key, session);
    }

    pub(super) fn logout(
        &mut self,
        host: Option<&[u8]>,
        who: &MailUser<'_>,
        time: DateTime<Utc>,
        text: &[u8],
        bytes: [u64; 2],
    ) {
        let Some(protocol) = Protocol::of_service(who.service) else {
            return;
        };
        let minute = self.minutes.at(time);
        minute.endings[Ending::of(text) as usize] += 1;
        minute.bytes.join(bytes);
        self.ends(host, key(protocol, who.session, who.user), protocol, time);
    }

    pub(super) fn disconnect(
        &mut self,
        host: Option<&[u8]>,
        peer: &[u8],
        time: DateTime<Utc>,
        _reason: &[u8],
    ) {
        let protocol = Protocol::Lmtp;
        self.ends(host, key(protocol, None, peer), protocol, time);
    }

    fn ends(&mut self, host: Option<&[u8]>, key: u64, protocol: Protocol, at: DateTime<Utc>) {
        let host = self.host(host);
        let login = host.pop(key);
        let open_to_the_left = login.is_none() && host.started.is_none() && host.left_out == 0;
        if open_to_the_left {
            host.remember(key, End { at, protocol });
        }
        // The minute is there in any case, so that a log read in pieces has the same ones.
        let step = &mut self.minutes.at(at).steps[protocol as usize];
        if let Some(login) = login {
            *step -= 1;
            self.lasted(&login, at);
        } else if open_to_the_left {
            *step -= 1;
            self.minutes.before().steps[protocol as usize] += 1;
        }
    }

    fn lasted(&mut self, login: &Session, at: DateTime<Utc>) {
        if login.protocol != Protocol::Lmtp {
            let seconds = (at - login.since).num_milliseconds() as f64 / 1e3;
            self.seconds.add(seconds.max(0.0));
        }
    }

    /// Dovecot started on that host: nobody is logged in.
    pub(super) fn restarted(&mut self, host: Option<&[u8]>, time: DateTime<Utc>) {
        let host = self.host(host);
        host.started = host.started.or(Some(time));
        let open = std::mem::take(&mut host.open);
        self.all_end(open, time);
    }

    fn all_end(&mut self, open: Map<u64, Stack>, time: DateTime<Utc>) {
        let minute = self.minutes.at(time);
        for session in open.into_values().flat_map(Stack::into_sessions) {
            minute.steps[session.protocol as usize] -= 1;
        }
    }

    fn host(&mut self, host: Option<&[u8]>) -> &mut Host {
        let name = stand_in(host);
        let full = self.hosts.len() >= HOSTS && !self.hosts.contains_key(&name);
        self.hosts.entry(if full { 0 } else { name }).or_default()
    }

    /// How many were open at the end of the minute of `until`, by protocol.
    pub fn open_at(&self, until: DateTime<Utc>) -> ByProtocol<u64> {
        let (before, minutes) = self.minutes.up_to(until);
        let mut open = before.steps;
        for (_, minute) in minutes {
            open.join(minute.steps);
        }
        open.map(|open| u64::try_from(open).unwrap_or(0))
    }

    /// How many were open, by protocol, at the end of each minute of a range in which that changed, oldest first; the first one
    /// is how many there were before it.
    pub fn curve(
        &self,
        until: DateTime<Utc>,
        range: TimeDelta,
    ) -> Vec<(DateTime<Utc>, ByProtocol<u64>)> {
        let (before, minutes) = self.minutes.up_to(until);
        let first = MinuteRange::new(until, range).first - 1;
        let positive = |open: ByProtocol<i64>| open.map(|open| u64::try_from(open).unwrap_or(0));
        let mut open = before.steps;
        let mut curve: Vec<(i64, ByProtocol<u64>)> = vec![(first, positive(open))];
        for (minute, counts) in minutes {
            open.join(counts.steps);
            match curve.last_mut() {
                Some(last) if minute <= first => last.1 = positive(open),
                _ => curve.push((minute, positive(open))),
            }
        }
        let ends = curve.into_iter();
        ends.filter_map(|(minute, open)| Some((begin(minute + 1)?, open)))
            .collect()
    }

    /// The most that were open at the end of a minute of a range, LMTP aside, and when that was first so.
    pub fn peak(&self, until: DateTime<Utc>, range: TimeDelta) -> Option<(DateTime<Utc>, u64)> {
        let ends = self.curve(until, range).into_iter();
        // The running minute has not ended yet.
        ends.map(|(at, open)| (at.min(until), clients(open)))
            .max_by_key(|(at, open)| (*open, Reverse(*at)))
    }

    /// Users by their open sessions, most first: as of the newest line, whatever moment is looked at.
    pub fn users(&self) -> Vec<User> {
        let mut users: Map<&str, Map<Option<IpAddr>, u64>> = Map::default();
        for session in self.sessions().filter(|session| !session.user.is_empty()) {
            let addresses = users.entry(&session.user).or_default();
            *addresses.entry(session.address).or_default() += 1;
        }
        ranked(users)
    }

    /// The open sessions, in no order.
    pub fn sessions(&self) -> impl Iterator<Item = &Session> {
        let stacks = self.hosts.values().flat_map(|host| host.open.values());
        stacks.flat_map(|stack| stack.below.iter().chain([&stack.top]))
    }

    /// Sessions that were not remembered because too many were open.
    pub fn left_out(&self) -> u64 {
        self.hosts.values().map(|host| host.left_out).sum()
    }
}

/// All sessions but those of LMTP.
pub fn clients(open: ByProtocol<u64>) -> u64 {
    let mine = Protocol::ALL.into_iter().zip(open);
    mine.filter(|(protocol, _)| *protocol != Protocol::Lmtp)
        .map(|(_, open)| open)
        .sum()
}

/// What a session is known by.
fn key(protocol: Protocol, session: Option<&[u8]>, who: &[u8]) -> u64 {
    match session {
        Some(session) => stand_in((0u8, session)),
        None => stand_in((1u8, protocol, who)),
    }
}
