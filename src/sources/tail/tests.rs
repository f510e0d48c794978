//! Tests of the follower: one per promise, and an interpreter of arbitrary histories against a small model.

mod bed;
mod hostile;
mod live;
mod model;
mod rotation;
