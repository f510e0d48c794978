//! Joining what two pieces of a log know of sessions: an end in the newer piece whose login the older one knows, and the starts of Dovecot
//! that end what was open before.

use super::host::{End, Host};
use super::{HOSTS, Sessions};
use crate::model::table::Join;

impl Join for Sessions {
    fn join(&mut self, newer: Self) {
        self.minutes.join(newer.minutes);
        self.seconds.join(newer.seconds);
        for (name, newer) in newer.hosts {
            let full = self.hosts.len() >= HOSTS && !self.hosts.contains_key(&name);
            let name = if full { 0 } else { name };
            let mut host = self.hosts.remove(&name).unwrap_or_default();
            host.left_out += newer.left_out;
            for (key, ends) in newer.ended {
                for end in ends {
                    self.cancel(&mut host, key, end);
                }
            }
            if let Some(time) = newer.started {
                host.started = host.started.or(Some(time));
                let open = std::mem::take(&mut host.open);
                self.all_end(open, time);
            }
            for (key, stack) in newer.open {
                for session in stack.into_sessions() {
                    host.push(key, session);
                }
            }
            self.hosts.insert(name, host);
        }
    }
}

impl Sessions {
    /// An end that the newer piece took for that of a session from before its beginning: the older piece knows its login, or that there
    /// was none, or nothing either.
    fn cancel(&mut self, host: &mut Host, key: u64, end: End) {
        let before = &mut self.minutes.before().steps[end.protocol as usize];
        if let Some(login) = host.pop(key) {
            *before -= 1;
            self.lasted(&login, end.at);
        } else if host.started.is_some() {
            *before -= 1;
            self.minutes.at(end.at).steps[end.protocol as usize] += 1;
        } else {
            host.remember(key, end);
        }
    }
}
