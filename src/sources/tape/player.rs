//! Plays a tape as if it happened now: the beginning at once, the rest at its own pace, and the tape's own queue answers
//! actions. The tape is the clock: its times are the ticks.

use super::Tape;
use super::simulated::SimulatedQueue;
use crate::app::effect::{Action, Search};
use crate::app::msg::{Listing, LogBatch, Msg};
use crate::model::feeds::{Feed, FeedReport, FeedState};
use crate::safe_text::SafeText;
use crate::sources::search;
use chrono::{DateTime, TimeDelta, Utc};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::Instant;

/// What a tape can be asked to do.
#[derive(Debug)]
pub enum Order {
    /// Act on its queue.
    Act(Action),
    /// List its queue again.
    List,
    /// Search its log.
    Search(Search),
}

/// A tape that plays.
pub struct Player {
    bytes: Arc<[u8]>,
    now: DateTime<Utc>,
    queue: SimulatedQueue,
    /// Log lines that the simulated queue wrote.
    written: Vec<u8>,
}

/// When a tape begins and ends.
///
/// # Errors
/// When it is no tape.
pub fn span(bytes: &[u8]) -> io::Result<(DateTime<Utc>, DateTime<Utc>)> {
    let mut tape = Tape::new(bytes)?;
    let mut span = None;
    while let Some((time, _)) = tape.next_msg()? {
        span = Some((span.map_or(time, |(begin, _)| begin), time));
    }
    span.ok_or_else(|| io::Error::other("the tape is empty"))
}

impl Player {
    /// A player of the whole tape.
    pub fn new(bytes: Arc<[u8]>) -> Self {
        Self {
            bytes,
            now: DateTime::default(),
            queue: SimulatedQueue::default(),
            written: Vec::new(),
        }
    }

    /// Everything up to `until`, at once, for a text frame or a picture. Gives back the player as it stands then.
    ///
    /// # Errors
    /// When the tape is broken.
    pub fn fast_forward(
        bytes: &Arc<[u8]>,
        until: DateTime<Utc>,
        mut on: impl FnMut(Msg),
    ) -> io::Result<Self> {
        let mut player = Self::new(Arc::clone(bytes));
        let mut tape = Tape::new(&**bytes)?;
        while let Some((time, msg)) = tape.next_msg()?.filter(|(time, _)| *time <= until) {
            for msg in player.tick_to(time).into_iter().chain(player.pass(msg)) {
                on(msg);
            }
        }
        player.now = until;
        on(Msg::Tick(until));
        Ok(player)
    }

