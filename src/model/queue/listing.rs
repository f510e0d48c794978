//! One complete listing, and one that comes in line by line.

use super::{Message, RECIPIENTS_KEPT, Waiting, domain_of};
use crate::model::history::Depth;
use crate::model::identity::{MessageKey, Target};
use crate::model::reasons::Reason;
use crate::model::table::{Map, stand_in};
use mailtop_parsers::postqueue;
use std::sync::Arc;

/// Messages that are gone through at a time where nobody may wait for all of them: about a millisecond.
pub const PIECE: usize = 2_000;

/// A complete listing.
#[derive(Debug, Default)]
pub struct Listing {
    number: u64,
    instance: Box<str>,
    messages: Vec<Arc<Message>>,
    depth: Depth,
    bytes: u64,
    /// Where each message stands, by the [`stand_in`] of its queue id.
    by_id: Map<u64, usize>,
    /// The [`stand_in`] of the line that told of each message, and where the message stands that a line told of.
    lines: Vec<u64>,
    by_line: Map<u64, usize>,
    /// Every reason, by its text: the next listing has nearly the same ones, and to read one is dear.
    reasons: Map<Arc<str>, Arc<Reason>>,
}

impl Listing {
    /// Which listing this is: another one has another number; 0 is none at all.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// The messages, in the order listed.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().map(|message| &**message)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.messages.len()
    }

    /// The message at that place.
    pub fn at(&self, place: usize) -> Option<&Message> {
        self.messages.get(place).map(|message| &**message)
    }

    /// The messages from that place on, as many as are gone through at a time; each with its place.
    pub fn piece(&self, from: usize) -> impl Iterator<Item = (usize, &Message)> {
        let rest = self.messages.get(from..).unwrap_or_default();
        let piece = rest.iter().take(PIECE).enumerate();
        piece.map(move |(at, message)| (from + at, &**message))
    }

    /// How many messages are in each queue.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// Bytes of all messages.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Where the message with that identity stands, if it is listed.
    pub fn place(&self, key: &MessageKey) -> Option<usize> {
        let at = *self.by_id.get(&stand_in(&*key.queue_id))?;
        (self.messages.get(at)?.target.key == *key).then_some(at)
    }

    /// Takes some of the messages down, the last ones first; whether there are more. The figures stay.
    pub(super) fn take_down(&mut self) -> bool {
        let left = self.messages.len().saturating_sub(PIECE / 2);
        // Not truncated: an allocator may put off sorting out what was freed until a large block is asked for or given back. So it does a piece of
        // that with each piece, not all of it in the end.
        drop(self.messages.split_off(left));
        let some = self.reasons.extract_if(|_, _| true).take(PIECE);
        let reasons = some.count();
        left > 0 || reasons > 0
    }

    /// The message that a line told of, when it was listed with the same one.
    fn same(&self, line: u64) -> Option<&Arc<Message>> {
        let at = *self.by_line.get(&line)?;
        let is_its_own = self.lines.get(at) == Some(&line);
        self.messages.get(at).filter(|_| is_its_own)
    }

    /// The later mention of a message wins.
    fn put(&mut self, line: u64, message: Arc<Message>) {
        let id = stand_in(&*message.target.key.queue_id);
        let at = *self.by_id.entry(id).or_insert(self.messages.len());
        self.by_line.insert(line, at);
        self.depth.add(message.depth());
        self.bytes = self.bytes.saturating_add(message.size);
        if let (Some(before), Some(its_line)) = (self.messages.get_mut(at), self.lines.get_mut(at))
        {
            self.depth = self.depth.less(before.depth());
            self.bytes = self.bytes.saturating_sub(before.size);
            (*before, *its_line) = (message, line);
        } else {
            self.messages.push(message);
            self.lines.push(line);
        }
    }
}

