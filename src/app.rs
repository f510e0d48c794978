//! What the operator sees and means.

pub mod effect;
pub mod key;
pub mod msg;