    /// Plays: what is before `from` at once, the rest `speed` times as fast as it happened. Ends with the road.
    ///
    /// # Errors
    /// When the tape is broken.
    pub async fn play(
        mut self,
        from: DateTime<Utc>,
        speed: f64,
        mut orders: Receiver<Order>,
        road: Sender<Msg>,
    ) -> io::Result<()> {
        let bytes = Arc::clone(&self.bytes);
        let mut tape = Tape::new(&*bytes)?;
        let begun = Instant::now();
        let at = |time: DateTime<Utc>| {
            let ahead = (time - from).to_std().unwrap_or_default();
            begun + Duration::from_secs_f64(ahead.as_secs_f64() / speed.max(0.01))
        };
        let mut next = tape.next_msg()?;
        while let Some((time, msg)) = next {
            // A second of the tape at a time, so that the clock moves while nothing happens.
            let step = if time > from {
                time.min(self.now.max(from) + TimeDelta::seconds(1))
            } else {
                time
            };
            // What came before the beginning is read at once; orders are taken from then on.
            if time > from {
                tokio::select! {
                    biased;
                    order = orders.recv() => {
                        let Some(order) = order else { return Ok(()) };
                        for msg in self.obey(order)? {
                            if road.send(msg).await.is_err() { return Ok(()) }
                        }
                        next = Some((time, msg));
                        continue;
                    }
                    () = tokio::time::sleep_until(at(step)) => {}
                }
            }
            let mut send: Vec<Msg> = self.tick_to(step).into_iter().collect();
            if step == time {
                send.extend(self.pass(msg));
                next = tape.next_msg()?;
            } else {
                next = Some((time, msg));
            }
            for msg in send {
                if road.send(msg).await.is_err() {
                    return Ok(());
                }
            }
        }
        let why = SafeText::from("the tape is at its end");
        let _ = road
            .send(Msg::Feed(FeedReport::State(
                Feed::Journal,
                FeedState::Waiting { why },
            )))
            .await;
        while let Some(order) = orders.recv().await {
            for msg in self.obey(order)? {
                if road.send(msg).await.is_err() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn tick_to(&mut self, time: DateTime<Utc>) -> Option<Msg> {
        let ticks = time.timestamp() > self.now.timestamp();
        self.now = self.now.max(time);
        ticks.then_some(Msg::Tick(self.now))
    }

    /// What a message of the tape becomes on its way past the simulated queue. Keys on a tape are not pressed again.
    fn pass(&mut self, msg: Msg) -> Option<Msg> {
        match msg {
            Msg::Listing(Listing::Begin { .. }) => {
                self.queue.begin();
                Some(msg)
            }
            Msg::Listing(Listing::Lines(lines)) => {
                Some(Msg::Listing(Listing::Lines(self.queue.lines(&lines))))
            }
            Msg::Key(_) => None,
            other => Some(other),
        }
    }

    fn obey(&mut self, order: Order) -> io::Result<Vec<Msg>> {
        match order {
            Order::Act(action) => {
                let (receipt, log) = self.queue.perform(&action, self.now);
                self.written.extend_from_slice(&log);
                let batch = LogBatch {
                    source: "demo".into(),
                    lines: log,
                    anchor: self.now,
                };
                let mut msgs = vec![Msg::Log(batch), Msg::Receipt(Box::new(receipt))];
                msgs.extend(self.listing());
                Ok(msgs)
            }
            Order::List => Ok(self.listing()),
            Order::Search(search) => self.search(search),
        }
    }

    fn listing(&self) -> Vec<Msg> {
        let at = self.now;
        vec![
            Msg::Listing(Listing::Begin {
                at,
                instance: "postfix".into(),
            }),
            Msg::Listing(Listing::Lines(self.queue.listing())),
            Msg::Listing(Listing::End {
                at,
                took: Duration::ZERO,
                complete: true,
                next: at,
            }),
        ]
    }

    /// The answer to a search among the lines that were played so far, in parts.
    ///
    /// # Errors
    /// When the tape is broken.
    pub fn search(&self, search: Search) -> io::Result<Vec<Msg>> {
        let mut batches = Vec::new();
        let mut tape = Tape::new(&*self.bytes)?;
        while let Some((_, msg)) = tape.next_msg()?.filter(|(time, _)| *time <= self.now) {
            if let Msg::Log(batch) = msg {
                batches.push(batch);
            }
        }
        batches.push(LogBatch {
            source: "demo".into(),
            lines: self.written.clone(),
            anchor: self.now,
        });
        Ok(search::in_batches(&batches, search))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::effect::{Scope, What};
    use crate::app::msg::{Found, Part};
    use crate::model::journal::Verb;
    use crate::model::span::Between;
    use crate::model::trace::Question;
    use crate::sources::tape::Recorder;
    use tokio::sync::mpsc::channel;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn line(second: i64) -> String {
        format!("2026-11-24T10:00:0{second}+00:00 mx1 postfix/qmgr[1]: 3F000000{second}: removed\n")
    }

    fn tape() -> Arc<[u8]> {
        let mut recorder = Recorder::new(Vec::new()).unwrap();
        for second in 1..=5 {
            let lines = line(second).into_bytes();
            let batch = LogBatch {
                source: "mail.log".into(),
                lines,
                anchor: at(second),
            };
            recorder.record(&Msg::Log(batch), at(second)).unwrap();
        }
        recorder.finish().unwrap().into()
    }

    /// Everything that comes until the tape is at its end; the tape's own time is not waited for.
    fn played(from: i64) -> Vec<Msg> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let (orders, inbox) = channel(4);
            let (road, mut msgs) = channel(4);
            tokio::spawn(Player::new(tape()).play(at(from), 1.0, inbox, road));
            let mut seen = Vec::new();
            while let Some(msg) = msgs.recv().await {
                let end = matches!(msg, Msg::Feed(_));
                seen.push(msg);
                if end {
                    let action = Action {
                        verb: Verb::Flush,
                        scope: Scope::WholeQueue,
                    };
                    orders.send(Order::Act(action)).await.unwrap();
                    let search = Search {
                        what: What::Lives(Question::QueueId("3F0000002".into())),
                        between: Between::default(),
                    };
                    orders.send(Order::Search(search)).await.unwrap();
                    drop(orders);
                    while let Some(msg) = msgs.recv().await {
                        seen.push(msg);
                    }
                    break;
                }
            }
            seen
        })
    }

    #[test]
    fn what_lies_before_the_beginning_comes_at_once_and_the_rest_in_its_time() {
        for from in [0, 3, 9] {
            let lines = played(from)
                .iter()
                .filter(|msg| matches!(msg, Msg::Log(batch) if batch.source.as_ref() == "mail.log"))
                .count();
            assert_eq!(lines, 5, "from {from}");
        }
    }

    #[test]
    fn a_tape_at_its_end_still_answers() {
        let seen = played(0);
        assert!(seen.iter().any(|msg| matches!(msg, Msg::Receipt(_))));
        let mut lives = seen.iter().filter_map(|msg| match msg {
            Msg::Found(Found {
                part: Part::Lives(lives),
                ..
            }) => Some(lives),
            _ => None,
        });
        let lives = lives.next_back().unwrap();
        assert_eq!(*lives.lines[0].text, *line(2).trim_end().as_bytes());
        assert_eq!(lives.traced.messages.len(), 1);
    }
}
