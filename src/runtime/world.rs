//! The world that effects are performed on: this host, or a tape.

use crate::app::effect::{Action, Search};
use crate::sources::tape::player::Order;
use tokio::sync::mpsc::Sender;

/// What effects are performed on. Every call returns at once; answers come down the road.
pub trait World {
    /// Whether time is this host's own.
    fn is_live(&self) -> bool;

    /// Acts on the queue; answered by `Msg::Receipt`.
    fn act(&mut self, action: Action);

    /// Lists the queue as soon as its cost allows.
    fn list(&mut self);

    /// Lines were logged: the queue may have changed.
    fn logged(&mut self) {}

    /// Searches the logs; answered by `Msg::Found`. Ends the search before.
    fn search(&mut self, search: Search);

    /// Actions that are not answered yet.
    fn outstanding(&self) -> usize;
}

/// A tape.
pub struct TapeWorld {
    /// Where its player takes orders.
    pub orders: Sender<Order>,
}

impl World for TapeWorld {
    fn is_live(&self) -> bool {
        false
    }

    // A full road means that the player is behind; the operator asks again.
    fn act(&mut self, action: Action) {
        let _ = self.orders.try_send(Order::Act(action));
    }

    fn list(&mut self) {
        let _ = self.orders.try_send(Order::List);
    }

    fn search(&mut self, search: Search) {
        let _ = self.orders.try_send(Order::Search(search));
    }

    fn outstanding(&self) -> usize {
        0
    }
}