/// A listing while it comes in.
#[derive(Debug, Default)]
pub(super) struct Building {
    listing: Listing,
    bad_lines: u64,
    domains: Map<Arc<str>, ()>,
    /// The reasons of the listing before that this one has as well, by their addresses in memory.
    shared: Map<usize, ()>,
    /// The listing before. Of most messages it told with the same line.
    known: Arc<Listing>,
}

impl Building {
    /// Of that instance, with as much room as the listing before takes: growing on the way would move all at once.
    pub(super) fn new(instance: &str, known: Arc<Listing>) -> Self {
        let room = known.messages.len();
        Self {
            listing: Listing {
                instance: instance.into(),
                messages: Vec::with_capacity(room),
                by_id: Map::with_capacity(room),
                lines: Vec::with_capacity(room),
                by_line: Map::with_capacity(room),
                reasons: Map::with_capacity(known.reasons.len()),
                ..Listing::default()
            },
            shared: Map::with_capacity(known.reasons.len()),
            known,
            ..Self::default()
        }
    }

    /// How many messages it has so far.
    pub(super) fn count(&self) -> usize {
        self.listing.messages.len()
    }

    /// The listing is over; with it goes how many of its lines were no queue entry.
    pub(super) fn end(self, number: u64) -> (Listing, u64) {
        let listing = Listing {
            number,
            ..self.listing
        };
        (listing, self.bad_lines)
    }

    /// Takes in a line.
    pub(super) fn line(&mut self, line: &[u8]) {
        let stands_in = stand_in(line);
        let known = Arc::clone(&self.known);
        let same = known.same(stands_in);
        if let Some(message) = same.filter(|_| known.instance == self.listing.instance) {
            self.share(message);
            self.listing.put(stands_in, Arc::clone(message));
            return;
        }
        let Ok(entry) = postqueue::parse(line) else {
            self.bad_lines += 1;
            return;
        };
        let more = entry.recipients.len().saturating_sub(RECIPIENTS_KEPT);
        let size = entry.message_size.max(0).unsigned_abs();
        let forced_expire = entry.forced_expire;
        let (target, all) = Target::taken(&self.listing.instance, entry);
        let mut recipients = Vec::with_capacity(all.len().min(RECIPIENTS_KEPT));
        for recipient in all.into_iter().take(RECIPIENTS_KEPT) {
            let domain = self.domain(&recipient.address);
            let reason = recipient.reason().map(|text| self.reason(text));
            recipients.push(Waiting {
                address: recipient.address.into(),
                domain,
                reason,
            });
        }
        let message = Arc::new(Message {
            target,
            size,
            forced_expire,
            recipients,
            more,
        });
        self.listing.put(stands_in, message);
    }

    /// What a message of the listing before has is shared with the messages that come.
    fn share(&mut self, message: &Message) {
        for waiting in &message.recipients {
            if !self.domains.contains_key(&waiting.domain) {
                self.domains.insert(Arc::clone(&waiting.domain), ());
            }
            if let Some(reason) = &waiting.reason
                && self.shared.insert(Arc::as_ptr(reason).addr(), ()).is_none()
            {
                let text = Arc::clone(&reason.verbatim);
                self.listing.reasons.insert(text, Arc::clone(reason));
            }
        }
    }

    /// Domains and reasons repeat over thousands of messages, so each is kept once.
    fn domain(&mut self, address: &str) -> Arc<str> {
        let domain = domain_of(address);
        if let Some((known, ())) = self.domains.get_key_value(&*domain) {
            return Arc::clone(known);
        }
        let domain: Arc<str> = domain.into();
        self.domains.insert(Arc::clone(&domain), ());
        domain
    }

    fn reason(&mut self, text: &str) -> Arc<Reason> {
        let reasons = &mut self.listing.reasons;
        if let Some(reason) = reasons.get(text) {
            return Arc::clone(reason);
        }
        let known = self.known.reasons.get(text);
        let reason = known.map_or_else(|| Arc::new(Reason::new(text.into())), Arc::clone);
        reasons.insert(Arc::clone(&reason.verbatim), Arc::clone(&reason));
        reason
    }
}
