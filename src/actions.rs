//! Performs an effect on the queue and returns a receipt: the only place from which mailtop changes anything.
//!
//! An [`Action`] with frozen targets goes in, one `Msg::Receipt` comes out, for every action and however it ends. The door is
//! narrow on purpose: five verbs, seven argument vectors ([`vector`]), queue ids on standard input, absolute paths, an empty
//! environment, and a fresh look at the queue before each action. Actions run one after another on a thread of their own.
//!
//! What it deliberately does not do: expire mail, ask for a password, run a shell, try again.
//!
//! `postsuper(1)`, `postqueue(1)`.

mod child;
mod lines;
mod listing;
mod outcome;
mod perform;
mod rights;
mod tools;
mod vector;

#[cfg(test)]
mod tests;

pub use crate::model::command_line::{Aim, command_line};
pub use rights::rights;
pub use tools::Tools;

use crate::app::effect::Action;
use crate::app::msg::Msg;
use crate::safe_text::SafeText;
use perform::Limits;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc as queue;
use std::thread;
use tokio::sync::mpsc::Sender;

/// Who acts: the real queue, or a tape's.
pub trait Performer {
    /// Begins `action`, or lines it up behind those that are not done yet. Returns at once. `reply` gets exactly one
    /// `Msg::Receipt` for it.
    fn perform(&mut self, action: Action, reply: Sender<Msg>);

    /// How many actions have not been answered yet. An orderly end waits a moment for these.
    fn outstanding(&self) -> usize;
}

/// The queue of a Postfix instance on this host.
#[derive(Debug)]
pub struct Postfix {
    tools: Tools,
    orders: queue::Sender<(Action, Sender<Msg>)>,
    outstanding: Arc<AtomicUsize>,
}

impl Postfix {
    /// The queue that `tools` reach. Starts the thread that acts.
    ///
    /// # Errors
    /// When the thread can't be started.
    pub fn new(tools: Tools) -> io::Result<Self> {
        Self::with_limits(tools, Limits::default())
    }

    fn with_limits(tools: Tools, limits: Limits) -> io::Result<Self> {
        let (orders, inbox) = queue::channel::<(Action, Sender<Msg>)>();
        let outstanding = Arc::new(AtomicUsize::new(0));
        let (at, left) = (tools.clone(), Arc::clone(&outstanding));
        thread::Builder::new()
            .name(String::from("actions"))
            .spawn(move || {
                for (action, reply) in inbox {
                    let receipt = perform::perform(&at, limits, &action);
                    // Nobody listens any more when mailtop is ending.
                    let _ = reply.blocking_send(Msg::Receipt(Box::new(receipt)));
                    left.fetch_sub(1, Ordering::SeqCst);
                }
            })?;
        Ok(Self {
            tools,
            orders,
            outstanding,
        })
    }
}

impl Performer for Postfix {
    fn perform(&mut self, action: Action, reply: Sender<Msg>) {
        self.outstanding.fetch_add(1, Ordering::SeqCst);
        if let Err(queue::SendError((action, reply))) = self.orders.send((action, reply)) {
            let mut receipt = perform::empty(&self.tools, &action);
            receipt.failure = Some(SafeText::new(
                "mailtop's own thread for actions has ended: start it anew",
            ));
            let _ = reply.try_send(Msg::Receipt(Box::new(receipt)));
            self.outstanding.fetch_sub(1, Ordering::SeqCst);
        }
    }

    fn outstanding(&self) -> usize {
        self.outstanding.load(Ordering::SeqCst)
    }
}
